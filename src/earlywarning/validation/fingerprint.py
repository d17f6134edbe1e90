"""Are two configurations, or two tables, the same? A text of 64 letters says so.

It depends on what things hold and not on where they lie in memory, so that it is the same
in another process and on another machine.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel

from earlywarning.errors import UsageError

MISSING = "\ue000"  # a letter that no text has: missing is not empty


def fingerprint(*things: object) -> str:
    """Return the sha256 of what some things hold.

    Parameters
    ----------
    *things : object
        Numbers, texts, days, tables, arrays, functions by their name, settings, data classes,
        and sequences, sets and mappings of these.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    UsageError
        If there is something else among them.

    Examples
    --------
    >>> fingerprint({"b": 1, "a": [2.0]}) == fingerprint({"a": [2.0], "b": 1})
    True
    >>> fingerprint(1) == fingerprint("1")
    False
    """
    found = hashlib.sha256()
    for part in _parts(things):
        found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()


def _parts(thing: object) -> Iterator[bytes]:
    """Yield what a thing holds, each kind under its own name."""
    if isinstance(thing, pd.DataFrame | pd.Series | np.ndarray):
        yield from _of_table(thing)
    elif isinstance(thing, BaseModel):
        yield from _parts([type(thing).__name__, thing.model_dump()])
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        yield type(thing).__qualname__.encode()
        for field in dataclasses.fields(thing):
            yield from _parts([field.name, getattr(thing, field.name)])
    elif isinstance(thing, functools.partial):
        yield from _parts([thing.func, list(thing.args), thing.keywords])
    elif isinstance(thing, Mapping):
        yield b"mapping"
        for key in sorted(thing, key=str):
            yield from _parts([key, thing[key]])
    elif isinstance(thing, Set):
        yield from _parts(["set", sorted(thing, key=str)])
    elif isinstance(thing, Sequence) and not isinstance(thing, str | bytes):
        yield f"{len(thing)} of".encode()
        for one in thing:
            yield from _parts(one)
    else:
        yield _of_one(thing)


def _of_table(table: Any) -> Iterator[bytes]:
    frame = pd.DataFrame(table)
    yield f"table {frame.shape}".encode()
    for name, column in frame.items():
        plain = column
        if not pd.api.types.is_numeric_dtype(column) and column.dtype.kind != "M":  # words
            words = column.astype(object)
            plain = words.where(words.notna(), MISSING).astype(str).astype(object)
        yield str(name).encode()
        yield pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes()


def _of_one(thing: object) -> bytes:
    if thing is None or isinstance(thing, str | bytes | bool | int | float | dt.date):
        return f"{type(thing).__name__} {thing!r}".encode()
    if callable(thing) and hasattr(thing, "__qualname__"):
        return f"function {thing.__module__}.{thing.__qualname__}".encode()
    raise UsageError(f"A {type(thing).__name__} cannot be compared by what it holds: {thing!r}.")
