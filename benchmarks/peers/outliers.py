"""Which authorities of a metric does PyOD find odd, by simple features of their series?

Its scores have no direction, and the adverse one is known: a series whose newest value
is below its own history's mean is put last, the less odd the better.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from pyod.models.ecod import ECOD
from pyod.models.iforest import IForest

TINY = 1e-12
MAD_TO_SIGMA = 1.4826


def features(series: np.ndarray) -> np.ndarray:
    """Return six features of each series of one metric: four its own, two against its peers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a history without a value
        history, newest = series[:, :-1], series[:, -1]
        mean, sd = np.nanmean(history, axis=1), np.nanstd(history, axis=1) + TINY
        steps = np.diff(series, axis=1)
        step_sd = np.nanstd(steps[:, :-1], axis=1) + TINY
        later = series.shape[1] // 2
        rise = np.nanmean(series[:, -later:], axis=1) - np.nanmean(series[:, :-later], axis=1)
        step = newest - _newest_known(history)
        table = [
            (newest - mean) / sd, step / step_sd, rise / sd, _slope(series) / sd,
            _against_peers(newest), _against_peers(step),
        ]  # fmt: skip
    return np.nan_to_num(np.clip(np.stack(table, axis=1), -1e6, 1e6))


def _newest_known(history: np.ndarray) -> np.ndarray:
    place = history.shape[1] - 1 - np.argmax(np.isfinite(history)[:, ::-1], axis=1)
    return np.asarray(history[np.arange(len(history)), place])


def _against_peers(values: np.ndarray) -> np.ndarray:
    apart = values - np.nanmedian(values)
    return np.asarray(apart / (MAD_TO_SIGMA * np.nanmedian(np.abs(apart)) + TINY))


def _slope(series: np.ndarray) -> np.ndarray:
    """Return the least-squares slope of each series, gaps left out."""
    times = np.where(np.isfinite(series), np.arange(float(series.shape[1])), np.nan)
    t = times - np.nanmean(times, axis=1, keepdims=True)
    y = series - np.nanmean(series, axis=1, keepdims=True)
    return np.asarray(np.nansum(t * y, axis=1) / (np.nansum(t * t, axis=1) + TINY))


def _odd(model: Any, series: np.ndarray) -> np.ndarray:
    """Return how odd each series of one metric is, those that went down below all others."""
    table = features(series)
    score = np.asarray(model.fit(table).decision_scores_, dtype=float)
    score = score - score.min() + TINY
    return np.where(table[:, 0] > 0, score, -score)


def ecod(series: np.ndarray) -> np.ndarray:
    """Return ECOD's scores, (n,)."""
    return _odd(ECOD(), series)


def isolation_forest(series: np.ndarray) -> np.ndarray:
    """Return the isolation forest's scores, (n,)."""
    return _odd(IForest(random_state=0), series)


OUTLIERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "ECOD": ecod,
    "Isolation forest": isolation_forest,
}
