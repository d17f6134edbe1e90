"""Does a catalogue, in a file or a table, keep its rules?

`read_rows` opens a TOML or CSV file, `checked` refuses all that is wrong at once
and fills in what may be left out, `write_toml` writes a table that reads back the
same. What a metric means is settled in `earlywarning.catalogue`.
"""

import csv
import difflib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from earlywarning import schema
from earlywarning.errors import CatalogueError
from earlywarning.units import UNITS

Aliases = Mapping[str, Sequence[str]]

REQUIRED = ("metric", "higher_is")
NUMBERS = ("lag_days", "target")
TEXTS = tuple(column for column in schema.CATALOGUE if column not in NUMBERS)
WORDS: dict[str, tuple[str, ...]] = {
    "unit": tuple(UNITS),
    "higher_is": schema.HIGHER_IS,
    "frequency": ("", *schema.FREQUENCIES),
    "transform": ("", *schema.TRANSFORMS),
}

HEADER = """\
# A catalogue for earlywarning: one [[metric]] table for each metric.
#
# metric     its name in the data files, exactly
# aliases    other names or codes it is published under, e.g. ["ASC1"]; may be left out
# higher_is  "better", "worse", or "context" where neither is sure; context earns no points
# theme      metrics of one theme are judged together
# unit       {units}
# frequency  {frequencies}
# lag_days   days from the end of a period until its value is published
# transform  {transforms}; left out, it follows from the unit
# target     a value to reach; may be left out
# source     the publication: title, publisher, year
"""


def nearest(word: str, words: Iterable[str]) -> str:
    """Return a hint at the known word most like the one given, or nothing.

    Examples
    --------
    >>> nearest("wors", ["better", "worse"])
    " (did you mean 'worse'?)"
    """
    found = difflib.get_close_matches(word.lower(), list(words), n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def readable(metric: str) -> str:
    """Return a title made of a metric's name.

    Examples
    --------
    >>> readable("council_tax_collected")
    'Council tax collected'
    """
    spaced = metric if re.search(r"\s", metric) else re.sub(r"[_-]+", " ", metric).strip()
    return spaced[:1].upper() + spaced[1:]


def read_rows(path: Path) -> tuple[pd.DataFrame, Aliases]:
    """Open a catalogue file; its rows are not yet checked.

    Parameters
    ----------
    path : Path
        A TOML file of `[[metric]]` tables, or a CSV file with the same names as columns.

    Returns
    -------
    DataFrame
        One row a metric, as written.
    mapping of str to sequence of str
        The aliases of each metric that has any.

    Raises
    ------
    CatalogueError
        If the file is missing, is neither TOML nor CSV, or cannot be read as what it is.
    """
    if path.suffix.lower() not in (".toml", ".csv"):
        raise CatalogueError(
            f"{path}: a catalogue is a .toml or a .csv file. Rename or save it so."
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be opened ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path}: is not UTF-8 text. Save it as UTF-8.") from error
    return _toml_rows(text, path) if path.suffix.lower() == ".toml" else _csv_rows(text, path)


def _csv_rows(text: str, path: Path) -> tuple[pd.DataFrame, Aliases]:
    reader = csv.DictReader(text.splitlines(keepends=True), restkey="(beyond the header)")
    try:
        rows = list(reader)
    except csv.Error as error:
        raise CatalogueError(f"{path}: cannot be read as CSV: {error}.") from error
    return pd.DataFrame(rows or {name: [] for name in reader.fieldnames or ()}, dtype=object), {}


def _toml_rows(text: str, path: Path) -> tuple[pd.DataFrame, Aliases]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path}: cannot be read as TOML: {error}.") from error
    rows = content.pop("metric", [])
    problems = [f"unknown table {key!r}{nearest(key, ['metric'])}." for key in content]
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        problems.append("no [[metric]] tables. Write one for each metric.")
        rows = []
    aliases = {str(row.get("metric")): row.pop("aliases") for row in rows if "aliases" in row}
    problems += [
        f"metric {name!r}: aliases is not a list of texts."
        for name, names in aliases.items()
        if not (isinstance(names, list) and all(isinstance(one, str) for one in names))
    ]
    _refuse(problems, str(path))
    return pd.DataFrame(rows, dtype=object), aliases


def checked(rows: pd.DataFrame, where: str) -> pd.DataFrame:
    """Check a catalogue's rows, and fill in what may be left out.

    Parameters
    ----------
    rows : DataFrame
        Any of the columns `schema.CATALOGUE`; `metric` and `higher_is` must be there.
    where : str
        The file, for messages.

    Returns
    -------
    DataFrame
        Columns `schema.CATALOGUE`: `lag_days` Int64, `target` float, the rest text.

    Raises
    ------
    CatalogueError
        Naming every row and column that breaks a rule, and the nearest known word.
    """
    _refuse(_column_problems(rows), where)
    table = _cells(rows.reindex(columns=list(schema.CATALOGUE)))
    _refuse([*_text_problems(table), *_word_problems(table), *_number_problems(table)], where)
    title = table["metric"].map(readable)
    transform = table["unit"].map({unit: UNITS[unit].transform for unit in UNITS})
    table["title"] = table["title"].where(table["title"] != "", title)
    table["theme"] = table["theme"].where(table["theme"] != "", schema.NO_THEME)
    table["transform"] = table["transform"].where(table["transform"] != "", transform)
    numbers = {column: table[column].map(_number).astype(float) for column in NUMBERS}
    table = table.assign(**numbers).astype(dict.fromkeys(TEXTS, str))
    return table.astype({"lag_days": "Int64"})


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the cells as they are; an empty text where one says nothing."""
    given = {name: ["" if _says_nothing(cell) else cell for cell in rows[name]] for name in rows}
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in given.items()})


def _says_nothing(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell != cell


def _refuse(problems: Sequence[str], where: str) -> None:
    if problems:
        raise CatalogueError(f"{where}: {' '.join(problems)}")


def _column_problems(rows: pd.DataFrame) -> list[str]:
    strange = [str(column) for column in rows.columns if column not in schema.CATALOGUE]
    return [
        *(f"column {name!r} is missing. Add it." for name in REQUIRED if name not in rows.columns),
        *(f"unknown column {name!r}{nearest(name, schema.CATALOGUE)}." for name in strange),
    ]


def _text_problems(table: pd.DataFrame) -> list[str]:
    """Find what is not text, and metrics without a name or there twice."""
    problems = [
        f"metric {name!r}: {column} {value!r} is not text."
        for column in TEXTS
        for name, value in zip(table["metric"], table[column], strict=True)
        if not (isinstance(value, str) and _is_unicode(value))
    ]
    if problems:
        return problems
    nameless = table.index[table["metric"].str.strip() == ""] + 1
    problems += [f"row {number} has no metric. Name it." for number in nameless]
    named = table.loc[table["metric"].str.strip() != "", "metric"]
    repeated = named[named.duplicated()].unique()
    return problems + [f"metric {name!r} is repeated. Keep one." for name in repeated]


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _word_problems(table: pd.DataFrame) -> list[str]:
    return [
        f"metric {name!r}: {column} {value!r} is none of {_listed(words)}"
        f"{nearest(str(value), words)}."
        for column, words in WORDS.items()
        for name, value in zip(table["metric"], table[column], strict=True)
        if value not in words
    ]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(word for word in words if word)


def _number_problems(table: pd.DataFrame) -> list[str]:
    problems = []
    for name, lag, target in zip(table["metric"], table["lag_days"], table["target"], strict=True):
        days, aim = _number(lag), _number(target)
        if lag != "" and not (math.isfinite(days) and days >= 0 and days == round(days)):
            problems.append(f"metric {name!r}: lag_days {lag!r} is not a whole number of days.")
        if target != "" and not math.isfinite(aim):
            problems.append(f"metric {name!r}: target {target!r} is not a number.")
    return problems


def _number(value: object) -> float:
    """Return a number, NaN for anything that is none."""
    try:
        return float(str(value))
    except ValueError:
        return math.nan


def write_toml(table: pd.DataFrame, path: str | Path, *, aliases: Aliases | None = None) -> None:
    """Write a catalogue as TOML, with a comment that says how to fill it in.

    Parameters
    ----------
    table : DataFrame
        Columns `schema.CATALOGUE`, such as `Catalogue.table` or a `draft`.
    path : str or Path
        The file to write; one that is there is replaced.
    aliases : mapping of str to sequence of str, optional
        Other names of a metric, by its name.

    Raises
    ------
    CatalogueError
        If the table breaks a catalogue's rules: what is written can be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> table = pd.DataFrame({"metric": ["recycling"], "higher_is": ["better"]})
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.toml")
    ...     write_toml(table, path)
    ...     tomllib.loads(path.read_text())["metric"][0]["higher_is"]
    'better'
    """
    rows = _cells(checked(table, str(path)).astype(object))
    if "transform" in table:  # a draft's is empty, to follow from the unit once that is filled in
        rows["transform"] = _cells(table[["transform"]])["transform"]
    header = HEADER.format(
        units=_listed(UNITS),
        frequencies=_listed(schema.FREQUENCIES),
        transforms=_listed(schema.TRANSFORMS),
    )
    others = aliases or {}
    tables = [_toml_table(row, others.get(row["metric"], ())) for row in rows.to_dict("records")]
    Path(path).write_text("\n".join([header, *tables]), encoding="utf-8", newline="\n")


def _toml_table(row: Mapping[object, object], aliases: Sequence[str]) -> str:
    given = {key: value for key, value in row.items() if value != "" or key in TEXTS}
    lines = [f"{key} = {_toml_value(value)}" for key, value in given.items()]
    if aliases:
        lines.insert(1, f"aliases = [{', '.join(map(_toml_value, aliases))}]")
    return "\n".join(["[[metric]]", *lines, ""])


def _toml_value(value: object) -> str:
    """Write a number, or a basic string: JSON's escapes, and DEL, which TOML wants escaped."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
