"""Which of its three contrasts is shown of a change? The one with the smallest p-value.

The effect of a flag, the sentence on it and the pictures all choose by `as_compared`, so that
they speak of the same contrast.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

TIE_DIGITS = 12  # of p-values: closer ones are equal, and the first contrast is shown


def as_compared(p: ArrayLike) -> NDArray[np.float64]:
    """Return p-values as they are compared: the first of the smallest is the one that is shown.

    Parameters
    ----------
    p : array-like
        p-values of contrasts, in the order of `schema.CONTRASTS`; NaN where not assessed.

    Returns
    -------
    ndarray of the same shape
        Those that differ by no more than rounding are equal; what was not assessed is the largest.

    Examples
    --------
    >>> int(as_compared([np.nan, 0.1 + 1e-16, 0.1]).argmin())
    1
    """
    rounded = np.round(np.asarray(p, dtype=float), TIE_DIGITS)
    return np.where(np.isfinite(rounded), rounded, np.inf)
