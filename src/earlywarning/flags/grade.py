"""False-flag control, severity and persistence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from earlywarning.schema import ASSESSED, FLAGS, SEVERITIES, SIGNAL_WORDS
from earlywarning.settings import Settings

Array = NDArray[np.float64]

FAMILY = ["signal", "theme", "context"]  # what is judged together


def raise_flags(
    signals: pd.DataFrame, metrics: pd.DataFrame, *, settings: Settings
) -> pd.DataFrame:
    """Judge all signals of one as-of date at once.

    Parameters
    ----------
    signals : DataFrame
        Columns `schema.SIGNALS`.
    metrics : DataFrame
        Columns `schema.CATALOGUE`, one row a metric of `signals`.
    settings : Settings
        The shares of false flags.

    Returns
    -------
    DataFrame
        One row a flag, not graded yet: its signal, `kind`, `q`, `effect`, its `size` in
        spreads of the peers, and `cut`, the p-value up to which its family is flagged.
    """
    judged = _judged(signals, metrics, settings)
    flags = judged[judged["q"] <= settings.false_flag_share].copy()
    flags = flags.astype({name: object for name in (*SIGNAL_WORDS, "theme") if name in flags})
    flags["kind"] = flags["signal"]
    flags["effect"] = flags["value"] - flags["expected"]
    return flags.reset_index(drop=True)


def grade(flags: pd.DataFrame, *, settings: Settings) -> pd.DataFrame:
    """Say how severe flags are.

    Parameters
    ----------
    flags : DataFrame
        From `raise_flags` and `recheck`.
    settings : Settings
        The smallest effect worth a call.

    Returns
    -------
    DataFrame
        Columns `schema.FLAGS`, most severe first; `reason` is filled in later.
    """
    flags = flags.assign(severity=_severity(flags, settings)).reindex(columns=list(FLAGS))
    worst_first = flags["severity"].map(SEVERITIES.index).mul(-1)
    order = np.lexsort((flags["metric"], flags["authority"], flags["p"], worst_first))
    return flags.iloc[order].reset_index(drop=True)


def expected_false_flags(flags: pd.DataFrame, *, settings: Settings) -> float:
    """Return how many of these flags to expect to be false, at the most.

    Examples
    --------
    >>> expected_false_flags(pd.DataFrame({"p": [0.001] * 30}), settings=Settings())
    3.0
    """
    return settings.false_flag_share * len(flags)


def _judged(signals: pd.DataFrame, metrics: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return the assessed positions and changes with theme, q, cut and size in peers' spreads."""
    known = metrics.set_index("metric")
    table = signals[signals["signal"].isin(["position", "change"])].reset_index(drop=True)
    table = table.astype(dict.fromkeys(("authority", "metric", "signal"), "category"))
    names = table["metric"].cat.categories
    metric = table["metric"].cat.codes.to_numpy()
    table["theme"] = _of_metrics(known["theme"].reindex(names).astype(str), metric)
    context = known["higher_is"].reindex(names).eq("context")
    table["context"] = context.to_numpy(bool)[metric]
    table["size"] = _size(table, settings)
    judged = table["status"].eq(ASSESSED) & table["p"].notna()
    table = table[judged.to_numpy(bool)].reset_index(drop=True)
    q, cut = np.ones(len(table)), np.zeros(len(table))
    for rows in table.groupby(FAMILY, observed=True).indices.values():
        p = table["p"].to_numpy(float)[rows]
        q[rows] = multipletests(p, method="fdr_bh")[1]
        raised = (q[rows] <= settings.false_flag_share).sum()
        cut[rows] = settings.false_flag_share * raised / len(p)
    return table.assign(q=q, cut=cut)


def _of_metrics(words: pd.Series[str], metric: NDArray[Any]) -> pd.Series[Any]:
    """Spread one word a metric over rows."""
    return words.astype("category").reset_index(drop=True).take(metric).reset_index(drop=True)


def _size(table: pd.DataFrame, settings: Settings) -> Array:
    """Return each effect in spreads of the peers, from the limits of the series' position."""
    metric, authority = (table[name].cat.codes.to_numpy(int) for name in ("metric", "authority"))
    series = metric * len(table["authority"].cat.categories) + authority
    value, expected, lower, upper = (
        table[name].to_numpy(float) for name in ("value", "expected", "lower", "upper")
    )
    position = table["signal"].eq("position").to_numpy()
    spread = np.full(series.max(initial=-1) + 1, np.nan)
    wide = (upper - lower) / (2 * norm.ppf(0.5 + settings.limits / 2))
    spread[series[position]] = wide[position]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.abs(value - expected) / spread[series])


def _severity(flags: pd.DataFrame, settings: Settings) -> NDArray[np.str_]:
    """Grade: how large, how sure, and whether it lasts; what has no worse side is only watched.

    An effect that cannot be set against peers counts as large enough.
    """
    concern = ~(flags["size"] < settings.smallest_effect) & ~flags["context"]
    priority = concern & (flags["q"] <= settings.priority_share) & (flags["runs"] > 1)
    return np.select([priority, concern], ["priority", "concern"], "watch")
