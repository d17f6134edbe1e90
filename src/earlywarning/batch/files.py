"""Which files does a run read, what is in each, and which of them cannot be used?

Patterns are looked for in the configuration's folder. A file that cannot be read becomes an
issue, and the others are read without it. What the columns mean is the readers' to know.
"""

from __future__ import annotations

import glob
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from earlywarning import __version__
from earlywarning.authorities import read_neighbours, read_register
from earlywarning.batch.config import Config, InputsTable
from earlywarning.batch.inputs import Inputs, joined, one_catalogue
from earlywarning.batch.shelf import NAME
from earlywarning.catalogue import BUILT_IN, Catalogue
from earlywarning.engagements import read_engagements
from earlywarning.errors import DataRefusedError, ReadError
from earlywarning.output import Input
from earlywarning.output.run import LIBRARIES, input_of
from earlywarning.panel import Panel
from earlywarning.readers import read_panel
from earlywarning.registry import load_model
from earlywarning.registry.loading import SUMS
from earlywarning.replies import read_challenges
from earlywarning.schema import issue_row
from earlywarning.settings import Settings

Issue = dict[str, object]


@dataclass(frozen=True)
class Files:
    """The files of one run, as they are when it starts.

    Attributes
    ----------
    inputs : list of Input
        Every file that will be read, with its size and hash; names are relative to the folder.
    panel : list of Path
        Those with metrics.
    issues : list of dict
        Names that match nothing, and files that cannot be opened.
    """

    config: Config
    folder: Path
    inputs: list[Input] = field(default_factory=list)
    panel: list[Path] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @cached_property
    def id(self) -> str:
        """What the run is made of, as twelve letters: inputs, configuration and versions."""
        said = {
            "inputs": [one.model_dump() for one in self.inputs],
            "issues": [issue["message"] for issue in self.issues],
            "config": self.config.model_dump(mode="json", exclude={"output": {"folder", "keep"}}),
            "versions": [__version__, *(version(name) for name in LIBRARIES)],
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]

    def refuse_changed(self) -> None:
        """Refuse files that are no longer as they were when the run started."""
        now = found_files(self.config, self.folder).inputs
        changed = [one.name for one in self.inputs if one not in now]
        if changed:
            raise DataRefusedError(
                f"{', '.join(changed)}: changed while it was read. Run again once it is "
                "whole; to be safe, let downloads take their name when they are done."
            )


def found_files(config: Config, folder: Path) -> Files:
    """Look for the files that a configuration names, and take their hashes.

    Parameters
    ----------
    config : Config
        The configuration.
    folder : Path
        Its folder.
    """
    found = Files(config, folder)
    others = dict(_named(config))
    taken = {(folder / name).resolve() for name in others}
    for name in _matches(config, folder, found.issues):
        path = folder / name
        if path.resolve() not in taken and _added("panel", name, found):
            taken.add(path.resolve())
            found.panel.append(path)
    for name, role in others.items():
        _added(role, name, found)
    return found


def _named(config: Config) -> Iterator[tuple[str, str]]:
    """Return the files that are named one by one, and the role of each."""
    table = config.inputs
    yield from ((name, "catalogue") for name in table.catalogue if name not in BUILT_IN)
    for role in ("authorities", "neighbours", "engagements", "challenges"):
        if (name := getattr(table, role)) is not None:
            yield name, role
    if table.model is not None:
        yield f"{table.model}/{SUMS}", "model"  # the hashes of all that is in it


def _matches(config: Config, folder: Path, issues: list[Issue]) -> list[str]:
    """Return the files that the patterns match, but for those a run wrote, sorted by name."""
    found: set[str] = set()
    for pattern in config.inputs.files:
        names = glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207  # also absolute
        names = [n for n in names if (folder / n).is_file() and not _is_ours(n, config, folder)]
        found.update(Path(name).as_posix() for name in names)
        if not names:
            text = f"No file matches {pattern!r}."
            remedy = "Check the pattern, and whether the download came."
            issues.append(issue_row("read", "no_file", text, remedy, file=pattern))
    return sorted(found)


def _is_ours(name: str, config: Config, folder: Path) -> bool:
    """Return whether a file lies in a run."""
    runs, path = (folder / config.output.folder).resolve(), (folder / name).resolve()
    below = path.relative_to(runs).parts if path.is_relative_to(runs) else ()
    return len(below) > 1 and re.match(NAME, below[0]) is not None


def _added(role: str, name: str, found: Files) -> bool:
    path = found.folder / name
    shown = name if not Path(name).is_absolute() else path.name
    try:
        found.inputs.append(input_of(role, path).model_copy(update={"name": shown}))
    except OSError as error:
        text = f"{shown} cannot be opened: {error.strerror}."
        found.issues.append(
            issue_row("read", "file_refused", text, "Make it readable.", file=shown)
        )
        return False
    return True


def read_files(files: Files) -> tuple[Inputs, list[Issue]]:
    """Read all files of a run; those that cannot be used are issues.

    Returns
    -------
    Inputs
        What was read.
    list of dict
        Rows of issues: the files that were left out.

    Raises
    ------
    ReadError
        If no file with metrics can be used.
    DataRefusedError
        If the catalogue, the register, the neighbours, the engagements or the model cannot be.
    """
    table, folder = files.config.inputs, files.folder
    engagements = (
        None if table.engagements is None else read_engagements(folder / table.engagements)
    )
    if table.model is not None:
        model = load_model(folder / table.model)
        catalogue, register, neighbours = model.catalogue, model.register, model.neighbours
    else:
        model = None
        catalogue = one_catalogue(
            name if name in BUILT_IN else str(folder / name) for name in table.catalogue
        )
        register, neighbours = _who(table, folder)
    settings = files.config.settings if model is None else model.settings
    panel, issues = _panel(files, catalogue, settings)
    inputs = joined(panel, catalogue, register, neighbours)
    replies, refused = _replies(files)
    read = replace(inputs, engagements=engagements, challenges=replies, model=model)
    return read, files.issues + issues + refused


def _who(table: InputsTable, folder: Path) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return the register and the neighbours, where there are any."""
    register = None if table.authorities is None else read_register(folder / table.authorities)
    if table.neighbours is None:
        return register, None
    return register, read_neighbours(folder / table.neighbours, set_name=table.neighbour_set)


def _replies(files: Files) -> tuple[pd.DataFrame | None, list[Issue]]:
    """Read the log of challenges, if there is one; one that cannot be used is an issue."""
    name = files.config.inputs.challenges
    if name is None:
        return None, []
    try:
        return read_challenges(files.folder / name), []
    except DataRefusedError as error:
        remedy = "The run went on without replies. Put the log right."
        shown = Path(name).name
        return None, [issue_row("read", "file_refused", str(error), remedy, file=shown)]


def _panel(
    files: Files, catalogue: Catalogue | None, settings: Settings
) -> tuple[Panel, list[Issue]]:
    """Read the files with metrics together; if that fails, those of them that can be read."""
    if not files.panel:
        raise ReadError(" ".join(str(issue["message"]) for issue in files.issues))
    try:
        return _read(files, files.panel, catalogue, settings), []
    except DataRefusedError:
        good, issues = _sorted_out(files, catalogue, settings)
        if not issues:  # each by itself can be read
            raise
    if not good:
        raise ReadError("\n".join(str(issue["message"]) for issue in issues))
    return _read(files, good, catalogue, settings), issues


def _sorted_out(
    files: Files, catalogue: Catalogue | None, settings: Settings
) -> tuple[list[Path], list[Issue]]:
    """Return the files that can be read, and an issue for each that cannot."""
    good, issues = [], []
    for path in files.panel:
        try:
            _read(files, [path], catalogue, settings)
        except DataRefusedError as error:
            remedy = "The run went on without this file. Put it right, or take it away."
            text = " ".join(str(error).split())
            issues.append(issue_row("read", "file_refused", text, remedy, file=path.name))
        else:
            good.append(path)
    return good, issues


def _read(
    files: Files, paths: Sequence[Path], catalogue: Catalogue | None, settings: Settings
) -> Panel:
    table = files.config.inputs
    return read_panel(
        paths,
        columns={str(role): name for role, name in table.columns.items()} or None,
        catalogue=catalogue,
        settings=settings,
        sheet=table.sheet,
        metric=table.metric,
        period_kind=table.period_kind,
    )
