"""Is a value outside what this series does by itself, from one period to the next?

The chart of individual values and moving ranges (XmR), as the NHS's Making Data Count
draws it. `xmr_limits` holds the arithmetic on a matrix; `XmR` gives each value's distance
in limits. A gap is neither bridged nor filled: the two steps beside it have no moving range.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from earlywarning.errors import UsageError
from earlywarning.models.control.limits import (
    Array,
    Index,
    Limits,
    Mask,
    as_matrix,
    as_segments,
    in_baseline,
    limit_status,
    segment_means,
)
from earlywarning.models.estimator import MatrixTransformer

RANGE_TO_LIMIT = 2.66  # mean moving ranges from the mean to a limit, as the NHS rounds 3 / 1.128
SCREEN = 3.267  # mean moving ranges; a longer step is no part of what is usual (Nelson 1982)

Screening = Literal["screened", "all"]


def xmr_limits(
    X: ArrayLike,
    *,
    baseline: int | None = None,
    moving_ranges: Screening = "screened",
    rebase: ArrayLike | None = None,
    range_to_limit: float = RANGE_TO_LIMIT,
) -> Limits:
    """Compute the natural process limits of each series (XmR chart).

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        Values in the units of the metric, oldest period first, NaN where nothing is published.
    baseline : int, optional
        Limits are set by so many first published values of a stretch, and held from there
        on; without it by all, the newest included.
    moving_ranges : {"screened", "all"}, default="screened"
        Whether moving ranges above 3.267 times their mean are left out of the mean, once.
    rebase : array-like of bool, of shape (n_periods,) or (n_authorities, n_periods), optional
        True where limits begin anew; nothing is rebased that is not named here.
    range_to_limit : float, default=2.66
        Mean moving ranges from the centre line to a limit; 3 / 1.128379 is the unrounded one.

    Returns
    -------
    Limits
        Arrays of shape (n_authorities, n_periods), in the same units. Limits stand in gaps too.

    Raises
    ------
    UsageError
        If an option is none, or a value infinite.

    Notes
    -----
    Sigma is a third of the distance from centre line to limit. Nelson, L. S. (1982), Control
    charts for individual measurements, Journal of Quality Technology 14, 172-173.

    Examples
    --------
    >>> limits = xmr_limits([[4.0, 6.0, 5.0, np.nan, 5.0]])
    >>> [round(float(line[0, 0]), 2) for line in (limits.lower, limits.centre, limits.upper)]
    [1.01, 5.0, 8.99]
    >>> str(limits.status[0, 0])
    'trial limits'
    """
    matrix = as_matrix(X)
    segment = as_segments(rebase, matrix.shape)
    published = np.isfinite(matrix)
    counted = in_baseline(published, segment, baseline)
    centre, n_values = segment_means(matrix, counted, segment)
    sigma = mean_moving_range(matrix, counted, segment, moving_ranges) * (range_to_limit / 3)
    centre = np.where(np.isnan(sigma), np.nan, centre)
    n_published = segment_means(matrix, published, segment)[1]
    status = limit_status(n_values, n_published, sigma)
    return Limits(centre, centre - 3 * sigma, centre + 3 * sigma, sigma, segment, n_values, status)


def mean_moving_range(
    values: Array, counted: Mask, segment: Index, moving_ranges: Screening
) -> Array:
    """Return the mean step between counted neighbours of a stretch, in the shape of the matrix.

    Examples
    --------
    >>> values, everywhere = np.array([[1.0, 2.0, 9.0, 9.5]]), np.ones((1, 4), dtype=bool)
    >>> mean_moving_range(values, everywhere, np.array([[0, 0, 1, 1]]), "all")
    array([[1. , 1. , 0.5, 0.5]])
    """
    step = np.zeros(values.shape)
    step[:, 1:] = np.abs(np.diff(values, axis=1))
    return mean_step(step, counted, segment, moving_ranges)


def mean_step(step: Array, counted: Mask, segment: Index, moving_ranges: Screening) -> Array:
    """Return the mean of given steps, each from the period before, as `mean_moving_range` does.

    Examples
    --------
    >>> step, everywhere = np.array([[0.0] + [1.0] * 9 + [40.0]]), np.ones((1, 11), dtype=bool)
    >>> segment = np.zeros((1, 11), dtype=int)
    >>> mean_step(step, everywhere, segment, "screened")[0, 0].item()
    1.0
    """
    if moving_ranges not in ("screened", "all"):
        raise UsageError(f"moving_ranges={moving_ranges!r}: give 'screened' or 'all'.")
    there = np.zeros(step.shape, dtype=bool)
    there[:, 1:] = counted[:, 1:] & counted[:, :-1] & (segment[:, 1:] == segment[:, :-1])
    mean, _ = segment_means(step, there, segment)
    if moving_ranges == "all":
        return mean
    with np.errstate(invalid="ignore"):
        usual = there & (step <= SCREEN * mean)
    return segment_means(step, usual, segment)[0]


class XmR(MatrixTransformer):
    """Distance of each value from the centre line of its own series, in limits.

    Parameters
    ----------
    baseline : int or None, default=12
        Limits are set by so many first published values of a series; None: by all.
    moving_ranges : {"screened", "all"}, default="screened"
        Whether unusually long steps are left out of the mean moving range.

    Attributes
    ----------
    limits_ : Limits
        Those of the series fitted, of shape (n_authorities, n_periods).

    Notes
    -----
    A series that is transformed is held against its own baseline, whether it was fitted or
    not: nothing passes from one authority to another.

    Examples
    --------
    >>> X = np.array([[4.0, 6.0, 5.0, 6.0, 4.0, 9.0]])
    >>> XmR(baseline=5).fit_transform(X).round(2)
    array([[-0.25,  0.25,  0.  ,  0.25, -0.25,  1.  ]])
    """

    def __init__(self, *, baseline: int | None = 12, moving_ranges: Screening = "screened"):
        self.baseline = baseline
        self.moving_ranges = moving_ranges

    def fit(self, X: ArrayLike, y: None = None) -> XmR:
        """Learn the limits of each series from its baseline."""
        self.limits_ = self._limits(self._as_fitted(X))
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Return the scores, (n_authorities, n_periods): 0 expected, 1 and -1 at the limits.

        NaN in gaps and without limits. On limits without width (a constant baseline) a value
        that equals them scores 0, and any other is infinitely far out.
        """
        matrix = self._as_judged(X)
        limits = self._limits(matrix)
        return in_limits(matrix - limits.centre, 3 * limits.sigma)

    def _limits(self, matrix: Array) -> Limits:
        return xmr_limits(matrix, baseline=self.baseline, moving_ranges=self.moving_ranges)


def in_limits(distance: Array, width: Array) -> Array:
    """Return distances in units of a width; where that is 0, 0 or infinity with the sign.

    Examples
    --------
    >>> in_limits(np.array([1.0, 0.0, -1.0]), np.array([2.0, 0.0, 0.0]))
    array([ 0.5,  0. , -inf])
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        score = distance / width
    return np.where((width == 0) & (distance == 0), 0.0, score)
