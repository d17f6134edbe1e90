"""Pictures of a back-test: who was listed when, and how the lists did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from earlywarning.charts import look
from earlywarning.explain import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_EPISODES = 40  # drawn; the newest
LONGEST = 30  # characters of a name


def timeline_chart(timeline: pd.DataFrame, listed: pd.DataFrame, *, outcome: str) -> Figure:
    """Draw each episode: the looks before it, whether its authority was listed, and the day.

    Parameters
    ----------
    timeline : DataFrame
        Columns `schema.TIMELINE`, of one outcome.
    listed : DataFrame
        Columns `authority, as_of, listed`: every look at these authorities while at risk.
    outcome : str
        What it is called.

    Returns
    -------
    Figure
        900 pixels wide; the earliest episode on top.

    Examples
    --------
    >>> day = pd.Timestamp("2020-12-31")
    >>> episodes = pd.DataFrame({"authority": ["A"], "name": ["Ash"], "listed": [True],
    ...                          "date": [day + pd.Timedelta(days=90)], "last_look": [day]})
    >>> looks = pd.DataFrame({"authority": ["A"], "as_of": [day], "listed": [True]})
    >>> timeline_chart(episodes, looks, outcome="notice").texts[0].get_text()
    'notice: 1 of 1 on the list at the last look before'
    """
    from earlywarning.charts import canvas

    looked = timeline[timeline["last_look"].notna()].sort_values(["date", "authority"])
    shown = looked.tail(MOST_EPISODES).reset_index(drop=True)
    more = f" The newest {MOST_EPISODES} are drawn." if len(looked) > len(shown) else ""
    figure, axes = canvas.new_chart(
        1.0 + 0.27 * max(len(shown), 1),
        title=f"{outcome}: {int(looked['listed'].sum()):,} of {len(looked):,} on the list at the "
        "last look before",
        subtitle=f"A dot for each look while the authority was at risk; no dot, no look.{more}",
    )
    if shown.empty:
        return _nothing(figure, "No outcome came after the first look.")
    for row, (code, date) in enumerate(zip(shown["authority"], shown["date"], strict=True)):
        looks = listed[listed["authority"].eq(code)]
        looks = looks[looks["as_of"] < date]
        on = looks["listed"].to_numpy(dtype=bool)
        days = looks["as_of"].to_numpy()
        axes.hlines(row, days[-1], date, color=look.GREY, lw=0.8)
        axes.plot(days[~on], np.full((~on).sum(), row), "o", mfc="white", mec=look.GREY, ms=6)
        axes.plot(days[on], np.full(on.sum(), row), "o", color=look.BLUE, ms=7)
        axes.plot([date], [row], "D", color=look.VERMILION, ms=7)
    _key(axes, [("on the list", "o", look.BLUE, look.BLUE),
                ("not on the list", "o", "white", look.GREY),
                (one_line(outcome), "D", look.VERMILION, look.VERMILION)])  # fmt: skip
    named = shown["name"].where(shown["name"].notna(), shown["authority"])
    labels = [look.shortened(text, LONGEST) for text in named]
    axes.set_yticks(range(len(shown)), labels, parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    canvas.write_key(axes)
    return figure


def precision_chart(curve: pd.DataFrame, *, outcome: str, capacity: int, horizon: str) -> Figure:
    """Draw which share of the first k had the outcome, beside shuffled outcomes.

    Parameters
    ----------
    curve : DataFrame
        Columns `k, precision, lower, upper, base_rate`.
    outcome, horizon : str
        What it is called, and within which time it came.
    capacity : int
        The length of list that was asked for.

    Returns
    -------
    Figure
        900 pixels wide.

    Examples
    --------
    >>> curve = pd.DataFrame({"k": [1, 2], "precision": [1.0, 0.5], "lower": 0.0, "upper": 0.5,
    ...                       "base_rate": 0.1})
    >>> chart = precision_chart(curve, outcome="notice", capacity=2, horizon="24 months")
    >>> chart.axes[0].get_ylabel()
    'share with the outcome'
    """
    from earlywarning.charts import canvas

    figure, axes = canvas.new_chart(
        3.4,
        title=f"{outcome}: of those listed, how many had it within {horizon}",
        subtitle=f"By length of the list, on average over the looks; dotted: {capacity}, as asked",
    )
    k = curve["k"].to_numpy()
    axes.fill_between(k, curve["lower"], curve["upper"], color=look.SKY, lw=0,
                      label="outcomes shuffled")  # fmt: skip
    axes.plot(k, curve["base_rate"], color=look.PALE, ls="--", label="picked at random")
    axes.plot(k, curve["precision"], color=look.VERMILION, lw=2, label="the library's list",
              clip_on=False)  # fmt: skip
    axes.axvline(capacity, color=look.GREY, lw=0.8, ls=":")
    _shares(axes, "share with the outcome", "authorities on the list")
    canvas.write_key(axes)
    return figure


def lead_time_chart(warned: pd.DataFrame, *, outcome: str) -> Figure:
    """Draw which share of the episodes had been listed for so many months.

    Parameters
    ----------
    warned : DataFrame
        Columns `months, share`.
    outcome : str
        What it is called.

    Returns
    -------
    Figure
        900 pixels wide.

    Examples
    --------
    >>> warned = pd.DataFrame({"months": [0, 12], "share": [0.5, 0.25]})
    >>> lead_time_chart(warned, outcome="notice").axes[0].get_xlabel()
    'months before'
    """
    from earlywarning.charts import canvas

    figure, axes = canvas.new_chart(
        3.0, title=f"{outcome}: how early were they listed",
        subtitle="Share of the episodes on the list for at least so long before, without a break; "
        "dotted: a year",
    )  # fmt: skip
    axes.step(warned["months"], warned["share"], where="post", color=look.BLUE, lw=2)
    axes.axvline(12, color=look.GREY, lw=0.8, ls=":")
    _shares(axes, "share of episodes", "months before")
    axes.set_ylim(0, 1)
    return figure


def calibration_chart(bins: pd.DataFrame, *, outcome: str) -> Figure:
    """Draw how often the outcome came against the chance that was told.

    Parameters
    ----------
    bins : DataFrame
        Columns `expected, observed, lower, upper, n`; empty where no chance could be told.
    outcome : str
        What it is called.

    Returns
    -------
    Figure
        900 pixels wide.

    Examples
    --------
    >>> calibration_chart(pd.DataFrame(), outcome="notice").axes[0].texts[0].get_text()
    'Too few outcomes to learn a chance from.'
    """
    from earlywarning.charts import canvas

    figure, axes = canvas.new_chart(
        3.4, title=f"{outcome}: do they come as often as was told",
        subtitle="Chances learnt from the score, told out of time; bars hold the truth in 95% of "
        "cases if rows were independent",
    )  # fmt: skip
    if bins.empty:
        return _nothing(figure, "Too few outcomes to learn a chance from.")
    most = float(max(bins["upper"].max(), bins["expected"].max()))
    axes.plot([0, most], [0, most], color=look.PALE, ls="--", label="as told")
    off = [bins["observed"] - bins["lower"], bins["upper"] - bins["observed"]]
    axes.errorbar(bins["expected"], bins["observed"], yerr=off, fmt="o", color=look.BLUE,
                  label="as it came")  # fmt: skip
    _shares(axes, "share with the outcome", "chance that was told")
    axes.xaxis.set_major_formatter(canvas.shares())
    canvas.write_key(axes)
    return figure


def benefit_chart(benefit: pd.DataFrame, *, outcome: str) -> Figure:
    """Draw what it is worth to act on chances above each threshold.

    Parameters
    ----------
    benefit : DataFrame
        Columns `threshold, flagged, everyone, nobody`; empty where no chance could be told.
    outcome : str
        What it is called.

    Returns
    -------
    Figure
        900 pixels wide.

    Examples
    --------
    >>> benefit_chart(pd.DataFrame(), outcome="notice").axes[0].texts[0].get_text()
    'Too few outcomes to learn a chance from.'
    """
    from earlywarning.charts import canvas

    figure, axes = canvas.new_chart(
        3.4, title=f"{outcome}: what acting on it is worth",
        subtitle="Net benefit: outcomes met a row, less needless visits at the threshold's rate",
    )  # fmt: skip
    if benefit.empty:
        return _nothing(figure, "Too few outcomes to learn a chance from.")
    x = benefit["threshold"]
    axes.plot(x, benefit["nobody"], color=look.PALE, ls="--", label="visit nobody")
    axes.plot(x, benefit["everyone"], color=look.ORANGE, label="visit everyone")
    axes.plot(x, benefit["flagged"], color=look.BLUE, lw=2, label="visit by the score")
    highest = float(max(benefit["flagged"].max(), benefit["everyone"].max(), 1e-4))
    axes.set_ylim(-0.5 * highest, 1.2 * highest)
    axes.set_ylabel("net benefit", size=canvas.MIDDLE, color=look.INK)
    axes.set_xlabel("chance from which one acts", size=canvas.MIDDLE, color=look.INK)
    axes.xaxis.set_major_formatter(canvas.shares())
    axes.grid(axis="y", color=look.GRID, linewidth=0.8)
    canvas.write_key(axes)
    return figure


def _shares(axes: Axes, up: str, across: str) -> None:
    from earlywarning.charts import canvas

    axes.set_ylabel(up, size=canvas.MIDDLE, color=look.INK)
    axes.set_xlabel(across, size=canvas.MIDDLE, color=look.INK)
    axes.yaxis.set_major_formatter(canvas.shares())
    axes.grid(axis="y", color=look.GRID, linewidth=0.8)
    axes.set_ylim(bottom=0)


def _key(axes: Axes, entries: list[tuple[str, str, str, str]]) -> None:
    """Add entries to the key that are not drawn."""
    for label, marker, fill, edge in entries:
        axes.plot([], [], marker, mfc=fill, mec=edge, ls="", label=label)


def _nothing(figure: Figure, text: str) -> Figure:
    from earlywarning.charts import canvas

    axes = figure.axes[0]
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", size=canvas.MIDDLE, color=look.INK,
              transform=axes.transAxes)  # fmt: skip
    return figure
