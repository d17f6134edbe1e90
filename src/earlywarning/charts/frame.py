"""The days and values that a series is drawn on: its axes, and its way through them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from earlywarning.charts.look import GRID, PALE
from earlywarning.charts.marks import along, fitted, number, path, text, width_of
from earlywarning.charts.paper import EDGE, MIDDLE, NARROW, SMALL, WIDE, Size
from earlywarning.charts.scale import Scale, called, scale_of, ticks

LONGEST_GAP = 1.5  # usual distances between values; a longer one is a gap in the line
PERIOD = 96.0  # units: the widest label of a period
APART = 12.0  # between two labels
TALL = {"large": 230.0, "small": 76.0}  # units of height for the values
MARKS = {"large": 5, "small": 2}  # of the values' axis, at most
LETTERS = {"large": MIDDLE, "small": 11.0}


@dataclass(frozen=True, slots=True)
class Frame:
    """Days across, values up."""

    across: Scale
    up: Scale
    size: Size

    @property
    def bottom(self) -> float:
        """Where the values' axis ends."""
        return self.up.start

    def way(self, days: Sequence[float], values: Iterable[float], apart: Iterable[object]) -> str:
        """Return the way through some values, broken off where one is missing."""
        return along(map(self.across.at, days), map(self.up.at, values), apart)


def frame_of(
    days: Sequence[float], values: Iterable[float], *, size: Size, top: float, right: float
) -> Frame:
    """Return a frame below `top` that holds the values, with so much room to their right."""
    start = top + TALL[size]
    up = scale_of(values, start=start, end=top)
    width = WIDE if size == "large" else NARROW
    left = EDGE + (52.0 if size == "large" else 40.0)
    across = scale_of(days, start=left, end=width - right, margin=0.02)
    return Frame(across, up, size)


def gaps(days: Sequence[float]) -> list[bool]:
    """Say of each day whether days are missing between it and the one before."""
    steps = [after - before for before, after in pairwise(days)]
    usual = median(steps) if steps else 0
    return [False, *(step > LONGEST_GAP * usual for step in steps)][: len(days)]


def values_axis(frame: Frame, unit: str) -> list[str]:
    """Return lines at round values, and what they are; a large one names the unit, too."""
    size = LETTERS[frame.size]
    left, right = frame.across.start - 6, frame.across.end
    marks = [
        (frame.up.at(value), label) for value, label in ticks(frame.up, unit, MARKS[frame.size])
    ]
    ways = "".join(f"M{number(left + 6)} {number(y)}H{number(right)}" for y, _ in marks)
    parts = [path(ways, colour=GRID)] if ways else []
    for y, label in marks:
        shown = fitted(label, left - 2, size)
        parts.append(
            text(left, y + size * 0.35, shown, size=_unlike(size), colour=PALE, anchor="end")
        )
    if frame.size == "large":
        words = fitted(called(unit), WIDE - 2 * EDGE, SMALL)
        parts.append(text(EDGE, frame.up.end - 16, words, size=SMALL, colour=PALE))
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
