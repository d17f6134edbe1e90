"""Is another run at work in this folder?

A lock of the kernel's on the file `run.lock`: it falls with its process, however that ends, so
that a dead holder's is free at once. The file says who holds it. What else is in the folder
is not known here.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from earlywarning.errors import LockHeldError, UsageError

LOCK = "run.lock"
MOST_BYTES = 4096  # of what the holder says of itself
_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK)
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

if sys.platform == "win32":
    import msvcrt

    _BEYOND = 1 << 30  # the byte that is locked: what is locked cannot be read

    def _try(number: int) -> None:
        os.lseek(number, _BEYOND, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Holder(BaseModel):
    """Who holds the lock, and since when by its own clock."""

    model_config = ConfigDict(frozen=True)

    pid: int
    host: str
    started: dt.datetime

    def __str__(self) -> str:
        """Return it as one says it."""
        return f"process {self.pid} on {self.host}, started {self.started:%Y-%m-%d %H:%M:%S %Z}"


@contextmanager
def only_run(folder: Path, holder: Holder) -> Iterator[str]:
    """Hold a folder's lock, and give what a run that died with it had said of itself.

    Parameters
    ----------
    folder : Path
        The folder of runs; it is there.
    holder : Holder
        Who asks.

    Raises
    ------
    LockHeldError
        If another run holds it; it says which.
    UsageError
        If the folder has no room for a lock, or its file system gives none.
    """
    number = _opened(folder)
    try:
        before = _taken(number, folder, holder)
        try:
            yield before
        finally:
            with suppress(OSError):
                _say(number, b"")
    finally:
        os.close(number)


def _opened(folder: Path) -> int:
    try:
        return os.open(folder / LOCK, _FLAGS, 0o666)
    except OSError as error:
        raise UsageError(f"'{folder.name}/{LOCK}' cannot be opened: {error.strerror}.") from error


def _taken(number: int, folder: Path, holder: Holder) -> str:
    """Take the lock, and return who left it behind; empty if nobody did."""
    try:
        _try(number)
        before = _said(number)
        _say(number, holder.model_dump_json().encode())
    except OSError as error:
        if error.errno not in _TAKEN:
            raise UsageError(f"'{folder.name}/{LOCK}': no lock: {error.strerror}.") from error
        who = _said(number) or "it has just started"
        raise LockHeldError(
            f"Another run is at work in '{folder.name}' ({who}). Nothing was done."
        ) from error
    return before


def _said(number: int) -> str:
    """Return who wrote into the lock; nothing if nobody did, or what is there is not ours."""
    os.lseek(number, 0, os.SEEK_SET)
    said = os.read(number, MOST_BYTES)
    try:
        return str(Holder.model_validate_json(said)) if said else ""
    except ValidationError:
        return "a process that did not say its name"


def _say(number: int, text: bytes) -> None:
    os.ftruncate(number, 0)
    os.lseek(number, 0, os.SEEK_SET)
    os.write(number, text)
