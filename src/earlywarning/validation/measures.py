"""How well does a way of ranking tell who will have an outcome? One row a ranking, with limits.

Days are put together by each authority's rank of the day for the area under the ROC and average
precision, and by how many are listed for the rest. Scores of different days are never set
against each other.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from earlywarning.validation.board import Board
from earlywarning.validation.metrics import at_capacity, average_precision, roc_auc

Array = NDArray[np.float64]

MEASURES = ("auc", "average_precision", "hits", "precision", "recall", "false_alarms", "lift")


def measures_of(board: Board, capacity: int, weight: Array | None = None) -> dict[str, Array]:
    """Measure a way of ranking against an outcome.

    Parameters
    ----------
    board : Board
        The scores and events.
    capacity : int
        How many authorities are listed each time.
    weight : ndarray of shape (n_draws, n_authorities), optional
        How often each authority counts; all once by default.

    Returns
    -------
    dict of str to ndarray of shape (n_draws,)
        By the names in `MEASURES`: `auc` and `average_precision`; `hits`, the listed with an
        event, on an average day; `precision` and `recall` of the lists; `false_alarms`, the
        listed without an event, per authority and look; `lift`, precision over the base rate.
        NaN where there is nothing to divide by.

    Examples
    --------
    >>> import pandas as pd
    >>> days, codes = pd.DatetimeIndex(["2020-12-31"]), pd.Index(["A", "B", "C", "D"])
    >>> board = Board(days, codes, np.array([[4.0, 3.0, 2.0, 1.0]]), np.array([[1.0, 0, 1, 0]]))
    >>> found = measures_of(board, capacity=1)
    >>> [float(found[name][0]) for name in ("auc", "precision", "recall")]
    [0.75, 1.0, 0.5]
    """
    draws = np.ones((1, len(board.authorities))) if weight is None else weight
    total = {name: np.zeros(len(draws)) for name in ("hits", "listed", "events", "known", "days")}
    for score, event, at in board.by_day():
        here = draws[:, at]
        found = at_capacity(score, event, capacity, weight=here)
        adds = {
            "hits": found.hits,
            "listed": found.hits + found.false_alarms,
            "events": here @ event,
            "known": here.sum(axis=1),
            "days": np.ones(len(draws)),
        }
        total = {name: total[name] + added for name, added in adds.items()}
    rank, event, at = board.ranked()
    return {
        "auc": roc_auc(rank, event, weight=draws[:, at]),
        "average_precision": average_precision(rank, event, weight=draws[:, at]),
        **_rates(total),
    }


def _rates(total: Mapping[str, Array]) -> dict[str, Array]:
    """Divide what was added up."""
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = total["hits"] / total["listed"]
        return {
            "hits": total["hits"] / total["days"],
            "precision": precision,
            "recall": total["hits"] / total["events"],
            "false_alarms": (total["listed"] - total["hits"]) / total["known"],
            "lift": precision / (total["events"] / total["known"]),
        }
