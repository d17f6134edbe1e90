"""Is a release rougher than those before it, for everybody?

What befalls all authorities alike is common movement, and is taken out (`movement`). What
befalls them all, but each in its own way (a pandemic, returns that are counted anew), leaves
no common movement: it shows in the authority in the middle, who is farther from what was
expected than the middle ever was. Nobody is unusual for that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from earlywarning.models.robust import column_median, in_order, quantiles_without

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

FEWEST = 20  # others: the middle of fewer says little
CHANGED = 0.15  # share of authorities that may have changed: that alone makes no release rough
QUARTER = 0.25  # the smaller tail of the authority in the middle, where nothing is amiss
MIDDLE = -ndtri(QUARTER)  # its score: the median of the absolute value of a normal score
BY_CHANGES = ndtri(0.5 + QUARTER / (1 - CHANGED)) / MIDDLE  # were the changed all far out
ERROR = np.sqrt(2 * np.pi) * np.exp(MIDDLE**2 / 2) / 4 / MIDDLE  # of the median of one, relative


def roughness(own: Array, tails: Array) -> Array:
    """Compute by how much a release is rougher, by all others, than the past led one to expect.

    Parameters
    ----------
    own : ndarray of shape (n, n_columns)
        The smaller of each authority's two one-sided p-values, in as many tests; NaN where it
        is not among `tails`.
    tails : ndarray of shape (n_authorities, n_columns)
        The same of all authorities of the metric, NaN where not assessed.

    Returns
    -------
    ndarray of shape (n, n_columns)
        The factor by which expectations are too narrow, 1 at the least: the score of the
        authority in the middle over that of a normal law, less its standard error, less
        what a change in a share of `CHANGED` of the authorities would do.

    Notes
    -----
    The median of test statistics over that of their law is the genomic control of Devlin, B. and
    Roeder, K. (1999), Genomic control for association studies, Biometrics 55, 997-1004; here
    only what is beyond chance and beyond the changes that are looked for.

    Examples
    --------
    >>> tails = np.column_stack([np.linspace(0.005, 0.495, 99), np.linspace(0.0005, 0.0495, 99)])
    >>> roughness(tails, tails)[0].round(1)
    array([1. , 2.1])
    """
    ordered, n = in_order(tails)
    (middle,) = quantiles_without(own, ordered, n, (0.5,))
    return _factor(middle, n - np.isfinite(own))


def roughness_of_all(tails: Array) -> Array:
    """Compute the same with nobody left out, a number a column.

    Examples
    --------
    >>> roughness_of_all(np.linspace(0.0005, 0.0495, 99)[:, None]).round(1)
    array([2.1])
    """
    return _factor(column_median(tails), np.isfinite(tails).sum(axis=0))


def _factor(middle: Array, n: Labels) -> Array:
    """Return the factor where the authority in the middle of n has this tail."""
    middle = np.maximum(np.where(n >= FEWEST, middle, QUARTER), np.finfo(float).tiny)
    seen = -ndtri(middle) / MIDDLE
    chance = 1 + ERROR / np.sqrt(np.maximum(n, 1))
    return np.asarray(np.maximum(seen / chance / BY_CHANGES, 1.0))
