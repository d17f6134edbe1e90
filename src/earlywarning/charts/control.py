"""One series as a control chart: its limits, its target, and which points call for a cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from earlywarning.charts.series import write_periods
from earlywarning.explain import one_line
from earlywarning.units import format_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ABOVE = 3  # the drawing order of what must not be hidden
PURPLE = "#cc79a7"  # of Okabe and Ito, as the colours of `canvas`
MARKERS = {
    "beyond a limit": "D",
    "trend": "^",
    "two of three near a limit": "s",
    "shift": "P",
}
STATUS = {
    "trial limits": "Trial limits: fewer than 13 values.",
    "constant": "All values behind the limits are equal.",
    "too few values": "Too few values for limits.",
}


def control_chart(
    points: pd.DataFrame,
    *,
    title: str,
    unit: str,
    name: str = "",
    variation: str = "",
    assurance: str = "",
    target: float | None = None,
    as_of: pd.Timestamp | None = None,
    source: str = "",
) -> Figure:
    """Draw a control chart as the NHS's Making Data Count does.

    Parameters
    ----------
    points : DataFrame
        One series of `earlywarning.models.control.icons.control_points`, with the columns
        `period` and `end` beside its own; one row a period, a value that is NaN leaves a gap.
    title, unit : str
        The metric's.
    name : str, optional
        The authority's.
    variation, assurance : str, optional
        The series' icons in words, as `variation_icons` and `assurance_icons` give them.
    target : float, optional
        In the unit of the values.
    as_of : Timestamp, optional
        The day whose knowledge is drawn.
    source : str, optional
        Where the values are from.

    Returns
    -------
    Figure
        900 pixels wide. A point's colour says whether it is good news, its shape by which rule.

    Examples
    --------
    >>> import numpy as np
    >>> from earlywarning.models.control.icons import control_points
    >>> from earlywarning.models.control.xmr import xmr_limits
    >>> X = np.array([[95.0, 96, 95, 94, 95, 96, 80]])
    >>> points = control_points(X, xmr_limits(X, baseline=6), better="up").assign(
    ...     period=[str(year) for year in range(2018, 2025)],
    ...     end=pd.date_range("2018-12-31", periods=7, freq="YE"),
    ... )
    >>> chart = control_chart(points, title="Council tax collected", unit="percent")
    >>> [line.get_label() for line in chart.axes[0].lines][-1]
    'concern: beyond a limit'
    """
    from earlywarning.charts import canvas

    points = points.sort_values("end")
    aim = None if target is None or pd.isna(target) else float(target)
    words = [
        _icons(variation, assurance),
        "" if aim is None else f"Target: {format_value(aim, unit)}.",
        STATUS.get(points["status"].iloc[-1], "") if len(points) else "",
    ]
    figure, axes = canvas.new_chart(
        4.3,
        title=f"{one_line(name)}: {one_line(title)}" if name else title,
        subtitle=" ".join(word for word in words if word),
        note=canvas.note_of(as_of, source),
    )
    _draw_limits(axes, points)
    if aim is not None:
        axes.axhline(aim, color=canvas.VERMILION, lw=1.5, ls=":", label="target")
    _draw_points(axes, points)
    write_periods(axes, points)
    canvas.write_ticks(axes, unit)
    canvas.write_key(axes)
    return figure


def _icons(variation: str, assurance: str) -> str:
    """Return both icons as sentences."""
    said = {"Variation": variation, "Assurance": assurance}
    return " ".join(f"{what}: {one_line(word)}." for what, word in said.items() if word)


def _draw_limits(axes: Axes, points: pd.DataFrame) -> None:
    """Draw centre line and limits, broken where they begin anew."""
    from earlywarning.charts.canvas import PALE

    named = {"centre": "centre line", "lower": "limits"}
    for _, part in points.groupby("segment", sort=False):
        for line in ("centre", "lower", "upper"):
            axes.plot(
                part["end"], part[line], color=PALE, lw=1.2, ls="-" if line == "centre" else "--",
                label=named.pop(line, "_nolegend_"),
            )  # fmt: skip


def _draw_points(axes: Axes, points: pd.DataFrame) -> None:
    """Draw the values as a line, and those that call for a cause in colour."""
    from earlywarning.charts.canvas import BLUE, GREY, INK, ORANGE

    style: dict[str, Any] = {"marker": "o", "zorder": ABOVE}
    axes.plot(
        points["end"], points["value"], color=GREY, mfc=INK, mec=INK, ms=4, lw=1,
        label="value", **style,
    )  # fmt: skip
    colours = {"improvement": BLUE, "concern": ORANGE, "neither": PURPLE}
    special = points[points["rule"].ne("") & points["value"].notna()]
    judged = special["point"].str.split().str[0].astype(str)
    for (judgement, rule), part in special.groupby([judged, special["rule"]], sort=False):
        axes.plot(
            part["end"], part["value"], ls="", marker=MARKERS[str(rule)], ms=9, zorder=ABOVE,
            color=colours[str(judgement)], label=f"{judgement}: {rule}",
        )  # fmt: skip
