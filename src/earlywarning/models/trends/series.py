"""Which series may be asked for a trend? Numbers with gaps, at times that rise.

`as_series` and `as_times` check what comes in at the door; `in_blocks` cuts many rows
into as many at a time as memory should hold.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError

Array = NDArray[np.float64]

LARGEST = 1e150  # a difference of two values, and its square, must still be a number
BLOCK = 2**20  # numbers held at once for each intermediate result: 8 MB


def as_series(X: ArrayLike) -> Array:
    """Return the series as a matrix of numbers, or say what is wrong with them.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        Series, newest period last, NaN in gaps.

    Returns
    -------
    ndarray of shape (n_authorities, n_periods)
        The same, as floats.

    Raises
    ------
    UsageError
        If it is no matrix, or values are infinite or beyond 1e150.

    Examples
    --------
    >>> as_series([[1, 2, None]])
    array([[ 1.,  2., nan]])
    """
    matrix = np.asarray(X, dtype=float)
    if matrix.ndim != 2:
        raise UsageError(
            f"The series have {matrix.ndim} dimension(s): give a matrix, authorities down and "
            "periods across; reshape(1, -1) makes one of a single series."
        )
    too_large = int((np.abs(matrix) > LARGEST).sum())
    if too_large:
        raise UsageError(
            f"Values that are infinite or beyond {LARGEST:g}: {too_large}. "
            "Give NaN where nothing is published."
        )
    return matrix


def as_times(times: ArrayLike | None, n_periods: int) -> Array:
    """Return when the periods ended, one release interval apart where nothing is said.

    Parameters
    ----------
    times : array-like of shape (n_periods,), optional
        Times, rising, in any unit.
    n_periods : int
        How many there must be.

    Returns
    -------
    ndarray of shape (n_periods,)
        The times as floats.

    Raises
    ------
    UsageError
        If there are more or fewer, or they do not rise.

    Examples
    --------
    >>> as_times(None, 3)
    array([0., 1., 2.])
    """
    if times is None:
        return np.arange(float(n_periods))
    found = np.asarray(times, dtype=float)
    if found.shape != (n_periods,):
        raise UsageError(
            f"times has shape {found.shape}; it must have one time a period: {n_periods}."
        )
    if not (np.isfinite(found).all() and (np.abs(found) <= LARGEST).all()):
        raise UsageError("times holds values that are no times: missing, infinite or beyond 1e150.")
    if not (np.diff(found) > 0).all():
        raise UsageError("times must rise from period to period, the newest last.")
    return found


def in_blocks(n_rows: int, width: int) -> Iterator[slice]:
    """Yield slices that cover the rows, each small enough for so many numbers a row.

    Examples
    --------
    >>> [block.start for block in in_blocks(5, width=BLOCK // 2)]
    [0, 2, 4]
    """
    rows = max(1, BLOCK // max(width, 1))
    for start in range(0, n_rows, rows):
        yield slice(start, start + rows)


def last_known(X: Array) -> NDArray[np.intp]:
    """Return, for each period, the column of the newest known value before it; -1 where none.

    Examples
    --------
    >>> last_known(np.array([[5.0, np.nan, 7.0, 8.0]]))
    array([[-1,  0,  0,  2]])
    """
    columns = np.where(np.isfinite(X), np.arange(X.shape[1]), -1)
    before = np.full(X.shape, -1, dtype=np.intp)
    if X.shape[1] > 1:
        before[:, 1:] = np.maximum.accumulate(columns[:, :-1], axis=1)
    return before
