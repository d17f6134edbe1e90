"""False-flag control, severity and persistence."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from earlywarning.schema import ASSESSED, FLAGS, SEVERITIES
from earlywarning.settings import Settings

Array = NDArray[np.float64]

FAMILY = ["signal", "theme", "context"]  # what is judged together
SERIES = ["authority", "metric", "kind"]


def raise_flags(
    signals: pd.DataFrame,
    metrics: pd.DataFrame,
    *,
    before: pd.DataFrame | None = None,
    settings: Settings,
) -> pd.DataFrame:
    """Judge all signals of one as-of date at once.

    Parameters
    ----------
    signals : DataFrame
        Columns `schema.SIGNALS`.
    metrics : DataFrame
        Columns `schema.CATALOGUE`, one row a metric of `signals`.
    before : DataFrame, optional
        The flags of the release before; a flag that stood there too is persistent.
    settings : Settings
        The shares of false flags, and the smallest effect worth a call.

    Returns
    -------
    DataFrame
        Columns `schema.FLAGS` and `cut`, the p-value up to which its family is flagged,
        most severe first; `reason`, `would_clear_at`, `stability` and `published` are
        filled in later.
    """
    judged = _judged(signals, metrics, settings)
    flags = judged[judged["q"] <= settings.false_flag_share].copy()
    flags["kind"] = flags["signal"]
    flags["effect"] = flags["value"] - flags["expected"]
    flags = _with_persistence(flags, before)
    flags["severity"] = _severity(flags, settings)
    flags = flags.reindex(columns=[*FLAGS, "cut"])
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
    table = signals[signals["signal"].isin(["position", "change"])].copy()
    table["theme"] = table["metric"].map(known["theme"]).astype(str)
    table["context"] = table["metric"].map(known["higher_is"]).eq("context")
    table["size"] = _size(table, settings)
    table = table[table["status"].eq(ASSESSED) & table["p"].notna()].reset_index(drop=True)
    table["q"], table["cut"] = 1.0, 0.0
    for _, p in table.groupby(FAMILY, observed=True)["p"]:
        q = multipletests(p.to_numpy(), method="fdr_bh")[1]
        table.loc[p.index, "q"] = q
        raised = (q <= settings.false_flag_share).sum()
        table.loc[p.index, "cut"] = settings.false_flag_share * raised / len(p)
    return table


def _size(table: pd.DataFrame, settings: Settings) -> pd.Series[float]:
    """Return each effect in spreads of the peers, from the limits of the series' position."""
    position = table[table["signal"].eq("position")].set_index(["authority", "metric"])
    spread = (position["upper"] - position["lower"]) / (2 * norm.ppf(0.5 + settings.limits / 2))
    series = pd.MultiIndex.from_frame(table[["authority", "metric"]])
    effect = (table["value"] - table["expected"]).abs()
    size: pd.Series[float] = effect / spread.reindex(series).to_numpy()
    return size


def _with_persistence(flags: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """Add since when, and for how many releases, each flag has stood."""
    flags["since"], flags["runs"] = flags["period"], 1
    if before is None or before.empty or flags.empty:
        return flags
    stood = before.set_index(SERIES)[["since", "runs", "period"]]
    earlier = stood.reindex(pd.MultiIndex.from_frame(flags[SERIES])).set_index(flags.index)
    lasting = earlier["runs"].notna() & (earlier["period"] != flags["period"])
    flags.loc[lasting, "since"] = earlier.loc[lasting, "since"]
    flags.loc[lasting, "runs"] = 1 + earlier.loc[lasting, "runs"].astype(int)
    return flags


def _severity(flags: pd.DataFrame, settings: Settings) -> Array:
    """Grade: how large, how sure, and whether it lasts; what has no worse side is only watched.

    An effect that cannot be set against peers counts as large enough.
    """
    concern = ~(flags["size"] < settings.smallest_effect) & ~flags["context"]
    priority = concern & (flags["q"] <= settings.priority_share) & (flags["runs"] > 1)
    return np.select([priority, concern], ["priority", "concern"], "watch")
