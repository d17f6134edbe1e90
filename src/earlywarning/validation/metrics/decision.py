"""Is acting on it better than acting on all, or on none?

Net benefit weighs false alarms by the probability at which one would act; usefulness by
how much one minds a missed event against a false alarm.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from earlywarning.errors import UsageError
from earlywarning.validation.metrics.rows import Array, as_chances, as_rows, share

Loss = Literal["sarlin", "alessi-detken"]


class NetBenefit(NamedTuple):
    """Net benefit at each threshold: of acting on p, on everyone, and on nobody."""

    flagged: Array
    everyone: Array
    nobody: Array


class Counts(NamedTuple):
    """Events flagged and missed, others flagged and left alone."""

    tp: float
    fn: float
    fp: float
    tn: float


class Usefulness(NamedTuple):
    """A loss, how much less it is than without flags, and that as a share of all there is."""

    loss: float
    absolute: float
    relative: float


def net_benefit(
    p: ArrayLike, event: ArrayLike, thresholds: ArrayLike, *, weight: ArrayLike | None = None
) -> NetBenefit:
    """Compute true alarms a row, less false ones at the exchange rate of the threshold.

    Parameters
    ----------
    p : array-like of shape (n,)
        Probabilities of the event, from 0 to 1.
    event : array-like of shape (n,)
        Whether the outcome came.
    thresholds : array-like of shape (n_thresholds,)
        Probabilities from 0 to below 1: one acts where p is above this.
    weight : array-like of shape (n,) or (n_draws, n), optional
        How often each row counts, once by default.

    Returns
    -------
    NetBenefit
        Three arrays of shape (n_thresholds,), or (n_draws, n_thresholds); at most the base
        rate. NaN without rows.

    Raises
    ------
    UsageError
        If arrays differ in length or hold what they must not.

    Notes
    -----
    Vickers, A. J. and Elkin, E. B. (2006), Decision curve analysis, Medical Decision
    Making 26, 565-574.

    Examples
    --------
    >>> net_benefit([0.9, 0.6, 0.3, 0.1], [1, 0, 1, 0], [0.5]).flagged
    array([0.])
    """
    rows = as_chances(p, event, weight)
    at = np.atleast_1d(np.asarray(thresholds, dtype=float))
    if at.ndim != 1 or not ((at >= 0) & (at < 1)).all():
        raise UsageError("Thresholds are probabilities from 0 to below 1, in one row.")
    worth = np.where(rows.event, 1.0, -(at / (1 - at))[:, None])  # (n_thresholds, n)
    acted = np.where(rows.score > at[:, None], worth, 0.0)
    total = rows.weight.sum(axis=-1)[..., None]
    return NetBenefit(
        share(rows.weight @ acted.T, total),
        share(rows.weight @ worth.T, total),
        share(np.zeros((*rows.weight.shape[:-1], at.size)), total),
    )


def count(flagged: ArrayLike, event: ArrayLike) -> Counts:
    """Count flagged and missed events, false alarms and rows rightly left alone.

    Parameters
    ----------
    flagged, event : array-like of shape (n,)
        True or false, 1 or 0.

    Raises
    ------
    UsageError
        If they differ in length or hold anything else.

    Examples
    --------
    >>> count([1, 0, 1, 0, 0], [1, 1, 0, 0, 0])
    Counts(tp=1.0, fn=1.0, fp=1.0, tn=2.0)
    """
    events = as_rows(flagged, event).event
    marked = as_rows(event, flagged).event
    cells = (marked & events, ~marked & events, marked & ~events, ~marked & ~events)
    return Counts(*(float(cell.sum()) for cell in cells))


def usefulness(counts: Counts, preference: float, *, loss: Loss = "sarlin") -> Usefulness:
    """Compute what flags save one who minds missed events and false alarms so much.

    Parameters
    ----------
    counts : Counts
        Each 0 or more.
    preference : float
        From 0 to 1: how much a missed event is minded, and the rest how much a false alarm.
    loss : {"sarlin", "alessi-detken"}, default="sarlin"
        "sarlin" weighs both errors by how many rows they can befall; "alessi-detken" does
        not, so that with rare events a false alarm costs little.

    Returns
    -------
    Usefulness
        `absolute` is the loss of the better of always and never flagging, less this loss;
        `relative` its share of the former: 1 is perfect, below 0 is worse than no flags.
        NaN where there are no events, or nothing else.

    Raises
    ------
    UsageError
        If counts are below 0, the preference is not from 0 to 1, or the word is unknown.

    Notes
    -----
    Sarlin, P. (2013), On policymakers' loss functions and the evaluation of early warning
    systems, Economics Letters 119, 1-7; Alessi, L. and Detken, C. (2011), Quasi real time
    early warning indicators, European Journal of Political Economy 27, 520-533.

    Examples
    --------
    >>> found = usefulness(Counts(tp=8, fn=2, fp=30, tn=260), 0.9)
    >>> round(found.absolute, 4), round(found.relative, 4)
    (0.014, 0.4667)
    """
    if loss not in get_args(Loss):
        raise UsageError(f"loss={loss!r}: give one of {', '.join(get_args(Loss))}.")
    if not 0 <= preference <= 1:
        raise UsageError(f"preference={preference!r}: give a share from 0 to 1.")
    missed, false = _error_rates(counts)
    events, others = counts.tp + counts.fn, counts.fp + counts.tn
    base = events / (events + others) if loss == "sarlin" and events + others else 0.5
    scale = 1.0 if loss == "sarlin" else 2.0  # Alessi and Detken's errors are not shared out
    mind_missed, mind_false = scale * preference * base, scale * (1 - preference) * (1 - base)
    lost = mind_missed * missed + mind_false * false
    least = min(mind_missed, mind_false)
    saved = least - lost
    return Usefulness(lost, saved, saved / least if least > 0 else float("nan"))


def noise_to_signal(counts: Counts) -> float:
    """Compute the share of others flagged over the share of events flagged.

    Parameters
    ----------
    counts : Counts
        Each 0 or more.

    Returns
    -------
    float
        0 is perfect, 1 chance; infinite where no event was flagged; NaN where there are no
        events, or nothing else.

    Raises
    ------
    UsageError
        If counts are below 0.

    Notes
    -----
    Kaminsky, G. L. and Reinhart, C. M. (1999), The twin crises, American Economic Review
    89, 473-500.

    Examples
    --------
    >>> round(noise_to_signal(Counts(tp=8, fn=2, fp=30, tn=260)), 4)
    0.1293
    """
    missed, false = _error_rates(counts)
    if np.isnan(missed + false):
        return float("nan")
    return false / (1 - missed) if missed < 1 else float("inf")


def _error_rates(counts: Counts) -> tuple[float, float]:
    """Return the share of events missed and of others flagged."""
    if not min(counts) >= 0:
        raise UsageError(f"{counts}: none can be below 0 or missing.")
    events, others = counts.tp + counts.fn, counts.fp + counts.tn
    if not (events > 0 and others > 0):
        return float("nan"), float("nan")
    return counts.fn / events, counts.fp / others
