"""Is a record of outcomes read as it is written, and joined as it belongs together?"""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from earlywarning.errors import OutcomesError, UsageError
from earlywarning.schema import OUTCOMES
from earlywarning.validation.outcomes import as_groups, episodes, read_outcomes

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample" / "outcomes.csv"
WHEN = ["earliest", "latest", "published"]


def record(*dates, authority="A", outcome="section_114", **columns):
    """Return a record of one authority's outcomes, checked."""
    rows = {"authority": authority, "outcome": outcome, "date": list(dates), **columns}
    return read_outcomes(pd.DataFrame(rows))


def days(table, columns):
    """Return days as text, a list a row."""
    return table[columns].apply(lambda column: column.dt.strftime("%Y-%m-%d")).values.tolist()


@pytest.mark.parametrize(
    ("date", "precision", "word", "first", "last"),
    [
        ("2018", None, "year", "2018-01-01", "2018-12-31"),
        ("2018-02", None, "month", "2018-02-01", "2018-02-28"),
        ("2018-01-05", None, "day", "2018-01-05", "2018-01-05"),
        ("2018-01-05", "", "day", "2018-01-05", "2018-01-05"),
        ("2018-01-05", "month", "month", "2018-01-01", "2018-01-31"),
        ("2018-06", "year", "year", "2018-01-01", "2018-12-31"),
        ("2019-04-01", "Financial year", "financial_year", "2019-04-01", "2020-03-31"),
        (pd.Timestamp("2018-01-05"), None, "day", "2018-01-05", "2018-01-05"),
    ],
)
def test_a_date_stands_for_as_long_as_it_is_written_or_said(date, precision, word, first, last):
    found = record(date, date_precision=precision)
    assert found["date_precision"].to_list() == [word]
    assert days(found, ["date", *WHEN]) == [[first, first, last, last]]


def test_an_outcome_is_known_when_the_table_says_else_after_the_delay():
    table = pd.DataFrame(
        {"authority": "A", "outcome": "o", "date": ["2018-01", "2019-01"],
         "published": ["2018-01-10", None]}
    )  # fmt: skip
    found = read_outcomes(table, delay_days=30)
    assert days(found, WHEN) == [
        ["2018-01-01", "2018-01-10", "2018-01-10"],  # what is known cannot come later
        ["2019-01-01", "2019-01-31", "2019-03-02"],
    ]
    month = read_outcomes(table.assign(published="2019-05"))
    assert days(month, ["published"]) == [["2019-05-31"], ["2019-05-31"]]


def test_all_that_is_wrong_with_a_record_is_named_at_once():
    wrong = pd.DataFrame(
        [
            ("A", "o", "soon", None, None, None),
            ("A", "o", "2018-13", None, None, None),
            (None, "o", "2018", None, None, None),
            ("A", None, None, None, None, None),
            ("B", "o", "2018", "day", None, None),
            ("C", "o", "2018-05-01", "financial_year", None, None),
            ("D", "o", "2018", "decade", None, None),
            ("E", "o", "2018", None, "grave", None),
            ("F", "o", "2018", None, None, "2017-12-31"),
            ("G", "o", "2018", None, None, "later"),
            ("H", "o", "2018", None, None, None),
            ("H", "o", "2018", None, None, None),
        ],
        columns=["authority", "outcome", "date", "precision", "severity", "published"],
    )
    with pytest.raises(OutcomesError) as refusal:
        read_outcomes(wrong)
    for words in (
        "Date is no date: soon, 2018-13.", "No authority in rows 4.", "No outcome in rows 5.",
        "No date in rows 5.", "finer than its date: day of 2018.", "1 April of its financial year: "
        "2018-05-01.", "Date_precision is no precision: decade.", "Severity is no number: grave.",
        "Published before it can have come: F o.", "Published is no date: later.", "Repeated: H o.",
    ):  # fmt: skip
        assert words in str(refusal.value)


def test_a_record_without_its_columns_or_that_is_no_table_is_refused(tmp_path):
    with pytest.raises(OutcomesError, match=r"No column 'outcome'.*No column 'date'"):
        read_outcomes(pd.DataFrame({"authority": ["A"]}))
    with pytest.raises(OutcomesError, match=r"none\.csv cannot be read"):
        read_outcomes(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="delay_days is -1"):
        read_outcomes(SAMPLE, delay_days=-1)


def test_the_sample_is_read_and_a_given_table_not_changed():
    table = pd.read_csv(SAMPLE)
    before = table.copy()
    assert_frame_equal(read_outcomes(table), read_outcomes(SAMPLE))
    assert_frame_equal(table, before)
    assert list(read_outcomes(SAMPLE)) == [*OUTCOMES, *WHEN]
    assert len(read_outcomes(SAMPLE)) == len(table)


def test_the_real_record_is_read_whole(shared):
    found = read_outcomes(shared / "data" / "outcomes.csv")
    assert len(found) == 191
    assert found["date_precision"].value_counts().to_dict() == {
        "day": 148, "month": 22, "financial_year": 17, "year": 4,
    }  # fmt: skip
    assert found["severity"].isna().all()
    long = found.loc[found["date_precision"].eq("financial_year"), "latest"]
    assert set(long.dt.strftime("%m-%d")) == {"03-31"}


def test_kinds_are_judged_as_grouped_and_those_left_out_are_named():
    kinds = pd.concat(
        [record("2020", outcome="notice"), record("2021", outcome="challenge", authority="B"),
         record("2022", outcome="section_114")]
    )  # fmt: skip
    found = as_groups(kinds, {"hard": ["section_114", "notice"], "any": ["notice"]})
    assert found.outcomes[["outcome", "kind"]].values.tolist() == [
        ["hard", "notice"], ["any", "notice"], ["hard", "section_114"],
    ]  # fmt: skip
    assert found.issues[["code", "n_rows"]].values.tolist() == [["kind_left_out", 1]]
    assert "'challenge' is in no group" in found.issues.loc[0, "message"]
    alone = as_groups(kinds)
    assert alone.outcomes["outcome"].to_list() == alone.outcomes["kind"].to_list()
    assert len(alone.outcomes) == 3
    assert alone.issues.empty


def test_a_group_of_unknown_kinds_or_of_none_is_refused_with_the_nearest_known():
    known = record("2022")
    with pytest.raises(UsageError, match=r"Groups without a kind: none.*'section_144' of 'hard'"):
        as_groups(known, {"none": [], "hard": ["section_144"]})
    with pytest.raises(UsageError, match="did you mean 'section_114'"):
        as_groups(known, {"hard": ["section_144"]})


def test_outcomes_close_in_time_are_one_episode_and_others_are_not():
    found = episodes(record("2020-01-01", "2020-01-31", "2020-03-02"), within_days=30)
    assert found["n_events"].to_list() == [2, 1]
    assert days(found, ["start_earliest", "start_latest", "end", "published"]) == [
        ["2020-01-01", "2020-01-01", "2020-01-31", "2020-01-01"],
        ["2020-03-02"] * 4,
    ]
    assert episodes(record("2020-01-01", "2020-01-31"), within_days=29)["n_events"].max() == 1
    with pytest.raises(UsageError, match="within_days is -1"):
        episodes(found, within_days=-1)


def test_an_uncertain_date_joins_by_the_shortest_gap_it_allows_and_the_surest_start_counts():
    found = episodes(record("2020", "2020-06-01", "2021-01-31"), within_days=31)
    assert days(found, ["start_earliest", "start_latest", "end"]) == [
        ["2020-01-01", "2020-06-01", "2021-01-31"]
    ]


def test_an_episode_has_its_gravest_severity_and_all_its_kinds():
    both = pd.concat(
        [record("2020-05-01", outcome="b", severity=1), record("2020-05-02", outcome="a"),
         record("2020-05-03", outcome="b", severity=3)]
    )  # fmt: skip
    grouped = as_groups(both, {"g": ["a", "b"]}).outcomes
    found = episodes(grouped, within_days=10)
    assert found[["outcome", "severity", "kinds"]].values.tolist() == [["g", 3.0, "b;a"]]


written = st.one_of(
    st.dates(pd.Timestamp("2015-01-01").date(), pd.Timestamp("2022-12-31").date()).map(str),
    st.dates(pd.Timestamp("2015-01-01").date(), pd.Timestamp("2022-12-31").date()).map(
        lambda day: f"{day:%Y-%m}"
    ),
    st.integers(2015, 2022).map(str),
)
rows = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from("xy"), written),
    min_size=1, max_size=12, unique=True,
)  # fmt: skip


@settings(max_examples=20)
@given(rows, st.integers(0, 800), st.randoms())
def test_the_order_of_rows_does_not_matter_and_joining_again_changes_nothing(
    rows, within, shuffling
):
    table = pd.DataFrame(rows, columns=["authority", "outcome", "date"])
    table["severity"] = range(len(table))
    straight = episodes(read_outcomes(table), within_days=within)
    shuffled = read_outcomes(table).sample(frac=1, random_state=shuffling.randrange(2**32))
    assert_frame_equal(episodes(shuffled, within_days=within), straight)
    as_outcomes = straight.rename(columns={"start_earliest": "earliest", "end": "latest",
                                           "kinds": "kind"})  # fmt: skip
    again = episodes(as_outcomes, within_days=within)
    same = ["authority", "outcome", "start_earliest", "end", "published", "severity", "kinds"]
    assert_frame_equal(again[same], straight[same])
    assert straight["n_events"].sum() == len(table)
