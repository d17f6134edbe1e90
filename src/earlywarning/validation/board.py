"""Scores and events as matrices, days down and authorities across.

One `Board` is one way of ranking against one outcome. Whoever is at risk and has no score
from it comes last, all of them together: they would not be called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Board:
    """One way of ranking against one outcome.

    Attributes
    ----------
    days : DatetimeIndex of length m
        The days, oldest first.
    authorities : Index of length n
        The authorities.
    score : ndarray of shape (m, n)
        Higher is riskier; NaN where there is none.
    event : ndarray of shape (m, n)
        1 where the outcome came within the horizon, 0 where not, NaN where that is not known or
        the authority was not at risk.
    """

    days: pd.DatetimeIndex
    authorities: pd.Index[str]
    score: Array
    event: Array

    @property
    def n_known(self) -> int:
        """How many authorities there are to judge by, all days together."""
        return int(np.isfinite(self.event).sum())

    @property
    def n_events(self) -> int:
        """How many of them had the outcome within the horizon."""
        return int(np.nansum(self.event))

    @property
    def n_days(self) -> int:
        """On how many days there is anything to judge by."""
        return int(np.isfinite(self.event).any(axis=1).sum())

    @property
    def covered(self) -> float:
        """The share of what there is to judge by that has a score."""
        known = np.isfinite(self.event)
        return float(np.isfinite(self.score[known]).mean()) if known.any() else float("nan")

    def by_day(self) -> Iterator[tuple[Array, Array, Labels]]:
        """Yield the scores, events and columns of those to judge by, a day at a time."""
        for score, event in zip(self.score, self.event, strict=True):
            at = np.flatnonzero(np.isfinite(event))
            if at.size:
                yield np.nan_to_num(score[at], nan=-np.inf), event[at], at

    def ranked(self) -> tuple[Array, Array, Labels]:
        """Return the rank, event and column of all there is to judge by, days one after another.

        Ranks are within the day, as a share of those judged on it, so that scores of different
        days are never set against each other.
        """
        parts = [(rankdata(score) / len(at), event, at) for score, event, at in self.by_day()]
        if not parts:
            return np.empty(0), np.empty(0), np.empty(0, dtype=np.intp)
        ranks, events, columns = (np.concatenate(part) for part in zip(*parts, strict=True))
        return ranks, events, columns

    def only(self, there: NDArray[np.bool_]) -> Board:
        """Return the board of some of the authorities."""
        return replace(
            self,
            authorities=self.authorities[there],
            score=self.score[:, there],
            event=self.event[:, there],
        )

    def shuffled(self, order: Labels) -> Board:
        """Return the board on which each authority has another one's outcomes."""
        return replace(self, event=self.event[:, order])


def matrix_of(
    table: pd.DataFrame, column: str, days: pd.DatetimeIndex, authorities: Sequence[str]
) -> Array:
    """Return a column of a table with `as_of` and `authority` as a matrix, (days, authorities).

    Examples
    --------
    >>> day = pd.DatetimeIndex(["2020-12-31"])
    >>> table = pd.DataFrame({"as_of": day, "authority": ["B"], "score": [2.0]})
    >>> matrix_of(table, "score", day, ["A", "B"])
    array([[nan,  2.]])
    """
    found = np.full((len(days), len(authorities)), np.nan)
    down = days.get_indexer(pd.DatetimeIndex(table["as_of"]))
    across = pd.Index(authorities).get_indexer(pd.Index(table["authority"]))
    there = (down >= 0) & (across >= 0)
    found[down[there], across[there]] = table[column].to_numpy(dtype=float)[there]
    return found
