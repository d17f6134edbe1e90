"""The signals of all metrics as one table: one row a series and signal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.contrasts import Contrasts, as_z
from earlywarning.schema import (
    CONTRASTS,
    DIRECTIONS,
    SIGNAL_NAMES,
    SIGNAL_WORDS,
    SIGNALS,
    STATUSES,
    empty,
)
from earlywarning.settings import Settings
from earlywarning.signals.measure import Measured, p_of_changes
from earlywarning.signals.prepare import at_newest, places_of
from earlywarning.signals.states import READY, States
from earlywarning.signals.strongest import as_compared

Array = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]

SERIES_AT_ONCE = 3000  # what is laid out of so many stays near the processor
NONE, WORSE, BETTER, UNUSUAL = range(len(DIRECTIONS))


def signals_table(measured: Sequence[Measured], *, settings: Settings) -> pd.DataFrame:
    """Lay out all signals.

    Returns
    -------
    DataFrame
        Columns `schema.SIGNALS`, one row an authority, metric and signal, values and limits
        in the metric's units; words are categorical. `p` is one-sided towards worse,
        two-sided for `context`; `z` is above 0 on the worse side.
    """
    if not measured:
        return empty(SIGNALS)
    matrices = [found.prepared.matrix for found in measured]
    authorities = sorted(set().union(*(matrix.authorities for matrix in matrices)))
    periods = sorted(set().union([""], *(matrix.periods for matrix in matrices)))
    metrics = [matrix.metric for matrix in matrices]
    parts = [_columns(some, settings) for some in _in_turn(measured)]
    table: dict[str, Any] = {
        name: np.concatenate([part[name].ravel() for part in parts]) for name in parts[0]
    }
    table |= _whose(measured, authorities, periods)
    words = {
        "authority": authorities, "metric": metrics, "period": periods,
        "signal": SIGNAL_NAMES, "direction": DIRECTIONS, "status": STATUSES,
    }  # fmt: skip
    for name in SIGNAL_WORDS:
        categories = pd.CategoricalDtype(list(words[name]))
        table[name] = pd.Categorical.from_codes(table[name], dtype=categories)
    return pd.DataFrame({name: table[name] for name in SIGNALS}, copy=False)


def _in_turn(measured: Sequence[Measured]) -> Iterator[Sequence[Measured]]:
    """Yield so many metrics as are laid out at once."""
    ends = np.cumsum([len(found.n_peers) for found in measured])
    firsts = np.flatnonzero(np.diff(ends // SERIES_AT_ONCE, prepend=-1))
    for first, end in pairwise([*firsts.tolist(), len(measured)]):
        yield measured[first:end]


def _whose(measured: Sequence[Measured], authorities: list[str], periods: list[str]) -> Columns:
    """Return whose signals they are, as places among all authorities, metrics and periods."""
    ready = [found.prepared for found in measured]
    counts = [len(one.x) for one in ready]
    newest = [places_of(periods, [*one.matrix.periods, ""])[one.newest] for one in ready]
    each = {
        "authority": np.concatenate(
            [places_of(authorities, one.matrix.authorities) for one in ready]
        ),
        "metric": np.repeat(np.arange(len(ready)), counts),
        "period": np.concatenate(newest),
        "n_periods": np.concatenate([np.isfinite(one.x).sum(axis=1) for one in ready]),
    }
    n_signals = len(SIGNAL_NAMES)
    whose = {name: np.repeat(values, n_signals) for name, values in each.items()}
    return whose | {"signal": np.tile(np.arange(n_signals), sum(counts))}


def _columns(some: Sequence[Measured], settings: Settings) -> Columns:
    """Return what was measured of some metrics, a row a series and a column a signal."""
    change = Contrasts.together([found.change for found in some])
    counts = [len(found.n_peers) for found in some]
    context = np.repeat([found.prepared.context for found in some], counts)
    above, below = (
        np.column_stack([_of_positions(some, tail), contrasts, change.combined(contrasts)])
        for tail, contrasts in (("above", change.above), ("below", change.below))
    )
    p = np.where(context[:, None], 2 * np.minimum(above, below), above)
    if context.any():
        p[:, -1] = p_of_changes(change, context)
    z = as_z(above, below)
    of_changes = np.concatenate([found.change_state for found in some])
    state = _beside(_of_positions(some, "state"), of_changes)
    return {
        **_with_strongest(_limits(some, change, settings), p),
        "z": z,
        "p": p,
        "direction": _directions(z, state, context[:, None]),
        "n_peers": _beside(
            _of_positions(some, "n_peers"), np.concatenate([found.n_peers for found in some])
        ),
        "status": state,
    }


def _of_positions(some: Sequence[Measured], name: str) -> NDArray[Any]:
    """Return what is known of the positions, one metric after the other."""
    return np.concatenate([getattr(found.position, name) for found in some])


def _beside(position: NDArray[Any], change: NDArray[Any]) -> NDArray[Any]:
    """Return a table of what is the same for all signals of change."""
    return np.column_stack([position, *[change] * (len(SIGNAL_NAMES) - 1)])


def _directions(z: Array, state: States, context: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the places among `DIRECTIONS`; for context both sides count and neither is worse."""
    sides = np.where(context, UNUSUAL, np.where(z > 0, WORSE, BETTER))
    return np.where((state == READY) & ~np.isnan(z), sides, NONE).astype(np.int8)


def _limits(some: Sequence[Measured], change: Contrasts, settings: Settings) -> dict[str, Array]:
    """Return values, expectations and limits of position and contrasts, in the metrics' units."""
    tail = (1 - settings.limits) / 2
    limits = [found.position.limits(found.prepared, tail) for found in some]
    better, worse = (np.concatenate(side) for side in zip(*limits, strict=True))
    half = change.half_width(settings.limits)
    oriented = np.column_stack(
        [
            change.value[:, CONTRASTS.index("step")],
            _of_positions(some, "median"), change.expected,
            better, change.expected - half,
            worse, change.expected + half,
        ]
    )  # fmt: skip
    ends = np.cumsum([len(found.n_peers) for found in some])[:-1]
    parts = zip(some, np.split(oriented, ends), strict=True)
    shown = np.concatenate([found.prepared.in_units(part) for found, part in parts])
    ready = [found.prepared for found in some]
    newest = np.concatenate([at_newest(one, one.matrix.values, np.nan) for one in ready])
    step, expected, below, above = np.split(shown, [1, 5, 9], axis=1)
    return {
        "value": np.column_stack([newest, newest, step, newest]),
        "expected": expected,
        "lower": np.minimum(below, above),
        "upper": np.maximum(below, above),
    }


def _with_strongest(limits: dict[str, Array], p: Array) -> dict[str, Array]:
    """Add a column for the change: what is shown of it is its strongest contrast."""
    strongest = 1 + np.argmin(as_compared(p[:, 1:-1]), axis=1)
    rows = np.arange(len(p))
    return {
        name: np.column_stack([values, values[rows, strongest]]) for name, values in limits.items()
    }
