"""The signals of one metric as a table: one row a series and signal."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.structural import as_z
from earlywarning.schema import ASSESSED, CONTRASTS, SIGNAL_NAMES, SIGNALS
from earlywarning.settings import Settings
from earlywarning.signals.measure import Measured

Array = NDArray[np.float64]
Columns = dict[str, NDArray[np.generic]]


def signals_table(measured: Measured, *, settings: Settings) -> pd.DataFrame:
    """Lay out all signals of one metric.

    Returns
    -------
    DataFrame
        Columns `schema.SIGNALS`, one row an authority and signal, values and limits in
        the metric's units. `p` is one-sided towards worse, two-sided for `context`; `z`
        is above 0 on the worse side.
    """
    parts = [_position(measured, settings)]
    contrasts = [_contrast(measured, j, settings) for j in range(len(CONTRASTS))]
    parts += contrasts
    parts.append(_change(measured, contrasts))
    table = pd.concat([_framed(measured, part) for part in parts], ignore_index=True)
    order = np.arange(len(table)).reshape(len(SIGNAL_NAMES), -1).T.ravel()
    return table.iloc[order].reset_index(drop=True)


def _position(measured: Measured, settings: Settings) -> Columns:
    found = measured.position
    return {
        "signal": np.full(len(found.value), "position"),
        **_limits(measured, found.median, found.half_width(settings.limits)),
        "value": _newest(measured),
        **_verdict(measured, found.above, found.below),
        "n_peers": found.n_peers,
        "status": found.status,
    }


def _contrast(measured: Measured, j: int, settings: Settings) -> Columns:
    found = measured.change
    value, two = found.value[:, j], CONTRASTS[j] == "step"
    half = found.half_width(settings.limits)[:, j]
    return {
        "signal": np.full(len(value), CONTRASTS[j]),
        **_limits(measured, found.expected[:, j], half),
        "value": measured.prepared.in_units(value) if two else _newest(measured),
        **_verdict(measured, found.above[:, j], found.below[:, j]),
        "n_peers": measured.n_peers,
        "status": measured.change_status,
    }


def _change(measured: Measured, contrasts: list[Columns]) -> Columns:
    """Combine the contrasts; value and limits are those of the one that shows most."""
    found = measured.change
    above, below = found.combined(found.above), found.combined(found.below)
    verdict = _verdict(measured, above, below)
    verdict["p"] = measured.p_change(found)
    p = np.stack([part["p"] for part in contrasts])
    strongest = np.argmin(np.where(np.isfinite(p), p, np.inf), axis=0)
    shown = {
        name: np.stack([part[name] for part in contrasts])[strongest, np.arange(len(strongest))]
        for name in ("value", "expected", "lower", "upper")
    }
    return {
        "signal": np.full(len(above), "change"),
        **shown,
        **verdict,
        "n_peers": measured.n_peers,
        "status": measured.change_status,
    }


def _newest(measured: Measured) -> Array:
    """Return each authority's newest value as published, NaN without any."""
    values, newest = measured.prepared.matrix.values, measured.prepared.newest
    padded = np.column_stack([values, np.full(len(values), np.nan)])
    return np.asarray(padded[np.arange(len(values)), newest])


def _limits(measured: Measured, expected: Array, half: Array) -> Columns:
    """Return expectation and limits in the metric's units, the lower limit first."""
    back = measured.prepared.in_units
    ends = np.sort(np.stack([back(expected - half), back(expected + half)]), axis=0)
    return {"expected": back(expected), "lower": ends[0], "upper": ends[1]}


def _verdict(measured: Measured, above: Array, below: Array) -> Columns:
    """Return z, p and direction; for context both sides count and neither is worse."""
    z = as_z(above, below)
    sides = ["unusual", "unusual"] if measured.prepared.context else ["worse", "better"]
    words = np.select([z > 0, z <= 0], sides, "none")
    return {"z": z, "p": measured.p(above, below), "direction": words}


def _framed(measured: Measured, part: Columns) -> pd.DataFrame:
    """Add whose signals these are; what was not assessed keeps its status and nothing else."""
    prepared = measured.prepared
    matrix = prepared.matrix
    direction = np.where(part["status"] != ASSESSED, "none", part["direction"])
    table = pd.DataFrame(
        {
            **part,
            "authority": matrix.authorities,
            "metric": prepared.metric.metric,
            "period": prepared.newest_periods,
            "direction": direction,
            "n_periods": np.isfinite(prepared.x).sum(axis=1),
        }
    )
    return table[list(SIGNALS)]
