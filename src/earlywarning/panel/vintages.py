"""What is the latest word on each value, and what was the first?"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from earlywarning.panel.table import Panel
from earlywarning.schema import KEY, VALUES


def values_at(panel: Panel, as_of: str | dt.date | pd.Timestamp) -> pd.DataFrame:
    """Return every value as it stood at the end of a day, beside what was published first.

    Parameters
    ----------
    panel : Panel
        With all that was ever published.
    as_of : date-like
        The day; what was published on it is known.

    Returns
    -------
    DataFrame
        Columns `schema.VALUES`, one row an (authority, metric, period), in the units of the
        metric; `published` is the day of the latest word, `first_value` the first one, and
        `denominator` how many cases it is out of, where that is known.

    Raises
    ------
    UsageError
        If `as_of` is no date.

    Examples
    --------
    >>> from earlywarning.panel import as_panel
    >>> rows = pd.DataFrame({"authority": "E06000001", "metric": "debt", "period": "2022-23",
    ...                      "value": [5.0, 6.0], "published": ["2023-11-30", "2024-05-31"]})
    >>> values_at(as_panel(rows), "2024-06-30")[["value", "first_value"]].iloc[0].to_list()
    [6.0, 5.0]
    """
    known = panel.known_at(as_of).frame
    ends = panel.periods.set_index("period")["end"]
    known = known.assign(end=pd.to_datetime(known["period"].astype(str).map(ends)))
    if not panel.revised:
        return known.assign(first_value=known["value"])[list(VALUES)]
    first = panel.frame.drop_duplicates(list(KEY))[[*KEY, "value"]]
    first = first.rename(columns={"value": "first_value"})
    return known.merge(first, on=list(KEY), how="left", validate="1:1")[list(VALUES)]
