"""What is found in the files of a run, by which yardstick, and what stands beside it?

Without a saved model everything is learnt anew from the same files. With one, its yardstick
counts, and what the new data no longer share with those it learnt from is told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from earlywarning.batch.config import TriageTable
from earlywarning.batch.files import Issue
from earlywarning.batch.inputs import Inputs
from earlywarning.errors import DataRefusedError
from earlywarning.flags import at_most
from earlywarning.panel import day_known, newest_day
from earlywarning.pipeline import EarlyWarning, Progress
from earlywarning.registry import drift, drift_issues
from earlywarning.result import Result
from earlywarning.schema import ASSESSED, FLAG_KINDS, issues_table
from earlywarning.settings import Settings
from earlywarning.triage import plan_conversations
from earlywarning.validation.days import months_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Judged:
    """What was found, the day of the newest publication, and the tables beside the result's."""

    result: Result
    newest: pd.Timestamp
    beside: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def judge(
    inputs: Inputs,
    issues: list[Issue],
    *,
    as_of: pd.Timestamp | None,
    settings: Settings,
    triage: TriageTable,
    progress: Progress | None = None,
) -> Judged:
    """Judge what was read, as known on a day.

    Parameters
    ----------
    inputs : Inputs
        With a saved model, that one judges, by its own settings.
    issues : list of dict
        What was left out on the way in.
    as_of : Timestamp or None
        The day; that of the newest publication, if none.
    settings : Settings
        The thresholds, where no saved model brings its own.
    triage : TriageTable
        How many conversations there can be; asked where engagements were read.
    progress : callable, optional
        Told how far it has come.

    Raises
    ------
    DataRefusedError
        If too many series can be assessed for nothing.
    """
    day = day_known(inputs.panel, as_of)
    found, told, beside = _found(inputs, day, settings, progress)
    tables = [issues_table(issues), told, found.issues]
    result = replace(found, issues=pd.concat([t for t in tables if len(t)] or tables[-1:],
                                             ignore_index=True))  # fmt: skip
    log.info("Judged as known on %s: %d flags, up to %d of them false.", f"{day:%Y-%m-%d}",
             len(result.flags), at_most(result.expected_false_flags))  # fmt: skip
    _refuse_unassessed(result)
    if inputs.engagements is not None:
        beside["triage"] = _plan(result, inputs.engagements, triage)
    if inputs.challenges is not None:
        beside["challenges"] = inputs.challenges
    return Judged(result, newest_day(inputs.panel), beside)


def _found(
    inputs: Inputs, day: pd.Timestamp, settings: Settings, progress: Progress | None
) -> tuple[Result, pd.DataFrame, dict[str, pd.DataFrame]]:
    """Return the result, issues that the yardstick raises, and the tables beside."""
    if inputs.model is None:
        model = EarlyWarning(
            catalogue=inputs.catalogue,
            register=inputs.register,
            neighbours=inputs.neighbours,
            settings=settings,
            progress=progress,
        )
        return model.fit_score(inputs.panel, as_of=day), issues_table([]), {}
    model = inputs.model
    model.progress = progress
    table = drift(model, inputs.panel, as_of=day)
    issues = drift_issues(table)
    log.info("Judged by a model of %s: %d of %d metrics are no longer as learnt.",
             f"{model.learnt_.as_of:%Y-%m-%d}", len(issues), len(table))  # fmt: skip
    for row in issues.itertuples():
        log.warning("%s %s", row.message, row.remedy)
    return model.score(inputs.panel, as_of=day), issues, {"drift": table}


def _plan(result: Result, engagements: pd.DataFrame, triage: TriageTable) -> pd.DataFrame:
    """Return who talks to whom in the months to come."""
    plan = plan_conversations(
        result.authorities, result.flags, engagements, as_of=result.as_of,
        window_months=months_of(triage.window), capacity=triage.capacity,
        settings=result.settings,
    )  # fmt: skip
    routes = plan["route"].value_counts()
    log.info("Conversations: %s.", ", ".join(f"{n} {route}" for route, n in routes.items()))
    return plan


def _refuse_unassessed(result: Result) -> None:
    """Refuse a result in which too many series could be assessed for nothing."""
    judged = result.signals[result.signals["signal"].isin(FLAG_KINDS)]
    assessed = judged["status"].eq(ASSESSED)
    series = assessed.groupby([judged["authority"], judged["metric"]], observed=True).any()
    share, most = 1 - series.mean(), result.settings.max_unassessed
    if share <= most:
        return
    why = judged.loc[~assessed & judged["signal"].eq("position"), "status"].value_counts()
    told = ", ".join(f"{status} {n:,}" for status, n in why.items() if n)
    raise DataRefusedError(
        f"{int((~series).sum()):,} of {len(series):,} series cannot be assessed ({share:.1%}; at "
        f"most {most:.1%} may): {told}. Nothing is published. Look at the inputs with "
        "'earlywarning check', or raise max_unassessed in [settings]."
    )
