"""Which points break the rules of the Western Electric handbook, or Nelson's eight?

Rules that other readers of charts expect, on any chart's limits. Here a point is marked at
which a pattern is complete, not all the points that make it up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.models.control.limits import Array, Limits, Mask, as_matrix, segment_starts
from earlywarning.models.control.streaks import count_since, streak, window_count


def western_electric(X: ArrayLike, limits: Limits) -> NDArray[np.bool_]:
    """Mark the points at which one of the four Western Electric rules is met.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        The values charted.
    limits : Limits
        Their limits, of the same shape.

    Returns
    -------
    ndarray of bool, of shape (4, n_authorities, n_periods)
        1: beyond 3 standard deviations; 2: the second beyond 2 on one side, of 3 points; 3: the
        fourth beyond 1 on one side, of 5; 4: the eighth in a row on one side.

    Notes
    -----
    Western Electric (1956), Statistical Quality Control Handbook. A gap and a rebasing end
    every row of points.

    Examples
    --------
    >>> from earlywarning.models.control.xmr import xmr_limits
    >>> X = np.array([[1.0, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3.8, 3.9]])
    >>> western_electric(X, xmr_limits(X, baseline=12))[1, 0, 11:]
    array([False, False,  True])
    """
    z, starts = _scores(X, limits)
    return np.stack(
        [
            _some_of(z, starts, (1, 1), 3.0),
            _some_of(z, starts, (2, 3), 2.0),
            _some_of(z, starts, (4, 5), 1.0),
            _in_a_row(z, starts, 8),
        ]
    )


def nelson(X: ArrayLike, limits: Limits) -> NDArray[np.bool_]:
    """Mark the points at which one of Nelson's eight rules is met.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        The values charted.
    limits : Limits
        Their limits, of the same shape.

    Returns
    -------
    ndarray of bool, of shape (8, n_authorities, n_periods)
        1: beyond 3 standard deviations; 2: the ninth in a row on one side; 3: the sixth that
        steadily rises or falls; 4: the fourteenth that alternates; 5 and 6: rules 2 and 3 of
        Western Electric; 7: the fifteenth in a row within 1; 8: the eighth in a row beyond 1,
        on either side.

    Notes
    -----
    Nelson, L. S. (1984), The Shewhart control chart: tests for special causes, Journal of
    Quality Technology 16, 237-239.

    Examples
    --------
    >>> from earlywarning.models.control.xmr import xmr_limits
    >>> X = np.array([[1.0, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]])
    >>> nelson(X, xmr_limits(X))[3, 0, -2:]
    array([False,  True])
    """
    z, starts = _scores(X, limits)
    with np.errstate(invalid="ignore"):
        inside, outside = np.abs(z) < 1, np.abs(z) > 1
    step = np.full(z.shape, np.nan)
    step[:, 1:] = np.diff(as_matrix(X), axis=1)
    step[starts] = np.nan
    steady = (streak(step > 0, starts) >= 5) | (streak(step < 0, starts) >= 5)
    return np.stack(
        [
            _some_of(z, starts, (1, 1), 3.0),
            _in_a_row(z, starts, 9),
            steady,
            _alternating(step, starts),
            _some_of(z, starts, (2, 3), 2.0),
            _some_of(z, starts, (4, 5), 1.0),
            streak(inside, starts) >= 15,
            streak(outside, starts) >= 8,
        ]
    )


def _scores(X: ArrayLike, limits: Limits) -> tuple[Array, Mask]:
    """Return the standard scores, NaN in gaps, and where a stretch begins."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        z = (as_matrix(X) - limits.centre) / limits.sigma
    return z, segment_starts(limits.segment)


def _some_of(z: Array, starts: Mask, some_of: tuple[int, int], far: float) -> Mask:
    """Mark points beyond `far` that are the last of so many on their side, of so many points."""
    some, points = some_of
    breaks = starts | np.isnan(z)
    marks = np.zeros(z.shape, dtype=bool)
    for way in (1, -1):
        there = way * z > far
        n = np.minimum(window_count(there, points), count_since(there, breaks))
        marks |= there & (n >= some)
    return marks


def _in_a_row(z: Array, starts: Mask, points: int) -> Mask:
    return np.asarray((streak(z > 0, starts) >= points) | (streak(z < 0, starts) >= points))


def _alternating(step: Array, starts: Mask) -> Mask:
    """Mark the fourteenth point of those that go up and down by turns: thirteen steps."""
    turns = np.zeros(step.shape, dtype=bool)
    turns[:, 1:] = step[:, 1:] * step[:, :-1] < 0
    return np.asarray(streak(turns, starts) >= 12)
