"""Which periods of a metric can a whole sector be compared in?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earlywarning.panel import Matrix

Labels = NDArray[np.intp]

MOST = 0.5  # of the authorities of the fullest period: a period that has just begun is no one's


def common_periods(matrix: Matrix) -> Labels:
    """Return the columns in which at least half as many gave a value as in the fullest one.

    Examples
    --------
    >>> from earlywarning.panel import as_panel
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"authority": list("AAABBB"), "metric": "debt", "value": 1.0,
    ...                      "period": ["2019-20", "2020-21", "2022-23"] * 2})
    >>> common_periods(as_panel(rows).matrix("debt"))
    array([0, 1, 3])
    """
    n = np.isfinite(matrix.values).sum(axis=0)
    return np.flatnonzero((n >= MOST * n.max(initial=0)) & (n > 0))
