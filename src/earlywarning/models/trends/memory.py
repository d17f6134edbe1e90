"""How far does chance alone carry S, where each period remembers the one before?

Noise with memory wanders, and a wandering series looks like a trend. How much memory a
short series has cannot be read from it with any certainty, so it is not estimated and
believed: the variance of S is averaged over all memories, weighted by how likely each
makes the series, and the tail of the ratio is the worst over memories up to 0.5.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.trends.series import in_blocks, last_known

Array = NDArray[np.float64]

MEMORIES = np.arange(10) / 10  # correlation with the period before; what is averaged over
FEWEST_PERIODS = 4  # two more than a line takes
NOTHING_LEFT = 1e-20  # squares a line leaves, the largest value being 1: less is rounding
TINY = 1e-300
CLOSE = 1e-9  # variance left between values so close in time that one tells the other
TABLE = "memory.csv"


def variance_inflation(X: Array, times: Array) -> Array:
    """Compute how many times larger memory makes the variance of S, as the series suggests.

    Parameters
    ----------
    X : ndarray of shape (n_authorities, n_periods)
        Series, newest period last, NaN in gaps.
    times : ndarray of shape (n_periods,)
        When the periods ended, in release intervals, rising.

    Returns
    -------
    ndarray of shape (n_authorities,)
        1 or more, the same whatever level and slope; NaN below 4 known periods.

    Notes
    -----
    Over memories r = 0, 0.1, …, 0.9 alike beforehand, each weighted by the restricted
    likelihood of a straight line with AR(1) noise at the times of the known values
    (Harville, D. A. 1974, Biometrika 61, 383–385). For each, the inflation is that of as
    many values evenly spread, whose neighbours are correlated as theirs are on average.

    Examples
    --------
    >>> wander = np.random.default_rng(0).normal(size=(1, 20)).cumsum(axis=1)
    >>> bool(variance_inflation(wander, np.arange(20.0))[0] > 3)
    True
    """
    found = np.full(len(X), np.nan)
    for block in in_blocks(len(X), 4 * X.shape[1]):
        rows = block.start + np.flatnonzero(np.isfinite(X[block]).sum(axis=1) >= FEWEST_PERIODS)
        if rows.size:
            here = X[rows]
            before, lasting = _lasting(here, times)
            inflation = _inflations(np.isfinite(here), lasting)
            found[rows] = (_shares(here, times, before, lasting) * inflation).sum(axis=1)
    return found


def _lasting(X: Array, times: Array) -> tuple[NDArray[np.intp], list[Array]]:
    """Return the column of the value before, and for each memory the correlation with it."""
    before = last_known(X)
    step = np.where(before >= 0, times - times[before], np.inf)
    return before, [r**step for r in MEMORIES]


def _inflations(known: NDArray[np.bool_], lasting: list[Array]) -> Array:
    """Return each memory's inflation, (n_authorities, n_memories), the values evenly spread."""
    n = known.sum(axis=1)
    each = [np.where(known, correlation, 0.0).sum(axis=1) / (n - 1) for correlation in lasting]
    lag_one = np.stack(each, axis=1)
    found = np.empty(lag_one.shape)
    for size in np.unique(n):
        rows = n == size
        found[rows] = np.interp(lag_one[rows], MEMORIES, inflation_at(int(size)))
    return found


@lru_cache(maxsize=256)
def inflation_at(n: int) -> Array:
    """Compute Var S of n normal values with each memory over Var S without, one interval apart.

    Notes
    -----
    The sum over pairs of pairs of periods of (2 / pi) arcsin of the correlation between
    their differences; pairs a and b apart, the second d later, come as often as fit.

    Examples
    --------
    >>> inflation_at(10)[[0, 3, 5]].round(3)
    array([1.   , 1.491, 1.994])
    """
    a, b = np.arange(1, n)[:, None, None], np.arange(1, n)[:, None]
    d = np.arange(1 - n, n)
    often = np.maximum(np.minimum(n - a, n - b - d) - np.maximum(0, -d), 0)
    variance = []
    for memory in MEMORIES:
        lasting = memory ** np.arange(2.0 * n)
        shared = lasting[abs(d + b - a)] - lasting[abs(d - a)]
        shared += lasting[abs(d)] - lasting[abs(d + b)]
        each = 2 * np.sqrt((1 - lasting[a]) * (1 - lasting[b]))
        variance.append((often * np.arcsin(np.clip(shared / each, -1, 1))).sum())
    return np.asarray(np.array(variance) / variance[0], dtype=float)


def _shares(X: Array, times: Array, before: NDArray[np.intp], lasting: list[Array]) -> Array:
    """Return how likely each memory is, (n_authorities, n_memories), given the series."""
    known = np.isfinite(X)
    clock = np.where(known, (times - times.mean()) / (times[-1] - times[0]), 0.0)
    y = np.where(known, X, 0.0)
    y = y - (y.sum(axis=1) / known.sum(axis=1))[:, None] * known
    columns = [y / np.abs(y).max(axis=1, initial=TINY)[:, None], known.astype(float), clock]
    columns[0] = _less_a_line(columns)
    fits = [_restricted_likelihood(columns, before, decay, known) for decay in lasting]
    telling = (columns[0] ** 2).sum(axis=1) > NOTHING_LEFT
    log = np.where(telling[:, None], np.stack(fits, axis=1), 0.0)
    share = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def _less_a_line(columns: list[Array]) -> Array:
    """Return what ordinary least squares leaves of the first column: no digits lost later."""
    y, one, clock = columns
    centred = clock - (clock.sum(axis=1) / one.sum(axis=1))[:, None] * one
    slope = (y * centred).sum(axis=1) / (centred**2).sum(axis=1)
    return np.asarray(y - slope[:, None] * centred)


def _restricted_likelihood(
    columns: list[Array], before: NDArray[np.intp], decay: Array, known: NDArray[np.bool_]
) -> Array:
    """Return the log restricted likelihood of a line with AR(1) noise, its scale taken out."""
    n = known.sum(axis=1)
    variance = np.maximum(1 - decay**2, CLOSE)  # of a value, given the one before
    weight = np.where(known, 1 / variance, 0.0)
    new = [c - decay * np.take_along_axis(c, np.maximum(before, 0), axis=1) for c in columns]
    (yy, y1, yt), (_, a, b), (_, _, d) = ([(weight * u * v).sum(axis=1) for v in new] for u in new)
    det = a * d - b * b
    left = yy - (d * y1**2 - 2 * b * y1 * yt + a * yt**2) / det
    left = np.maximum(left, TINY)
    log_det = np.where(known, np.log(variance), 0.0).sum(axis=1)
    return np.asarray(-0.5 * ((n - 2) * np.log(left) + log_det + np.log(det)))


def memory_tail(ratio: Array, n: NDArray[np.intp]) -> Array:
    """Return how often chance gives such a ratio of S to its inflated spread, or a higher one.

    Parameters
    ----------
    ratio : ndarray of shape (n_authorities,)
        |S| over the square root of its inflated variance.
    n : ndarray of shape (n_authorities,)
        Known values.

    Returns
    -------
    ndarray of shape (n_authorities,)
        One-sided p-values, the highest over memories up to 0.5; NaN below 4 known periods.

    Notes
    -----
    `memory.csv` holds simulated quantiles (`calibration`); log p is linear between them.
    Beyond the last (1 in 10,000) p falls as a power of the ratio, more slowly than a
    normal tail.

    Examples
    --------
    >>> memory_tail(np.array([2.0, 2.0]), np.array([8, 40])).round(3)
    array([0.014, 0.024])
    """
    tail = np.full(ratio.shape, np.nan)
    for size in np.unique(n[n >= FEWEST_PERIODS]):
        rows = np.flatnonzero(n == size)
        tail[rows] = _tail_of(ratio[rows], int(size))
    return tail


def _tail_of(ratio: Array, n: int) -> Array:
    levels, at = _quantiles(n)
    at, first = np.unique(at, return_index=True)  # of several levels at one ratio, the highest
    log_p = np.interp(ratio, at, np.log(levels[first]))
    far = np.log(np.maximum(ratio, at[-1]) / at[-1])
    return np.asarray(np.exp(log_p - at[-1] ** 2 * far))


def memory_quantile(level: float, n: NDArray[np.intp]) -> Array:
    """Return the ratio that chance exceeds so often: the inverse of `memory_tail`, up to 0.0001."""
    found = np.full(n.shape, np.nan)
    for size in np.unique(n[n >= FEWEST_PERIODS]):
        levels, at = _quantiles(int(size))
        found[n == size] = np.interp(-np.log(level), -np.log(levels), at)
    return found


def _quantiles(n: int) -> tuple[Array, Array]:
    """Return the levels, and the quantiles for n values, linear in 1 / n between those known."""
    sizes, levels, quantiles = _table()
    at = [np.interp(1 / n, 1 / sizes[::-1], column[::-1]) for column in quantiles.T]
    return levels, np.array(at)


@cache
def _table() -> tuple[Array, Array, Array]:
    """Return the numbers of values, the levels, and the quantiles at each of both."""
    lines = (files(__package__) / TABLE).read_text(encoding="utf-8").splitlines()
    head, *rows = [line.split(",") for line in lines]
    cells = np.array(rows, dtype=float)
    return cells[:, 0], np.array(head[1:], dtype=float), cells[:, 1:]
