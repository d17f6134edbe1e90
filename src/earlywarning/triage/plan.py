"""Whom does each body approach, when there are more than it can talk to?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from earlywarning.errors import UsageError
from earlywarning.flags import gravest_first
from earlywarning.schema import NO_THEME, TRIAGE
from earlywarning.settings import Settings
from earlywarning.triage.calendar import Calendar
from earlywarning.triage.routes import APPROACH, routes_of

MOST_THEMES = 3  # named in a reason
US = "us"


def plan_conversations(
    authorities: pd.DataFrame,
    flags: pd.DataFrame,
    engagements: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    window_months: int = 6,
    capacity: int | Mapping[str, int] = 10,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Say of every authority who talks to it in a window, or why nobody does.

    Parameters
    ----------
    authorities, flags : DataFrame
        Columns `schema.AUTHORITIES` and `schema.FLAGS`, as in a `Result`.
    engagements : DataFrame
        As from `read_engagements`.
    as_of : Timestamp
        The first day of the window.
    window_months : int
        How long it is.
    capacity : int, or mapping of str to int
        Conversations in the window; of each body, where several plan side by side. They take turns
        down the list, so that no authority is approached by two.
    settings : Settings, optional
        How long one waits after a conversation, and how long a silence is long.

    Returns
    -------
    DataFrame
        Columns `schema.TRIAGE`, one row an authority, by tier, then p. `route` is one of
        `schema.ROUTES`, each with a `reason`; `body` is who approaches it, empty where the
        capacity is used up. `place` is its place among those to approach.

    Raises
    ------
    UsageError
        If the window or a capacity is not above 0, or there is no body.

    Examples
    --------
    >>> from earlywarning import schema
    >>> from earlywarning.engagements import read_engagements
    >>> sector = pd.DataFrame({"authority": ["A", "B"], "name": ["Ash", "Birch"],
    ...                        "tier": ["concern", "none"], "p": [0.001, 0.4]})
    >>> visits = read_engagements(pd.DataFrame({"authority": ["B"], "start": ["2023-05-01"],
    ...                                         "kind": ["corporate_peer_challenge"]}))
    >>> plan = plan_conversations(sector, schema.empty(schema.FLAGS), visits,
    ...                           as_of=pd.Timestamp("2024-09-01"), capacity=1)
    >>> plan[["authority", "route", "body"]].values.tolist()
    [['A', 'approach', 'us'], ['B', 'none', '']]
    """
    able = {US: capacity} if isinstance(capacity, int) else dict(capacity)
    _refuse(able, window_months)
    ends = as_of + pd.DateOffset(months=window_months)
    calendar = Calendar(engagements, as_of, ends)
    table = routes_of(authorities, _themes(flags), calendar, settings=settings or Settings())
    to_approach = table.index[table["route"].eq(APPROACH)]
    taken = _in_turn(len(to_approach), able)
    table.loc[to_approach, "body"] = taken
    total = sum(able.values())
    table.loc[to_approach, "reason"] = [
        f"{reason} {_choice(place, len(to_approach), body, able, total)}"
        for reason, place, body in zip(
            table.loc[to_approach, "reason"], table.loc[to_approach, "place"], taken, strict=True
        )
    ]
    return table[list(TRIAGE)]


def _in_turn(n: int, able: Mapping[str, int]) -> list[str]:
    """Return who takes each of so many in a row: bodies in turn, each as often as it is able."""
    left, bodies = dict(able), list(able)
    taken: list[str] = []
    while len(taken) < n and any(left.values()):
        for body in bodies:
            if left[body] and len(taken) < n:
                taken.append(body)
                left[body] -= 1
    return taken + [""] * (n - len(taken))


def _choice(place: int, n: int, body: str, able: Mapping[str, int], total: int) -> str:
    """Say why an authority is approached in this window, or not yet."""
    where = f"Place {place} of {n} by tier, then by how rarely chance does as much"
    if not body:
        return f"{where}: after the {total} there is capacity for."
    return f"{where}." if len(able) == 1 else f"{where}; {body} takes it in turn."


def _themes(flags: pd.DataFrame) -> pd.Series[str]:
    """Return the themes of each authority's flags, the gravest first."""
    rows = gravest_first(flags[flags["theme"].astype(str).ne(NO_THEME)])
    by = rows["theme"].astype(str).groupby(rows["authority"].astype(str), sort=False)
    return by.agg(lambda themes: ", ".join(list(dict.fromkeys(themes))[:MOST_THEMES])).astype(
        object
    )


def _refuse(able: Mapping[str, int], window_months: int) -> None:
    problems = []
    if not able:
        problems.append("There is no body to talk to anybody. Name one with its capacity.")
    if wrong := [body for body, n in able.items() if n < 1]:
        problems.append(f"Without capacity: {', '.join(wrong)}. Give each 1 or more.")
    if window_months < 1:
        problems.append(f"A window of {window_months} months: give 1 or more.")
    if problems:
        raise UsageError(" ".join(problems))
