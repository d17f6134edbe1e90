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
        coverage=float((column == newest).mean()) if newest >= 0 else 0.0,
        gaps=_gaps(known[rows], column[rows]),
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
    level = _median(x)
    return level, MAD_TO_SIGMA * _median(np.abs(x - level))


def _median(x: Array) -> float:
    """Return the median of numbers without gaps; several times as quick as `np.median`."""
    half = len(x) // 2
    ordered = np.partition(x, (half - 1 + len(x) % 2, half))
    return float(ordered[half - 1 + len(x) % 2] + ordered[half]) / 2


def _gaps(known: NDArray[np.bool_], newest: Labels) -> float:
    """Return the share of values missing between each row's first and newest.

    Periods that nobody published do not count.
    """
    published = np.append(0, np.cumsum(known.any(axis=0)))
    inside = (
        int((published[newest + 1] - published[known.argmax(axis=1)]).sum()) if len(known) else 0
    )
    return float(1 - known.sum() / inside) if inside else 0.0
