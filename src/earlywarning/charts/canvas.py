"""How does every chart look: size, colours, words around it?

Colours are those of Okabe and Ito (2008), told apart by people who see colours differently;
no meaning hangs on colour alone. Texts from the data are never read as formulas.
"""

import io
import textwrap
from collections.abc import Callable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, PercentFormatter

from earlywarning.explain import one_line
from earlywarning.units import UNITS, format_value

INK, PALE, GREY, GRID = "#222222", "#6b6b6b", "#999999", "#e3e3e3"
BLUE, ORANGE, VERMILION, SKY = "#0072b2", "#e69f00", "#d55e00", "#bcdcf0"
KIND_COLOURS = {"position": BLUE, "change": ORANGE}
KIND_WORDS = {"position": "position (far from peers)", "change": "change (worse than expected)"}

WIDTH, DPI = 9.0, 100  # inches, dots an inch: 900 pixels
LARGE, MIDDLE, SMALL = 13.0, 10.5, 9.0  # points
LINE = 84  # characters of a title's line


class Chart(Figure):
    """A figure that shows itself in a notebook, though pyplot knows nothing of it."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png")
        return out.getvalue()


def new_chart(
    height: float, *, title: str, subtitle: str = "", note: str = ""
) -> tuple[Chart, Axes]:
    """Return a figure with words around it, and its one empty pair of axes."""
    heading = textwrap.wrap(one_line(title), LINE) or [""]
    below = textwrap.wrap(one_line(subtitle), LINE + 24)
    top = 0.16 + 0.25 * len(heading) + 0.2 * len(below)  # inches, as all below
    bottom = 0.3 if note else 0.0
    height += top
    room = ConstrainedLayoutEngine(rect=(0, bottom / height, 1, 1 - (bottom + top) / height))
    figure = Chart(figsize=(WIDTH, height), dpi=DPI, facecolor="white", layout=room)

    def write(lines: list[str], y: float, **style: Any) -> None:
        text = "\n".join(lines)
        figure.text(0.12 / WIDTH, y / height, text, linespacing=1.2, parse_math=False, **style)

    write(heading, height - 0.1, va="top", size=LARGE, color=INK, weight="bold")
    write(below, height - 0.14 - 0.25 * len(heading), va="top", size=MIDDLE, color=PALE)
    write([one_line(note)], 0.09, va="bottom", size=SMALL, color=PALE)
    return figure, _bare_axes(figure)


def _bare_axes(figure: Chart) -> Axes:
    axes = figure.add_subplot()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALE)
    axes.tick_params(length=0, labelsize=MIDDLE, labelcolor=INK)
    axes.set_axisbelow(True)
    return axes


def note_of(as_of: pd.Timestamp | None, source: str) -> str:
    """Return the line below a chart: as of when, and where from."""
    parts = [f"As known on {as_of.day} {as_of:%B %Y}." if as_of is not None else ""]
    parts.append(f"Source: {source}." if source else "")
    return " ".join(part for part in parts if part)


def shortened(text: object, most: int) -> str:
    """Return a name on one line that fits its place."""
    line = one_line(text)
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def in_unit(unit: str) -> tuple[str, Callable[[float], str]]:
    """Return what a unit is called on an axis, and how a tick of it is written."""
    known = UNITS.get(unit, UNITS[""])
    suffix = known.suffix if known.suffix.startswith(" ") else ""
    called = "pounds" if known.pounds is not None else suffix.strip() or unit.partition("_")[0]
    return called or "unit not said", lambda value: format_value(value, unit).removesuffix(suffix)


def shares() -> PercentFormatter:
    """Return what writes the ticks of shares, with as many decimals as tell them apart."""
    return PercentFormatter(xmax=1)


def write_ticks(axes: Axes, unit: str) -> None:
    """Name the unit on the vertical axis, and write its ticks in it."""
    called, write = in_unit(unit)
    axes.set_ylabel(called, size=MIDDLE, color=INK, parse_math=False)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    axes.grid(axis="y", color=GRID, linewidth=0.8)


def write_key(axes: Axes, *, columns: int = 3) -> None:
    """Say above the axes what is what, if there is anything."""
    if not axes.get_legend_handles_labels()[0]:
        return
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, fontsize=MIDDLE,
        labelcolor=INK, borderaxespad=0.2, handlelength=1.6, columnspacing=1.4,
    )  # fmt: skip
