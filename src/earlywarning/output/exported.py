"""A result in one file for others: a workbook, JSON, or a folder of Parquet files.

The results folder stays the record: these are copies of it, made from it or from a `Result`.
Each is written whole or not at all.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from earlywarning import schema
from earlywarning.errors import UsageError
from earlywarning.output.cells import kind_of
from earlywarning.output.place import Place, begins_with
from earlywarning.output.results import SINCE, read_result
from earlywarning.output.run import Run, run_of
from earlywarning.output.workbook import CREATOR, workbook
from earlywarning.readers.workbooks import BROKEN
from earlywarning.result import Result
from earlywarning.store.disk import replaced, saying_why

Form = Literal["excel", "json", "parquet"]
ENDINGS: dict[str, Form] = {".xlsx": "excel", ".json": "json", "": "parquet"}
RUN = "run.json"
PROPERTIES, MOST_PROPERTIES = "docProps/core.xml", 1 << 16  # of a workbook; bytes
EDITED = (b"<cp:lastModifiedBy", b"<cp:revision")  # one of them is added by Excel, LibreOffice
JSON_FORMAT = 1  # raised when a field is renamed or taken away
COLUMNS: dict[str, tuple[str, ...]] = {
    "signals": schema.SIGNALS,
    "flags": schema.FLAGS,
    "authorities": schema.AUTHORITIES,
    "contributions": schema.CONTRIBUTIONS,
    "trends": schema.TRENDS,
    "anomalies": schema.ANOMALIES,
    "flagged_breaks": schema.BREAKS,
    "metrics": schema.CATALOGUE,
    "issues": schema.ISSUES,
    **SINCE,
}
KINDS: dict[str, dict[str, Any]] = {
    "number": {"type": ["number", "string", "null"]},  # "inf" and "-inf" are texts
    "whole": {"type": ["integer", "null"]},
    "day": {"type": ["string", "null"], "format": "date"},
    "truth": {"type": "boolean"},
    "text": {"type": ["string", "null"]},
}

Tables = Mapping[str, pd.DataFrame]


def export_result(source: Result | str | PathLike[str], to: str | PathLike[str]) -> Path:
    """Write all tables of a result as a workbook, as JSON or as Parquet files.

    Parameters
    ----------
    source : Result or path
        A result, or the folder it was written to.
    to : path
        Ending in `.xlsx`, a workbook with a summary and a sheet a table; in `.json`, one object
        as `docs/result_schema.json` says; without an ending, a folder of Parquet files.

    Returns
    -------
    Path
        The file or folder; an earlier one of ours is replaced.

    Raises
    ------
    UsageError
        If the ending is another, a table is too long for a sheet, another's file stands
        there, or it cannot be written.
    DataRefusedError
        If the results folder is missing or damaged.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    >>> result = EarlyWarning().fit_score(panel)
    >>> with TemporaryDirectory() as folder:
    ...     path = export_result(result, Path(folder, "result.json"))
    ...     sorted(json.loads(path.read_text()))
    ['earlywarning_result', 'run', 'tables']
    """
    path = Path(to)
    form = ENDINGS.get(path.suffix.lower())
    if form is None:
        raise UsageError(
            f"'{path.name}' ends in nothing that is known: write .xlsx for a workbook, .json, or "
            "no ending for a folder of Parquet files."
        )
    if path.exists() and form in OURS and not OURS[form](path):
        raise UsageError(
            f"'{path}' is there already, and no result of ours or edited since. Name another file."
        )
    tables, run = _told(source)
    with saying_why(path, "Name another."):
        WRITE[form](tables, run, path)
    return path


def schema_text() -> str:
    """Return the JSON Schema of an exported result, as `docs/result_schema.json` holds it."""
    run = Run.model_json_schema(ref_template="#/$defs/{model}", mode="serialization")
    kinds = run.pop("$defs", {})
    told = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Result of earlywarning",
        "type": "object",
        "required": ["earlywarning_result", "run", "tables"],
        "properties": {
            "earlywarning_result": {"const": JSON_FORMAT},
            "run": run,
            "tables": {
                "type": "object",
                "required": [*COLUMNS],
                "properties": {name: _rows_of(columns) for name, columns in COLUMNS.items()},
            },
        },
        "$defs": kinds,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _rows_of(columns: Sequence[str]) -> dict[str, Any]:
    """Return the schema of a table: a list of rows, each with all of its columns."""
    row = {
        "type": "object",
        "required": [*columns],
        "properties": {name: KINDS[kind_of(name)] for name in columns},
        "patternProperties": {f"^{schema.THEME}": KINDS["number"]},
        "additionalProperties": False,
    }
    return {"type": "array", "items": row}


def _told(source: Result | str | PathLike[str]) -> tuple[Tables, Run]:
    """Return a result's tables by name, and what was run."""
    if isinstance(source, Result):
        return {name: getattr(source, name) for name in COLUMNS}, run_of(source, [], {})
    written = read_result(Path(source))
    return {name: written.table(name) for name in COLUMNS}, written.run


def _excel(tables: Tables, run: Run, path: Path) -> None:
    book, content = workbook(tables, run), io.BytesIO()
    book.save(content)
    path.parent.mkdir(parents=True, exist_ok=True)
    replaced(path, content.getvalue())


def _json(tables: Tables, run: Run, path: Path) -> None:
    told = {
        "earlywarning_result": JSON_FORMAT,
        "run": run.model_dump(mode="json"),
        "tables": {name: _records(table) for name, table in tables.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    replaced(path, f"{text}\n".encode())


def _is_our_book(path: Path) -> bool:
    """Return whether a file is a workbook that was written here, and saved by no one since."""
    try:
        with zipfile.ZipFile(path) as book, book.open(PROPERTIES) as properties:
            said = properties.read(MOST_PROPERTIES)
    except BROKEN:
        return False
    return f"<dc:creator>{CREATOR}".encode() in said and not any(one in said for one in EDITED)


def _is_our_json(path: Path) -> bool:
    """Return whether a file is JSON that was written here."""
    return begins_with(path, b'{"earlywarning_result":')


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON takes them: days as text, what is not there as null."""
    columns = {str(name): _plain(table[name]) for name in table}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(column: pd.Series[Any]) -> list[Any]:
    if column.dtype.kind == "M":
        column = column.dt.strftime("%Y-%m-%d")
    cells = column.astype(object)
    cells = cells.where(cells.notna(), None)
    return [_number(cell) for cell in cells.to_list()]


def _number(cell: object) -> object:
    """Return a number that JSON has, or the text of one that it has not."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, pd.Timestamp):
        return f"{cell:%Y-%m-%d}"
    return str(cell) if isinstance(cell, float) and not np.isfinite(cell) else cell


def _parquet(tables: Tables, run: Run, path: Path) -> None:
    names = frozenset({RUN, *(f"{name}.parquet" for name in COLUMNS)})
    with Place(path, names, RUN, b'{\n  "earlywarning":').replaced() as part:
        for name, table in tables.items():
            texts = [column for column in table if table[column].dtype == object]
            plain = table.astype({column: "string" for column in texts if _mixed(table[column])})
            plain.to_parquet(part / f"{name}.parquet", index=False)
        (part / RUN).write_text(run.to_json(), encoding="utf-8", newline="\n")


def _mixed(column: pd.Series[Any]) -> bool:
    """Return whether a column of objects holds texts, or nothing at all."""
    return pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty", "mixed")


WRITE: dict[Form, Callable[[Tables, Run, Path], None]] = {
    "excel": _excel, "json": _json, "parquet": _parquet,
}  # fmt: skip
OURS: dict[Form, Callable[[Path], bool]] = {  # a folder is its place's to know
    "excel": _is_our_book, "json": _is_our_json,
}  # fmt: skip
