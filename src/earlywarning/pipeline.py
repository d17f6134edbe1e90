"""The steps as one object: from a checked panel to explained flags.

`EarlyWarning` holds what does not change from run to run (catalogue, register,
neighbours, settings) and what `fit` learnt; `score` gives a `Result`. No value that was
published after the as-of date takes part in anything, also not in what is learnt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from earlywarning.about import About, with_doubts
from earlywarning.catalogue import Catalogue
from earlywarning.errors import UsageError, refuse_other_kind
from earlywarning.explain import reasons, with_signals
from earlywarning.flags import grade, raise_flags, recheck
from earlywarning.panel import Panel, day_known, hash_of, newest_day
from earlywarning.result import Result
from earlywarning.settings import Settings
from earlywarning.signals import (
    BLOCK,
    Before,
    Learnt,
    Measured,
    Prepared,
    Seen,
    measure_all,
    prepare,
    rough_releases,
    seen_of,
    signals_table,
)

BATCH = 12 * BLOCK  # metrics that are made ready at once: bounds what waits for workers

Progress = Callable[[str, int, int], None]
KINDS: Mapping[str, tuple[type, str]] = {
    "catalogue": (Catalogue, "Give built_in('oflog'), read_catalogue(path) or as_catalogue(df)."),
    "register": (pd.DataFrame, "Give read_register(path), or read_register(df)."),
    "neighbours": (pd.DataFrame, "Give read_neighbours(path), or read_neighbours(df)."),
    "settings": (Settings, "Give Settings(min_peers=8), with what you set."),
}  # of what `EarlyWarning` takes


@dataclass(frozen=True, eq=False)
class Fitted:
    """What `fit` learnt, of what, and until when it had looked."""

    as_of: pd.Timestamp
    metrics: Mapping[str, Mapping[str, Learnt]]
    seen: Mapping[str, Seen]
    data: str  # the hash of all values that were learnt from

    def of(self, prepared: Prepared) -> Before:
        """Return what was learnt of a metric, if its values are on the same scale."""
        name = prepared.metric.metric
        known = name in self.seen and self.seen[name].orientation == prepared.orientation
        return self.metrics[name] if known else None


class EarlyWarning:
    """Flags and risk scores from a panel of metrics.

    Parameters
    ----------
    catalogue : Catalogue, optional
        What the metrics are and which way is worse; the built-in catalogues, matched by
        name, if none is given. A metric in neither is tested on both sides and scores nothing.
    register : DataFrame, optional
        Columns `schema.REGISTER`; without it an authority's type follows from its code.
    neighbours : DataFrame, optional
        Columns `schema.NEIGHBOURS`; without it an authority's peers are those of its type.
    settings : Settings, optional
        The thresholds.
    progress : callable, optional
        Called with what is being done, how much of it is done, and how much there is.

    Raises
    ------
    UsageError
        If one is of another kind, such as the name of a file.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    >>> result = EarlyWarning().fit(panel).score(panel)
    >>> len(result.signals) == 5 * len(panel.series)
    True
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue | None = None,
        register: pd.DataFrame | None = None,
        neighbours: pd.DataFrame | None = None,
        settings: Settings | None = None,
        progress: Progress | None = None,
    ):
        given = (catalogue, register, neighbours, settings)
        for (name, (kind, remedy)), one in zip(KINDS.items(), given, strict=True):
            if one is not None:
                refuse_other_kind(name, one, kind, remedy)
        self.catalogue = catalogue
        self.register = register
        self.neighbours = neighbours
        self.settings = settings or Settings()
        self.progress = progress
        self._looked_up: tuple[tuple[list[str], list[str]], About] | None = None

    def fit(self, panel: Panel) -> EarlyWarning:
        """Learn how each metric of a panel moves, from all that the panel knows.

        Parameters
        ----------
        panel : Panel
            The panel to learn from.

        Returns
        -------
        EarlyWarning
            Itself, with `learnt_`.
        """
        as_of = newest_day(panel)
        known = panel.known_at(as_of)
        self._keep(known, self._measured(known, as_of, None, "learning"), as_of)
        return self

    def fit_score(
        self, panel: Panel, *, as_of: str | dt.date | pd.Timestamp | None = None
    ) -> Result:
        """Learn from a panel as it stood on a day, and judge it, in one go.

        Parameters, result and errors are those of `score`; what is learnt is kept, as by `fit`.

        Examples
        --------
        >>> from earlywarning import EarlyWarning, as_panel, sample_tables
        >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
        >>> EarlyWarning().fit_score(panel).as_of == panel.latest_publication
        True
        """
        day = day_known(panel, as_of)
        known = panel.known_at(day)
        measured = self._measured(known, day, None, "learning")
        self._keep(known, measured, day)
        return self._result(panel, known, day, measured)

    def score(self, panel: Panel, *, as_of: str | dt.date | pd.Timestamp | None = None) -> Result:
        """Judge every authority of a panel as it stood on a day.

        What `fit` learnt is used where it had seen nothing later than `as_of` and the
        metric's periods and scale are the same; elsewhere the metric is learnt anew from what was
        known that day.

        Parameters
        ----------
        panel : Panel
            The panel to judge.
        as_of : date-like, optional
            The day; that of the panel's newest publication by default.

        Returns
        -------
        Result
            Flags, scores, signals and issues, with ways to explain and draw them.

        Raises
        ------
        UsageError
            If `as_of` is no date, or `fit` has not been called.
        DataRefusedError
            If nothing was published by then.
        """
        if not hasattr(self, "learnt_"):
            raise UsageError("Nothing is learnt yet. Call fit(panel) before score(panel).")
        day = day_known(panel, as_of)
        before = self.learnt_ if self.learnt_.as_of <= day else None
        known = panel.known_at(day)
        return self._result(panel, known, day, self._measured(known, day, before, "scoring"))

    def _keep(self, known: Panel, measured: list[Measured], as_of: pd.Timestamp) -> None:
        learnt, seen = {}, {}
        for one in measured:
            name, of = one.prepared.metric.metric, one.prepared
            learnt[name], seen[name] = one.learnt, seen_of(of.matrix, of.orientation)
        self.learnt_ = Fitted(as_of, learnt, seen, hash_of(known))

    def _result(
        self, panel: Panel, known: Panel, as_of: pd.Timestamp, measured: list[Measured]
    ) -> Result:
        """Judge what was measured of what a panel holds that was known on a day."""
        settings, about = self.settings, self._about(known)
        metrics = about.metrics
        by_metric = {found.prepared.metric.metric: found for found in measured}
        signals = _signals(measured, known, settings)
        flags = raise_flags(signals, metrics, settings=settings)
        flags = grade(recheck(flags, by_metric, panel, settings=settings), settings=settings)
        told = with_signals(flags, signals, metrics)
        return Result(
            as_of=as_of,
            flags=flags.assign(reason=reasons(told, limits=settings.limits)),
            signals=signals,
            issues=with_doubts(known.issues, about, rough_releases(measured)),
            metrics=metrics,
            register=about.register,
            panel=known,
            source=panel,
            settings=settings,
            measured=by_metric,
        )

    def _measured(
        self,
        known: Panel,
        as_of: pd.Timestamp,
        before: Fitted | None,
        doing: str,
    ) -> list[Measured]:
        """Measure all metrics of what was known on a day."""
        chosen = known.metrics
        about, settings = self._about(known), self.settings
        matrix, metric, company = known.matrix, about.catalogue.metric, about.company
        found: list[Measured] = []
        for start in range(0, len(chosen), BATCH):
            ready = [
                prepare(matrix(name), metric(name), company, as_of, settings=settings)
                for name in chosen[start : start + BATCH]
            ]
            learnt = [before.of(one) if before else None for one in ready]
            found += measure_all(ready, learnt, settings=settings)
            self._show(doing, len(found), len(chosen))
        return found

    def _show(self, doing: str, done: int, of: int) -> None:
        if self.progress:
            self.progress(doing, done, of)

    def _about(self, panel: Panel) -> About:
        """Return what is known of a panel's words; the same ones are looked up once."""
        words = (panel.metrics, panel.authorities)
        if self._looked_up is None or self._looked_up[0] != words:
            about = About.of(
                panel, self.catalogue, register=self.register, neighbours=self.neighbours
            )
            self._looked_up = (words, about)
        return self._looked_up[1]


def _signals(measured: list[Measured], panel: Panel, settings: Settings) -> pd.DataFrame:
    """Return all metrics' signals; where no value came in, the status says what the panel knows."""
    table = signals_table(measured, settings=settings)
    refused = panel.series[panel.series["status"].astype(str) != ""]
    if len(refused) and len(table):
        why = refused.set_index(["authority", "metric"])["status"].astype(str)
        at = table["status"].eq("no value").to_numpy()
        series = pd.MultiIndex.from_frame(table.loc[at, ["authority", "metric"]].astype(str))
        told = pd.Series(why.reindex(series).to_numpy(dtype=object)).fillna("no value")
        known = table["status"].cat.categories
        new = [word for word in told.unique() if word not in known]
        table["status"] = table["status"].cat.add_categories(new)
        table.loc[at, "status"] = told.to_numpy()
    return table
