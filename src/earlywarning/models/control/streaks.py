"""For how long has something been so?

Counts of neighbouring periods for which a condition holds, on a matrix of true and false.
A gap is a period for which nothing holds, so it ends a count; so does a new stretch.
"""

from __future__ import annotations

import numpy as np

from earlywarning.models.control.limits import Index, Mask


def streak(holds: Mask, starts: Mask) -> Index:
    """Count the periods in a row, this one the last, for which a condition holds.

    Parameters
    ----------
    holds : ndarray of bool, of shape (n_authorities, n_periods)
        Where the condition holds.
    starts : ndarray of bool, of the same shape
        Where counting begins anew.

    Returns
    -------
    ndarray of int, of the same shape
        0 where the condition does not hold.

    Examples
    --------
    >>> holds = np.array([[True, True, False, True, True, True]])
    >>> streak(holds, np.array([[True, False, False, False, False, True]]))
    array([[1, 2, 0, 1, 2, 1]])
    """
    count = holds.cumsum(axis=1)
    before = np.where(starts | ~holds, count - (starts & holds), 0)
    return np.asarray(count - np.maximum.accumulate(before, axis=1))


def in_window_ending(ends: Mask, n_periods: int) -> Mask:
    """Mark all periods of the windows that end where `ends` is true.

    Examples
    --------
    >>> in_window_ending(np.array([[False, False, True, False]]), 2)
    array([[False,  True,  True, False]])
    """
    inside = ends.copy()
    for back in range(1, min(n_periods, ends.shape[1])):
        inside[:, :-back] |= ends[:, back:]
    return inside


def window_count(holds: Mask, n_periods: int) -> Index:
    """Count for how many of the last `n_periods`, this one included, a condition holds.

    Examples
    --------
    >>> window_count(np.array([[True, False, True, True]]), 3)
    array([[1, 1, 2, 2]])
    """
    count = holds.cumsum(axis=1)
    earlier = np.zeros_like(count)
    earlier[:, n_periods:] = count[:, :-n_periods]
    return np.asarray(count - earlier)


def count_since(holds: Mask, breaks: Mask) -> Index:
    """Count for how many periods, this one included, a condition has held since the last break.

    Examples
    --------
    >>> holds = np.array([[True, True, False, False, True]])
    >>> count_since(holds, np.array([[True, False, False, True, False]]))
    array([[1, 2, 2, 0, 1]])
    """
    count = holds.cumsum(axis=1)
    return np.asarray(count - np.maximum.accumulate(np.where(breaks, count - holds, 0), axis=1))
