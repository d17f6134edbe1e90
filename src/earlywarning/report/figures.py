"""The pictures of a brief: each flagged metric, and what adds up to the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from earlywarning.charts import contributions_chart, series_chart
from earlywarning.explain import About, one_line
from earlywarning.explain.flagged import SEEN
from earlywarning.explain.history import own_history, peers_history
from earlywarning.explain.sections import SCORE

MOST_DRAWN = 4  # flagged metrics, the gravest first
KEY = (
    "Line: its values, the newest written beside it; ring: flagged. Band and dashes: the middle "
    "half of its type, and their middle. Bar: what was expected of the newest value, with limits. "
    "Cross: as first published."
)
Figures = Mapping[str, Sequence[Markup]]  # by the heading of the section that they belong to


def figures_of(about: About) -> Figures:
    """Draw the flagged metrics, and how the score adds up.

    Parameters
    ----------
    about : About
        What was found of the authority; without values no metric is drawn.

    Returns
    -------
    mapping of str to sequence of Markup
        Drawings as SVG, by the heading of the section below which they stand.
    """
    flags = about.flags.drop_duplicates("metric").itertuples(index=False)
    series = [drawn for flag in flags if (drawn := _series(about, flag)) is not None]
    everyone = about.everyone
    titles = dict(zip(everyone.metrics["metric"], everyone.metrics["title"], strict=True))
    steps = about.contributions
    score = [contributions_chart(steps, about.code, titles=titles).__html__()] if len(steps) else []
    return {SEEN: series[:MOST_DRAWN], SCORE: score}


def _series(about: About, flag: Any) -> Markup | None:
    """Draw one flagged metric, if its values are known."""
    values = own_history(about, flag.metric)
    if values["value"].notna().sum() == 0:
        return None
    everyone = about.everyone
    peers = peers_history(about, flag.metric, periods=values["period"])
    of_metric = about.signals["metric"].eq(flag.metric)
    breaks = everyone.breaks.loc[everyone.breaks["metric"].eq(flag.metric), "period"]
    return series_chart(
        values,
        about.signals[of_metric],
        title=one_line(flag.title),
        unit=str(flag.unit),
        peers=peers,
        flagged=[flag.period],
        breaks=breaks,
        size="small",
    ).__html__()
