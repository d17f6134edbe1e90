"""One scheduled run: read, judge, write whole, and only then say that it is the latest.

`run` does it, `rehearse` does all but write. Killed at any instant, `run` leaves the last
complete run as it was, and the next one cleans up. The clock is the caller's to read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from earlywarning.batch.changes import changes_of
from earlywarning.batch.config import Config
from earlywarning.batch.files import Files, found_files, read_files
from earlywarning.batch.judged import Judged, judge
from earlywarning.batch.lock import Holder, only_run
from earlywarning.batch.shelf import Shelf
from earlywarning.errors import UsageError
from earlywarning.output import SECTOR, SITE, Written, write_pages, write_result
from earlywarning.pipeline import Progress
from earlywarning.replies import LOG, read_challenges
from earlywarning.result import Result
from earlywarning.schema import CHANGE_WORDS

log = logging.getLogger(__name__)
NEWEST = "newest_publication"  # the option under which a run says how new its inputs are


@dataclass(frozen=True, eq=False)
class Done:
    """What became of a run: its folder, what was found, and what had changed.

    `result` and `changes` are none where there was nothing new, `before` where there was no run
    before.
    """

    folder: Path
    result: Result | None = None
    changes: pd.DataFrame | None = None
    before: Written | None = None


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
    result = _judged(job, files).result
    name = f"{result.as_of:%Y-%m-%d}-{files.id}"
    before = shelf.before(name)
    return Done(shelf.check(name), result, _changes(result, before), before)


def _run(job: Job, shelf: Shelf) -> Done:
    files = found_files(job.config, job.folder)
    log.info("Run %s: %d files.", files.id, len(files.inputs))
    if name := _standing(job, shelf, files):
        return Done(shelf.folder / name)
    judged = _judged(job, files)
    result = judged.result
    name = f"{result.as_of:%Y-%m-%d}-{files.id}"
    before = shelf.before(name)
    changes = _changes(result, before)
    files.refuse_changed()
    options = _options(job.config) | {NEWEST: f"{judged.newest:%Y-%m-%d}"}
    if before is not None:
        options["changes_since"] = before.folder.name
    beside = {"changes": changes, **judged.beside}
    if job.config.output.sector:
        beside |= {table: getattr(result, table) for table in SECTOR}
    with _written(job.config.output.folder):
        write_result(result, shelf.check(name), inputs=files.inputs, options=options,
                     beside=beside, finish=_pages if job.config.output.site else None)  # fmt: skip
        log.info("Wrote %s.", name)
        shelf.publish(name)
        log.info("The latest run is %s.", name)
    return Done(shelf.folder / name, result, changes, before)


def _pages(written: Written) -> None:
    """Write a site into the run's folder, with the replies that the run has."""
    folder, log = written.folder / SITE, written.folder / LOG
    folder.mkdir()
    write_pages(written, folder, challenges=read_challenges(log) if log.exists() else None)


def _standing(job: Job, shelf: Shelf, files: Files) -> str:
    """Return the latest run's name if it is this one; that is seen before anything is read."""
    latest = shelf.latest
    if not latest.endswith(f"-{files.id}") or (run := shelf.whole(latest)) is None:
        return ""
    day = run.run.options.get(NEWEST) if job.as_of is None else f"{job.as_of:%Y-%m-%d}"
    return latest if latest == f"{day}-{files.id}" else ""


def _judged(job: Job, files: Files) -> Judged:
    """Read and judge."""
    inputs, issues = read_files(files)
    panel = inputs.panel
    for issue in issues:
        log.warning("%s %s", issue["message"], issue["remedy"])
    log.info("Read %d authorities, %d metrics, %d series.", len(panel.authorities),
             len(panel.metrics), len(panel.series))  # fmt: skip
    return judge(
        inputs, issues, as_of=job.as_of, settings=job.config.settings,
        triage=job.config.triage, progress=job.progress,
    )  # fmt: skip


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
