"""Who was listed when: a row an episode, with the looks before it."""

from typing import Any

import pandas as pd

from earlywarning.charts.drawing import Drawing
from earlywarning.charts.look import BLUE, GREY, VERMILION, WHITE
from earlywarning.charts.marks import dots, fitted, number, path, plain, shape, text
from earlywarning.charts.paper import EDGE, MIDDLE, SYMBOL, WIDE, Paper
from earlywarning.charts.plane import BELOW, ENDS, across_axis
from earlywarning.charts.scale import Scale, scale_of

MOST_EPISODES = 40  # drawn; the newest
NAMES = 190.0  # units: left of the days
ROW = 21.0
NOBODY = "No outcome came after the first look."


def timeline_chart(timeline: pd.DataFrame, listed: pd.DataFrame, *, outcome: str) -> Drawing:
    """Draw each episode: the looks before it, whether its authority was listed, and the day.

    Parameters
    ----------
    timeline : DataFrame
        Columns `schema.TIMELINE`, of one outcome.
    listed : DataFrame
        Columns `authority, as_of, listed`: every look at these authorities while at risk.
    outcome : str
        What it is called.

    Returns
    -------
    Drawing
        As wide as its place; the earliest episode on top.

    Examples
    --------
    >>> day = pd.Timestamp("2020-12-31")
    >>> episodes = pd.DataFrame({"authority": ["A"], "name": ["Ash"], "listed": [True],
    ...                          "date": [day + pd.Timedelta(days=90)], "last_look": [day]})
    >>> looks = pd.DataFrame({"authority": ["A"], "as_of": [day], "listed": [True]})
    >>> timeline_chart(episodes, looks, outcome="notice").title
    'notice: 1 of 1 on the list at the last look before'
    """
    looked = timeline[timeline["last_look"].notna()].sort_values(["date", "authority"])
    shown = looked.tail(MOST_EPISODES)
    more = f" The newest {MOST_EPISODES} are drawn." if len(looked) > len(shown) else ""
    title = (
        f"{plain(outcome)}: {int(looked['listed'].sum()):,} of {len(looked):,} on the list at the "
        "last look before"
    )
    below = f"A dot for each look while the authority was at risk; no dot, no look.{more}"
    paper = Paper()
    paper.heading(title, below if len(shown) else NOBODY)
    if shown.empty:
        paper.y += EDGE
        return paper.drawing(title, NOBODY)
    paper.key(_key(outcome))
    looks = {
        code: of for code, of in listed.groupby("authority") if code in set(shown["authority"])
    }
    first = min((of["as_of"].min() for of in looks.values()), default=shown["date"].min())
    ends = [_day(min(first, shown["date"].min())), _day(shown["date"].max())]
    across = scale_of(ends, start=NAMES, end=WIDE - EDGE - ENDS, margin=0.02)
    row: Any
    for row in shown.itertuples(index=False):
        paper.y += ROW
        name = row.authority if pd.isna(row.name) else row.name
        label = fitted(name, NAMES - 2 * EDGE, MIDDLE)
        paper.parts.append(text(NAMES - EDGE, paper.y + 4, label, anchor="end"))
        of = looks.get(row.authority, listed.head(0))
        paper.parts += _episode(
            of[of["as_of"] < row.date], across.at(_day(row.date)), across, paper.y
        )
    paper.parts += across_axis(across, _years(across), paper.y + ROW, "")
    paper.y += BELOW + ROW / 2
    return paper.drawing(title, f"A row an episode, the earliest on top. {below}")


def _episode(looks: pd.DataFrame, at: float, across: Scale, y: float) -> list[str]:
    """Return the looks before an episode as dots, full where listed, and its day as a diamond."""
    parts = []
    if len(looks):
        xs = pd.Series([across.at(_day(day)) for day in looks["as_of"]])
        on = looks["listed"].to_numpy(dtype=bool)
        off, full = (dots(some, [y] * len(some)) for some in (xs[~on], xs[on]))
        parts.append(path(f"M{number(xs.iloc[-1])} {number(y)}H{number(at)}", colour=GREY))
        if off:
            parts += [
                path(off, called="off", colour=GREY, width=8),
                path(off, colour=WHITE, width=5.6),
            ]
        if full:
            parts.append(path(full, called="on", colour=BLUE, width=8))
    day = path(shape("diamond", at, y, 4), called="date", width=0, fill=VERMILION)
    return [*parts, day]


def _key(outcome: str) -> list[tuple[str, str]]:
    middle = SYMBOL / 2
    dot = f"M{number(middle)} 0h0"
    off = path(dot, colour=GREY, width=8) + path(dot, colour=WHITE, width=5.6)
    diamond = path(shape("diamond", middle, 0, 4), width=0, fill=VERMILION)
    return [(path(dot, colour=BLUE, width=8), "on the list"), (off, "not on the list"),
            (diamond, outcome)]  # fmt: skip


def _years(across: Scale) -> list[tuple[float, str]]:
    """Return the first days of the years that are in sight."""
    first, last = (pd.Timestamp.fromordinal(int(end)).year for end in (across.low, across.high))
    firsts = [(_day(pd.Timestamp(year, 1, 1)), str(year)) for year in range(first, last + 2)]
    return [(day, label) for day, label in firsts if across.low <= day <= across.high]


def _day(day: pd.Timestamp) -> float:
    return float(day.toordinal())
