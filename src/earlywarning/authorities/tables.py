"""How is a table about authorities opened, and which of its columns is which?"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pandas as pd
from narwhals.typing import IntoFrame

from earlywarning.errors import DataRefusedError, RegisterError
from earlywarning.frames import as_pandas

Source = str | PathLike[str] | IntoFrame
Names = Mapping[str, tuple[str, ...]]
Refusal = type[DataRefusedError]
HEADER = 2  # the first row of data, as a spreadsheet counts: the header is row 1
SHOWN = 5  # values named in a message; the rest are counted

P = ParamSpec("P")
R = TypeVar("R")


def naming_the_file(read: Callable[P, R]) -> Callable[P, R]:
    """Make a reader of a `source` say which file it is that breaks the rules."""

    @wraps(read)
    def reading(*args: P.args, **words: P.kwargs) -> R:
        try:
            return read(*args, **words)
        except DataRefusedError as error:
            source = args[0] if args else words.get("source")
            name = Path(source).name if isinstance(source, str | PathLike) else ""
            if not name or name in str(error):
                raise
            raise type(error)(f"{name}: {error}") from error

    return reading


def opened(source: Source, *, error: Refusal = RegisterError) -> pd.DataFrame:
    """Return the table, every cell as text, its columns in small letters without spaces."""
    if not isinstance(source, str | PathLike):
        table = as_pandas(source).copy()
    else:
        try:
            table = pd.read_csv(Path(source), dtype=str, encoding="utf-8-sig")
        except (
            OSError,
            ValueError,
            EOFError,
        ) as reason:  # pandas' own reading errors are ValueErrors
            raise error(f"{Path(source).name} cannot be read as a CSV file: {reason}.") from reason
    table.columns = pd.Index([str(name).strip().lower().replace(" ", "_") for name in table])
    return table.reset_index(drop=True)


def named(
    table: pd.DataFrame, names: Names, needed: Iterable[str], *, error: Refusal = RegisterError
) -> pd.DataFrame:
    """Return the columns by our names, a column that is not there left out."""
    found = {
        ours: next((name for name in usual if name in table.columns), None)
        for ours, usual in names.items()
    }
    refuse(
        [f"no column {ours!r}: name it one of {', '.join(names[ours])}."
         for ours in needed if found[ours] is None],
        error=error,
    )  # fmt: skip
    return pd.DataFrame(
        {ours: column(table, theirs) for ours, theirs in found.items() if theirs is not None}
    )


def column(table: pd.DataFrame, name: str) -> "pd.Series[Any]":
    """Return the first column of this name."""
    return table.loc[:, name] if table.columns.is_unique else table.iloc[:, list(table).index(name)]


def as_text(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return trimmed text; what is empty is missing."""
    text = values.astype(object).where(values.notna(), "").astype(str).str.strip()
    return text.where(text != "")


def listed(values: Iterable[object]) -> str:
    """Return the first few values, and how many more there are.

    Examples
    --------
    >>> listed("abcdefg")
    'a, b, c, d, e and 2 more'
    """
    every = [str(value) for value in dict.fromkeys(values)]
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more


def refuse(problems: list[str], *, error: Refusal = RegisterError) -> None:
    """Raise one error that names every problem, if there is any."""
    if problems:
        sentences = " ".join(problem[0].upper() + problem[1:] for problem in problems)
        raise error(sentences)
