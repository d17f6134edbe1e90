"""What do pymannkendall's tests say of each series, its newest period included?"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pymannkendall

FEWEST = 4  # values, for the variance of the modified test


def _z(test: Callable[[np.ndarray], Any], series: np.ndarray) -> np.ndarray:
    """Return the test's normal score of each series, (n,); up is a rising trend."""
    found = np.full(len(series), np.nan)
    for i, values in enumerate(series):
        known = values[np.isfinite(values)]
        if known.size >= FEWEST:
            found[i] = test(known).z
    return found


def mann_kendall(series: np.ndarray) -> np.ndarray:
    """Return the scores of `original_test`."""
    return _z(pymannkendall.original_test, series)


def mann_kendall_yue_wang(series: np.ndarray) -> np.ndarray:
    """Return the scores of `yue_wang_modification_test`, for series with memory."""
    return _z(pymannkendall.yue_wang_modification_test, series)


TREND_TESTS = {
    "Mann–Kendall": mann_kendall,
    "Mann–Kendall, Yue–Wang": mann_kendall_yue_wang,
}
