"""Do the other ways to rank authorities give what they say, and nothing known only later?"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from earlywarning.catalogue import as_catalogue
from earlywarning.errors import RegisterError, UsageError
from earlywarning.models.robust import MAD_TO_SIGMA
from earlywarning.panel import as_panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.validation.baselines import (
    BASELINES,
    area_scores,
    chance,
    coverage,
    last_list,
    metric_scores,
    read_areas,
)
from earlywarning.validation.baselines.scores import as_scores

AS_OF = pd.Timestamp("2022-06-30")
CATALOGUE = as_catalogue(
    pd.DataFrame(
        {"metric": ["tax", "debt", "size"], "higher_is": ["better", "worse", "context"],
         "unit": ["", "", ""], "transform": "identity"}
    )
)  # fmt: skip


def tables():
    """Return three metrics of eight unitaries and seven districts over six years, with gaps."""
    rng = np.random.default_rng(7)
    codes = [f"E06{i:06d}" for i in range(1, 9)] + [f"E07{i:06d}" for i in range(1, 8)]
    years = [f"{year}-{year % 100 + 1}" for year in range(2015, 2021)]
    index = pd.MultiIndex.from_product(
        [codes, ["tax", "debt", "size"], years], names=["authority", "metric", "period"]
    )
    rows = index.to_frame(index=False)
    rows["value"] = rng.normal(100, 10, len(rows)).round(2)
    rows["published"] = pd.to_datetime(rows["period"].str[:4] + "-12-01") + pd.DateOffset(years=1)
    gone = rows["authority"].eq("E06000001") & rows["period"].ge("2018")  # stale
    gap = rows["authority"].eq("E06000002") & rows["period"].eq("2019-20")  # before the newest
    return rows[~gone & ~gap]


def scored(rows, as_of=AS_OF):
    return EarlyWarning(catalogue=CATALOGUE).fit_score(as_panel(rows), as_of=as_of)


@pytest.fixture(scope="module")
def result():
    return scored(tables())


@pytest.mark.parametrize(("metric", "sign"), [("tax", -1), ("debt", 1), ("size", 1)])
def test_a_metric_alone_scores_by_level_level_in_type_and_change(result, metric, sign):
    rows = tables()
    rows = rows[rows["metric"].eq(metric) & ~rows["authority"].eq("E06000001")]
    by_year = rows.pivot_table(index="authority", columns="period", values="value") * sign
    newest = by_year["2020-21"]
    before = by_year["2019-20"].fillna(by_year["2018-19"])
    apart = {}
    for code in newest.index:
        others = newest[(newest.index.str[:3] == code[:3]) & (newest.index != code)]
        spread = MAD_TO_SIGMA * (others - others.median()).abs().median()
        apart[code] = (newest[code] - others.median()) / spread
    wanted = {
        f"level: {metric}": newest,
        f"level in type: {metric}": pd.Series(apart),
        f"change: {metric}": newest - before,
    }
    found = metric_scores(result)
    assert list(found) == list(BASELINES)
    for scorer, scores in wanted.items():
        mine = found[found["scorer"].eq(scorer)].set_index("authority")["score"]
        assert mine.to_dict() == pytest.approx(scores.to_dict())


def test_a_stale_value_has_no_score_and_is_counted(result):
    found = metric_scores(result)
    assert "E06000001" not in set(found["authority"])
    counted = coverage(found, result.register["authority"])
    assert counted[["n_scored", "n_without"]].drop_duplicates().values.tolist() == [[14, 1]]
    assert len(counted) == 9


def test_too_few_of_a_type_have_no_level_in_it(result):
    rows = tables()
    few = scored(rows[rows["authority"].lt("E07000005")])
    found = metric_scores(few)
    inside = found[found["scorer"].eq("level in type: debt")]
    assert inside["authority"].str[:3].unique().tolist() == ["E06"]
    assert found.loc[found["scorer"].eq("level: debt"), "authority"].str[:3].nunique() == 2


def test_what_is_published_later_changes_no_baseline(result):
    later = tables().query("period == '2020-21'").assign(period="2021-22", value=1e4)
    later["published"] = AS_OF + pd.Timedelta(days=1)
    assert_frame_equal(metric_scores(scored(pd.concat([tables(), later]))), metric_scores(result))


def told(codes, as_of="2020-01-01"):
    """Return what a scorer without metrics looks at of a result."""
    register = pd.DataFrame({"authority": codes})
    return SimpleNamespace(register=register, as_of=pd.Timestamp(as_of))


def test_a_days_lots_depend_on_seed_and_day_alone():
    codes = [f"A{i}" for i in range(50)]
    first = chance(told(codes), 3)
    assert_frame_equal(chance(told(codes[::-1]), 3), first)
    assert not chance(told(codes), 4)["score"].equals(first["score"])
    assert not chance(told(codes, "2021-01-01"), 3)["score"].equals(first["score"])
    assert first["score"].between(0, 1).all()


def test_the_list_of_before_holds_who_was_known_to_be_in_trouble_by_then():
    known = pd.DataFrame(
        [
            ("A", "notice", "2016-12-31"), ("B", "notice", "2017-01-02"),
            ("B", "notice", "2010-01-01"), ("C", "notice", "2020-01-01"),
            ("D", "notice", "2020-01-02"), ("Z", "notice", "2019-01-01"),
            ("A", "visit", "2019-01-01"),
        ],
        columns=["authority", "outcome", "published"],
    ).astype({"published": "datetime64[us]"})  # fmt: skip
    result = told(["D", "C", "B", "A"])
    ever = last_list(result, known).pivot_table(index="authority", columns="scorer", values="score")
    assert ever["last list: notice"].to_dict() == {"A": 1, "B": 1, "C": 1, "D": 0}
    assert ever["last list: visit"].to_dict() == {"A": 1, "B": 0, "C": 0, "D": 0}
    three = last_list(result, known[known["outcome"].eq("notice")], within_years=3)
    assert three["score"].to_list() == [0, 1, 1, 0]
    assert set(three["scorer"]) == {"last list (3 years): notice"}
    assert last_list(result, known.iloc[:0]).empty
    with pytest.raises(UsageError, match="within_years is 0"):
        last_list(result, known, within_years=0)


@pytest.mark.parametrize(
    ("column", "values", "end", "wanted"),
    [
        ("imd_quintile_label", ["1st IMD quintile", "5th"], None, [-1, -5]),
        ("imd_score", ["31.5", "8"], None, [31.5, 8]),
        ("Deprivation decile", [1, 10], None, [-1, -10]),
        ("imd_rank", ["1", None], None, [-1, np.nan]),
        ("imd_score", [31.5, 8], "low", [-31.5, -8]),
        ("deprivation", [3, 2], "high", [3, 2]),
    ],
)
def test_deprivation_is_turned_so_that_up_is_more_of_it(column, values, end, wanted):
    table = pd.DataFrame({"code": ["A", "B"], column: values})
    before = table.copy()
    found = read_areas(table, most_deprived=end)["deprivation"].to_list()
    assert found == pytest.approx(wanted, nan_ok=True)
    assert_frame_equal(table, before)


def test_the_newest_population_is_taken():
    table = pd.DataFrame(
        {"code": ["B", "A"], "population_2020": ["1,000", "3"], "population_2011": [7, 7]}
    )
    found = read_areas(table)
    assert found[["authority", "size"]].values.tolist() == [["A", 3.0], ["B", 1000.0]]
    assert found["deprivation"].isna().all()


def test_all_that_is_wrong_with_a_table_of_areas_is_named_at_once():
    wrong = pd.DataFrame(
        {"code": ["A", "A", None], "population": ["many", 3, 4], "deprivation": [1, "much", 3]}
    )
    with pytest.raises(RegisterError) as refusal:
        read_areas(wrong)
    for words in (
        "code in rows 4", "listed twice: A", "Size is no number: many",
        "Deprivation is no number: much", "Which end of 'deprivation' is the most deprived?",
    ):  # fmt: skip
        assert words in str(refusal.value)
    with pytest.raises(RegisterError, match="No column that begins with population"):
        read_areas(wrong[["code"]])
    with pytest.raises(UsageError, match="most_deprived is 'top'"):
        read_areas(wrong, most_deprived="top")


def test_authorities_without_an_area_have_no_score():
    areas = read_areas(pd.DataFrame({"code": ["A", "C"], "population": [5, 9]}))
    assert area_scores(told(["B", "A"]), areas).values.tolist() == [["A", "size", 5.0]]


def test_the_real_areas_have_blackpool_among_the_most_deprived(shared):
    source = shared / "data" / "authorities.csv"
    areas = read_areas(source).set_index("authority")
    assert areas.loc["E06000009", "deprivation"] == areas["deprivation"].max() == -1
    assert areas["size"].idxmax() == "E10000016"  # Kent
    assert areas["deprivation"].isna().sum() == 48


def test_scores_of_nobody_have_the_columns_all_the_same():
    assert list(as_scores([], {})) == list(BASELINES)
    assert coverage(as_scores([], {}), ["A"]).empty
