"""What was run on what: the versions, settings, inputs and counts of one result."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from earlywarning import __version__
from earlywarning.result import Result
from earlywarning.settings import Settings

FORMAT = 1  # of the folder; raised when a file or column is renamed or taken away
LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn")


class Input(BaseModel):
    """One file that was read."""

    model_config = ConfigDict(frozen=True)

    role: str
    name: str
    size: int  # bytes
    sha256: str


class Run(BaseModel):
    """What `run.json` says."""

    model_config = ConfigDict(frozen=True)

    earlywarning: str  # the version that wrote it
    format: int
    as_of: dt.date
    counts: dict[str, int]
    expected_false_flags: float
    inputs: list[Input]
    options: dict[str, str | list[str]]
    settings: Settings
    versions: dict[str, str]
    files: dict[str, str]  # each table's sha256

    def to_json(self) -> str:
        """Return it as text, the same for the same run."""
        return self.model_dump_json(indent=2) + "\n"


def input_of(role: str, path: Path) -> Input:
    """Return a file's name, size and hash.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "panel.csv")
    ...     _ = path.write_text("value")
    ...     input_of("panel", path).size
    5
    """
    return Input(role=role, name=path.name, size=path.stat().st_size, sha256=sha256(path))


def run_of(result: Result, inputs: Iterable[Input], options: dict[str, str | list[str]]) -> Run:
    """Describe a run; the tables' hashes are filled in when they are written."""
    return Run(
        earlywarning=__version__,
        format=FORMAT,
        as_of=result.as_of.date(),
        counts=result.counts,
        expected_false_flags=float(result.expected_false_flags),
        inputs=list(inputs),
        options=options,
        settings=result.settings,
        versions={name: version(name) for name in LIBRARIES},
        files={},
    )


def sha256(path: Path) -> str:
    """Return a file's hash."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
