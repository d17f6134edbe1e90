"""What came out, and ways to look at it."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from earlywarning.catalogue import as_catalogue
from earlywarning.charts import Drawing
from earlywarning.errors import UsageError
from earlywarning.models.robust import column_quartiles
from earlywarning.panel import as_panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.schema import ANOMALIES, ASSESSED, TIERS, TRENDS
from earlywarning.settings import Settings

FAST = Settings(null_draws=200, tail_draws=400, rank_draws=50)
T = 10


def result_of(rows, **about):
    about = {"metric": ["debt"], "higher_is": "worse", "lag_days": 100, **about}
    catalogue = as_catalogue(pd.DataFrame(about))
    panel = as_panel(rows, catalogue=catalogue)
    return EarlyWarning(catalogue=catalogue, settings=FAST).fit(panel).score(panel)


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(11)
    values = 80 + rng.normal(size=(24, T)) + 2.0 * np.arange(T)
    values[3, -1] += 14
    values[4, :6] = np.nan
    values[5, -1] = np.nan
    values[6, -1] -= 14
    return values


@pytest.fixture(scope="module", params=["identity", "log"])
def result(request, long, values):
    return result_of(long(values), transform=request.param)


def test_an_anomaly_is_a_newest_value_outside_its_limits(result):
    table = result.anomalies.set_index("authority")
    assert tuple(result.anomalies.columns) == ANOMALIES
    assert len(table) == 24
    assert table.loc[["E06000004", "E06000007"], "anomaly"].all()
    assert table["direction"][["E06000004", "E06000007"]].to_list() == ["worse", "better"]
    assert not table["anomaly"]["E06000005"]  # four periods: not assessed
    inside = table["value"].between(table["lower"], table["upper"])
    assessed = table["status"].eq(ASSESSED)
    assert (table["anomaly"] == ~inside)[assessed].all()
    assert table["anomaly"].sum() <= 6  # two planted, and one in twenty by chance


def test_trends_are_in_the_metrics_units_and_carry_on(result, values):
    table = result.trends.set_index("authority")
    assert tuple(result.trends.columns) == TRENDS
    assert len(table) == 24
    ok = table[table["status"].eq(ASSESSED)].drop(["E06000004", "E06000007"])
    assert_allclose(ok["slope"], 2.0, atol=1.2)
    assert_allclose(ok["level"], 80 + 2.0 * (T - 1), atol=5)
    assert_allclose(ok["forecast"], 80 + 2.0 * T, atol=6)
    for name in ("slope", "forecast"):
        assert (ok[f"{name}_lower"] <= ok[name]).all()
        assert (ok[name] <= ok[f"{name}_upper"]).all()
    covered = ok["slope_lower"].le(2.0) & ok["slope_upper"].ge(2.0)
    assert covered.mean() > 0.85


def test_what_is_not_assessed_has_no_trend_and_says_why(result):
    few = result.trends.set_index("authority").loc["E06000005"]
    assert few["status"] == "too few periods"
    assert few[list(TRENDS[3:-2])].isna().all()
    assert few["n_periods"] == 4


def test_a_late_return_has_the_trend_up_to_its_own_newest_period(result):
    periods = result.trends.set_index("authority")["period"]
    assert periods["E06000006"] == "2018/19"
    assert (periods.drop("E06000006") == "2019/20").all()


def test_a_better_metric_has_its_trend_the_right_way_up(long, values):
    worse, better = (result_of(long(values), higher_is=side).trends for side in ("worse", "better"))
    numbers = list(TRENDS[3:-2])
    assert_allclose(better[numbers], worse[numbers], rtol=1e-9)


def test_counts_count(result):
    counts = result.counts
    assert counts["authorities"] == 24
    assert (counts["metrics"], counts["series"], counts["series_assessed"]) == (1, 24, 23)
    assert counts["flags"] == len(result.flags) > 0
    assert sum(counts[f"tier_{tier}"] for tier in TIERS) == 24
    assert result.expected_false_flags == pytest.approx(0.1 * len(result.flags))


def test_an_authority_is_explained_by_code_and_refused_where_unknown(result):
    text = str(result.explain("E06000004"))
    assert "E06000004" in text
    assert len(text) > 200
    with pytest.raises(UsageError, match="E06000444"):
        str(result.explain("E06000444"))


def test_a_series_is_drawn_and_refused_where_unknown(result):
    drawing = result.plot("E06000004", "debt")
    assert isinstance(drawing, Drawing)
    assert "no value" not in drawing.description
    with pytest.raises(UsageError, match="There is no authority 'E06000444'"):
        result.plot("E06000444", "debt")
    with pytest.raises(UsageError, match="No series of 'tax'"):
        result.plot("E06000004", "tax")


def test_a_series_is_drawn_by_its_authority_s_name_too(result):
    name = result.authorities.set_index("authority").loc["E06000004", "name"]
    drawing = result.plot(name.upper(), "debt")
    assert drawing.description == result.plot("E06000004", "debt").description


def test_a_late_or_unassessed_series_is_drawn_too(result):
    for code in ("E06000005", "E06000006"):
        assert " values, " in result.plot(code, "debt").description


def test_a_notebook_shows_the_result_with_names_made_safe(long, values):
    rows = long(values)
    rows["name"] = "<script>x</script> & " + rows["authority"]
    html = result_of(rows)._repr_html_()
    assert html.startswith("<div")
    assert "<script>x" not in html
    assert "E06000004" in html


def test_quartiles_pass_over_gaps_and_empty_periods():
    table = column_quartiles(
        np.array([[1.0, np.nan, 4.0], [2.0, np.nan, np.nan], [3.0, np.nan, 6.0]])
    )
    assert_allclose(table, [[1.5, 2, 2.5], [np.nan] * 3, [4.5, 5, 5.5]])
