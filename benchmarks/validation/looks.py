"""The real data, what is asked of them, and the looks back: as asked, and asked otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from earlywarning.cli.inputs import Inputs, Reading, read_inputs
from earlywarning.cli.lookback import model_of
from earlywarning.validation.backtest import Backtest
from earlywarning.validation.baselines import every_scorer, read_areas
from earlywarning.validation.lock import Lock, lock_of
from earlywarning.validation.look_back import look_back
from earlywarning.validation.outcomes import as_groups, read_outcomes
from earlywarning.validation.plan import Plan
from earlywarning.validation.rankings import role_of
from earlywarning.validation.replay import Progress

PANELS = ("revenue_outturn_rs", "capital_prudential_cor", "debt_investment")
OUTCOMES = {
    "section 114 or intervention": ("section_114", "statutory_intervention"),
    "exceptional financial support": ("exceptional_financial_support",),
}
ASKED = Plan(outcomes=OUTCOMES)  # the defaults: 24 months, 20 on the list, a look each year
OTHERWISE = {  # how else it might have been asked; none of it is chosen among
    "horizon 36 months": ASKED.model_copy(update={"horizon": "36M"}),
    "a look each quarter": ASKED.model_copy(update={"every": "quarter"}),
}


def read(shared: Path) -> Inputs:
    """Read the panels, the register and the built-in catalogue of finance; no outcome."""
    return read_inputs(
        Reading(
            files=[shared / f"data/panels/{name}.csv.gz" for name in PANELS],
            catalogues=["finance"],
            authorities=shared / "data/authorities.csv",
        )
    )


def frozen(inputs: Inputs, today: dt.date) -> Lock:
    """Return the lock of what is asked; it is made before an outcome is read."""
    return lock_of(ASKED, model_of(inputs), today)


def looked(
    inputs: Inputs, shared: Path, plan: Plan, *, store: Path, jobs: int, progress: Progress
) -> Backtest:
    """Look back with every baseline; days that are in the store are not looked at again."""
    record = read_outcomes(shared / "data/outcomes.csv", delay_days=plan.delay_days)
    scorers = every_scorer(
        as_groups(record, plan.outcomes).outcomes,
        seed=plan.seed,
        areas=read_areas(shared / "data/authorities.csv"),
    )
    return look_back(
        model_of(inputs), inputs.panel, record, plan=plan, scorers=scorers, store=store,
        n_jobs=jobs, progress=progress,
    )  # fmt: skip


def otherwise(
    inputs: Inputs, shared: Path, *, store: Path, jobs: int, progress: Progress
) -> Iterator[tuple[str, Backtest]]:
    """Yield the looks back that were asked otherwise, single metrics left out."""
    for name, plan in OTHERWISE.items():
        found = looked(inputs, shared, plan, store=store, jobs=jobs, progress=progress)
        told = found.replay.baselines
        main = told[~told["scorer"].map(role_of).eq("metric")]
        yield name, replace(found, replay=replace(found.replay, baselines=main))


def newest_periods(inputs: Inputs, day: pd.Timestamp) -> pd.Series[pd.Timestamp]:
    """Return the newest day on which anything of each metric came out, by metric."""
    frame = inputs.panel.known_at(day).frame.dropna(subset=["value"])
    return frame.groupby("metric", observed=True)["published"].max()
