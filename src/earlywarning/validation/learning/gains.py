"""Is what was learnt better than the plain score, out of time, and how sure is that?"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.validation.learning.walk import FEWEST_EVENTS, Record, Walk, log_loss
from earlywarning.validation.metrics import bootstrap_interval, roc_auc
from earlywarning.validation.metrics.rows import share

Array = NDArray[np.float64]
Statistic = Callable[[Array], Array]

MEASURES = ("roc_auc", "log_loss", "brier")
LOWER_IS_BETTER = ("log_loss", "brier")
GAINS = ("measure", "plain", "learnt", "gain", "lower", "upper", "n_rows", "n_events")
DECISIVE = ("roc_auc", "log_loss")  # it must rank better and tell chances better


def gains(record: Record, done: Walk, *, draws: int, coverage: float, seed: int) -> pd.DataFrame:
    """Hold both against what came, on the same rows.

    Parameters
    ----------
    record : Record
        All rows.
    done : Walk
        What was told of them.
    draws, coverage, seed : int, float, int
        Of the bootstrap over authorities.

    Returns
    -------
    DataFrame
        Columns `GAINS`, one row a measure; a gain above 0 is for what was learnt. The AUC
        compares rows of one date only, each date counting by its pairs. `n_events` is of
        authorities; with fewer than ten there are no limits.
    """
    rows = np.isfinite(done.learnt) & np.isfinite(record.event)
    told, chances = record.part(rows), np.array([done.plain[rows], done.learnt[rows]])
    event = told.event == 1
    n_events = np.unique(told.authority[event]).size
    table = []
    for measure in MEASURES:
        plain, learnt = (_statistic(measure, told, chance) for chance in chances)
        gain = _difference(learnt, plain, -1.0 if measure in LOWER_IS_BETTER else 1.0)
        once = np.ones((1, event.size))
        limits = (np.nan, np.nan)
        if n_events >= FEWEST_EVENTS:
            limits = bootstrap_interval(
                gain, told.authority, draws=draws, coverage=coverage, seed=seed, strata=event
            )[1:3]
        found = (float(of(once)[0]) for of in (plain, learnt, gain))
        table.append((measure, *found, *limits, event.size, n_events))
    return pd.DataFrame(table, columns=list(GAINS))


def verdict(table: pd.DataFrame, coverage: float) -> tuple[str, str]:
    """Return which score is to be used, "learnt" or "plain score", and a sentence that says why.

    Examples
    --------
    >>> row = {"plain": 0.70, "learnt": 0.71, "gain": 0.01, "lower": -0.02, "upper": 0.04}
    >>> table = pd.DataFrame([row | {"measure": m, "n_events": 20} for m in DECISIVE])
    >>> verdict(table, 0.95)[0]
    'plain score'
    """
    n_events = int(table["n_events"].iloc[0])
    if n_events < FEWEST_EVENTS:
        return "plain score", (
            f"Too few events: {n_events} authorities that something was learnt for had one, "
            f"and {FEWEST_EVENTS} are needed to judge by."
        )
    rows = {str(row["measure"]): row for row in table.to_dict("records")}
    auc, loss = (rows[measure] for measure in DECISIVE)
    figures = (
        f"out of time the AUC is {auc['learnt']:.3f} against {auc['plain']:.3f} of the plain score "
        f"(gain {_with_limits(auc)}) and the log loss {loss['learnt']:.4f} against "
        f"{loss['plain']:.4f} (gain {_with_limits(loss)}), with limits of {coverage:.0%}."
    )
    if auc["lower"] > 0 and loss["lower"] > 0:
        return "learnt", f"What was learnt is better: {figures}"
    return "plain score", f"What was learnt is not surely better: {figures}"


def _with_limits(row: Mapping[Hashable, float]) -> str:
    return f"{row['gain']:.4f}, {row['lower']:.4f} to {row['upper']:.4f}"


def _difference(one: Statistic, other: Statistic, sign: float) -> Statistic:
    return lambda weight: sign * (one(weight) - other(weight))


def _statistic(measure: str, told: Record, chance: Array) -> Statistic:
    """Return a function that computes a measure for each row of weights."""
    if measure == "roc_auc":
        days = [np.flatnonzero(told.as_of == day) for day in np.unique(told.as_of)]
        return lambda weight: _auc_within(days, told.event, chance, weight)
    loss = log_loss(chance, told.event) if measure == "log_loss" else (chance - told.event) ** 2
    return lambda weight: np.asarray(share(weight @ loss, weight.sum(axis=-1)))


def _auc_within(days: list[NDArray[np.intp]], event: Array, chance: Array, weight: Array) -> Array:
    """Return the AUC over pairs of one day, all days together."""
    won, pairs = np.zeros((2, len(weight)))
    for rows in days:
        on_day = weight[:, rows]
        events = on_day @ event[rows]
        n = events * (on_day.sum(axis=1) - events)
        won += n * np.nan_to_num(roc_auc(chance[rows], event[rows], weight=on_day))
        pairs += n
    return share(won, pairs)
