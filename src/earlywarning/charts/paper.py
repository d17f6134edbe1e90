"""How does a chart become a drawing: heading, key and note around what is drawn?"""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import escape

from earlywarning.charts.drawing import Drawing
from earlywarning.charts.look import PALE
from earlywarning.charts.marks import BOLD, fitted, number, plain, text, width_of

WIDE, NARROW = 720.0, 320.0  # units of a large and a small drawing's width
EDGE = 8.0
LARGE, MIDDLE, SMALL = 16.0, 12.5, 11.5  # sizes of letters
SYMBOL = 26.0  # width of a key's symbol
MOST_LINES = 3  # of a title or what stands below it

Size = Literal["large", "small"]
Role = Literal["img", "group"]


@dataclass
class Paper:
    """A drawing that is being made, from top to bottom."""

    width: float = WIDE
    y: float = 0.0  # how far down it is filled
    parts: list[str] = field(default_factory=list)

    def heading(self, title: str, below: str = "") -> None:
        """Write what the picture is of, and what to know of it."""
        for line in _lines(title, self.width - 2 * EDGE, LARGE * BOLD):
            self.y += LARGE * 1.3
            self.parts.append(text(EDGE, self.y, line, size=LARGE, weight="bold"))
        for line in _lines(below, self.width - 2 * EDGE, MIDDLE):
            self.y += MIDDLE * 1.45
            self.parts.append(text(EDGE, self.y, line, colour=PALE))
        self.y += 4

    def key(self, entries: Iterable[tuple[str, str]]) -> None:
        """Say what is what: a symbol, drawn from 0 to `SYMBOL` about the height 0, and words."""
        x = self.width
        for symbol, words in entries:
            label = fitted(words, self.width - 3 * EDGE - SYMBOL, MIDDLE)
            needed = SYMBOL + 6 + width_of(label, MIDDLE)
            if x + needed > self.width - EDGE:
                x, self.y = EDGE, self.y + MIDDLE * 1.5
            place = f"translate({number(x)} {number(self.y - 4)})"
            self.parts.append(f'<g transform="{place}">{symbol}</g>')
            self.parts.append(text(x + SYMBOL + 6, self.y, label))
            x += needed + 16

    def note(self, words: str) -> None:
        """Write the line at the foot."""
        for line in _lines(words, self.width - 2 * EDGE, SMALL):
            self.y += SMALL * 1.5
            self.parts.append(text(EDGE, self.y, line, size=SMALL, colour=PALE))

    def drawing(self, title: str, description: str, *, role: Role = "img") -> Drawing:
        """Return what was drawn; one with links in it is a group, whose members can be reached."""
        title, description = plain(title), plain(description)
        width, height = number(self.width), number(self.y + EDGE)
        name = escape(title)
        start = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="{role}" '
            f'aria-label="{name}" font-family="sans-serif" font-size="{number(MIDDLE)}" '
            'fill="none" stroke-linecap="round">'
            f"<title>{name}</title><desc>{escape(description)}</desc>"
            f'<rect width="{width}" height="{height}" fill="#fff"/>'
        )
        return Drawing(f"{start}{''.join(self.parts)}</svg>", title, description)


def _lines(words: str, width: float, size: float) -> Sequence[str]:
    """Return a text in lines that fit; what is beyond the last is cut."""
    line = plain(words)
    if width_of(line, size) <= width:
        return [line] if line else []
    most = max(int(width * len(line) / width_of(line, size)) - 1, 1)
    broken = textwrap.wrap(line, most)
    shown = broken[:MOST_LINES]
    if len(broken) > MOST_LINES:
        shown[-1] = f"{shown[-1][: most - 1]}…"
    return shown


def heading_of(title: str, name: str) -> str:
    """Return a metric's title, after the name of its authority."""
    return f"{plain(name)}: {plain(title)}" if name else plain(title)
