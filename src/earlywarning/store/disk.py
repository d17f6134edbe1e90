"""How does one writer at a time change a folder, and how is a file there whole or not at all?"""

import errno
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earlywarning.errors import UsageError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = "store.lock"
HELD = (5, 32, 33)  # what Windows says where another program has a file open
PATIENCE = (0.1, 0.3, 1.0)  # seconds until it is tried again: a virus scanner lets go by then
NOT_THERE = (errno.ENOENT, None)  # None: pandas says it itself


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, which goes with the process that holds it, however that ends.

    Raises
    ------
    UsageError
        If another process holds it.
    """
    number = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            if sys.platform == "win32":
                msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _busy(folder) from error
        except PermissionError as error:  # what Windows says of a lock that is held
            raise _busy(folder) from error
        yield
    finally:
        os.close(number)


def _busy(folder: Path) -> UsageError:
    return UsageError(
        f"Another process is writing into '{folder}'. Nothing was changed: try again later."
    )


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file to write: readers see the old one at `path` until it is written, then the new."""
    part = path.with_name(f"{path.name}.part")
    if os.path.lexists(part):  # left by a process that was killed, or a link to somewhere else
        part.unlink()
    try:
        yield part
        to_disk(part)
        renamed(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    to_disk(path.parent)


def renamed(path: Path, to: Path) -> None:
    """Rename a file or folder in one step; on Windows, wait for who has it open for a moment."""
    for wait in (*PATIENCE, None):
        try:
            path.replace(to)
            return
        except OSError as error:
            if wait is None or not held(error):
                raise
        time.sleep(wait)


def held(error: OSError) -> bool:
    """Return whether it is another program, such as Excel, that has a file open."""
    return getattr(error, "winerror", None) in HELD


def replaced(path: Path, content: bytes) -> None:
    """Write a file so that readers see the old one or the new."""
    with replacing(path) as part:
        part.write_bytes(content)


@contextmanager
def saying_why(path: Path, then: str = "") -> Iterator[None]:
    """Say which file cannot be written, why, and what then.

    Raises
    ------
    UsageError
        In place of what the operating system raises.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in NOT_THERE and not path.parent.exists():
            reason, then = f"there is no folder '{path.parent}'", "Make it, or name another."
        if held(error):
            then = f"Close it where it is open, in Excel for instance, and try again. {then}"
        raise UsageError(f"'{path}' cannot be written: {reason}. {then}".rstrip()) from error


def to_disk(path: Path) -> None:
    """Wait until a file, or a folder's list of files, is on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot
    number = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sha256(content: bytes) -> str:
    """Return what a file's content is known by.

    Examples
    --------
    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()
