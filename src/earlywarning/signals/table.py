"""The signals of all metrics as one table: one row a series and signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.contrasts import Contrasts, as_z
from earlywarning.schema import (
    ASSESSED,
    CONTRASTS,
    DIRECTIONS,
    SIGNAL_NAMES,
    SIGNAL_WORDS,
    SIGNALS,
    STATUSES,
    empty,
)
from earlywarning.settings import Settings
from earlywarning.signals.measure import Measured

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
Columns = dict[str, NDArray[np.generic]]
PLACES = {word: place for place, word in enumerate(STATUSES)}
NONE, WORSE, BETTER, UNUSUAL = range(len(DIRECTIONS))
TIE_DIGITS = 12  # of p-values: closer ones are equal, and the first contrast is shown


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
    places = {code: place for place, code in enumerate(authorities)}
    columns = {label: place for place, label in enumerate(periods)}
    together = _Together.of(measured, settings)
    parts = [
        _columns(found, together.part(number), settings) | _codes(found, number, places, columns)
        for number, found in enumerate(measured)
    ]
    table: dict[str, Any] = {
        name: np.concatenate([part[name].ravel() for part in parts]) for name in SIGNALS
    }
    words = {
        "authority": authorities, "metric": metrics, "period": periods,
        "signal": SIGNAL_NAMES, "direction": DIRECTIONS, "status": STATUSES,
    }  # fmt: skip
    for name in SIGNAL_WORDS:
        categories = pd.CategoricalDtype(list(words[name]))
        table[name] = pd.Categorical.from_codes(table[name], dtype=categories)
    return pd.DataFrame(table, copy=False)


def _codes(
    found: Measured, number: int, authorities: dict[str, int], periods: dict[str, int]
) -> Columns:
    """Return whose signals they are, as places among all authorities, metrics and periods."""
    prepared = found.prepared
    shape = (len(prepared.x), len(SIGNAL_NAMES))
    of_columns = np.array([periods[label] for label in (*prepared.matrix.periods, "")], int)
    each = {
        "authority": np.array([authorities[a] for a in prepared.matrix.authorities], int)[:, None],
        "metric": np.array([[number]]),
        "period": of_columns[prepared.newest][:, None],
        "signal": np.arange(len(SIGNAL_NAMES))[None, :],
        "n_periods": np.isfinite(prepared.x).sum(axis=1)[:, None],
    }
    return {name: np.broadcast_to(values, shape) for name, values in each.items()}


@dataclass(frozen=True, eq=False)
class _Together:
    """What the contrasts of all metrics, one after the other, say together, and their limits."""

    worse: Array
    better: Array
    half: Array
    ends: Codes

    @classmethod
    def of(cls, measured: Sequence[Measured], settings: Settings) -> _Together:
        every = Contrasts.together([found.change for found in measured])
        ends = np.cumsum([0, *(len(found.n_peers) for found in measured)])
        worse, better = every.combined(every.above), every.combined(every.below)
        return cls(worse, better, every.half_width(settings.limits), ends)

    def part(self, number: int) -> tuple[Array, Array, Array]:
        """Return those of one metric."""
        rows = slice(*self.ends[number : number + 2])
        return self.worse[rows], self.better[rows], self.half[rows]


def _columns(found: Measured, combined: tuple[Array, Array, Array], settings: Settings) -> Columns:
    """Return what was measured of one metric, a row an authority and a column a signal."""
    position, change, (worse, better, half) = found.position, found.change, combined
    above = np.column_stack([position.above, change.above, worse])
    below = np.column_stack([position.below, change.below, better])
    p = found.p(above, below)
    if found.prepared.context:
        p[:, -1] = found.p_change(change)
    status = np.repeat(_statuses(found.change_status)[:, None], len(SIGNAL_NAMES), axis=1)
    status[:, 0] = _statuses(position.status)
    n_peers = np.repeat(found.n_peers[:, None], len(SIGNAL_NAMES), axis=1)
    n_peers[:, 0] = position.n_peers
    z = as_z(above, below)
    return {
        **_with_strongest(_limits(found, half, settings), p),
        "z": z,
        "p": p,
        "direction": _directions(z, status, found.prepared.context),
        "n_peers": n_peers,
        "status": status,
    }


def _statuses(words: NDArray[np.str_]) -> NDArray[np.int8]:
    """Return the places of words among `STATUSES`."""
    return np.array([PLACES.get(word, 0) for word in words.tolist()], dtype=np.int8)


def _directions(z: Array, status: NDArray[np.int8], context: bool) -> NDArray[np.int8]:
    """Return the places among `DIRECTIONS`; for context both sides count and neither is worse."""
    worse, better = (UNUSUAL, UNUSUAL) if context else (WORSE, BETTER)
    sides = np.where(z > 0, worse, np.where(z <= 0, better, NONE))
    return np.where(status == STATUSES.index(ASSESSED), sides, NONE).astype(np.int8)


def _limits(found: Measured, half: Array, settings: Settings) -> dict[str, Array]:
    """Return values, expectations and limits of position and contrasts, in the metric's units."""
    back, prepared = found.prepared.in_units, found.prepared
    position, change = found.position, found.change
    tail = (1 - settings.limits) / 2
    newest, step = _newest(found), back(change.value[:, CONTRASTS.index("step")])
    of_position = position.limits(prepared, tail)
    below, above = (
        back(np.column_stack([limit, change.expected + side * half]))
        for side, limit in zip((-1, 1), of_position, strict=True)
    )
    return {
        "value": np.column_stack([newest, newest, step, newest]),
        "expected": back(np.column_stack([position.median, change.expected])),
        "lower": np.minimum(below, above),
        "upper": np.maximum(below, above),
    }


def _with_strongest(limits: dict[str, Array], p: Array) -> dict[str, Array]:
    """Add a column for the change: what is shown of it is the contrast with the smallest p."""
    contrasts = p[:, 1:-1].round(TIE_DIGITS)
    strongest = 1 + np.argmin(np.where(np.isfinite(contrasts), contrasts, np.inf), axis=1)
    rows = np.arange(len(p))
    return {
        name: np.column_stack([values, values[rows, strongest]]) for name, values in limits.items()
    }


def _newest(found: Measured) -> Array:
    """Return each authority's newest value as published, NaN without any."""
    values, newest = found.prepared.matrix.values, found.prepared.newest
    padded = np.column_stack([values, np.full(len(values), np.nan)])
    return np.asarray(padded[np.arange(len(values)), newest])
