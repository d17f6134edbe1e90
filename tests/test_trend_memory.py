"""What memory does to the variance of S, against dense matrices, simulation and its own table."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.models.trends.calibration import LEVELS, SIZES, ar1_noise, worst_quantiles
from earlywarning.models.trends.kendall import kendall_s, s_variance
from earlywarning.models.trends.memory import (
    MEMORIES,
    _lasting,
    _shares,
    _table,
    inflation_at,
    memory_quantile,
    memory_tail,
    variance_inflation,
)


def dense_shares(x, times):
    """Return the memories' shares of one series, with covariances written out."""
    t, y = times[np.isfinite(x)], x[np.isfinite(x)]
    line = np.stack([np.ones_like(t), t], axis=1)
    log = []
    for r in MEMORIES:
        inverse = np.linalg.inv(r ** np.abs(t[:, None] - t))
        inner = line.T @ inverse @ line
        left = y - line @ np.linalg.solve(inner, line.T @ inverse @ y)
        log_det = -np.linalg.slogdet(inverse)[1] + np.linalg.slogdet(inner)[1]
        log.append(-0.5 * ((t.size - 2) * np.log(left @ inverse @ left) + log_det))
    share = np.exp(np.array(log) - max(log))
    return share / share.sum()


def test_the_likelihood_of_each_memory_is_that_of_the_dense_matrices(rng):
    times = np.cumsum(rng.uniform(0.5, 2.5, 12))
    X = 1e4 + 30 * times + rng.normal(size=(25, 12)).cumsum(axis=1)
    X[rng.random(X.shape) < 0.25] = np.nan
    expected = [dense_shares(x, times) for x in X]
    assert_allclose(_shares(X, times, *_lasting(X, times)), expected, rtol=1e-6)


def test_the_inflation_is_that_of_each_memory_weighted_by_its_likelihood(rng):
    X, times = rng.normal(size=(10, 9)).cumsum(axis=1), np.arange(9.0)
    expected = [dense_shares(x, times) @ inflation_at(9) for x in X]
    assert_allclose(variance_inflation(X, times), expected, rtol=1e-9)


@pytest.mark.parametrize("memory", [0.0, 0.3, 0.8])
def test_the_variance_of_s_is_that_of_simulated_noise_with_memory(memory, rng):
    X = ar1_noise(rng, (60_000, 9), memory)
    plain = s_variance(np.ones((1, 9), dtype=int))[0]
    at = inflation_at(9)[round(10 * memory)]
    assert_allclose(kendall_s(X).var() / plain, at, rtol=0.02)


def test_level_and_slope_do_not_tell_memory(rng):
    X, times = ar1_noise(rng, (40, 15), 0.4), np.arange(15.0)
    X[rng.random(X.shape) < 0.2] = np.nan
    line = rng.normal(size=(40, 1)) * 50 + rng.normal(size=(40, 1)) * 20 * times
    assert_allclose(variance_inflation(X + line, times), variance_inflation(X, times), rtol=1e-8)


def test_the_tail_falls_and_is_the_inverse_of_the_quantile():
    n = np.array([4, 6, 9, 18, 40, 70, 500])
    assert (memory_tail(memory_quantile(0.001, n[:1]), n[:1]) >= 0.001).all()  # few values
    n = n[1:]
    for level in (0.2, 0.05, 0.025, 0.01, 0.001):
        assert_allclose(memory_tail(memory_quantile(level, n), n), level, rtol=1e-6)
    ratios = np.linspace(0, 8, 400)
    for size in n:
        tail = memory_tail(ratios, np.full(400, size))
        assert (np.diff(tail) <= 0).all()
        assert 0 < tail[-1] < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("n", [4, 6])
def test_the_seeded_script_reprints_the_table(n):
    sizes, levels, quantiles = _table()
    assert_array_equal(sizes, SIZES)
    assert_array_equal(levels, LEVELS)
    assert_allclose(
        worst_quantiles(n), quantiles[SIZES.index(n)], rtol=0, atol=1.01e-5
    )  # rounded up
