"""How noisy are series of this metric, and how much do authorities differ in it?

A variance from five points is mostly luck. The variances of all authorities of a
metric say what is usual; each is drawn towards that (Smyth 2004), which adds
degrees of freedom to every test.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, zeta

Array = NDArray[np.float64]

MOST_PRIOR_DF = 100.0  # degrees of freedom: beyond this more certainty changes no verdict
FEWEST_SERIES = 3  # with fewer there is nothing to learn from


def variance_prior(variance: Array, df: Array) -> tuple[Array, Array]:
    """Fit a scaled inverse chi-square prior to sample variances, by moments of their logarithms.

    Parameters
    ----------
    variance : ndarray of shape (..., n_series)
        Sample variances; zeros and NaN are passed over.
    df : ndarray that broadcasts to that shape
        Their degrees of freedom, 1 at the least where there is a variance.

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
    kinds, which = np.unique(np.maximum(df, 1), return_inverse=True)
    usual, spread = (of[which].reshape(df.shape) for of in _log_chi_square(kinds / 2))
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


def _log_chi_square(half: Array) -> tuple[Array, Array]:
    """Return mean and variance of the log of chi-square over its degrees of freedom, twice half."""
    return digamma(half) - np.log(half), zeta(2, half)


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
