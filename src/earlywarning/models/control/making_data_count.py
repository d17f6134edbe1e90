"""Which points call for a cause? The four rules of the NHS's Making Data Count.

`special_causes` finds where each of them holds. What a chart's limits are is settled before;
whether it is good news or bad, after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError
from earlywarning.models.control.limits import Array, Index, Limits, Mask, as_matrix, segment_starts
from earlywarning.models.control.streaks import in_window_ending, streak, window_count

Words = NDArray[np.str_]

# In the order in which a point that meets several is named.
RULES = ("beyond a limit", "trend", "two of three near a limit", "shift")
NEAR = 2.0  # standard deviations: from here to the limit a point is near it
TIE = 1e-9  # standard deviations: nearer than this to a line is on it, whatever the rounding


@dataclass(frozen=True, slots=True)
class SpecialCauses:
    """Where each rule holds: 1 above the centre line or rising, -1 below or falling, 0 not.

    Attributes
    ----------
    beyond, trend, two_of_three, shift : ndarray of int, of shape (n_authorities, n_periods)
        All points that make up a pattern are marked, not the last alone.
    direction : ndarray of int, of the same shape
        That of the first rule, in the order above, that holds.
    rule : ndarray of str, of the same shape
        The name of that rule; "" where none holds.
    """

    beyond: Index
    trend: Index
    two_of_three: Index
    shift: Index
    direction: Index
    rule: Words


def special_causes(X: ArrayLike, limits: Limits, *, points: Literal[6, 7] = 7) -> SpecialCauses:
    """Find the points that the four rules of Making Data Count call special cause variation.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        The values charted, in their published units.
    limits : Limits
        Their limits, of the same shape.
    points : {6, 7}, default=7
        How many points make a shift or a trend.

    Returns
    -------
    SpecialCauses
        Matrices of the same shape.

    Raises
    ------
    UsageError
        If `points` is neither 6 nor 7, or the shapes differ.

    Notes
    -----
    - beyond a limit: outside it;
    - shift: so many published values in a row on one side of the centre line;
    - trend: so many, each above (or each below) the one before;
    - two of three near a limit: three in a row on one side, two of them at least between 2
      and 3 standard deviations out; those two are marked.

    A gap ends a row, and so does a rebasing. NHS England, Making Data Count; conventions as
    in NHSRplotthedots 0.2.2.

    Examples
    --------
    >>> from earlywarning.models.control.xmr import xmr_limits
    >>> X = np.array([[5.0, 3, 4, 5, 3, 1, 2, 3, 4, 5, 6, 7, 3, 5, 4, 4]])
    >>> special_causes(X, xmr_limits(X)).trend
    array([[0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]])
    """
    matrix = as_matrix(X)
    if points not in (6, 7):
        raise UsageError(f"points={points!r}: a shift or a trend has 6 or 7 points.")
    if matrix.shape != limits.centre.shape:
        raise UsageError(f"X is {matrix.shape}, its limits are {limits.centre.shape}.")
    starts = segment_starts(limits.segment)
    side = side_of_centre(matrix, limits)
    rules = (
        _beyond(matrix, limits),
        _trend(matrix, starts, points),
        _two_of_three(matrix, limits, side, starts),
        _shift(side, starts, points),
    )
    holds = [rule != 0 for rule in rules]
    direction = np.select(holds, rules, default=0)
    return SpecialCauses(*rules, direction, np.select(holds, RULES, default="").astype(str))


def side_of_centre(matrix: Array, limits: Limits) -> Index:
    """Return on which side of the centre line a value lies: 1, -1, or 0 on it and in gaps."""
    distance = matrix - limits.centre
    with np.errstate(invalid="ignore"):
        off = np.abs(distance) > TIE * limits.sigma
    return np.where(off, np.sign(np.where(off, distance, 0.0)), 0.0).astype(np.intp)


def _beyond(matrix: Array, limits: Limits) -> Index:
    edge = TIE * limits.sigma
    with np.errstate(invalid="ignore"):
        above, below = matrix > limits.upper + edge, matrix < limits.lower - edge
    return above.astype(np.intp) - below


def _two_of_three(matrix: Array, limits: Limits, side: Index, starts: Mask) -> Index:
    with np.errstate(invalid="ignore"):
        far = np.abs(matrix - limits.centre) > (NEAR + TIE) * limits.sigma
    near = far & (_beyond(matrix, limits) == 0)
    marks = np.zeros(matrix.shape, dtype=np.intp)
    for way in (1, -1):
        ends = (streak(side == way, starts) >= 3) & (window_count(near, 3) >= 2)
        marks += way * (in_window_ending(ends, 3) & near)
    return marks


def _shift(side: Index, starts: Mask, points: int) -> Index:
    marks = np.zeros(side.shape, dtype=np.intp)
    for way in (1, -1):
        marks += way * in_window_ending(streak(side == way, starts) >= points, points)
    return marks


def _trend(matrix: Array, starts: Mask, points: int) -> Index:
    """Mark trends; a point that ends one and begins another belongs to the later."""
    step = np.zeros(matrix.shape)
    step[:, 1:] = np.diff(matrix, axis=1)
    step[starts] = np.nan
    rising, falling = (
        in_window_ending(streak(way * step > 0, starts) >= points - 1, points) for way in (1, -1)
    )
    next_rises = np.zeros(matrix.shape, dtype=bool)
    next_rises[:, :-1] = step[:, 1:] > 0
    both = rising & falling
    up = np.where(both, next_rises, rising)
    down = np.where(both, ~next_rises, falling)
    return up.astype(np.intp) - down
