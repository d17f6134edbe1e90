"""Is the newest count more, or less, than earlier years lead one to expect?

`count_alarms_table` lays out what Farrington's method finds (`models.farrington`) for the
metrics that the catalogue calls counts, by month or quarter. No flag comes from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.farrington import CountAlarms, Surveillance, farrington
from earlywarning.models.farrington.detector import ASSESSED as JUDGED
from earlywarning.panel import Matrix, Panel
from earlywarning.schema import ASSESSED, COUNT_ALARMS, COUNT_STATUSES
from earlywarning.signals.measure import Measured
from earlywarning.signals.prepare import Prepared, at_newest
from earlywarning.signals.rows import series_table

Array = NDArray[np.float64]
Words = NDArray[Any]

YEARS = 3  # of record: with fewer, one odd year is half of what is expected
OPTIONS = {
    "monthly": Surveillance(frequency=12, seasons=4),
    "quarterly": Surveillance(frequency=4, window=0, seasons=4),
}
NUMBERS = ("expected", "lower", "upper", "p")


def count_alarms_table(measured: Iterable[Measured], panel: Panel) -> pd.DataFrame:
    """Judge the newest count of every series by the same time of earlier years.

    Parameters
    ----------
    measured : iterable of Measured
        The metrics.
    panel : Panel
        The panel, cut to the same day: five years are looked back on, also where the window
        of the other signals is shorter.

    Returns
    -------
    DataFrame
        Columns `schema.COUNT_ALARMS`, one row a series. `p` is one-sided towards worse,
        two-sided for `context`, and `alarm` says whether the count is beyond that limit
        (above it only where there were 5 counts in the newest 4 periods). `status` says why
        a series was not judged.
    """
    metrics = list(measured)
    found = [_judged(one.prepared, panel) for one in metrics]
    return series_table(metrics, found, COUNT_ALARMS, {"status": COUNT_STATUSES})


def _judged(prepared: Prepared, panel: Panel) -> dict[str, Words]:
    """Return what is said of one metric's counts."""
    n = len(prepared.x)
    cells: dict[str, Words] = {name: np.full(n, np.nan) for name in NUMBERS}
    cells["value"] = at_newest(prepared, prepared.matrix.values, np.nan)
    cells["alarm"] = np.zeros(n, dtype=bool)
    unfit = _unfit(prepared)
    if unfit:
        return {**cells, "status": np.full(n, unfit, dtype=object)}
    matrix = panel.matrix(prepared.matrix.metric)
    newest = np.where(
        prepared.newest < 0, -1, prepared.newest + len(matrix.periods) - prepared.x.shape[1]
    )
    status = _status(prepared, matrix, newest)
    for column in np.unique(newest[status == ASSESSED]):
        rows = np.flatnonzero((newest == column) & (status == ASSESSED))
        counts = matrix.values[rows, : column + 1]
        alarms = farrington(counts, OPTIONS[matrix.frequency])
        for name, values in _towards_worse(alarms, counts[:, -1], prepared).items():
            cells[name][rows] = values
        status[rows] = np.where(alarms.status == JUDGED, ASSESSED, alarms.status)
    return {**cells, "n_periods": np.isfinite(matrix.values).sum(axis=1), "status": status}


def _unfit(prepared: Prepared) -> str:
    """Say why a whole metric cannot be judged so; nothing if it can."""
    reasons = {
        "not a count": prepared.metric.unit != "count",
        "not monthly or quarterly": prepared.matrix.frequency not in OPTIONS,
        "periods overlap": prepared.matrix.window > 1,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _status(prepared: Prepared, matrix: Matrix, newest: NDArray[np.intp]) -> Words:
    """Return why each series cannot be judged, or "ok"."""
    values = matrix.values
    known = np.isfinite(values)
    odd = known & ((values < 0) | (values != np.round(values)))
    record = newest + 1 - known.argmax(axis=1) if known.size else newest
    return np.select(
        [
            newest < 0,
            prepared.status == "stale",
            odd.any(axis=1),
            record < YEARS * OPTIONS[matrix.frequency].frequency,
        ],
        ["no value", "stale", "not whole numbers", "too few periods"],
        ASSESSED,
    ).astype(object)


def _towards_worse(found: CountAlarms, counts: Array, prepared: Prepared) -> dict[str, Words]:
    """Return p and alarm of the side that the polarity asks for, beside the limits."""
    few = counts < found.lower
    p, alarm = {
        "worse": (found.above, found.alarm),
        "better": (found.below, few),
        "context": (np.minimum(2 * np.minimum(found.above, found.below), 1), found.alarm | few),
    }[prepared.metric.higher_is]
    return {
        "expected": found.expected, "lower": found.lower, "upper": found.upper, "p": p,
        "alarm": alarm,
    }  # fmt: skip
