"""Tables with one column a period or one a metric: what each figure takes from its row."""

import pandas as pd
import pytest

from earlywarning.errors import ReadError
from earlywarning.readers import read_panel

FIRST, SECOND = "E06000001", "E06000002"
WHO = {"Area Code": [FIRST, SECOND]}
DAYS = ["2024-05-07", "2024-06-01"]
PERIODS = {"2021-22": [5, 6], "2022-23": ["7", "[c]"]}
METRICS = {"Year": "2021-22", "debt": [5, 6], "fee": ["7", "[c]"]}
FIGURES = pytest.mark.parametrize("figures", [PERIODS, METRICS], ids=["periods", "metrics"])


def read(*parts, **options):
    return read_panel(pd.DataFrame({k: v for part in parts for k, v in part.items()}), **options)


def ignored(panel):
    return panel.issues.loc[panel.issues["code"] == "column_ignored", "message"].to_list()


@FIGURES
@pytest.mark.parametrize("columns", [None, {"published": "Day"}], ids=["recognised", "named"])
def test_every_figure_of_a_row_is_known_from_the_rows_own_day(figures, columns):
    name = "Published" if columns is None else "Day"
    panel = read(WHO, figures, {name: DAYS}, columns=columns)
    days = panel.frame["published"].dt.strftime("%Y-%m-%d")
    given = set(zip(panel.frame["authority"], days, strict=True))
    assert given == {(FIRST, DAYS[0]), (SECOND, DAYS[1])}
    assert panel.known_at("2024-05-31").frame["value"].to_list() == [5.0, 7.0]
    assert "lag_assumed" not in panel.issues["code"].to_list()


@FIGURES
def test_every_figure_of_a_row_has_the_rows_status(figures):
    frame = read(WHO, figures, {"Status": ["p", None]}).frame
    said = frame.sort_values(["authority", "period", "metric"])["status"].to_list()
    assert said == ["provisional", "provisional", "", "suppressed"]


def test_a_row_published_anew_is_a_revision_of_all_its_figures():
    twice = {"Area Code": [FIRST, FIRST], "Published": DAYS}
    panel = read(twice, {"2021-22": [5, 6], "2022-23": [7, 8]})
    assert panel.known_at(DAYS[0]).frame["value"].to_list() == [5.0, 7.0]
    assert panel.known_at(DAYS[1]).frame["value"].to_list() == [6.0, 8.0]


@pytest.mark.parametrize("role", ["numerator", "denominator", "lower", "upper", "value"])
def test_a_column_beside_many_periods_that_belongs_to_one_figure_is_told_as_left_out(role):
    panel = read(WHO, PERIODS, {role.title(): [10, 20]})
    (text,) = ignored(panel)
    assert f"'{role.title()}' can be the {role} of one only: it is left out" in text
    assert set(panel.frame["value"].dropna()) == {5.0, 6.0, 7.0}


def test_a_column_beside_many_metrics_is_a_metric_unless_it_is_named_as_something_else():
    panel = read(WHO, METRICS, {"Population": [10, 20]})
    assert panel.metrics == ["Population", "debt", "fee"]
    assert "'Population' can be the denominator of one only: it is read" in ignored(panel)[0]
    named = read(WHO, METRICS, {"Population": [10, 20]}, columns={"denominator": "Population"})
    assert named.metrics == ["debt", "fee"]
    assert "it is left out" in ignored(named)[0]


def test_a_table_whose_columns_are_all_taken_has_nothing_told():
    assert not ignored(read(WHO, PERIODS, {"Area Name": ["a", "b"], "Region": ["x", "y"]}))


@FIGURES
def test_a_day_of_publication_that_is_not_there_or_in_two_columns_is_refused(figures):
    with pytest.raises(ReadError, match="'Day', named for published, is not there"):
        read(WHO, figures, columns={"published": "Day"})
    two = {"Published": DAYS, "Release date": DAYS[::-1]}
    with pytest.raises(ReadError, match="'Published' and 'Release date' are equally good"):
        read(WHO, figures, two)


def test_columns_that_are_equally_good_for_what_is_not_needed_are_told():
    panel = read(WHO, PERIODS, {"Numerator": [1, 2], "Numerator value": [3, 4]})
    assert ignored(panel) == [
        "Columns 'Numerator' and 'Numerator value' are equally good for numerator. None is used."
    ]
