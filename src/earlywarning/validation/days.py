"""On which days does one look back, and how long is a horizon?"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from pandas.api.typing import NaTType

from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.panel import Panel
from earlywarning.periods import DAYS_A_MONTH

EVERY = {"year": "YE", "quarter": "QE", "month": "ME"}
LONGEST = 1200  # months of a horizon
_HORIZON = re.compile(r"(\d+)\s*(M|Y)", re.IGNORECASE)


def as_of_days(panel: Panel, every: str = "year", *, min_periods: int) -> list[pd.Timestamp]:
    """Return the days on which to look: the last day of each year, quarter or month.

    Parameters
    ----------
    panel : Panel
        What is looked at.
    every : {"year", "quarter", "month"}
        How often.
    min_periods : int
        Periods that a metric must have before there is anything to judge.

    Returns
    -------
    list of Timestamp
        From the first such day on which some metric has `min_periods` periods, to the last one
        before the newest publication. Later values add days at the end and change none.

    Raises
    ------
    UsageError
        If `every` is another word.
    DataRefusedError
        If there is no such day.

    Examples
    --------
    >>> from earlywarning.panel import as_panel
    >>> rows = {"authority": "E1", "metric": "debt", "value": 1.0,
    ...         "period": [f"{year}-{year % 100 + 1:02d}" for year in range(2010, 2018)]}
    >>> [f"{day:%Y-%m-%d}" for day in as_of_days(as_panel(pd.DataFrame(rows)), min_periods=6)]
    ['2016-12-31', '2017-12-31']
    """
    if every not in EVERY:
        raise UsageError(f"No days every '{every}'. One of: {', '.join(EVERY)}.")
    frame = panel.frame.dropna(subset=["value"])
    seen = frame.groupby(["metric", "period"], observed=True)["published"].min()
    nth = seen.groupby(level="metric", observed=True).apply(_nth_smallest, n=min_periods)
    first, last = nth.min(), panel.latest_publication
    days = [] if pd.isna(first) else list(pd.date_range(first, last, freq=EVERY[every]))
    if not days:
        raise DataRefusedError(
            f"There is no end of a {every} on which a metric has {min_periods} periods "
            "published, so there is nothing to look back on. Give a longer record."
        )
    return [pd.Timestamp(day).normalize() for day in days]


def _nth_smallest(days: pd.Series[pd.Timestamp], n: int) -> pd.Timestamp | NaTType:
    known = np.sort(days.to_numpy())
    return pd.Timestamp(known[n - 1]) if len(known) >= n else pd.NaT


def months_of(horizon: str) -> int:
    """Return a horizon in months.

    Examples
    --------
    >>> months_of("24M"), months_of("2Y")
    (24, 24)
    """
    read = _HORIZON.fullmatch(horizon.strip())
    months = int(read[1]) * (12 if read[2].upper() == "Y" else 1) if read else 0
    if not 1 <= months <= LONGEST:
        raise UsageError(
            f"No length of time '{horizon}'. Write 24M (months) or 2Y (years), a century at most."
        )
    return months


def days_of(months: int) -> int:
    """Return the days of as many months, on average."""
    return round(months * DAYS_A_MONTH)
