"""Is each series rising or falling, by the tests that analysts know by name?

`trend_tests_table` lays out Mann and Kendall's test with noise that remembers, Theil and
Sen's slope, and the five-point marker (`models.trends`). No flag comes from it: a rise of
everyone's is a rise here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.trends import count_trend, mann_kendall, theil_sen
from earlywarning.models.trends.five_points import Law
from earlywarning.schema import ASSESSED, DIRECTIONS, MARKERS, STATUSES, TREND_TESTS
from earlywarning.signals.measure import Measured
from earlywarning.signals.prepare import Prepared, interval_days
from earlywarning.signals.rows import series_table
from earlywarning.units import UNITS

Array = NDArray[np.float64]
Words = NDArray[Any]

LAWS: dict[str, Law] = {
    "percent": "binomial", "proportion": "binomial", "rate": "poisson", "per_1000": "poisson",
    "per_10000": "poisson", "per_100000": "poisson",
}  # fmt: skip


def trend_tests_table(measured: Iterable[Measured], *, coverage: float) -> pd.DataFrame:
    """Test every series for a trend.

    Parameters
    ----------
    measured : iterable of Measured
        The metrics.
    coverage : float
        How often the limits hold the slope, between 0 and 1.

    Returns
    -------
    DataFrame
        Columns `schema.TREND_TESTS`, one row a series. The slope is in the metric's units a
        release interval, `p` two-sided; `direction` is "none" where the limits hold 0.
        `marker` is that of the newest five periods, noise learnt from all authorities.
    """
    metrics = list(measured)
    words = {"direction": DIRECTIONS, "marker": MARKERS, "status": STATUSES}
    found = [_tested(one.prepared, coverage) for one in metrics]
    return series_table(metrics, found, TREND_TESTS, words)


def _tested(prepared: Prepared, coverage: float) -> dict[str, Words]:
    """Return what the tests say of the series of one metric."""
    ready = prepared.status == ASSESSED
    values, times = prepared.matrix.values[ready], _times(prepared)
    line = theil_sen(values, times=times, coverage=coverage)
    p = mann_kendall(values, times=times).p
    numbers = np.full((4, len(prepared.x)), np.nan)
    numbers[:, ready] = line.slope, line.lower, line.upper, p
    cells: dict[str, Words] = dict(
        zip(("slope", "slope_lower", "slope_upper", "p"), numbers, strict=True)
    )
    rises, falls = numbers[1] > 0, numbers[2] < 0
    sides = ("worse", "better")[:: prepared.orientation.sign]
    up, down = ("unusual", "unusual") if prepared.context else sides
    cells["direction"] = np.select([rises, falls], [up, down], "none").astype(object)
    return {**cells, "marker": _markers(prepared), "status": prepared.status.astype(object)}


def _times(prepared: Prepared) -> Array:
    """Return the ends of the periods in release intervals, no two alike."""
    if prepared.matrix.frequency != "irregular":
        return prepared.times
    ends = prepared.matrix.ends.astype("datetime64[D]")
    return np.asarray((ends - ends[:1]).astype(float) / interval_days(prepared.matrix))


def _markers(prepared: Prepared) -> Words:
    """Return the marker of each series' newest five periods, or why it has none."""
    matrix, unit = prepared.matrix, prepared.metric.unit
    reasons = {
        "not a share or rate": unit not in LAWS,
        "no denominator": matrix.denominator is None,
        "periods overlap": matrix.window > 1,
        "cannot be calculated": matrix.frequency == "irregular",
    }
    unfit = next((reason for reason, holds in reasons.items() if holds), "")
    found = np.full(len(prepared.x), unfit or "cannot be calculated", dtype=object)
    if unfit or matrix.denominator is None:
        return found
    counts, of = _counts(prepared, matrix.denominator)
    judged = ~np.isin(prepared.status, ["no value", "stale"])
    for column in np.unique(prepared.newest[judged]):
        rows = judged & (prepared.newest == column)
        marker = count_trend(counts[:, : column + 1], of[:, : column + 1], law=LAWS[unit]).marker
        found[rows] = marker[rows]
    return found


def _counts(prepared: Prepared, denominator: Array) -> tuple[Array, Array]:
    """Return counts and denominators, missing where they cannot be what the value is made of.

    Where no numerator was published it is what the value says it was.
    """
    unit = prepared.metric.unit
    implied = prepared.matrix.values * denominator / (UNITS[unit].per or np.nan)
    given = prepared.matrix.numerator
    counts = implied if given is None else np.where(np.isfinite(given), given, implied)
    share = LAWS[unit] == "binomial"
    counts = np.where(share & np.isclose(counts, denominator), denominator, counts)
    with np.errstate(invalid="ignore"):
        odd = (counts < 0) | (denominator < 0) | (share & (counts > denominator))
    return np.where(odd, np.nan, counts), np.where(odd, np.nan, denominator)
