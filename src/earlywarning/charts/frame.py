"""The days and values that a series is drawn on: its axes, and its way through them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from earlywarning.charts.look import GRID, PALE
from earlywarning.charts.marks import BOLD, along, fitted, number, path, text, width_of
from earlywarning.charts.paper import EDGE, MIDDLE, NARROW, SMALL, WIDE, Size
from earlywarning.charts.scale import Scale, called, scale_of, ticks

LONGEST_GAP = 1.5  # usual distances between values; a longer one is a gap in the line
PERIOD = 96.0  # units: the widest label of a period
APART = 12.0  # between two labels
TALL = {"large": 230.0, "small": 76.0}  # units of height for the values
MARKS = {"large": 5, "small": 3}  # of the values' axis, at most
LEFT = {"large": 52.0, "small": 40.0}  # units: at least so much left of the values
ABOVE = 40.0  # above a large frame's values: its unit's name
BELOW = 2.1 * SMALL  # below them: periods
BESIDE = 6.0  # between a number and its line
NO_VALUE = "No value."
LETTERS = {"large": MIDDLE, "small": 11.0}


@dataclass(frozen=True, slots=True)
class Frame:
    """Days across, values up; `marks` are round values and how they are written."""

    across: Scale
    up: Scale
    size: Size
    marks: Sequence[tuple[float, str]]

    @property
    def bottom(self) -> float:
        """Where the values' axis ends."""
        return self.up.start

    def way(self, days: Sequence[float], values: Iterable[float], apart: Iterable[object]) -> str:
        """Return the way through some values, broken off where one is missing."""
        return along(map(self.across.at, days), map(self.up.at, values), apart)


def frame_of(
    days: Sequence[float],
    values: Iterable[float],
    *,
    unit: str,
    size: Size,
    top: float,
    right: float,
) -> Frame:
    """Return a frame below `top` that holds the values, with so much room to their right."""
    up, marks, left = upright(values, unit=unit, size=size, ends=(top + TALL[size], top))
    width = WIDE if size == "large" else NARROW
    across = scale_of(days, start=left, end=width - right, margin=0.02)
    return Frame(across, up, size, marks)


def upright(
    values: Iterable[float], *, unit: str, size: Size, ends: tuple[float, float]
) -> tuple[Scale, list[tuple[float, str]], float]:
    """Return the values' scale, how it is marked, and how much room that takes to the left."""
    known = [value for value in values if math.isfinite(value)]
    up = scale_of(known, start=ends[0], end=ends[1])
    marks = ticks(up, unit, MARKS[size]) if known else []
    widest = max((width_of(label, LETTERS[size]) for _, label in marks), default=0.0)
    return up, marks, EDGE + max(BESIDE + widest * BOLD, LEFT[size])


def gaps(days: Sequence[float]) -> list[bool]:
    """Say of each day whether days are missing between it and the one before."""
    steps = [after - before for before, after in pairwise(days)]
    usual = median(steps) if steps else 0
    return [False, *(step > LONGEST_GAP * usual for step in steps)][: len(days)]


def values_axis(frame: Frame, unit: str, *, words: str = "") -> list[str]:
    """Return lines at round values, and what they are; or that there is none.

    A large one has words above, too: else the unit's name.
    """
    size = LETTERS[frame.size]
    left, right = frame.across.start, frame.across.end
    if not frame.marks:
        middle = (frame.up.start + frame.up.end) / 2
        return [text(left, middle, NO_VALUE, size=_unlike(size), colour=PALE)]
    heights = [number(frame.up.at(value)) for value, _ in frame.marks]
    ways = "".join(f"M{number(left)} {y}H{number(right)}" for y in heights)
    parts = [path(ways, colour=GRID)]
    for value, label in frame.marks:
        y = frame.up.at(value) + size * 0.35
        parts.append(text(left - BESIDE, y, label, size=_unlike(size), colour=PALE, anchor="end"))
    if frame.size == "large":
        above = fitted(words or called(unit), WIDE - 2 * EDGE, SMALL)
        parts.append(text(EDGE, frame.up.end - 16, above, size=SMALL, colour=PALE))
    return parts


def days_axis(frame: Frame, days: Sequence[float], periods: Sequence[str]) -> list[str]:
    """Return the newest period's label below the axis, and as many before as there is room for."""
    size = LETTERS[frame.size] if frame.size == "small" else SMALL
    y = frame.bottom + size * 1.5
    ends = f"M{number(frame.across.start)} {number(frame.bottom)}H{number(frame.across.end)}"
    parts = [path(ends, colour=PALE)]
    taken = frame.across.end + PERIOD
    every = range(len(days) - 1, -1, -1)
    places = every if frame.size == "large" else list(every)[:: max(len(days) - 1, 1)]
    for i in places:
        label = fitted(periods[i], PERIOD, size)
        half = width_of(label, size) / 2
        x = max(frame.across.at(days[i]), half + 2)
        if x + half + APART <= taken:
            parts.append(text(x, y, label, size=_unlike(size), colour=PALE, anchor="middle"))
            taken = x - half
    return parts


def _unlike(size: float) -> float:
    """Return a size of letters where it is not the drawing's own."""
    return 0.0 if size == MIDDLE else size
