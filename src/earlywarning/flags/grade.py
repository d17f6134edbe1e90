"""False-flag control and severity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from earlywarning.schema import ASSESSED, FLAG_KINDS, FLAGS, SEVERITIES, SIGNAL_WORDS
from earlywarning.settings import Settings

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

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
    tests = tests_of(signals)
    about = metrics.set_index("metric").reindex(tests.metrics)
    q, cut = false_shares(tests.p, families(tests.change, tests.metric, about), settings)
    return raised(tests, about, (q, cut), settings=settings)


@dataclass(frozen=True, eq=False)
class Tests:
    """The positions and changes that could be assessed, as they are judged.

    Attributes
    ----------
    signals : DataFrame
        Columns `schema.SIGNALS`.
    words : dict of Categorical
        Its columns `WORDS`.
    rows : ndarray of shape (n,)
        Which of the signals are judged.
    """

    signals: pd.DataFrame
    words: dict[str, pd.Categorical]
    rows: NDArray[np.intp]

    @property
    def p(self) -> Array:
        """The p-values, (n,)."""
        return self.signals["p"].to_numpy(float)[self.rows]

    @property
    def change(self) -> Mask:
        """Which are changes, and not positions, (n,)."""
        return np.asarray(self.words["signal"] == "change")[self.rows]

    @property
    def metric(self) -> NDArray[Any]:
        """Each one's metric, as its place among `metrics`, (n,)."""
        return self.words["metric"].codes[self.rows]

    @property
    def metrics(self) -> pd.Index:
        """The names of the metrics."""
        return self.words["metric"].categories


def tests_of(signals: pd.DataFrame) -> Tests:
    """Return what is judged of signals, columns `schema.SIGNALS`."""
    words = {name: pd.Categorical(signals[name]) for name in WORDS}
    judged = np.asarray(words["signal"].isin(FLAG_KINDS))
    assessed = np.asarray(words["status"] == ASSESSED) & signals["p"].notna().to_numpy()
    return Tests(signals, words, np.flatnonzero(judged & assessed))


def families(change: Mask, metric: NDArray[Any], about: pd.DataFrame) -> NDArray[np.intp]:
    """Return the number of each test's family: its kind, its theme, and whether it is context.

    `about` has columns `schema.CATALOGUE`; `metric` are places in it.
    """
    theme, names = pd.factorize(about["theme"].astype(str).to_numpy(object))
    own = theme * 2 + about["higher_is"].eq("context").to_numpy(bool)
    return np.asarray(own[metric] + 2 * len(names) * change)


def false_shares(p: Array, family: NDArray[np.intp], settings: Settings) -> tuple[Array, Array]:
    """Return each test's q in its family, and the p up to which its family is flagged."""
    q, cut = np.ones(len(p)), np.zeros(len(p))
    order = np.argsort(family, kind="stable")
    starts = np.flatnonzero(np.diff(family[order], prepend=-1))
    for rows in np.split(order, starts)[1:]:
        q[rows] = multipletests(p[rows], method="fdr_bh")[1]
        share = (q[rows] <= settings.false_flag_share).sum()
        cut[rows] = settings.false_flag_share * share / len(rows)
    return q, cut


def raised(
    tests: Tests, about: pd.DataFrame, shares: tuple[Array, Array], *, settings: Settings
) -> pd.DataFrame:
    """Return the flags among tests, given the `false_shares` of each; as from `raise_flags`.

    `about` has columns `schema.CATALOGUE`, a row for each of `tests.metrics`.
    """
    signals, (q, cut) = tests.signals, shares
    flagged = np.flatnonzero(q <= settings.false_flag_share)
    rows, of = tests.rows[flagged], tests.metric[flagged]
    flags = {name: signals[name].array.take(rows) for name in signals}
    flags |= {name: pd.Series(flags[name], dtype=object) for name in SIGNAL_WORDS}
    return pd.DataFrame(
        flags | {
            "theme": about["theme"].astype(str).to_numpy(object)[of],
            "context": about["higher_is"].eq("context").to_numpy(bool)[of],
            "q": q[flagged], "cut": cut[flagged],
            "kind": flags["signal"], "effect": flags["value"] - flags["expected"],
            "size": _size(signals, tests.words, rows, settings),
        }
    )  # fmt: skip


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
    graded = flags.assign(severity=_severity(flags, settings)).reindex(columns=list(FLAGS))
    return gravest_first(graded)


def gravest_first(flags: pd.DataFrame) -> pd.DataFrame:
    """Return graded flags in their order: by severity, then those least by chance first.

    Parameters
    ----------
    flags : DataFrame
        Columns `authority, metric, severity, p`, as in `schema.FLAGS`, and any others.

    Returns
    -------
    DataFrame
        The same rows; authority and metric decide between those of one severity and p.

    Examples
    --------
    >>> flags = pd.DataFrame({"authority": ["E2", "E1", "E3"], "metric": "debt", "p": 0.1,
    ...                       "severity": ["watch", "watch", "priority"]})
    >>> gravest_first(flags)["authority"].to_list()
    ['E3', 'E1', 'E2']
    """
    gravity = {word: -place for place, word in enumerate(SEVERITIES)}
    severity = flags["severity"].astype(object).map(gravity).astype(float)
    order = np.lexsort((flags["metric"], flags["authority"], flags["p"].astype(float), severity))
    return flags.iloc[order].reset_index(drop=True)


def expected_false_flags(flags: pd.DataFrame, *, settings: Settings) -> float:
    """Return how many of these flags to expect to be false, at the most.

    Examples
    --------
    >>> expected_false_flags(pd.DataFrame({"p": [0.001] * 30}), settings=Settings())
    3.0
    """
    return settings.false_flag_share * len(flags)


def at_most(expected: float) -> int:
    """Return how many false flags to speak of where so many are expected: never fewer.

    Examples
    --------
    >>> at_most(0.0), at_most(0.3), at_most(3.0), at_most(2.2)
    (0, 1, 3, 3)
    """
    return math.ceil(round(expected, 9))


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
