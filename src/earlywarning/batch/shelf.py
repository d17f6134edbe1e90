"""Which runs stand in the folder of runs, and which of them is the latest?

A run is a results folder `<as_of>-<id>`. `latest.json` says which is the latest, and in which
order runs were published; it is replaced in one step. A link `latest` is kept beside it where
the system has links. What a run holds is not known here.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from earlywarning import __version__
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.output import Written, place_of_results, read_result
from earlywarning.store.disk import held, renamed, replaced

log = logging.getLogger(__name__)
POINTER, LINK = "latest.json", "latest"
NAME = r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}"
_RUN, _REST = re.compile(NAME), re.compile(rf"({NAME})\.(part|old)")


class Pointer(BaseModel):
    """What `latest.json` says."""

    model_config = ConfigDict(frozen=True)

    earlywarning: str  # the version that wrote it
    latest: str = Field(pattern=f"^{NAME}$")
    published: list[str]  # names of runs, the newest last


@dataclass(frozen=True)
class Shelf:
    """A folder of runs.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     shelf, name = Shelf(Path(folder)), "2024-07-31-0123456789ab"
    ...     (shelf.folder / name).mkdir()
    ...     shelf.publish(name)
    ...     shelf.latest, shelf.runs
    ('2024-07-31-0123456789ab', ['2024-07-31-0123456789ab'])
    """

    folder: Path

    @property
    def runs(self) -> list[str]:
        """The runs that stand here, as they were published; those that never were come first."""
        found = [entry.name for entry in self.folder.iterdir() if _is_run(entry)]
        order = {name: place for place, name in enumerate(self._pointer().published)}
        return sorted(found, key=lambda name: (order.get(name, -1), name))

    @property
    def latest(self) -> str:
        """The latest complete run's name; empty if there is none yet."""
        return self._pointer().latest if (self.folder / POINTER).exists() else ""

    def _pointer(self) -> Pointer:
        try:
            return Pointer.model_validate_json((self.folder / POINTER).read_bytes())
        except (OSError, ValidationError):
            return Pointer.model_construct(earlywarning=__version__, latest="", published=[])

    def whole(self, name: str) -> Written | None:
        """Open a run; none where it is not there, or is not as it was written."""
        with suppress(DataRefusedError):
            return read_result(self.folder / name) if _is_run(self.folder / name) else None
        return None

    def before(self, name: str) -> Written | None:
        """Open the latest run but this one, else the newest whole one; none if there is none."""
        pointer = self._pointer()
        names = [run for run in (*pointer.published, pointer.latest) if run != name]
        opened = (self.whole(run) for run in reversed(names))
        return next((run for run in opened if run is not None), None)

    def check(self, name: str) -> Path:
        """Return where a run is to stand; refuse a link there, which may lead anywhere."""
        run = self.folder / name
        if run.is_symlink():
            raise UsageError(f"'{self.folder.name}/{name}' is a link: it is left untouched. "
                             "Take it away.")  # fmt: skip
        place_of_results(run).check()
        return run

    def publish(self, name: str) -> None:
        """Say that a run, which stands here whole, is the latest."""
        known = self._pointer().published
        published = [run for run in self.runs if run in known and run != name] + [name]
        pointer = Pointer(earlywarning=__version__, latest=name, published=published)
        replaced(self.folder / POINTER, pointer.model_dump_json(indent=2).encode() + b"\n")
        self._link(name)

    def _link(self, name: str) -> None:
        """Let the link point where `latest.json` does; a system without links has none."""
        link, part = self.folder / LINK, self.folder / f"{LINK}.part"
        if link.is_symlink() and os.readlink(link) == name:  # noqa: PTH115  # not to be followed
            return
        try:
            part.symlink_to(name, target_is_directory=True)
            part.replace(link)
        except (OSError, NotImplementedError):  # no links here, or something else stands there
            part.unlink(missing_ok=True)

    def sweep(self) -> list[str]:
        """Clean up after a run that was killed, and return what was taken away or put back."""
        done = []
        for entry in sorted(self.folder.iterdir()):
            if entry.name in (f"{POINTER}.part", f"{LINK}.part"):
                entry.unlink()
                done.append(entry.name)
            elif (rest := _REST.fullmatch(entry.name)) and not entry.is_symlink():
                self._settle(entry, self.folder / rest[1])
                done.append(entry.name)
        if latest := self.latest:
            self._link(latest)
        return done

    def _settle(self, entry: Path, run: Path) -> None:
        """Put a run back that was about to be replaced; take half of one away."""
        if entry.suffix == ".old" and not run.exists():
            renamed(entry, run)
        else:
            shutil.rmtree(entry)

    def thin_out(self, keep: int) -> list[str]:
        """Take away all but the newest runs, never the latest, and return the names.

        One that another program has open is left for the next time.
        """
        gone = []
        for name in [name for name in self.runs[:-keep] if name != self.latest]:
            part = self.folder / f"{name}.part"  # in one step: never half a run under its name
            try:
                renamed(self.folder / name, part)
            except OSError as error:
                if not held(error):
                    raise
                log.warning("%s is open in another program: it is kept for now.", name)
                continue
            shutil.rmtree(part)
            gone.append(name)
        return gone


def _is_run(entry: Path) -> bool:
    return bool(_RUN.fullmatch(entry.name)) and entry.is_dir() and not entry.is_symlink()
