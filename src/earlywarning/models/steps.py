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

from earlywarning.models.robust import MAD_TO_SIGMA, MEDIAN_VARIANCE, SAME, mad

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
    measured = np.array([_step(X[k, i], X[k, j]) for k, (i, j) in zip(there.T, pairs, strict=True)])
    level, error, spread, order = measured.reshape(-1, 4).T
    rounding = _resolution((X[:, after] - X[:, before])[there])
    return Steps(
        before, after, there.sum(axis=0), level, np.maximum(error, rounding), spread, order
    )


def _step(old: Array, new: Array) -> tuple[float, float, float, float]:
    """Return one step's median change, its error, the change of spread, and the order kept."""
    change = new - old
    error = max(np.sqrt(MEDIAN_VARIANCE / change.size) * mad(change), _reach(change))
    away = [np.abs(values - np.median(values)) for values in (old, new)]
    usual = max(float(np.median(x[x > 0])) if x.any() else 0.0 for x in away)
    was, wide = (np.minimum(x, FAR * MAD_TO_SIGMA * usual).mean() for x in away)
    spread = np.log(wide / was) if wide > 0 and was > 0 else 0.0
    ranks = [rank - rank.mean() for rank in (rankdata(old), rankdata(new))]
    size = np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum())
    correlation = (ranks[0] * ranks[1]).sum() / size if size > 0 else 1.0
    most = 1 - 1 / change.size**2
    return float(np.median(change)), float(error), float(spread), float(
        np.arctanh(np.clip(correlation, -most, most))
    )  # fmt: skip


def _reach(changes: Array) -> float:
    """Return half the distance between the changes a standard error either side of the median.

    Their deviations say nothing of the median's error where many changes are equal.
    """
    ordered, n = np.sort(changes), changes.size
    low = int((n - np.sqrt(n)) / 2)
    return float(ordered[n - 1 - low] - ordered[low]) / 2


def _resolution(changes: Array) -> float:
    """Return the least difference between two changes: coarse where values are rounded."""
    gaps = np.diff(np.sort(changes))
    apart = gaps[gaps > SAME * np.abs(changes).max(initial=np.finfo(float).tiny)]
    return float(apart.min()) if apart.size else 0.0
