"""How an authority's score adds up, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from earlywarning.charts.bars import bar, bars_axis, bars_key, bars_scale
from earlywarning.charts.drawing import Drawing
from earlywarning.charts.look import INK, PALE, note_of
from earlywarning.charts.marks import box, fitted, number, path, plain, text
from earlywarning.charts.paper import EDGE, MIDDLE, SMALL, Paper
from earlywarning.charts.scale import Scale
from earlywarning.explain.rounding import tenths

LEFT = 340.0  # units: where bars begin, right of the words
MOST_STEPS = 15  # steps drawn; the rest are added up in one
ROW, BAR = 34.0, 18.0  # units: from row to row, and a bar's height
NOTHING = "Nothing adds to the score."
MOST_TOLD = 5  # steps, in the description


@dataclass(frozen=True)
class Steps:
    """What adds up, the largest first; `amounts` are rounded so that they add up as printed."""

    names: list[str]
    themes: list[str]
    kinds: list[str]
    sizes: list[float]
    amounts: list[float]

    @property
    def score(self) -> str:
        """The score as printed."""
        return f"{sum(round(10 * amount) for amount in self.amounts) / 10:,.1f}"


def contributions_chart(
    contributions: pd.DataFrame,
    authority: str,
    *,
    name: str = "",
    titles: Mapping[str, str] | pd.Series[str] | None = None,
    as_of: pd.Timestamp | None = None,
    source: str = "",
) -> Drawing:
    """Draw what each metric adds to an authority's score, as a waterfall.

    Parameters
    ----------
    contributions : DataFrame
        Columns `schema.CONTRIBUTIONS`.
    authority : str
        Whose score.
    name : str, optional
        What to call the authority; else its code.
    titles : mapping of str to str, or Series, optional
        What to call the metrics, by name.
    as_of : Timestamp, optional
        The day whose knowledge is drawn.
    source : str, optional
        Where the values are from.

    Returns
    -------
    Drawing
        As wide as its place; the largest steps first, the score last. The amounts add up to
        the score as printed.

    Examples
    --------
    >>> parts = pd.DataFrame({
    ...     "authority": "E1", "theme": "Finance", "metric": ["tax", "debt"],
    ...     "kind": ["change", "position"], "contribution": [12.0, 3.0],
    ... })
    >>> contributions_chart(parts, "E1").description
    '15.0 points from 2 steps; the largest: tax 12.0 (change), debt 3.0 (position).'
    """
    called = {} if titles is None else {str(metric): title for metric, title in titles.items()}
    steps = _steps(contributions[contributions["authority"].eq(authority)], called)
    heading = f"What adds up to the score of {plain(name or authority)}: {steps.score} points"
    paper = Paper()
    paper.heading(heading, "The largest steps first; good news takes nothing off")
    paper.key(bars_key(steps.kinds))
    if steps.names:
        _draw(paper, steps)
    else:
        paper.y += 2 * MIDDLE
        paper.parts.append(text(EDGE, paper.y, NOTHING))
        paper.y += MIDDLE
    paper.note(note_of(as_of, source))
    return paper.drawing(heading, _in_words(steps))


def _draw(paper: Paper, steps: Steps) -> None:
    """Draw the steps from top to bottom, and the score below them."""
    top = paper.y + 12
    ends = np.cumsum(steps.sizes).tolist()
    bottom = top + ROW * (len(ends) + 1)
    scale = bars_scale(ends, LEFT)
    paper.parts += bars_axis(scale, top, bottom, "points")
    paper.parts += _rows(steps, ends, scale, top)
    paper.parts += _score(steps, scale, ends[-1], bottom - ROW / 2)
    paper.y = bottom + SMALL * 3.6


def _in_words(steps: Steps) -> str:
    """Say what the score is, and what adds most to it."""
    if not steps.names:
        return NOTHING
    n = len(steps.names)
    rows = zip(steps.names, steps.amounts, steps.kinds, strict=True)
    told = [f"{plain(name)} {amount:,.1f} ({kind})" for name, amount, kind in rows]
    largest = ", ".join(told[:MOST_TOLD])
    return f"{steps.score} points from {n} step{'s' * (n > 1)}; the largest: {largest}."


def _rows(steps: Steps, ends: list[float], scale: Scale, top: float) -> list[str]:
    """Return each step's words, bar and amount, and a line to the next."""
    parts = []
    width = LEFT - 2 * EDGE
    for i, end in enumerate(ends):
        y = top + ROW * (i + 0.5)
        start = end - steps.sizes[i]
        x = scale.at(max(start, end))
        name, theme = fitted(steps.names[i], width, MIDDLE), fitted(steps.themes[i], width, SMALL)
        level = y - 2 if theme else y + MIDDLE * 0.35
        parts.append(text(LEFT - EDGE, level, name, anchor="end"))
        if theme:
            below = text(LEFT - EDGE, y + 11, theme, size=SMALL, colour=PALE, anchor="end")
            parts.append(below)
        way = f"M{number(scale.at(end))} {number(y + BAR / 2)}V{number(y + ROW - BAR / 2)}"
        parts.append(path(way, colour=PALE, width=0.8))
        parts.append(bar(steps.kinds[i], scale, (start, end), y, height=BAR))
        parts.append(text(x + 6, y + MIDDLE * 0.35, f"{steps.amounts[i]:,.1f}"))
    return parts


def _score(steps: Steps, scale: Scale, score: float, y: float) -> list[str]:
    """Return the last row."""
    start, end = sorted((scale.at(0.0), scale.at(score)))
    level = y + MIDDLE * 0.35
    return [
        text(LEFT - EDGE, level, "Score", anchor="end", weight="bold"),
        box(start, y - BAR / 2, width=end - start, height=BAR, fill=INK),
        text(end + 6, level, steps.score, weight="bold"),
    ]


def _steps(parts: pd.DataFrame, titles: Mapping[str, str]) -> Steps:
    """Return the steps, the largest first, the rest as one."""
    parts = parts.astype({"contribution": float})
    parts = parts[parts["contribution"] != 0].sort_values(
        "contribution", ascending=False, kind="stable"
    )
    names = [str(titles.get(metric, metric)) for metric in parts["metric"]]
    themes, kinds = ([str(word) for word in parts[column]] for column in ("theme", "kind"))
    sizes: list[float] = parts["contribution"].to_list()
    if len(sizes) > MOST_STEPS:
        names[MOST_STEPS:] = [f"{len(sizes) - MOST_STEPS:,} smaller steps"]
        themes[MOST_STEPS:], kinds[MOST_STEPS:] = [""], ["other"]
        sizes[MOST_STEPS:] = [sum(sizes[MOST_STEPS:])]
    amounts: list[float] = (tenths(np.array(sizes, dtype=float)) / 10).tolist()
    return Steps(names, themes, kinds, sizes, amounts)
