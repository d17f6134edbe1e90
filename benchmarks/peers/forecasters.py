"""What does statsforecast expect of the newest period, given those before?

Gaps are left out, as its models refuse them; a history it calls too short gives NaN.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from statsforecast.models import AutoETS, AutoTheta

LIMITS = ("mean", "lo-80", "hi-80", "lo-95", "hi-95")


def _one_step(model: Any, series: np.ndarray) -> np.ndarray:
    """Return what a model expects next of each series' history: (n, 5), in `LIMITS` order."""
    found = np.full((len(series), len(LIMITS)), np.nan)
    for row, values in zip(found, series, strict=True):
        history = values[:-1][np.isfinite(values[:-1])]
        try:
            told = model.forecast(y=history, h=1, level=[80, 95])
        except Exception:  # it says "tiny datasets" or "no model able to be fitted"
            continue
        row[:] = [told[name][0] for name in LIMITS]
    return found


def auto_ets(series: np.ndarray) -> np.ndarray:
    """Return AutoETS's mean and limits for the newest period, (n, 5)."""
    return _one_step(AutoETS(season_length=1), series)


def auto_theta(series: np.ndarray) -> np.ndarray:
    """Return AutoTheta's mean and limits for the newest period, (n, 5)."""
    return _one_step(AutoTheta(season_length=1), series)


FORECASTERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "AutoETS": auto_ets,
    "AutoTheta": auto_theta,
}
