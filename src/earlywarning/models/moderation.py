"""How noisy are series of this metric, and how much do authorities differ in it?

A variance from five points is mostly luck. The variances of all authorities of a
metric say what is usual; each is drawn towards that (Smyth 2004), which adds
degrees of freedom to every test. Where the noise has heavy tails, a variance is more
luck still, and worth fewer degrees of freedom than it has points.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, zeta

from earlywarning.models.tails import LAWS, transforms

Array = NDArray[np.float64]

MOST_PRIOR_DF = 100.0  # degrees of freedom: beyond this more certainty changes no verdict
FEWEST_SERIES = 3  # with fewer there is nothing to learn from


def variance_prior(variance: Array, df: Array, *, law: float = np.inf) -> tuple[Array, Array]:
    """Fit a scaled inverse chi-square prior to sample variances, by moments of their logarithms.

    Parameters
    ----------
    variance : ndarray of shape (..., n_series)
        Sample variances; zeros and NaN are passed over.
    df : ndarray that broadcasts to that shape
        Their degrees of freedom, 1 at the least where there is a variance.
    law : float, default=inf
        Degrees of freedom of the t law that the noise is like, 3 at the least.

    Returns
    -------
    prior_df, prior_variance : ndarray of shape (...)
        Degrees of freedom the prior is worth (0 where there is nothing to learn
        from), and the usual variance.

    Notes
    -----
    Smyth, G. K. (2004), Linear models and empirical Bayes methods, Statistical
    Applications in Genetics and Molecular Biology 3(1), section 6.2.

    Examples
    --------
    >>> import numpy as np
    >>> s2 = np.random.default_rng(1).chisquare(5, size=4000) / 5
    >>> prior_df, prior_variance = variance_prior(s2, np.full(4000, 5.0))
    >>> bool(prior_df > 50), bool(abs(prior_variance - 1) < 0.05)
    (True, True)
    """
    usable = variance > 0  # which NaN is not
    n = usable.sum(axis=-1)
    count = np.maximum(n, 1)
    df = np.maximum(df, 1)
    kinds = np.unique(df)
    which = np.searchsorted(kinds, df)  # quicker than sorting them along with their places
    usual, spread = (of[which] for of in _log_variance(kinds, law))
    log = np.log(np.fmax(variance, np.finfo(float).tiny))
    log -= usual
    log *= usable
    mean = log.sum(axis=-1) / count
    apart = (log - mean[..., None]) * usable
    scatter = np.square(apart, out=apart).sum(axis=-1) / np.maximum(n - 1, 1)
    luck = (usable * spread).sum(axis=-1) / count
    beyond = np.maximum(scatter - luck, zeta(2, MOST_PRIOR_DF / 2))
    prior_df = np.minimum(2 * inverse_trigamma(beyond), MOST_PRIOR_DF)
    prior_variance = np.exp(mean + digamma(prior_df / 2) - np.log(prior_df / 2))
    learnt = n >= FEWEST_SERIES
    return np.where(learnt, prior_df, 0.0), np.where(learnt, prior_variance, 1.0)


def effective_df(df: Array, law: float | Array) -> Array:
    """Compute the degrees of freedom that variances of heavy-tailed noise are worth.

    Parameters
    ----------
    df : ndarray
        Their degrees of freedom had the noise been normal, whole numbers.
    law : float or ndarray that broadcasts to that shape
        Degrees of freedom of the t law that the noise is like, 3 at the least.

    Returns
    -------
    ndarray of the shape of df
        Those of the chi-square whose logarithm varies as much.

    Notes
    -----
    That heavy tails take degrees of freedom from a variance: Box, G. E. P. (1953),
    Non-normality and tests on variances, Biometrika 40, 318-335. By the variance of the
    logarithm, since the kurtosis of a t law with 4 or fewer is infinite.

    Examples
    --------
    >>> import numpy as np
    >>> effective_df(np.array([6.0, 6.0]), np.array([np.inf, 5.0])).round()
    array([6., 4.])
    """
    if np.isinf(law).all():
        return df
    worth, inverse = df.copy(), np.broadcast_to(1 / np.asarray(law), df.shape)
    for n in np.unique(df[df > 0]).tolist():
        here = df == n
        worth[here] = np.interp(inverse[here], *_by_law(n)[:2])
    return worth


def _log_variance(df: Array, law: float) -> tuple[Array, Array]:
    """Return mean and variance of the logs of sample variances of noise of variance 1."""
    if np.isinf(law):
        return _log_chi_square(df)
    mean = [np.interp(1 / law, inverse, mean) for inverse, _, mean in map(_by_law, df.tolist())]
    return np.array(mean), _log_chi_square(effective_df(df, law))[1]


def _log_chi_square(df: Array) -> tuple[Array, Array]:
    """Return mean and variance of the log of chi-square over its degrees of freedom."""
    return digamma(df / 2) - np.log(df / 2), zeta(2, df / 2)


@lru_cache(maxsize=256)
def _by_law(n: float) -> tuple[Array, Array, Array]:
    """Return 1 / law, rising, what n degrees of freedom are worth, and the mean of the log.

    The mean of exp(-u s) is the chance that log e - log s is above log u, with s the sum of
    squares and e exponential: so the law of log s is had from that of a single square.
    """
    found = np.array([_log_sum(law, n) for law in LAWS[::-1].tolist()]).T
    mean = found[0] - np.log(n * LAWS / (LAWS - 2))[::-1]
    worth = 2 * inverse_trigamma(found[1])
    normal = float(_log_chi_square(np.array(n))[0])
    return np.append(0.0, 1 / LAWS[::-1]), np.append(n, worth), np.append(normal, mean)


def _log_sum(law: float, n: float) -> tuple[float, float]:
    """Return mean and variance of the log of the sum of n squares of a t law."""
    u, zeroth, _ = transforms(law)
    middle, share = (np.log(u[1:]) + np.log(u[:-1])) / 2, -np.diff(zeroth**n)
    share /= share.sum()
    mean = float(middle @ share)
    return -np.euler_gamma - mean, float((middle - mean) ** 2 @ share) - np.pi**2 / 6


def inverse_trigamma(values: Array) -> Array:
    """Solve trigamma(x) = value for x > 0, by Newton's method on its reciprocal.

    Examples
    --------
    >>> import numpy as np
    >>> inverse_trigamma(np.array([np.pi**2 / 6])).round(6)
    array([1.])
    """
    x = np.exp(np.interp(np.log(values), *_trigamma_table()))
    for _ in range(20):  # two where the table reaches, more beyond it
        trigamma = zeta(2, x)
        step = trigamma * (1 - trigamma / values) / (-2 * zeta(3, x))
        x = x + step
        if np.all(np.abs(step) < 1e-7 * x):  # squared by each step
            break
    return np.asarray(x, dtype=float)


@lru_cache(maxsize=1)
def _trigamma_table() -> tuple[Array, Array]:
    """Return logs of trigamma, rising, and of where it is taken."""
    x = np.geomspace(1e6, 1e-3, 1000)
    return np.log(zeta(2, x)), np.log(x)
