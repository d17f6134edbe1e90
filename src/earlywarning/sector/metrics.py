"""Which metrics are worth their place: how full, how soon, how telling, and which are one twice?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.robust import mad
from earlywarning.models.signal_to_noise import signal_to_noise
from earlywarning.schema import METRICS_REVIEW
from earlywarning.sector.periods import common_periods
from earlywarning.sector.proposals import proposed
from earlywarning.sector.redundancy import clusters, rank_correlations, relative_to_peers
from earlywarning.settings import Settings
from earlywarning.signals import Measured, Prepared, states
from earlywarning.signals.company import UNKNOWN

Array = NDArray[np.float64]


def metrics_review(
    measured: Iterable[Measured],
    register: pd.DataFrame,
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    *,
    settings: Settings,
) -> pd.DataFrame:
    """Review every metric, and propose what to do with it; nothing is applied.

    Parameters
    ----------
    measured : iterable of Measured
        The metrics.
    register : DataFrame
        Columns `authority`, `type` and `end`, as in `schema.REGISTER`.
    tables : tuple of DataFrame
        The flags, breaks and values of the same result: columns `schema.FLAGS`, `schema.BREAKS`
        and `schema.VALUES`.
    settings : Settings
        `review_coverage`, `review_correlation` and `review_signal` are what proposals hang on.

    Returns
    -------
    DataFrame
        Columns `schema.METRICS_REVIEW`, one row a metric. `coverage_newest` is the share of the
        standing authorities of its types that have the newest period, `coverage_grid` of the
        window that is filled. `days_to_publish` is the median number of days from a
        period's end, of the `n_days_given` unrevised values whose day was given; NaN where all
        days seem to be assumed. `nearest` is the metric whose ranks agree the most.
        `proposal` is one of `schema.PROPOSALS`, `evidence` a sentence that says why.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> rows = sample_tables().panel.query("metric == 'roads_poor_pct'")
    >>> twice = pd.concat([rows, rows.assign(metric="roads_poor_again")])
    >>> found = EarlyWarning().fit_score(as_panel(twice))
    >>> tables = (found.flags, found.breaks, found.values)
    >>> table = metrics_review(found.measured.values(), found.register, tables, settings=Settings())
    >>> table[["metric", "proposal", "merge_with"]].to_numpy().tolist()
    [['roads_poor_again', 'keep', ''], ['roads_poor_pct', 'merge', 'roads_poor_again']]
    """
    each = list(measured)
    if not each:
        return pd.DataFrame(columns=list(METRICS_REVIEW))
    flags, breaks, values = tables
    table = pd.DataFrame([_of_metric(found.prepared, register, settings) for found in each])
    table = table.assign(**_alike(each, table, register, settings))
    lags = _days_to_publish(values, [found.prepared for found in each], settings)
    flagged, broken = (given["metric"].astype(str).value_counts() for given in (flags, breaks))
    table = table.join(lags, on="metric").assign(
        n_flags=table["metric"].map(flagged).fillna(0).astype(int),
        n_breaks=table["metric"].map(broken).fillna(0).astype(int),
    )
    table["expected_false_flags"] = settings.false_flag_share * table["n_flags"]
    table = table.assign(**proposed(table, breaks, settings=settings))
    return table[list(METRICS_REVIEW)]


def _of_metric(prepared: Prepared, register: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """Return what one metric says of itself."""
    matrix, common = prepared.matrix, common_periods(prepared.matrix)
    known = np.isfinite(matrix.values)
    now = common[-1] if len(common) else None
    expected = _expected(prepared, register, settings.min_peers)
    there = known[:, now] & expected[1] if now is not None else np.zeros(0)
    x = prepared.x
    return {
        "metric": matrix.metric,
        "theme": prepared.metric.theme,
        "period": "" if now is None else matrix.periods[now],
        "n_authorities": expected[0],
        "coverage_newest": float(there.sum() / expected[0]) if expected[0] else np.nan,
        "coverage_grid": float(known.mean()) if known.size else np.nan,
        "signal_to_noise": signal_to_noise(
            x, prepared.times, prepared.kinds, fewest=settings.min_periods
        ),
        "differ": bool(now is not None and mad(x[:, now]) > 0),
        "stale": bool(np.isin(prepared.state, (states.STALE, states.NO_VALUE)).all()),
    }


def _expected(
    prepared: Prepared, register: pd.DataFrame, fewest: int
) -> tuple[int, NDArray[np.bool_]]:
    """Return how many authorities could give a metric, and which of its rows are among them.

    Those that stand, of the types of which enough ever gave it; of all its types, if of none.
    """
    gave = np.isfinite(prepared.matrix.values).any(axis=1)
    kinds, n = np.unique(prepared.types[gave], return_counts=True)
    usual = kinds[n >= fewest] if (n >= fewest).any() else kinds
    gone = pd.to_datetime(register["end"]) < pd.Series(prepared.matrix.ends).max()
    could = register["type"].fillna(UNKNOWN).isin(usual) & ~gone
    codes = register.loc[could, "authority"].astype(str)
    return len(codes), pd.Index(prepared.matrix.authorities).isin(codes)


def _alike(
    each: Sequence[Measured], table: pd.DataFrame, register: pd.DataFrame, settings: Settings
) -> dict[str, Any]:
    """Return each metric's nearest, its cluster, and the cluster's fullest metric."""
    authorities = pd.Index(register["authority"].astype(str))
    relative = relative_to_peers(each, authorities, fewest=settings.min_peers)
    found = rank_correlations(relative)
    group = clusters(found, settings.review_correlation)
    fullness = table.assign(group=group, n=relative.notna().sum().to_numpy())
    order = ["n", "coverage_grid", "metric"]
    first = fullness.sort_values(order, ascending=[False, False, True]).drop_duplicates("group")
    size = pd.Series(group).map(pd.Series(group).value_counts())
    name = pd.Series(group).map(first.set_index("group")["metric"])
    others = np.where(np.eye(len(found), dtype=bool), 0.0, found)
    nearest = np.abs(others).argmax(axis=1)
    strength = others[np.arange(len(others)), nearest]
    known = strength != 0
    return {
        "cluster": name.where(size > 1, "").to_numpy(object),
        "n_cluster": size.to_numpy(),
        "nearest": np.where(known, table["metric"].to_numpy(object)[nearest], ""),
        "correlation": np.where(known, strength, np.nan),
    }


def _days_to_publish(
    values: pd.DataFrame, each: Sequence[Prepared], settings: Settings
) -> pd.DataFrame:
    """Return the median days from a period's end to its publication, by metric.

    Nothing marks a day that was assumed. A value that came out just so many days after its
    period's end as the catalogue or the settings assume counts as such, and so do a metric's that
    all came out after the same number of days.
    """
    fresh = values["value"].eq(values["first_value"])  # a revision's day is not the first one
    days = (values["published"].dt.normalize() - values["end"]).dt.days.where(fresh)
    metric = values["metric"].astype(str)
    assumed = {one.matrix.metric: _assumed(one, settings) for one in each}
    days = days.mask(days.eq(metric.map(assumed)))
    by = days.groupby(metric.to_numpy())
    told = by.agg(["median", "count", "nunique"])
    several = told["nunique"] > 1
    return pd.DataFrame(
        {
            "days_to_publish": told["median"].where(several),
            "n_days_given": told["count"].where(several, 0).astype(int),
        }
    )


def _assumed(prepared: Prepared, settings: Settings) -> float:
    """Return the days after which a value of a metric is assumed to come out."""
    told = prepared.metric.lag_days
    usual: float = getattr(settings, f"lag_days_{prepared.matrix.frequency}")
    return float(usual if told is None else told)
