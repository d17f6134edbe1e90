"""Which rows may be learnt from on a day, and which are then told?

A row is one authority on one as-of date. Its label is settled a horizon later, and
known the day it was published: before that nobody could have learnt from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError

Days = NDArray[np.datetime64]
Rows = NDArray[np.intp]
Split = tuple[Rows, Rows]

FOLDS = 5  # of authorities, where others alone may teach


def time_splits(
    as_of: ArrayLike,
    groups: ArrayLike,
    *,
    horizon_days: int,
    known_by: ArrayLike | None = None,
    authorities: Literal["all", "others"] = "all",
    folds: int = FOLDS,
) -> Iterator[Split]:
    """Split rows by time: each as-of date is told from what was known by it.

    Parameters
    ----------
    as_of : array-like of datetime of shape (n_rows,)
        The day each row is told on.
    groups : array-like of str of shape (n_rows,)
        The authority each row belongs to.
    horizon_days : int
        A label is settled so many days after `as_of`.
    known_by : array-like of datetime of shape (n_rows,), optional
        The day each label became known, NaT if it never did; a row teaches from then on,
        and not before its horizon is over. By default the end of its horizon.
    authorities : {"all", "others"}, default="all"
        Whether an authority's own past may teach what is told of it.
    folds : int, default=5
        With "others": parts the authorities are divided into, by their code alone, so
        that whoever joins later moves nobody.

    Returns
    -------
    iterator of (train, test)
        Row numbers, earliest test date first. Test rows are those of one date, and with
        "others" of one part of the authorities. A date by which nothing was known has no
        split.

    Raises
    ------
    UsageError
        If lengths differ, a date is missing, or an option is unknown.

    Examples
    --------
    >>> years = ["2020-04-01", "2021-04-01", "2022-04-01"]
    >>> [(a.tolist(), b.tolist()) for a, b in time_splits(years, list("AAA"), horizon_days=365)]
    [([0], [1]), ([0, 1], [2])]
    """
    days, known = as_days(as_of, horizon_days, known_by)
    who = np.asarray(groups).astype(str)
    if who.shape != days.shape:
        raise UsageError(f"There are {days.size} dates and {who.size} groups: give one of each.")
    if authorities not in ("all", "others") or folds < 2:
        raise UsageError(
            f"authorities is {authorities!r} and folds {folds}: say 'all' or 'others', and give "
            "2 folds or more."
        )
    fold = fold_of(who, folds) if authorities == "others" else None
    return _splits(days, known, fold)


def as_days(as_of: ArrayLike, horizon_days: int, known_by: ArrayLike | None) -> tuple[Days, Days]:
    """Return the day of each row, and the first on which it may teach: NaT for never."""
    days = _as_days(as_of)
    problems = []
    if np.isnat(days).any():
        problems.append(f"Rows without an as-of date: {int(np.isnat(days).sum())}.")
    if horizon_days < 1:
        problems.append(f"The horizon is {horizon_days} days: give 1 or more.")
    settled = days + np.timedelta64(max(horizon_days, 0), "D")
    published = settled if known_by is None else _as_days(known_by)
    if published.shape != days.shape:
        problems.append(f"There are {days.size} as-of dates and {published.size} in known_by.")
    if problems:
        raise UsageError(" ".join(problems))
    return days, np.maximum(settled, published)  # NaT stays NaT


def _as_days(dates: ArrayLike) -> Days:
    return pd.DatetimeIndex(np.asarray(dates)).to_numpy().astype("datetime64[D]")


def fold_of(groups: NDArray[np.str_], folds: int) -> Rows:
    """Return the fold of each row; it hangs on the group's own name alone."""
    names, which = np.unique(groups, return_inverse=True)
    drawn = np.array([crc32(str(name).encode()) % folds for name in names], dtype=np.intp)
    return np.asarray(drawn[which])


def _splits(days: Days, known: Days, fold: Rows | None) -> Iterator[Split]:
    own = np.zeros(days.size, dtype=np.intp) if fold is None else fold
    for day in np.unique(days):
        for part in np.unique(own):
            test = np.flatnonzero((days == day) & (own == part))
            may_teach = known <= day
            if fold is not None:
                may_teach &= own != part
            if test.size and may_teach.any():
                yield np.flatnonzero(may_teach), test
