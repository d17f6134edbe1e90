"""Did one series keep its level? The classical tests, for reference.

OLS-CUSUM looks at how far a series strays from its own mean, supF at the best place to
cut it in two. Both ask for dozens of independent values: with the 5 to 15 of a yearly
metric, or with noise that has memory, take `change` and `breaks` instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gamma, kolmogorov

from earlywarning.errors import UsageError

Array = NDArray[np.float64]

FEWEST_PERIODS = 4
TRIM = 0.15  # share of the periods at either end where no cut is looked for
SMALL = 1e-20  # of a series' squares: what is left below that is rounding


@dataclass(frozen=True, slots=True)
class Constancy:
    """One test of each series; arrays of shape (n_series,), NaN below 4 values or without noise.

    Attributes
    ----------
    statistic, p : ndarray
        The test's statistic, and its p-value in a long series.
    period : ndarray of int
        Column of the last value before the likeliest break; -1 without one.
    """

    statistic: Array
    p: Array
    period: NDArray[np.intp]


def ols_cusum(X: ArrayLike) -> Constancy:
    """Test each series by the largest sum of its distances from its mean (OLS-CUSUM).

    Parameters
    ----------
    X : array-like of shape (n_series, n_periods)
        Series, oldest period first; NaN or infinite values are passed over.

    Returns
    -------
    Constancy

    Raises
    ------
    UsageError
        If X is not two-dimensional.

    Notes
    -----
    Ploberger, W. and Kraemer, W. (1992), The CUSUM test with OLS residuals, Econometrica
    60, 271-285. p is that of the largest absolute value of a Brownian bridge.

    Examples
    --------
    >>> found = ols_cusum([[1.0, 2.0, 1.0, 2.0, 8.0, 9.0, 8.0, 9.0]])
    >>> found.statistic.round(3), found.period
    (array([1.31]), array([3]))
    """
    y, known, n = _centred(X)
    total = (y**2).sum(axis=1)
    path = np.where(known, np.abs(np.cumsum(y, axis=1)), -1.0)
    usable = _varies(total, y, X) & (n >= FEWEST_PERIODS)
    sigma = np.sqrt(np.where(usable, total, 1.0) / np.maximum(n - 1, 1))
    period = path.argmax(axis=1) if y.shape[1] else np.zeros(len(y), dtype=np.intp)
    highest = path.max(axis=1, initial=0.0) / (sigma * np.sqrt(np.maximum(n, 1)))
    return _found(usable, highest, kolmogorov(highest), period)


def sup_f(X: ArrayLike, *, trim: float = TRIM) -> Constancy:
    """Test each series by its best cut into two levels (Andrews's supF).

    Parameters
    ----------
    X : array-like of shape (n_series, n_periods)
        Series, oldest period first; NaN or infinite values are passed over.
    trim : float, default=0.15
        Share of a series' values at either end where no cut is looked for.

    Returns
    -------
    Constancy

    Raises
    ------
    UsageError
        If X is not two-dimensional, or the trim not above 0 and below 0.5.

    Notes
    -----
    Andrews, D. W. K. (1993), Tests for parameter instability and structural change with
    unknown change point, Econometrica 61, 821-856. p by the tail of DeLong (1981) as
    given by Estrella, A. (2003), Critical values and p values of Bessel process
    distributions, Econometric Theory 19, 1128-1143; good below 0.1.

    Examples
    --------
    >>> found = sup_f([[1.0, 2.0, 1.0, 2.0, 8.0, 9.0, 8.0, 9.0]])
    >>> found.statistic.round(1), found.period
    (array([294.]), array([3]))
    """
    if not 0 < trim < 0.5:
        raise UsageError(f"trim={trim!r}: give a share above 0 and below 0.5, such as {TRIM}.")
    y, known, n = _centred(X)
    total = (y**2).sum(axis=1)
    left = np.cumsum(known, axis=1)
    right = n[:, None] - left
    fewest = np.maximum(np.floor(trim * n + 1e-9), 1)[:, None]
    allowed = known & (left >= fewest) & (right >= fewest)
    gained = np.cumsum(y, axis=1) ** 2 * (1 / np.maximum(left, 1) + 1 / np.maximum(right, 1))
    gained = np.where(allowed, gained, -1.0)
    period = gained.argmax(axis=1) if y.shape[1] else np.zeros(len(y), dtype=np.intp)
    most = np.maximum(gained.max(axis=1, initial=0.0), 0.0)
    usable = _varies(total, y, X) & (n >= FEWEST_PERIODS)
    rest = np.maximum(total - most, SMALL * np.where(usable, total, 1.0))
    highest = most * (n - 2) / np.where(usable, rest, 1.0)
    return _found(usable, highest, _andrews_tail(highest, trim), period)


def _centred(X: ArrayLike) -> tuple[Array, NDArray[np.bool_], NDArray[np.intp]]:
    """Return each series less its mean, 0 in gaps; where it is known; and how often."""
    matrix = np.asarray(X, dtype=float)
    if matrix.ndim != 2:
        raise UsageError(f"X has {matrix.ndim} dimensions: give series down, periods across.")
    known = np.isfinite(matrix)
    n = known.sum(axis=1)
    y = np.where(known, matrix, 0.0)
    mean = y.sum(axis=1) / np.maximum(n, 1)
    return np.where(known, y - mean[:, None], 0.0), known, n


def _varies(total: Array, y: Array, X: ArrayLike) -> NDArray[np.bool_]:
    """Return which series differ from their mean by more than rounding."""
    size = np.nan_to_num(np.asarray(X, dtype=float), nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(total > SMALL * ((size**2).sum(axis=1) + (y**2).sum(axis=1)))


def _andrews_tail(x: Array, trim: float) -> Array:
    """Return the chance of a larger supF where one level is tested, in a long series."""
    x = np.maximum(x, 1.0)
    log = 2 * np.log((1 - trim) / trim)
    tail = np.sqrt(x / 2) * np.exp(-x / 2) / gamma(0.5) * ((1 - 1 / x) * log + 2 / x)
    return np.asarray(np.minimum(tail, 1.0))


def _found(
    usable: NDArray[np.bool_], statistic: Array, p: Array, period: NDArray[np.intp]
) -> Constancy:
    return Constancy(
        np.where(usable, statistic, np.nan),
        np.where(usable, p, np.nan),
        np.where(usable, period, -1).astype(np.intp),
    )
