"""Which authorities are in which tier, and on what grounds?"""

from __future__ import annotations

import pandas as pd

from earlywarning.charts.bars import bar, bars_axis, bars_key, bars_scale
from earlywarning.charts.drawing import Drawing
from earlywarning.charts.look import note_of
from earlywarning.charts.marks import fitted, text
from earlywarning.charts.paper import EDGE, MIDDLE, SMALL, Paper
from earlywarning.charts.scale import Scale
from earlywarning.explain.order import in_a_tier
from earlywarning.schema import FLAG_KINDS, IN_A_TIER

LEFT = 260.0  # units: where bars begin, right of the words
MOST = 25  # authorities drawn; of the gravest tiers first
ROW, BAR = 21.0, 14.0  # units: from row to row, and a bar's height
BETWEEN = 6.0  # above a tier's heading
NOBODY = "No authority is in a tier."


def tiers_chart(
    authorities: pd.DataFrame, *, as_of: pd.Timestamp | None = None, source: str = ""
) -> Drawing:
    """Draw the authorities in a tier, by tier and name, and what their scores consist of.

    Parameters
    ----------
    authorities : DataFrame
        Columns `schema.AUTHORITIES`.
    as_of : Timestamp, optional
        The day whose knowledge is drawn.
    source : str, optional
        Where the values are from.

    Returns
    -------
    Drawing
        As wide as its place. Within a tier the order is that of the alphabet: it is no league
        table.

    Examples
    --------
    >>> sector = pd.DataFrame({
    ...     "authority": ["E1", "E2"], "name": ["Ash", "Birch"], "tier": ["none", "watch"],
    ...     "score_position": [0.0, 8.0], "score_change": [1.0, 4.0],
    ... })
    >>> tiers_chart(sector).title
    '1 of 2 authorities to talk to'
    """
    there = in_a_tier(authorities)
    members = there["tier"].astype(str).value_counts()
    shown = there.iloc[:MOST]
    left_out = f" {len(there) - MOST:,} more are not drawn." if len(there) > MOST else ""
    title = f"{len(there):,} of {len(authorities):,} authorities to talk to"
    paper = Paper()
    paper.heading(
        title,
        "By tier, then name. A tier says how sure it is that the score is not chance; "
        f"it is an invitation to a conversation, not a verdict.{left_out}",
    )
    if shown.empty:
        paper.y += 2 * MIDDLE
        paper.parts.append(text(EDGE, paper.y, NOBODY))
        paper.y += MIDDLE
    else:
        paper.key(bars_key(FLAG_KINDS))
        paper.y += 8
        _draw(paper, shown, members)
    paper.note(note_of(as_of, source))
    counts = [f"{tier}: {members[tier]:,}" for tier in IN_A_TIER if tier in members]
    return paper.drawing(title, f"By tier: {', '.join(counts)}." if counts else NOBODY)


def _draw(paper: Paper, shown: pd.DataFrame, members: pd.Series[int]) -> None:
    """Draw each tier's heading and, below it, its authorities."""
    parts = {kind: shown[f"score_{kind}"].astype(float).fillna(0.0).to_list()
             for kind in FLAG_KINDS}  # fmt: skip
    scores = [a + b for a, b in zip(parts["position"], parts["change"], strict=True)]
    scale = bars_scale([*parts["position"], *scores], LEFT)
    top, rows, tier_before = paper.y, [], ""
    for i, (name, tier) in enumerate(zip(shown["called"], shown["tier"].astype(str), strict=True)):
        if tier != tier_before:
            paper.y += ROW + BETWEEN
            heading = f"{tier.capitalize()} ({members[tier]:,})"
            level = paper.y - ROW * 0.3
            rows.append(text(LEFT - EDGE, level, heading, anchor="end", weight="bold"))
            tier_before = tier
        paper.y += ROW
        rows += _row(name, scale, (parts["position"][i], scores[i]), paper.y - ROW / 2)
    paper.parts += bars_axis(scale, top + BETWEEN, paper.y + 4, "points of the score")
    paper.parts += rows
    paper.y += 4 + SMALL * 3.6


def _row(name: object, scale: Scale, ends: tuple[float, float], y: float) -> list[str]:
    """Return a name, and its two bars on end."""
    position, score = ends
    shown = fitted(name, LEFT - 2 * EDGE, MIDDLE)
    pairs = {"position": (0.0, position), "change": (position, score)}
    bars = [bar(kind, scale, pair, y, height=BAR) for kind, pair in pairs.items()
            if pair[0] != pair[1]]  # fmt: skip
    return [text(LEFT - EDGE, y + MIDDLE * 0.35, shown, anchor="end"), *bars]
