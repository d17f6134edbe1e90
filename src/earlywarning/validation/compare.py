"""Which way of ranking does best, by how much, and how sure is that?

Limits of the area under the ROC are those of `roc_auc_interval`, which hold also where few had
the outcome. The others come from drawing authorities again, all their days together, those that
had the outcome apart from the others; all rankings are measured on the same draws, so that
their differences have limits too.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.schema import COMPARED
from earlywarning.validation.board import Board
from earlywarning.validation.measures import MEASURES, measures_of
from earlywarning.validation.metrics import roc_auc_interval
from earlywarning.validation.metrics.bootstrap import Draws, draw_groups, percentile_limits

Array = NDArray[np.float64]
GAINS = ("auc", "hits")  # measures of which the difference from the first ranking is told


def compare(
    boards: Mapping[str, Board],
    roles: Mapping[str, str],
    groups: NDArray[np.intp],
    *,
    outcome: str,
    capacity: int,
    draws: int,
    coverage: float,
    seed: int,
) -> pd.DataFrame:
    """Measure several ways of ranking against one outcome.

    Parameters
    ----------
    boards : mapping of str to Board
        By name; all of the same days, authorities and events. Gains are of the first one.
    roles : mapping of str to str
        What each is: "earlywarning", "baseline" or "metric".
    groups : ndarray of int, shape (n_authorities,)
        Authorities that share outcomes have the same number, and are drawn together.
    outcome : str
        What it is called.
    capacity, draws : int
        Authorities listed a day; draws for the limits.
    coverage : float
        Of the limits.
    seed : int
        Of the draws.

    Returns
    -------
    DataFrame
        Columns `schema.COMPARED`, then each of `MEASURES` with its limits, and for those in
        `GAINS` how much better the first ranking is, with limits. Limits are NaN (0 and 1 for
        the area) where fewer than two authorities had the outcome, or fewer than two had not.
    """
    first = next(iter(boards.values()))
    event = np.nan_to_num(first.event).any(axis=0)
    drawn = draw_groups(groups, draws=draws, seed=seed, strata=event)
    best: dict[str, Array] = {}
    rows = []
    for name, board in boards.items():
        found = measures_of(board, capacity)
        again = measures_of(board, capacity, drawn.weight)
        both = {name: np.r_[found[name], again[name]] for name in MEASURES}
        best = best or both
        rows.append(
            _about(board, outcome, name, roles[name])
            | _limited({name: both[name] for name in MEASURES}, drawn, coverage)
            | _area(board, groups, coverage)
            | _limited({f"{name}_gain": best[name] - both[name] for name in GAINS}, drawn, coverage)
        )
    return pd.DataFrame(rows)


def _about(board: Board, outcome: str, scorer: str, role: str) -> dict[str, object]:
    n_known = board.n_known
    told = (
        outcome, scorer, role, board.n_days, n_known, board.n_events,
        int(np.nan_to_num(board.event).any(axis=0).sum()),
        board.n_events / n_known if n_known else np.nan, board.covered,
    )  # fmt: skip
    return dict(zip(COMPARED, told, strict=True))


def _area(board: Board, groups: NDArray[np.intp], coverage: float) -> dict[str, float]:
    """Return the area under the ROC and its limits, an authority's days taken together."""
    rank, event, at = board.ranked()
    area, lower, upper, _ = roc_auc_interval(rank, event, groups=groups[at], coverage=coverage)
    return {"auc": area, "auc_lower": lower, "auc_upper": upper}


def _limited(found: Mapping[str, Array], drawn: Draws, coverage: float) -> dict[str, float]:
    """Return each figure, which is the first of its array, and its limits from the others."""
    told: dict[str, float] = {}
    for name, values in found.items():
        lower, upper = percentile_limits(values[1:], drawn.fewest, coverage=coverage)
        told |= {name: float(values[0]), f"{name}_lower": lower, f"{name}_upper": upper}
    return told
