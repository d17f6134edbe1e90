"""Look back: replay the past, read what happened, and put the two together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from earlywarning.authorities import authorities_of
from earlywarning.authorities.tables import listed
from earlywarning.catalogue import match_built_in
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.panel import Panel
from earlywarning.pipeline import EarlyWarning, Progress
from earlywarning.schema import issue_row, issues_table
from earlywarning.validation.backtest import Backtest
from earlywarning.validation.days import as_of_days
from earlywarning.validation.labels import ATTRIBUTED, labels_of
from earlywarning.validation.outcomes import as_groups, episodes, followed
from earlywarning.validation.plan import Plan
from earlywarning.validation.replay import Scorer, replay


def look_back(
    model: EarlyWarning,
    panel: Panel,
    outcomes: pd.DataFrame,
    *,
    plan: Plan | None = None,
    scorers: Sequence[Scorer] = (),
    engagements: pd.DataFrame | None = None,
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
    engagements : DataFrame, optional
        As from `read_engagements`: who was reviewed, for the outcomes of `plan.reviews`.
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
        If the record is too short to look back on, no outcome is on record, or nobody has said of
        any metric which way is worse.
    UsageError
        If the plan names kinds or reviews that are not there.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_catalogue, as_panel, sample_tables
    >>> from earlywarning.validation.outcomes import read_outcomes
    >>> sample = sample_tables()
    >>> model = EarlyWarning(catalogue=as_catalogue(sample.catalogue))
    >>> panel = as_panel(sample.panel.query("metric == 'budget_overspend_pct'"))
    >>> plan = Plan(outcomes={"grave": ["section_114", "statutory_intervention"]})
    >>> found = look_back(model, panel, read_outcomes(sample.outcomes), plan=plan)
    >>> found.outcomes, found.labels["authority"].nunique() == len(panel.authorities)
    (['grave'], True)
    """
    asked = plan or Plan()
    _refuse_unreviewed(asked, engagements)
    _refuse_nothing(model, panel, outcomes)
    grouped = as_groups(outcomes, asked.outcomes)
    days = as_of_days(panel, asked.every, min_periods=model.settings.min_periods)
    seen = replay(
        model, panel, days, scorers=scorers, store=store, n_jobs=n_jobs, progress=progress
    )
    met = episodes(grouped.outcomes, within_days=asked.within_days)
    names = sorted(asked.outcomes or met["outcome"].unique())
    codes = pd.Series(sorted(seen.scores["authority"].unique()), dtype=str)
    register = _everyone(codes, panel, model)
    links = followed(met, codes, register, within_days=asked.within_days)
    last = outcomes["latest"].max() if until is None else until
    labels = labels_of(
        seen.scores, links, outcomes=names, register=register,
        months=asked.months, within_days=asked.within_days, until=pd.Timestamp(last),
    )  # fmt: skip
    issues = pd.concat([grouped.issues, _unattributed(met, links)], ignore_index=True)
    return Backtest(
        asked, seen, met, links, labels, register, pd.Timestamp(last), issues, engagements
    )


def _refuse_unreviewed(plan: Plan, engagements: pd.DataFrame | None) -> None:
    """Refuse a plan that asks for reviews which are not there."""
    if plan.reviews and engagements is None:
        raise UsageError("The plan names reviews: give the engagements too.")
    unknown = sorted(set(plan.reviews or {}) - set(plan.outcomes or plan.reviews or {}))
    if unknown:
        raise UsageError(
            f"Reviews of {', '.join(unknown)}: no outcome is called so. One of: "
            f"{', '.join(plan.outcomes or ())}."
        )


def _refuse_nothing(model: EarlyWarning, panel: Panel, outcomes: pd.DataFrame) -> None:
    """Refuse a record without an outcome, and a panel of which nothing can be worse."""
    problems = []
    if outcomes.empty:
        problems.append("There is no outcome on record. Give what happened, a row each.")
    catalogue = match_built_in(panel.metrics) if model.catalogue is None else model.catalogue
    if all(catalogue.metric(name).higher_is == "context" for name in panel.metrics):
        problems.append(
            "Nobody has said of any metric which way is worse, so that nobody has a score. Draft a "
            "catalogue with 'earlywarning catalogue FILE', fill in higher_is, and give it."
        )
    if problems:
        raise DataRefusedError(" ".join(problems))


def _everyone(codes: pd.Series[str], panel: Panel, model: EarlyWarning) -> pd.DataFrame:
    """Return who was looked at, and whoever else the register names."""
    looked_at = authorities_of(codes, panel.names, model.register)
    if model.register is None:
        return looked_at
    more = model.register[~model.register["authority"].isin(codes)]
    return pd.concat([looked_at, more], ignore_index=True) if len(more) else looked_at


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
        issue_row("outcomes", code, f"{what}: {len(who)} ({listed(who)}).", remedy, n_rows=len(who))
        for code, (who, what, remedy) in told.items()
        if len(who)
    ]
    return issues_table(rows)
