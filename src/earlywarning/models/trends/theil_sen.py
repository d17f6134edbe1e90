"""How steep is a series, whatever a few odd values say?

Theil and Sen's slope: the median over all pairs of periods, with the interval of
slopes that Kendall's S would not reject. All rows of a matrix at once, any gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from earlywarning.errors import UsageError
from earlywarning.models.estimator import MatrixTransformer
from earlywarning.models.trends.kendall import (
    MOST_EXACT,
    largest_accepted,
    s_variance,
    tie_counts,
)
from earlywarning.models.trends.memory import memory_quantile, variance_inflation
from earlywarning.models.trends.series import as_series, as_times, in_blocks

Array = NDArray[np.float64]
Interval = Literal["ar1", "exact", "sen"]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A straight line through each row.

    Attributes
    ----------
    slope : ndarray of shape (n_authorities,)
        In the metric's units a unit of time; NaN below 2 known values.
    intercept : ndarray of shape (n_authorities,)
        The line at time 0, in the metric's units: the median value less the slope times the
        median time.
    lower, upper : ndarray of shape (n_authorities,)
        Limits of the slope; infinite where the data rule nothing out on that side.
    n_known : ndarray of shape (n_authorities,)
        Known values.
    """

    slope: Array
    intercept: Array
    lower: Array
    upper: Array
    n_known: NDArray[np.intp]


def theil_sen(
    X: ArrayLike,
    *,
    times: ArrayLike | None = None,
    coverage: float = 0.95,
    interval: Interval = "ar1",
) -> Line:
    """Fit a line to each row by the median slope of its pairs.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        Series, newest period last, NaN in gaps.
    times : array-like of shape (n_periods,), optional
        When the periods ended, rising, in release intervals; 0, 1, 2, … if not given.
    coverage : float, default=0.95
        How often the limits hold the true slope, between 0 and 1.
    interval : {"ar1", "exact", "sen"}, default="ar1"
        How far S may stray by chance: with noise that remembers the period before, as in
        `mann_kendall`; by its exact distribution, without memory or ties (normal beyond 60
        known values); or by the normal approximation, ranks rounded and kept to the slopes
        there are, as scipy does.

    Returns
    -------
    Line
        Arrays of shape (n_authorities,).

    Raises
    ------
    UsageError
        If the matrix, the times or an option cannot be used.

    Notes
    -----
    Theil, H. (1950), A rank-invariant method of linear and polynomial regression
    analysis; Sen, P. K. (1968), Estimates of the regression coefficient based on
    Kendall's tau, Journal of the American Statistical Association 63, 1379–1389. The
    spread of S with "ar1" is that of the series less any line, so the interval holds the
    slopes that `mann_kendall` would not reject.

    Examples
    --------
    >>> line = theil_sen([[61.2, 60.1, 58.9, 57.0, 52.0]], interval="exact", coverage=0.9)
    >>> line.slope.round(3), line.intercept.round(2), line.upper.round(2)
    (array([-1.725]), array([62.35]), array([-1.15]))
    """
    _check(coverage, interval)
    matrix = as_series(X)
    clock = as_times(times, matrix.shape[1])
    n = np.isfinite(matrix).sum(axis=1)
    n_slopes = n * (n - 1) // 2
    low, high = _ranks(interval, n_slopes, _reach(interval, matrix, clock, 1 - coverage))
    found = np.full((4, len(matrix)), np.nan)
    for block in in_blocks(len(matrix), matrix.shape[1] ** 2 // 2):
        slopes = _ordered_slopes(matrix[block], clock)
        found[0, block] = _median(slopes, n_slopes[block])
        found[2, block] = _at(slopes, low[block], n_slopes[block])
        found[3, block] = _at(slopes, high[block], n_slopes[block])
    middle = _median(np.sort(np.where(np.isfinite(matrix), clock, np.nan), axis=1), n)
    found[1] = _median(np.sort(matrix, axis=1), n) - found[0] * middle
    return Line(found[0], found[1], found[2], found[3], n)


def _check(coverage: float, interval: str) -> None:
    if interval not in get_args(Interval):
        raise UsageError(f"interval={interval!r}: it is 'ar1', 'exact' or 'sen'.")
    if not 0 < coverage < 1:
        raise UsageError(f"coverage={coverage!r}: a share between 0 and 1, such as 0.95.")


def _reach(interval: Interval, X: Array, times: Array, level: float) -> Array:
    """Return how far from 0 S may be for a slope to stay in the interval."""
    counts = tie_counts(X)
    n = (counts > 0).sum(axis=1)
    spread = np.sqrt(s_variance(counts))
    reach = np.asarray(-ndtri(level / 2) * spread)
    if interval != "sen":
        for size in np.unique(n[(n > 1) & (n <= MOST_EXACT)]):
            reach[n == size] = largest_accepted(int(size), level)
    if interval == "ar1":
        inflated = spread * np.sqrt(variance_inflation(X, times))
        reach = np.fmax(reach, memory_quantile(level / 2, n) * inflated)
    return reach


def _ranks(interval: Interval, n_slopes: NDArray[np.intp], reach: Array) -> tuple[Array, Array]:
    """Return the places of the limits among the ordered slopes, from 0; beyond them is no limit."""
    low, high = (n_slopes - reach) / 2, (n_slopes + reach) / 2
    if interval != "sen":
        return np.ceil(low) - 1, np.floor(high)
    last = np.maximum(n_slopes - 1, 0)
    return np.maximum(np.round(low) - 1, 0), np.minimum(np.round(high), last)


def _ordered_slopes(X: Array, times: Array) -> Array:
    """Return the slopes of all pairs of each row, rising, NaN last."""
    older, newer = np.triu_indices(X.shape[1], 1)
    slopes = (X[:, newer] - X[:, older]) / (times[newer] - times[older])
    slopes.sort(axis=1)
    return slopes


def _median(ordered: Array, n: NDArray[np.intp]) -> Array:
    """Return the median of each row's first n; NaN where there are none."""
    return 0.5 * (_at(ordered, (n - 1) // 2, n) + _at(ordered, n // 2, n))


def _at(ordered: Array, place: Array | NDArray[np.intp], n: NDArray[np.intp]) -> Array:
    """Return each row's entry at a place, infinite beyond its n; NaN in a row without any."""
    if ordered.shape[1] == 0:
        return np.full(len(ordered), np.nan)
    inside = np.clip(place, 0, np.maximum(n - 1, 0)).astype(np.intp)
    found = ordered[np.arange(len(ordered)), inside]
    found = np.where(place < 0, -np.inf, np.where(place > n - 1, np.inf, found))
    return np.where(n > 0, found, np.nan)


class TheilSen(MatrixTransformer):
    """Slope and intercept of each series, with the slope's limits.

    Nothing is learnt from other authorities: `fit` notes how many periods there are.

    Parameters
    ----------
    coverage : float, default=0.95
        How often the limits hold the true slope.
    interval : {"ar1", "exact", "sen"}, default="ar1"
        As in `theil_sen`.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0, 4.0, 5.0, 7.0, 8.0, 9.0]])
    >>> TheilSen(interval="exact").fit_transform(X).round(2)
    array([[1.4, 0.8, 1. , 1.5]])
    """

    def __init__(self, *, coverage: float = 0.95, interval: Interval = "ar1"):
        self.coverage = coverage
        self.interval = interval

    def fit(self, X: ArrayLike, y: None = None) -> TheilSen:
        """Check the series and note their number of periods, (n_authorities, n_periods)."""
        _check(self.coverage, self.interval)
        self._as_fitted(X)
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Return slope, intercept, lower and upper limit of the slope, (n_authorities, 4)."""
        line = theil_sen(self._as_judged(X), coverage=self.coverage, interval=self.interval)
        return np.stack([line.slope, line.intercept, line.lower, line.upper], axis=1)
