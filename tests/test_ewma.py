"""The moving average against qcc and spc, its p-values by simulation, and as properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.utils.estimator_checks import parametrize_with_checks

from control_references import (
    Agreement,
    agreement,
    as_rows,
    extremes,
    pistonrings,
    read,
    with_memory,
)
from earlywarning.errors import UsageError
from earlywarning.models.control.ewma import Ewma, ewma_arl, ewma_chart

SAME = 1e-11  # of a run length: what rounding leaves of theirs, by a quadrature of their own
N_SERIES = 100_000


def qcc():
    table = read("qcc_pistonrings_cusum_ewma.csv")
    X, centre, sigma = pistonrings()
    chart = ewma_chart(X, centre=centre, sigma=sigma)
    ours = np.vstack([X, chart.average, chart.lower, chart.upper])
    theirs = table[["xbar", "ewma", "ewma_lcl", "ewma_ucl"]].to_numpy().T
    return agreement("qcc, piston rings, EWMA", ours, theirs, size=75)


def subgroup_means():
    """Return centre, spread and limits of the means as qcc charts them."""
    known = read("qcc_reference_values.csv").set_index(["chart", "stat"])["value"]
    _, centre, sigma = pistonrings()
    ours = [centre, sigma * np.sqrt(5), centre - 3 * sigma, centre + 3 * sigma]
    theirs = known["pistonrings_xbar"][["center", "std.dev", "lcl", "ucl"]]
    return agreement("qcc, piston rings, means", ours, theirs, size=75)


def run_lengths():
    table = read("spc_ewma_arl.csv")
    ours = np.array([ewma_arl(*row) for row in table[["lambda", "c", "mu"]].to_numpy()])
    theirs = table["arl_twosided"].to_numpy()
    apart = np.abs(ours - theirs)
    worst = (apart / (SAME * theirs)).max()
    return Agreement("spc, EWMA average run lengths", theirs.size, apart.max(), worst)


def agreements():
    return as_rows([qcc(), subgroup_means(), run_lengths()])


def test_the_averages_and_limits_of_qcc_are_reproduced(shared):
    found = qcc()
    assert found.n_values == 160
    assert found.worst <= 1
    assert subgroup_means().worst <= 1


def test_every_run_length_of_spc_is_reproduced_to_eleven_digits(shared):
    found = run_lengths()
    assert found.n_values == 432
    assert found.worst <= 1


@pytest.mark.parametrize("width", [2.0, 3.0])
def test_all_weight_on_the_newest_value_is_a_chart_of_values(width):
    assert_allclose(ewma_arl(1.0, width), 1 / (2 * norm.sf(width)), rtol=1e-12)


def test_the_run_length_is_that_of_simulated_charts(rng):
    """Weight 0.25, limits of 2 in the long run, a shift of one: to 2% of the simulated mean."""
    limit = 2 * np.sqrt(0.25 / 1.75)
    now, length = np.zeros(20_000), np.zeros(20_000)
    running = np.ones(20_000, dtype=bool)
    while running.any():
        length += running
        now = 0.75 * now + 0.25 * rng.normal(1.0, size=now.size)
        running &= np.abs(now) <= limit
    assert_allclose(ewma_arl(0.25, 2.0, 1.0), length.mean(), rtol=0.02)


@pytest.mark.parametrize("n_baseline", [8, 12, 20])
def test_a_healthy_series_has_a_small_p_as_often_as_it_says(n_baseline, rng):
    """Baselines of 8, 12 and 20, at the 1st, 3rd and 8th value after: all within 10%."""
    chart = ewma_chart(rng.normal(50, 4, size=(N_SERIES, n_baseline + 8)), baseline=n_baseline)
    for period in (n_baseline, n_baseline + 2, n_baseline + 7):
        for p in (chart.above[:, period], chart.below[:, period]):
            assert 0.9 < (p <= 0.01).mean() / 0.01 < 1.1
            assert 0.9 < (p <= 0.05).mean() / 0.05 < 1.1


def test_where_centre_and_sigma_are_known_the_size_is_exact_too(rng):
    chart = ewma_chart(rng.normal(size=(N_SERIES, 6)), centre=0.0, sigma=1.0)
    assert 0.9 < (chart.above[:, 5] <= 0.01).mean() / 0.01 < 1.1
    outside = (chart.average > chart.upper) | (chart.average < chart.lower)
    assert 0.8 < outside[:, 5].mean() / (2 * norm.sf(3)) < 1.2


def test_noise_with_memory_has_a_small_p_seven_times_as_often_as_it_says(rng):
    """A memory of 0.5, a baseline of 12, eight values on: the page warns of it."""
    above = ewma_chart(with_memory(rng, (50_000, 20), 0.5), baseline=12).above[:, -1]
    assert 0.06 < (above <= 0.01).mean() < 0.08


def test_a_small_lasting_shift_is_found_sooner_than_by_its_newest_value(rng):
    """A shift of one for the last 8 of 20 periods, at 5%: half of them, against one in five."""
    X = rng.normal(size=(4000, 20)) + (np.arange(20) >= 12)
    average = (ewma_chart(X, baseline=12).above[:, -1] < 0.05).mean()
    newest = (ewma_chart(X, baseline=12, weight=1.0).above[:, -1] < 0.05).mean()
    assert average > 0.45
    assert newest < 0.27


def test_an_average_beyond_its_limit_has_the_p_of_that_width(rng):
    for options in ({"baseline": 6}, {"centre": 0.0, "sigma": 1.0}):
        chart = ewma_chart(rng.normal(0, 2, size=(50, 20)), width=1.5, **options)
        there = np.isfinite(chart.average)
        assert_array_equal(
            (chart.average > chart.upper)[there], (chart.above < norm.sf(1.5))[there]
        )
        assert_array_equal(
            (chart.average < chart.lower)[there], (chart.below < norm.sf(1.5))[there]
        )


amounts = st.one_of(st.just(np.nan), st.integers(-20, 20).map(float))
panels = arrays(float, (3, 14), elements=amounts)


@given(X=panels, n_baseline=st.integers(4, 9), weight=st.sampled_from([0.1, 0.4, 1.0]))
@settings(max_examples=60)
def test_a_chart_with_gaps_is_that_of_the_published_values(X, n_baseline, weight):
    chart = ewma_chart(X, baseline=n_baseline, weight=weight)
    for i, row in enumerate(X):
        known = np.isfinite(row)
        alone = ewma_chart(row[None, known], baseline=n_baseline, weight=weight)
        for name in ("average", "lower", "upper", "above", "below"):
            assert np.isnan(getattr(chart, name)[i, ~known]).all()
            assert_array_equal(getattr(chart, name)[i, known], getattr(alone, name)[0])
        assert chart.status[i] == alone.status[0]


@given(X=panels)
@settings(max_examples=40)
def test_the_average_is_the_weighted_sum_it_is_said_to_be(X):
    chart = ewma_chart(X, baseline=5, weight=0.3)
    for i, row in enumerate(X):
        y = row[np.isfinite(row)]
        if len(y) <= 5 or np.ptp(y[:5]) == 0:
            assert np.isnan(chart.average[i]).all()
            continue
        average, error = y[:5].mean(), 0.0
        for value in y[5:]:
            average = 0.3 * value + 0.7 * average
            error = 0.3**2 + 0.7**2 * error
        left = 0.7 ** (len(y) - 5)
        t = (average - y[:5].mean()) / (y[:5].std(ddof=1) * np.sqrt(error + (1 - left) ** 2 / 5))
        newest = np.flatnonzero(np.isfinite(row))[-1]
        assert_allclose(chart.average[i, newest], average, atol=1e-9)
        assert_allclose(chart.above[i, newest], student.sf(t, 4), rtol=1e-9)


@given(X=panels, shift=st.integers(-100, 100), scale=st.sampled_from([0.5, 3.0, 1024.0]))
@settings(max_examples=40)
def test_level_and_unit_of_a_metric_change_no_p(X, shift, scale):
    plain, moved = (ewma_chart(Y, baseline=5) for Y in (X, scale * X + shift))
    assert_allclose(moved.above, plain.above, atol=1e-9)
    assert_array_equal(moved.status, plain.status)


@given(X=panels)
@settings(max_examples=40)
def test_the_other_way_up_the_sides_change_places_exactly(X):
    plain, flipped = (ewma_chart(Y, baseline=5) for Y in (X, -X))
    assert_array_equal(flipped.above, plain.below)
    assert_array_equal(flipped.average, -plain.average)


@given(X=panels, later=arrays(float, (3, 4), elements=amounts))
@settings(max_examples=40)
def test_later_periods_change_no_earlier_p(X, later):
    whole = np.isfinite(X).sum(axis=1) >= 5
    before, after = ewma_chart(X, baseline=5), ewma_chart(np.hstack([X, later]), baseline=5)
    assert_array_equal(after.above[whole, :14], before.above[whole])


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ([np.nan] * 8, "too few values"),
        ([1.0, 2, 1, 2, 1, np.nan, np.nan, np.nan], "too few values"),
        ([0.1] * 8, "constant"),
        ([1.0, 2, 1, 2, 1, 2, np.nan, np.nan], "ok"),
    ],
)
def test_a_series_that_cannot_be_charted_says_why(row, status):
    chart = ewma_chart([row], baseline=5)
    assert chart.status.tolist() == [status]
    assert np.isnan(chart.above).all() == (status != "ok")


@pytest.mark.parametrize("shape", [(0, 8), (3, 0), (1, 1)])
def test_next_to_nothing_can_be_charted(shape):
    for options in ({"baseline": 4}, {"centre": 0.0, "sigma": 1.0}):
        chart = ewma_chart(np.ones(shape), **options)
        assert chart.average.shape == chart.above.shape == shape
        assert chart.status.shape == shape[:1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "both a centre and a sigma"),
        ({"centre": 1.0}, "both a centre and a sigma"),
        ({"baseline": 8, "centre": 1.0}, "not both"),
        ({"baseline": 3}, "needs 4 values or more"),
        ({"centre": 1.0, "sigma": 0.0}, "not above 0"),
        ({"centre": np.nan, "sigma": 1.0}, "not a number"),
        ({"baseline": 8, "weight": 0.0}, "a weight is above 0"),
        ({"baseline": 8, "weight": 1.1}, "a weight is above 0"),
        ({"baseline": 8, "width": -1.0}, "a width is above 0"),
    ],
)
def test_what_is_no_option_is_refused_in_words(options, words):
    with pytest.raises(UsageError, match=words):
        ewma_chart(np.ones((2, 12)), **options)


def test_very_large_and_very_small_values_have_a_p(rng):
    chart = ewma_chart(extremes(rng), baseline=4)
    p = chart.above[np.isfinite(chart.average)]
    assert p.size
    assert ((p >= 0) & (p <= 1)).all()


def test_the_score_is_one_at_a_limit(rng):
    X = rng.normal(size=(20, 16))
    chart, score = ewma_chart(X, baseline=8), Ewma().fit_transform(X)
    assert np.isnan(score[:, :8]).all()
    back = chart.centre + score * (chart.upper - chart.centre)
    assert_allclose(back[:, 8:], chart.average[:, 8:], rtol=1e-12)


@parametrize_with_checks([Ewma()])
def test_scikit_learn_contract(estimator, check):
    check(estimator)
