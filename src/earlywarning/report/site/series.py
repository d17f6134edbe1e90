"""Each metric's values, authorities down and periods across, and what was measured of them.

The tables are grouped once for all series; nothing here is a DataFrame any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.explain import Explained, one_line
from earlywarning.models.robust import column_quartiles
from earlywarning.schema import ASSESSED, CONTRASTS
from earlywarning.signals.strongest import as_compared

Array = NDArray[np.float64]
SHOWN = 40  # periods drawn, the newest: as `Settings.max_periods`, older ones say little


class Signal(NamedTuple):
    """What one signal says of a series' newest value."""

    period: str
    value: float
    expected: float
    lower: float
    upper: float
    z: float
    p: float
    direction: str
    n_peers: float
    status: str


@dataclass(frozen=True, eq=False)
class MetricSeries:
    """One metric: its periods, oldest first, and a row of values an authority."""

    periods: tuple[str, ...]
    days: tuple[int, ...]
    rows: Mapping[str, int]
    values: Array
    first: Array  # what was published first, where it was revised since; else NaN
    sizes: Array  # the newest period's denominators
    quartiles: Mapping[str, Array]  # of each type of authority, (n_periods, 3)
    breaks: tuple[int, ...]  # places of periods from which on it may be defined anew


def series_of(told: Explained, types: Mapping[str, str]) -> dict[str, MetricSeries]:
    """Return each metric's series.

    Parameters
    ----------
    told : Explained
        With `values` and `breaks`.
    types : mapping of str to str
        Each authority's type; the values of others are left out.

    Returns
    -------
    dict of str to MetricSeries
        By metric, of those that have values.

    Examples
    --------
    >>> from earlywarning import schema
    >>> names = ("authorities", "flags", "signals", "contributions", "issues", "catalogue")
    >>> tables = [schema.empty(getattr(schema, name.upper())) for name in names]
    >>> values = pd.DataFrame({"authority": ["E1", "E1"], "metric": "tax", "value": [5.0, 4.0],
    ...     "period": ["2023", "2022"], "first_value": [5.5, 4.0], "published": pd.NaT,
    ...     "denominator": [90.0, 80.0],
    ...     "end": pd.to_datetime(["2023-12-31", "2022-12-31"])})
    >>> told = Explained(*tables, as_of=pd.Timestamp("2025-03-01"), values=values)
    >>> found = series_of(told, {"E1": "district"})["tax"]
    >>> found.periods, found.values.tolist(), found.first.tolist(), found.sizes.tolist()
    (('2022', '2023'), [[4.0, 5.0]], [[nan, 5.5]], [90.0])
    """
    table = told.values[told.values["authority"].isin(list(types))]
    breaks = told.breaks.groupby("metric", sort=False)["period"].agg(set).to_dict()
    return {
        str(metric): _one(part, types, breaks.get(metric, set()))
        for metric, part in table.groupby("metric", sort=False, observed=True)
    }


def _one(part: pd.DataFrame, types: Mapping[str, str], breaks: set[str]) -> MetricSeries:
    """Return one metric's matrix, its newest periods alone."""
    ends = part[["period", "end"]].drop_duplicates("period")
    ends = ends.sort_values("end", kind="stable").tail(SHOWN)
    column = pd.Index(ends["period"]).get_indexer(pd.Index(part["period"]))
    row, codes = pd.factorize(part["authority"].astype(object))
    size, shown = (len(codes), len(ends)), column >= 0
    values, first = np.full(size, np.nan), np.full(size, np.nan)
    sizes, newest = np.full(len(codes), np.nan), column == len(ends) - 1
    sizes[row[newest]] = part["denominator"].to_numpy(float)[newest]
    latest = part["value"].to_numpy(float)
    before = part["first_value"].to_numpy(float)
    values[row[shown], column[shown]] = latest[shown]
    revised = shown & (before != latest) & np.isfinite(before)
    first[row[revised], column[revised]] = before[revised]
    kinds = np.array([types[str(code)] for code in codes])
    return MetricSeries(
        periods=tuple(map(one_line, ends["period"])),
        days=tuple(when.toordinal() for when in pd.to_datetime(ends["end"])),
        rows={str(code): i for i, code in enumerate(codes)},
        values=values,
        first=first,
        sizes=sizes,
        quartiles={kind: column_quartiles(values[kinds == kind]) for kind in np.unique(kinds)},
        breaks=tuple(i for i, period in enumerate(ends["period"]) if period in breaks),
    )


def signals_of(told: Explained) -> dict[tuple[str, str], dict[str, Signal]]:
    """Return each series' signals by name.

    Examples
    --------
    >>> from earlywarning import schema
    >>> names = ("authorities", "flags", "signals", "contributions", "issues", "catalogue")
    >>> tables = [schema.empty(getattr(schema, name.upper())) for name in names]
    >>> signals_of(Explained(*tables, as_of=pd.Timestamp("2025-03-01")))
    {}
    """
    names = ["authority", "metric", "signal", *Signal._fields]
    columns = [told.signals[name].to_numpy(object) for name in names]
    found: dict[tuple[str, str], dict[str, Signal]] = {}
    for authority, metric, signal, *said in zip(*columns, strict=True):
        found.setdefault((str(authority), str(metric)), {})[str(signal)] = Signal(*said)
    return found


def strongest(signals: Mapping[str, Signal]) -> tuple[str, Signal] | None:
    """Return the strongest contrast, and its name, if any was assessed.

    Examples
    --------
    >>> strongest({}) is None
    True
    """
    assessed = [
        (name, signals[name])
        for name in CONTRASTS
        if name in signals and signals[name].status == ASSESSED
    ]
    return min(assessed, key=lambda pair: float(as_compared(pair[1].p)), default=None)
