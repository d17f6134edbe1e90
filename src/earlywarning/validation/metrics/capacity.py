"""If one can talk to so many authorities, how many of them have an event?

The highest scores are taken until the capacity is full. Where rows tie at the cut, each
counts for its chance to be taken, as if they were drawn by lot.
"""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike

from earlywarning.errors import UsageError
from earlywarning.validation.metrics.rows import Array, as_rows, share
from earlywarning.validation.metrics.ties import ladder

T = TypeVar("T", float, Array)


class AtCapacity(NamedTuple, Generic[T]):
    """What comes of talking to the highest scores, as many as capacity allows.

    `hits` of them with an event, `false_alarms` without; `precision` is hits over those
    taken, `recall` hits over all events, `lift` precision over the base rate.
    """

    hits: T
    false_alarms: T
    precision: T
    recall: T
    lift: T


@overload
def at_capacity(
    score: ArrayLike, event: ArrayLike, capacity: float, *, weight: None = None
) -> AtCapacity[float]: ...
@overload
def at_capacity(
    score: ArrayLike, event: ArrayLike, capacity: float, *, weight: ArrayLike
) -> AtCapacity[Array]: ...
def at_capacity(
    score: ArrayLike, event: ArrayLike, capacity: float, *, weight: ArrayLike | None = None
) -> AtCapacity[float] | AtCapacity[Array]:
    """Count what comes of talking to the highest scores.

    Parameters
    ----------
    score, event : array-like of shape (n,)
        As `roc_auc` takes them, of one day at which one looks.
    capacity : float
        How many rows can be taken, above 0; all where there are fewer.
    weight : array-like of shape (n,) or (n_draws, n), optional
        How often each row counts, once by default; one of weight 2 takes two places.

    Returns
    -------
    AtCapacity
        Numbers, or arrays of shape (n_draws,). Hits and false alarms are expected numbers
        where rows tie at the cut. Recall and lift are NaN without events, precision
        without rows.

    Raises
    ------
    UsageError
        If the capacity is not above 0, or arrays hold what they must not.

    Examples
    --------
    >>> at_capacity([3, 2, 2, 1], [1, 1, 0, 0], 2)
    AtCapacity(hits=1.5, false_alarms=0.5, precision=0.75, recall=0.75, lift=1.5)
    """
    if not capacity > 0:
        raise UsageError(f"capacity={capacity!r}: give a number above 0.")
    at = ladder(as_rows(score, event, weight))
    rows = at.event + at.other
    before = np.cumsum(rows, axis=-1) - rows
    taken = np.clip(share(capacity - before, rows), 0.0, 1.0)
    taken = np.where(rows > 0, taken, 0.0)
    hits, false = (taken * at.event).sum(axis=-1), (taken * at.other).sum(axis=-1)
    events, total = at.event.sum(axis=-1), rows.sum(axis=-1)
    precision = share(hits, hits + false)
    base = share(events, total)
    found = hits, false, precision, share(hits, events), share(precision, base)
    if weight is None:
        return AtCapacity(*(float(part) for part in found))
    return AtCapacity(*(np.asarray(part) for part in found))


def precision_at_each(score: ArrayLike, event: ArrayLike) -> Array:
    """Compute the precision of taking the highest 1, 2, ..., n scores.

    Parameters
    ----------
    score, event : array-like of shape (n,)
        As `at_capacity` takes them.

    Returns
    -------
    ndarray of shape (n,)
        `precision` of `at_capacity` at each capacity from 1 to n.

    Raises
    ------
    UsageError
        If the arrays differ in length or hold what they must not.

    Examples
    --------
    >>> precision_at_each([3, 2, 2, 1], [1, 1, 0, 0]).round(3)
    array([1.   , 0.75 , 0.667, 0.5  ])
    """
    at = ladder(as_rows(score, event))
    capacity = np.arange(1.0, np.asarray(score).size + 1)
    full = np.r_[0.0, np.cumsum(at.event + at.other)]
    return np.asarray(np.interp(capacity, full, np.r_[0.0, np.cumsum(at.event)]) / capacity)


def false_alarms_per_year(n_false: float, n_authorities: float, years: float) -> float:
    """Compute false alarms an authority and year.

    Parameters
    ----------
    n_false : float
        False alarms in all, each run of flags counted once.
    n_authorities : float
        How many authorities were looked at.
    years : float
        For how long.

    Returns
    -------
    float
        Times the number of authorities, the false alarms to expect in a year.

    Raises
    ------
    UsageError
        If there are none to look at, or a number is below 0.

    Examples
    --------
    >>> false_alarms_per_year(60, 300, 4)
    0.05
    """
    if not (n_false >= 0 and n_authorities > 0 and years > 0):
        raise UsageError(
            f"n_false={n_false!r}, n_authorities={n_authorities!r}, years={years!r}: give 0 or "
            "more, and two numbers above 0."
        )
    return n_false / (n_authorities * years)
