"""Where do the tails of the ratio in `memory` come from? From this simulation.

Normal AR(1) noise without trend, of each memory up to 0.5; at each level, the highest
quantile over the memories. The seed is fixed: the same table, to the digit, each time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.trends.kendall import kendall_s, s_variance
from earlywarning.models.trends.memory import FEWEST_PERIODS, variance_inflation

Array = NDArray[np.float64]

SIZES = (*range(FEWEST_PERIODS, 17), 20, 24, 30, 40, 60, 100)  # known values
LEVELS = (
    *(round(0.5 * 0.94**k, 4) for k in range(37)),  # to 0.054
    *(0.05, 0.047, 0.044, 0.041, 0.038, 0.035, 0.0325, 0.03, 0.0275, 0.025, 0.0235, 0.022),
    *(0.0205, 0.019, 0.0175, 0.016, 0.0145, 0.013, 0.012, 0.011, 0.01, 0.009, 0.008, 0.007),
    *(0.006, 0.005, 0.004, 0.003, 0.0025, 0.002, 0.0015, 0.001, 0.0005, 0.00025, 0.0001),
)
WORST_OF = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)  # correlation with the period before
WITH_GAPS = 1.25  # periods a known value, in the half of the series that have gaps
DRAWS = 250_000  # for each memory, with gaps and without; each counts twice, also upside down
BLOCK = 25_000
SEED = 20_130


def ar1_noise(rng: np.random.Generator, shape: tuple[int, int], memory: float) -> Array:
    """Draw stationary normal AR(1) noise of variance 1, (n_series, n_periods).

    Examples
    --------
    >>> x = ar1_noise(np.random.default_rng(0), (20_000, 5), 0.5)
    >>> bool(abs(np.corrcoef(x[:, 3], x[:, 4])[0, 1] - 0.5) < 0.02)
    True
    """
    x = rng.normal(size=shape)
    for t in range(1, shape[1]):
        x[:, t] = memory * x[:, t - 1] + np.sqrt(1 - memory**2) * x[:, t]
    return x


def worst_quantiles(n: int, draws: int = DRAWS) -> Array:
    """Compute, for n values, the ratio that chance reaches no more often than each level.

    Parameters
    ----------
    n : int
        Known values.
    draws : int, default=250_000
        Series simulated for each memory, consecutive and with gaps.

    Returns
    -------
    ndarray of shape (n_levels,)
        The highest over the memories, with gaps and without, for each of `LEVELS`.

    Examples
    --------
    >>> worst_quantiles(6, draws=2_000).shape
    (72,)
    """
    rng = np.random.default_rng([SEED, n])
    worst = np.full(len(LEVELS), -np.inf)
    for memory in WORST_OF:
        for n_periods in (n, max(round(WITH_GAPS * n), n + 1)):
            ratios = [
                _ratios(_thinned(rng, ar1_noise(rng, (min(BLOCK, draws), n_periods), memory), n))
                for _ in range(0, draws, BLOCK)
            ]
            worst = np.maximum(worst, _reached(np.concatenate(ratios)))
    return worst


def _thinned(rng: np.random.Generator, X: Array, n: int) -> Array:
    """Return the series with all but n of their values missing, at random."""
    order = rng.random(X.shape).argsort(axis=1).argsort(axis=1)
    return np.where(order < n, X, np.nan)


def _ratios(X: Array) -> Array:
    """Return S over its inflated spread, of series without ties."""
    times = np.arange(float(X.shape[1]))
    variance = s_variance(np.isfinite(X).astype(np.intp)) * variance_inflation(X, times)
    return np.asarray(kendall_s(X) / np.sqrt(variance))


def _reached(ratios: Array) -> Array:
    """Return the lowest ratio that is reached no more often than each level, signs alike.

    Many series share a ratio where there are few values: such a heap counts whole.
    """
    both = np.sort(np.concatenate([ratios, -ratios]))
    last_below = both[[both.size - int(level * both.size) - 1 for level in LEVELS]]
    place = np.searchsorted(both, last_below, side="right")
    return np.append(both, both[-1] * (1 + 1e-9))[place]


def memory_table() -> str:
    """Return the text of `memory.csv`: a row a number of values, a column a level."""
    head = ",".join(["n", *(f"{level:g}" for level in LEVELS)])
    rows = [
        ",".join([str(n), *(f"{np.ceil(1e5 * q) / 1e5:.5f}" for q in worst_quantiles(n))])
        for n in SIZES
    ]
    return "\n".join([head, *rows, ""])
