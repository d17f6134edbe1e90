"""What came out: the tables of one as-of date, and ways to look at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from earlywarning.errors import UsageError
from earlywarning.explain import Explained
from earlywarning.explain.called import called, find_authority
from earlywarning.flags import expected_false_flags
from earlywarning.models.robust import column_quartiles
from earlywarning.panel import Panel
from earlywarning.practice import good_practice, practice_by_theme, practice_pairs
from earlywarning.report import Brief, result_html
from earlywarning.risk import Points, assess, points_of
from earlywarning.schema import ANOMALIES, ASSESSED, TIERS
from earlywarning.sector import SectorReviews
from earlywarning.settings import Settings
from earlywarning.signals import Measured
from earlywarning.signals.breaks import breaks_table
from earlywarning.signals.combinations import (
    Combined,
    combinations_table,
    combine,
    contributions_table,
)
from earlywarning.signals.control import control_charts_table
from earlywarning.signals.counts import count_alarms_table
from earlywarning.signals.trend_tests import trend_tests_table
from earlywarning.signals.trends import trends_table

if TYPE_CHECKING:
    from earlywarning.charts import Drawing


@dataclass(frozen=True, eq=False)
class Result(SectorReviews):
    """Everything `EarlyWarning.score` found on one as-of date.

    Attributes
    ----------
    as_of : Timestamp
        The day; nothing published later took part.
    flags, signals, issues : DataFrame
        Columns as in `earlywarning.schema`.
    metrics : DataFrame
        Columns `schema.CATALOGUE`: what each metric was taken to be.
    register : DataFrame
        Columns `schema.REGISTER`: who the authorities are.
    panel, source : Panel
        The values as known that day, and all that was ever published of them.
    settings : Settings
        The thresholds used.
    measured : mapping of str to Measured
        What was measured, by metric.
    """

    as_of: pd.Timestamp
    flags: pd.DataFrame
    signals: pd.DataFrame
    issues: pd.DataFrame
    metrics: pd.DataFrame
    register: pd.DataFrame
    panel: Panel
    source: Panel
    settings: Settings
    measured: Mapping[str, Measured]

    @cached_property
    def authorities(self) -> pd.DataFrame:
        """Every authority's score, tier and rank, columns `schema.AUTHORITIES` and its themes'."""
        return assess(self._points, self.register, self.signals, self.flags, settings=self.settings)

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """What adds up to the scores, columns `schema.CONTRIBUTIONS`."""
        return self._points.contributions()

    @cached_property
    def _points(self) -> Points:
        return points_of(self.signals, self.metrics, settings=self.settings)

    @property
    def expected_false_flags(self) -> float:
        """How many of the flags to expect to be false, at the most."""
        return expected_false_flags(self.flags, settings=self.settings)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many authorities, metrics, series, assessed series, flags, and authorities a tier."""
        change = self.signals[self.signals["signal"].eq("change")]
        tiers = self.authorities["tier"].value_counts()
        return {
            "authorities": len(self.authorities),
            "metrics": len(self.metrics),
            "series": len(change),
            "series_assessed": int(change["status"].eq(ASSESSED).sum()),
            "flags": len(self.flags),
            **{f"tier_{tier}": int(tiers.get(tier, 0)) for tier in TIERS},
        }

    @cached_property
    def trends(self) -> pd.DataFrame:
        """Level, slope and next period of each series, columns `schema.TRENDS`, metric's units."""
        return trends_table(self.measured.values(), coverage=self.settings.limits)

    @cached_property
    def control_charts(self) -> pd.DataFrame:
        """What each series' control chart says of its newest value, `schema.CONTROL_CHARTS`."""
        return control_charts_table(self.measured.values())

    @cached_property
    def count_alarms(self) -> pd.DataFrame:
        """Whose newest count is beyond what its past expects, columns `schema.COUNT_ALARMS`."""
        return count_alarms_table(self.measured.values(), self.panel)

    @cached_property
    def trend_tests(self) -> pd.DataFrame:
        """Which series rise or fall by the tests known by name, columns `schema.TREND_TESTS`."""
        return trend_tests_table(self.measured.values(), coverage=self.settings.limits)

    @cached_property
    def anomalies(self) -> pd.DataFrame:
        """Each series' newest value against what was expected of it, columns `schema.ANOMALIES`."""
        last = self.signals[self.signals["signal"].eq("last")]
        outside = (last["value"] < last["lower"]) | (last["value"] > last["upper"])
        return last.assign(anomaly=outside)[list(ANOMALIES)].reset_index(drop=True)

    @cached_property
    def flagged_breaks(self) -> pd.DataFrame:
        """The breaks of those metrics that have a flag: they may explain it."""
        return self._breaks_of(self.flags["metric"])

    def _breaks_of(self, metrics: Iterable[str]) -> pd.DataFrame:
        """Return the breaks of some metrics, and look at no other."""
        asked = set(map(str, metrics))
        return breaks_table(found for name, found in self.measured.items() if name in asked)

    @cached_property
    def combinations(self) -> pd.DataFrame:
        """Who is odd in the combination of its metrics, columns `schema.COMBINATIONS`."""
        return combinations_table(self._combined, self._codes)

    @cached_property
    def combination_contributions(self) -> pd.DataFrame:
        """What adds up to `combinations`, columns `schema.COMBINATION_CONTRIBUTIONS`."""
        return contributions_table(self._combined, self._codes)

    @cached_property
    def _combined(self) -> list[Combined]:
        return combine(self.signals, self._codes)

    @cached_property
    def practice(self) -> pd.DataFrame:
        """Who has done well in a metric for some time, columns `schema.PRACTICE`.

        Nobody in the tier `concern` or `priority` is set up as an example.
        """
        good = good_practice(self.measured.values(), settings=self.settings)
        troubled = self._codes[self.authorities["tier"].isin(TIERS[2:])]
        return good[~good["authority"].isin(troubled)].reset_index(drop=True)

    @cached_property
    def practice_by_theme(self) -> pd.DataFrame:
        """Whom to ask to speak on a theme, columns `schema.PRACTICE_THEMES`."""
        return practice_by_theme(self.practice, self.metrics)

    def practice_pairs(self, neighbours: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return whom each flagged authority could learn from, columns `schema.PRACTICE_PAIRS`.

        With `neighbours`, columns `schema.NEIGHBOURS`, the nearest come first.
        """
        return practice_pairs(self.flags, self.practice, self.register, neighbours)

    @property
    def _codes(self) -> pd.Index:
        return pd.Index(self.authorities["authority"].astype(str))

    @property
    def tables(self) -> Explained:
        """The tables an explanation is written from; `explain` adds the breaks it needs."""
        return Explained(
            authorities=self.authorities,
            flags=self.flags,
            signals=self.signals,
            contributions=self.contributions,
            issues=self.issues,
            metrics=self.metrics,
            as_of=self.as_of,
            settings=self.settings,
            values=self.values,
            practice=self.practice,
        )

    def brief(
        self,
        authority: str,
        *,
        questions: pd.DataFrame | None = None,
        challenges: pd.DataFrame | None = None,
    ) -> Brief:
        """Explain one authority.

        Parameters
        ----------
        authority : str
            Its code or its name.
        questions : DataFrame, optional
            As from `earlywarning.explain.read_questions`: asked before the library's own.
        challenges : DataFrame, optional
            As from `earlywarning.replies.read_challenges`: what was replied to flags.

        Returns
        -------
        Brief
            A page to print, to show in a notebook, or to save as .html, .md or .txt.

        Raises
        ------
        UsageError
            If there is no such authority; the nearest ones are named.
        """
        tables = self.tables
        flagged = self.flags["authority"].eq(tables.find(authority))
        breaks = self._breaks_of(self.flags.loc[flagged, "metric"])
        said = tables.challenges if challenges is None else challenges
        return Brief(authority, replace(tables, breaks=breaks, challenges=said), questions)

    explain = brief  # the verb, as the command has it

    def plot(self, authority: str, metric: str) -> Drawing:
        """Draw one series, its peers, and what was expected of its newest value.

        Parameters
        ----------
        authority : str
            Its code or its name.
        metric : str
            The metric's name in the panel.

        Returns
        -------
        Drawing
            A chart to show, or to save as SVG; where the metric may have been defined anew is
            marked.

        Raises
        ------
        UsageError
            If there is no such series; authorities of a name like this are named.
        """
        from earlywarning.charts import series_chart

        authority = find_authority(authority, called(self.authorities))
        found = self.measured.get(metric)
        if found is None or authority not in found.prepared.matrix.authorities:
            raise UsageError(
                f"No series of '{metric}' for '{authority}'. "
                "result.signals lists every authority and metric."
            )
        matrix = found.prepared.matrix
        row = matrix.authorities.index(authority)
        alike = matrix.values[found.prepared.types == found.prepared.types[row]]
        values = pd.DataFrame(
            {"period": matrix.periods, "end": matrix.ends, "value": matrix.values[row]}
        )
        peers = pd.DataFrame(column_quartiles(alike), columns=["lower", "median", "upper"])
        names = self.authorities.set_index("authority")["name"]
        return series_chart(
            values,
            _of(self.signals, authority, metric),
            title=found.prepared.metric.title,
            unit=found.prepared.metric.unit,
            name=str(names.get(authority, authority)),
            peers=peers.assign(period=matrix.periods),
            flagged=_of(self.flags, authority, metric)["period"],
            breaks=self._breaks_of([metric])["period"],
            as_of=self.as_of,
        )

    def _repr_html_(self) -> str:
        return result_html(
            self.authorities, self.flags, as_of=self.as_of,
            counts={**self.counts, "expected_false_flags": self.expected_false_flags},
        )  # fmt: skip


def _of(table: pd.DataFrame, authority: str, metric: str) -> pd.DataFrame:
    """Return the rows of one series."""
    return table[table["authority"].eq(authority) & table["metric"].eq(metric)]
