"""What is drawn of a back-test: precision at each length of list, lead times, chances, benefit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.periods import DAYS_A_MONTH
from earlywarning.validation.board import Board
from earlywarning.validation.metrics import calibration_bins, net_benefit, precision_at_each

Array = NDArray[np.float64]

AT_CAPACITY = ("k", "precision", "lower", "upper", "base_rate")
LONGER = ("months", "share")
BENEFIT = ("threshold", "flagged", "everyone", "nobody")
BINS = 5  # of chances: with few events more of them hold none
STEPS = 50  # thresholds


def precision_by_length(
    board: Board, longest: int, *, shuffles: int, coverage: float, seed: int
) -> pd.DataFrame:
    """Say how many of the first k have the outcome, and what shuffled outcomes would give.

    Parameters
    ----------
    board : Board
        The ranking and the outcome.
    longest : int
        The longest list.
    shuffles : int
        How often outcomes are shuffled.
    coverage, seed : float, int
        The share of shuffled runs between the limits; where the shuffling starts.

    Returns
    -------
    DataFrame
        Columns `AT_CAPACITY`, one row a length of list; averages over the days.
    """
    rng = np.random.default_rng(seed)
    found = _precisions(board, longest)
    orders = (rng.permutation(len(board.authorities)) for _ in range(shuffles))
    by_chance = np.array([_precisions(board.shuffled(order), longest) for order in orders])
    tail = (1 - coverage) / 2
    lower, upper = np.quantile(by_chance, [tail, 1 - tail], axis=0)
    base = board.n_events / board.n_known if board.n_known else np.nan
    rows = (np.arange(1, longest + 1), found, lower, upper, np.full(longest, base))
    return pd.DataFrame(dict(zip(AT_CAPACITY, rows, strict=True)))


def _precisions(board: Board, longest: int) -> Array:
    """Return precision at 1 to the longest, on average over the days; short days go as far."""
    days = [precision_at_each(score, event)[:longest] for score, event, _ in board.by_day()]
    table = np.full((max(len(days), 1), longest), np.nan)
    for row, day in zip(table, days, strict=False):
        row[: len(day)] = day
        row[len(day) :] = day[-1]
    return np.asarray(table.mean(axis=0))


def share_warned(timeline: pd.DataFrame) -> pd.DataFrame:
    """Say which share of the episodes was on the list so many months before, without a break.

    Parameters
    ----------
    timeline : DataFrame
        Columns `schema.TIMELINE`, of one outcome.

    Returns
    -------
    DataFrame
        Columns `LONGER`. Of episodes that were looked at before; a run that began before the first
        look counts for as long as it was seen.
    """
    looked = timeline[timeline["last_look"].notna()]
    months = np.arange(0, 61)
    lead = looked["lead_days"].fillna(-1.0).to_numpy(dtype=float) / DAYS_A_MONTH
    n = max(len(lead), 1)
    share = [float((lead >= month).sum()) / n for month in months]
    return pd.DataFrame(dict(zip(LONGER, (months, share), strict=True)))


def calibration_of(chances: pd.DataFrame) -> pd.DataFrame:
    """Say how often outcomes came where the chance was said to be so large, as bins.

    Parameters
    ----------
    chances : DataFrame
        Columns `event` and `plain`, of rows where both are known.
    """
    return calibration_bins(chances["plain"].to_numpy(), chances["event"].to_numpy(), BINS)


def benefit_of(chances: pd.DataFrame) -> pd.DataFrame:
    """Say what acting above each chance is worth, columns `BENEFIT`.

    Parameters
    ----------
    chances : DataFrame
        Columns `event` and `plain`, of rows where both are known.
    """
    event = chances["event"].to_numpy()
    highest = min(max(4 * float(event.mean()), 0.02), 0.9)
    thresholds = np.linspace(0, highest, STEPS + 1)[1:]
    found = net_benefit(chances["plain"].to_numpy(), event, thresholds)
    return pd.DataFrame(dict(zip(BENEFIT, (thresholds, *found), strict=True)))
