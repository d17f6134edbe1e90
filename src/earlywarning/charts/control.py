"""One series as a control chart: its limits, its target, and which points call for a cause."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import pandas as pd

from earlywarning.charts.drawing import Drawing
from earlywarning.charts.frame import (
    ABOVE,
    BELOW,
    TALL,
    Frame,
    days_axis,
    frame_of,
    gaps,
    values_axis,
)
from earlywarning.charts.icons import COLOURS, RADIUS, assurance_icon, variation_icon
from earlywarning.charts.look import GREY, PALE, VERMILION, note_of
from earlywarning.charts.marks import (
    along,
    dots,
    fitted,
    number,
    path,
    plain,
    shape,
    text,
    width_of,
)
from earlywarning.charts.paper import EDGE, MIDDLE, SYMBOL, WIDE, Paper, heading_of
from earlywarning.charts.scale import said
from earlywarning.charts.series import days_of

SHAPES = {
    "beyond a limit": "diamond",
    "trend": "triangle",
    "two of three near a limit": "square",
    "shift": "plus",
}
MARK = 5.0  # half the width of a point that calls for a cause
ROOM = 24.0  # to the right of the newest value
STATUS = {
    "trial limits": "Trial limits: fewer than 13 values.",
    "constant": "All values behind the limits are equal.",
    "too few values": "Too few values for limits.",
}


def control_chart(
    points: pd.DataFrame,
    *,
    title: str,
    unit: str,
    name: str = "",
    variation: str = "",
    assurance: str = "",
    target: float | None = None,
    as_of: pd.Timestamp | None = None,
    source: str = "",
) -> Drawing:
    """Draw a control chart as the NHS's Making Data Count does.

    Parameters
    ----------
    points : DataFrame
        One series of `earlywarning.models.control.icons.control_points`, with the columns
        `period` and `end` beside its own; one row a period, a value that is NaN leaves a gap.
    title, unit : str
        The metric's.
    name : str, optional
        The authority's.
    variation, assurance : str, optional
        The series' icons in words, as `variation_icons` and `assurance_icons` give them.
    target : float, optional
        In the unit of the values.
    as_of : Timestamp, optional
        The day whose knowledge is drawn.
    source : str, optional
        Where the values are from.

    Returns
    -------
    Drawing
        As wide as its place. A point's colour says whether it is good news, its shape by which
        rule.

    Examples
    --------
    >>> import numpy as np
    >>> from earlywarning.models.control.icons import control_points
    >>> from earlywarning.models.control.xmr import xmr_limits
    >>> X = np.array([[95.0, 96, 95, 94, 95, 96, 80]])
    >>> points = control_points(X, xmr_limits(X, baseline=6), better="up").assign(
    ...     period=[str(year) for year in range(2018, 2025)],
    ...     end=pd.date_range("2018-12-31", periods=7, freq="YE"),
    ... )
    >>> chart = control_chart(points, title="Council tax collected", unit="percent")
    >>> chart.description.partition(". ")[2]
    'Calling for a cause: 2024 (concern: beyond a limit). Trial limits: fewer than 13 values.'
    """
    points = points.sort_values("end")
    aim = None if target is None or pd.isna(target) else float(target)
    heading = heading_of(title, name)
    words = "" if aim is None else f"Target: {said(aim, unit)}."
    status = STATUS.get(str(points["status"].iloc[-1]), "") if len(points) else ""
    icons = {"Variation": variation, "Assurance": assurance}
    special = _special(points)
    paper = Paper()
    paper.heading(heading, f"{words} {status}".strip())
    _write_icons(paper, icons)
    paper.key(_key(points, aim, special))
    _draw(paper, points, unit=unit, aim=aim, special=special)
    paper.note(note_of(as_of, source))
    told = [f"{what}: {plain(word)}." for what, word in icons.items() if word]
    sentences = [_in_words(points, unit, special), words, *told, status]
    return paper.drawing(heading, " ".join(filter(None, sentences)))


def _draw(
    paper: Paper,
    points: pd.DataFrame,
    *,
    unit: str,
    aim: float | None,
    special: dict[str, list[int]],
) -> None:
    """Draw axes, limits, target and values."""
    paper.y += ABOVE
    days = days_of(points["end"])
    lines = ("value", "centre", "lower", "upper")
    columns = {line: points[line].astype(float).to_list() for line in lines}
    inside = [*chain(*columns.values()), *([] if aim is None else [aim])]
    frame = frame_of(days, inside, unit=unit, size="large", top=paper.y, right=EDGE + ROOM)
    paper.parts += values_axis(frame, unit)
    paper.parts += _limits(frame, days, columns, points["segment"].to_list())
    paper.parts += _target(frame, aim)
    paper.parts += _values(frame, days, columns["value"], special)
    paper.parts += days_axis(frame, days, points["period"].astype(str).to_list())
    paper.y += TALL["large"] + BELOW


def _in_words(points: pd.DataFrame, unit: str, special: dict[str, list[int]]) -> str:
    """Say between what the values lie, and which call for a cause."""
    known = points["value"].dropna()
    if known.empty:
        return "No value."
    periods = points["period"].map(plain).to_list()
    first = (
        f"{len(known)} values, {periods[0]} to {periods[-1]}, between {said(known.min(), unit)} "
        f"and {said(known.max(), unit)}."
    )
    named = [f"{periods[i]} ({word})" for word, places in special.items() for i in places]
    return f"{first} Calling for a cause: {', '.join(named)}." if named else first


def _special(points: pd.DataFrame) -> dict[str, list[int]]:
    """Return the places of the points that call for a cause, by "judgement: rule"."""
    found: dict[str, list[int]] = {}
    there = points["rule"].ne("") & points["value"].notna()
    rows = zip(there, points["point"], points["rule"], strict=True)
    for i, (calls, point, rule) in enumerate(rows):
        if calls:
            found.setdefault(f"{str(point).split()[0]}: {rule}", []).append(i)
    return found


def _write_icons(paper: Paper, icons: Mapping[str, str]) -> None:
    """Draw the icons in a row, each with its words."""
    x, y = EDGE + RADIUS + 2, paper.y + RADIUS + 6
    for (what, word), icon in zip(icons.items(), (variation_icon, assurance_icon), strict=True):
        if word:
            words = fitted(f"{what}: {plain(word)}", WIDE / 2 - 4 * RADIUS, MIDDLE)
            place = f"translate({number(x)} {number(y)})"
            paper.parts.append(f'<g transform="{place}">{icon(word)}</g>')
            paper.parts.append(text(x + RADIUS + 8, y + MIDDLE * 0.35, words))
            x += 3 * RADIUS + 24 + width_of(words, MIDDLE)
            paper.y = y + RADIUS + 2


def _limits(
    frame: Frame, days: list[int], columns: dict[str, list[float]], segments: list[int]
) -> list[str]:
    """Return centre line and limits, broken where they begin anew."""
    apart = [i > 0 and segment != segments[i - 1] for i, segment in enumerate(segments)]
    parts = []
    for line, dash in (("centre", ""), ("lower", "6 4"), ("upper", "6 4")):
        way = frame.way(days, columns[line], apart)
        if way:
            parts.append(path(way, called=line, colour=PALE, width=1.3, dash=dash))
    return parts


def _target(frame: Frame, aim: float | None) -> list[str]:
    if aim is None:
        return []
    way = f"M{number(frame.across.start)} {number(frame.up.at(aim))}H{number(frame.across.end)}"
    return [path(way, called="target", colour=VERMILION, width=1.8, dash="2 3")]


def _values(
    frame: Frame, days: list[int], values: list[float], special: dict[str, list[int]]
) -> list[str]:
    """Return the values as a line, and those that call for a cause as marks in colour."""
    way = frame.way(days, values, gaps(days))
    if not way:
        return []
    xs, ys = [*map(frame.across.at, days)], [*map(frame.up.at, values)]
    parts = [
        path(way, called="values", colour=GREY, width=1.4),
        path(dots(xs, ys), called="points", width=5),
    ]
    for word, places in special.items():
        judgement, _, rule = word.partition(": ")
        ways = "".join(shape(SHAPES[rule], xs[i], ys[i], MARK) for i in places)
        parts.append(path(ways, called=judgement, width=0, fill=COLOURS[judgement]))
    return parts


def _key(
    points: pd.DataFrame, aim: float | None, special: dict[str, list[int]]
) -> list[tuple[str, str]]:
    line, middle = along((0, SYMBOL), (0, 0)), SYMBOL / 2
    there: list[tuple[str, str]] = []
    if points["value"].notna().any():
        dot = path(f"M{middle} 0h0", width=5)
        there.append((path(line, colour=GREY, width=1.4) + dot, "value"))
    if points["centre"].notna().any():
        there.append((path(line, colour=PALE, width=1.3), "centre line"))
        there.append((path(line, colour=PALE, width=1.3, dash="6 4"), "limits"))
    if aim is not None:
        there.append((path(line, colour=VERMILION, width=1.8, dash="2 3"), "target"))
    for word in special:
        judgement, _, rule = word.partition(": ")
        mark = shape(SHAPES[rule], middle, 0, MARK)
        there.append((path(mark, width=0, fill=COLOURS[judgement]), word))
    return there
