"""Mann and Kendall's test, against a reference, all orders of the values, and simulation."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import kendalltau

from earlywarning.errors import UsageError
from earlywarning.models.trends.calibration import ar1_noise
from earlywarning.models.trends.kendall import exact_tails, kendall_s, s_variance, tie_counts
from earlywarning.models.trends.mann_kendall import MannKendall, mann_kendall

METHODS = ["ar1", "exact", "normal"]
CELLS = list(itertools.product([6, 8, 10, 12, 20, 40], [0.0, 0.3, 0.5]))
levels = st.integers(-3, 3).map(float)


def reference_series(shared):
    """Return each series of the reference as a row of its own, and what the reference says."""
    inputs = pd.read_csv(shared / "oracles" / "trend_inputs.csv")
    series = {name: group["y"].to_numpy()[None] for name, group in inputs.groupby("series")}
    return series, pd.read_csv(shared / "oracles" / "trend_reference.csv").set_index("series")


def agreements(shared):
    """Return (reference, values compared, largest difference) for the table of agreements."""
    series, reference = reference_series(shared)
    worst = 0.0
    for name, row in reference.iterrows():
        test = mann_kendall(series[name], method="normal")
        found = [test.s[0], test.variance[0], test.z[0], test.p[0], test.tau[0]]
        expected = row[["mk_S", "mk_var", "mk_Z", "mk_p", "mk_tau"]].to_numpy(dtype=float)
        worst = max(worst, float(np.max(np.abs(found - expected) / np.maximum(1, abs(expected)))))
    return [("pymannkendall, original test", 5 * len(reference), worst)]


def test_the_textbook_test_is_that_of_the_reference_to_the_digits_printed(shared):
    """16 or 17 digits are printed; the largest difference is relative to values above 1."""
    ((_, n, worst),) = agreements(shared)
    assert n == 35
    assert worst < 5e-16


@given(values=st.lists(levels, min_size=2, max_size=7))
@settings(max_examples=40)
def test_the_exact_tails_are_those_of_all_orders_of_the_values(values):
    orders = np.array(sorted(set(itertools.permutations(values))))
    s = kendall_s(orders)
    above, below = exact_tails(s, tie_counts(orders))
    assert_allclose(above, (s >= s[:, None]).mean(axis=1), rtol=1e-12)
    assert_allclose(below, (s <= s[:, None]).mean(axis=1), rtol=1e-12)
    assert_allclose(s_variance(tie_counts(orders)), s.var(), atol=1e-9)


@pytest.mark.parametrize("n", [3, 8, 15, 33, 60])
def test_without_ties_exact_is_kendalls_distribution(n, rng):
    X = rng.normal(size=(20, n)) + np.linspace(0, 1.5, n)
    expected = [kendalltau(np.arange(n), x, method="exact").pvalue for x in X]
    assert_allclose(mann_kendall(X, method="exact").p, expected, rtol=1e-9)


def test_beyond_60_values_exact_is_the_normal_approximation_and_close_to_it_before(rng):
    X = rng.normal(size=(50, 61)) + np.linspace(0, 0.5, 61)
    assert_array_equal(mann_kendall(X, method="exact").p, mann_kendall(X, method="normal").p)
    exact, normal = (mann_kendall(X[:, :60], method=m).p for m in ("exact", "normal"))
    assert 0 < np.max(np.abs(exact - normal)) < 0.01


@pytest.mark.parametrize("method", METHODS)
@given(
    values=st.lists(st.one_of(levels, st.just(np.nan)), min_size=4, max_size=14),
    add=st.integers(-5, 5),
)
def test_turned_upside_down_the_tails_change_places(method, values, add):
    X = np.array([values])
    up, down = mann_kendall(X, method=method), mann_kendall(add - X, method=method)
    assert_array_equal(up.s, -down.s)
    assert_allclose(up.above, down.below, rtol=1e-9)
    assert_allclose(up.below, down.above, rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
@given(
    seed=st.integers(0, 1000),
    shift=st.floats(-1e3, 1e3),
    scale=st.floats(1e-3, 1e3),
)
@settings(max_examples=30)
def test_shift_and_scale_of_a_metric_change_no_p(method, seed, shift, scale):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(5, 9))
    X[rng.random(X.shape) < 0.2] = np.nan
    plain, moved = mann_kendall(X, method=method), mann_kendall(shift + scale * X, method=method)
    assert_allclose(moved.above, plain.above, rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_rows_do_not_know_of_each_other(method, rng):
    X = rng.integers(0, 6, size=(60, 11)).astype(float)
    X[rng.random(X.shape) < 0.2] = np.nan
    together = mann_kendall(X, method=method)
    alone = np.array([mann_kendall(x[None], method=method).p[0] for x in X])
    assert_array_equal(together.p, alone)
    order = rng.permutation(60)
    assert_array_equal(mann_kendall(X[order], method=method).p, together.p[order])


@pytest.mark.parametrize("method", METHODS)
def test_a_gap_is_a_period_that_is_not_there(method, rng):
    X, times = rng.normal(size=(30, 12)), np.arange(12.0)
    X[:, [0, 4, 5, 11]] = np.nan
    known = np.isfinite(X[0])
    with_gaps = mann_kendall(X, times=times, method=method)
    without = mann_kendall(X[:, known], times=times[known], method=method)
    assert_allclose(with_gaps.above, without.above, rtol=1e-9)
    assert_array_equal(with_gaps.n_known, without.n_known)


def test_biennial_values_are_taken_to_remember_less(rng):
    X = ar1_noise(rng, (400, 10), 0.5) + 0.2 * np.arange(10)
    yearly = mann_kendall(X).above
    biennial = mann_kendall(X, times=2.0 * np.arange(10)).above
    assert (biennial <= yearly + 1e-12).mean() > 0.9
    assert biennial.mean() < yearly.mean()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=50)
def test_allowing_for_memory_never_makes_a_trend_surer(seed):
    rng = np.random.default_rng(seed)
    X = np.round(rng.normal(size=(20, 8)) + rng.normal() * np.arange(8), 1)
    aware, exact = mann_kendall(X), mann_kendall(X, method="exact")
    assert (aware.above >= exact.above).all()
    assert (aware.below >= exact.below).all()


def false_alarms(X, method):
    """Return how often a trend is found at 5%: rising, and either way."""
    test = mann_kendall(X, method=method)
    usable = np.isfinite(test.above)
    return np.mean(test.above[usable] <= 0.05), np.mean(test.p[usable] <= 0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "memory"), CELLS)
@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_noise_with_memory_is_called_a_trend_in_no_more_than_6_per_cent(n, memory, gaps, rng):
    """60,000 series a cell: a standard error of 0.09 points at 5%."""
    found = []
    for _ in range(6):
        X = ar1_noise(rng, (10_000, n), memory)
        X[rng.random(X.shape) < gaps] = np.nan
        found.append(false_alarms(X, "ar1"))
    assert np.mean(found, axis=0).max() <= 0.06


@pytest.mark.slow
@pytest.mark.parametrize("n", [8, 20])
def test_the_plain_test_is_not_to_be_believed_where_noise_remembers(n, rng):
    X = ar1_noise(rng, (20_000, n), 0.5)
    assert min(false_alarms(X, "exact")) > 0.085
    assert max(false_alarms(X, "ar1")) < 0.056


@pytest.mark.slow
def test_a_trend_is_still_found(rng):
    """A slope that the plain test finds in 9 of 10 cases, in white noise."""
    X = rng.normal(size=(20_000, 20)) + 0.13 * np.arange(20)
    plain, aware = (np.mean(mann_kendall(X, method=m).above <= 0.05) for m in ("exact", "ar1"))
    assert 0.90 < plain < 0.94
    assert aware > 0.76


def test_what_cannot_be_tested_is_nan():
    X = np.full((5, 6), np.nan)
    X[1, 3] = 7.0
    X[2] = 3.3
    X[3, :3] = 1.0, 2.0, 3.0
    X[4, :5] = 1.0, 3.0, 2.0, 5.0, 6.0
    for method, n_testable in (("ar1", 1), ("exact", 2), ("normal", 2)):
        test = mann_kendall(X, method=method)
        assert_array_equal(np.isfinite(test.p), np.arange(5) >= 5 - n_testable)
        assert_array_equal(np.isfinite(test.above), np.isfinite(test.below))
    assert_array_equal(test.n_known, [0, 1, 6, 3, 5])
    assert_array_equal(np.isnan(test.tau), [True, True, False, False, False])
    assert_array_equal(np.isnan(test.z), [True, True, True, False, False])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(0, 5), (0, 0), (3, 0), (3, 1), (1, 2)])
def test_a_matrix_with_nothing_to_test_gives_nothing(method, shape):
    test = mann_kendall(np.ones(shape), method=method)
    assert test.p.shape == (shape[0],)
    assert np.isnan(test.p).all()


@pytest.mark.parametrize(("method", "at_most"), [("ar1", 0.005), ("exact", 1e-8), ("normal", 1e-5)])
def test_a_line_without_noise_is_no_accident(method, at_most):
    """What is left of it tells no memory, so all are taken to be as likely."""
    test = mann_kendall(np.arange(12.0)[None] * 3 + 5, method=method)
    assert test.tau[0] == 1
    assert 0 < test.above[0] < at_most
    assert test.below[0] > 0.99


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"X": [1.0, 2.0]}, "give a matrix"),
        ({"X": [[1.0, np.inf]]}, "infinite or beyond"),
        ({"X": [[1.0, 1e200]]}, "infinite or beyond"),
        ({"X": [[1.0, 2.0]], "times": [1.0]}, "one time a period"),
        ({"X": [[1.0, 2.0]], "times": [2.0, 2.0]}, "must rise"),
        ({"X": [[1.0, 2.0]], "times": [1.0, np.nan]}, "no times"),
        ({"X": [[1.0, 2.0]], "method": "hamed"}, "'ar1', 'exact' or 'normal'"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(wrong, message):
    with pytest.raises(UsageError, match=message):
        mann_kendall(**wrong)


def test_the_estimator_gives_the_normal_score_of_the_test(rng):
    X = rng.normal(size=(30, 12)) + rng.normal(size=(30, 1)) * np.arange(12) / 4
    test = mann_kendall(X)
    z = MannKendall().fit_transform(X)[:, 0]
    assert_array_equal(np.sign(z), np.sign(test.s))
    assert (np.argsort(z[z > 0]) == np.argsort(-test.above[z > 0])).all()
    with pytest.raises(UsageError, match="'ar1', 'exact' or 'normal'"):
        MannKendall(method="hamed").fit(X)
