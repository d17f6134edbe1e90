"""How noisy are series of this metric, and how much do authorities differ in it?

A variance from five points is mostly luck. The variances of all authorities of a
metric say what is usual; each is drawn towards that (Smyth 2004), which adds
degrees of freedom to every test.
"""

from __future__ import annotations

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
    variance : ndarray of shape (..., n_series, K)
        Sample variances, a column a model; zeros and NaN are passed over.
    df : ndarray of shape (..., n_series)
        Their degrees of freedom, 1 at the least where there is a variance.

    Returns
    -------
    prior_df, prior_variance : ndarray of shape (..., K)
        Degrees of freedom the prior is worth (0 where there is nothing to learn
        from), and the usual variance.

    Notes
    -----
    Smyth, G. K. (2004), Linear models and empirical Bayes methods, Statistical
    Applications in Genetics and Molecular Biology 3(1), section 6.2.

    Examples
    --------
    >>> import numpy as np
    >>> s2 = np.random.default_rng(1).chisquare(5, size=(4000, 1)) / 5
    >>> prior_df, prior_variance = variance_prior(s2, np.full(4000, 5.0))
    >>> bool(prior_df[0] > 50), bool(abs(prior_variance[0] - 1) < 0.05)
    (True, True)
    """
    usable = np.isfinite(variance) & (variance > 0)
    n = usable.sum(axis=-2)
    half = np.maximum(df, 1)[..., None] / 2
    log = np.log(np.where(usable, variance, 1.0)) - (digamma(half) - np.log(half))
    count = np.maximum(n, 1)
    mean = np.where(usable, log, 0).sum(axis=-2) / count
    apart = np.where(usable, log - mean[..., None, :], 0)
    scatter = np.square(apart).sum(axis=-2) / np.maximum(n - 1, 1)
    luck = np.where(usable, zeta(2, half), 0).sum(axis=-2) / count
    prior_df = np.minimum(2 * inverse_trigamma(np.maximum(scatter - luck, 1e-12)), MOST_PRIOR_DF)
    prior_variance = np.exp(mean + digamma(prior_df / 2) - np.log(prior_df / 2))
    learnt = n >= FEWEST_SERIES
    return np.where(learnt, prior_df, 0.0), np.where(learnt, prior_variance, 1.0)


def inverse_trigamma(values: Array) -> Array:
    """Solve trigamma(x) = value for x > 0, by Newton's method on its reciprocal.

    Examples
    --------
    >>> import numpy as np
    >>> inverse_trigamma(np.array([np.pi**2 / 6])).round(6)
    array([1.])
    """
    x = 0.5 + 1 / values
    for _ in range(20):  # converges from below, in well under 20 steps
        trigamma = zeta(2, x)
        step = trigamma * (1 - trigamma / values) / (-2 * zeta(3, x))
        x = x + step
        if np.all(np.abs(step) < 1e-12 * x):
            break
    return np.asarray(x, dtype=float)
