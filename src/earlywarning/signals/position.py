"""Is each authority far from its peers now? One metric's newest values, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.peers import named_peers, position_quantile, position_tails
from earlywarning.models.robust import MAD_TO_SIGMA, median_of_others, spread_of_others
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
    n = len(prepared.x)
    value, median, spread = np.full((3, n), np.nan)
    n_peers = np.zeros(n, dtype=np.intp)
    for column in np.unique(prepared.newest[prepared.newest >= 0]):
        rows = prepared.newest == column
        values = prepared.x[:, column]
        middle, width, count = _yardstick(prepared, values)
        value[rows], n_peers[rows] = values[rows], count[rows]
        median[rows], spread[rows] = middle[rows], width[rows]
    few = n_peers < settings.min_peers
    alike = ~(spread > 0)
    never = np.isin(prepared.status, ["no value", "stale"])
    status = np.where(never, prepared.status, ASSESSED)
    status = np.where(~never & few, "too few peers", status)
    status = np.where(~never & ~few & alike, "peers do not differ", status)
    spread = np.where(status == ASSESSED, spread, np.nan)
    above, below = position_tails((value - median) / spread, n_peers)
    return Position(value, median, spread, above, below, n_peers, status)


def _yardstick(prepared: Prepared, values: Array) -> tuple[Array, Array, NDArray[np.intp]]:
    """Return median and spread of each authority's peers in one period, and their number."""
    known = np.isfinite(values)
    median, spread = np.full((2, len(values)), np.nan)
    count = np.zeros(len(values), dtype=np.intp)
    for kind in np.unique(prepared.types):
        rows = (prepared.types == kind) & known
        if rows.sum() > 1:
            of_type = values[rows]
            median[rows] = median_of_others(of_type, of_type)
            spread[rows] = MAD_TO_SIGMA * spread_of_others(of_type, of_type)
            count[rows] = rows.sum() - 1
    if prepared.peers is not None:
        named = (prepared.peers & known).sum(axis=1)
        rows = named > 0
        middle, width = named_peers(values, prepared.peers)
        median[rows], spread[rows], count[rows] = middle[rows], width[rows], named[rows]
    return median, spread, count
