"""Were events flagged early, and how much noise was there? The score of the NAB.

A window before each event is to be flagged, the earlier in it the better; each flag
outside costs something, less just after a window. Time is counted in periods.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError
from earlywarning.validation.metrics.rows import Array

STEEPNESS = 5.0
FAR = 3.0  # window lengths after a window, beyond which a false flag costs in full


class NabProfile(NamedTuple):
    """What a window flagged, a window missed and a flag outside are worth."""

    tp_weight: float
    fn_weight: float
    fp_weight: float


PROFILES = {
    "standard": NabProfile(1.0, 1.0, 0.11),
    "reward_low_FP_rate": NabProfile(1.0, 1.0, 0.22),
    "reward_low_FN_rate": NabProfile(1.0, 2.0, 0.11),
}


def nab_sigmoid(position: ArrayLike) -> Array:
    """Compute what a flag is worth by where it is from a window's end.

    Parameters
    ----------
    position : array-like
        In lengths of the window: -1 at its beginning, 0 at its end, above 0 after it.

    Returns
    -------
    ndarray
        From almost 1 at the beginning, by 0 at the end, to -1; -1 beyond 3 lengths after.

    Notes
    -----
    Lavin, A. and Ahmad, S. (2015), Evaluating real-time anomaly detection algorithms: the
    Numenta Anomaly Benchmark, ICMLA.

    Examples
    --------
    >>> nab_sigmoid([-1.0, 0.0, 4.0]).round(4)
    array([ 0.9866,  0.    , -1.    ])
    """
    y = np.asarray(position, dtype=float)
    return np.asarray(np.where(y > FAR, -1.0, np.tanh(-STEEPNESS * y / 2) + 0.0))


def nab_score(flagged: ArrayLike, windows: ArrayLike, *, profile: str = "standard") -> float:
    """Score the flags of one authority, from 0 for never flagging to 100.

    Parameters
    ----------
    flagged : array-like of shape (n_periods,)
        Whether the authority was flagged in each period.
    windows : array-like of shape (n_windows, 2)
        First and last period of each window, counted from 0, both within it. They rise and
        do not overlap.
    profile : {"standard", "reward_low_FP_rate", "reward_low_FN_rate"}, default="standard"
        What errors cost.

    Returns
    -------
    float
        100 where every window is flagged in its first period and nothing else is; below 0
        where there is more noise than warning. NaN without windows.

    Raises
    ------
    UsageError
        If windows are not as above, or the profile is unknown.

    Notes
    -----
    Lavin and Ahmad (2015), as `nab_sigmoid`: of a window only its first flag counts.

    Examples
    --------
    >>> nab_score([0, 0, 1, 1, 0, 0], [[2, 4]])
    100.0
    >>> round(nab_score([1, 0, 0, 1, 0, 0], [[2, 4]]), 2)
    91.69
    """
    if profile not in PROFILES:
        raise UsageError(f"profile={profile!r}: give one of {', '.join(PROFILES)}.")
    worth = PROFILES[profile]
    marked = np.asarray(flagged, dtype=bool)
    spans = _as_windows(windows, marked.size)
    if not len(spans):
        return float("nan")
    place = np.arange(marked.size)
    within = (place >= spans[:, :1]) & (place <= spans[:, 1:])
    hits = within & marked
    found = hits.any(axis=1)
    first = hits.argmax(axis=1)
    length = spans[:, 1] - spans[:, 0] + 1
    early = nab_sigmoid(-(spans[:, 1] - first + 1) / length) / nab_sigmoid(-1.0)
    gained = worth.tp_weight * early[found].sum() - worth.fn_weight * (~found).sum()
    noise = worth.fp_weight * _outside(spans, place[marked & ~within.any(axis=0)]).sum()
    nothing = -worth.fn_weight * len(spans)
    return float(100 * (gained + noise - nothing) / (worth.tp_weight * len(spans) - nothing))


def _outside(spans: NDArray[np.intp], place: NDArray[np.intp]) -> Array:
    """Return what flags outside windows are worth, before the profile's weight."""
    last = np.searchsorted(spans[:, 1], place) - 1  # the window that ended before
    after = place - spans[last, 1]
    length = np.maximum(spans[last, 1] - spans[last, 0], 1)
    return np.where(last >= 0, nab_sigmoid(after / length), -1.0)


def _as_windows(windows: ArrayLike, n_periods: int) -> NDArray[np.intp]:
    """Check windows: first and last period, in order, none overlapping."""
    spans = np.asarray(windows, dtype=np.intp).reshape(-1, 2)
    ordered = (np.diff(spans.ravel()) >= 0).all() and (spans[1:, 0] > spans[:-1, 1]).all()
    inside = not spans.size or (spans.min() >= 0 and spans.max() < n_periods)
    if not (ordered and inside):
        raise UsageError(
            f"Windows need a first and a last period from 0 to {n_periods - 1}, rising, "
            "none overlapping."
        )
    return spans
