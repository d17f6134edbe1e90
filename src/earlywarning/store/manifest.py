"""Which files are a store's, and what is in them?

`store.json` lists them; a file that it does not list is no part of the store. It is
replaced whole, so that every change of a store happens at one instant. An empty one stands
from before the first file until then: files without any have lost theirs.
"""

import datetime as dt
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from earlywarning import __version__
from earlywarning.errors import DataRefusedError
from earlywarning.store.disk import replaced

FORMAT = 1  # of the folder; raised when what is written cannot be read by what read it before
MANIFEST = "store.json"
ROWS, ISSUES = "rows", "issues"
FILE_NAME = rf"^({ROWS}|{ISSUES})-\d{{6,}}\.parquet$"  # never a name from the data
SURVEY = "Is this the folder that 'earlywarning store' wrote?"

FileName = Annotated[str, Field(pattern=FILE_NAME)]


class Part(BaseModel):
    """One file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: FileName
    sha256: str
    n_rows: int
    metrics: tuple[str, ...] = ()  # a group of rows each, in this order
    first: dt.date | None = None  # days of publication
    last: dt.date | None = None


class Label(BaseModel):
    """What one label of a period means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    period: str
    start: dt.date
    end: dt.date
    kind: str
    frequency: str


class Manifest(BaseModel):
    """All that a store consists of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    earlywarning_store: int = FORMAT
    written_by: str = __version__
    next_number: int = 1  # of a file
    authorities: tuple[str, ...] = ()
    names: dict[str, str] = {}
    periods: tuple[Label, ...] = ()
    rows: tuple[Part, ...] = ()
    issues: tuple[Part, ...] = ()

    @property
    def files(self) -> set[str]:
        """The names of all files."""
        return {part.file for part in (*self.rows, *self.issues)}

    def write(self, folder: Path) -> None:
        """Make this what the folder holds."""
        now = self.model_copy(update={"written_by": __version__})
        text = now.model_dump_json(indent=1) + "\n"
        replaced(folder / MANIFEST, text.encode())


def read_manifest(folder: Path) -> Manifest:
    """Read what a folder holds.

    Raises
    ------
    DataRefusedError
        If it is no store, not yet one, a damaged one, or one of a later version.
    """
    found = _read(folder)
    if not found.rows:
        raise DataRefusedError(
            f"There is no store in '{folder}' yet: its first writing has not ended. If it was "
            "stopped, store the files again."
        )
    return found


def begun(folder: Path) -> Manifest:
    """Return what a folder holds, to be changed; where it holds nothing, begin a store."""
    if not (folder / MANIFEST).exists():
        Manifest().write(folder)
    return _read(folder)


def _read(folder: Path) -> Manifest:
    """Read a manifest, also one that lists nothing yet."""
    try:
        text = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise DataRefusedError(
            f"There is no store in '{folder}': {MANIFEST} cannot be read ({error.strerror}). "
            f"{SURVEY}"
        ) from error
    try:
        head = _Head.model_validate_json(text)
        if head.earlywarning_store > FORMAT:
            raise DataRefusedError(
                f"The store '{folder}' was written by a later version ({head.written_by}). "
                "Update earlywarning."
            )
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise DataRefusedError(
            f"The store '{folder}' is damaged: {MANIFEST}: {place} {first['msg']}. "
            "Take it from a backup, or make it anew."
        ) from error


class _Head(BaseModel):
    """What every version's manifest begins with."""

    earlywarning_store: int
    written_by: str
