"""How sure is one share, rate or mean by itself?

Wilson's and the exact interval of a share, Byar's and the exact interval of a count,
and Student's of a mean. Each knows one authority's own chance only; what authorities
differ in beyond chance is the matter of `overdispersion`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, gammainccinv, gammaincinv, ndtri, stdtrit

from earlywarning.errors import UsageError

Array = NDArray[np.float64]
Limits = tuple[Array, Array]

FEW_CASES = 10  # below it Byar's approximation is left for the exact interval


def wilson(cases: ArrayLike, whole: ArrayLike, *, coverage: float = 0.95) -> Limits:
    """Compute Wilson's score interval of a share.

    Parameters
    ----------
    cases, whole : array-like
        Numerator and denominator, of shapes that broadcast; need not be whole numbers.
    coverage : float, default=0.95
        How often the interval holds the truth.

    Returns
    -------
    lower, upper : ndarray
        Shares from 0 to 1; NaN where either is missing, the whole is not above 0, or the
        cases are fewer than none or more than the whole.

    Raises
    ------
    UsageError
        If the coverage is not between 0 and 1.

    Notes
    -----
    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical
    inference, Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> lower, upper = wilson(65, 100)
    >>> lower.round(4), upper.round(4)
    (np.float64(0.5525), np.float64(0.7364))
    """
    x, n = _share(cases, whole)
    z = -ndtri(tail_of(coverage))
    upper = (2 * x + z**2 + z * np.sqrt(z**2 + 4 * x * (1 - x / n))) / (2 * (n + z**2))
    # The other root by their product: their difference would lose the digits of a small share.
    return x / n * (x / (n + z**2)) / upper, upper


def exact_share(cases: ArrayLike, whole: ArrayLike, *, coverage: float = 0.95) -> Limits:
    """Compute the exact interval of a share (Clopper and Pearson 1934).

    Shapes, units, NaN and errors are those of `wilson`.

    Examples
    --------
    >>> exact_share(0, 10)[1].round(4)
    np.float64(0.3085)
    """
    x, n = _share(cases, whole)
    tail = tail_of(coverage)
    with np.errstate(invalid="ignore"):
        lower = np.where(x > 0, betaincinv(np.where(x > 0, x, 1.0), n - x + 1, tail), 0.0)
        upper = np.where(x < n, betaincinv(x + 1, np.where(x < n, n - x, 1.0), 1 - tail), 1.0)
    missing = np.isnan(x + n)
    return np.where(missing, np.nan, lower), np.where(missing, np.nan, upper)


def byars(cases: ArrayLike, *, coverage: float = 0.95) -> Limits:
    """Compute Byar's approximate interval of a count.

    Parameters
    ----------
    cases : array-like
        Counts; need not be whole numbers.
    coverage : float, default=0.95
        How often the interval holds the truth.

    Returns
    -------
    lower, upper : ndarray
        Counts; NaN where the count is missing or below 0, and a lower limit also where
        the approximation would fall below 0: take `exact_count` for so few cases.

    Raises
    ------
    UsageError
        If the coverage is not between 0 and 1.

    Notes
    -----
    Breslow, N. E. and Day, N. E. (1987), Statistical methods in cancer research, volume
    II, IARC, page 69.

    Examples
    --------
    >>> lower, upper = byars(65)
    >>> lower.round(2), upper.round(2)
    (np.float64(50.16), np.float64(82.85))
    """
    x = _not_below_nought(cases)
    z = -ndtri(tail_of(coverage))
    with np.errstate(divide="ignore", invalid="ignore"):
        root = 1 - 1 / (9 * x) - z / (3 * np.sqrt(x))
        lower = x * np.where(root >= 0, root, np.nan) ** 3
    return lower, (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * np.sqrt(x + 1))) ** 3


def exact_count(cases: ArrayLike, *, coverage: float = 0.95) -> Limits:
    """Compute the exact interval of a Poisson count (Garwood 1936).

    Shapes, units and errors are those of `byars`; the lower limit of no cases is 0.

    Examples
    --------
    >>> exact_count(0)[1].round(4)
    np.float64(3.6889)
    """
    x = _not_below_nought(cases)
    tail = tail_of(coverage)
    lower = np.where(x > 0, gammaincinv(np.where(x > 0, x, 1.0), tail), 0.0)
    return np.where(np.isnan(x), np.nan, lower), np.asarray(gammainccinv(x + 1, tail), dtype=float)


def rate_interval(cases: ArrayLike, exposed: ArrayLike, *, coverage: float = 0.95) -> Limits:
    """Compute the interval of a crude rate: exact below 10 cases, else Byar's.

    Parameters
    ----------
    cases, exposed : array-like
        Numerator and denominator, of shapes that broadcast.
    coverage : float, default=0.95
        How often the interval holds the truth.

    Returns
    -------
    lower, upper : ndarray
        Rates per one of the denominator; NaN where either is missing, the denominator
        is not above 0, or the cases are fewer than none.

    Raises
    ------
    UsageError
        If the coverage is not between 0 and 1.

    Notes
    -----
    The rule is that of Public Health England's technical guidance, Commonly used public
    health statistics and their confidence intervals.

    Examples
    --------
    >>> lower, upper = rate_interval([5, 65], [100, 100])
    >>> lower.round(4), upper.round(4)
    (array([0.0162, 0.5016]), array([0.1167, 0.8285]))
    """
    x, n = np.broadcast_arrays(_not_below_nought(cases), _above_nought(exposed))
    near, exact = byars(x, coverage=coverage), exact_count(x, coverage=coverage)
    lower, upper = (np.where(x < FEW_CASES, e, b) / n for e, b in zip(exact, near, strict=True))
    return lower, upper


def mean_interval(
    mean: ArrayLike, spread: ArrayLike, count: ArrayLike, *, coverage: float = 0.95
) -> Limits:
    """Compute Student's interval of a mean.

    Parameters
    ----------
    mean, spread, count : array-like
        Mean, sample standard deviation (over n - 1) and number of values.
    coverage : float, default=0.95
        How often the interval holds the truth.

    Returns
    -------
    lower, upper : ndarray
        In the units of the values; NaN below 2 values, or where one of the three is missing.

    Raises
    ------
    UsageError
        If the coverage is not between 0 and 1.

    Examples
    --------
    >>> lower, upper = mean_interval(10.0, 2.0, 4)
    >>> lower.round(3), upper.round(3)
    (np.float64(6.818), np.float64(13.182))
    """
    centre, sd, n = (np.asarray(part, dtype=float) for part in (mean, spread, count))
    n = np.where((n >= 2) & np.isfinite(n), n, np.nan)
    half = -stdtrit(n - 1, tail_of(coverage)) * np.where(sd >= 0, sd, np.nan) / np.sqrt(n)
    return centre - half, centre + half


def tail_of(coverage: float) -> float:
    """Return the chance beyond each limit.

    Examples
    --------
    >>> round(tail_of(0.95), 6)
    0.025
    """
    if not 0 < coverage < 1:
        raise UsageError(f"coverage={coverage!r}: give a share between 0 and 1, such as 0.95.")
    return (1 - coverage) / 2


def _share(cases: ArrayLike, whole: ArrayLike) -> tuple[Array, Array]:
    """Return both as numbers, NaN where they make no share."""
    x, n = np.broadcast_arrays(_not_below_nought(cases), _above_nought(whole))
    usable = x <= n
    return np.where(usable, x, np.nan), np.where(usable, n, np.nan)


def _not_below_nought(values: ArrayLike) -> Array:
    x = np.asarray(values, dtype=float)
    return np.where(np.isfinite(x) & (x >= 0), x, np.nan)


def _above_nought(values: ArrayLike) -> Array:
    n = np.asarray(values, dtype=float)
    return np.where(np.isfinite(n) & (n > 0), n, np.nan)
