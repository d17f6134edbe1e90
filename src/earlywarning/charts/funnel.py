"""All authorities of one metric and period by size, between the limits that their size makes."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd
from markupsafe import escape

from earlywarning.charts.drawing import Drawing
from earlywarning.charts.frame import ABOVE, Frame, upright, values_axis
from earlywarning.charts.look import BLUE, INK, PALE, VERMILION, WHITE, note_of
from earlywarning.charts.marks import along, dots, fitted, number, path, plain, ring, text, width_of
from earlywarning.charts.paper import EDGE, SMALL, SYMBOL, WIDE, Paper
from earlywarning.charts.plane import BELOW, ENDS, TICKS, across_axis
from earlywarning.charts.scale import said, scale_of, ticks
from earlywarning.units import format_value

NAME = 170.0  # units: the widest name beside its point
MANY_TIMES = 10  # the largest denominator over the smallest: from here on drawn by their logarithm
TALL = 250.0
DASHES = ("6 4", "", "2 3", "8 3 2 3")  # of the pairs of limits, the narrowest first
MOST_TOLD = 8  # of those marked, in the description

Box = tuple[float, float, float, float]


def funnel_chart(
    points: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    title: str,
    unit: str,
    size: str = "denominator",
    period: str = "",
    target: float | None = None,
    target_is: str = "target",
    marked: Iterable[str] = (),
    as_of: pd.Timestamp | None = None,
    source: str = "",
) -> Drawing:
    """Draw a funnel: each authority's value over its denominator, and the limits about a target.

    Parameters
    ----------
    points : DataFrame
        Columns `name, value, denominator`, one row an authority; rows without both numbers
        are left out, and said to be.
    limits : DataFrame
        Columns `coverage, denominator, lower, upper`, as the functions of
        `earlywarning.models.funnel.limits` give them; may be empty.
    title, unit : str
        The metric's; limits and target are in the unit too.
    size : str, default="denominator"
        What the denominator counts.
    period : str, optional
        Whose values these are.
    target : float, optional
        The value to expect.
    target_is : str, default="target"
        What to call it.
    marked : iterable of str, optional
        Names to ring and write.
    as_of : Timestamp, optional
        The day whose knowledge is drawn.
    source : str, optional
        Where the values are from.

    Returns
    -------
    Drawing
        As wide as its place. A name for which there is no room shows when pointed at.

    Examples
    --------
    >>> points = pd.DataFrame({
    ...     "name": ["Ashby", "Barton"], "value": [8.0, 12.0], "denominator": [400.0, 90.0],
    ... })
    >>> limits = pd.DataFrame({
    ...     "coverage": 0.95, "denominator": [90.0, 400.0], "lower": [3.2, 6.8],
    ...     "upper": [15.4, 12.2],
    ... })
    >>> chart = funnel_chart(points, limits, title="Complaints upheld", unit="percent")
    >>> chart.description
    '2 authorities between 8.0% and 12.0%, by denominator.'
    """
    known = points[points[["value", "denominator"]].notna().all(axis=1)]
    known = known.astype({"value": float, "denominator": float})
    missing = len(points) - len(known)
    aim = None if target is None or pd.isna(target) else float(target)
    names = set(marked)
    ringed = known[known["name"].isin(list(names))]
    pairs = {float(str(share)): pair.sort_values("denominator")
             for share, pair in limits.groupby("coverage")}  # fmt: skip
    paper = Paper()
    paper.heading(title, period)
    paper.key(_key(pairs, known, ringed, "" if aim is None else target_is))
    frame, log = _frame(known, pairs, aim, unit=unit, top=paper.y + ABOVE)
    paper.parts += values_axis(frame, unit)
    paper.parts += _limits(frame, pairs, log)
    paper.parts += _target(frame, aim)
    paper.parts += _points(frame, known, ringed, log)
    paper.parts += across_axis(frame.across, _marks(frame, log), frame.bottom, size)
    paper.y = frame.bottom + BELOW
    left_out = f"{missing:,} without a value or a denominator." if missing else ""
    paper.note(" ".join(filter(None, [left_out, note_of(as_of, source)])))
    return paper.drawing(plain(title), _in_words(known, ringed, (unit, size), (target_is, aim)))


def _in_words(
    known: pd.DataFrame,
    ringed: pd.DataFrame,
    unit_size: tuple[str, str],
    target: tuple[str, float | None],
) -> str:
    (unit, size), (target_is, aim) = unit_size, target
    if known.empty:
        return "No value."
    low, high = known["value"].min(), known["value"].max()
    sentences = [
        f"{len(known):,} authorities between {said(low, unit)} and {said(high, unit)}, by "
        f"{plain(size)}."
    ]
    if aim is not None:
        sentences.append(f"{plain(target_is).capitalize()}: {said(aim, unit)}.")
    if len(ringed):
        first = ringed.head(MOST_TOLD)
        each = [f"{plain(name)} {said(value, unit)}" for name, value in
                zip(first["name"], first["value"], strict=True)]  # fmt: skip
        more = f" and {len(ringed) - MOST_TOLD:,} more" if len(ringed) > MOST_TOLD else ""
        sentences.append(f"Flagged: {', '.join(each)}{more}.")
    return " ".join(sentences)


def _frame(
    known: pd.DataFrame,
    pairs: dict[float, pd.DataFrame],
    aim: float | None,
    *,
    unit: str,
    top: float,
) -> tuple[Frame, bool]:
    """Return sizes across, values up; and whether sizes stand by their logarithm."""
    sizes, values = known["denominator"].to_list(), known["value"].to_list()
    values += [] if aim is None else [aim]
    for pair in pairs.values():
        values += [*pair["lower"].astype(float), *pair["upper"].astype(float)]
        sizes += [*pair["denominator"].astype(float)]
    given = known["denominator"]
    log = len(known) > 0 and bool(0 < MANY_TIMES * given.min() < given.max())
    up, marks, left = upright(values, unit=unit, size="large", ends=(top + TALL, top))
    places = [_place(size, log) for size in sizes]
    across = scale_of(places, start=left, end=WIDE - EDGE - ENDS, margin=0.02)
    return Frame(across, up, "large", marks), log


def _place(size: float, log: bool) -> float:
    if not log:
        return size
    return math.log10(size) if size > 0 else math.nan


def _across(frame: Frame, sizes: Iterable[float], log: bool) -> list[float]:
    return [frame.across.at(_place(size, log)) for size in sizes]


def _limits(frame: Frame, pairs: dict[float, pd.DataFrame], log: bool) -> list[str]:
    """Return each pair of limits as two lines of one kind."""
    parts = []
    for i, pair in enumerate(pairs.values()):
        xs = _across(frame, pair["denominator"], log)
        for side in ("lower", "upper"):
            ys = [frame.up.at(float(value)) if x == x else math.nan
                  for x, value in zip(xs, pair[side], strict=True)]  # fmt: skip
            way = along(xs, ys)
            if way:
                dash = DASHES[i % len(DASHES)]
                parts.append(path(way, called=side, colour=PALE, width=1.3, dash=dash))
    return parts


def _target(frame: Frame, aim: float | None) -> list[str]:
    if aim is None:
        return []
    way = f"M{number(frame.across.start)} {number(frame.up.at(aim))}H{number(frame.across.end)}"
    return [path(way, called="target", colour=BLUE, width=1.6)]


def _points(frame: Frame, known: pd.DataFrame, ringed: pd.DataFrame, log: bool) -> list[str]:
    """Return every authority as a dot; those marked with a ring, and a name where it fits."""
    if known.empty:
        return []
    ys = [*map(frame.up.at, known["value"])]
    places = dots(_across(frame, known["denominator"], log), ys)
    parts = [f'<g opacity="0.7">{path(places, called="authorities", width=5)}</g>']
    taken: list[Box] = []
    edge = frame.across.start
    at = zip(
        _across(frame, ringed["denominator"], log), ringed["value"], ringed["name"], strict=True
    )
    for x, value, name in at:
        y = frame.up.at(value)
        around = ring(x, y, 6.5, called="flagged", colour=VERMILION)
        parts.append(f"<g><title>{_escaped(name)}</title>{around}</g>")
        parts += _name(fitted(name, NAME, SMALL), (x, y), edge, taken)
    return parts


def _escaped(name: object) -> str:
    """Return a name as the content of an element."""
    return str(escape(plain(name)))


def _name(name: str, at: tuple[float, float], edge: float, taken: list[Box]) -> list[str]:
    """Return a name beside its point, where none was written before; none if there is no room."""
    (x, y), width = at, width_of(name, SMALL)
    for dx, dy in ((10, -6), (-10 - width, -6), (10, 14), (-10 - width, 14)):
        left, top = x + dx, y + dy - SMALL
        box = (left, top, left + width, top + SMALL * 1.2)
        inside = left >= edge and box[2] <= WIDE - 2
        if inside and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            return [text(left, y + dy, name, size=SMALL, halo=WHITE)]
    return []


def _overlap(one: Box, other: Box) -> bool:
    apart = one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
    return not apart


def _marks(frame: Frame, log: bool) -> list[tuple[float, str]]:
    """Return where the axis of sizes is marked, and how."""
    if not log:
        return ticks(frame.across, "count", TICKS)
    low, high = frame.across.low, frame.across.high
    powers = range(math.floor(low), math.ceil(high) + 1)
    sizes = [10.0**power * step for power in powers for step in (1, 2, 5)]
    return [(math.log10(size), format_value(size, "count")) for size in sizes
            if low <= math.log10(size) <= high]  # fmt: skip


def _key(
    pairs: dict[float, pd.DataFrame], known: pd.DataFrame, ringed: pd.DataFrame, target_is: str
) -> list[tuple[str, str]]:
    line, middle = along((0, SYMBOL), (0, 0)), SYMBOL / 2
    there = []
    if len(known):
        there.append((path(f"M{middle} 0h0", colour=INK, width=5), "authority"))
    for i, share in enumerate(pairs):
        drawn = path(line, colour=PALE, width=1.3, dash=DASHES[i % len(DASHES)])
        there.append((drawn, f"{format_value(100 * share, '')}% expected within"))
    if target_is:
        there.append((path(line, colour=BLUE, width=1.6), plain(target_is)))
    if len(ringed):
        there.append((ring(middle, 0, 6, colour=VERMILION), "flagged"))
    return there
