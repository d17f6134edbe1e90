"""Between which limits does a series stay by itself?

`Limits` is what every control chart here ends in: a centre line and two limits for each
authority and period, how many values they rest on, and whether they may be trusted.
Beside it stand the parts that the charts share: the checked matrix, the stretches between
rebasings, and the baseline, the first published values of a stretch. How wide the limits
are is settled by each chart.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.intp]

OK = "ok"
TRIAL = "trial limits"  # of so few values that the next ones will move them
CONSTANT = "constant"  # all values behind the limits are equal, and the limits with them
TOO_FEW = "too few values"  # no limits can be had

FEWEST_FOR_LIMITS = 13  # published values: twelve to set limits by, one to hold against them
LARGEST = 1e100  # beyond it, sums and squares overflow


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of each authority and period, in the units of the matrix.

    Attributes
    ----------
    centre, lower, upper : ndarray of shape (n_authorities, n_periods)
        The centre line and the limits three standard deviations around it; NaN without limits.
    sigma : ndarray of the same shape
        The standard deviation by which the limits were set, before they were cut at 0 or 1.
    segment : ndarray of int, of the same shape
        Which stretch between two rebasings a period belongs to, from 0.
    n_values : ndarray of int, of the same shape
        On how many published values the limits rest.
    status : ndarray of str, of the same shape
        "ok", "trial limits", "constant" or "too few values".
    """

    centre: Array
    lower: Array
    upper: Array
    sigma: Array
    segment: Index
    n_values: Index
    status: NDArray[np.str_]


def as_matrix(X: ArrayLike, name: str = "X") -> Array:
    """Return an input as a matrix of numbers, authorities down, or say what is wrong with it."""
    matrix = np.asarray(X, dtype=float)
    if matrix.ndim != 2:
        raise UsageError(
            f"{name} has {matrix.ndim} dimensions: give authorities down and periods across, "
            "one series as [series]."
        )
    excess = np.argwhere(np.abs(matrix) > LARGEST)
    if len(excess):
        row, column = excess[0]
        raise UsageError(
            f"{name} holds values that are infinite or beyond 1e100: {len(excess)}, the first in "
            f"row {row}, period {column}. Leave NaN where nothing was published."
        )
    return matrix


def as_segments(rebase: ArrayLike | None, shape: tuple[int, ...]) -> Index:
    """Return the number of the stretch each value belongs to; each rebasing begins the next.

    Parameters
    ----------
    rebase : array-like of bool, of shape (n_periods,) or (n_authorities, n_periods), or None
        True where limits are to begin anew; None: nowhere.
    shape : tuple
        That of the matrix.

    Examples
    --------
    >>> as_segments([False, False, True, False], (1, 4))
    array([[0, 0, 1, 1]])
    """
    if rebase is None:
        return np.zeros(shape, dtype=np.intp)
    begins = np.asarray(rebase)
    if begins.dtype != bool or begins.shape not in (shape, shape[1:]):
        raise UsageError(
            f"rebase is {begins.dtype} of shape {begins.shape}: give true or false for each "
            f"period, {shape[1:]}, or for each authority and period, {shape}."
        )
    begins = np.broadcast_to(begins, shape).copy()
    begins[:, :1] = False
    return np.cumsum(begins, axis=1, dtype=np.intp)


def in_baseline(published: Mask, segment: Index, baseline: int | None) -> Mask:
    """Tell which values set the limits: the first of each stretch, or all if there is no baseline.

    Examples
    --------
    >>> published = np.array([[True, False, True, True, True, True]])
    >>> in_baseline(published, as_segments(None, (1, 6)), 3)
    array([[ True, False,  True,  True, False, False]])
    """
    if baseline is None:
        return published
    if isinstance(baseline, bool) or not isinstance(baseline, Integral) or baseline < 2:
        raise UsageError(f"baseline={baseline!r}: give a number of values, 2 or more, or None.")
    count = published.cumsum(axis=1)
    before = np.where(segment_starts(segment), count - published, 0)
    return published & (count - np.maximum.accumulate(before, axis=1) <= baseline)


def segment_starts(segment: Index) -> Mask:
    """Tell where a stretch begins, the first period included."""
    starts = np.ones(segment.shape, dtype=bool)
    starts[:, 1:] = segment[:, 1:] != segment[:, :-1]
    return starts


def segment_means(values: Array, counted: Mask, segment: Index) -> tuple[Array, Index]:
    """Return the mean of the counted values of each stretch, and how many they are.

    Both have the shape of the matrix. The mean of equal values is exactly that value.

    Examples
    --------
    >>> segment = as_segments([False, False, True], (1, 3))
    >>> segment_means(np.array([[1.0, 2.0, 9.0]]), np.ones((1, 3), dtype=bool), segment)[0]
    array([[1.5, 1.5, 9. ]])
    """
    mean = np.full(values.shape, np.nan)
    number = np.zeros(values.shape, dtype=np.intp)
    for k in range(int(segment.max(initial=-1)) + 1):
        here = counted & (segment == k)
        n = here.sum(axis=1, keepdims=True)
        # One after the other, so that what is published later changes no digit of it.
        total = np.where(here, values, 0.0).cumsum(axis=1)[:, -1:]
        least = np.where(here, values, np.inf).min(axis=1, keepdims=True, initial=np.inf)
        most = np.where(here, values, -np.inf).max(axis=1, keepdims=True, initial=-np.inf)
        average = np.clip(total / np.maximum(n, 1), np.minimum(least, most), most)
        mean = np.where((segment == k) & (n > 0), average, mean)
        number = np.where(segment == k, n, number)
    return mean, number


def limit_status(n_values: Index, n_published: Index, sigma: Array) -> NDArray[np.str_]:
    """Say of each limit whether it may be trusted.

    `n_values` values set it, of `n_published` in its stretch; `sigma` is its standard deviation.
    """
    trial = (n_published < FEWEST_FOR_LIMITS) | (n_values < FEWEST_FOR_LIMITS - 1)
    return np.select(
        [np.isnan(sigma), sigma == 0, trial], [TOO_FEW, CONSTANT, TRIAL], default=OK
    ).astype(str)
