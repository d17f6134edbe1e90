"""What would clear a flag, and does it hang on one period or on a few peers?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.peers import position_quantile, position_tails
from earlywarning.models.robust import MAD_TO_SIGMA
from earlywarning.models.tested import FEWEST_PERIODS
from earlywarning.signals import Measured

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

SHIFTS = 33  # tried at once, twice: the clearing value is found to a thousandth of the search
FARTHEST = 8.0  # times the largest effect: no series is asked to improve by more
PEER_SHARES = 10  # the peers are left out a tenth at a time


def recheck(flags: pd.DataFrame, measured: Measured) -> pd.DataFrame:
    """Fill in `would_clear_at`, `stability` and `published` for the flags of one metric.

    Parameters
    ----------
    flags : DataFrame
        Flags of that metric, with `cut`.
    measured : Measured
        The metric as it was measured.

    Returns
    -------
    DataFrame
        The same flags, filled in. `would_clear_at` is the newest value, in the metric's
        units, at which the flag would not have been raised; NaN where none would do.
        `stability` is the share of re-scorings that keep it: one past period left out at
        a time for a change, a tenth of the peers at a time for a position.
    """
    flags = flags.copy()
    matrix = measured.prepared.matrix
    rows = pd.Index(matrix.authorities).get_indexer(pd.Index(flags["authority"].astype(str)))
    newest = measured.prepared.newest[rows]
    flags["published"] = matrix.published[rows, newest].astype("datetime64[ns]")
    for kind, clear, keep in (
        ("position", _position_clears, _position_stability),
        ("change", _change_clears, _change_stability),
    ):
        here = flags["kind"].eq(kind).to_numpy()
        if here.any():
            cut = flags.loc[here, "cut"].to_numpy()
            x = clear(measured, rows[here], cut)
            flags.loc[here, "would_clear_at"] = measured.prepared.in_units(x, rows[here])
            flags.loc[here, "stability"] = keep(measured, rows[here], cut)
    return flags


def _position_clears(measured: Measured, rows: Rows, cut: Array) -> Array:
    """Return how far from its peers an authority may be at that p-value."""
    found = measured.position
    tail = cut / 2 if measured.prepared.context else cut
    t = position_quantile(tail, found.n_peers[rows])
    side = np.sign(found.value[rows] - found.median[rows]) if measured.prepared.context else 1.0
    return np.asarray(found.median[rows] + side * t * found.spread[rows])


def _position_stability(measured: Measured, rows: Rows, cut: Array) -> Array:
    """Leave out a tenth of the peers at a time, and count how often the flag stands."""
    return np.array([_position_kept(measured, int(r), c) for r, c in zip(rows, cut, strict=True)])


def _position_kept(measured: Measured, row: int, cut: float) -> float:
    prepared = measured.prepared
    values = prepared.x[:, prepared.newest[row]]
    peers = (prepared.types == prepared.types[row]) & (np.arange(len(values)) != row)
    if prepared.peers is not None and prepared.peers[row].any():
        peers = prepared.peers[row]
    sample = values[peers & np.isfinite(values)]
    left_in = np.arange(sample.size)[None, :] % PEER_SHARES != np.arange(PEER_SHARES)[:, None]
    table = np.where(left_in, sample, np.nan)
    median = np.nanmedian(table, axis=1)
    spread = MAD_TO_SIGMA * np.nanmedian(np.abs(table - median[:, None]), axis=1)
    with np.errstate(divide="ignore"):
        tails = position_tails((values[row] - median) / spread, left_in.sum(axis=1))
    return float((measured.p(*tails) <= cut).mean())


def _change_clears(measured: Measured, rows: Rows, cut: Array) -> Array:
    """Search for the newest value at which the combined p-value passes the cut."""
    prepared = measured.prepared
    x, side = prepared.x[rows], np.ones(len(rows))
    effect = (measured.change.value - measured.change.expected)[rows]
    if prepared.context:
        strongest = np.abs(effect / measured.change.spread[rows]).argmax(axis=1)
        side = np.sign(effect[np.arange(len(rows)), strongest])
    low, high = np.zeros(len(rows)), FARTHEST * np.abs(effect).max(axis=1)
    for _ in range(2):
        shift = np.linspace(low, high, SHIFTS, axis=1)
        tried = np.repeat(x, SHIFTS, axis=0)
        tried[np.arange(len(tried)), np.repeat(prepared.newest[rows], SHIFTS)] -= (
            side[:, None] * shift
        ).ravel()
        p = _rescored(measured, tried, np.repeat(rows, SHIFTS)).reshape(shift.shape)
        clears = p > cut[:, None]
        first = clears.argmax(axis=1)
        here = np.arange(len(rows))
        low, high = shift[here, np.maximum(first - 1, 0)], shift[here, first]
    newest = x[here, prepared.newest[rows]]
    return np.where(clears.any(axis=1), newest - side * high, np.nan)


def _change_stability(measured: Measured, rows: Rows, cut: Array) -> Array:
    """Leave out one past period at a time, and count how often the flag stands."""
    prepared = measured.prepared
    x = prepared.x[rows]
    column = np.arange(x.shape[1])
    past = np.isfinite(x) & (column < prepared.newest[rows, None])
    past &= np.isfinite(x).sum(axis=1, keepdims=True) > FEWEST_PERIODS
    which, gap = np.nonzero(past)
    tried = x[which].copy()
    tried[np.arange(len(which)), gap] = np.nan
    kept = _rescored(measured, tried, rows[which]) <= cut[which]
    total = np.bincount(which, minlength=len(rows))
    share = np.bincount(which, weights=kept, minlength=len(rows)) / np.maximum(total, 1)
    return np.where(total > 0, share, np.nan)


def _rescored(measured: Measured, x: Array, rows: Rows) -> Array:
    """Return the combined p-values of altered series, by what was learnt of their metric."""
    prepared = measured.prepared
    p = np.full(len(x), np.nan)
    for column in np.unique(prepared.newest[rows]):
        here = prepared.newest[rows] == column
        known = measured.learnt[prepared.matrix.periods[column]]
        who = rows[here]
        judged = known.judge(x[here, : column + 1], prepared.groups[who], prepared.authorities[who])
        p[here] = measured.p_change(judged)
    return p
