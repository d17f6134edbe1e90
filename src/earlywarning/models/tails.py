"""How heavy are the tails of what a metric does?

Council series now and then jump by more than a normal law allows, and a test that does
not know it calls too many of them. The kurtosis of what is left of the past, within
each series so that noisy authorities do not pass for heavy tails, and averaged over the
authorities of a metric, says which t law the noise is like. Where series are too short to
say, the noise is like that of the usual council metric.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid
from scipy.special import stdtr, stdtrit
from scipy.stats import t as student

from earlywarning.models.bank import Precision, Rhythm, precision
from earlywarning.models.inner_products import Gaps

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Labels = NDArray[np.intp]

ENOUGH = 150  # series, to tell how heavy a metric's tails are
FEWEST = 4  # values of a series: the kurtosis of fewer is the same whatever they are
LAWS = np.array([3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 30.0, 100.0])  # degrees of freedom
USUAL = 6.0  # degrees of freedom: 1 / 6 is the mean of 1 / law over six panels (docs/change.md)
STANDS_OUT = 1.645  # standard errors: chance alone is that far above once in twenty
ANCHOR = 0.95  # the quantile that heavy tails leave where it is: variances are matched there


def _fewest_gaps(n: Labels) -> Flags:
    """Choose the fullest series, so many that their tails can be told, and all as full."""
    full = np.sort(n[n >= FEWEST])[::-1]
    return n >= full[min(ENOUGH, full.size) - 1] if full.size else np.zeros(n.shape, dtype=bool)


def law_of(X: Array, times: Array, rhythm: Rhythm, structure: int) -> float:
    """Return the degrees of freedom of the t law that the noise is like.

    By the periods that neither `last` nor `step` tests, of the series with the fewest gaps;
    `USUAL` where all have too few values there.
    """
    past = X[:, :-2]
    known = np.isfinite(past)
    n = known.sum(axis=1)
    use = _fewest_gaps(n)
    if not use.any():
        return USUAL
    past, known = past[use], known[use]
    centre = np.where(known, past, 0.0).sum(axis=1) / n[use]
    y = np.where(known, past - centre[:, None], 0.0)
    before = precision(tuple(times[:-2] - times[0]), rhythm)
    return degrees_of_freedom(residuals(y, known, before, structure), known)


def residuals(y: Array, known: Flags, before: Precision, structure: int) -> Array:
    """Return how far each value is from what all others of its series lead to, standardised.

    Parameters
    ----------
    y : ndarray of shape (n_series, n_periods)
        Series about their means, 0 in gaps.
    known : ndarray of shape (n_series, n_periods)
        Where there is a value.
    before : Precision
        Of these periods.
    structure : int
        The place of the structure in the bank.

    Returns
    -------
    ndarray of shape (n_series, n_periods)
        0 in gaps; up to a factor a series, which is its own standard deviation.
    """
    bank = before.bank
    basis, slope = divmod(structure, len(bank.slopes))
    matrix = before.matrix[:, basis]
    line = matrix @ before.times
    share = bank.slopes[slope] ** 2
    share /= 1 + share * float(before.times @ line)
    matrix = matrix - share * np.outer(line, line)
    left, own = y @ matrix, np.tile(np.diag(matrix), (len(y), 1))
    one = Precision(bank, before.times, matrix[:, None], np.zeros(1))
    for rows, columns, root in Gaps(one, known.T).groups():
        inverse = np.linalg.inv(np.tril(root[:, :, 0].transpose(2, 0, 1)))
        missing = columns[:, 0].T
        at = np.take_along_axis(left[rows], missing, axis=1)
        seen = np.einsum("rij,rj->ri", inverse, at)
        cross = inverse @ matrix[missing]
        left[rows] -= np.einsum("ri,rit->rt", seen, cross)
        own[rows] -= np.square(cross).sum(axis=1)
    sure = known & (own > 1e-9)
    return np.where(sure, left / np.sqrt(np.where(sure, own, 1.0)), 0.0)


def degrees_of_freedom(left: Array, known: Flags) -> float:
    """Estimate which t law residuals are like, from the kurtosis within each series.

    Parameters
    ----------
    left : ndarray of shape (n_series, n_periods)
        Residuals, 0 in gaps.
    known : ndarray of shape (n_series, n_periods)
        Where there is a value.

    Returns
    -------
    float
        The t law's degrees of freedom, 3 at the least; infinite where the kurtosis is no
        higher than normal noise has by chance once in twenty metrics; `USUAL` where there is
        nothing to tell it by.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_t(4, size=(300, 15))
    >>> bool(3 <= degrees_of_freedom(noise, noise == noise) < 8)
    True
    """
    n = known.sum(axis=1)
    square = np.square(left)
    total = square.sum(axis=1)
    use = (n >= FEWEST) & (total > 0)
    if use.sum() < 2:
        return USUAL
    n, total = n[use], total[use]
    kurtosis = n * np.square(square[use]).sum(axis=1) / total**2
    normal = 3 * (n - 1) / (n + 1)  # its mean, where the noise is normal about an unknown level
    count = np.bincount(n)
    lengths = np.flatnonzero(count)
    weight = count[lengths] * 3 * (lengths - 1) / (lengths + 1)
    heavier = weight @ np.array([_ratios(int(m) - 2) for m in lengths]) / weight.sum()
    beyond = kurtosis - normal
    if beyond.mean() <= STANDS_OUT * beyond.std() / np.sqrt(len(n)):
        return np.inf
    seen = kurtosis.mean() / normal.mean()
    inverse = np.interp(seen, [1.0, *heavier[::-1]], [0.0, *1 / LAWS[::-1]])
    return float(1 / inverse)


@lru_cache(maxsize=256)
def _ratios(n: int) -> tuple[float, ...]:
    """Return the mean kurtosis of n values of each of `LAWS`, over that of normal ones."""
    return tuple(_kurtosis(law, n) / (3 * n / (n + 2)) for law in LAWS)


def _kurtosis(law: float, n: int) -> float:
    """Return the mean of n sum(x^4) / sum(x^2)^2 for n values of a t law.

    By 1 / s^2 = the integral of u exp(-u s) du, with s the sum of squares.
    """
    grid, zeroth, fourth = transforms(law)
    whole = trapezoid(grid**2 * fourth * zeroth ** (n - 1), np.log(grid))
    return float(n * n * whole)


@lru_cache(maxsize=len(LAWS))
def transforms(law: float) -> tuple[Array, Array, Array]:
    """Return u, and the means of exp(-u x^2) and of x^4 exp(-u x^2) for a t law."""
    u = np.geomspace(1e-10, 1e4, 240)
    x = np.concatenate([np.linspace(0, 6, 300)[:-1], np.geomspace(6, 1e5, 300)])
    density = 2 * student.pdf(x, law)
    decay = np.exp(-np.outer(u, x**2)) * density
    return u, trapezoid(decay, x, axis=1), trapezoid(decay * x**4, x, axis=1)


def with_heavy_tails(spread: Array, df: Array, law: float | Array) -> tuple[Array, Array]:
    """Return scale and degrees of freedom of an expectation whose noise is like a t law.

    One in twenty still lies above the same limit: that much of a law its variance tells.
    Beyond it the tail is the heavier.
    """
    if np.isinf(law).all():
        return spread, df
    heavier = 1 / (1 / np.maximum(df, 1e-9) + 1 / np.asarray(law, dtype=np.float64))
    return spread * t_quantile(df, ANCHOR) / t_quantile(heavier, ANCHOR), heavier


def student_tails(t: Array, df: Array) -> tuple[Array, Array]:
    """Compute both tails of t distributions; the smaller one is the one worked out.

    Examples
    --------
    >>> above, below = student_tails(np.array([2.0, -2.0]), np.array([10.0, 10.0]))
    >>> above.round(3), bool((above == below[::-1]).all())
    (array([0.037, 0.963]), True)
    """
    small = stdtr(df, -np.abs(t))
    return np.where(t > 0, small, 1 - small), np.where(t > 0, 1 - small, small)


def t_quantile(df: Array, share: float) -> Array:
    """Return what a share of t laws lies below, their degrees of freedom 0.5 at the least.

    By a table over 1 / df, which is 1e-6 off at the most, relatively.

    Examples
    --------
    >>> t_quantile(np.array([4.0, 10.0]), 0.975).round(3)
    array([2.776, 2.228])
    """
    inverse, quantile = _quantiles(share)
    return np.asarray(np.interp(1 / np.maximum(df, 0.5), inverse, quantile), dtype=np.float64)


@lru_cache(maxsize=32)
def _quantiles(share: float) -> tuple[Array, Array]:
    inverse = np.linspace(1e-9, 2.0, 4001)
    return inverse, np.asarray(stdtrit(1 / inverse, share), dtype=np.float64)
