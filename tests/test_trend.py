"""Level, slope and forecast: do the intervals hold what they say, whatever made the series?"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from earlywarning.models import trend
from earlywarning.models.bank import YEARLY
from earlywarning.models.pooling import Posterior
from earlywarning.models.trend import trends

N_SERIES = 2000


def memory(rng, n, T, phi):
    """Return stationary AR(1) noise of variance 1, (n, T)."""
    x = rng.normal(size=(n, T))
    for t in range(1, T):
        x[:, t] = phi * x[:, t - 1] + np.sqrt(1 - phi**2) * x[:, t]
    return x


PROCESSES = {
    "white noise": lambda rng, n, T: rng.normal(size=(n, T)),
    "noise with memory": lambda rng, n, T: memory(rng, n, T, 0.5),
    "random walk and noise": lambda rng, n, T: (
        rng.normal(size=(n, T)) + 0.6 * rng.normal(size=(n, T)).cumsum(axis=1)
    ),
    "trends": lambda rng, n, T: (
        rng.normal(size=(n, T)) + 0.4 * rng.normal(size=(n, 1)) * np.arange(T)
    ),
}


@pytest.mark.parametrize("n_periods", [6, 12, 20])
@pytest.mark.parametrize("process", PROCESSES)
def test_the_next_period_falls_in_its_interval_as_often_as_stated(process, n_periods, rng):
    y = 50 + 3 * PROCESSES[process](rng, N_SERIES, n_periods + 1)
    forecast = trends(y[:, :-1], np.arange(float(n_periods))).forecast
    for coverage, tolerance in ((0.80, 0.04), (0.95, 0.025)):
        lower, upper = forecast.interval(coverage)
        inside = ((lower < y[:, -1]) & (y[:, -1] < upper)).mean()
        assert abs(inside - coverage) < tolerance, f"{coverage:.0%} interval holds {inside:.1%}"


def test_the_slope_of_long_white_noise_is_that_of_least_squares(rng):
    t = np.arange(40.0)
    y = rng.normal(size=(200, 40)) + 0.2 * t
    slope = trends(y, t).slope
    least_squares = np.polyfit(t, y.T, 1)[0]
    error = np.sqrt(1 / np.sum((t - t.mean()) ** 2))
    assert_allclose(slope.value, least_squares, atol=error)
    assert np.corrcoef(slope.value, least_squares)[0, 1] > 0.95


def test_an_exact_line_is_carried_on():
    t = np.array([0.0, 1, 2, 4, 5, 7])
    found = trends(np.outer([1.0, -2.0, 0.5], t) + 10, t)
    assert_allclose(found.slope.value, [1, -2, 0.5], rtol=1e-6)


def test_the_slopes_interval_holds_the_slope(rng):
    t = np.arange(12.0)
    slope = trends(rng.normal(size=(500, 12)) + 0.3 * t, t).slope
    lower, upper = slope.interval(0.95)
    assert ((lower < 0.3) & (upper > 0.3)).mean() > 0.92


def test_the_slopes_interval_widens_where_the_level_wanders(rng):
    t = np.arange(15.0)
    noise, walk = rng.normal(size=(300, 15)), rng.normal(size=(300, 15)).cumsum(axis=1)
    assert np.median(trends(walk, t).slope.spread) > 2 * np.median(trends(noise, t).slope.spread)


def test_a_forecast_further_ahead_is_less_sure(rng):
    walk, t = rng.normal(size=(300, 12)).cumsum(axis=1), np.arange(12.0)
    near, far = (trends(walk, t, ahead).forecast.spread for ahead in (1.0, 3.0))
    assert (far > near).all()


def test_the_level_of_noise_is_its_mean_and_that_of_a_walk_its_end(rng):
    noise, walk = rng.normal(size=(400, 12)), 10 * rng.normal(size=(400, 12)).cumsum(axis=1)
    t = np.arange(12.0)
    mean, end = noise.mean(axis=1), walk[:, -1]
    assert np.std(trends(noise, t).level - mean) < 0.5 * np.std(
        trends(noise, t).level - noise[:, -1]
    )
    assert np.std(trends(walk, t).level - end) < 0.5 * np.std(walk.mean(axis=1) - end)


def test_structures_that_disagree_make_an_estimate_less_sure(rng, monkeypatch):
    """A mixture's variance is the mean variance and the variance of the means."""
    X, t = rng.normal(size=(30, 9)), np.arange(9.0)

    def found(*structures):
        def certain(past):
            share = np.zeros_like(past.squares)
            share[:, structures] = 1 / len(structures)
            return None, Posterior(share, np.ones_like(share), np.full_like(past.df, 8.0))

        monkeypatch.setattr(trend, "learn_prior", certain)
        return trends(X, t)

    one, other, both = 0, len(YEARLY) - 4, (0, len(YEARLY) - 4)
    for part in ("slope", "forecast"):
        a, b, mixed = (getattr(found(*ks), part) for ks in ((one,), (other,), both))
        assert_allclose(mixed.value, (a.value + b.value) / 2, atol=1e-9)
        wanted = (a.spread**2 + b.spread**2) / 2 + (a.value - b.value) ** 2 / 4
        assert_allclose(mixed.spread**2, wanted, rtol=1e-9)


def test_fewer_than_four_known_periods_have_no_trend(rng):
    X = rng.normal(size=(30, 8))
    X[3, 3:] = np.nan
    X[4, 4:] = np.nan
    found = trends(X, np.arange(8.0))
    for part in (found.level, found.slope.value, found.slope.spread, found.forecast.value):
        assert np.isnan(part[3])
        assert np.isfinite(np.delete(part, 3)).all()


def test_the_level_and_unit_of_a_series_carry_through(rng):
    X, t = rng.normal(size=(20, 9)), np.arange(9.0)
    levels = rng.normal(size=(20, 1)) * 100
    plain, moved = trends(X, t), trends(5 * X + levels, t)
    assert_allclose(moved.forecast.value, 5 * plain.forecast.value + levels[:, 0], rtol=1e-7)
    assert_allclose(moved.level, 5 * plain.level + levels[:, 0], rtol=1e-7)
    assert_allclose(moved.slope.spread, 5 * plain.slope.spread, rtol=1e-7)


def test_the_input_is_untouched(rng):
    X = rng.normal(size=(20, 9))
    before = X.copy()
    trends(X, np.arange(9.0))
    assert (before == X).all()
