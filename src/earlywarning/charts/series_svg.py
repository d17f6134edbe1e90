"""One series as a drawing, from plain sequences: fast enough for every series of a sector."""

import math
from collections.abc import Sequence
from itertools import chain

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
from earlywarning.charts.look import BLUE, ORANGE, PALE, SKY, VERMILION
from earlywarning.charts.marks import (
    BOLD,
    along,
    box,
    cross,
    dots,
    fitted,
    number,
    path,
    ring,
    shape,
    text,
    width_of,
)
from earlywarning.charts.paper import (
    EDGE,
    MIDDLE,
    NARROW,
    SMALL,
    SYMBOL,
    Paper,
    Size,
    heading_of,
)
from earlywarning.charts.picture import EXPECTED, Peers, SeriesPicture
from earlywarning.charts.scale import bare

NEWEST = 84.0  # units: the widest newest value, written beside its point
BREAK = "break?"
HEAD = 13.0  # size of a small drawing's title
Entries = list[tuple[str, str]]


def series_svg(
    picture: SeriesPicture,
    *,
    title: str,
    unit: str,
    name: str = "",
    size: Size = "large",
    note: str = "",
) -> Drawing:
    """Draw a series, its peers' middle half, and the range expected of its newest value.

    Parameters
    ----------
    picture : SeriesPicture
        What is drawn.
    title, unit : str
        The metric's.
    name : str, optional
        The authority's; a small drawing has it in its description only.
    size : {"large", "small"}, default="large"
        A small one has no key and no note.
    note : str, optional
        The line at the foot.

    Returns
    -------
    Drawing
        As wide as its place.

    Examples
    --------
    >>> picture = SeriesPicture(["2021/22", "2022/23"], [0, 365], [95.0, 91.2])
    >>> series_svg(picture, title="Council tax collected", unit="percent").description
    '2 values, 2021/22 to 2022/23, between 91.2% and 95.0%; the newest, of 2022/23, is 91.2%.'
    """
    heading = heading_of(title, name)
    if size == "large":
        paper = Paper()
        paper.heading(heading)
        paper.key(_key(picture))
        paper.y += ABOVE
    else:
        paper = Paper(NARROW, y=HEAD * (2.6 if picture.breaks else 1.7))
        shown = fitted(title, NARROW - 2 * EDGE, HEAD * BOLD)
        paper.parts.append(text(EDGE, HEAD * 1.15, shown, size=HEAD, weight="bold"))
    newest = _newest(picture, unit)
    room = width_of(newest, MIDDLE) * BOLD + (26 if picture.expected else 14)
    frame = frame_of(
        picture.days, _all(picture), unit=unit, size=size, top=paper.y, right=room + EDGE
    )
    paper.parts += values_axis(frame, unit)
    paper.parts += _drawn(frame, picture)
    paper.parts += _beside(frame, picture, newest)
    paper.parts += days_axis(frame, picture.days, picture.periods)
    paper.y += TALL[size] + (BELOW if size == "large" else SMALL)
    if size == "large":
        paper.note(note)
    return paper.drawing(heading, picture.in_words(unit))


def _all(picture: SeriesPicture) -> list[float]:
    """Return all that must be within the frame."""
    peers, of = picture.peers, picture.expected
    band = (peers.lower, peers.upper, peers.median) if peers else ()
    range_ = (of.centre, of.lower, of.upper, of.average) if of else ()
    return list(chain(picture.values, *band, range_, picture.first or ()))


def _newest(picture: SeriesPicture, unit: str) -> str:
    at = picture.newest
    return fitted(bare(picture.values[at], unit), NEWEST, MIDDLE) if at >= 0 else ""


def _drawn(frame: Frame, picture: SeriesPicture) -> list[str]:
    """Return the peers, the series above them, and what is marked in it."""
    apart = gaps(picture.days)
    large = frame.size == "large"
    parts = _band(frame, picture, picture.peers, apart) if picture.peers else []
    parts += _breaks(frame, picture)
    way = frame.way(picture.days, picture.values, apart)
    if not way:
        return parts
    parts.append(path(way, called="values", width=2 if large else 1.8))
    xs, ys = [*map(frame.across.at, picture.days)], [*map(frame.up.at, picture.values)]
    if large:
        parts.append(path(dots(xs, ys), called="points", width=6))
    else:
        parts.append(path(dots(xs[picture.newest :], ys[picture.newest :]), width=5))
    for i in picture.flagged:
        if math.isfinite(ys[i]):
            parts.append(ring(xs[i], ys[i], 7 if large else 5, called="flagged", colour=VERMILION))
    if picture.first is not None:
        before = zip(xs, map(frame.up.at, picture.first), strict=True)
        crosses = "".join(cross(x, y, 3.5 if large else 2.5) for x, y in before if y == y)
        if crosses:
            parts.append(path(crosses, called="first", colour=PALE, width=1.4))
    return parts


def _band(frame: Frame, picture: SeriesPicture, peers: Peers, apart: Sequence[bool]) -> list[str]:
    """Return the peers' middle half, one piece for each stretch of periods, and their median."""
    xs = [*map(frame.across.at, picture.days)]
    lower, upper = [*map(frame.up.at, peers.lower)], [*map(frame.up.at, peers.upper)]
    pieces: list[list[int]] = []
    for i, known in enumerate(
        low == low and up == up for low, up in zip(lower, upper, strict=True)
    ):
        if not known:
            continue
        if pieces and pieces[-1][-1] == i - 1 and not apart[i]:
            pieces[-1].append(i)
        else:
            pieces.append([i])
    outlines = []
    for piece in pieces:
        there = [f"{number(xs[i])} {number(upper[i])}" for i in piece]
        back = [f"{number(xs[i])} {number(lower[i])}" for i in reversed(piece)]
        outlines.append(f"M{'L'.join(there + back)}Z")
    outline = "".join(outlines)
    middle = frame.way(picture.days, peers.median, apart)
    parts = []
    if outline:
        parts.append(path(outline, called="peers", colour=SKY, width=1, fill=SKY))
    if middle:
        parts.append(path(middle, called="median", colour=BLUE, width=1.4, dash="5 4"))
    return parts


def _breaks(frame: Frame, picture: SeriesPicture) -> list[str]:
    """Return a line before each period from which on the metric may be defined anew."""
    parts, taken = [], -math.inf
    for i in sorted(picture.breaks):
        before = picture.days[max(i - 1, 0)]
        x = frame.across.at((picture.days[i] + before) / 2)
        way = f"M{number(x)} {number(frame.up.end)}V{number(frame.bottom)}"
        parts.append(path(way, called="break", colour=PALE, width=1.2, dash="2 3"))
        if x > taken:
            word = text(x, frame.up.end - 4, BREAK, size=SMALL, colour=PALE, anchor="middle")
            parts.append(word)
            taken = x + width_of(BREAK, SMALL) + 4
    return parts


def _beside(frame: Frame, picture: SeriesPicture, newest: str) -> list[str]:
    """Return what stands to the right of the newest point: what was expected, and its value."""
    at, of = picture.newest, picture.expected
    if at < 0:
        return []
    x, y = frame.across.at(picture.days[at]), frame.up.at(picture.values[at])
    parts = []
    if of is not None:
        parts += _expected(frame, x + 13, (of.centre, of.lower, of.upper))
        before = [i for i in range(at) if math.isfinite(picture.values[i])]
        if math.isfinite(of.average) and before:
            level = number(frame.up.at(of.average))
            way = f"M{number(frame.across.at(picture.days[before[-1]]))} {level}H{number(x)}"
            parts.append(path(way, called="average", colour=ORANGE, width=3, dash="2 3"))
    beside = x + (23 if of is not None else 11)
    parts.append(text(beside, y + MIDDLE * 0.35, newest, weight="bold"))
    return parts


def _expected(frame: Frame, x: float, of: tuple[float, float, float]) -> list[str]:
    """Return a range as a bar with ends, and its centre as a diamond."""
    centre, lower, upper = map(frame.up.at, of)
    parts = []
    if lower == lower and upper == upper:
        left, right = number(x - 4), number(x + 4)
        low, high = number(lower), number(upper)
        way = f"M{left} {low}H{right}M{number(x)} {low}V{high}M{left} {high}H{right}"
        parts.append(path(way, called="expected", colour=ORANGE, width=2.4))
    if centre == centre:
        parts.append(path(shape("diamond", x, centre, 3.4), width=0, fill=ORANGE))
    return parts


def _key(picture: SeriesPicture) -> Entries:
    """Return symbols and words for what there is in a picture."""
    line = along((0, SYMBOL), (0, 0))
    middle = SYMBOL / 2
    there: Entries = []
    if picture.newest >= 0:
        there.append((path(line, width=2) + path(f"M{middle} 0h0", width=6), "value"))
    if picture.peers is not None:
        band = box(0, -6, width=SYMBOL, height=12, fill=SKY)
        there.append((band, "middle half of its peers"))
        there.append((path(line, colour=BLUE, width=1.4, dash="5 4"), "their middle"))
    if picture.expected is not None:
        bar = path(f"M{middle} -6V6M9 -6H17M9 6H17", colour=ORANGE, width=2.4)
        diamond = path(shape("diamond", middle, 0, 3.4), width=0, fill=ORANGE)
        there.append((bar + diamond, EXPECTED[picture.expected.contrast]))
        if math.isfinite(picture.expected.average):
            there.append((path(line, colour=ORANGE, width=3, dash="2 3"), "their average"))
    if picture.flagged:
        there.append((ring(middle, 0, 6, colour=VERMILION), "flagged"))
    if any(map(math.isfinite, picture.first or ())):
        there.append((path(cross(middle, 0, 3.5), colour=PALE, width=1.4), "first published"))
    if picture.breaks:
        way = path(f"M{middle} -7V7", colour=PALE, width=1.2, dash="2 3")
        there.append((way, "perhaps defined anew"))
    return there
