"""How near were flagged periods to the events, whichever was longer?

Time is divided among the events, each point going to the nearest. Within its part each
event asks how near the flags are, and how near flags are to all of it, set against flags
placed anywhere by chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from earlywarning.errors import UsageError
from earlywarning.validation.metrics.rows import Array


class Affiliation(NamedTuple):
    """Precision and recall, and the mean distances behind them, one an event."""

    precision: float
    recall: float
    precision_distances: Array
    recall_distances: Array


class _Part(NamedTuple):
    """One event, its part of time, and the flagged intervals within that part."""

    event: Array
    zone: Array
    flags: Array


def as_intervals(flagged: ArrayLike) -> Array:
    """Return the runs of flagged periods as intervals of time, a period being 1 long.

    Parameters
    ----------
    flagged : array-like of shape (n_periods,)
        Whether the authority was flagged in each period.

    Returns
    -------
    ndarray of shape (n_runs, 2)
        Beginning and end of each run: the first period runs from 0 to 1.

    Examples
    --------
    >>> as_intervals([0, 1, 1, 0, 1])
    array([[1., 3.],
           [4., 5.]])
    """
    marked = np.asarray(flagged, dtype=bool)
    steps = np.diff(np.r_[False, marked, False].astype(int))
    return np.column_stack([np.flatnonzero(steps > 0), np.flatnonzero(steps < 0)]).astype(float)


def affiliation(flagged: ArrayLike, events: ArrayLike, span: ArrayLike) -> Affiliation:
    """Compute affiliation precision and recall of one authority's flagged intervals.

    Parameters
    ----------
    flagged : array-like of shape (n_flagged, 2)
        Beginning and end of each flagged interval (`as_intervals` makes them of periods).
    events : array-like of shape (n_events, 2)
        Beginning and end of each event, at least one. Both rise and do not overlap.
    span : array-like of shape (2,)
        Beginning and end of the time in which one looked; all lie within it.

    Returns
    -------
    Affiliation
        From 0 to 1, about 0.5 for chance: precision over the events that have flags near
        them, NaN where none has; recall over all events, 0 for those without. Distances are in
        the units of time: of flags from their event (NaN without flags), and of an event from
        the nearest flag (infinite without).

    Raises
    ------
    UsageError
        If intervals are not as above, or there is no event.

    Notes
    -----
    Huet, A., Navarro, J. M. and Rossi, D. (2022), Local evaluation of time series anomaly
    detection algorithms, KDD. A flag is as good as chance would seldom come as near.

    Examples
    --------
    >>> found = affiliation([[1, 2]], [[3, 5]], [0, 10])
    >>> round(found.precision, 2), round(found.recall, 2)
    (0.5, 0.6)
    """
    beginning, end = np.asarray(span, dtype=float)
    flags = _as_intervals(flagged, "flagged", (beginning, end))
    truths = _as_intervals(events, "events", (beginning, end))
    if not len(truths):
        raise UsageError("There is no event: affiliation has nothing to be near to.")
    middles = (truths[:-1, 1] + truths[1:, 0]) / 2
    edges = np.r_[beginning, middles, end]
    parts = [
        _Part(truth, zone, _clipped(flags, zone))
        for truth, zone in zip(truths, np.column_stack([edges[:-1], edges[1:]]), strict=True)
    ]
    near, covered = np.array([_precision(p) for p in parts]), np.array([_recall(p) for p in parts])
    flown = ~np.isnan(near[:, 0])
    precision = float(near[flown, 0].mean()) if flown.any() else float("nan")
    return Affiliation(precision, float(covered[:, 0].mean()), near[:, 1], covered[:, 1])


def _precision(part: _Part) -> tuple[float, float]:
    """Return how seldom chance is as near the event as its flags are, and their mean distance."""
    if not len(part.flags):
        return float("nan"), float("nan")
    (first, last), (start, stop) = part.event, part.zone
    # Where the distance from the event begins, and where one end of the time is reached.
    bends = np.array([first, last, last + (first - start), first - (stop - last)])
    x, length = _pieces(part.flags, bends)
    distance = np.maximum(np.maximum(first - x, x - last), 0.0)
    nearer = np.minimum(distance, first - start) + np.minimum(distance, stop - last)
    nearer = np.where(distance > 0, nearer + (last - first), 0.0)
    return _mean(1 - nearer / (stop - start), length), _mean(distance, length)


def _recall(part: _Part) -> tuple[float, float]:
    """Return how seldom chance is as near the event's points as flags are, and that distance."""
    if not len(part.flags):
        return 0.0, float("inf")
    (start, stop), flags = part.zone, part.flags
    edges = flags.ravel()
    middles = (flags[:-1, 1] + flags[1:, 0]) / 2
    bends = np.r_[edges, middles, (edges + start) / 2, (edges + stop) / 2]
    y, length = _pieces(part.event[None], bends)
    apart = np.maximum(flags[:, 0] - y[..., None], y[..., None] - flags[:, 1])
    distance = np.maximum(apart, 0.0).min(axis=-1)
    nearer = np.minimum(distance, y - start) + np.minimum(distance, stop - y)
    return _mean(1 - nearer / (stop - start), length), _mean(distance, length)


def _pieces(intervals: Array, bends: Array) -> tuple[Array, Array]:
    """Return the middle and length of pieces of intervals, cut where a function bends.

    Between two bends it is a straight line, whose mean is its value in the middle.
    """
    middles, lengths = [], []
    for start, stop in intervals:
        within = np.unique(bends[(bends > start) & (bends < stop)])
        cuts = np.r_[start, within, stop]
        middles.append((cuts[1:] + cuts[:-1]) / 2)
        lengths.append(np.diff(cuts))
    return np.concatenate(middles), np.concatenate(lengths)


def _mean(value: Array, length: Array) -> float:
    """Return the mean over pieces, by their length."""
    return float((value * length).sum() / length.sum())


def _clipped(intervals: Array, zone: Array) -> Array:
    """Return what of the intervals lies within the zone."""
    cut = np.clip(intervals, *zone)
    return cut[cut[:, 1] > cut[:, 0]]


def _as_intervals(intervals: ArrayLike, name: str, span: tuple[float, float]) -> Array:
    """Check intervals: each has a length, they rise, and lie within the span."""
    found = np.asarray(intervals, dtype=float).reshape(-1, 2)
    edges = found.ravel()
    long, rising = (found[:, 1] > found[:, 0]).all(), (np.diff(edges) >= 0).all()
    within = ((edges >= span[0]) & (edges <= span[1])).all()
    if not (long and rising and within):
        raise UsageError(
            f"{name}: intervals need a beginning before their end, rising, none overlapping, "
            f"between {span[0]} and {span[1]}."
        )
    return found
