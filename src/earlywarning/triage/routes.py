"""Which route does each authority get, and why?

Asked in this order, the first that holds counts: under intervention, a warning comes too late
(`refer`); there is something to talk about, but somebody is there or comes (`coordinate`), or
one has just talked (`hold`); there is, and nobody stands in the way (`approach`); there is
not, and nobody has been there for long or is to come (`reach out`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from earlywarning.explain.wording import day, one_line
from earlywarning.schema import ROUTES, TIERS, TRIAGE
from earlywarning.settings import Settings
from earlywarning.triage.calendar import Calendar

APPROACH, COORDINATE, HOLD, REFER, REACH_OUT, NO_ROUTE = ROUTES
YEAR = 365.25  # days
PEOPLE = {
    "corporate_peer_challenge": "a corporate peer challenge",
    "finance_review": "a finance review",
    "inspection": "an inspection",
    "intervention": "an intervention",
    "early_warning_conversation": "an early-warning conversation",
}


def routes_of(
    authorities: pd.DataFrame, themes: pd.Series[str], calendar: Calendar, *, settings: Settings
) -> pd.DataFrame:
    """Give each authority its route, before anybody's capacity is asked.

    Parameters
    ----------
    authorities : DataFrame
        Columns `schema.AUTHORITIES`.
    themes : Series of str, by authority
        What there is to talk about.
    calendar : Calendar
        Who sees whom.
    settings : Settings
        How long one waits after a conversation, and how long a silence is long.

    Returns
    -------
    DataFrame
        Columns `schema.TRIAGE`, in the order in which authorities are listed: by tier, then
        by p. `body` is empty, and `place` the place among those to approach.
    """
    listed = _in_order(authorities)
    about = {
        REFER: calendar.interventions(),
        COORDINATE: calendar.coming(),
        HOLD: _recent(calendar, settings),
    }
    codes = listed["authority"].astype(str)
    in_tier = listed["tier"].astype(str).ne(TIERS[0]).to_numpy()
    last = calendar.last_challenges()["last"].reindex(codes).to_numpy()
    silent = ~(last >= calendar.as_of - pd.Timedelta(days=settings.silent_years * YEAR))
    under, coming, recent = (codes.isin(table.index).to_numpy() for table in about.values())
    route = np.select(
        [under, in_tier & coming, in_tier & recent, in_tier, silent & ~coming & ~recent],
        [*about, APPROACH, REACH_OUT],
        NO_ROUTE,
    )
    table = pd.DataFrame(
        {
            "authority": codes.to_numpy(),
            "name": listed["name"].to_numpy(),
            "tier": listed["tier"].astype(str).to_numpy(),
            "route": route,
            "body": "",
            "themes": themes.reindex(codes).fillna("").to_numpy(),
        }
    )
    table = table.assign(**_met(table, about))
    approached = table["route"].eq(APPROACH)
    table["place"] = approached.cumsum().where(approached).astype("Int64")
    table["reason"] = _reasons(table, calendar, settings, pd.Series(last, index=table.index))
    return table[list(TRIAGE)]


def _in_order(authorities: pd.DataFrame) -> pd.DataFrame:
    """Return authorities by tier, the gravest first, then by p, then by code."""
    place = authorities["tier"].astype(str).map({tier: -at for at, tier in enumerate(TIERS)})
    table = authorities.assign(place=place)
    return table.sort_values(["place", "p", "authority"], ignore_index=True)


def _recent(calendar: Calendar, settings: Settings) -> pd.DataFrame:
    """Return conversations that are not long enough ago."""
    talks = calendar.last_conversations()
    waited = calendar.as_of - talks["last"]
    return talks[waited < pd.Timedelta(days=settings.cooling_off_days)]


def _met(table: pd.DataFrame, about: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Return whom an authority sees, for what, and when, by its route."""
    nobody = pd.DataFrame(
        {"lead": "", "kind": "", "start": pd.NaT, "last": pd.NaT}, index=table.index
    ).astype({"start": "datetime64[ns]", "last": "datetime64[ns]"})
    for route, rows in about.items():
        here = table["route"].eq(route).to_numpy()
        met = rows.reindex(table.loc[here, "authority"])[["lead", "kind", "start", "last"]]
        for name in nobody:
            nobody.loc[here, name] = met[name].to_numpy()
    return {
        "with_whom": nobody["lead"],
        "kind": nobody["kind"],
        "start": nobody["start"],
        "end": nobody["last"],
    }


def _reasons(
    table: pd.DataFrame, calendar: Calendar, settings: Settings, challenged: pd.Series[Any]
) -> list[str]:
    """Return one sentence an authority."""
    ever = calendar.ever()
    rows = table.assign(challenged=challenged, engaged=table["authority"].isin(ever))
    return [_reason(row, calendar, settings) for row in rows.to_dict("records")]


def _reason(row: dict[Any, Any], calendar: Calendar, settings: Settings) -> str:
    """Return why an authority has its route."""
    who = one_line(row["with_whom"]) or "Another body"
    what = PEOPLE.get(row["kind"], one_line(row["kind"]).replace("_", " "))
    if row["route"] == REFER:
        return f"Under intervention since {day(row['start'])} ({who}): a warning comes too late."
    if row["route"] == COORDINATE:
        begins = "there since" if row["start"] <= calendar.as_of else "comes on"
        until = f" until {day(row['end'])}" if row["end"] > row["start"] else ""
        return f"{who} {begins} {day(row['start'])}{until} for {what}: agree who says what."
    if row["route"] == HOLD:
        free = row["end"] + pd.Timedelta(days=settings.cooling_off_days)
        return f"Talked to on {day(row['end'])} ({who}); not again before {day(free)}."
    if row["route"] == APPROACH:
        named = f": {one_line(row['themes'])}" if row["themes"] else ""
        return f"In the tier {row['tier']}{named}."
    if row["route"] == REACH_OUT:
        if pd.isna(row["challenged"]):
            seen = "others have been there" if row["engaged"] else "nobody has been there"
            return f"No peer challenge on record; {seen}."
        return (
            f"Last peer challenge on {day(row['challenged'])}, more than "
            f"{settings.silent_years:g} years ago."
        )
    return "In no tier, and seen not long ago, or soon."
