"""Is each authority far from its peers now? One metric's newest values, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.peers import position_quantile, position_tails
from earlywarning.models.yardstick import Yardstick, named_peers, peers_of_kind
from earlywarning.schema import ASSESSED
from earlywarning.settings import Settings
from earlywarning.signals.prepare import Prepared

Array = NDArray[np.float64]
Words = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Position:
    """Each authority against its peers in its newest period; arrays of shape (n,)."""

    value: Array
    median: Array
    spread: Array
    above: Array
    below: Array
    n_peers: NDArray[np.intp]
    status: Words

    def half_width(self, coverage: float) -> Array:
        """Return half the width of the interval in which that share of the peers lies."""
        return position_quantile((1 - coverage) / 2, self.n_peers) * self.spread


def position_of(prepared: Prepared, *, settings: Settings) -> Position:
    """Set each authority's newest value against its peers' in the same period.

    Parameters
    ----------
    prepared : Prepared
        The metric, made ready.
    settings : Settings
        The thresholds.
    """
    value = _newest(prepared)
    median, spread, n_peers = _yardstick(prepared)
    few = n_peers < settings.min_peers
    alike = ~(spread > 0)
    never = (prepared.status == "no value") | (prepared.status == "stale")
    status = np.where(never, prepared.status, ASSESSED)
    status = np.where(~never & few, "too few peers", status)
    status = np.where(~never & ~few & alike, "peers do not differ", status)
    spread = np.where(status == ASSESSED, spread, np.nan)
    above, below = position_tails((value - median) / spread, n_peers)
    return Position(value, median, spread, above, below, n_peers, status)


def _newest(prepared: Prepared) -> Array:
    """Return each authority's newest value, NaN without any."""
    value = np.full(len(prepared.x), np.nan)
    rows = np.flatnonzero(prepared.newest >= 0)
    value[rows] = prepared.x[rows, prepared.newest[rows]]
    return value


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
