"""What would a published system of points have said on a day?"""

from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.panel import Panel
from earlywarning.result import Result
from earlywarning.validation.baselines.points_arrays import total_points
from earlywarning.validation.baselines.points_system import Indicator, PointsSystem
from earlywarning.validation.baselines.scores import as_scores

Array = NDArray[np.float64]
RELEASES = 2  # an authority's newest may be a release behind the newest of all, and no more


def points_scores(result: Result, system: PointsSystem) -> pd.DataFrame:
    """Score authorities by a system of points.

    Parameters
    ----------
    result : Result
        The values as known on the as-of date, and each authority's type.
    system : PointsSystem
        Built in, or your own.

    Returns
    -------
    DataFrame
        Columns `BASELINES`, scorer `points: <name>`, as `system.total` says.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel
    >>> own = {"name": "reserves", "numerator": ["reserves"], "cuts": [5], "points": [10, 0]}
    >>> rows = {"authority": ["A", "B"], "metric": "reserves", "period": "2020-21",
    ...         "value": [4.0, 9.0]}
    >>> result = EarlyWarning().fit_score(as_panel(pd.DataFrame(rows)))
    >>> points_scores(result, PointsSystem(name="own", indicator=[own])).values.tolist()
    [['A', 'points: own', 100.0], ['B', 'points: own', 0.0]]
    """
    values = indicator_values(result, system)
    known = result.register.set_index("authority")["type"].reindex(values.index)
    scores = total_points(system, values.to_numpy(), known.fillna("unknown").to_numpy(dtype=str))
    return as_scores(values.index, {f"points: {system.name}": scores})


def indicator_values(result: Result, system: PointsSystem) -> pd.DataFrame:
    """Return the value of each of a system's indicators, as known on the as-of date.

    Parameters
    ----------
    result : Result
        The values as known on that day.
    system : PointsSystem
        What to work out.

    Returns
    -------
    DataFrame
        One row an authority, a column an indicator; missing where a metric is, for one of the years
        looked at, or where the newest is more than a release behind the newest of all.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel
    >>> own = {"name": "growth", "numerator": ["debt"], "over": "change", "years": 1,
    ...        "worse": "high", "weight": 1}
    >>> rows = {"authority": "A", "metric": "debt", "period": ["2019-20", "2020-21"],
    ...         "value": [4.0, 5.0]}
    >>> result = EarlyWarning().fit_score(as_panel(pd.DataFrame(rows)))
    >>> indicator_values(result, PointsSystem(name="own", indicator=[own])).values.tolist()
    [[0.25]]
    """
    codes = sorted(result.register["authority"].astype(str))
    columns = {i.name: _values(result.panel, i) for i in system.indicator}
    return pd.DataFrame(
        {name: found.reindex(codes) for name, found in columns.items()}, index=codes
    )


def _values(panel: Panel, indicator: Indicator) -> "pd.Series[float]":
    """Return each authority's value of one indicator; nothing without one of its metrics."""
    terms = {term.removeprefix("-") for term in (*indicator.numerator, *indicator.denominator)}
    if not terms <= set(panel.metrics):
        return pd.Series(dtype=float)
    ratio = _added(panel, indicator.numerator)
    if indicator.denominator:
        below = _added(panel, indicator.denominator)
        ratio = ratio / below.where(below > 0)
    ratio = ratio.sort_index(axis=1)
    ends = ratio.columns[ratio.notna().any()][-RELEASES:]
    found = pd.Series(np.nan, index=ratio.index)
    for end in ends[::-1]:  # the newest release first
        found = found.fillna(
            pd.Series(_taken(indicator, _years(ratio, pd.Timestamp(end), indicator)), ratio.index)
        )
    return found


def _added(panel: Panel, terms: tuple[str, ...]) -> pd.DataFrame:
    """Return sums and differences of metrics, authorities down and ends of periods across."""
    return reduce(
        lambda total, part: total + part,
        [
            (-1 if term.startswith("-") else 1) * _matrix(panel, term.removeprefix("-"))
            for term in terms
        ],
    )


def _matrix(panel: Panel, metric: str) -> pd.DataFrame:
    found = panel.matrix(metric)
    ends = pd.DatetimeIndex(found.ends)
    return pd.DataFrame(found.values, index=found.authorities, columns=ends)


def _years(ratio: pd.DataFrame, end: pd.Timestamp, indicator: Indicator) -> Array:
    """Return the values at an end and so many years before it, the newest first."""
    days = [end - pd.DateOffset(years=back) for back in range(indicator.years + 1)]
    return ratio.reindex(columns=pd.DatetimeIndex(days)).to_numpy(dtype=float)


def _taken(indicator: Indicator, x: Array) -> Array:
    """Return what an indicator takes of its years; NaN where one of them is missing."""
    last, then, years = x[:, 0], x[:, -1], x[:, : indicator.years]
    if indicator.over == "newest":
        return last
    if indicator.over == "change":
        return (last - then) / np.where(then > 0, then, np.nan)
    if indicator.over == "mean":
        return np.asarray(years.mean(axis=1))
    whole = np.isfinite(years).all(axis=1)
    if indicator.over == "years below zero":
        n = (years < 0).sum(axis=1)
    else:
        n = np.cumprod(years > 0, axis=1).sum(axis=1)
    return np.where(whole, n, np.nan)
