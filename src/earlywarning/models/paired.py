"""Did a group move from one period to another, did it spread out, and who made it so?

Everything here compares the same authorities with themselves: both arrays hold one value an
authority, in the same order. Nothing is known of names, periods, or which way is worse.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, stdtr
from scipy.stats import rankdata

from earlywarning.models.robust import mad

Array = NDArray[np.float64]

FEWEST = 3  # authorities: with fewer a rank correlation has no degree of freedom


class SpreadChange(NamedTuple):
    """How much further apart authorities are.

    `ratio` is NaN where they did not differ before; `way` is 1 where the test finds them
    further apart, -1 where nearer together, 0 where neither.
    """

    ratio: float
    p: float
    way: float


def sign_test(change: Array) -> float:
    """Test whether as many rise as fall.

    Parameters
    ----------
    change : ndarray of shape (n_authorities,)
        In any units; what did not move says nothing, and is left out.

    Returns
    -------
    float
        The exact two-sided p-value, 1 where nobody moved.

    Notes
    -----
    The sign test: Dixon, W. J. and Mood, A. M. (1946), The statistical sign test, Journal of the
    American Statistical Association 41, 557-566. No scale on which values are told changes it.

    Examples
    --------
    >>> sign_test(np.array([1.0, 2.0, 1.0, 4.0, 0.5, 3.0, 1.0, 2.0, 0.0, -1.0]))
    0.0390625
    """
    up, down = int((change > 0).sum()), int((change < 0).sum())
    return float(min(1.0, 2.0 * bdtr(min(up, down), up + down, 0.5))) if up + down else 1.0


def spread_change(before: Array, after: Array) -> SpreadChange:
    """Test whether the same authorities are further apart, or nearer together, than before.

    Parameters
    ----------
    before, after : ndarray of shape (n_authorities,)
        Known values on one scale.

    Returns
    -------
    SpreadChange
        The ratio of the scaled median absolute deviations, a two-sided p-value, and which way.

    Notes
    -----
    Where both spreads are equal, differences and sums are not correlated (Pitman and Morgan,
    1939); the rank correlation of the two is judged, which asks for no normal law: McCulloch,
    C. E. (1987), Tests for equality of variances with paired data, Communications in Statistics -
    Theory and Methods 16, 1377-1391. A movement of everyone changes nothing in it. No p is
    smaller than the rarest order of so many authorities.

    Examples
    --------
    >>> before = np.arange(9.0)
    >>> found = spread_change(before, 2 * before + 5)
    >>> found.ratio, found.p < 0.001
    (2.0, True)
    """
    wide = mad(before)
    ratio = mad(after) / wide if wide > 0 else math.nan
    n = len(before)
    if n < FEWEST:
        return SpreadChange(ratio, math.nan, 0.0)
    rho = _correlation(rankdata(after - before), rankdata(after + before))
    far = 1 - rho * rho
    t = abs(rho) * math.sqrt((n - 2) / far) if far > 0 else math.inf
    p = max(2 * float(stdtr(n - 2, -t)), _rarest(n))
    return SpreadChange(ratio, p, float(np.sign(rho)))


def pull_on_mean(change: Array) -> Array:
    """Compute by how much each authority's presence raises the mean change.

    Parameters
    ----------
    change : ndarray of shape (n_authorities,)
        In any units.

    Returns
    -------
    ndarray of shape (n_authorities,)
        The mean less the mean without that authority, in the same units.

    Notes
    -----
    Not of the median: that moves by the same little step whichever of a half is left out,
    and so names nobody.

    Examples
    --------
    >>> pull_on_mean(np.array([1.0, 1.0, 4.0]))
    array([-0.5, -0.5,  1. ])
    """
    n = len(change)
    return (change - change.mean()) / (n - 1) if n > 1 else np.full(n, np.nan)


def pull_on_spread(before: Array, after: Array) -> Array:
    """Compute by how much each authority's presence widens the spread.

    Parameters
    ----------
    before, after : ndarray of shape (n_authorities,)
        Known values on one scale.

    Returns
    -------
    ndarray of shape (n_authorities,)
        The logarithm of the standard deviation after over before, less the same without that
        authority; NaN where those left do not differ. (The median absolute deviation would
        name nobody, as in `pull_on_mean`.)

    Examples
    --------
    >>> before = np.array([0.0, 1.0, 2.0, 3.0])
    >>> pull_on_spread(before, np.array([0.0, 1.0, 2.0, 9.0])).argmax()
    np.int64(3)
    """
    return _pull_on_log_sd(after) - _pull_on_log_sd(before)


def _pull_on_log_sd(x: Array) -> Array:
    """Return the log of a standard deviation, less that without each."""
    n = len(x)
    if n < FEWEST:
        return np.full(n, np.nan)
    squares = (x - x.mean()) ** 2
    total = squares.sum()
    without = (total - squares * n / (n - 1)) / (n - 2)
    least = 1e-12 * total  # rounding: those left do not differ
    known = (without > least) & (total > 0)
    found = np.full(n, np.nan)
    found[known] = 0.5 * np.log(total / (n - 1) / without[known])
    return found


def _correlation(a: Array, b: Array) -> float:
    """Return the correlation, 0 where either is all alike."""
    a, b = a - a.mean(), b - b.mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 0 else 0.0


def _rarest(n: int) -> float:
    """Return how rare the two extreme orders of so many are."""
    return 2 * math.exp(-math.lgamma(n + 1))
