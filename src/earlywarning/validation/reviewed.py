"""How far can one trust the figures where only the reviewed could be found out?

Day by day: by those reviewed alone, the worst and the best that the others could hide, and
with the reviewed standing for others of their type.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from earlywarning.validation.board import Board
from earlywarning.validation.plan import Plan
from earlywarning.validation.selection import (
    review_chances,
    reviewed_within,
    selection_bounds,
    weighted_measures,
)

REVIEWED = (
    "outcome", "as_of", "measure", "n_known", "n_reviewed", "reviewed", "worst", "best",
    "weighted", "weighted_lower", "weighted_upper", "effective_n",
)  # fmt: skip
FEW_DRAWS = 200  # for limits, of which there are many


def reviewed_table(
    board: Board,
    types: pd.Series[str],
    engagements: pd.DataFrame,
    kinds: Sequence[str],
    *,
    outcome: str,
    plan: Plan,
) -> pd.DataFrame:
    """Say for each day how far unreviewed authorities could change the figures.

    Parameters
    ----------
    board : Board
        The ranking and the outcome.
    types : Series of str, by authority
        The type of each.
    engagements : DataFrame
        Columns `schema.ENGAGEMENTS`.
    kinds : sequence of str
        The kinds of engagement that could have found the outcome.
    outcome : str
        What it is called.
    plan : Plan
        Horizon and capacity.

    Returns
    -------
    DataFrame
        Columns `REVIEWED`: a row a day on which somebody was reviewed, and a measure. Whoever
        had the outcome counts as reviewed.
    """
    rows = []
    for day, (score, event, at) in zip(_days(board), board.by_day(), strict=True):
        codes = board.authorities[at]
        seen = event == 1
        seen |= reviewed_within(
            engagements, codes, day.to_numpy(), horizon_days=plan.horizon_days, kinds=kinds
        )
        if not seen.any():
            continue
        bounds = selection_bounds(score, event, seen, capacity=plan.capacity)
        weighted = weighted_measures(
            score, event, seen, review_chances(seen, types.reindex(codes).fillna("unknown")),
            authorities=codes, capacity=plan.capacity, draws=FEW_DRAWS, coverage=plan.coverage,
            seed=plan.seed,
        )  # fmt: skip
        both = bounds.merge(weighted, on="measure").rename(
            columns={"estimate": "weighted", "lower": "weighted_lower", "upper": "weighted_upper"}
        )
        rows.append(both.assign(outcome=outcome, as_of=day, n_known=len(at)))
    if not rows:
        return pd.DataFrame(columns=list(REVIEWED))
    return pd.concat(rows, ignore_index=True)[list(REVIEWED)]


def _days(board: Board) -> pd.DatetimeIndex:
    """Return the days on which there is anything to judge by."""
    return board.days[np.flatnonzero(np.isfinite(board.event).any(axis=1))]
