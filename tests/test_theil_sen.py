"""Theil and Sen's line, against two references and simulation: does the interval hold the slope?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pyarrow import csv
from scipy.stats import theilslopes

from earlywarning.errors import UsageError
from earlywarning.models.trends import series as series_module
from earlywarning.models.trends.calibration import ar1_noise
from earlywarning.models.trends.mann_kendall import mann_kendall
from earlywarning.models.trends.theil_sen import TheilSen, theil_sen

INTERVALS = ["ar1", "exact", "sen"]
every_interval = pytest.mark.parametrize("interval", INTERVALS)
COLUMNS = ["sen_slope", "sen_intercept", "theil_lo95", "theil_hi95"]
tenths = st.integers(-50, 50).map(lambda i: i / 10)


def fields(line):
    return np.stack([line.slope, line.intercept, line.lower, line.upper], axis=1)


def agreements(shared):
    """Return (reference, values compared, largest difference) for the table of agreements."""
    inputs, reference = (
        csv.read_csv(shared / "oracles" / f"trend_{name}.csv").to_pandas()
        for name in ("inputs", "reference")
    )
    reference = reference.set_index("series")
    worst = 0.0
    for name, group in inputs.groupby("series"):
        line = theil_sen(group["y"].to_numpy()[None], interval="sen")
        expected = reference.loc[name, COLUMNS].to_numpy(dtype=float)
        worst = max(worst, float(np.abs(fields(line)[0] - expected).max()))
    return [("scipy theilslopes and pymannkendall Sen's slope", 4 * len(reference), worst)]


def test_slope_intercept_and_limits_are_those_of_the_reference_to_the_digits_printed(shared):
    ((_, n, worst),) = agreements(shared)
    assert n == 28
    assert worst < 5e-17


@given(
    values=st.lists(st.one_of(tenths, st.just(np.nan)), min_size=3, max_size=15),
    seed=st.integers(0, 1000),
    coverage=st.sampled_from([0.5, 0.8, 0.95, 0.99]),
)
def test_any_row_has_the_line_that_scipy_gives_it(values, seed, coverage):
    x = np.array(values)
    times = np.cumsum(np.random.default_rng(seed).integers(1, 5, x.size)).astype(float)
    known = np.isfinite(x)
    line = theil_sen(x[None], times=times, coverage=coverage, interval="sen")
    if known.sum() < 2:
        assert np.isnan(fields(line)[:, :1]).all()
        return
    expected = theilslopes(x[known], times[known], alpha=coverage)
    assert_allclose(fields(line)[0], expected, rtol=1e-9, atol=1e-12)


@every_interval
@given(seed=st.integers(0, 1000), level=st.floats(-1e3, 1e3), slope=st.floats(-50, 50))
@settings(max_examples=30)
def test_a_line_added_is_added_to_slope_and_limits_and_a_level_to_the_intercept(
    interval, seed, level, slope
):
    rng = np.random.default_rng(seed)
    X, times = rng.normal(size=(6, 10)), np.arange(10.0)
    X[rng.random(X.shape) < 0.15] = np.nan
    before = theil_sen(X, interval=interval)
    after = theil_sen(X + level + slope * times, interval=interval)
    assert_allclose(fields(after)[:, [0, 2, 3]], fields(before)[:, [0, 2, 3]] + slope, atol=1e-9)
    moved = theil_sen(X + level, interval=interval)
    assert_allclose(moved.intercept, before.intercept + level, atol=1e-9)


@every_interval
@given(values=st.lists(st.one_of(tenths, st.just(np.nan)), min_size=3, max_size=12))
@settings(max_examples=50)
def test_turned_upside_down_the_limits_change_places(interval, values):
    up, down = (theil_sen(sign * np.array([values]), interval=interval) for sign in (1, -1))
    assert_allclose(up.slope, -down.slope)
    assert_allclose(up.lower, -down.upper)
    assert_allclose(up.upper, -down.lower)


@every_interval
def test_the_unit_of_the_metric_and_of_time_are_the_units_of_the_slope(interval, rng):
    X = rng.normal(size=(20, 9)).cumsum(axis=1)
    plain, scaled = theil_sen(X, interval=interval), theil_sen(1000 * X, interval=interval)
    assert_allclose(fields(scaled), 1000 * fields(plain), rtol=1e-9)


@every_interval
def test_rows_do_not_know_of_each_other_nor_of_the_blocks_they_are_worked_in(
    interval, rng, monkeypatch
):
    X = rng.normal(size=(50, 12)).round(1)
    X[rng.random(X.shape) < 0.2] = np.nan
    together = fields(theil_sen(X, interval=interval))
    alone = np.concatenate([fields(theil_sen(x[None], interval=interval)) for x in X])
    assert_array_equal(together, alone)
    order = rng.permutation(50)
    monkeypatch.setattr(series_module, "BLOCK", 200)
    assert_array_equal(fields(theil_sen(X[order], interval=interval)), together[order])


@every_interval
def test_a_gap_is_a_period_that_is_not_there(interval, rng):
    X, times = rng.normal(size=(20, 12)), np.arange(12.0)
    X[:, [0, 3, 7, 11]] = np.nan
    known = np.isfinite(X[0])
    without = theil_sen(X[:, known], times=times[known], interval=interval)
    assert_allclose(fields(theil_sen(X, interval=interval)), fields(without))


@pytest.mark.parametrize("coverage", [0.8, 0.95])
def test_the_limits_are_the_slopes_that_the_exact_test_does_not_reject(coverage, rng):
    """Just inside a limit the test of what is left accepts, just outside it rejects."""
    X, times = rng.normal(size=(40, 9)), np.arange(9.0)
    line = theil_sen(X, coverage=coverage, interval="exact")
    for limit, outwards in ((line.lower, -1e-9), (line.upper, 1e-9)):
        for step, accepted in ((-outwards, True), (outwards, False)):
            left = X - (limit + step)[:, None] * times
            p = mann_kendall(left, method="exact").p
            assert ((p > 1 - coverage) == accepted).all()


def test_the_limits_are_the_slopes_that_the_test_aware_of_memory_does_not_reject(rng):
    X, times = ar1_noise(rng, (40, 16), 0.5), np.arange(16.0)
    line = theil_sen(X)
    for limit, outwards in ((line.lower, -1e-9), (line.upper, 1e-9)):
        for step, accepted in ((-outwards, True), (outwards, False)):
            p = mann_kendall(X - (limit + step)[:, None] * times).p
            assert ((p > 0.05) == accepted).all()


@pytest.mark.slow
@pytest.mark.parametrize("n", [6, 8, 10, 12, 20, 40])
def test_the_interval_holds_the_slope_as_often_as_stated(n, rng):
    """50,000 series: a standard error of 0.1 points. Few values make the exact one cautious."""
    white, memory = rng.normal(size=(50_000, n)), ar1_noise(rng, (50_000, n), 0.5)
    for X, interval in ((white, "exact"), (white, "ar1"), (memory, "ar1")):
        line = theil_sen(X, interval=interval)
        covered = ((line.lower <= 0) & (line.upper >= 0)).mean()
        assert 0.947 <= covered <= 0.99 + 0.01 * (n < 20)
    plain = theil_sen(memory, interval="exact")
    assert ((plain.lower <= 0) & (plain.upper >= 0)).mean() < 0.945


def test_one_wild_value_moves_the_line_little(rng):
    x = 3 + 0.5 * np.arange(15) + 0.1 * rng.normal(size=15)
    wild = x.copy()
    wild[13] = 1e6
    found = theil_sen(np.array([x, wild]))
    assert_allclose(found.slope, 0.5, atol=0.05)


def test_too_few_values_rule_no_slope_out():
    X = np.array([[1.0, 2.0, 4.0], [1.0, np.nan, 2.0]])
    for interval in ("ar1", "exact"):
        line = theil_sen(X, interval=interval)
        assert_array_equal(line.lower, [-np.inf, -np.inf])
        assert_array_equal(line.upper, [np.inf, np.inf])
    assert_allclose(theil_sen(X, interval="sen").upper, [2.0, 0.5])


def test_where_memory_rules_nothing_out_there_is_no_limit_on_either_side(rng):
    line = theil_sen(rng.normal(size=(300, 6)), coverage=0.99)
    open_ended = np.isinf(line.lower)
    assert 0.02 < open_ended.mean() < 1
    assert_array_equal(np.isinf(line.upper), open_ended)


@every_interval
def test_what_has_no_line_is_nan_and_what_is_flat_is_flat(interval):
    X = np.array([[np.nan] * 5, [np.nan, 2.0, np.nan, np.nan, np.nan], [4.0] * 5])
    line = theil_sen(X, interval=interval)
    assert np.isnan(fields(line)[:2]).all()
    assert_array_equal(fields(line)[2, :2], [0.0, 4.0])
    assert_array_equal(line.n_known, [0, 1, 5])


@every_interval
@pytest.mark.parametrize("shape", [(0, 5), (0, 0), (3, 0), (3, 1)])
def test_a_matrix_with_no_pairs_gives_nothing(interval, shape):
    found = fields(theil_sen(np.ones(shape), interval=interval))
    assert found.shape == (shape[0], 4)
    assert np.isnan(found).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"coverage": 0.0}, "a share between 0 and 1"),
        ({"coverage": 1.0}, "a share between 0 and 1"),
        ({"coverage": 95}, "a share between 0 and 1"),
        ({"interval": "theil"}, "'ar1', 'exact' or 'sen'"),
        ({"times": [0.0, 1.0]}, "one time a period"),
        ({"times": [0.0, 2.0, 1.0]}, "must rise"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(wrong, message):
    with pytest.raises(UsageError, match=message):
        theil_sen([[1.0, 2.0, 3.0]], **wrong)
    if "times" not in wrong:
        with pytest.raises(UsageError, match=message):
            TheilSen(**wrong).fit([[1.0, 2.0, 3.0]])


def test_the_estimator_gives_the_line(rng):
    X = rng.normal(size=(10, 8))
    assert_array_equal(TheilSen(coverage=0.8).fit_transform(X), fields(theil_sen(X, coverage=0.8)))
