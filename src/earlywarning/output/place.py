"""How is a folder written whole or not at all?

Into `<name>.part` beside it, to the disk, and then renamed. The folder before is moved to
`<name>.old` first, and back if a run was killed in between. Nothing that is not ours is
ever replaced.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from earlywarning.errors import UsageError
from earlywarning.store.disk import renamed, saying_why, to_disk

if sys.platform != "win32":
    import fcntl

CLUTTER = {".DS_Store", "Thumbs.db", "desktop.ini"}  # left by file managers: no loss
SHOWN = 3  # strange files named in a message


@dataclass(frozen=True)
class Place:
    """Where a folder of a known kind is to stand.

    Parameters
    ----------
    out : Path
        The folder; what it stands in is made if it is not there.
    names : frozenset of str
        The files that such a folder may hold; `*` stands for anything.
    marker, begins : str, bytes
        The file by which such a folder is known, and how that file begins.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     place = Place(Path(folder, "out"), frozenset({"a.csv"}), "a.csv", b"id")
    ...     with place.replaced() as part:
    ...         _ = (part / "a.csv").write_bytes(b"id")
    ...     [path.name for path in Path(folder).rglob("*")]
    ['out', 'a.csv']
    """

    out: Path
    names: frozenset[str]
    marker: str
    begins: bytes

    @property
    def path(self) -> Path:
        """The folder, links followed."""
        return self.out.resolve()

    @property
    def part(self) -> Path:
        """Where it is written."""
        return self.path.with_name(f"{self.path.name}.part")

    @property
    def old(self) -> Path:
        """Where the folder before waits, for the moment between two renamings."""
        return self.path.with_name(f"{self.path.name}.old")

    @property
    def ours(self) -> bool:
        """Whether such a folder stands there."""
        return self._marked(self.path)

    def check(self) -> None:
        """Refuse a place where something else stands, and leave that untouched.

        Raises
        ------
        UsageError
            If there is a file, or a folder that holds anything but what we wrote; or if
            nothing can be written there.
        """
        if self.path in (Path.cwd(), *Path.cwd().parents):
            raise UsageError(f"'{self.out}' is the folder you are in. Name a new one.")
        for path in (self.path, self.part, self.old):
            if reason := self._in_the_way(path):
                raise UsageError(
                    f"'{self.out.with_name(path.name)}' {reason}: it is left untouched. "
                    "Move it away, or name another folder."
                )
        above = next(folder for folder in self.path.parents if folder.exists())
        if not (above.is_dir() and os.access(above, os.W_OK | os.X_OK)):
            raise UsageError(
                f"'{self.out}' cannot be written: '{above.name}' is no folder that may be "
                "written to. Name another."
            )

    @contextmanager
    def replaced(self) -> Iterator[Path]:
        """Give a folder to write into; when all is written, it takes the place's name.

        Raises
        ------
        UsageError
            If something else stands there, or it cannot be written.
        """
        with saying_why(self.out, "Make room or give way, or name another folder."):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with one_at_a_time(self.path.parent):
                self.check()
                self._recover()
                self.part.mkdir()
                try:
                    yield self.part
                    self._swap()
                finally:
                    shutil.rmtree(self.part, ignore_errors=True)

    def standing(self) -> Path:
        """Return the folder to read: the one before, where a run was killed in between."""
        return self.old if not self.path.exists() and self.old.is_dir() else self.path

    def _in_the_way(self, path: Path) -> str:
        """Say why a path may not be replaced; nothing if it may."""
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            return "is no folder"
        if not path.exists():
            return ""
        try:
            found = {entry.name for entry in path.iterdir()} - CLUTTER
        except OSError as error:
            return f"cannot be opened ({error.strerror})"
        strange = sorted(
            name for name in found if not any(fnmatchcase(name, known) for known in self.names)
        )
        if strange:
            more = f" and {len(strange) - SHOWN} more" if len(strange) > SHOWN else ""
            return f"holds other things ({', '.join(strange[:SHOWN])}{more})"
        whole = not found or path == self.part or self._marked(path)
        return "" if whole else f"has no {self.marker} of ours"

    def _marked(self, path: Path) -> bool:
        return begins_with(path / self.marker, self.begins)

    def _recover(self) -> None:
        """Clean up after a run that was killed."""
        if self.part.exists():
            shutil.rmtree(self.part)
        if self.standing() == self.old:
            renamed(self.old, self.path)
        elif self.old.exists():
            shutil.rmtree(self.old)

    def _swap(self) -> None:
        for written in (*self.part.rglob("*"), self.part):
            to_disk(written)
        if self.path.exists():
            renamed(self.path, self.old)
        renamed(self.part, self.path)
        to_disk(self.path.parent)
        shutil.rmtree(self.old, ignore_errors=True)


def begins_with(path: Path, begins: bytes) -> bool:
    """Return whether a file is there that begins so."""
    with suppress(OSError), path.open("rb") as file:
        return file.read(len(begins)) == begins
    return False


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait for whoever writes into the same folder; a process that was killed holds nothing."""
    if sys.platform == "win32":
        yield
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)
