"""One scheduled run: read, judge, write whole, and only then say that it is the latest.

`run` does it, `rehearse` does all but write. Killed at any instant, `run` leaves the last
complete run as it was, and the next one cleans up. The clock is the caller's to read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from earlywarning.batch.changes import changes_of
from earlywarning.batch.config import Config
from earlywarning.batch.files import Files, found_files, read_files
from earlywarning.batch.lock import Holder, only_run
from earlywarning.batch.shelf import Shelf
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.output import SECTOR, Written, write_result
from earlywarning.panel import day_known, newest_day
from earlywarning.pipeline import EarlyWarning, Progress
from earlywarning.result import Result
from earlywarning.schema import ASSESSED, CHANGE_WORDS, issues_table

log = logging.getLogger(__name__)
NEWEST = "newest_publication"  # the option under which a run says how new its inputs are


@dataclass(frozen=True, eq=False)
class Done:
    """What became of a run: its folder, what was found, and what had changed.

    `result` and `changes` are none where there was nothing new.
    """

    folder: Path
    result: Result | None = None
    changes: pd.DataFrame | None = None


@dataclass(frozen=True)
class Job:
    """What is to be run, on which day's knowledge, and whom to tell how far it has come."""

    config: Config
    folder: Path  # that the configuration's paths are relative to
    as_of: pd.Timestamp | None = None  # the newest publication's day, if none
    progress: Progress | None = None

    @property
    def shelf(self) -> Shelf:
        """Where runs stand."""
        return Shelf((self.folder / self.config.output.folder).resolve())


def run(job: Job, holder: Holder) -> Done:
    """Do a scheduled run.

    Parameters
    ----------
    job : Job
        What is to be run.
    holder : Holder
        Who runs it, for whoever finds the folder locked.

    Returns
    -------
    Done
        The run's folder; with no result where the same run is the latest already.

    Raises
    ------
    LockHeldError
        If another run is at work in the folder.
    UsageError
        If the folder cannot be written.
    DataRefusedError
        If no file can be used, or too many series cannot be assessed; nothing is written then.
    """
    shelf = job.shelf
    with _written(job.config.output.folder):
        shelf.folder.mkdir(parents=True, exist_ok=True)
    with only_run(shelf.folder, holder) as dead:
        if dead:
            log.warning("The last run (%s) ended before it was done; its lock is taken over.", dead)
        with _written(job.config.output.folder):
            for name in shelf.sweep():
                log.warning("Cleaned up after it: %s.", name)
        done = _run(job, shelf)
        with _written(job.config.output.folder):
            for name in shelf.thin_out(job.config.output.keep):
                log.info("Took away %s: %d runs are kept.", name, job.config.output.keep)
        return done


def rehearse(job: Job) -> Done:
    """Do all of a run but write; nothing is locked or made, not even the folder.

    Parameters, errors and result are those of `run`.
    """
    shelf = job.shelf
    files = found_files(job.config, job.folder)
    if name := _standing(job, shelf, files):
        return Done(shelf.folder / name)
    result, _ = _scored(job, files)
    name = f"{result.as_of:%Y-%m-%d}-{files.id}"
    return Done(shelf.check(name), result, _changes(result, shelf.before(name)))


def _run(job: Job, shelf: Shelf) -> Done:
    files = found_files(job.config, job.folder)
    log.info("Run %s: %d files.", files.id, len(files.inputs))
    if name := _standing(job, shelf, files):
        return Done(shelf.folder / name)
    result, newest = _scored(job, files)
    name = f"{result.as_of:%Y-%m-%d}-{files.id}"
    before = shelf.before(name)
    changes = _changes(result, before)
    files.refuse_changed()
    options = _options(job.config) | {NEWEST: f"{newest:%Y-%m-%d}"}
    if before is not None:
        options["changes_since"] = before.folder.name
    beside = {"changes": changes}
    if job.config.output.sector:
        beside |= {table: getattr(result, table) for table in SECTOR}
    with _written(job.config.output.folder):
        write_result(result, shelf.check(name), inputs=files.inputs, options=options,
                     beside=beside)  # fmt: skip
        log.info("Wrote %s.", name)
        shelf.publish(name)
        log.info("The latest run is %s.", name)
    return Done(shelf.folder / name, result, changes)


def _standing(job: Job, shelf: Shelf, files: Files) -> str:
    """Return the latest run's name if it is this one; that is seen before anything is read."""
    latest = shelf.latest
    if not latest.endswith(f"-{files.id}") or (run := shelf.whole(latest)) is None:
        return ""
    day = run.run.options.get(NEWEST) if job.as_of is None else f"{job.as_of:%Y-%m-%d}"
    return latest if latest == f"{day}-{files.id}" else ""


def _scored(job: Job, files: Files) -> tuple[Result, pd.Timestamp]:
    """Read and judge; return the result, and the day of the newest publication."""
    inputs, issues = read_files(files)
    panel = inputs.panel
    for issue in issues:
        log.warning("%s %s", issue["message"], issue["remedy"])
    log.info("Read %d authorities, %d metrics, %d series.", len(panel.authorities),
             len(panel.metrics), len(panel.series))  # fmt: skip
    as_of = day_known(panel, job.as_of)
    model = EarlyWarning(
        catalogue=inputs.catalogue,
        register=inputs.register,
        neighbours=inputs.neighbours,
        settings=job.config.settings,
        progress=job.progress,
    )
    found = model.fit_score(panel, as_of=as_of)
    result = replace(found, issues=_joined(issues, found.issues))
    log.info("Judged as known on %s: %d flags, up to %.1f of them false.", f"{as_of:%Y-%m-%d}",
             len(result.flags), result.expected_false_flags)  # fmt: skip
    _refuse_unassessed(result)
    return result, newest_day(panel)


def _joined(rows: list[dict[str, object]], issues: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([issues_table(rows), issues], ignore_index=True) if rows else issues


def _refuse_unassessed(result: Result) -> None:
    """Refuse a result in which too many series could be assessed for nothing."""
    judged = result.signals[result.signals["signal"].isin(["position", "change"])]
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


def _changes(result: Result, before: Written | None) -> pd.DataFrame:
    flags = result.flags.head(0) if before is None else before.table("flags")
    changes = changes_of(result.flags, flags, result.signals)
    counts = changes["change"].value_counts()
    told = ", ".join(f"{counts.get(word, 0)} {word}" for word in CHANGE_WORDS)
    log.info("Flags since %s: %s.", before.folder.name if before else "no earlier run", told)
    return changes


def _options(config: Config) -> dict[str, str | list[str]]:
    """Return what else was asked for, without a path of this machine."""
    table = config.inputs
    asked: dict[str, str | list[str] | None] = {
        "catalogue": [Path(name).name for name in table.catalogue],
        "column": [f"{role}={name}" for role, name in table.columns.items()],
        "sheet": table.sheet,
        "metric": table.metric,
        "period_kind": table.period_kind,
        "neighbour_set": table.neighbour_set,
    }
    return {name: value for name, value in asked.items() if value}


@contextmanager
def _written(folder: str) -> Iterator[None]:
    """Say of a folder that cannot be written why not."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"'{folder}' cannot be written: {error.strerror}. The last complete run is as it was."
        ) from error
