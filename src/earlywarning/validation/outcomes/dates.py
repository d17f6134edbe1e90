"""From which day to which can something have happened, as its date is written?

A date may be a day, a month or a year; a precision may be said beside it, where the
day written stands for more than itself. It knows no outcomes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.authorities.tables import as_text

WRITTEN = r"^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[ T]00:00(?::00)?)?)?)?$"  # a day may carry midnight
MONTHS = {
    "day": 0,
    "month": 1,
    "year": 12,
    "financial_year": 12,
}  # how long each lasts; finest first
PRECISIONS = tuple(MONTHS)
FINENESS = {word: place for place, word in enumerate(PRECISIONS)}
APRIL = 4  # a financial year begins on the first of it


@dataclass(frozen=True, eq=False)
class Dated:
    """Dates as read, a row each.

    Attributes
    ----------
    earliest, latest : Series of datetime64
        The first and the last day it can have been; NaT where the date is none.
    precision : Series of str
        One of `PRECISIONS`, or the word given where it is none of them.
    problems : dict of str to Series of bool
        What can be wrong, and in which rows it is.
    """

    earliest: "pd.Series[Any]"
    latest: "pd.Series[Any]"
    precision: "pd.Series[Any]"
    problems: "dict[str, pd.Series[bool]]"


def as_dated(dates: "pd.Series[Any]", precisions: "pd.Series[Any] | None" = None) -> Dated:
    """Read dates such as '2018', '2018-01' and '2018-01-05', with what is said of their precision.

    Parameters
    ----------
    dates : Series
        Text or days; an empty one is NaT, and no problem.
    precisions : Series of str, optional
        One of `PRECISIONS` a row; where it is empty it follows from how the date is written.

    Returns
    -------
    Dated

    Examples
    --------
    >>> found = as_dated(pd.Series(["2018", "2018-02", "2018-04-01"]),
    ...                  pd.Series([None, None, "financial_year"]))
    >>> found.latest.dt.strftime("%Y-%m-%d").to_list()
    ['2018-12-31', '2018-02-28', '2019-03-31']
    """
    written = as_text(dates)
    parts = written.astype("string").str.extract(WRITTEN)
    text = parts[0] + "-" + parts[1].fillna("01") + "-" + parts[2].fillna("01")
    day = pd.to_datetime(text.astype(object), format="%Y-%m-%d", errors="coerce")
    finest = pd.Series(np.select([parts[2].notna(), parts[1].notna()], ["day", "month"], "year"),
                       index=dates.index, dtype=object)  # fmt: skip
    said = None if precisions is None else as_text(precisions).astype(object)
    given = finest if said is None else _words(said).where(said.notna(), finest)
    known = given.isin(PRECISIONS)
    precision = given.where(known, finest)
    earliest, latest = _spans(day, precision)
    financial = precision.eq("financial_year") & day.notna()
    starts = day.dt.month.eq(APRIL) & day.dt.day.eq(1) & finest.eq("day")
    problems = {
        "is no date": written.notna() & day.isna(),
        "is no precision": ~known,
        "is finer than its date": precision.map(FINENESS) < finest.map(FINENESS),
        "is not the 1 April of its financial year": financial & ~starts,
    }
    return Dated(earliest, latest, given, problems)


def _words(said: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return words in small letters, as `PRECISIONS` writes them."""
    return said.str.lower().str.replace(r"[\s-]+", "_", regex=True)


def _spans(
    day: "pd.Series[Any]", precision: "pd.Series[Any]"
) -> "tuple[pd.Series[Any], pd.Series[Any]]":
    """Return the first and the last day of what a day stands for."""
    days = day.to_numpy().astype("datetime64[D]")
    years = days.astype("datetime64[Y]").astype("datetime64[M]")
    begun = np.where(precision.eq("year"), years, days.astype("datetime64[M]"))
    ended = begun + precision.map(MONTHS).to_numpy(dtype=int).astype("timedelta64[M]")
    to_the_day = precision.eq("day").to_numpy()
    first = np.where(to_the_day, days, begun.astype("datetime64[D]"))
    last = np.where(to_the_day, days, ended.astype("datetime64[D]") - np.timedelta64(1, "D"))
    both = [pd.Series(span.astype("datetime64[us]"), index=day.index) for span in (first, last)]
    return both[0], both[1]
