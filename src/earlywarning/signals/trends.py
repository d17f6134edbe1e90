"""Where is each series heading? All metrics' trends in one table, for description.

`trends_table` lays out what `models.trend` estimates, in the metric's units.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.trend import Trends, trends
from earlywarning.schema import ASSESSED, TRENDS
from earlywarning.signals.measure import Measured

Array = NDArray[np.float64]


def trends_table(measured: Iterable[Measured], *, coverage: float) -> pd.DataFrame:
    """Lay out level, slope and next period of each series.

    Parameters
    ----------
    measured : iterable of Measured
        The metrics.
    coverage : float
        How often the limits hold what they are of, between 0 and 1.

    Returns
    -------
    DataFrame
        Columns `schema.TRENDS`, one row a series, in the metric's units.
    """
    parts = [_of_metric(found, coverage) for found in measured]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(TRENDS))


def _of_metric(found: Measured, coverage: float) -> pd.DataFrame:
    """Return the trends of one metric, each series up to its own newest period."""
    prepared = found.prepared
    n = len(prepared.x)
    columns = {name: np.full(n, np.nan) for name in TRENDS[3:-2]}
    for column in np.unique(prepared.newest[prepared.status == ASSESSED]):
        rows = (prepared.newest == column) & (prepared.status == ASSESSED)
        x, times = prepared.x[rows, : column + 1], prepared.times[: column + 1]
        estimate = trends(x, times, rhythm=prepared.rhythm)
        for name, values in _in_units(found, estimate, coverage, np.flatnonzero(rows)).items():
            columns[name][rows] = values
    table = pd.DataFrame(
        {
            "authority": prepared.matrix.authorities,
            "metric": prepared.metric.metric,
            "period": prepared.newest_periods,
            **columns,
            "n_periods": np.isfinite(prepared.x).sum(axis=1),
            "status": prepared.status,
        }
    )
    return table[list(TRENDS)]


def _in_units(
    found: Measured, estimate: Trends, coverage: float, rows: NDArray[np.intp]
) -> dict[str, Array]:
    """Return level, slope and forecast in the metric's units, lower limits first."""

    def back(x: Array) -> Array:
        return found.prepared.in_units(x, rows)

    level = back(estimate.level)
    slopes = [back(estimate.level + slope) - level for slope in estimate.slope.interval(coverage)]
    nexts = [back(limit) for limit in estimate.forecast.interval(coverage)]
    return {
        "level": level,
        "slope": back(estimate.level + estimate.slope.value) - level,
        "slope_lower": np.minimum(*slopes),
        "slope_upper": np.maximum(*slopes),
        "forecast": back(estimate.forecast.value),
        "forecast_lower": np.minimum(*nexts),
        "forecast_upper": np.maximum(*nexts),
    }
