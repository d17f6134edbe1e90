"""How often is a healthy series called worse? As often as asked for, whatever it is like.

Settings: 317 authorities a metric. Noise alone; noise with memory, authorities that
differ in how noisy they are, and shocks that hit all of them more or less; heavy tails.
Within half and one and a half times what is asked for, everywhere.
"""

import numpy as np
import pytest

from earlywarning.models.structural import learn_and_judge

AUTHORITIES = 317
METRICS = 158  # 50,086 series
METRICS_WITH_GAPS = 64  # 20,288 series
GAPS = 0.2  # share of values
PATTERNS = 40  # of gaps, shared between authorities as in real files


def noise(rng, n_periods):
    return rng.normal(size=(AUTHORITIES, n_periods))


def eventful(rng, n_periods):
    """Return AR(1) noise, its sd differing by authority, and a shock a period."""
    x = noise(rng, n_periods)
    for t in range(1, n_periods):
        x[:, t] = 0.5 * x[:, t - 1] + np.sqrt(0.75) * x[:, t]
    sd = np.exp(0.35 * rng.normal(size=(AUTHORITIES, 1)))
    loadings = 1 + 0.3 * rng.normal(size=(AUTHORITIES, 1))
    return sd * x + loadings * rng.normal(size=n_periods)


def heavy(rng, n_periods):
    """Return noise whose tails are heavy: t with 4 degrees of freedom."""
    return rng.standard_t(4, size=(AUTHORITIES, n_periods)) / np.sqrt(2)


def combined(X):
    found = learn_and_judge(X, np.arange(float(X.shape[1])), np.zeros(len(X), dtype=int))[1]
    p = found.combined(found.above)
    return p[np.isfinite(p)]


def assert_size(p):
    assert 0.025 < (p < 0.05).mean() < 0.075
    assert 0.005 < (p < 0.01).mean() < 0.015


@pytest.mark.slow
@pytest.mark.parametrize("n_periods", [6, 8, 12, 20, 40])
@pytest.mark.parametrize("make", [noise, eventful, heavy])
def test_healthy_series_are_called_worse_no_more_often_than_asked_for(make, n_periods, rng):
    p = np.concatenate([combined(make(rng, n_periods)) for _ in range(METRICS)])
    assert p.size >= 50_000
    assert_size(p)


@pytest.mark.slow
@pytest.mark.parametrize(("n_periods", "at_most"), [(5, 0.001), (6, 0.0025)])
@pytest.mark.parametrize("make", [noise, eventful, heavy])
def test_the_shortest_series_are_not_called_far_worse_for_want_of_a_past(
    make, n_periods, at_most, rng
):
    """Three values do not tell how heavy tails are, and are taken for usual; four tell a little."""
    p = np.concatenate([combined(make(rng, n_periods)) for _ in range(METRICS)])
    assert (p < 0.05).mean() < 0.055
    assert 0.001 < (p < 0.01).mean() < 0.011
    assert (p < 0.001).mean() < at_most


@pytest.mark.slow
@pytest.mark.parametrize("n_periods", [6, 8, 12, 20, 40])
@pytest.mark.parametrize("make", [noise, eventful, heavy])
def test_gaps_make_no_healthy_series_look_worse(make, n_periods, rng):
    """Gaps anywhere, also in the periods that are tested; too short series are not judged."""
    patterns = rng.random((PATTERNS, n_periods)) < GAPS
    found = []
    for _ in range(METRICS_WITH_GAPS):
        X = make(rng, n_periods)
        X[patterns[rng.integers(PATTERNS, size=AUTHORITIES)]] = np.nan
        found.append(combined(X))
    assert_size(np.concatenate(found))
