"""One series against its peers, and what was expected of its newest value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from earlywarning.explain import one_line
from earlywarning.schema import ASSESSED, CONTRASTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LETTERS = 110  # of all periods written below the axis
ASIDE = 0.025  # of the chart's width: how far beside the newest value its expectation stands
LONGEST_GAP = 1.5  # usual distances between values; a longer one is a gap in the line
ABOVE = 3  # the drawing order of what must not be hidden
DAY = pd.Timedelta(days=1)
EXPECTED = {
    "last": "expected of the newest",
    "step": "expected of the last two's average",
    "drift": "expected, had it not crept",
}


def series_chart(
    values: pd.DataFrame,
    signals: pd.DataFrame,
    *,
    title: str,
    unit: str,
    name: str = "",
    peers: pd.DataFrame | None = None,
    flagged: Iterable[str] = (),
    as_of: pd.Timestamp | None = None,
    source: str = "",
) -> Figure:
    """Draw a series, its peers' middle half, and the range expected of its newest value.

    Parameters
    ----------
    values : DataFrame
        Columns `period, value, end`, one row a period; a value that is NaN leaves a gap.
    signals : DataFrame
        The series' rows of `schema.SIGNALS`; may be empty.
    title, unit : str
        The metric's.
    name : str, optional
        The authority's.
    peers : DataFrame, optional
        Columns `period, lower, median, upper`: the quartiles of each period.
    flagged : iterable of str, optional
        Periods whose value to mark.
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
    >>> values = pd.DataFrame({
    ...     "period": ["2021/22", "2022/23"], "value": [95.0, 91.2],
    ...     "end": pd.to_datetime(["2022-03-31", "2023-03-31"]),
    ... })
    >>> nothing = pd.DataFrame(columns=["signal", "p", "status"])
    >>> chart = series_chart(values, nothing, title="Council tax collected", unit="percent")
    >>> chart.axes[0].get_ylabel()
    'percent'
    """
    from earlywarning.charts import canvas

    values = values.sort_values("end").astype({"value": float})
    figure, axes = canvas.new_chart(
        4.3,
        title=f"{one_line(name)}: {one_line(title)}" if name else title,
        note=canvas.note_of(as_of, source),
    )
    _draw_values(axes, values, values["period"].isin(list(flagged)))
    if peers is not None:
        _draw_peers(axes, values, peers)
    _draw_expected(axes, values, signals)
    write_periods(axes, values)
    canvas.write_ticks(axes, unit)
    canvas.write_key(axes)
    return figure


def _draw_values(axes: Axes, values: pd.DataFrame, flagged: pd.Series[bool]) -> None:
    from earlywarning.charts.canvas import INK, VERMILION

    line = _with_gaps(values)
    points: dict[str, Any] = {"marker": "o", "zorder": ABOVE}
    axes.plot(line["end"], line["value"], label="value", color=INK, lw=2, ms=5, **points)
    marked = values[flagged & values["value"].notna()]
    if len(marked):
        ring: dict[str, Any] = {"ms": 14, "mfc": "none", "mec": VERMILION, "mew": 2.2, **points}
        axes.plot(marked["end"], marked["value"], ls="", label="flagged", **ring)


def _with_gaps(values: pd.DataFrame) -> pd.DataFrame:
    """Return the values with an empty one wherever periods are missing between two."""
    days = values["end"].diff().dt.days
    after_gap = days > LONGEST_GAP * days.median()
    before = values.assign(value=np.nan, end=values["end"] - DAY)
    with_empty: pd.DataFrame = pd.concat([values, before[after_gap]])
    return with_empty.sort_values("end")


def _draw_peers(axes: Axes, values: pd.DataFrame, peers: pd.DataFrame) -> None:
    from earlywarning.charts.canvas import BLUE, SKY

    there = values[["period", "end"]].merge(peers, on="period", how="left")
    axes.fill_between(
        there["end"], there["lower"], there["upper"],
        color=SKY, lw=0, label="middle half of its peers",
    )  # fmt: skip
    axes.plot(there["end"], there["median"], color=BLUE, lw=1.5, ls="--", label="their middle")


def _draw_expected(axes: Axes, values: pd.DataFrame, signals: pd.DataFrame) -> None:
    """Draw the expected range of the strongest contrast beside the newest value."""
    from earlywarning.charts.canvas import ORANGE

    usable = signals[signals["signal"].isin(CONTRASTS) & signals["status"].eq(ASSESSED)]
    known = values.dropna(subset=["value"])
    if usable.empty or known.empty:
        return
    found = usable.sort_values("p", kind="stable").iloc[0]
    newest = known["end"].iloc[-1]
    beside = newest + ASIDE * (newest - values["end"].iloc[0])
    expected = found["expected"]
    sides = [[max(expected - found["lower"], 0.0)], [max(found["upper"] - expected, 0.0)]]
    axes.errorbar(
        beside, expected, yerr=sides, fmt="D", ms=6, color=ORANGE,
        elinewidth=3, capsize=6, capthick=3, label=EXPECTED[found["signal"]],
    )  # fmt: skip
    if found["signal"] == "step":
        two = known["end"].iloc[-2:]
        axes.plot(two, [found["value"]] * 2, lw=3, ls=":", color=ORANGE, label="their average")


def write_periods(axes: Axes, values: pd.DataFrame) -> None:
    """Write the newest period below the axis, and as many before it as there is room for."""
    if values.empty:
        return
    labels = values["period"].map(one_line)
    letters = len(values) * (2 + labels.str.len().max())
    shown = slice(None, None, -int(-(-letters // MOST_LETTERS)))
    axes.set_xticks(values["end"].iloc[shown], labels.iloc[shown].to_list(), parse_math=False)
    axes.tick_params(axis="x", labelsize=9)
