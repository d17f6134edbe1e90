"""Where does a value stand on an axis, and at which values is the axis marked?"""

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from earlywarning.units import UNITS, format_value

MARGIN = 0.07  # of an axis: what stays free at either end
NARROW, TINY = 1e-9, 1e-290  # a range below this share of its values, values below this: as one
LONGEST = 14  # letters of a number at an axis; a longer one is written by its power of ten
STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places: `low` stands at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float
    size: float  # divided by first, so that nothing overflows
    slope: float

    def at(self, value: float) -> float:
        """Return a value's place; that of what is no finite number is NaN."""
        if not math.isfinite(value):
            return math.nan
        return self.start + (value / self.size - self.low / self.size) * self.slope


def scale_of(values: Iterable[float], *, start: float, end: float, margin: float = MARGIN) -> Scale:
    """Return a scale that holds all values that are numbers, with a margin at either end."""
    known = [value for value in values if math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    largest = max(abs(low), abs(high))
    half = high / 2 - low / 2
    wider = 2 * half * margin
    if half <= NARROW * largest or largest < TINY:
        wider = 0.05 * largest if largest >= TINY else 1.0
    most = sys.float_info.max
    low, high = max(low - wider, -most), min(high + wider, most)
    size = max(abs(low), abs(high))
    return Scale(low, high, start, end, size, (end - start) / (high / size - low / size))


def called(unit: str) -> str:
    """Return what a unit is called beside its axis."""
    known = UNITS.get(unit, UNITS[""])
    suffix = known.suffix if known.suffix.startswith(" ") else ""
    word = "pounds" if known.pounds is not None else suffix.strip() or unit.partition("_")[0]
    return word or "unit not said"


def said(value: float, unit: str) -> str:
    """Return a value as written, a very long one by its power of ten."""
    known = format_value(value, unit)
    return (
        known if len(known) <= LONGEST + len(UNITS.get(unit, UNITS[""]).suffix) else f"{value:.2g}"
    )


def bare(value: float, unit: str) -> str:
    """Return a value without the words of its unit, which stand beside the axis."""
    suffix = UNITS.get(unit, UNITS[""]).suffix
    written = said(value, unit)
    return written.removesuffix(suffix) if suffix.startswith(" ") else written


def ticks(scale: Scale, unit: str, most: int) -> list[tuple[float, str]]:
    """Return round values along a scale, and how each is written; no two read the same.

    At most so many, unless two at least, which tell how far apart values are, take more.
    """
    tried = (_round_values(scale, number) for number in (most, most + 2))
    values = next((found for found in tried if len(found) > 1), [scale.low, scale.high])
    written = [(value, bare(value, unit)) for value in values]
    while len({label for _, label in written}) < len(written):
        written = written[::2]
    return written


def _round_values(scale: Scale, most: int) -> list[float]:
    """Return at most so many multiples of 1, 2 or 5 times a power of ten, about evenly spread."""
    span = scale.high / most - scale.low / most
    power = 10.0 ** math.floor(math.log10(span))
    step = next(power * times for times in STEPS if power * times >= span * (1 - NARROW))
    if not math.isfinite(step):
        return []
    first, last = math.ceil(scale.low / step), math.floor(scale.high / step)
    return [step * i for i in range(first, last + 1)]
