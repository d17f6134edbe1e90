"""Numbers across and numbers up: the axes of curves, and ways between two of them."""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from earlywarning.charts.frame import Frame, upright, values_axis
from earlywarning.charts.look import PALE
from earlywarning.charts.marks import fitted, number, path, text, width_of
from earlywarning.charts.paper import EDGE, SMALL, WIDE
from earlywarning.charts.scale import Scale, scale_of, ticks

ENDS = 16.0  # units: right of the largest number across, for its label
TICKS = 8
BELOW = SMALL * 3.6  # units: the axis across, with its words


def plane_of(
    xs: Iterable[float], ys: Iterable[float], *, unit: str, top: float, tall: float
) -> Frame:
    """Return a frame below `top` which holds the numbers and no margin around them."""
    low, high = _reach(ys)
    up, marks, left = upright([low, high], unit=unit, size="large", ends=(top + tall, top))
    up = scale_of([low, high], start=up.start, end=up.end, margin=0.0)
    marks = [mark for mark in marks if low <= mark[0] <= high]
    across = scale_of(_reach(xs), start=left, end=WIDE - EDGE - ENDS, margin=0.0)
    return Frame(across, up, "large", marks)


def _reach(values: Iterable[float]) -> tuple[float, float]:
    """Return the least and the largest of the numbers; two that differ, whatever there is."""
    known = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    return low, high if high > low else low + 1.0


def plane_axes(frame: Frame, *, up: str, across: str, units: tuple[str, str]) -> list[str]:
    """Return the axes, with what is counted on each; `units` are those up and across."""
    marks = ticks(frame.across, units[1], TICKS)
    axis = across_axis(frame.across, marks, frame.bottom, across)
    return [*values_axis(frame, units[0], words=up), *axis]


def across_axis(
    scale: Scale, marks: Iterable[tuple[float, str]], bottom: float, words: str
) -> list[str]:
    """Return an axis below what is drawn: its marks, as many as there is room for, and words."""
    parts = [path(f"M{number(scale.start)} {number(bottom)}H{number(scale.end)}", colour=PALE)]
    y, taken = bottom + SMALL * 1.4, 0.0
    for value, label in marks:
        x, half = scale.at(value), width_of(label, SMALL) / 2
        if x - half > taken and x + half < WIDE:
            parts.append(text(x, y, label, size=SMALL, colour=PALE, anchor="middle"))
            taken = x + half + 8
    middle = (scale.start + scale.end) / 2
    said = fitted(words, WIDE - 2 * EDGE - 60, SMALL)
    below = text(middle, y + SMALL * 1.5, said, size=SMALL, colour=PALE, anchor="middle")
    return [*parts, below]


def outline(
    frame: Frame, xs: Sequence[float], lower: Sequence[float], upper: Sequence[float]
) -> str:
    """Return the way around what lies between two curves, a piece for each stretch of numbers."""
    there = zip(xs, lower, upper, strict=True)
    pieces = [
        list(piece)
        for known, piece in groupby(there, key=lambda row: all(map(math.isfinite, row)))
        if known
    ]
    ways = []
    for piece in pieces:
        out = [(x, high) for x, _, high in piece]
        back = [(x, low) for x, low, _ in reversed(piece)]
        places = [f"{number(frame.across.at(x))} {number(frame.up.at(y))}" for x, y in out + back]
        ways.append(f"M{'L'.join(places)}Z")
    return "".join(ways)
