"""Who saw whom, when, and what for? Peer challenges, reviews, inspections, conversations."""

from __future__ import annotations

from typing import Any

import pandas as pd

from earlywarning.authorities.register import NAMES as REGISTER_NAMES
from earlywarning.authorities.tables import (
    HEADER,
    Source,
    as_text,
    listed,
    named,
    naming_the_file,
    opened,
    refuse,
)
from earlywarning.errors import EngagementsError
from earlywarning.schema import ENGAGEMENTS

# The usual names of columns, in small letters, likeliest first.
NAMES = {
    "authority": REGISTER_NAMES["authority"],
    "kind": ("kind", "type", "engagement", "engagement_type"),
    "start": ("start", "start_date", "date", "from"),
    "end": ("end", "end_date", "to"),
    "status": ("status", "state"),
    "lead": ("lead", "body", "organisation"),
    "outcome": ("outcome", "result"),
}
STATUSES = ("planned", "ongoing", "completed", "cancelled", "declined")


@naming_the_file
def read_engagements(source: Source) -> pd.DataFrame:
    """Read a calendar of engagements from a CSV file or a DataFrame, and check it.

    Parameters
    ----------
    source : path or DataFrame
        One row an engagement, columns by their usual names; authority, kind and start are needed.
        A status that is not said is `completed`.

    Returns
    -------
    DataFrame
        Columns `schema.ENGAGEMENTS`, by start and authority. An end that is not known is NaT.

    Raises
    ------
    EngagementsError
        Naming everything that is wrong: what is missing, a day that is none, an end before the
        start, a status that is none of `STATUSES`.

    Examples
    --------
    >>> calendar = pd.DataFrame({"authority_code": ["E1"], "kind": ["inspection"],
    ...                          "date": ["2024-05-01"]})
    >>> read_engagements(calendar)[["authority", "status"]].values.tolist()
    [['E1', 'completed']]
    """
    table = opened(source, error=EngagementsError)
    given = named(table, NAMES, needed=["authority", "kind", "start"], error=EngagementsError)
    given = given.reindex(columns=list(ENGAGEMENTS)).apply(as_text)
    days = {
        day: pd.to_datetime(given[day], errors="coerce", format="ISO8601")
        for day in ("start", "end")
    }
    calendar = given.assign(
        **days, status=given["status"].fillna("completed").astype(str).str.lower()
    )
    calendar = calendar.fillna({"lead": "", "outcome": ""})
    refuse(_problems(given, calendar), error=EngagementsError)
    return calendar.sort_values(["start", "authority", "kind"], ignore_index=True)


def _problems(given: pd.DataFrame, calendar: pd.DataFrame) -> list[str]:
    """Name everything that is wrong."""
    problems = [
        f"no {name} in rows {listed(rows + HEADER)}. Fill it in, or drop them."
        for name in ("authority", "kind", "start")
        if len(rows := given.index[given[name].isna()])
    ]
    for day in ("start", "end"):
        wrong: pd.Series[Any] = given.loc[given[day].notna() & calendar[day].isna(), day]
        if len(wrong):
            problems.append(f"{day} is no date: {listed(wrong)}. Write it as 2023-04-01.")
    early = calendar.loc[calendar["end"] < calendar["start"], "authority"]
    if len(early):
        problems.append(f"end before start: {listed(early)}. Correct the dates.")
    unknown = calendar.loc[~calendar["status"].isin(STATUSES), "status"]
    if len(unknown):
        problems.append(f"no status: {listed(unknown)}. Use one of {', '.join(STATUSES)}.")
    return problems
