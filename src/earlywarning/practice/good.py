"""Who does well in a metric, and has for some time?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from earlywarning.models.regression_to_mean import Foretold, foretold
from earlywarning.models.yardstick import peers_of_kind
from earlywarning.schema import ASSESSED, PRACTICE
from earlywarning.settings import Settings
from earlywarning.signals import Measured
from earlywarning.units import format_value

Array = NDArray[np.float64]

GOOD = -0.6745  # spreads: a quarter of normal peers are better
SURE = 0.99  # no chance is told to be greater
WORSE_BY_CHANCE = 0.05  # p of a change to the worse: one that does well and slips is no example


def good_practice(measured: Iterable[Measured], *, settings: Settings) -> pd.DataFrame:
    """Find who has done well in a metric for some time, and is likely to go on.

    Parameters
    ----------
    measured : iterable of Measured
        The metrics; those without a worse side have no good one either.
    settings : Settings
        How many periods count, and how many peers there must be.

    Returns
    -------
    DataFrame
        Columns `schema.PRACTICE`, by metric, then how well. `n_good` of the `n_recent` periods
        were in the best quarter of the type; `expected` is the distance from the type's middle
        next time, in its spreads, drawn to 0 for luck; `kept` the chance of the best quarter
        next time. All but one of the recent periods must be good, the newest among them, what is
        expected at least half as far as a good one is, and it must not be slipping.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_catalogue, as_panel, sample_tables
    >>> sample = sample_tables()
    >>> model = EarlyWarning(catalogue=as_catalogue(sample.catalogue), register=sample.register)
    >>> panel = as_panel(sample.panel[sample.panel["metric"].eq("recycling_pct")])
    >>> found = good_practice(model.fit_score(panel).measured.values(), settings=Settings())
    >>> bool((found["n_good"] >= 3).all())
    True
    """
    tables = [_of_metric(found, settings) for found in measured if not found.prepared.context]
    there = [table for table in tables if len(table)]
    if not there:
        return pd.DataFrame(columns=list(PRACTICE))
    return pd.concat(there, ignore_index=True)[list(PRACTICE)]


def distances(found: Measured, settings: Settings) -> Array:
    """Return how far each value is from the middle of its type's others, in spreads, (n, T)."""
    prepared = found.prepared
    x = prepared.x
    z = np.full(x.shape, np.nan)
    for column in range(x.shape[1]):
        at = np.where(np.isfinite(x[:, column]), column, -1)
        others = peers_of_kind(x, prepared.kinds, at)
        enough = (others.spread > 0) & (others.n_peers >= settings.min_peers) & (at >= 0)
        z[enough, column] = (x[enough, column] - others.median[enough]) / others.spread[enough]
    return z


def _of_metric(found: Measured, settings: Settings) -> pd.DataFrame:
    """Return the rows of one metric."""
    prepared, recent = found.prepared, settings.practice_periods
    if prepared.x.shape[1] <= recent:
        return pd.DataFrame(columns=list(PRACTICE))
    z = distances(found, settings)
    told = foretold(z, recent=recent)
    n_good = (z[:, -recent:] <= GOOD).sum(axis=1)
    worse = found.p_change(found.change)
    good = (
        (n_good >= recent - 1)
        & (z[:, -1] <= GOOD)
        & (told.expected <= GOOD / 2)
        & (prepared.status == ASSESSED)
        & ~(worse < WORSE_BY_CHANCE)
    )
    rows = np.flatnonzero(good)
    rows = rows[np.argsort(told.expected[rows], kind="stable")]
    return _table(found, rows, told, n_good)


def _table(
    found: Measured, rows: NDArray[np.intp], told: Foretold, n_good: NDArray[np.intp]
) -> pd.DataFrame:
    """Lay out who does well in one metric, with a sentence each."""
    matrix, metric = found.prepared.matrix, found.prepared.metric
    values, expected = matrix.values[rows, -1], told.expected[rows]
    table = pd.DataFrame(
        {
            "authority": [matrix.authorities[row] for row in rows],
            "metric": matrix.metric,
            "theme": metric.theme,
            "period": matrix.periods[-1],
            "value": values,
            "n_recent": told.n_recent[rows],
            "n_good": n_good[rows],
            "expected": expected,
            "kept": ndtr((GOOD - expected) / max(told.spread, 1e-9)),
            "type": found.prepared.types[rows],
        }
    )
    said = [
        f"{metric.title} was {format_value(row['value'], metric.unit)} in {row['period']}; in the "
        f"best quarter of its type in {row['n_good']} of the last {row['n_recent']} periods, and "
        f"next time with a chance of {_chance(row['kept'])}."
        for row in table.to_dict("records")
    ]
    return table.assign(reason=said)


def _chance(kept: float) -> str:
    """Write a chance; nothing is certain."""
    return f"{kept:.0%}" if kept < SURE else f"more than {SURE:.0%}"
