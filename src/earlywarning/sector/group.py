"""What did one group of authorities do in one metric: did it move, spread out, and by whom?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.paired import pull_on_mean, pull_on_spread, sign_test, spread_change
from earlywarning.models.robust import column_mad, column_median, mad
from earlywarning.schema import STATUSES
from earlywarning.signals import Prepared, states

Array = NDArray[np.float64]
Labels = NDArray[np.intp]
Row = dict[str, Any]

DRIVERS = 3  # authorities named: more would be a list, and not who drives it


def row_of_group(prepared: Prepared, common: Labels, rows: Labels, *, fewest: int) -> Row:
    """Return what a group did, or why that cannot be said.

    Parameters
    ----------
    prepared : Prepared
        The metric.
    common : ndarray of int
        The columns that are compared, from `common_periods`.
    rows : ndarray of int
        The group's authorities.
    fewest : int
        How many there must be with a value in both periods.

    Returns
    -------
    dict
        Columns of `schema.SECTOR_MOVEMENT`; without those that follow from the whole table.
    """
    labels = prepared.matrix.periods
    if len(common) < 2:
        return {
            "period": labels[common[-1]] if len(common) else "",
            "status": STATUSES[states.FEW_PERIODS],
        }
    before, now = common[-2:]
    alike = common[(now - common) % prepared.rhythm.season == 0]  # of the same season
    since = alike[0] if len(alike) > 1 else before
    row = {"since": labels[since], "before": labels[before], "period": labels[now]}
    if _all_stale(prepared, rows):
        return row | {"status": STATUSES[states.STALE]}
    last, longest = (Pair.of(prepared, rows, first, now) for first in (before, since))
    row |= {"n_authorities": last.n, "n_since": longest.n}
    if longest.n >= fewest:
        far = longest.movement() | longest.spread()
        row |= {f"{name}_since": value for name, value in far.items()}
    if last.n < fewest:
        return row | {"status": STATUSES[states.FEW_PEERS]}
    row |= last.movement() | last.drivers() | last.spread() | last.wideners()
    row |= {"moved_sd_usual": _usual(prepared.x[rows], common, alike[:-1])}
    differ = mad(last.x[0]) > 0
    return row | {"status": STATUSES[states.READY if differ else states.PEERS_ALIKE]}


@dataclass(frozen=True, eq=False)
class Pair:
    """The authorities of a group that have a value in both of two periods.

    Attributes
    ----------
    authorities : list of str
        Their codes.
    values, x : ndarray of shape (2, n)
        Before and after, as published and oriented.
    """

    authorities: list[str]
    values: Array
    x: Array

    @classmethod
    def of(cls, prepared: Prepared, rows: Labels, first: int, last: int) -> Pair:
        """Return those of these rows that have both."""
        columns = np.array([first, last])
        rows = rows[np.isfinite(prepared.x[np.ix_(rows, columns)]).all(axis=1)]
        at = np.ix_(rows, columns)
        codes = [prepared.matrix.authorities[row] for row in rows.tolist()]
        return cls(codes, prepared.matrix.values[at].T, prepared.x[at].T)

    @property
    def n(self) -> int:
        """How many have both."""
        return len(self.authorities)

    @property
    def change(self) -> Array:
        """The changes on the oriented scale, (n,)."""
        return np.asarray(self.x[1] - self.x[0])

    def movement(self) -> Row:
        """Return how far the middle moved, and whether as many rose as fell."""
        in_units = self.values[1] - self.values[0]
        return {
            "moved": float(np.median(in_units)),
            "moved_sd": _over(float(np.median(self.change)), mad(self.x[0])),
            "p": sign_test(in_units),
        }

    def spread(self) -> Row:
        """Return whether they are further apart, or nearer together; by the test, and the ratio."""
        found = spread_change(*self.x)
        agree = found.way * (found.ratio - 1) > 0
        return {
            "spread_ratio": found.ratio,
            "spread_p": found.p if np.isfinite(found.ratio) else np.nan,
            "spread_way": found.way if agree else 0.0,
        }

    def drivers(self) -> Row:
        """Return who draws the mean the way the middle moved, and the middle without them."""
        way = np.sign(np.median(self.change))
        named = self._most(way * pull_on_mean(self.change))
        left = np.delete(self.values[1] - self.values[0], named)
        without = float(np.median(left)) if left.size else np.nan
        return {"moved_by": self._names(named), "moved_without": without}

    def wideners(self) -> Row:
        """Return who makes them spread further, or less far, and the ratio without them."""
        wider = mad(self.x[1]) >= mad(self.x[0])
        named = self._most((1 if wider else -1) * pull_on_spread(*self.x))
        left = np.delete(self.x, named, axis=1)
        without = _over(mad(left[1]), mad(left[0]))
        return {"spread_by": self._names(named), "spread_without": without}

    def _most(self, pull: Array) -> Labels:
        """Return who pulls the most, the code deciding between equals; nobody who does not."""
        order = np.lexsort((np.arange(len(pull)), -np.round(pull, 12)))[:DRIVERS]
        return order[pull[order] > 1e-12]

    def _names(self, rows: Labels) -> str:
        return "; ".join(self.authorities[row] for row in rows.tolist())


def _all_stale(prepared: Prepared, rows: Labels) -> bool:
    """Return whether none of these has a value that is still in date."""
    known = prepared.newest[rows] >= 0
    return bool((prepared.state[rows][known] == states.STALE).all())


def _usual(x: Array, common: Labels, ends: Labels) -> float:
    """Return the median size of the steps to these periods, each in the spreads it began with."""
    place = np.flatnonzero(np.isin(common, ends))
    last, first = (x[:, common[at]] for at in (place[place > 0], place[place > 0] - 1))
    steps = last - first
    spread = column_mad(np.where(np.isfinite(steps), first, np.nan))
    known = spread > 0
    if not known.any():
        return float("nan")
    return float(np.median(np.abs(column_median(steps[:, known])) / spread[known]))


def _over(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")
