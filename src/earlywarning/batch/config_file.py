"""What is wrong with a configuration file, all of it, and on which line?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from earlywarning.batch.config import Config, folder_of
from earlywarning.catalogue_file import nearest
from earlywarning.errors import UsageError, said
from earlywarning.readers.columns import ROLES
from earlywarning.settings import Settings

MOST_BYTES = 1 << 16  # of a configuration: thirty times the example
LONGEST = 2_000  # characters a line; the time to read a dotted key grows with its square
_HEADER = re.compile(r"\s*\[+\s*([^\[\]]+?)\s*\]+")
_KEY = re.compile(r"\s*([\w.\- \"']+?)\s*=")

Place = tuple[str, ...]


def read_config(path: Path) -> Config:
    r"""Read the configuration of a scheduled run, and check it.

    Parameters
    ----------
    path : Path
        A TOML file with the tables `inputs`, `output` and `settings`.

    Returns
    -------
    Config
        Every file that it names by itself is there; patterns are not yet looked for.

    Raises
    ------
    UsageError
        If it cannot be read, or naming all that is wrong in it, each with its line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "earlywarning.toml")
    ...     _ = path.write_text("[inputs]\nfiles = ['*.csv']\n[settings]\nmin_perods = 6\n")
    ...     read_config(path)
    Traceback (most recent call last):
    ...
    earlywarning.errors.UsageError: earlywarning.toml cannot be used; put right:
    line 4: settings.min_perods: no such key (did you mean 'min_periods'?).
    """
    text = _text(path)
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "tables within tables without end" if isinstance(error, RecursionError) else error
        raise UsageError(f"{path.name} cannot be read as TOML: {reason}.") from error
    try:
        return Config.model_validate(content, context={"folder": folder_of(path)})
    except ValidationError as error:
        lines = "\n".join(dict.fromkeys(_told(error, _lines(text))))
        raise UsageError(f"{path.name} cannot be used; put right:\n{lines}") from error


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise UsageError(f"'{path}' is a folder: name the TOML file in it.")
        if not path.exists():
            raise UsageError(f"There is no file '{path}'. Write one with 'earlywarning init'.")
        if not path.is_file():
            raise UsageError(f"'{path}' is no ordinary file. Name a TOML file.")
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"'{path}' has more than 64 KB: that is no configuration.")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"'{path}' cannot be opened: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"'{path}' is not UTF-8 text. Save it as UTF-8.") from error
    if not text.strip():
        raise UsageError(f"'{path}' is empty. Write one with 'earlywarning init'.")
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST:
            raise UsageError(
                f"'{path}': line {number} has more than {LONGEST:,} letters. Break it."
            )
    return text


def _lines(text: str) -> dict[Place, int]:
    """Return the line on which each key stands; where a key is not found, its table's counts."""
    places: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            places.setdefault(table, number)
        elif key := _KEY.match(line):
            places.setdefault((*table, *_parts(key[1])), number)
    return places


def _parts(dotted: str) -> Place:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _told(error: ValidationError, lines: dict[Place, int]) -> Iterator[str]:
    """Return a line a problem, in the file's order."""
    found = []
    for problem in error.errors(include_url=False):
        place = tuple(str(part) for part in problem["loc"] if part != "[key]")
        known = next((place[:n] for n in range(len(place), 0, -1) if place[:n] in lines), ())
        found.append((lines.get(known, 0), f"{'.'.join(place)}: {_sentence(problem, place)}"))
    for line, told in sorted(found):
        yield f"line {line}: {told}" if line else told


def _sentence(problem: Any, place: Place) -> str:
    kind, text = problem["type"], said(str(problem["msg"]))
    if kind == "extra_forbidden":
        return f"no such key{nearest(place[-1], _keys(place[:-1]))}."
    if kind == "missing":
        return "is missing. Write it."
    if kind == "literal_error" and place[:2] == ("inputs", "columns"):
        return f"no such role{nearest(place[-1], ROLES)}; one of {', '.join(ROLES)}."
    shown = kind != "value_error" and isinstance(problem["input"], str | int | float)
    given = f", not {str(problem['input'])[:60]!r}" if shown else ""
    return f"{text[:1].lower()}{text[1:]}{given}."


def _keys(table: Place) -> list[str]:
    """Return the keys that a table may have."""
    model: type[BaseModel] = Config
    for part in table:
        field = model.model_fields.get(part)
        kind = None if field is None else field.annotation
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return list(Settings.model_fields) if part == "settings" else []
        model = kind
    return list(model.model_fields)
