"""Rows of bars with words to their left: their axis, and what the two kinds of bars look like."""

from collections.abc import Iterable, Sequence

from earlywarning.charts.look import BLUE, GREY, GRID, KIND_WORDS, ORANGE, WHITE
from earlywarning.charts.marks import box, number, path
from earlywarning.charts.paper import EDGE, SYMBOL, WIDE
from earlywarning.charts.plane import across_axis
from earlywarning.charts.scale import Scale, scale_of, ticks

ROOM = 64.0  # units: right of the longest bar, for its amount
TICKS = 6
EDGING = 1.6  # units: the edge of a hollow bar
FILLS = {"position": (BLUE, BLUE), "change": (WHITE, ORANGE)}  # inside and edge: full and hollow


def bars_scale(ends: Sequence[float], left: float) -> Scale:
    """Return the scale of amounts, from `left` on: up to the longest bar, or to 1 without any."""
    reach = [0.0, *ends] if any(ends) else [0.0, 1.0]
    return scale_of(reach, start=left, end=WIDE - EDGE - ROOM, margin=0.0)


def bar(kind: str, scale: Scale, ends: tuple[float, float], y: float, *, height: float) -> str:
    """Return a bar from one amount to another, about a height: full for position, else hollow.

    One no wider than its edges would be is full of the edge's colour: edges would pass its ends.
    """
    fill, edge = FILLS.get(kind, (GREY, GREY))
    start, end = sorted(map(scale.at, ends))
    hollow = fill != edge and end - start > EDGING
    inset = EDGING / 2 * hollow  # so that an edge stays within its bar
    shown = box(
        start + inset, y - height / 2 + inset, width=max(end - start - 2 * inset, 0.1),
        height=height - 2 * inset, fill=fill if hollow else edge, colour=edge * hollow,
    )  # fmt: skip
    called = kind if kind in FILLS else "other"
    return f'<g class="{called}" stroke-width="{number(EDGING)}">{shown}</g>'


def bars_axis(scale: Scale, top: float, bottom: float, words: str) -> list[str]:
    """Return lines at round amounts, what they are below, and what is counted."""
    marks = ticks(scale, "score", TICKS)
    places = [number(scale.at(value)) for value, _ in marks]
    ways = "".join(f"M{x} {number(top)}V{number(bottom)}" for x in places)
    parts = [path(ways, colour=GRID)] if ways else []
    return [*parts, *across_axis(scale, marks, bottom, words)]


def bars_key(kinds: Iterable[str]) -> list[tuple[str, str]]:
    """Return symbols and words for the kinds of bars there are."""
    whole = Scale(0.0, 1.0, 0.0, SYMBOL, 1.0, SYMBOL)
    words = {**KIND_WORDS, "other": "both kinds"}
    there = set(kinds)
    return [(bar(kind, whole, (0.0, 1.0), 0, height=12), words[kind])
            for kind in words if kind in there]  # fmt: skip
