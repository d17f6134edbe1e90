"""Which rows of a table are most alike?

`comparable` brings columns to one scale, `whitened` takes out what they say twice, and
`nearest_rows` finds each row's nearest and what each column adds to their distance. None of
them knows what a row or a column is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf
from sklearn.utils import gen_batches

from earlywarning.models.robust import column_mad, column_median

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

SKEWED = 1.0  # skewness from which positive values are taken by logarithms; an exponential has 2
FARTHEST = 1e6  # spreads from the middle: further away is no more different
TIED = 9  # decimals of a mean squared difference: what is less apart is rounding
LEAST_OWN = 1e-3  # of the mean variance: columns that say the same leave something to divide by
MOST_NUMBERS = 4_000_000  # of distances worked on at once


@dataclass(frozen=True, slots=True)
class Scale:
    """How each column was made comparable, (n_columns,) each.

    Attributes
    ----------
    logged : ndarray of bool
        Whether its logarithms were taken.
    centre, spread : ndarray of float
        Median and scaled median absolute deviation of the values, or of their logarithms: the
        standard deviation where half are equal, 0 where all are.
    """

    logged: Mask
    centre: Array
    spread: Array


@dataclass(frozen=True, slots=True)
class Nearest:
    """Pairs of rows, by row and rank; (n_pairs,) each.

    Attributes
    ----------
    row, neighbour, rank : ndarray of int
        The rank counts from 1, the nearest.
    squared : ndarray of float
        Squared distance; the sum of the parts.
    parts : ndarray of shape (n_pairs, n_columns)
        What each column adds; NaN where either row lacks it.
    """

    row: Rows
    neighbour: Rows
    rank: Rows
    squared: Array
    parts: Array


def is_skewed(X: Array) -> Mask:
    """Say which columns are better taken by their logarithms: positive, and skewed to the right.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns)
        NaN where nothing is known.

    Returns
    -------
    ndarray of bool of shape (n_columns,)
        Where all are positive, their skewness is above 1, and that of their logarithms is
        nearer to 0.

    Examples
    --------
    >>> is_skewed(np.array([[1.0, 1.0], [2.0, 2.0], [4.0, 3.0], [8.0, 4.0], [64.0, 5.0]]))
    array([ True, False])
    """
    positive = np.isfinite(X).any(axis=0) & ((X > 0) | np.isnan(X)).all(axis=0)
    plain, logged = _skewness(X), _skewness(np.log(np.where(positive, X, 1.0)))
    return np.asarray(positive & (plain > SKEWED) & (np.abs(logged) < plain))


def _skewness(X: Array) -> Array:
    """Return each column's third standardised moment, of what is known; 0 where all are equal."""
    away = X - column_median(X)
    furthest = np.abs(np.where(np.isfinite(away), away, 0.0)).max(axis=0, initial=0.0)
    away = away / np.where(furthest > 0, furthest, 1.0)
    n = np.maximum(np.isfinite(away).sum(axis=0), 1)
    away = np.where(np.isfinite(away), away - np.nansum(away, axis=0) / n, 0.0)
    variance, third = (away**2).sum(axis=0) / n, (away**3).sum(axis=0) / n
    return np.asarray(third / np.where(variance > 0, variance, 1.0) ** 1.5)


def comparable(X: Array, logged: Mask) -> tuple[Array, Scale]:
    """Bring columns to one scale: spreads away from the middle.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns)
        NaN where nothing is known.
    logged : ndarray of bool of shape (n_columns,)
        Whose logarithms to take; such a column is positive throughout.

    Returns
    -------
    tuple of ndarray of shape (n_rows, n_columns) and Scale
        No value is further out than a million spreads; a column that is all equal is 0.

    Notes
    -----
    One wild value neither moves the middle nor makes the others look alike.

    Examples
    --------
    >>> Z, scale = comparable(np.array([[1.0], [2.0], [3.0], [900.0]]), np.array([False]))
    >>> scale.centre, scale.spread.round(3), Z[1].round(3)
    (array([2.5]), array([1.483]), array([-0.337]))
    """
    values = np.log(X, where=logged & np.isfinite(X), out=X.astype(float))
    centre = column_median(values)
    spread = column_mad(values)
    away = values - centre
    halved = ~(spread > 0)  # half of them equal
    n = np.maximum(np.isfinite(away).sum(axis=0), 1)
    mean = np.nansum(away, axis=0) / n
    deviation = np.sqrt(np.nansum((away - mean) ** 2, axis=0) / n)
    differ = (np.nan_to_num(away) != 0).any(axis=0)
    spread = np.where(halved, np.where(differ, deviation, 0.0), spread)
    with np.errstate(over="ignore"):
        Z = away / np.where(spread > 0, spread, 1.0)
    return np.clip(Z, -FARTHEST, FARTHEST), Scale(logged, centre, spread)


def whitened(Z: Array, weights: Array) -> Array:
    """Turn columns so that what several of them say together counts once (Mahalanobis).

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_columns)
        Comparable columns.
    weights : ndarray of shape (n_columns,)
        Of each column's squared difference.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
        Squared differences add up to the Mahalanobis distance; NaN throughout for a row with
        a gap, from which nothing is learnt either.

    Notes
    -----
    The covariance is shrunk by Ledoit and Wolf's intensity (2004), as in scikit-learn. Its
    inverse's symmetric root gives each column its share (Garthwaite and Koch 2016).

    Examples
    --------
    >>> Z = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [0.0, 2.0], [2.0, 0.5]])
    >>> Y = whitened(Z, np.ones(2))
    >>> bool(((Y[0] - Y[1]) ** 2).sum() < ((Y[0] - Y[4]) ** 2).sum())
    True
    """
    complete = np.isfinite(Z).all(axis=1)
    turned = np.full(Z.shape, np.nan)
    if complete.sum() < 2:
        return turned
    values, vectors = np.linalg.eigh(ledoit_wolf(Z[complete])[0])
    values = np.maximum(values, LEAST_OWN * max(values.mean(), np.finfo(float).tiny))
    turned[complete] = (Z[complete] * np.sqrt(weights)) @ ((vectors / np.sqrt(values)) @ vectors.T)
    return turned


def nearest_rows(
    Z: Array, groups: Rows, weights: Array, *, k: int, least_known: float = 0.5
) -> Nearest:
    """Find the nearest rows of each row's group, by weighted Euclidean distance.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_columns)
        Comparable columns; NaN where nothing is known.
    groups : ndarray of int of shape (n_rows,)
        Only rows of one group are compared.
    weights : ndarray of shape (n_columns,)
        Of each column's squared difference, at least 0.
    k : int
        How many; a row has fewer where its group does.
    least_known : float
        Rows are compared if they share columns of at least this part of all the weight. What
        they share then stands for all: the sum is divided by its part.

    Returns
    -------
    Nearest
        Of rows equally far, the first comes first.

    Examples
    --------
    >>> Z = np.array([[0.0, 0.0], [3.0, 4.0], [1.0, np.nan]])
    >>> found = nearest_rows(Z, np.zeros(3, dtype=int), np.ones(2), k=1)
    >>> found.neighbour, found.squared
    (array([2, 2, 0]), array([2., 8., 2.]))
    """
    row, neighbour, rank = (
        np.concatenate(part)
        for part in zip(
            (np.zeros(0, dtype=np.intp),) * 3,
            *_nearest(Z, groups, weights, k, least_known),
            strict=True,
        )
    )
    order = np.lexsort((rank, row))
    row, neighbour, rank = row[order], neighbour[order], rank[order]
    difference = Z[row] - Z[neighbour]
    known = np.isfinite(difference)
    share = (known * weights).sum(axis=1) / weights.sum()
    parts = weights * difference**2 / share[:, None]
    return Nearest(row, neighbour, rank, np.nansum(parts, axis=1), parts)


def _nearest(
    Z: Array, groups: Rows, weights: Array, k: int, least_known: float
) -> Iterator[tuple[Rows, Rows, Rows]]:
    """Yield row, neighbour and rank of some rows at a time."""
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        most = max(MOST_NUMBERS // len(members), 1)
        for some in gen_batches(len(members), most):
            own = np.arange(some.start, some.stop)
            far = _apart(Z[members[some]], Z[members], weights, least_known)
            far[np.arange(len(own)), own] = np.nan  # nobody is its own neighbour
            order = np.argsort(far, axis=1, kind="stable")[:, :k]  # NaN last
            at, place = np.nonzero(np.isfinite(np.take_along_axis(far, order, axis=1)))
            yield members[some][at], members[order[at, place]], place + 1


def _apart(some: Array, every: Array, weights: Array, least_known: float) -> Array:
    """Return mean squared differences, rounded, (n_some, n_every); NaN for too little in common.

    Column by column, not by products of rows: these lose the digits in which twins differ.
    """
    squared, known = np.zeros((2, len(some), len(every)))
    for one, other, weight in zip(some.T, every.T, weights, strict=True):
        difference = one[:, None] - other
        both = np.isfinite(difference)
        squared += weight * np.where(both, difference, 0.0) ** 2
        known += weight * both
    enough = (known > 0) & (known >= least_known * weights.sum() * (1 - 1e-9))
    mean = np.where(enough, squared / np.where(enough, known, 1.0), np.nan)
    return np.asarray(np.round(mean, TIED), dtype=float)
