"""The pictures of a brief: each flagged metric, and a waterfall beside the table of the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from earlywarning.charts import series_chart
from earlywarning.charts.steps import step_bars
from earlywarning.explain import About, Page, one_line
from earlywarning.explain.history import own_history, peers_history
from earlywarning.explain.sections import SCORE

MOST_DRAWN = 4  # flagged metrics, the gravest first
KEY = (
    "Line: its values, the newest written beside it; ring: flagged. Band and dashes: the middle "
    "half of its type, and their middle. Bar: what was expected of the newest value, with limits. "
    "Cross: as first published."
)


@dataclass(frozen=True)
class Figures:
    """The drawings of a brief; their texts are escaped."""

    series: Sequence[Markup] = ()  # of the flagged metrics
    bars: Sequence[Markup] = ()  # a row of the table of the score


def figures_of(about: About, page: Page) -> Figures:
    """Draw the flagged metrics, and how the score adds up row by row.

    Parameters
    ----------
    about : About
        What was found of the authority; without values no metric is drawn.
    page : Page
        What is said of it: the bars are as long as the points it prints.

    Returns
    -------
    Figures
        SVG.
    """
    flags = about.flags.drop_duplicates("metric").itertuples(index=False)
    series = [drawn for flag in flags if (drawn := _series(about, flag)) is not None]
    rows = [row for part in page.sections if part.heading == SCORE for row in part.table[1:]]
    amounts = [tuple(float(cell.replace(",", "")) for cell in row[2:4]) for row in rows]
    return Figures(series[:MOST_DRAWN], [bar.__html__() for bar in step_bars(amounts)])


def _series(about: About, flag: Any) -> Markup | None:
    """Draw one flagged metric, if its values are known."""
    values = own_history(about, flag.metric)
    if values["value"].notna().sum() == 0:
        return None
    everyone = about.everyone
    breaks = everyone.breaks.loc[everyone.breaks["metric"].eq(flag.metric), "period"]
    return series_chart(
        values,
        about.signals[about.signals["metric"].eq(flag.metric)],
        title=one_line(flag.title),
        unit=str(flag.unit),
        peers=peers_history(about, flag.metric, periods=values["period"]),
        flagged=[flag.period],
        breaks=breaks,
        size="small",
    ).__html__()
