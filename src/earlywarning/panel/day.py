"""On which day is a panel to be judged?"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from earlywarning.errors import DataRefusedError, refuse_other_kind
from earlywarning.panel.table import Panel
from earlywarning.panel.when import one_day

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
    day = newest.normalize() if as_of is None else one_day(as_of)
    if first > day:
        raise DataRefusedError(
            f"Nothing was published by {day:%Y-%m-%d}: the first value became known on "
            f"{first:%Y-%m-%d}. Give a later as_of."
        )
    return day
