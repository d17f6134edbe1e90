"""Files into the panel: what is in them, which column is which, what cells say.

`read_panel` is the one door. `files`, `workbooks`, `parquet` and `json_tables` open,
`shapes` knows the files of some publishers, `columns` recognises those of others, `wide` makes
long, `markers` and `rows` read the cells; the rules are the panel's.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from earlywarning.catalogue import Catalogue
from earlywarning.errors import ReadError, UsageError
from earlywarning.frames import as_pandas, is_frame
from earlywarning.panel import Panel, as_panel
from earlywarning.panel.rows import said, unsaid, words
from earlywarning.panel.when import one_day
from earlywarning.readers.files import Issues, Table, column_names, is_workbook, open_tables
from earlywarning.readers.rows import checked_rows
from earlywarning.readers.shapes import shape_of
from earlywarning.readers.wide import Hints, long_form
from earlywarning.schema import issue_row
from earlywarning.settings import Settings

__all__ = ["read_panel"]

OnePath = str | PathLike[str]
Source = OnePath | IntoFrame | Iterable[OnePath]


def read_panel(
    source: Source,
    *,
    columns: Mapping[str, str] | None = None,
    catalogue: Catalogue | None = None,
    settings: Settings | None = None,
    sheet: str | None = None,
    metric: str | None = None,
    period_kind: str | None = None,
    published: str | dt.date | None = None,
) -> Panel:
    """Read published metrics into a checked panel.

    Parameters
    ----------
    source : path, list of paths or DataFrame
        A DataFrame of pandas, polars or pyarrow, or a relation of duckdb. Files are CSV (also
        .csv.gz, and semicolons or tabs), Parquet, Excel (.xlsx, .xlsm) or JSON. Of a publisher
        that is known (`readers.shapes`), else long, or with one column a period, or one column a
        metric. Several files are read as one.
    columns : mapping, optional
        Role to column where the names are not recognised: ``{"authority": "my column"}``.
    catalogue, settings : optional
        As for `as_panel`.
    sheet : str, optional
        The one sheet of a workbook to read; the default is every sheet that is recognised. Of
        other files it is not used, and an issue says so.
    metric : str, optional
        The metric's name, for files that do not name it; the default is the file's own name.
    period_kind : str, optional
        Settles labels that can be read in two ways, such as "financial year".
    published : date-like, optional
        The day on which values became known, for rows that do not say it themselves.

    Returns
    -------
    Panel
        Its `issues` hold all that was refused, repaired or doubted, with file and row.

    Raises
    ------
    ReadError
        If a file is no table, has not the columns, or holds nothing that can be used. All files
        and all their problems are named at once.
    UsageError
        If `published` is no date, or there is no file.

    Examples
    --------
    >>> frame = pd.DataFrame({"Area Code": ["E06000001", "E06000002"], "Indicator": "debt",
    ...                       "Time period": "2022/23", "Value": ["1,234", "[c]"]})
    >>> panel = read_panel(frame)
    >>> panel.frame[["value", "status"]].to_numpy().tolist()
    [[1234.0, ''], [nan, 'suppressed']]
    """
    frames: list[pd.DataFrame] = []
    issues: Issues = []
    problems: list[str] = []
    day = None if published is None else one_day(published, "published").date().isoformat()
    for path in _sources(source):
        try:
            tables, found = _tables(path, sheet)
            issues += found + _unused(sheet, path)
            stem = path.name.split(".")[0] if isinstance(path, Path) else "value"
            hints = Hints(columns, metric, period_kind, stem)
            frames += [_dated(rows, day) for rows in _usable(tables, hints, issues)]
        except ReadError as error:
            problems.append(str(error))
    if problems:
        raise ReadError("\n".join(problems))
    frame = _together(frames)
    frames.clear()
    panel = as_panel(
        frame, catalogue=catalogue, settings=settings, issues=issues, period_kind=period_kind
    )
    if panel.frame.empty:
        refused = panel.issues[panel.issues["code"] != "lag_assumed"]
        raise _nothing_left(_called(source), refused["message"])
    return panel


def _dated(rows: pd.DataFrame, day: str | None) -> pd.DataFrame:
    """Return the rows with a day of publication; those that have one keep it."""
    if day is None:
        return rows
    days = words(rows["published"]) if "published" in rows else unsaid(len(rows))
    return rows.assign(published=said(days, days.codes < 0, day))


def _called(source: Source) -> str:
    """Return what the input is called in a message."""
    return ", ".join(p.name if isinstance(p, Path) else "The DataFrame" for p in _sources(source))


def _sources(source: Source) -> list[Path | pd.DataFrame]:
    if isinstance(source, str | PathLike):
        return [Path(source)]
    if is_frame(source):
        return [as_pandas(source)]
    if not isinstance(source, Iterable):
        raise UsageError(
            f"Give a path, a list of paths or a DataFrame, not {type(source).__name__}."
        )
    paths: list[Path | pd.DataFrame] = [Path(path) for path in source]
    if not paths:
        raise UsageError("There is no file to read. Give at least one path.")
    return paths


def _tables(path: Path | pd.DataFrame, sheet: str | None) -> tuple[list[Table], Issues]:
    if isinstance(path, Path):
        return open_tables(path, sheet)
    if path.empty:
        raise ReadError("The DataFrame has no rows.")
    frame = path.reset_index(drop=True)
    frame.columns = pd.Index(column_names([*frame]))
    return [Table("DataFrame", frame, np.arange(2, len(path) + 2))], []


def _unused(sheet: str | None, path: Path | pd.DataFrame) -> Issues:
    """Say that a sheet was asked for of what has none."""
    if sheet is None or (isinstance(path, Path) and is_workbook(path)):
        return []
    file = path.name if isinstance(path, Path) else "DataFrame"
    text = f"The file is no workbook: sheet='{sheet}' is not used."
    return [issue_row("read", "sheet_ignored", text, "Leave sheet= out.", file=file)]


def _usable(tables: list[Table], hints: Hints, issues: Issues) -> list[pd.DataFrame]:
    """Return the rows of one file's tables; of several sheets, of those that are recognised."""
    frames: list[pd.DataFrame] = []
    problems: list[str] = []
    found: Issues = []
    names = ", ".join(table.name for table in tables)
    tables = _known(tables, hints, found)
    while tables:
        table = tables.pop(0)  # its cells are not kept longer than needed
        if table.frame.empty:
            raise ReadError(f"{table.name} has a header and no rows. Download it again.")
        try:
            long, doubts = long_form(table, hints)
        except ReadError as error:
            problems.append(str(error))
            text, remedy = str(error), "Nothing, if the sheet holds no metrics."
            found.append(issue_row("read", "sheet_skipped", text, remedy, file=table.name))
            continue
        rows, more = checked_rows(long, table.name)
        found += doubts + more
        frames.append(rows)
    if not frames:
        raise ReadError("\n".join(problems))
    if not sum(len(rows) for rows in frames):
        raise _nothing_left(names, [str(issue["message"]) for issue in found])
    issues += found
    return frames


def _known(tables: list[Table], hints: Hints, found: Issues) -> list[Table]:
    """Return the sheets of a known shape, if there are any and no columns are named; else all."""
    known = [table for table in tables if not hints.columns and shape_of(table.frame)]
    for table in tables if known else []:
        if table not in known:
            text = "Another sheet is of a known shape: this one is left out."
            remedy = "Name it (sheet=) to have it read."
            found.append(issue_row("read", "sheet_skipped", text, remedy, file=table.name))
    return known or tables


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def _nothing_left(name: str, messages: Iterable[str]) -> ReadError:
    told = " ".join([*messages][:5])
    return ReadError(f"{name}: no row can be used. {told} Correct the rows, or the columns.")
