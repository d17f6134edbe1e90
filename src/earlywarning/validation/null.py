"""What does no signal look like? The same back-test, outcomes shuffled between authorities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from earlywarning.validation.board import Board
from earlywarning.validation.measures import MEASURES, measures_of

NULL = ("outcome", "measure", "found", "shuffled", "lower", "upper", "p")


def null_run(
    board: Board, *, outcome: str, capacity: int, shuffles: int, coverage: float, seed: int
) -> pd.DataFrame:
    """Measure a ranking against outcomes that belong to somebody else.

    Parameters
    ----------
    board : Board
        The ranking and the outcome.
    outcome : str
        What it is called.
    capacity, shuffles : int
        Authorities listed a day; how often outcomes are shuffled.
    coverage : float
        The share of shuffled runs between the limits.
    seed : int
        Of the shuffling.

    Returns
    -------
    DataFrame
        One row a measure: what was `found`; what shuffled runs find on average, between
        which limits; and `p`, how often they find as much (for `false_alarms`, as little). Each
        authority keeps its scores and gets another's outcomes with all their days, so that
        episodes stay as long and as frequent as they are.

    Examples
    --------
    >>> days, codes = pd.DatetimeIndex(["2020-12-31"]), pd.Index(list("ABCD"))
    >>> board = Board(days, codes, np.array([[4.0, 3.0, 2.0, 1.0]]), np.array([[1.0, 0, 0, 0]]))
    >>> table = null_run(board, outcome="notice", capacity=1, shuffles=200, coverage=0.9, seed=1)
    >>> table.loc[table["measure"].eq("auc"), ["found", "shuffled"]].round(1).values.tolist()
    [[1.0, 0.5]]
    """
    rng = np.random.default_rng(seed)
    found = measures_of(board, capacity)
    runs = [
        measures_of(board.shuffled(rng.permutation(len(board.authorities))), capacity)
        for _ in range(shuffles)
    ]
    tail = (1 - coverage) / 2
    rows = []
    for name in MEASURES:
        told, by_chance = float(found[name][0]), np.array([run[name][0] for run in runs])
        known = by_chance[np.isfinite(by_chance)]
        as_much = known <= told if name == "false_alarms" else known >= told
        lower, upper = np.quantile(known, [tail, 1 - tail]) if known.size else (np.nan, np.nan)
        p = (1 + as_much.sum()) / (1 + known.size) if np.isfinite(told) else np.nan
        mean = known.mean() if known.size else np.nan
        rows.append((outcome, name, told, mean, lower, upper, p))
    return pd.DataFrame(rows, columns=list(NULL))
