"""The whole back-test: what would have been said, what happened, and how the two agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.validation.board import Board, matrix_of
from earlywarning.validation.compare import compare
from earlywarning.validation.decisions import decisions_of
from earlywarning.validation.labels import AT_RISK
from earlywarning.validation.learning import Learning, learn_out_of_time
from earlywarning.validation.metrics import LeadTimeSummary, lead_time_summary
from earlywarning.validation.null import NULL, null_run
from earlywarning.validation.plan import Plan
from earlywarning.validation.rankings import OURS, families_of, rankings_of, role_of
from earlywarning.validation.replay import Replay
from earlywarning.validation.reviewed import REVIEWED, reviewed_table
from earlywarning.validation.timeline import assessed, places_of, timeline_of

FEW_DRAWS = 200  # for limits of which there are hundreds


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
        Columns `schema.REGISTER`: those that were looked at, and all that the user named.
    until : Timestamp
        The last day of which the record of outcomes knows.
    issues : DataFrame
        Columns `schema.ISSUES`: what was left out or doubted.
    engagements : DataFrame, optional
        Columns `schema.ENGAGEMENTS`, where only the reviewed could be found out.
    """

    plan: Plan
    replay: Replay
    episodes: pd.DataFrame
    links: pd.DataFrame
    labels: pd.DataFrame
    register: pd.DataFrame
    until: pd.Timestamp
    issues: pd.DataFrame
    engagements: pd.DataFrame | None = None

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
        metrics = [name for name in self._ranked if role_of(name) == "metric"]
        main = [name for name in self._ranked if name not in metrics]
        tables = [
            self._compared(outcome, names, draws)
            for outcome in self.outcomes
            for names, draws in ((main, self.plan.draws), (metrics, FEW_DRAWS))
            if names
        ]
        return pd.concat(tables, ignore_index=True)

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
    def looks(self) -> pd.DataFrame:
        """Who was on the list on each day: `outcome, authority, as_of, listed` of those at risk."""
        tables = []
        for outcome in self.outcomes:
            labels = self.labels[self.labels["outcome"].eq(outcome)]
            place = places_of(self.replay.scores, labels, self.days, list(self.authorities))
            down, across = np.nonzero(np.isfinite(place))
            tables.append(
                pd.DataFrame(
                    {
                        "outcome": outcome,
                        "authority": self.authorities[across],
                        "as_of": self.days[down],
                        "listed": place[down, across] <= self.plan.capacity,
                    }
                )
            )
        return pd.concat(tables, ignore_index=True)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """What the lists cost and save: see `decisions_of`."""
        return decisions_of(self.looks, self.labels, capacity=self.plan.capacity)

    @cached_property
    def lead_times(self) -> Mapping[str, LeadTimeSummary]:
        """How early the episodes of each outcome were listed, of those that were looked at."""
        summaries = {}
        for outcome in self.outcomes:
            rows = self.timeline[self.timeline["outcome"].eq(outcome)]
            rows = rows[rows["last_look"].notna()]
            summaries[outcome] = lead_time_summary(
                rows["lead_days"].astype(float), rows["censored"].astype(bool),
                coverage=self.plan.coverage,
            )  # fmt: skip
        return summaries

    @cached_property
    def learning(self) -> Mapping[str, Learning]:
        """What outcomes would have taught day by day, and whether it beats the plain score."""
        return {outcome: self._learnt(outcome) for outcome in self.outcomes}

    @cached_property
    def reviewed(self) -> pd.DataFrame:
        """How far the unreviewed could change the figures, columns `reviewed.REVIEWED`."""
        tables = [pd.DataFrame(columns=list(REVIEWED))]
        if self.engagements is not None:
            types = self.register.set_index("authority")["type"].astype(str)
            tables = [
                reviewed_table(
                    self.board(outcome), types, self.engagements, kinds,
                    outcome=outcome, plan=self.plan,
                )
                for outcome, kinds in (self.plan.reviews or {}).items()
            ] or tables  # fmt: skip
        return pd.concat(tables, ignore_index=True)

    def chances(self, outcome: str) -> pd.DataFrame:
        """Return the chances that were told out of time of those whose outcome is known."""
        told = self.learning[outcome].chances
        return told[told["plain"].notna() & told["event"].notna()].reset_index(drop=True)

    def _learnt(self, outcome: str) -> Learning:
        labels = self.labels[self.labels["outcome"].eq(outcome) & self.labels["status"].eq(AT_RISK)]
        rows = assessed(self.replay.scores).merge(labels, on=["authority", "as_of"])
        return learn_out_of_time(
            rows, rows["event"], horizon_days=self.plan.horizon_days, known_by=rows["known"],
            draws=self.plan.draws, coverage=self.plan.coverage, seed=self.plan.seed,
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
            boards, {name: role_of(name) for name in boards}, self._families[chosen],
            outcome=outcome, capacity=self.plan.capacity, draws=draws,
            coverage=self.plan.coverage, seed=self.plan.seed,
        )  # fmt: skip
        return found[found["scorer"].isin(names)]

    @cached_property
    def _events(self) -> Mapping[str, NDArray[np.float64]]:
        return {
            str(outcome): matrix_of(rows, "event", self.days, list(self.authorities))
            for outcome, rows in self.labels.groupby("outcome")
        }

    @cached_property
    def _ranked(self) -> Mapping[str, NDArray[np.float64]]:
        return rankings_of(self.replay, self.days, self.authorities)

    @cached_property
    def _families(self) -> NDArray[np.intp]:
        return families_of(self.register, self.authorities)
