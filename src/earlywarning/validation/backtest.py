"""The whole back-test: what would have been said, what happened, and how the two agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.authorities import authorities_of
from earlywarning.panel import Panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.schema import issue_row, issues_table
from earlywarning.validation.board import Board, matrix_of
from earlywarning.validation.compare import compare
from earlywarning.validation.days import as_of_days
from earlywarning.validation.labels import ATTRIBUTED, labels_of
from earlywarning.validation.null import NULL, null_run
from earlywarning.validation.outcomes import as_groups, episodes, followed, successions
from earlywarning.validation.plan import Plan
from earlywarning.validation.replay import Progress, Replay, Scorer, replay
from earlywarning.validation.timeline import listing, timeline_of

OURS = "earlywarning"
PARTS = {
    "score": f"{OURS}: score",
    "score_position": f"{OURS}: position",
    "score_change": f"{OURS}: change",
}
LAST_LIST = "last year's list"
METRIC_SCORERS = ("level: ", "level in type: ", "change: ")  # baselines of a single metric
FEW_DRAWS = 200  # for limits of which there are hundreds
SHOWN = 5  # authorities named in an issue
A_YEAR = pd.Timedelta(days=366)


@dataclass(frozen=True, eq=False)
class Backtest:
    """What would have been said on past days, set against what then happened.

    Attributes
    ----------
    plan : Plan
        What was asked.
    replay : Replay
        What would have been said.
    episodes : DataFrame
        What happened, as from `outcomes.episodes`.
    links : DataFrame
        Whose it was, as from `outcomes.followed`.
    labels : DataFrame
        Columns `schema.LABELS`: who was at risk, and what followed.
    register : DataFrame
        Columns `schema.REGISTER`.
    until : Timestamp
        The last day of which the record of outcomes knows.
    issues : DataFrame
        Columns `schema.ISSUES`: what was left out or doubted.
    """

    plan: Plan
    replay: Replay
    episodes: pd.DataFrame
    links: pd.DataFrame
    labels: pd.DataFrame
    register: pd.DataFrame
    until: pd.Timestamp
    issues: pd.DataFrame = field(default_factory=lambda: issues_table([]))

    @cached_property
    def outcomes(self) -> list[str]:
        """What is judged, each by itself."""
        return sorted(self.labels["outcome"].unique())

    @cached_property
    def days(self) -> pd.DatetimeIndex:
        """The days on which one looked, oldest first."""
        return pd.DatetimeIndex(sorted(self.replay.scores["as_of"].unique()))

    @cached_property
    def authorities(self) -> pd.Index[str]:
        """All authorities that were looked at, by code."""
        codes: pd.Index[str] = pd.Index(self.replay.scores["authority"].drop_duplicates())
        return codes.sort_values()

    def board(self, outcome: str, scorer: str = OURS) -> Board:
        """Return one way of ranking against one outcome."""
        return Board(self.days, self.authorities, self._ranked[scorer], self._events[outcome])

    @cached_property
    def measures(self) -> pd.DataFrame:
        """How well each way of ranking did: columns as from `compare`, ours first."""
        return pd.concat(
            [
                self._compared(outcome, names, draws)
                for outcome in self.outcomes
                for names, draws in ((self._main, self.plan.draws), (self._metrics, FEW_DRAWS))
                if names
            ],
            ignore_index=True,
        )

    @cached_property
    def null(self) -> pd.DataFrame:
        """What shuffled outcomes look like, columns `null.NULL`."""
        tables = [
            null_run(
                self.board(outcome), outcome=outcome, capacity=self.plan.capacity,
                shuffles=self.plan.shuffles, coverage=self.plan.coverage, seed=self.plan.seed,
            )
            for outcome in self.outcomes
        ]  # fmt: skip
        return pd.concat(tables) if tables else pd.DataFrame(columns=list(NULL))

    @cached_property
    def timeline(self) -> pd.DataFrame:
        """Each episode: whether it was foreseen, since when, on what; `schema.TIMELINE`."""
        return timeline_of(
            self.replay.scores, self.replay.flags, self.labels, self.links,
            capacity=self.plan.capacity,
        )  # fmt: skip

    @cached_property
    def subgroups(self) -> pd.DataFrame:
        """How well ours did by type and by region of authority, columns as `measures`."""
        tables = []
        about = self.register.set_index("authority").reindex(self.authorities)
        for column in ("type", "region"):
            for word in sorted(about[column].dropna().astype(str).unique()):
                there = about[column].astype(str).eq(word).to_numpy()
                tables += [
                    self._compared(outcome, [OURS], FEW_DRAWS, there).assign(group=column, of=word)
                    for outcome in self.outcomes
                ]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def _compared(
        self,
        outcome: str,
        names: Sequence[str],
        draws: int,
        there: NDArray[np.bool_] | None = None,
    ) -> pd.DataFrame:
        """Return how well some ways of ranking did, ours first."""
        chosen = np.ones(len(self.authorities), dtype=bool) if there is None else there
        boards = {name: self.board(outcome, name).only(chosen) for name in (OURS, *names)}
        found = compare(
            boards, {name: self._role(name) for name in boards}, self._families[chosen],
            outcome=outcome, capacity=self.plan.capacity, draws=draws,
            coverage=self.plan.coverage, seed=self.plan.seed,
        )  # fmt: skip
        return found[found["scorer"].isin(names)]

    def _role(self, scorer: str) -> str:
        if scorer.startswith(OURS):
            return OURS
        return "metric" if scorer in self._metrics else "baseline"

    @cached_property
    def _events(self) -> Mapping[str, NDArray[np.float64]]:
        return {
            str(outcome): matrix_of(rows, "event", self.days, list(self.authorities))
            for outcome, rows in self.labels.groupby("outcome")
        }

    @cached_property
    def _ranked(self) -> Mapping[str, NDArray[np.float64]]:
        """Return the scores of each way of ranking, (days, authorities)."""
        scores, codes = self.replay.scores, list(self.authorities)
        found = {OURS: matrix_of(listing(scores), "score", self.days, codes)}
        found |= {name: matrix_of(scores, at, self.days, codes) for at, name in PARTS.items()}
        found[LAST_LIST] = self._a_year_before(found[OURS])
        for name, rows in self.replay.baselines.groupby("scorer", sort=True):
            found[str(name)] = matrix_of(rows, "score", self.days, codes)
        return found

    def _a_year_before(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what was said a year before each day; nothing where one did not look then."""
        before = self.days.searchsorted(self.days - pd.DateOffset(years=1), side="right") - 1
        near = (before >= 0) & (self.days - self.days[np.maximum(before, 0)] <= A_YEAR)
        return np.where(near[:, None], score[np.maximum(before, 0)], np.nan)

    @cached_property
    def _metrics(self) -> list[str]:
        return [name for name in self._ranked if name.startswith(METRIC_SCORERS)]

    @cached_property
    def _main(self) -> list[str]:
        return [name for name in self._ranked if name not in self._metrics]

    @cached_property
    def _families(self) -> NDArray[np.intp]:
        """Number the authorities so that those that went into one have the same number."""
        after = successions(self.register)
        last = after[after["way"].eq("merged")].drop_duplicates("authority", keep="last")
        into = last.set_index("authority")["through"]
        family = [into.get(code, code) for code in self.authorities]
        return np.unique(family, return_inverse=True)[1]


def backtest(
    model: EarlyWarning,
    panel: Panel,
    outcomes: pd.DataFrame,
    *,
    plan: Plan | None = None,
    scorers: Sequence[Scorer] = (),
    until: pd.Timestamp | None = None,
    store: Path | None = None,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> Backtest:
    """Look back: what would have been said on past days, and what happened then?

    Parameters
    ----------
    model : EarlyWarning
        Its catalogue, register, neighbours and settings are used.
    panel : Panel
        The values; only what had been published by a day takes part in what is said on it.
    outcomes : DataFrame
        As from `read_outcomes`.
    plan : Plan, optional
        Horizon, capacity, how often one looks, and which outcomes are judged together.
    scorers : sequence of callable, optional
        Other ways of ranking, to be held against; see `baselines`.
    until : Timestamp, optional
        The last day of which the record of outcomes knows; that of the newest outcome by
        default. What the horizon takes beyond it is not judged.
    store : path, optional
        Where days are kept that are done, so that a stopped run goes on.
    n_jobs : int
        Days looked at side by side.
    progress : callable, optional
        Called with what is being done, how much is done, and how much there is.

    Returns
    -------
    Backtest
        All tables; those that take long are computed when asked for.

    Raises
    ------
    DataRefusedError
        If the record is too short to look back on.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> from earlywarning.validation.outcomes import read_outcomes
    >>> sample = sample_tables()
    >>> panel = as_panel(sample.panel.query("metric == 'budget_overspend_pct'"))
    >>> found = backtest(EarlyWarning(), panel, read_outcomes(sample.outcomes),
    ...                  plan=Plan(outcomes={"grave": ["section_114", "statutory_intervention"]}))
    >>> found.outcomes, found.labels["authority"].nunique() == len(panel.authorities)
    (['grave'], True)
    """
    asked = plan or Plan()
    grouped = as_groups(outcomes, asked.outcomes)
    days = as_of_days(panel, asked.every, min_periods=model.settings.min_periods)
    run = partial(replay, scorers=scorers, store=store, n_jobs=n_jobs, progress=progress)
    seen = run(model, panel, days)
    met = episodes(grouped.outcomes, within_days=asked.within_days)
    names = sorted(asked.outcomes or met["outcome"].unique())
    codes = pd.Series(sorted(seen.scores["authority"].unique()), dtype=str)
    register = authorities_of(codes, panel.names, model.register)
    known = register if model.register is None else model.register
    links = followed(met, codes, known, within_days=asked.within_days)
    last = outcomes["latest"].max() if until is None else until
    labels = labels_of(
        seen.scores, links, outcomes=names, register=_everyone(known, register),
        months=asked.months, within_days=asked.within_days, until=pd.Timestamp(last),
    )  # fmt: skip
    issues = pd.concat([grouped.issues, _unattributed(met, links)], ignore_index=True)
    return Backtest(asked, seen, met, links, labels, register, pd.Timestamp(last), issues)


def _everyone(known: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Return the register, with those of the panel that it does not name."""
    more = register[~register["authority"].isin(known["authority"])]
    return pd.concat([known, more], ignore_index=True) if len(more) else known


def _unattributed(met: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Say which episodes came to nobody who was looked at, or cannot be attributed."""
    here = links[links["way"].isin(ATTRIBUTED)]
    whose = pd.MultiIndex.from_frame(here[["through", "outcome", "start_earliest"]])
    each = pd.MultiIndex.from_frame(met[["authority", "outcome", "start_earliest"]])
    nobody = met.loc[~each.isin(whose), "authority"]
    doubted = links[links["way"].isin(["divided", "date uncertain"])]
    told = {
        "authority_not_looked_at": (
            nobody, "Episodes of authorities of which the panel has nothing",
            "Give figures of them, or a register that says whom they came after.",
        ),
        "outcome_not_attributed": (
            doubted["authority"],
            "Authorities whose successors had an outcome that may not be theirs, for they were "
            "divided, or the date is unsure",
            "Nothing: they are not judged for the days before it.",
        ),
    }  # fmt: skip
    rows = [
        issue_row("outcomes", code, f"{what}: {len(who)} ({_some(who)}).", remedy, n_rows=len(who))
        for code, (who, what, remedy) in told.items()
        if len(who)
    ]
    return issues_table(rows)


def _some(who: pd.Series[str]) -> str:
    names = list(dict.fromkeys(who.astype(str)))
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
