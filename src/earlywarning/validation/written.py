"""A back-test into a folder: tables, pictures, a page, and what was run on what."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from earlywarning import __version__
from earlywarning.output import Input, Place
from earlywarning.output.cells import write_table
from earlywarning.output.run import LIBRARIES, sha256
from earlywarning.report import backtest_html
from earlywarning.validation.backtest import Backtest
from earlywarning.validation.curves import (
    benefit_of,
    calibration_of,
    precision_by_length,
    share_warned,
)
from earlywarning.validation.lock import Lock, verdict
from earlywarning.validation.plan import Plan
from earlywarning.validation.story import story_of
from earlywarning.validation.story.wording import horizon_of

if TYPE_CHECKING:
    from earlywarning.charts import Drawing

PAGE, RUN = "report.html", "validation.json"
TABLES = (
    "scores", "flags", "labels", "episodes", "links", "timeline", "measures", "null", "decisions",
    "subgroups", "reviewed", "chances", "issues",
)  # fmt: skip
PICTURES = ("precision", "timeline", "lead_time", "calibration", "benefit")
FILES = frozenset(
    {PAGE, RUN, *(f"{name}.csv" for name in TABLES), *(f"{name}_*.svg" for name in PICTURES)}
)
LONGEST = 3  # times the capacity: the longest list drawn
TITLE = "Was it right? What was said on past days, and what then happened"


class Validation(BaseModel):
    """What `validation.json` says."""

    model_config = ConfigDict(frozen=True)

    earlywarning: str
    standing: str  # frozen, or chosen with hindsight
    sentence: str
    lock: Lock
    plan: Plan
    days: list[str]
    until: str
    inputs: list[Input]
    options: dict[str, str | list[str]]
    versions: dict[str, str]
    files: dict[str, str]  # each file's sha256


def place_of_validation(out: Path | str) -> Place:
    """Return the place for a folder of a back-test.

    Examples
    --------
    >>> place_of_validation("validation").part.name
    'validation.part'
    """
    return Place(Path(out), FILES, RUN, b'{\n  "earlywarning":')


def write_backtest(
    found: Backtest,
    out: Path | str,
    *,
    now: Lock,
    lock: Lock | None = None,
    inputs: Iterable[Input] = (),
    options: dict[str, str | list[str]] | None = None,
) -> Path:
    """Write a back-test into a folder, whole or not at all; an earlier one there is replaced.

    Parameters
    ----------
    found : Backtest
        As from `look_back`.
    out : path
        The folder.
    now : Lock
        The configuration that was used; see `lock_of`.
    lock : Lock, optional
        The one that was frozen before.
    inputs : iterable of Input
        The files it was made from.
    options : dict, optional
        What else was asked for.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UsageError
        If something else stands there, or it cannot be written.
    """
    standing = verdict(lock, now)
    frozen = None if lock is None else pd.Timestamp(lock.frozen)
    pictures = {
        f"{name}_{place}.svg": drawing
        for place, outcome in enumerate(found.outcomes, start=1)
        for name, drawing in pictures_of(found, outcome).items()
    }
    page = backtest_html(TITLE, story_of(found, standing, frozen), pictures)
    tables = tables_of(found)
    with place_of_validation(out).replaced() as part:
        for name, table in tables.items():
            write_table(table, part / f"{name}.csv")
        for name, drawing in pictures.items():
            drawing.save(part / name)
        (part / PAGE).write_text(page, encoding="utf-8", newline="\n")
        run = Validation(
            earlywarning=__version__, standing=standing[0], sentence=standing[1],
            lock=lock or now, plan=found.plan, days=[f"{day:%Y-%m-%d}" for day in found.days],
            until=f"{found.until:%Y-%m-%d}", inputs=list(inputs), options=options or {},
            versions={name: version(name) for name in LIBRARIES},
            files={path.name: sha256(path) for path in sorted(part.iterdir())},
        )  # fmt: skip
        text = run.model_dump_json(indent=2) + "\n"
        (part / RUN).write_text(text, encoding="utf-8", newline="\n")
    return Path(out)


def tables_of(found: Backtest) -> dict[str, pd.DataFrame]:
    """Return all tables of a back-test, by the name of their file."""
    told = [found.learning[outcome].chances.assign(outcome=outcome) for outcome in found.outcomes]
    return {
        "scores": found.replay.scores,
        "flags": found.replay.flags,
        "labels": found.labels,
        "episodes": found.episodes,
        "links": found.links,
        "timeline": found.timeline,
        "measures": found.measures,
        "null": found.null,
        "decisions": found.decisions,
        "subgroups": found.subgroups,
        "reviewed": found.reviewed,
        "chances": pd.concat(told, ignore_index=True),
        "issues": found.issues,
    }


def pictures_of(found: Backtest, outcome: str) -> dict[str, Drawing]:
    """Return the pictures of one outcome.

    Parameters
    ----------
    found : Backtest
        As from `look_back`.
    outcome : str
        One of `found.outcomes`.

    Returns
    -------
    dict of str to Drawing
        By name, of `PICTURES`; without the last two where no chance could be learnt.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, Plan, as_catalogue, as_panel, look_back
    >>> from earlywarning import read_outcomes, sample_tables
    >>> sample = sample_tables()
    >>> model = EarlyWarning(catalogue=as_catalogue(sample.catalogue))
    >>> panel = as_panel(sample.panel.query("metric == 'budget_overspend_pct'"))
    >>> plan = Plan(outcomes={"notice": ["section_114"]}, shuffles=50, draws=100)
    >>> found = look_back(model, panel, read_outcomes(sample.outcomes), plan=plan)
    >>> list(pictures_of(found, "notice"))
    ['precision', 'timeline', 'lead_time']
    """
    from earlywarning import charts

    plan = found.plan
    timeline = found.timeline[found.timeline["outcome"].eq(outcome)]
    looks = found.looks[found.looks["outcome"].eq(outcome)]
    board = found.board(outcome)
    longest = min(LONGEST * plan.capacity, len(found.authorities))
    curve = precision_by_length(
        board, longest, shuffles=plan.shuffles, coverage=plan.coverage, seed=plan.seed
    )
    told: dict[str, Any] = {"outcome": outcome}
    pictures = {
        "precision": charts.precision_chart(
            curve, capacity=plan.capacity, horizon=horizon_of(plan), **told
        ),
        "timeline": charts.timeline_chart(timeline, looks, **told),
        "lead_time": charts.lead_time_chart(share_warned(timeline), **told),
    }
    chances = found.chances(outcome)
    if not chances.empty:
        pictures["calibration"] = charts.calibration_chart(calibration_of(chances), **told)
        pictures["benefit"] = charts.benefit_chart(benefit_of(chances), **told)
    return pictures
