"""What did a metric look like? A few numbers, by which new data are told from what was learnt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.orientation import Orientation
from earlywarning.models.robust import MAD_TO_SIGMA
from earlywarning.panel import Matrix
from earlywarning.signals.prepare import newest_of

Array = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Seen:
    """One metric on one day, over all authorities that ever gave it.

    Attributes
    ----------
    orientation : Orientation
        The scale on which level and spread are told.
    frequency, period : str
        How often it comes out, and its newest period; empty without any value.
    n_authorities : int
        How many ever gave it.
    coverage : float
        Share of them that have a value in the newest period.
    gaps : float
        Share of values missing between each authority's first and newest one, periods that
        nobody published left out.
    level, spread : float
        Median of the authorities' newest values, and their scaled median absolute deviation,
        on the scale of `orientation`; NaN without any.
    """

    orientation: Orientation
    frequency: str
    period: str
    n_authorities: int
    coverage: float
    gaps: float
    level: float
    spread: float


def seen_of(matrix: Matrix, scale: Orientation) -> Seen:
    """Return what a metric looks like on a scale; level and spread are NaN if it does not fit."""
    known = np.isfinite(matrix.values)
    column = newest_of(known)
    rows = np.flatnonzero(column >= 0)
    newest = int(column.max(initial=-1))
    level, spread = _middle(_on(scale, matrix, rows, column[rows]))
    return Seen(
        orientation=scale,
        frequency=matrix.frequency,
        period=matrix.periods[newest] if newest >= 0 else "",
        n_authorities=len(known),
        coverage=float(known[:, newest].mean()) if newest >= 0 else 0.0,
        gaps=_gaps(known[:, known.any(axis=0)]),
        level=level,
        spread=spread,
    )


def _on(scale: Orientation, matrix: Matrix, rows: Labels, columns: Labels) -> Array:
    """Return these values on a scale."""
    bottom = None if matrix.denominator is None else matrix.denominator[rows, columns]
    with np.errstate(divide="ignore", invalid="ignore"):
        return scale.forward(matrix.values[rows, columns], bottom)


def _middle(x: Array) -> tuple[float, float]:
    if not x.size or not np.isfinite(x).all():
        return np.nan, np.nan
    level = np.median(x)
    return float(level), float(MAD_TO_SIGMA * np.median(np.abs(x - level)))


def _gaps(known: NDArray[np.bool_]) -> float:
    """Return the share of values missing between each row's first and last."""
    if not known.size:
        return 0.0
    begun = np.logical_or.accumulate(known, axis=1)
    going = np.logical_or.accumulate(known[:, ::-1], axis=1)[:, ::-1]
    inside = int((begun & going).sum())
    return float(1 - known.sum() / inside) if inside else 0.0
