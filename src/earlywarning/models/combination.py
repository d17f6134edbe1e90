"""What do several tests of one series say together?

The Cauchy combination (Liu & Xie 2020) keeps its size whatever the dependence
between the tests, which the three contrasts of one series share in plenty.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

TINY = 1e-300  # below this a tangent overflows


def cauchy_combination(p: ArrayLike, weights: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Combine the p-values of each row into one.

    Parameters
    ----------
    p : array-like of shape (..., n_tests)
        p-values; NaN where a test could not be made: the others decide.
    weights : array-like of shape (n_tests,), default=1.0
        How much each test counts; only their ratios matter.

    Returns
    -------
    ndarray of shape (...)
        The combined p-values; NaN where no test could be made.

    Notes
    -----
    Liu, Y. and Xie, J. (2020), Cauchy combination test, Journal of the American
    Statistical Association 115, 393-402.

    Examples
    --------
    >>> cauchy_combination([0.02, 0.02, 0.02]).round(6).item()
    0.02
    """
    values = np.asarray(p, dtype=float)
    known = np.isfinite(values)
    bounded = np.clip(np.where(known, values, 0.5), TINY, 1 - 1e-15)
    # tan((0.5 - p) pi), without the cancellation that loses the smallest p.
    weight = np.where(known, np.asarray(weights, dtype=float), 0.0)
    score = weight / np.tan(np.pi * bounded)
    n = weight.sum(axis=-1)
    mean = score.sum(axis=-1) / np.where(n > 0, n, 1.0)
    combined = np.where(mean > 0, np.arctan(1 / np.where(mean > 0, mean, 1)) / np.pi, np.nan)
    combined = np.where(mean <= 0, 0.5 - np.arctan(mean) / np.pi, combined)
    return np.where(n > 0, combined, np.nan)
