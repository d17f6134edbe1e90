"""Which tables are in an Excel workbook, and is it safe to open?

A workbook is a zip file of XML. What it claims to hold is checked before it is
opened, and what it really holds is counted while it is read: neither a
bomb nor a false size can fill the memory.
"""

import warnings
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.errors import ReadError
from earlywarning.panel.rules import MOST_SINGLE_ISSUES
from earlywarning.readers.files import (
    HEADER_WITHIN,
    Issues,
    Table,
    above_header,
    column_names,
    filled,
    header_row,
)
from earlywarning.schema import issue_row

MOST_UNPACKED = 500 * 1024**2  # bytes, all members together
BIG_MEMBER = 10 * 1024**2  # bytes, from which a member's ratio counts
MOST_RATIO = 200  # unpacked over packed; real sheets reach 50
MOST_ROWS = 1_048_576  # a sheet of Excel has no more
MOST_CELLS = 10_000_000  # of one sheet: some 700 MB in memory
MOST_NOTES, LONGEST_NOTE = 200, 2000  # cells of text of a page, and letters of each
OLD_FORMAT = b"\xd0\xcf\x11\xe0"  # begins an .xls, or an .xlsx with a password
BROKEN = (
    zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError,
    EOFError, ParseError, NotImplementedError, SyntaxError, RuntimeError, zlib.error,
)  # fmt: skip


def read_workbook(path: Path, sheet: str | None) -> tuple[list[Table], Issues]:
    """Read the sheets of a workbook, their values only.

    Parameters
    ----------
    path : Path
    sheet : str, optional
        The one sheet to read; the default is all.

    Returns
    -------
    list of Table
        One a sheet that has a header and rows.
    list of dict
        Rows of issues: sheets without a table, rows above headers.

    Raises
    ------
    ReadError
        If the file has a password, is damaged, or claims to be larger than is safe.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.xlsx")
    ...     pd.DataFrame({"Area Code": ["E06000001"], "Value": [5]}).to_excel(path, index=False)
    ...     tables, _ = read_workbook(path, None)
    >>> tables[0].frame["Value"].to_list()
    [5]
    """
    check_workbook(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of print areas and styles, which no value hangs on
        return _read_book(path, sheet)


def _read_book(path: Path, sheet: str | None) -> tuple[list[Table], Issues]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except BROKEN as error:
        raise _unreadable(path, error) from error
    try:
        names = [page.title for page in book.worksheets]
        if sheet is not None and sheet not in names:
            raise ReadError(f"{path.name} has no sheet '{sheet}'. It has: {', '.join(names)}.")
        tables: list[Table] = []
        issues: Issues = []
        text: list[str] = []
        for page in book.worksheets:
            if sheet in (None, page.title):
                name = path.name if len(names) == 1 else f"{path.name} [{page.title}]"
                text += _read_sheet(page, name, tables, issues)
    except BROKEN as error:
        if isinstance(error, ReadError):
            raise
        raise _unreadable(path, error) from error
    finally:
        book.close()
    if not tables:
        raise ReadError(f"{path.name}: no sheet holds a table with a header and rows.")
    return [replace(table, notes=(*table.notes, *text)) for table in tables], issues


def _unreadable(path: Path, error: BaseException) -> ReadError:
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return ReadError(
        f"{path.name} is not an Excel workbook that can be read ({reason}). Open it in Excel, "
        "and save it anew or as CSV."
    )


def check_workbook(path: Path) -> None:
    """Refuse a workbook that is locked, damaged, or larger than is safe, before opening it.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ReadError
        Naming all that is wrong.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.xlsx")
    ...     _ = path.write_bytes(OLD_FORMAT)
    ...     check_workbook(path)
    Traceback (most recent call last):
    ...
    earlywarning.errors.ReadError: a.xlsx has a password, or is an old .xls file. Save it ...
    """
    with path.open("rb") as stream:
        if stream.read(4) == OLD_FORMAT:
            raise ReadError(
                f"{path.name} has a password, or is an old .xls file. Save it as .xlsx "
                "without a password, or as CSV."
            )
    try:
        with zipfile.ZipFile(path) as archive:
            problems = _problems(archive)
    except BROKEN as error:
        raise _unreadable(path, error) from error
    if problems:
        raise ReadError(f"{path.name} is refused: {' '.join(problems)} Save the table as CSV.")


def _problems(archive: zipfile.ZipFile) -> list[str]:
    members = archive.infolist()
    problems = []
    total = sum(member.file_size for member in members)
    if total > MOST_UNPACKED:
        problems.append(
            f"it claims to unpack to {total / 1024**2:,.0f} MB, more than "
            f"{MOST_UNPACKED / 1024**2:,.0f}."
        )
    for member in members:
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > BIG_MEMBER and ratio > MOST_RATIO:
            problems.append(f"{member.filename} is packed {ratio:,.0f} to 1, as a bomb is.")
        elif member.flag_bits & 1:
            problems.append(f"{member.filename} has a password.")
        elif member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as stream:
                if b"<!DOCTYPE" in stream.read(4096).upper():
                    problems.append(f"{member.filename} defines XML entities.")
    return problems


def _read_sheet(page: Any, name: str, tables: list[Table], issues: Issues) -> list[str]:
    """Add the sheet's table, or the issue that it has none; return the text of one without."""
    page.reset_dimensions()  # what the sheet claims of its size is not believed
    rows = _bounded(page.iter_rows(values_only=True), name)
    head = header_row(rows[:HEADER_WITHIN])
    body = [] if head is None else rows[head + 1 :]
    if head is None or not any(any(cell is not None for cell in row) for row in body):
        text = "The sheet holds no table with a header and rows: it is left out."
        issues.append(issue_row("read", "sheet_skipped", text, "Nothing, if so.", file=name))
        return _text(rows)
    names = column_names(rows[head])
    width = len(names)
    numbers = np.arange(head + 2, head + 2 + len(body))
    fits, beyond = _within(body, width, name, numbers)
    cells = [
        (*row[:width], *[None] * (width - len(row)))
        for row, fit in zip(body, fits, strict=True)
        if fit
    ]
    frame = pd.DataFrame(cells, columns=names, dtype=object)
    issues += above_header(name, head) + beyond
    tables.append(filled(Table(name, frame, numbers[fits], tuple(_text(rows[:head])))))
    return []


def _within(
    body: Sequence[tuple[Any, ...]], width: int, name: str, numbers: npt.NDArray[np.int_]
) -> tuple[npt.NDArray[np.bool_], Issues]:
    """Say which rows end where the header does; where most go on, a column has no name."""
    ends = np.array([_end(row, width) for row in body])
    usual = int(np.median(ends[ends > 0]))
    issues: Issues = []
    if usual > width:
        text = f"Most rows go on after the header's {width} columns: what follows is left out."
        remedy = "Give each column a name in the header's row, if it is needed."
        issues.append(issue_row("read", "column_ignored", text, remedy, file=name))
    fits = ends <= usual
    at = numbers[~fits].tolist()
    text = f"The row has a cell to the right of the header's {width} columns: it is left out."
    remedy = "Clear the cell, or give its column a name in the header's row."
    single = len(at) <= MOST_SINGLE_ISSUES
    issues += [
        issue_row("read", "row_refused", text, remedy, file=name, row=row,
                  n_rows=1 if single else len(at))
        for row in (at if single else at[:1])
    ]  # fmt: skip
    return fits, issues


def _end(row: tuple[Any, ...], width: int) -> int:
    """Return the place of a row's last cell that says anything; at least the header's width."""
    end = len(row)
    while end > width and not str("" if row[end - 1] is None else row[end - 1]).strip():
        end -= 1
    return max(end, width) if row else 0


def _text(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return the first cells of text in some rows, each cut short."""
    cells = (cell for row in rows[:HEADER_WITHIN] for cell in row if isinstance(cell, str))
    return [" ".join(cell.split())[:LONGEST_NOTE] for cell in islice(cells, MOST_NOTES)]


def _bounded(rows: Iterable[tuple[Any, ...]], name: str) -> list[tuple[Any, ...]]:
    """Return the rows without empty cells at their ends, counted while they are read."""
    kept: list[tuple[Any, ...]] = []
    n_cells = 0
    for number, row in enumerate(rows, start=1):
        end = len(row)
        while end and row[end - 1] is None:
            end -= 1
        n_cells += end
        if number > MOST_ROWS or n_cells > MOST_CELLS:
            raise ReadError(
                f"{name} holds more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells. "
                "Save the table as CSV."
            )
        kept.append(row[:end])
    return kept
