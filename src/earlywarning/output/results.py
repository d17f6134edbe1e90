"""A result into a folder, and back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from earlywarning.errors import DataRefusedError
from earlywarning.explain import Explained
from earlywarning.output.cells import read_table, write_table
from earlywarning.output.place import Place
from earlywarning.output.run import FORMAT, Input, Run, run_of, sha256
from earlywarning.result import Result
from earlywarning.schema import PRACTICE, VALUES, empty

TABLES = (
    "signals", "flags", "authorities", "contributions", "trends", "anomalies", "flagged_breaks",
    "metrics", "issues",
)  # fmt: skip
SINCE = {"values": VALUES, "practice": PRACTICE}  # tables that the first results lack
SECTOR = ("sector_movement", "sector_themes", "metrics_review", "returns_review")
BESIDE = ("changes", "challenges", "drift", "triage", *SECTOR)  # tables that only some have
RUN, SITE = "run.json", "site"  # SITE: a folder of pages, which only some have
FILES = frozenset({RUN, *(f"{name}.csv" for name in TABLES)})
MAY_HOLD = FILES | {SITE} | {f"{name}.csv" for name in (*SINCE, *BESIDE)}


@dataclass(frozen=True, eq=False)
class Written:
    """A results folder that is whole: its `run`, and its tables by name."""

    folder: Path
    run: Run

    @property
    def id(self) -> str:
        """What these results are known by: the hash of `run.json`, which has each table's."""
        return sha256(self.folder / RUN)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by its name, columns as in the `schema`.

        One of `SINCE` that was not written then has no rows; one of `BESIDE` must be there.
        """
        if name in SINCE and f"{name}.csv" not in self.run.files:
            return empty(SINCE[name])
        found = read_table(self.folder / f"{name}.csv")
        if name == "issues":  # where an issue has no place, it is missing, not empty
            place = found[["file", "authority", "metric", "period"]]
            found[place.columns] = place.mask(place == "")
        return found

    @property
    def explained(self) -> Explained:
        """The tables an explanation is written from."""
        return Explained(
            authorities=self.table("authorities"),
            flags=self.table("flags"),
            signals=self.table("signals"),
            contributions=self.table("contributions"),
            issues=self.table("issues"),
            metrics=self.table("metrics"),
            as_of=pd.Timestamp(self.run.as_of),
            settings=self.run.settings,
            version=self.run.earlywarning,
            breaks=self.table("flagged_breaks"),
            values=self.table("values"),
            practice=self.table("practice"),
        )


def place_of_results(out: Path | str) -> Place:
    """Return the place for a results folder; `check` refuses where something else stands.

    Examples
    --------
    >>> place_of_results("results").part.name
    'results.part'
    """
    return Place(Path(out), MAY_HOLD, RUN, b'{\n  "earlywarning":')


def write_result(
    result: Result,
    out: Path | str,
    *,
    inputs: Iterable[Input] = (),
    options: Mapping[str, str | list[str]] | None = None,
    beside: Mapping[str, pd.DataFrame] | None = None,
    finish: Callable[[Written], object] | None = None,
) -> Path:
    """Write a result into a folder, whole or not at all; an earlier result there is replaced.

    Parameters
    ----------
    result : Result
        As from `EarlyWarning.score`.
    out : path
        The folder.
    inputs : iterable of Input
        The files it was made from, for `run.json`.
    options : mapping, optional
        What else was asked for, for `run.json`.
    beside : mapping of str to DataFrame, optional
        Tables besides the result's own, of the names in `BESIDE`.
    finish : callable, optional
        Called with what was written, before it takes its name; may add the folder `SITE` to it.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UsageError
        If something else stands there, or it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning.panel import as_panel
    >>> from earlywarning.pipeline import EarlyWarning
    >>> panel = as_panel(pd.DataFrame({"authority": ["E06000001"], "metric": "debt",
    ...                                "period": "2021-22", "value": 5.0}))
    >>> with TemporaryDirectory() as folder:
    ...     out = write_result(EarlyWarning().fit(panel).score(panel), Path(folder, "out"))
    ...     read_result(out).run.counts["series"]
    1
    """
    place = place_of_results(out)
    run = run_of(result, inputs, dict(options or {}))
    tables = {name: getattr(result, name) for name in (*TABLES, *SINCE)} | dict(beside or {})
    with place.replaced() as part:
        for name, table in tables.items():
            write_table(table, part / f"{name}.csv")
        hashes = {path.name: sha256(path) for path in sorted(part.iterdir())}
        run = run.model_copy(update={"files": hashes})
        (part / RUN).write_text(run.to_json(), encoding="utf-8", newline="\n")
        if finish is not None:
            finish(Written(part, run))
    return Path(out)


def read_result(out: Path | str) -> Written:
    """Open a results folder.

    Parameters
    ----------
    out : path
        The folder.

    Returns
    -------
    Written
        Its run and tables.

    Raises
    ------
    DataRefusedError
        If it is missing, damaged, changed since, or of a later version; naming what is wrong.
    """
    folder = place_of_results(out).standing()
    run = _run(folder, str(out))
    problems = [
        problem
        for name in sorted((FILES - {RUN}) | (run.files.keys() & MAY_HOLD))
        if (problem := _damage(folder, name, run))
    ]
    if problems:
        raise DataRefusedError(
            f"'{out}' is not as it was written: {'; '.join(problems)}. Score again."
        )
    return Written(folder, run)


def _run(folder: Path, shown: str) -> Run:
    """Read `run.json`, or say what is wrong with the folder."""
    if not folder.is_dir():
        raise DataRefusedError(f"There is no results folder '{shown}'. Score first, with --out.")
    try:
        run = Run.model_validate_json((folder / RUN).read_bytes())
    except OSError as error:
        raise DataRefusedError(
            f"'{shown}' is no results folder: its {RUN} is missing or cannot be opened "
            f"({error.strerror}). Name the folder that score wrote."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise DataRefusedError(
            f"'{shown}' is damaged, or of another version: {RUN}: {place} {first['msg']}. "
            "Score again."
        ) from error
    if run.format > FORMAT:
        raise DataRefusedError(
            f"'{shown}' was written by a later version ({run.earlywarning}). "
            "Update earlywarning, or score again."
        )
    return run


def _damage(folder: Path, name: str, run: Run) -> str:
    """Say what is wrong with one table; nothing if it is as written."""
    try:
        same = sha256(folder / name) == run.files.get(name)
    except OSError:
        return f"{name} is missing"
    return "" if same else f"{name} is damaged or changed"
