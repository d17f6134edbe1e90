"""False-flag control and severity."""

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

WORDS = ("authority", "metric", "signal", "status")


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
    words = {name: pd.Categorical(signals[name]) for name in WORDS}
    metric = words["metric"].codes
    about = metrics.set_index("metric").reindex(words["metric"].categories)
    theme = about["theme"].astype(str).to_numpy(object)
    context = about["higher_is"].eq("context").to_numpy(bool)
    kinds = [np.asarray(words["signal"] == kind) for kind in ("position", "change")]
    p = signals["p"].to_numpy(float)
    assessed = np.asarray(words["status"] == ASSESSED) & ~np.isnan(p)
    judged = np.flatnonzero((kinds[0] | kinds[1]) & assessed)
    of = metric[judged]
    family = np.stack([kinds[1][judged], pd.factorize(theme)[0][of], context[of]])
    q, cut = _false_shares(p[judged], family, settings)
    raised = np.flatnonzero(q <= settings.false_flag_share)
    rows, of = judged[raised], of[raised]
    flags = {name: signals[name].array.take(rows) for name in signals}
    flags |= {name: pd.Series(flags[name], dtype=object) for name in SIGNAL_WORDS}
    return pd.DataFrame(
        flags | {
            "theme": theme[of], "context": context[of], "q": q[raised], "cut": cut[raised],
            "kind": flags["signal"], "effect": flags["value"] - flags["expected"],
            "size": _size(signals, words, rows, settings),
        }
    )  # fmt: skip


def _false_shares(p: Array, family: NDArray[Any], settings: Settings) -> tuple[Array, Array]:
    """Return each signal's q in its family, a column of `family`, and the p that still flags."""
    q, cut = np.ones(len(p)), np.zeros(len(p))
    key = np.ravel_multi_index(tuple(family.astype(int)), (2, family[1].max(initial=0) + 1, 2))
    for one in np.unique(key):
        rows = np.flatnonzero(key == one)
        q[rows] = multipletests(p[rows], method="fdr_bh")[1]
        raised = (q[rows] <= settings.false_flag_share).sum()
        cut[rows] = settings.false_flag_share * raised / len(rows)
    return q, cut


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


def _size(
    signals: pd.DataFrame,
    words: dict[str, pd.Categorical],
    rows: NDArray[np.intp],
    settings: Settings,
) -> Array:
    """Return these rows' effects in spreads of the peers, by the limits of the series' position."""
    metric, authority = (words[name].codes.astype(int) for name in ("metric", "authority"))
    series = metric * len(words["authority"].categories) + authority
    position = np.asarray(words["signal"] == "position")
    value, expected, lower, upper = (
        signals[name].to_numpy(float) for name in ("value", "expected", "lower", "upper")
    )
    spread = np.full(series.max(initial=-1) + 1, np.nan)
    wide = (upper - lower)[position] / (2 * norm.ppf(0.5 + settings.limits / 2))
    spread[series[position]] = wide
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.abs(value - expected)[rows] / spread[series[rows]])


def _severity(flags: pd.DataFrame, settings: Settings) -> NDArray[np.str_]:
    """Grade: how large, how sure, and whether it lasts; what has no worse side is only watched.

    An effect that cannot be set against peers counts as large enough.
    """
    concern = ~(flags["size"] < settings.smallest_effect) & ~flags["context"]
    priority = concern & (flags["q"] <= settings.priority_share) & (flags["runs"] > 1)
    return np.select([priority, concern], ["priority", "concern"], "watch")
