"""How good are a panel's verdicts? What is found at a true rate of false alarms, and what is false.

Events are places in `panels.EVENTS`, 0 for a series in which nothing was planted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from benchmarks.power.panels import EVENTS

Array = NDArray[np.float64]
Labels = NDArray[np.int8]


def alarms(score: Array, null: NDArray[np.bool_], rate: float) -> Array:
    """Return how likely each series is called, so that exactly that share of the null ones is.

    1 above the threshold, 0 below it; series that tie with it share what is left, as a
    draw between them would. A series that could not be judged is never called.

    Examples
    --------
    >>> alarms(np.array([1.0, 2.0, 3.0, 3.0, 9.0]), np.array([1, 1, 1, 1, 0], dtype=bool), 0.25)
    array([0. , 0. , 0.5, 0.5, 1. ])
    """
    score = np.where(np.isnan(score), -np.inf, score)
    ordered = np.sort(score[null])[::-1]
    wanted = rate * len(ordered)
    threshold = ordered[int(wanted)]
    above, ties = (ordered > threshold).sum(), (ordered == threshold).sum()
    at = (wanted - above) / ties if np.isfinite(threshold) else 0.0
    return np.where(score > threshold, 1.0, np.where(score == threshold, at, 0.0))


def power(score: Array, events: Labels, rate: float) -> Array:
    """Return the share found of each event at a true rate of false alarms, (n_events - 1,)."""
    called = alarms(score.ravel(), events.ravel() == 0, rate)
    planted = events.ravel()
    return np.array([called[planted == event].mean() for event in range(1, len(EVENTS))])


def size(p: Array, events: Labels, nominal: float) -> float:
    """Return the share of the null series that can be judged whose p is at most nominal."""
    null = p[(events == 0) & np.isfinite(p)]
    return float((null <= nominal).mean()) if null.size else np.nan


def false_share(p: Array, events: Labels, level: float) -> tuple[float, int]:
    """Return the share of false ones among what Benjamini–Hochberg flags, and how many that are."""
    known = np.isfinite(p)
    flagged = false_discovery_control(p[known]) <= level
    n_flags = int(flagged.sum())
    false = int((flagged & (events[known] == 0)).sum())
    return false / max(n_flags, 1), n_flags


def standard_error(share: Array, n: Array) -> float:
    """Return the standard error of the plain mean of shares, each of so many series."""
    return float(np.sqrt((share * (1 - share) / n).sum()) / len(share))
