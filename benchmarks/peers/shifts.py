"""What do ADTK's detectors make of each series?

They answer yes or no for a factor `c`; their score here is the largest `c` at which
they would still say yes of the newest period they can test: how many interquartile
ranges the change is above the upper quartile of the series' changes.
"""

import numpy as np
import pandas as pd
from adtk.transformer import DoubleRollingAggregate

TINY = 1e-9


def _factor(series: np.ndarray, window: tuple[int, int]) -> np.ndarray:
    """Return the largest factor at which the newest change is still called, (n,)."""
    index = pd.date_range("2000-01-01", periods=series.shape[1], freq="YS")
    table = pd.DataFrame(series.T, index=index).ffill().bfill()  # its windows refuse gaps
    change = DoubleRollingAggregate(agg="median", window=window, center=True, diff="diff")
    moved = change.transform(table).to_numpy().T
    column = moved.shape[1] - window[1]  # the newest with a full window after it
    size, newest = np.abs(moved), moved[:, column]
    low, high = np.nanquantile(size, [0.25, 0.75], axis=1)
    factor = (np.abs(newest) - high) / (high - low + TINY)
    lowest = np.nanmin(factor) - 1.0
    return np.where(newest > 0, factor, lowest)


def persist(series: np.ndarray) -> np.ndarray:
    """Return the factor of PersistAD, the newest period against the three before."""
    return _factor(series, (3, 1))


def level_shift(series: np.ndarray) -> np.ndarray:
    """Return the factor of LevelShiftAD, the last two periods against the two before."""
    return _factor(series, (2, 2))


SHIFTS = {"ADTK PersistAD": persist, "ADTK LevelShiftAD": level_shift}
