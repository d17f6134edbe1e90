"""Named arrays in one file, read back without trusting it.

The file is what `numpy.savez` writes: a zip archive whose members are not compressed, so that
none can be larger than the file. Before anything is read, names, sizes and kinds must be those
that the manifest lists; no member is ever unpacked to disk, and none can hold an object.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from earlywarning.errors import ModelError

Array = NDArray[Any]

MOST_BYTES = 8 * 2**30  # of a file of arrays: ten times what four million series need
SUFFIX = ".npy"
BROKEN = (  # what zipfile and numpy raise at files that are none of theirs
    zipfile.BadZipFile, zipfile.LargeZipFile, struct.error, OSError, EOFError, RuntimeError,
    ValueError, TypeError, SyntaxError, OverflowError, MemoryError,
)  # fmt: skip


class Kept(BaseModel):
    """What the manifest says of one array."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["<i8", "<f8", "|b1"]
    size: int = Field(ge=0, le=MOST_BYTES)
    sha256: str

    @property
    def n_bytes(self) -> int:
        """How much its numbers take."""
        return self.size * np.dtype(self.kind).itemsize


def kept(arrays: Mapping[str, Array]) -> dict[str, Kept]:
    """Return what the manifest is to say of flat arrays."""
    return {
        name: Kept(kind=array.dtype.str, size=array.size, sha256=_sha256(array.tobytes()))
        for name, array in sorted(arrays.items())
    }


def write_arrays(arrays: Mapping[str, Array], path: Path) -> None:
    """Write flat arrays into one file; the same arrays give the same bytes."""
    np.savez(path, **dict(sorted(arrays.items())))  # type: ignore[arg-type]


def read_arrays(file: BufferedReader, said: Mapping[str, Kept]) -> dict[str, Array]:
    """Read the arrays that a manifest lists, and no other.

    Parameters
    ----------
    file : binary file
        As `write_arrays` wrote it.
    said : mapping of str to Kept
        What the manifest says of each.

    Raises
    ------
    ModelError
        If there is anything in the file but these arrays, as they were written.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive, said, os.fstat(file.fileno()).st_size)
            return {name: _read(archive, name, one) for name, one in said.items()}
    except ModelError:
        raise
    except BROKEN as error:
        raise ModelError(f"it is no file of arrays ({type(error).__name__}: {error})") from error


def _check_members(archive: zipfile.ZipFile, said: Mapping[str, Kept], size: int) -> None:
    """Refuse an archive that is not exactly what the manifest lists, before reading from it."""
    members = archive.infolist()
    names, wanted = [member.filename for member in members], [name + SUFFIX for name in said]
    if strange := sorted(set(names) - set(wanted)):
        raise ModelError(f"it holds something that the manifest does not list: {strange[0]!r}")
    if missing := sorted(set(wanted) - set(names)):
        raise ModelError(f"it lacks {missing[0]!r}")
    if len(names) > len(wanted):
        raise ModelError("it holds the same name twice")
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
            raise ModelError(f"{member.filename!r} is compressed: a saved model is not")
    if sum(member.file_size for member in members) > size:
        raise ModelError("its arrays claim to be larger than the file")


def _read(archive: zipfile.ZipFile, name: str, one: Kept) -> Array:
    """Read one array, its kind and size checked before its numbers."""
    with archive.open(name + SUFFIX) as member:
        if npy.read_magic(member) != (1, 0):
            raise ModelError(f"the array {name} is of another version of NumPy's format")
        shape, _, dtype = npy.read_array_header_1_0(member)
        if dtype.hasobject:
            raise ModelError(f"the array {name} holds objects (a pickle), which are never loaded")
        if dtype.str != one.kind or shape != (one.size,):
            raise ModelError(f"the array {name} is not of the kind and size that are listed")
        numbers = member.read(one.n_bytes + 1)
    if len(numbers) != one.n_bytes or _sha256(numbers) != one.sha256:
        raise ModelError(f"the array {name} is damaged, altered or in another's place")
    return np.frombuffer(numbers, dtype=one.kind)


@contextmanager
def opened(path: Path, most: int = MOST_BYTES) -> Iterator[BufferedReader]:
    """Open a plain file of at most so many bytes; no link, no device.

    Raises
    ------
    ModelError
        If there is none such.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if stat.S_ISLNK(path.lstat().st_mode):
            raise ModelError(f"{path.name} is a link: a saved model holds plain files")
        number = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError as error:
        raise ModelError(f"{path.name} is missing") from error
    except OSError as error:
        raise ModelError(f"{path.name} cannot be opened ({error.strerror})") from error
    about = os.fstat(number)
    if not stat.S_ISREG(about.st_mode):
        os.close(number)
        raise ModelError(f"{path.name} is no plain file")
    with os.fdopen(number, "rb") as file:
        if about.st_size > most:
            raise ModelError(f"{path.name} is too large: {about.st_size:,} bytes")
        yield file


def _sha256(numbers: bytes) -> str:
    return hashlib.sha256(numbers).hexdigest()
