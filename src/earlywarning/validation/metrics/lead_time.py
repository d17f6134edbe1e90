"""How long before an event was the authority flagged?

The lead time of an event runs from the first flag of the unbroken run of flags before it.
A run that began before one looked is longer than can be seen: its lead time is at least
so long, which Kaplan and Meier's estimate allows for. Events that were not flagged have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from earlywarning.errors import UsageError
from earlywarning.models.funnel.intervals import tail_of, wilson
from earlywarning.validation.metrics.intervals import Interval
from earlywarning.validation.metrics.rows import Array, Flags

if TYPE_CHECKING:
    from statsmodels.duration.survfunc import SurvfuncRight

YEAR = 365.0  # days: a lead time of 12 months or more
ROUNDING = 1e-9  # of products of shares that should be exactly one half


class LeadTimes(NamedTuple):
    """Days of each event's lead time; whether it is longer than can be seen."""

    days: Array
    censored: Flags


class LeadTimeSummary(NamedTuple):
    """Events, how many were flagged before, and of how many the beginning was not seen.

    `median` in days, of the events that were flagged; `long` the share of all events, the
    unflagged among them, that were flagged so many days before, without a break.
    """

    n_events: int
    n_flagged: int
    n_censored: int
    median: Interval
    long: Interval


def lead_times(flagged: ArrayLike, as_of: ArrayLike, event_day: ArrayLike) -> LeadTimes:
    """Measure how long each event's authority had been flagged without a break.

    Parameters
    ----------
    flagged : array-like of shape (n_events, n_days)
        Whether the event's authority was flagged on each day at which one looked.
    as_of : array-like of shape (n_days,)
        These days, rising: numbers, or dates.
    event_day : array-like of shape (n_events,)
        When each event came, in the same terms.

    Returns
    -------
    LeadTimes
        Days from the first flag of the run to the event; NaN where the authority was not
        flagged on the last day before the event, or nobody looked before it. `censored`
        where the run reaches back to the first day at which one looked.

    Raises
    ------
    UsageError
        If the shapes do not fit each other, or days do not rise.

    Examples
    --------
    >>> found = lead_times([[0, 1, 1, 0], [1, 0, 0, 0]], [0, 100, 200, 300], [250, 250])
    >>> found.days
    array([150.,  nan])
    """
    marked = np.asarray(flagged, dtype=bool)
    days, events = _as_days(as_of), _as_days(event_day)
    if marked.shape != (events.size, days.size):
        raise UsageError(f"Flags have the shape {marked.shape}, not {(events.size, days.size)}.")
    if not (np.diff(days) > 0).all():
        raise UsageError("The days at which one looks must rise.")
    before = days < events[:, None]
    place = np.arange(days.size)
    last_break = np.where(before & ~marked, place, -1).max(axis=1, initial=-1)
    n_before = before.sum(axis=1)
    known = last_break + 1 < n_before
    first = np.where(known, last_break + 1, 0)
    begun = days[first] if days.size else np.full(events.size, np.nan)
    return LeadTimes(np.where(known, events - begun, np.nan), known & (first == 0))


def lead_time_summary(
    lead_days: ArrayLike,
    censored: ArrayLike | None = None,
    *,
    long: float = YEAR,
    coverage: float = 0.95,
) -> LeadTimeSummary:
    """Summarise lead times, some of which are longer than could be seen.

    Parameters
    ----------
    lead_days : array-like of shape (n_events,)
        Days from first flag to event; NaN for events that were not flagged.
    censored : array-like of shape (n_events,), optional
        Whether the lead time is at least so long; by default all are exact.
    long : float, default=365
        Days from which a lead time is long.
    coverage : float, default=0.95
        How often the limits hold the truth.

    Returns
    -------
    LeadTimeSummary
        Limits of the median are Brookmeyer and Crowley's on the log-log scale: 0
        and infinite where the lead times do not tell. Limits of the share are Wilson's, with
        as many events as Greenwood's variance is worth. An estimate is NaN where there is
        nothing to estimate from, and the median where the half that is longer is not seen.

    Raises
    ------
    UsageError
        If arrays differ in length, a lead time is below 0, or an event that was not
        flagged is censored.

    Notes
    -----
    Kaplan, E. L. and Meier, P. (1958), Journal of the American Statistical Association 53,
    457-481; Brookmeyer, R. and Crowley, J. (1982), Biometrics 38, 29-41; computed by
    statsmodels. Where half are reached exactly, the median is the middle, as in R.

    Examples
    --------
    >>> found = lead_time_summary([100.0, 400.0, 500.0, float("nan")], [False, False, True, False])
    >>> found.n_flagged, found.n_censored, found.median.estimate
    (3, 1, 400.0)
    """
    days = np.asarray(lead_days, dtype=float)
    cut = np.zeros(days.shape, bool) if censored is None else np.asarray(censored, dtype=bool)
    if days.ndim != 1 or cut.shape != days.shape:
        raise UsageError(f"Lead times have the shape {days.shape} and censored {cut.shape}.")
    flagged = ~np.isnan(days)
    if (days < 0).any() or (cut & ~flagged).any():
        raise UsageError("Lead times are 0 or more, and none is censored that is missing.")
    tail = tail_of(coverage)
    return LeadTimeSummary(
        days.size,
        int(flagged.sum()),
        int(cut.sum()),
        _median(days[flagged], cut[flagged], tail),
        _share_from(np.where(flagged, days, 0.0), cut, long, coverage),
    )


def _as_days(days: ArrayLike) -> Array:
    """Return days as numbers."""
    values = np.asarray(days)
    if values.dtype.kind == "M":
        values = values.astype("datetime64[D]").astype(np.int64)
    return values.astype(float)


def _kaplan_meier(days: Array, censored: Flags) -> SurvfuncRight:
    """Return the share of lead times that are longer, with Greenwood's error."""
    from statsmodels.duration.survfunc import SurvfuncRight

    with np.errstate(divide="ignore", invalid="ignore"):
        return SurvfuncRight(days, (~censored).astype(int))


def _median(days: Array, censored: Flags, tail: float) -> Interval:
    """Return the median lead time and its limits."""
    if censored.all():  # also where there are none
        return Interval(float("nan"), 0.0, float("inf"))
    curve = _kaplan_meier(days, censored)
    reached = np.flatnonzero(curve.surv_prob <= 0.5 + ROUNDING)
    passed = np.flatnonzero(curve.surv_prob < 0.5 - ROUNDING)
    estimate = float("nan")
    if passed.size:
        estimate = float(curve.surv_times[reached[0]] + curve.surv_times[passed[0]]) / 2
    with np.errstate(all="ignore"):
        lower, upper = curve.quantile_ci(0.5, alpha=2 * tail)
    lower, upper = (0.0, np.inf) if np.isnan(lower) else (lower, upper)
    return Interval(estimate, float(lower), float(upper))


def _share_from(days: Array, censored: Flags, long: float, coverage: float) -> Interval:
    """Return the share of lead times that are at least so long, and its limits."""
    if not days.size:
        return Interval(float("nan"), 0.0, 1.0)
    share, worth = 1.0, float((days >= long).sum())  # where none is known to be shorter
    if (~censored & (days < long)).any():
        curve = _kaplan_meier(days, censored)
        last = np.flatnonzero(curve.surv_times < long)[-1]
        share, error = float(curve.surv_prob[last]), float(curve.surv_prob_se[last])
        worth = share * (1 - share) / error**2 if error > 0 else float((~censored).sum())
    if not worth > 0:  # all were cut short before
        return Interval(float("nan"), 0.0, 1.0)
    lower, upper = wilson(share * worth, worth, coverage=coverage)
    return Interval(share, float(lower), float(upper))
