"""On which day is a panel to be judged?"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from earlywarning.errors import DataRefusedError, UsageError, refuse_other_kind
from earlywarning.panel.table import Panel

NOTHING = "The panel has no value. Its issues say what was refused, and why."


def newest_day(panel: Panel) -> pd.Timestamp:
    """Return the day of the panel's newest publication; what is no panel, or empty, is refused."""
    refuse_other_kind("panel", panel, Panel, "Give as_panel(df), or read_panel(path).")
    if panel.frame.empty:
        raise DataRefusedError(NOTHING)
    return pd.Timestamp(panel.latest_publication).normalize()


def day_known(panel: Panel, as_of: str | dt.date | pd.Timestamp | None) -> pd.Timestamp:
    """Return a day, the newest by default; one on which nothing was known yet is refused."""
    newest = newest_day(panel)
    return day_among(panel.frame["published"].min(), newest, as_of)


def day_among(
    first: pd.Timestamp, newest: pd.Timestamp, as_of: str | dt.date | pd.Timestamp | None
) -> pd.Timestamp:
    """Return a day, the newest by default; one before the first publication is refused."""
    if pd.isna(newest):
        raise DataRefusedError(NOTHING)
    try:
        day = newest if as_of is None else pd.Timestamp(as_of)
    except (ValueError, TypeError) as error:
        raise UsageError(f"as_of is no date: {as_of!r}. Write it as 2024-03-31.") from error
    if pd.isna(day):
        raise UsageError("as_of is missing. Give a date, such as 2024-03-31, or leave it out.")
    day = pd.Timestamp(day).normalize()
    if first > day:
        raise DataRefusedError(
            f"Nothing was published by {day:%Y-%m-%d}: the first value became known on "
            f"{first:%Y-%m-%d}. Give a later as_of."
        )
    return day
