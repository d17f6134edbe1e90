"""Is each authority far from its peers now? One metric's newest values, as arrays.

Where they are so many cases out of so many, chance takes part: a funnel. Elsewhere, and
for those without numerator or denominator, the robust distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.peers import position_quantile, position_tails
from earlywarning.models.yardstick import Yardstick, named_peers, peers_of_kind
from earlywarning.settings import Settings
from earlywarning.signals.cases import ByCases, newest_by_cases
from earlywarning.signals.prepare import Prepared, at_newest
from earlywarning.signals.states import (
    FEW_PEERS,
    NO_VALUE,
    PEERS_ALIKE,
    READY,
    STALE,
    States,
    spelt_out,
)

Array = NDArray[np.float64]
Labels = NDArray[np.intp]
Mask = NDArray[np.bool_]
Words = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Position:
    """Each authority against its peers in its newest period; arrays of shape (n,).

    `value`, `median` and `spread` are oriented. Those in `by_cases` have no spread that
    would do for all sizes and both sides: `limit` knows how far chance and peers reach.
    """

    value: Array
    median: Array
    spread: Array
    above: Array
    below: Array
    n_peers: Labels
    state: States
    by_cases: tuple[ByCases, ...]

    @property
    def status(self) -> Words:
        """Why each position could not be assessed, or "ok"."""
        return spelt_out(self.state)

    @property
    def made_of_cases(self) -> Mask:
        """Whose position takes account of size, (n,)."""
        found = np.zeros(len(self.value), dtype=bool)
        for part in self.by_cases:
            found[part.rows] = True
        return found

    def limit(self, prepared: Prepared, tail: float | Array, *, side: float | Array) -> Array:
        """Return what one more peer in its place would lie beyond with that probability.

        Parameters
        ----------
        prepared : Prepared
            The metric as it was measured.
        tail : float or ndarray of shape (n,)
            The probability.
        side : float or ndarray of shape (n,)
            1 for worse, -1 for better.

        Returns
        -------
        ndarray of shape (n,)
            Oriented values; NaN where the position is not assessed.
        """
        x = self.median + side * position_quantile(tail, self.n_peers) * self.spread
        for part in self.by_cases:
            own = (one if np.ndim(one) == 0 else np.asarray(one)[part.rows] for one in (tail, side))
            x[part.rows] = part.limit(prepared, *own)
        return x

    def limits(self, prepared: Prepared, tail: float) -> tuple[Array, Array]:
        """Return what one more peer would lie beyond with that probability, better and worse."""
        if self.by_cases:
            better, worse = (self.limit(prepared, tail, side=side) for side in (-1.0, 1.0))
            return better, worse
        half = position_quantile(tail, self.n_peers) * self.spread
        return self.median - half, self.median + half


def position_of(prepared: Prepared, *, settings: Settings) -> Position:
    """Set each authority's newest value against its peers' in the same period.

    Parameters
    ----------
    prepared : Prepared
        The metric, made ready.
    settings : Settings
        The thresholds.
    """
    value = at_newest(prepared, prepared.x, np.nan)
    median, spread, n_peers = _yardstick(prepared)
    few = n_peers < settings.min_peers
    alike = ~(spread > 0)
    never = (prepared.state == NO_VALUE) | (prepared.state == STALE)
    among_peers = np.where(few, FEW_PEERS, np.where(alike, PEERS_ALIKE, READY))
    state = np.where(never, prepared.state, among_peers)
    spread = np.where(state == READY, spread, np.nan)
    above, below = position_tails((value - median) / spread, n_peers)
    parts = tuple(newest_by_cases(prepared, np.flatnonzero(~never), settings.min_peers))
    for part in parts:
        here = part.rows
        median[here], spread[here], state[here] = part.expected(prepared), np.nan, READY
        above[here], below[here], n_peers[here] = part.above, part.below, part.n_peers
    return Position(value, median, spread, above, below, n_peers, state, parts)


def tails_by_distance(values: Array, rows: Labels, company: Mask) -> tuple[Array, Array]:
    """Compute both p-values of oriented values of a period against given peers.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Of all authorities.
    rows : ndarray of shape (m,)
        Who is judged.
    company : ndarray of bool of shape (m, n)
        Against whom, a row each.
    """
    median, spread = named_peers(values, company)
    with np.errstate(divide="ignore", invalid="ignore"):
        return position_tails((values[rows] - median) / spread, company.sum(axis=1))


def _yardstick(prepared: Prepared) -> Yardstick:
    """Return what each authority is held against in its newest period."""
    x, newest = prepared.x, prepared.newest
    found = peers_of_kind(x, prepared.kinds, newest)
    if prepared.peers is None:
        return found
    median, spread, n_peers = found.median.copy(), found.spread.copy(), found.n_peers.copy()
    for column in np.unique(newest[newest >= 0]):
        rows = np.flatnonzero(newest == column)
        peers = prepared.peers[rows] & np.isfinite(x[:, column])
        named = peers.any(axis=1)
        rows, peers = rows[named], peers[named]
        median[rows], spread[rows] = named_peers(x[:, column], peers)
        n_peers[rows] = peers.sum(axis=1)
    return Yardstick(median, spread, n_peers)
