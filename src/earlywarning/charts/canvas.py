"""How do the pictures of a back-test look: size, and words around them?

They are drawn by matplotlib. Texts from the data are never read as formulas.
"""

import io
import textwrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import PercentFormatter

from earlywarning.charts.look import INK, PALE
from earlywarning.explain import one_line

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


def shares() -> PercentFormatter:
    """Return what writes the ticks of shares, with as many decimals as tell them apart."""
    return PercentFormatter(xmax=1)


def write_key(axes: Axes, *, columns: int = 3) -> None:
    """Say above the axes what is what, if there is anything."""
    if not axes.get_legend_handles_labels()[0]:
        return
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, fontsize=MIDDLE,
        labelcolor=INK, borderaxespad=0.2, handlelength=1.6, columnspacing=1.4,
    )  # fmt: skip
