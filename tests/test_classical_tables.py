"""Control charts, counts and trend tests of a result: every series in, a row out, by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from earlywarning.catalogue import as_catalogue
from earlywarning.models.control.xmr import xmr_limits
from earlywarning.models.farrington import Surveillance, farrington
from earlywarning.models.trends import count_trend, mann_kendall, theil_sen
from earlywarning.panel import as_panel
from earlywarning.schema import (
    ASSURANCES,
    CHART_STATUSES,
    CONTROL_CHARTS,
    COUNT_ALARMS,
    COUNT_STATUSES,
    DIRECTIONS,
    MARKERS,
    TREND_TESTS,
    VARIATIONS,
)
from earlywarning.settings import Settings
from earlywarning.signals import Company, prepare
from earlywarning.signals.control import HITS, control_charts_table
from earlywarning.signals.counts import count_alarms_table
from earlywarning.signals.trend_tests import trend_tests_table

N, T = 12, 16
SETTINGS = Settings()
few = settings(max_examples=15)


def metrics_of(rows, as_of=None, **about):
    """Return the metrics of a panel, made ready by what a catalogue says of all of them."""
    names = sorted(rows["metric"].unique())
    said = {"metric": names, "higher_is": "worse", "lag_days": 30, **about}
    catalogue = as_catalogue(pd.DataFrame(said))
    panel = as_panel(rows, catalogue=catalogue)
    day = panel.latest_publication if as_of is None else pd.Timestamp(as_of)
    panel, alike = panel.known_at(day), Company(dict.fromkeys(panel.authorities, "unitary"))
    ready = [
        prepare(panel.matrix(name), catalogue.metric(name), alike, day, settings=SETTINGS)
        for name in names
    ]
    return [SimpleNamespace(prepared=one) for one in ready], panel


def charts_of(rows, as_of=None, **about):
    return control_charts_table(metrics_of(rows, as_of, **about)[0])


def alarms_of(rows, as_of=None, **about):
    about = {"unit": "count", "frequency": "monthly", **about}
    return count_alarms_table(*metrics_of(rows, as_of, **about))


def trends_of(rows, as_of=None, **about):
    return trend_tests_table(metrics_of(rows, as_of, **about)[0], coverage=SETTINGS.limits)


def monthly(values, metric="deaths", first="2015-01"):
    """Return a matrix, authorities down and months across, as a long table without its gaps."""
    n, n_periods = values.shape
    months = pd.period_range(first, periods=n_periods, freq="M").strftime("%Y-%m")
    rows = pd.DataFrame(
        {
            "authority": np.repeat([f"E06{i:06d}" for i in range(1, n + 1)], n_periods),
            "metric": metric,
            "period": np.tile(months, n),
            "value": values.ravel(),
        }
    )
    return rows[rows["value"].notna()]


def row(table, i, metric=None):
    mine = table["authority"].eq(f"E06{i + 1:06d}")
    return table[mine if metric is None else mine & table["metric"].eq(metric)].iloc[0]


@pytest.fixture
def values(rng):
    return 70 + rng.normal(size=(N, T))


# Control charts.


def test_limits_are_those_of_the_first_twelve_values_and_the_newest_is_read_by_all_rules(
    long, values
):
    values[0, -1] += 20
    values[1, -7:] += 3.0
    values[1, -1] += 20
    table = charts_of(long(values), higher_is="better")
    assert tuple(table.columns) == CONTROL_CHARTS
    assert len(table) == N
    limits = xmr_limits(values, baseline=12)
    assert_allclose(table["upper"], limits.upper[:, -1])
    assert_allclose(table["centre"], limits.centre[:, -1])
    assert_allclose(table["value"], values[:, -1])
    assert row(table, 0)["rules"] == "beyond a limit"
    assert row(table, 0)["variation"] == "improvement high"
    assert row(table, 1)["rules"] == "beyond a limit; shift"
    assert set(table["status"]) == {"ok"}


@pytest.mark.parametrize(
    ("higher_is", "said"),
    [("better", "improvement"), ("worse", "concern"), ("context", "neither")],
)
def test_the_catalogue_says_whether_a_point_is_good_news(long, values, higher_is, said):
    values[0, -1] += 20
    assert row(charts_of(long(values), higher_is=higher_is), 0)["variation"] == f"{said} high"


def test_assurance_holds_the_limits_against_the_catalogues_target(long, values):
    def assurances(**about):
        return set(charts_of(long(values), **about)["assurance"])

    assert assurances(higher_is="better", target=50.0) == {"consistently passing"}
    assert assurances(higher_is="worse", target=50.0) == {"consistently failing"}
    assert assurances(higher_is="better", target=70.0) == {"inconsistent"}
    assert assurances(higher_is="better") == {"no target"}
    assert assurances(higher_is="context", target=70.0) == {"no direction"}


def test_limits_of_fewer_than_thirteen_values_are_trial_limits(long, values):
    values[0, :4] = np.nan
    values[1, :3] = np.nan
    table = charts_of(long(values))
    assert row(table, 0)["status"] == "trial limits"
    assert row(table, 0)["n_periods"] == 12
    assert row(table, 1)["status"] == "ok"


def test_a_series_that_cannot_be_charted_says_why_and_has_no_icon(long, values):
    values[0, :-1] = np.nan
    values[1, -3:] = np.nan
    values[2] = 70.0
    table = charts_of(long(values))
    said = [row(table, i)["status"] for i in range(3)]
    assert said == ["too few values", "stale", "constant"]
    for i in (0, 1):
        assert list(row(table, i)[["variation", "assurance", "rules", "rebase"]]) == [""] * 4
    assert row(table, 1)["period"] == "2022/23"
    assert row(table, 2)["variation"] == "common cause"


def test_a_late_series_is_read_at_its_own_newest_value(long, values):
    values[0, -1] = np.nan
    values[0, -2] += 20
    found = row(charts_of(long(values)), 0)
    assert (found["period"], found["rules"]) == ("2024/25", "beyond a limit")


def test_a_lasting_shift_has_a_rebasing_proposed_and_none_applied(long, rng):
    values = 70 + rng.normal(size=(N, 24))
    values[0, 12:] += 8.0
    found = charts_of(long(values))
    assert row(found, 0)["rebase"] == "2022/23"
    assert_allclose(row(found, 0)["centre"], values[0, :12].mean())
    assert (found["rebase"] == "").sum() >= N - 2


# Counts.


@pytest.fixture
def counts(rng):
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(60) / 12)
    return rng.poisson(30 * season, size=(N, 60)).astype(float)


def test_counts_are_judged_by_farringtons_method_over_the_whole_record(counts):
    counts[3, -1] = 90
    table = alarms_of(monthly(counts))
    assert tuple(table.columns) == COUNT_ALARMS
    found = farrington(counts, Surveillance(frequency=12, seasons=4))
    for name in ("expected", "lower", "upper"):
        assert_allclose(table[name], getattr(found, name))
    assert_allclose(table["p"], found.above)
    assert row(table, 3)["alarm"]
    assert table["alarm"].sum() <= 2
    assert set(table["n_periods"]) == {60}
    assert set(table["status"]) == {"ok"}


def test_a_count_is_alarming_on_its_worse_side_and_on_both_for_context(counts):
    counts[3, -1], counts[4, -1] = 90, 1
    alarms = {side: alarms_of(monthly(counts), higher_is=side) for side in ("worse", "better")}
    assert [row(alarms["worse"], i)["alarm"] for i in (3, 4)] == [True, False]
    assert [row(alarms["better"], i)["alarm"] for i in (3, 4)] == [False, True]
    context = alarms_of(monthly(counts), higher_is="context")
    assert [row(context, i)["alarm"] for i in (3, 4)] == [True, True]
    smaller = np.minimum(alarms["worse"]["p"], alarms["better"]["p"])
    assert_allclose(context["p"], np.minimum(2 * smaller, 1))


def test_quarters_are_counts_too(rng):
    counts = rng.poisson(30, size=(N, 20)).astype(float)
    rows = monthly(counts)
    quarters = [f"{2018 + i // 4}-{(2019 + i // 4) % 100} Q{i % 4 + 1}" for i in range(20)]
    table = alarms_of(rows.assign(period=np.tile(quarters, N)), frequency="quarterly")
    found = farrington(counts, Surveillance(frequency=4, window=0, seasons=4))
    assert_allclose(table["expected"], found.expected)


def test_a_series_that_is_no_count_with_three_years_says_why(counts):
    counts[0, :25] = np.nan
    counts[1, 7] = 30.5
    counts[2, -5:] = np.nan
    counts[3] = 0.0
    counts[4, :24] = np.nan
    counts[5, -1] = np.nan
    table = alarms_of(monthly(counts))
    assert [row(table, i)["status"] for i in range(6)] == [
        "too few periods", "not whole numbers", "stale", "no counts before", "ok", "ok",
    ]  # fmt: skip
    assert table.loc[table["status"].ne("ok"), ["expected", "upper", "p"]].isna().all(axis=None)
    assert not table.loc[table["status"].ne("ok"), "alarm"].any()
    before = farrington(counts[5:6, :-1], Surveillance(frequency=12, seasons=4))
    assert row(table, 5)["period"] == "2019-11"
    assert row(table, 5)["expected"] == pytest.approx(before.expected[0])


def test_what_the_catalogue_does_not_call_a_count_is_not_judged_as_one(counts, long, values):
    assert set(alarms_of(monthly(counts), unit="")["status"]) == {"not a count"}
    table = alarms_of(long(np.round(values)), frequency="annual")
    assert set(table["status"]) == {"not monthly or quarterly"}
    assert_allclose(table["value"], np.round(values)[:, -1])


# Trend tests.


def test_slope_limits_and_p_are_those_of_theil_sen_and_mann_kendall_in_the_metrics_units(
    long, values
):
    values += np.arange(T) * np.linspace(-1, 1, N)[:, None]
    table = trends_of(long(values), transform="log")
    assert tuple(table.columns) == TREND_TESTS
    line = theil_sen(values)
    assert_allclose(table["slope"], line.slope)
    assert_allclose(table["slope_lower"], line.lower)
    assert_allclose(table["slope_upper"], line.upper)
    assert_allclose(table["p"], mann_kendall(values).p)


@pytest.mark.parametrize(
    ("higher_is", "said"),
    [
        ("worse", ["worse", "better", "none"]),
        ("better", ["better", "worse", "none"]),
        ("context", ["unusual", "unusual", "none"]),
    ],
)
def test_a_trend_has_the_direction_that_the_catalogue_gives_it(long, values, higher_is, said):
    values[0] += np.arange(T)
    values[1] -= np.arange(T)
    values[2] = 70 + np.tile([1.0, -1.0], T // 2)
    table = trends_of(long(values), higher_is=higher_is)
    assert [row(table, i)["direction"] for i in range(3)] == said


def test_a_series_without_a_trend_test_says_why(long, values):
    values[0, :12] = np.nan
    values[1, -3:] = np.nan
    values[2] = 70.0
    table = trends_of(long(values))
    said = [row(table, i)["status"] for i in range(4)]
    assert said == ["too few periods", "stale", "constant", "ok"]
    numbers = ["slope", "slope_lower", "slope_upper", "p"]
    assert table.loc[table["status"].ne("ok"), numbers].isna().all(axis=None)
    assert set(table.loc[table["status"].ne("ok"), "direction"]) == {"none"}


def shares(counts, of):
    """Return the long columns of a percentage with its parts."""
    return {"value": (100 * counts / of).ravel(), "denominator": of.ravel()}


def test_the_marker_is_that_of_five_points_whether_or_not_the_numerator_is_published(long, rng):
    of = np.full((N, T), 8000.0)
    counts = rng.binomial(8000, 0.07, size=(N, T)).astype(float)
    counts[0, -5:] = 560, 640, 730, 820, 910
    counts[1, -5:] = 560, 500, 440, 380, 310
    rows = long(counts).assign(**shares(counts, of))
    plain = trends_of(rows, unit="percent")
    table = trends_of(rows.assign(numerator=counts.ravel()), unit="percent")
    assert list(table["marker"]) == count_trend(counts, of).marker.tolist()
    assert list(table["marker"][:2]) == ["increasing", "decreasing"]
    assert_frame_equal(plain, table)


def test_a_series_without_a_marker_says_why(long, rng):
    of = np.full((N, T), 8000.0)
    counts = rng.binomial(8000, 0.07, size=(N, T)).astype(float)
    counts[0, -3] = np.nan
    counts[1, -2] = 9000
    kept = np.isfinite(counts).ravel()
    rows = long(np.nan_to_num(counts)).assign(**shares(counts, of), numerator=counts.ravel())[kept]
    table = trends_of(rows, unit="percent_ratio")
    assert set(table["marker"]) == {"not a share or rate"}
    assert set(trends_of(long(counts), unit="percent")["marker"]) == {"no denominator"}
    table = trends_of(rows, unit="percent")
    assert list(table["marker"][:3]) == ["cannot be calculated"] * 2 + ["no change"]


# All three.


@pytest.mark.parametrize("table_of", [charts_of, alarms_of, trends_of])
def test_every_series_of_every_metric_has_one_row_and_words_are_categorical(
    long, values, table_of, rng
):
    rows = pd.concat([long(values), long(values[:4], "tax"), long(values[2:, :1], "waste")])
    table = table_of(rows)
    assert len(table) == N + 4 + N - 2
    assert not table.duplicated(["authority", "metric"]).any()
    assert table["status"].notna().all()
    words = table.select_dtypes("category").columns
    assert {"authority", "metric", "period", "status"} <= set(words)
    assert not table.select_dtypes(object).columns.size
    assert table[list(words)].notna().all(axis=None)


@pytest.mark.parametrize("table_of", [charts_of, alarms_of, trends_of])
@pytest.mark.parametrize("n_periods", [1, 2, 5])
def test_a_short_record_has_rows_too(long, values, table_of, n_periods):
    assert len(table_of(long(values[:, :n_periods], first=2018))) == N


def test_no_metric_gives_empty_tables_with_their_columns():
    tables = (
        control_charts_table([]), count_alarms_table([], None), trend_tests_table([], coverage=0.9),
    )  # fmt: skip
    for table, columns in zip(tables, (CONTROL_CHARTS, COUNT_ALARMS, TREND_TESTS), strict=True):
        assert table.empty
        assert tuple(table.columns) == columns


@few
@given(seed=st.integers(0, 10_000), gaps=st.floats(0, 0.9), days=st.integers(0, 1000))
def test_whatever_is_missing_words_are_those_of_the_schema(long, seed, gaps, days):
    rng = np.random.default_rng(seed)
    values = rng.poisson(2, size=(8, 40)).astype(float)
    values[rng.random(values.shape) < gaps] = np.nan
    values[0, -1] = 1.0
    rows = monthly(values)
    day = pd.Timestamp("2018-05-31") + pd.Timedelta(days=days)
    charts, alarms, trends = (of(rows, day) for of in (charts_of, alarms_of, trends_of))
    assert list(charts["variation"].cat.categories) == list(VARIATIONS)
    assert list(charts["assurance"].cat.categories) == list(ASSURANCES)
    assert list(charts["rules"].cat.categories) == list(HITS)
    assert list(charts["status"].cat.categories) == list(CHART_STATUSES)
    assert list(alarms["status"].cat.categories) == list(COUNT_STATUSES)
    assert list(trends["direction"].cat.categories) == list(DIRECTIONS)
    assert list(trends["marker"].cat.categories) == list(MARKERS)
    judged = alarms[alarms["status"].eq("ok")]
    assert judged["p"].between(0, 1).all()
    assert (judged["lower"] <= judged["upper"]).all()


@few
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter_and_no_metric_knows_of_another(long, seed):
    rng = np.random.default_rng(seed)
    rows = pd.concat([long(70 + rng.normal(size=(8, 14)), name) for name in ("debt", "tax")])
    for of in (charts_of, trends_of):
        table = of(rows.sample(frac=1, random_state=seed))
        assert_frame_equal(table, of(rows))
        alone = of(rows[rows["metric"].eq("tax")])
        both = table[table["metric"].eq("tax")].reset_index(drop=True)
        assert_frame_equal(both.astype(object), alone.astype(object))


def test_the_sample_s_result_hands_the_three_tables_out_once_for_every_series(sample):
    result = sample.result
    n = len(result.trends)
    for name in ("control_charts", "count_alarms", "trend_tests"):
        table = getattr(result, name)
        assert len(table) == n
        assert getattr(result, name) is table
    assert (result.control_charts["status"] == "trial limits").any()
    assert set(result.count_alarms["status"]) == {"not a count", "not monthly or quarterly"}
    assert {"increasing", "no denominator"} <= set(result.trend_tests["marker"])
