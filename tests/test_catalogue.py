"""Catalogues: what they say, how names are matched, and that a written one reads back the same."""

import math
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from earlywarning import schema
from earlywarning.catalogue import (
    BUILT_IN,
    Metric,
    as_catalogue,
    built_in,
    draft,
    format_change,
    format_value,
    match_built_in,
    read_catalogue,
    write_toml,
)
from earlywarning.errors import CatalogueError, UsageError
from earlywarning.units import UNITS

TOML = """
[[metric]]
metric = "Council tax, collected"
aliases = ["CT1"]
title = "Council tax collected"
theme = "Finance"
unit = "percent"
higher_is = "better"
frequency = "annual"
lag_days = 90
target = 97.5
source = "Collection rates (MHCLG, 2025)"

[[metric]]
metric = "bins"
higher_is = "context"
"""

# A quote, a backslash, DEL, the ends of lines, a tab, NUL and letters far away.
AWKWARD = "\"'\\ /\x7f\r\n\t\x00\u2028\U0001f600é#"

texts = st.text(max_size=20)
names = texts.filter(str.strip)
rows = st.fixed_dictionaries(
    {
        "title": texts,
        "theme": texts,
        "unit": st.sampled_from(list(UNITS)),
        "higher_is": st.sampled_from(schema.HIGHER_IS),
        "frequency": st.sampled_from(("", *schema.FREQUENCIES)),
        "lag_days": st.none() | st.integers(0, 5000),
        "transform": st.sampled_from(("", *schema.TRANSFORMS)),
        "target": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "source": texts,
    }
)
catalogues = st.dictionaries(names, rows, min_size=1, max_size=6)


def table_of(*metrics, **columns):
    return pd.DataFrame({"metric": list(metrics), "higher_is": "context", **columns})


@pytest.fixture
def toml(tmp_path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def test_a_toml_catalogue_says_what_it_says(toml):
    tax = read_catalogue(toml).metric("Council tax, collected")
    assert tax == Metric(
        "Council tax, collected", "Council tax collected", "Finance", "percent", "better",
        "annual", 90, "logit", 97.5, "Collection rates (MHCLG, 2025)",
    )  # fmt: skip
    assert type(tax.lag_days) is int


def test_what_is_left_out_has_a_stated_default(toml):
    bins = read_catalogue(toml).metric("bins")
    assert bins == Metric("bins", "Bins", schema.NO_THEME, transform="identity")


def test_a_csv_catalogue_reads_like_the_toml_one(toml, tmp_path):
    path = tmp_path / "mine.csv"
    catalogue = read_catalogue(toml)
    catalogue.table.to_csv(path, index=False)
    assert_frame_equal(read_catalogue(path).table, catalogue.table)


@pytest.mark.parametrize(
    "name", ["council tax collected", "COUNCIL_TAX_COLLECTED", "  Council-tax\ncollected!", "ct1"]
)
def test_a_name_is_found_whatever_its_case_punctuation_and_space(toml, name):
    found = read_catalogue(toml).metric(name)
    assert (found.metric, found.higher_is) == (name, "better")


@pytest.mark.parametrize(
    "name", ["council tax collecte", "tax collected", "counciltaxcollected", "?"]
)
def test_a_name_is_never_found_by_likeness(toml, name):
    catalogue = read_catalogue(toml)
    assert catalogue.metric(name) == Metric(metric=name, title=name)
    assert (catalogue.known([name]), catalogue.unknown([name])) == ([], [name])


def test_a_name_that_could_be_two_metrics_is_neither():
    catalogue = as_catalogue(table_of("a b", "a-b", theme=["one", "two"]))
    assert catalogue.metric("a-b").theme == "two"
    assert catalogue.metric("A B").theme == schema.NO_THEME


def test_lags_are_days_by_metric_and_missing_where_not_said(toml):
    lags = read_catalogue(toml).lags(["ct1", "bins", "strange"])
    assert lags["ct1"] == 90
    assert lags[["bins", "strange"]].isna().all()


def test_all_that_is_wrong_is_said_at_once_with_the_nearest_word():
    wrong = pd.DataFrame(
        {
            "metric": ["a", "a", "b", " "],
            "higher_is": ["wors", "better", "", "context"],
            "unit": ["percents", "", "", ""],
            "frequency": ["anual", "", "", ""],
            "transform": ["log", "lgo", "", ""],
            "lag_days": ["soon", 2.5, -1, True],
            "target": ["high", math.inf, None, 3],
        }
    )
    with pytest.raises(CatalogueError) as caught:
        as_catalogue(wrong, where="wrong.csv")
    message = str(caught.value)
    assert message.startswith("wrong.csv: ")
    for part in (
        "metric 'a' is repeated",
        "row 4 has no metric",
        "metric 'a': higher_is 'wors' is none of worse, better, context (did you mean 'worse'?)",
        "metric 'b': higher_is '' is none of",
        "(did you mean 'percent'?)",
        "(did you mean 'annual'?)",
        "(did you mean 'log'?)",
        "lag_days 'soon'",
        "lag_days 2.5",
        "lag_days -1",
        "lag_days True",
        "target 'high'",
        "target inf",
    ):
        assert part in message


def test_a_missing_and_an_unknown_column_are_refused_together():
    with pytest.raises(CatalogueError, match=r"'higher_is' is missing.*did you mean 'higher_is'"):
        as_catalogue(pd.DataFrame({"metric": ["a"], "higer_is": ["better"]}))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.toml", "[[metrics]]\nmetric = 'a'", "did you mean 'metric'"),
        ("a.toml", "metric = 'a'", r"no \[\[metric\]\] tables"),
        ("a.toml", "[[metric]", "cannot be read as TOML"),
        ("a.toml", "[[metric]]\nmetric = 1\nhigher_is = 'better'", "metric 1 is not text"),
        ("a.toml", "[[metric]]\nmetric = 'a'\naliases = 'b'", "aliases is not a list of texts"),
        ("a.toml", "[[metric]]\nmetric = ['a']\naliases = ['b']\nhigher_is = 'worse'", "not text"),
        ("a.csv", "", "'metric' is missing"),
        ("a.csv", "metric,higher_is\na,better,more", "beyond the header"),
        ("a.csv", "metric,higher_is\na\x00,\r\rbetter", "a.csv"),
        ("a.xlsx", "", "is a .toml or a .csv file"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_by_name(tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=complaint) as caught:
        read_catalogue(path)
    assert name in str(caught.value)


def test_a_file_that_is_missing_or_not_utf8_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="cannot be opened"):
        read_catalogue(tmp_path / "nowhere.toml")
    (tmp_path / "old.csv").write_bytes("metric,higher_is\ncafé,better".encode("latin-1"))
    with pytest.raises(CatalogueError, match="is not UTF-8"):
        read_catalogue(tmp_path / "old.csv")


@settings(max_examples=25)
@example(content={AWKWARD: {"higher_is": "worse", "title": AWKWARD}}, other=[AWKWARD])
@given(content=catalogues, other=st.lists(texts, max_size=2))
def test_a_written_catalogue_reads_back_the_same(tmp_path_factory, content, other):
    records = [{"metric": name, **row} for name, row in content.items()]
    aliases = {next(iter(content)): other} if other else {}
    catalogue = as_catalogue(pd.DataFrame(records), aliases=aliases)
    path = tmp_path_factory.mktemp("catalogue") / "a.toml"
    write_toml(catalogue.table, path, aliases=catalogue.aliases)
    again = read_catalogue(path)
    assert_frame_equal(again.table, catalogue.table)
    assert dict(again.aliases) == aliases


def test_text_that_utf8_cannot_hold_is_refused_not_written(tmp_path):
    with pytest.raises(CatalogueError, match="is not text"):
        write_toml(
            pd.DataFrame([["a\ud800", "worse"]], columns=["metric", "higher_is"], dtype=object),
            tmp_path / "a.toml",
        )
    assert not list(tmp_path.iterdir())


def test_checking_leaves_the_users_table_alone():
    mine = table_of("a", unit=[None], lag_days=["3"])
    before = mine.copy()
    as_catalogue(mine)
    assert_frame_equal(mine, before)


def test_a_draft_guesses_no_direction_and_says_the_frequency_it_sees(tmp_path):
    panel = pd.DataFrame({"metric": ["tax_paid", "tax_paid", "bins"], "period": ["a", "b", "c"]})
    periods = pd.DataFrame(
        {"period": ["a", "b", "c"], "frequency": ["annual", "quarterly", "monthly"]}
    )
    table = draft(panel.astype("category"), periods)
    assert list(table.columns) == list(schema.CATALOGUE)
    assert table[["metric", "title", "theme", "higher_is", "frequency"]].to_numpy().tolist() == [
        ["bins", "Bins", schema.NO_THEME, "context", "monthly"],
        ["tax_paid", "Tax paid", schema.NO_THEME, "context", "irregular"],
    ]
    path = tmp_path / "draft.toml"
    write_toml(table, path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#")
    assert all(word in text for word in (*schema.CATALOGUE, "aliases", "percent_ratio"))
    filled = path.with_name("filled.toml")
    filled.write_text(text.replace('unit = ""', 'unit = "percent"'), encoding="utf-8")
    assert read_catalogue(filled).metric("bins").transform == "logit"


def test_a_draft_of_nothing_is_empty():
    nothing = pd.DataFrame({"metric": [], "period": []})
    assert draft(nothing, pd.DataFrame(columns=list(schema.PERIODS))).empty


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_metric_has_a_unit_a_theme_and_a_source(name):
    table = built_in(name).table
    assert list(table.columns) == list(schema.CATALOGUE)
    for column in ("title", "theme", "unit", "frequency", "source"):
        assert (table[column] != "").all(), column
    assert (table["theme"] != schema.NO_THEME).all()


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_two_built_in_metrics_answer_to_one_name(name):
    catalogue = built_in(name)
    keys = [key for metric in catalogue.table["metric"] for key in set(catalogue.keys(metric))]
    assert len(keys) == len(set(keys))


def test_all_built_in_catalogues_together_keep_every_metric_once():
    together = built_in().table["metric"]
    assert together.is_unique
    assert set(together) == {name for one in BUILT_IN for name in built_in(one).table["metric"]}


def test_a_metric_that_two_catalogues_know_is_kept_once():
    assert built_in("oflog", "finance", "oflog").table["metric"].is_unique


def test_an_unknown_built_in_catalogue_is_wrong_usage():
    with pytest.raises(UsageError, match=r"'finances' \(did you mean 'finance'\?\)"):
        built_in("finances")


def test_budgets_are_in_no_built_in_catalogue():
    assert not built_in().table["metric"].str.contains("budget").any()


def test_matching_keeps_the_names_of_the_data():
    found = match_built_in(["asc7", "Usable reserves to NRE (pct)", "bins collected", "asc7"])
    assert found.table["metric"].to_list() == ["asc7", "Usable reserves to NRE (pct)"]
    assert found.metric("asc7").higher_is == "worse"
    assert match_built_in([]).table.empty


def test_every_finance_and_oflog_metric_of_the_real_data_is_known(shared):
    metrics = pd.read_csv(shared / "data" / "metrics.csv")
    finance = ("revenue_outturn_rs", "capital_prudential_cor", "debt_investment")
    ours = metrics.loc[metrics["dataset"].isin([*finance, "oflog_asc"]), "metric"]
    unknown = built_in("finance", "oflog").unknown(ours)
    assert [name for name in unknown if not name.endswith("_budget_k")] == []


def test_real_finance_values_can_take_their_transform(shared):
    """Log is chosen only where 0 and less never occur, so that no value is lost."""
    for name in ("revenue_outturn_rs", "capital_prudential_cor", "debt_investment"):
        panel = pd.read_csv(shared / "data" / "panels" / f"{name}.csv.gz")
        least = panel.groupby("metric")["value"].min()
        catalogue = built_in("finance")
        logged = [m for m in catalogue.known(least.index) if catalogue.metric(m).transform == "log"]
        assert (least[logged] > 0).all()


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_has_a_transform_that_exists(unit):
    assert UNITS[unit].transform in schema.TRANSFORMS


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (12_345, "gbp_thousand", "£12.3m"),
        (999_950, "gbp_thousand", "£1.0bn"),
        (-340, "gbp_thousand_signed", "-£340k"),
        (1_234, "gbp", "£1,234"),
        (1_999.5, "gbp", "£2,000"),
        (9_995, "gbp", "£10k"),
        (2.5, "gbp", "£2.50"),
        (91.24, "percent", "91.2%"),
        (-35.56, "percent_ratio", "-35.6%"),
        (-0.001, "percent_ratio", "0.0%"),
        (0.408, "proportion", "0.41"),
        (1234, "count", "1,234"),
        (3.42, "per_1000", "3.4 per 1,000"),
        (99.97, "rate", "100"),
        (7.4, "score", "7.4"),
        (0.0344, "ratio", "0.034"),
        (62.25, "years", "62.2 years"),
        (1234.5, "no such unit", "1,234"),
        (math.nan, "percent", "no value"),
        (math.inf, "gbp", "no value"),
    ],
)
def test_a_value_is_written_for_people(value, unit, written):
    assert format_value(value, unit) == written


@pytest.mark.parametrize(
    ("effect", "unit", "written"),
    [
        (2.1, "percent", "+2.1 percentage points"),
        (-1_200, "gbp_thousand", "-£1.2m"),
        (12, "count", "+12"),
        (-0.3, "per_1000", "-0.30 per 1,000"),
        (0.0, "percent", "0.0 percentage points"),
        (-0.04, "percent", "0.0 percentage points"),
        (math.nan, "count", "no value"),
    ],
)
def test_a_change_is_written_with_its_sign(effect, unit, written):
    assert format_change(effect, unit) == written


@given(value=st.floats(-1e12, 1e12), unit=st.sampled_from(list(UNITS)))
def test_a_value_and_its_opposite_are_written_alike(value, unit):
    plain, opposite = format_value(value, unit), format_value(-value, unit)
    assert plain.lstrip("-") == opposite.lstrip("-")
    assert "1,000k" not in plain
    assert "1,000.0m" not in plain


def test_the_documented_counts_are_the_shipped_ones():
    page = Path(__file__).parents[1] / "docs" / "catalogue.md"
    text = page.read_text(encoding="utf-8")
    for name in BUILT_IN:
        assert f"`{name}` ({len(built_in(name).table)} metrics" in text
    assert all(f"`{unit}`" in text for unit in UNITS if unit)


def test_the_shipped_files_are_plain_toml():
    folder = Path(__file__).parents[1] / "src" / "earlywarning" / "catalogues"
    assert {path.stem for path in folder.glob("*.toml")} == set(BUILT_IN)
    for path in folder.glob("*.toml"):
        assert set(tomllib.loads(path.read_text(encoding="utf-8"))) == {"metric"}
