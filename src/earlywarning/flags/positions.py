"""Flags of position asked again: how near would pass, with other peers, a release earlier."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from earlywarning.flags.cases import Case
from earlywarning.signals.cases import effects_at, judged_by_cases
from earlywarning.signals.position import Position, tails_by_distance

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

PEER_SHARES = 10  # the peers are left out a tenth at a time


def position_clears(case: Case) -> Array:
    """Return how far from its peers each authority may be at its cut, as oriented values."""
    found, prepared = case.measured.position, case.measured.prepared
    cut = np.full(len(found.value), np.nan)
    cut[case.rows] = case.cut
    if not prepared.context:
        return found.limit(prepared, cut, side=1.0)[case.rows]
    side = np.sign(found.value - found.median)
    return found.limit(prepared, cut / 2, side=side)[case.rows]


def position_stability(case: Case) -> Array:
    """Leave out a tenth of the peers at a time, and count how often the flag stands."""
    prepared, x = case.measured.prepared, case.measured.prepared.x[:, case.newest]
    by_cases = case.measured.position.made_of_cases[case.rows]
    kept = np.full(len(case.rows), np.nan)
    kept[~by_cases] = _kept(case, ~by_cases, x, partial(tails_by_distance, x))
    effects = effects_at(prepared, case.newest)
    if effects is not None and by_cases.any():

        def tails(rows: Rows, company: Mask) -> tuple[Array, Array]:
            found = judged_by_cases(prepared, effects, rows, company)
            return found.above, found.below

        kept[by_cases] = _kept(case, by_cases, effects.value, tails)
    return kept


def _kept(
    case: Case, here: Mask, values: Array, tails: Callable[[Rows, Mask], tuple[Array, Array]]
) -> Array:
    """Return the share of re-scorings, all peers but a tenth, that keep each of some flags."""
    rows = case.rows[here]
    peers = case.measured.prepared.peers_at(case.newest, rows) & np.isfinite(values)
    tenth = (np.cumsum(peers, axis=1) - 1)[:, None] % PEER_SHARES
    left_in = peers[:, None] & (tenth != np.arange(PEER_SHARES)[:, None])
    found = tails(np.repeat(rows, PEER_SHARES), left_in.reshape(-1, peers.shape[1]))
    p = case.measured.p(*found).reshape(len(rows), PEER_SHARES)
    return np.asarray((p <= case.cut[here][:, None]).mean(axis=1))


def position_stood(case: Case, then: Position) -> Mask:
    """Return which flags would have been raised where the positions were like that."""
    return np.asarray(case.measured.p(then.above, then.below)[case.rows] <= case.cut)
