"""What `earlywarning validate` does: reads, looks back, writes, and says what it found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from earlywarning.errors import UsageError, said

if TYPE_CHECKING:
    import pandas as pd

    from earlywarning.cli.inputs import Inputs, Reading
    from earlywarning.pipeline import EarlyWarning, Progress
    from earlywarning.validation.backtest import Backtest
    from earlywarning.validation.lock import Lock
    from earlywarning.validation.plan import Plan
    from earlywarning.validation.replay import Scorer

OPTIONS = {"every": "as-of-every"}  # where it is not called as in a plan


@dataclass(frozen=True)
class Asked:
    """What was asked for."""

    reading: Reading
    plan: Plan
    outcomes: Path
    known_until: dt.datetime | None
    areas: Path | None
    points: Sequence[Path]
    engagements: Path | None
    lock: Path | None
    jobs: int
    out: Path

    def named(self) -> list[tuple[str, Path]]:
        """Return every file with its role."""
        systems = [("points", path) for path in self.points]
        more = [
            ("outcomes", self.outcomes),
            ("areas", self.areas),
            ("engagements", self.engagements),
            ("lock", self.lock),
        ]
        return (
            self.reading.named()
            + systems
            + [(role, path) for role, path in more if path is not None]
        )


def plan_of(
    horizon: str,
    capacity: int,
    every: str,
    *,
    outcomes: Sequence[str] | None = None,
    reviews: Sequence[str] | None = None,
) -> Plan:
    """Return the plan that was typed; all that is wrong is said at once.

    Examples
    --------
    >>> grave = ["grave=section_114,statutory_intervention"]
    >>> plan_of("24M", 20, "year", outcomes=grave).outcomes
    {'grave': ('section_114', 'statutory_intervention')}
    """
    from pydantic import ValidationError

    from earlywarning.validation.plan import Plan

    problems: list[str] = []
    named = {
        "outcomes": _groups("--outcome", outcomes, problems),
        "reviews": _groups("--reviewed", reviews, problems),
    }
    try:
        plan = Plan.model_validate(
            {"horizon": horizon, "capacity": capacity, "every": every} | named
        )
    except ValidationError as error:
        for one in error.errors():
            name = str(one["loc"][0])
            problems.append(f"--{OPTIONS.get(name, name)}: {said(one['msg'])}.")
    if problems:
        raise UsageError("\n".join(problems))
    return plan


def _groups(
    option: str, texts: Sequence[str] | None, problems: list[str]
) -> dict[str, tuple[str, ...]] | None:
    """Return name to kinds, from texts such as 'grave=section_114,statutory_intervention'."""
    found: dict[str, tuple[str, ...]] = {}
    for text in texts or ():
        name, equals, kinds = text.partition("=")
        members = tuple(kind.strip() for kind in kinds.split(",") if kind.strip())
        if not (equals and name and members) or name in found:
            problems.append(f"{option} {text!r} is not written as NAME=KIND,KIND, each NAME once.")
        found[name] = members
    return found or None


def freeze_plan(reading: Reading, plan: Plan, path: Path) -> None:
    """Write what was chosen, before any outcome is read."""
    from earlywarning.cli.inputs import read_inputs
    from earlywarning.cli.screen import say, say_command
    from earlywarning.validation.lock import lock_of, write_lock

    lock = lock_of(plan, model_of(read_inputs(reading)), dt.datetime.now(tz=dt.UTC).date())
    write_lock(lock, path)
    say(
        f"Frozen on {lock.frozen}: {lock.fingerprint}",
        "Send the file, or these letters, to somebody else today: then nobody need take your word "
        "for the day. Look back with the same options and",
    )
    say_command(f'--lock "{path}" --outcomes FILE')


def looked_back(asked: Asked) -> Backtest:
    """Read, look back and write; whatever stands in the way is said before the work begins."""
    from earlywarning.cli.inputs import read_inputs, refuse_missing
    from earlywarning.cli.screen import progress
    from earlywarning.output.run import input_of
    from earlywarning.validation.lock import lock_of, read_lock
    from earlywarning.validation.written import place_of_validation, write_backtest

    refuse_missing(asked.reading, asked.named())
    place_of_validation(asked.out).check()
    locked = None if asked.lock is None else read_lock(asked.lock)
    with progress() as show:
        found = read_inputs(asked.reading)
        model = model_of(found)
        now = lock_of(asked.plan, model, dt.datetime.now(tz=dt.UTC).date())
        looked = _look(asked, found, model, show)
        show("writing", 0, 1)
        inputs = [input_of(role, path) for role, path in asked.named()]
        write_backtest(looked, asked.out, now=now, lock=locked, inputs=inputs,
                       options=asked.reading.options())  # fmt: skip
    _say(looked, asked.out, locked, now)
    return looked


def _look(asked: Asked, found: Inputs, model: EarlyWarning, show: Progress) -> Backtest:
    """Look back, each day kept beside the output until all are done."""
    import shutil

    import pandas as pd

    from earlywarning.cli.workers import start_workers
    from earlywarning.engagements import read_engagements
    from earlywarning.validation.look_back import look_back
    from earlywarning.validation.outcomes import read_outcomes

    record = read_outcomes(asked.outcomes, delay_days=asked.plan.delay_days)
    calendar = None if asked.engagements is None else read_engagements(asked.engagements)
    store = asked.out.resolve().with_name(f"{asked.out.name}.days")
    until = None if asked.known_until is None else pd.Timestamp(asked.known_until)
    start_workers(asked.jobs)
    looked = look_back(
        model, found.panel, record, plan=asked.plan, scorers=_scorers(asked, record),
        engagements=calendar, until=until, store=store, n_jobs=asked.jobs, progress=show,
    )  # fmt: skip
    _ = looked.measures, looked.null, looked.subgroups, looked.learning, looked.reviewed
    shutil.rmtree(store, ignore_errors=True)
    return looked


def _scorers(asked: Asked, record: pd.DataFrame) -> list[Scorer]:
    """Return the other ways of ranking that are held against ours."""
    from earlywarning.validation.baselines import every_scorer, read_areas, read_points_system
    from earlywarning.validation.outcomes import as_groups

    grouped = as_groups(record, asked.plan.outcomes).outcomes
    areas = None if asked.areas is None else read_areas(asked.areas)
    systems = [read_points_system(path) for path in asked.points]
    return every_scorer(grouped, seed=asked.plan.seed, areas=areas, systems=systems)


def model_of(found: Inputs) -> EarlyWarning:
    """Return the model of what was read."""
    from earlywarning.pipeline import EarlyWarning

    return EarlyWarning(
        catalogue=found.catalogue, register=found.register, neighbours=found.neighbours
    )


def _say(found: Backtest, out: Path, lock: Lock | None, now: Lock) -> None:
    """Print what the page says in short."""
    import pandas as pd

    from earlywarning.cli.screen import heading, listed, say
    from earlywarning.validation.lock import verdict
    from earlywarning.validation.story import story_of

    frozen = None if lock is None else pd.Timestamp(lock.frozen)
    short = story_of(found, verdict(lock, now), frozen)[0][0]
    heading(short.heading)
    say(*short.paragraphs)
    listed(short.items)
    heading("Files")
    say(
        f"In {out}: start with report.html. measures.csv holds every ranking, timeline.csv every "
        "episode, null.csv what shuffled outcomes give."
    )
