"""Every authority of a metric as a dot, from plain sequences."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import escape

from earlywarning.charts.drawing import Drawing
from earlywarning.charts.look import BLUE, GREY, GRID, INK, PALE, VERMILION, WHITE
from earlywarning.charts.marks import fitted, number, path, plain, ring, shape, text, width_of
from earlywarning.charts.paper import EDGE, MIDDLE, SMALL, SYMBOL, WIDE, Paper, Role
from earlywarning.charts.scale import Scale, called, said, scale_of, ticks
from earlywarning.errors import UsageError

RELATIVE = re.compile(r"(?!//)[\w./#?=&%~+-]+")  # leads to a page of the same site, whatever it is
LARGEST, SMALLEST, FINER = 4.5, 1.6, 0.85  # units: a dot's radius; each try's share of the last
TALL = 120.0  # units of height for the dots
NAMED = 8  # authorities whose names are written; the others have theirs when pointed at
NAME = 190.0  # units: the widest name
ROW = MIDDLE * 1.4
MOST_TOLD = 8  # of those picked out, in the description
TICKS = 7

FILLS = {"other": GREY, "peer": BLUE, "marked": INK}
APART = 10.0  # between two names

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """Where a name is written, on which row from below, and where its line goes down."""

    place: int
    name: str
    left: float
    right: float
    foot: float
    row: int


@dataclass(frozen=True, slots=True)
class StripPicture:
    """The authorities of one metric; `marked` and `peers` are places among them.

    `hrefs` are relative links, one an authority, "" for none; or nothing at all.
    """

    names: Sequence[str]
    values: Sequence[float]
    hrefs: Sequence[str] = ()
    marked: Sequence[int] = ()
    peers: Sequence[int] = ()

    def in_words(self, unit: str) -> str:
        """Say what is seen."""
        known = [value for value in self.values if math.isfinite(value)]
        if not known:
            return "No value."
        there = "1 authority at" if len(known) == 1 else f"{len(known):,} authorities between"
        range_ = f" and {said(max(known), unit)}" if len(known) > 1 else ""
        middle = f", the middle one at {said(median(known), unit)}" if len(known) > 1 else ""
        first = f"{there} {said(min(known), unit)}{range_}{middle}."
        told = [i for i in self.marked if math.isfinite(self.values[i])]
        each = [f"{plain(self.names[i])} {said(self.values[i], unit)}" for i in told[:MOST_TOLD]]
        more = f" and {len(told) - MOST_TOLD:,} more" if len(told) > MOST_TOLD else ""
        return f"{first} Picked out: {', '.join(each)}{more}." if told else first


def strip_svg(
    picture: StripPicture, *, title: str, unit: str, period: str = "", note: str = ""
) -> Drawing:
    """Draw every authority as a dot along the values of one metric.

    Parameters
    ----------
    picture : StripPicture
        What is drawn; those without a value are left out, and said to be.
    title, unit : str
        The metric's.
    period : str, optional
        Whose values these are.
    note : str, optional
        The line at the foot.

    Returns
    -------
    Drawing
        As wide as its place; a dot that is a link can be reached by keyboard.

    Raises
    ------
    UsageError
        If a link leads elsewhere.

    Examples
    --------
    >>> strip_svg(StripPicture(["Ash"], [95.0]), title="Tax", unit="percent").description
    '1 authority at 95.0%.'
    """
    elsewhere = [href for href in picture.hrefs if href and not RELATIVE.fullmatch(href)]
    if elsewhere:
        raise UsageError(
            f"{len(elsewhere)} links lead elsewhere, the first '{plain(elsewhere[0])}': give "
            "relative ones, such as 'authorities/E06000001.html'."
        )
    known = [i for i, value in enumerate(picture.values) if math.isfinite(value)]
    paper = Paper()
    paper.heading(title, period)
    paper.key(_key(picture))
    across = scale_of(
        [picture.values[i] for i in known], start=EDGE + 20, end=WIDE - EDGE - 20, margin=0.02
    )
    places, radius = _swarm({i: across.at(picture.values[i]) for i in known})
    marked = [i for i in picture.marked if i in places]
    labels = _labels(picture, places, marked[:NAMED])
    rows = max((label.row + 1 for label in labels), default=0)
    middle = paper.y + 20 + rows * ROW + TALL / 2
    paper.parts += _axis(across, unit, middle)
    paper.parts += _named(labels, places, middle)
    for kind, members in _kinds(picture, known).items():
        shown = [
            _linked(_dot(places[i][0], middle + places[i][1], kind, radius), picture, i, unit)
            for i in members
        ]
        paper.parts.append(f'<g class="{kind}" fill="{FILLS[kind]}">{"".join(shown)}</g>')
    paper.y = middle + TALL / 2 + SMALL * 3.2
    missing = len(picture.values) - len(known)
    paper.note(" ".join(filter(None, [f"{missing:,} without a value." * (missing > 0), note])))
    role: Role = "group" if any(picture.hrefs) else "img"
    return paper.drawing(title, picture.in_words(unit), role=role)


def _swarm(at: dict[int, float]) -> tuple[dict[int, Place], float]:
    """Return places side by side and, where they would touch, above each other; and a radius."""
    order = sorted(at, key=lambda i: (at[i], i))
    radius = LARGEST
    while True:
        level = _levels(order, at, 2 * radius + 0.6)
        height = (max(level.values(), default=0) + 1) * (2 * radius + 0.6)
        if height <= TALL or radius <= SMALLEST:
            break
        radius = max(radius * FINER, SMALLEST)
    step = (2 * radius + 0.6) * min(1.0, TALL / height)
    ups = {i: step * ((level[i] + 1) // 2) * (-1 if level[i] % 2 else 1) for i in order}
    return {i: (at[i], ups[i]) for i in order}, radius


def _levels(order: Sequence[int], at: dict[int, float], width: float) -> dict[int, int]:
    """Return each dot's level: the first on which it does not touch the dot to its left."""
    ends: list[float] = []
    levels = {}
    for i in order:
        level = next((k for k, end in enumerate(ends) if at[i] - end >= width), len(ends))
        if level == len(ends):
            ends.append(at[i])
        ends[level] = at[i]
        levels[i] = level
    return levels


def _labels(picture: StripPicture, places: dict[int, Place], marked: Sequence[int]) -> list[Label]:
    """Return names, each to the left of a line to its dot that crosses no other name.

    From left to right, a name goes on the first row that is free. One at the left edge reaches
    over its line to the right, and goes above the names whose lines it covers.
    """
    labels: list[Label] = []
    asked = [(places[i][0], fitted(picture.names[i], NAME, MIDDLE), i) for i in marked]
    at_edge = [each for each in asked if each[0] - width_of(each[1], MIDDLE) < EDGE]
    others = [each for each in asked if each not in at_edge]
    for x, name, i in [*sorted(others), *sorted(at_edge, reverse=True)]:
        width = width_of(name, MIDDLE)
        right = max(x, EDGE + width)
        row = 0
        while any(_in_the_way(label, row, right - width, right) for label in labels):
            row += 1
        labels.append(Label(i, name, right - width, right, x, row))
    return labels


def _in_the_way(label: Label, row: int, left: float, right: float) -> bool:
    """Say whether a name there would touch another name, or the line of one above."""
    if label.row == row:
        return label.left < right + APART and left < label.right + APART
    return label.row > row and left < label.foot < right


def _named(labels: Sequence[Label], places: dict[int, Place], middle: float) -> list[str]:
    """Return names above the dots, each with a line down to its own."""
    lines, names = [], []
    for label in labels:
        y = middle - TALL / 2 - 8 - label.row * ROW
        way = f"M{number(label.foot)} {number(y + 3)}V{number(middle + places[label.place][1])}"
        lines.append(path(way, colour=PALE, width=0.8))
        names.append(text(label.right, y, label.name, anchor="end", halo=WHITE))
    return lines + names


def _axis(across: Scale, unit: str, middle: float) -> list[str]:
    """Return lines at round values behind the dots, and what they are below."""
    top, bottom = middle - TALL / 2, middle + TALL / 2
    marks = [(across.at(value), label) for value, label in ticks(across, unit, TICKS)]
    ways = "".join(f"M{number(x)} {number(top)}V{number(bottom)}" for x, _ in marks)
    parts = [path(ways, colour=GRID)] if ways else []
    taken = 0.0
    y = bottom + SMALL * 1.3
    for x, label in marks:
        half = width_of(label, SMALL) / 2
        if x - half > taken:
            parts.append(text(x, y, label, size=SMALL, colour=PALE, anchor="middle"))
            taken = x + half + 8
    below = y + SMALL * 1.4
    words = text(WIDE / 2, below, called(unit), size=SMALL, colour=PALE, anchor="middle")
    return [*parts, words]


def _kinds(picture: StripPicture, known: Sequence[int]) -> dict[str, list[int]]:
    """Return who is drawn in which way; those picked out last, so that nothing hides them."""
    marked, peers = set(picture.marked), set(picture.peers)
    kinds: dict[str, list[int]] = {"other": [], "peer": [], "marked": []}
    for i in known:
        kinds["marked" if i in marked else "peer" if i in peers else "other"].append(i)
    return {kind: members for kind, members in kinds.items() if members}


def _dot(x: float, y: float, kind: str, radius: float) -> str:
    """Return a dot in the colour of its group."""
    if kind == "peer":
        return path(shape("diamond", x, y, radius), width=0)
    around = ring(x, y, radius + 3.5, colour=VERMILION) if kind == "marked" else ""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>{around}'


def _linked(dot: str, picture: StripPicture, i: int, unit: str) -> str:
    """Return a dot that says whose it is, and leads to its page."""
    words = escape(f"{plain(picture.names[i])}: {said(picture.values[i], unit)}")
    href = picture.hrefs[i] if picture.hrefs else ""
    if not href:
        return f"<g><title>{words}</title>{dot}</g>"
    return f'<a href="{escape(href)}"><title>{words}</title>{dot}</a>'


def _key(picture: StripPicture) -> list[tuple[str, str]]:
    words = {"other": "authority", "peer": "one of its peers", "marked": "picked out"}
    known = [i for i, value in enumerate(picture.values) if math.isfinite(value)]
    return [
        (f'<g fill="{FILLS[kind]}">{_dot(SYMBOL / 2, 0, kind, LARGEST)}</g>', words[kind])
        for kind in _kinds(picture, known)
    ]
