"""All authorities of one metric and period by size, between the limits that their size makes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from earlywarning.units import format_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ABOVE = 3  # the drawing order of what must not be hidden
MOST_LETTERS = 28  # of an authority's name beside its point
MANY_TIMES = 10  # the largest denominator over the smallest: from here on drawn by their logarithm
TALL = 4.6  # inches
DASHES = ["--", "-", ":", "-."]  # of the pairs of limits, the narrowest first


def funnel_chart(
    points: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    title: str,
    unit: str,
    size: str = "denominator",
    period: str = "",
    target: float | None = None,
    marked: Iterable[str] = (),
    as_of: pd.Timestamp | None = None,
    source: str = "",
) -> Figure:
    """Draw a funnel: each authority's value over its denominator, and the limits about a target.

    Parameters
    ----------
    points : DataFrame
        Columns `name, value, denominator`, one row an authority; rows without both numbers
        are left out, and said to be.
    limits : DataFrame
        Columns `coverage, denominator, lower, upper`, as the functions of
        `earlywarning.models.funnel.limits` give them; may be empty.
    title, unit : str
        The metric's; limits and target are in the unit too.
    size : str, default="denominator"
        What the denominator counts.
    period : str, optional
        Whose values these are.
    target : float, optional
        The value to expect.
    marked : iterable of str, optional
        Names to ring and write.
    as_of : Timestamp, optional
        The day whose knowledge is drawn.
    source : str, optional
        Where the values are from.

    Returns
    -------
    Figure
        900 pixels wide.

    Examples
    --------
    >>> points = pd.DataFrame({
    ...     "name": ["Ashby", "Barton"], "value": [8.0, 12.0], "denominator": [400.0, 90.0],
    ... })
    >>> limits = pd.DataFrame({
    ...     "coverage": 0.95, "denominator": [90.0, 400.0], "lower": [3.2, 6.8],
    ...     "upper": [15.4, 12.2],
    ... })
    >>> chart = funnel_chart(points, limits, title="Complaints upheld", unit="percent")
    >>> [line.get_label() for line in chart.axes[0].lines]
    ['95% of authorities on target', '_nolegend_', 'authority']
    """
    from earlywarning.charts import canvas

    known = points[points[["value", "denominator"]].notna().all(axis=1)]
    missing = len(points) - len(known)
    note = canvas.note_of(as_of, source)
    left_out = f"{missing} without a value or a denominator." if missing else ""
    figure, axes = canvas.new_chart(
        TALL, title=title, subtitle=period, note=" ".join(filter(None, [left_out, note]))
    )
    _draw_limits(axes, limits)
    if target is not None:
        axes.axhline(target, color=canvas.BLUE, lw=1.5, label="target")
    _draw_points(axes, known, known["name"].isin(list(marked)))
    canvas.write_ticks(axes, unit)
    _write_size(axes, known["denominator"], size)
    canvas.write_key(axes, columns=4)
    return figure


def _draw_limits(axes: Axes, limits: pd.DataFrame) -> None:
    """Draw each pair of limits as two lines of one kind, the narrowest first."""
    from earlywarning.charts.canvas import PALE

    for i, (coverage, pair) in enumerate(limits.groupby("coverage")):
        line = pair.sort_values("denominator")
        style: dict[str, Any] = {"color": PALE, "lw": 1.3, "ls": DASHES[i % len(DASHES)]}
        said = f"{format_value(100 * float(str(coverage)), '')}% of authorities on target"
        for side, label in (("lower", said), ("upper", "_nolegend_")):
            axes.plot(line["denominator"], line[side], label=label, **style)


def _draw_points(axes: Axes, points: pd.DataFrame, marked: pd.Series[bool]) -> None:
    from earlywarning.charts.canvas import INK, SMALL, VERMILION, shortened

    dots: dict[str, Any] = {"ls": "", "marker": "o", "zorder": ABOVE}
    axes.plot(
        points["denominator"], points["value"], label="authority", ms=4.5, color=INK, alpha=0.7,
        **dots,
    )  # fmt: skip
    ringed = points[marked]
    if ringed.empty:
        return
    ring: dict[str, Any] = {"ms": 12, "mfc": "none", "mec": VERMILION, "mew": 2.0, **dots}
    axes.plot(ringed["denominator"], ringed["value"], label="flagged", **ring)
    for row in ringed.itertuples():
        axes.annotate(
            shortened(row.name, MOST_LETTERS), (row.denominator, row.value), (9, 5),
            textcoords="offset points", fontsize=SMALL, color=INK, parse_math=False,
        )  # fmt: skip


def _write_size(axes: Axes, denominators: pd.Series[float], size: str) -> None:
    """Name what the horizontal axis counts; by its logarithm where sizes differ much."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    from earlywarning.charts.canvas import INK, MIDDLE

    above = denominators[denominators > 0]
    if len(above) == len(denominators) > 0 and above.max() > MANY_TIMES * above.min():
        axes.set_xscale("log")
        decades = np.floor(np.log10([above.min(), above.max()]))
        edges = [10.0**power for power in np.arange(decades[0], decades[1] + 2)]
        steps = [low * step for low, _ in pairwise(edges) for step in (1, 2, 5)]
        axes.set_xticks([at for at in steps if above.min() <= at <= above.max()])
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_value(value, "count")))
    axes.set_xlabel(size, size=MIDDLE, color=INK, parse_math=False)
