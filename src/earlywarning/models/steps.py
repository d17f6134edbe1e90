"""What did all authorities of a metric do from each period to the next?

How far they moved in the middle, and how their spread and their order changed. Periods
that hardly anyone published are stepped over.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from earlywarning.models.robust import (
    MAD_TO_SIGMA,
    MEDIAN_VARIANCE,
    SAME,
    column_mad,
    column_median,
)

Array = NDArray[np.float64]

FEWEST_AUTHORITIES = 10  # with a value on both sides; a step of fewer says nothing of a metric
FAR = 3.0  # usual distances, as those of normal values: beyond, a distance counts as no more


@dataclass(frozen=True, slots=True)
class Steps:
    """What all authorities did from each period to the next that has values; k steps.

    Attributes
    ----------
    before, after : ndarray of int of shape (k,)
        Columns between which each step is.
    n : ndarray of int of shape (k,)
        Authorities with a value on both sides.
    level : ndarray of shape (k,)
        Their median change, in the units of the metric.
    error : ndarray of shape (k,)
        Its sampling error, by the deviations and by the changes next to the median, and what
        rounded values leave unsaid.
    spread : ndarray of shape (k,)
        Logarithm of how far they spread after over before: their mean distance from the
        median, none beyond three usual ones. Usual is the median distance of those who are
        not on it, that of the wider period: where half are alike (zero), the median of all
        is next to nothing in one period and not in the other.
    order : ndarray of shape (k,)
        Their rank correlation, by Fisher's transform.
    """

    before: NDArray[np.intp]
    after: NDArray[np.intp]
    n: NDArray[np.intp]
    level: Array
    error: Array
    spread: Array
    order: Array


def steps_of(X: Array) -> Steps:
    """Measure what all authorities did from each period to the next that has values.

    Parameters
    ----------
    X : ndarray of shape (n_authorities, n_periods)
        One metric; NaN where nothing is published.

    Returns
    -------
    Steps
        Steps with fewer than 10 authorities on both sides are left out.

    Examples
    --------
    >>> X = np.arange(12.0)[:, None] * [1.0, 2.0, np.nan, 2.0] + [0.0, 0.0, 0.0, 5.0]
    >>> found = steps_of(X)
    >>> found.before, found.after, found.level
    (array([0, 1]), array([1, 3]), array([5.5, 5. ]))
    """
    known = np.isfinite(X)
    columns = np.flatnonzero(known.sum(axis=0) >= FEWEST_AUTHORITIES)
    pairs = [
        (old, new)
        for old, new in pairwise(columns)
        if (known[:, old] & known[:, new]).sum() >= FEWEST_AUTHORITIES
    ]
    before, after = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    there = known[:, before] & known[:, after]
    old, new = (np.where(there, X[:, side], np.nan) for side in (before, after))
    change, n = new - old, there.sum(axis=0)
    error = np.maximum(np.sqrt(MEDIAN_VARIANCE / n) * column_mad(change), _reach(change, n))
    error = np.maximum(error, _resolution(change[there]))
    order = _order_kept(old, new, there)
    spread = _spread(old, new, n)
    return Steps(before, after, n, column_median(change), error, spread, order)


def _order_kept(old: Array, new: Array, there: NDArray[np.bool_]) -> Array:
    """Return each step's rank correlation, by Fisher's transform; 1 where all are equal."""
    n = there.sum(axis=0)
    # Missing values rank last and take no part; the known ranks are 1 to n.
    was, now = (
        np.where(there, rankdata(np.where(there, side, np.inf), axis=0) - (n + 1) / 2, 0.0)
        for side in (old, new)
    )
    size = np.sqrt((was**2).sum(axis=0) * (now**2).sum(axis=0))
    correlation = np.where(size > 0, (was * now).sum(axis=0) / np.where(size > 0, size, 1.0), 1.0)
    most = 1 - 1 / n**2
    return np.asarray(np.arctanh(np.clip(correlation, -most, most)))


def _spread(old: Array, new: Array, n: NDArray[np.intp]) -> Array:
    """Return the log of how much farther from their median the values of each step lie after it.

    No one's distance counts beyond the same multiple of the usual one on either side.
    """
    away = [np.abs(side - column_median(side)) for side in (old, new)]
    usual = [np.nan_to_num(column_median(np.where(far > 0, far, np.nan))) for far in away]
    most = FAR * MAD_TO_SIGMA * np.maximum(*usual)
    was, wide = (np.nansum(np.minimum(far, most), axis=0) / n for far in away)
    both = (wide > 0) & (was > 0)
    return np.where(both, np.log(np.where(both, wide, 1.0) / np.where(both, was, 1.0)), 0.0)


def _reach(changes: Array, n: NDArray[np.intp]) -> Array:
    """Return half the distance between the changes a standard error either side of each median.

    Their deviations say nothing of the median's error where many changes are equal.
    """
    ordered, column = np.sort(changes, axis=0), np.arange(changes.shape[1])
    low = ((n - np.sqrt(n)) / 2).astype(np.intp)
    return np.asarray((ordered[n - 1 - low, column] - ordered[low, column]) / 2)


def _resolution(changes: Array) -> float:
    """Return the least difference between two changes: coarse where values are rounded."""
    gaps = np.diff(np.sort(changes))
    apart = gaps[gaps > SAME * np.abs(changes).max(initial=np.finfo(float).tiny)]
    return float(apart.min()) if apart.size else 0.0
