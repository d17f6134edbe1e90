"""What tables are in a file?

`open_tables` reads CSV (also gzipped), Parquet, Excel and JSON as they are, cells
untouched, and knows each row's number as a spreadsheet shows it. What cannot be
read safely is refused before it is opened. What the columns mean is not known here.
"""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from earlywarning.errors import ReadError, is_text
from earlywarning.readers.columns import header_score
from earlywarning.schema import issue_row

MOST_BYTES = 2 * 1024**3  # of text, unpacked: some 20 million rows
SAMPLE_BYTES = 1 << 18  # to find encoding, delimiter and header in
HEADER_WITHIN = 40  # rows: titles and notes above a header are fewer
DELIMITERS = (",", ";", "\t", "|")
SUPPORTED = ".csv, .csv.gz, .txt, .tsv, .parquet, .xlsx, .xlsm, .json"
Issues = list[dict[str, object]]


@dataclass(frozen=True, eq=False)
class Table:
    """One table as it stands in a file."""

    name: str  # the file, and the sheet where there are several
    frame: pd.DataFrame
    rows: npt.NDArray[np.integer[Any]]  # each row's number as a spreadsheet shows it
    notes: tuple[str, ...] = ()  # what else a workbook says: above the header, on pages of text


def open_tables(path: Path, sheet: str | None = None) -> tuple[list[Table], Issues]:
    r"""Read the tables of one file.

    Parameters
    ----------
    path : Path
    sheet : str, optional
        Of a workbook; the default is every sheet.

    Returns
    -------
    list of Table
        One for a flat file, one a sheet for a workbook.
    list of dict
        Rows of issues: what was doubted or skipped.

    Raises
    ------
    ReadError
        Naming the file, what is wrong and what to do.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.csv")
    ...     _ = path.write_text("Housing figures\nArea Code;Year;Value\nE06000001;2022;5\n")
    ...     tables, issues = open_tables(path)
    >>> list(tables[0].frame), tables[0].rows.tolist(), [issue["code"] for issue in issues]
    (['Area Code', 'Year', 'Value'], [3], ['rows_above_header'])
    """
    name = path.name.lower()
    if not is_text(path.name):
        raise ReadError(f"{path}: the name of the file is not in UTF-8. Give it another.")
    if not path.exists():
        raise ReadError(f"{path}: there is no such file. Check the path.")
    if path.is_dir():
        raise ReadError(f"{path} is a folder. Name the files in it, as a list.")
    if not path.stat().st_size:
        raise ReadError(f"{path.name} is empty (0 bytes). Download it again.")
    if name.endswith((".csv", ".txt", ".tsv", ".csv.gz")):
        return _guarded(path, _read_csv)
    if name.endswith((".parquet", ".pq")):
        from earlywarning.readers.parquet import read_parquet

        return _guarded(path, read_parquet)
    if is_workbook(path):
        from earlywarning.readers.workbooks import read_workbook

        return read_workbook(path, sheet)
    if name.endswith(".json"):
        from earlywarning.readers.json_tables import read_json

        return _guarded(path, read_json)
    raise ReadError(f"{path.name}: this kind of file is not known. Supported: {SUPPORTED}.")


def is_workbook(path: Path) -> bool:
    """Say whether a file's name is that of an Excel workbook, which has sheets."""
    return path.name.lower().endswith((".xlsx", ".xlsm"))


def _guarded(
    path: Path, read: Callable[[Path], tuple[Table, Issues]]
) -> tuple[list[Table], Issues]:
    """Read one table; say of a damaged file that it is damaged."""
    try:
        table, issues = read(path)
    except (pa.ArrowException, OSError, EOFError, zlib.error, csv.Error, UnicodeError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise ReadError(
            f"{path.name} is not a table that can be read: {reason}. Download it again, "
            "or save it anew as CSV."
        ) from error
    return [table], issues


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than `MOST_BYTES`."""

    def __init__(self, stream: BinaryIO, name: str):
        self._stream, self._name, self._given = stream, name, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        self._given += len(data)
        if self._given > MOST_BYTES:
            raise ReadError(
                f"{self._name} holds more than {MOST_BYTES / 1024**3:.0f} GB of text. "
                "Split it, or convert it to Parquet."
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _stream(path: Path) -> io.BufferedReader:
    packed = path.name.lower().endswith(".gz")
    source = gzip.GzipFile(path, "rb") if packed else path.open("rb")  # closed by _Bounded
    return io.BufferedReader(_Bounded(source, path.name), 1 << 20)  # type: ignore[arg-type]


def _read_csv(path: Path) -> tuple[Table, Issues]:
    with _stream(path) as stream:
        sample = stream.read(SAMPLE_BYTES)
    if not sample:
        raise ReadError(f"{path.name} is empty once unpacked. Download it again.")
    if b"\0" in sample and not sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ReadError(f"{path.name} is not text: it holds NUL bytes. Save it as CSV (UTF-8).")
    utf16 = sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            table, issues = _parsed(path, sample, encoding)
        except UnicodeError:
            continue
        except pa.ArrowInvalid as error:
            if "invalid UTF8" not in str(error):
                raise
            continue
        doubted = "" if encoding in ("utf-8-sig", "utf-16") else encoding
        if doubted:
            text = f"The file is not in UTF-8; it was read as {doubted}."
            remedy = "Check that names look right, or save it as CSV UTF-8."
            issues.insert(0, issue_row("read", "encoding", text, remedy, file=path.name))
        return table, issues
    raise ReadError(f"{path.name}: its encoding cannot be found. Save it as CSV (UTF-8).")


def _parsed(path: Path, sample: bytes, encoding: str) -> tuple[Table, Issues]:
    text = sample.decode(encoding, errors="ignore" if len(sample) == SAMPLE_BYTES else "strict")
    lines, ends, delimiter = _split(text, path.name)
    head = header_row(lines)
    if head is None:
        raise ReadError(f"{path.name} is not a table: no row has two or more filled cells.")
    names = column_names(lines[head])
    odd: dict[int, str] = {}

    def keep_odd(row: Any) -> str:
        odd[int(row.number)] = str(row.text)
        return "skip"

    kind = pa.dictionary(pa.int32(), pa.string())
    with _stream(path) as stream:
        cells = pa_csv.read_csv(
            stream,
            pa_csv.ReadOptions(use_threads=False, encoding=encoding.replace("utf-8-sig", "utf8"),
                               column_names=names, skip_rows=ends[head], block_size=1 << 24),
            pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True,
                                ignore_empty_lines=False, invalid_row_handler=keep_odd),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(names, kind)),
        )  # fmt: skip
    if odd and not len(cells):
        raise ReadError(
            f"{path.name}: None of its rows has the header's {len(names)} columns. Check the "
            "delimiters, and for a quote that is not closed."
        )
    first = head + 2
    # The parser counts lines; a header that runs over several is one row to a spreadsheet.
    wrong = np.array(sorted(odd), dtype=np.int64) - ends[head] + head + 1
    numbers = np.delete(np.arange(first, first + len(cells) + len(odd)), wrong - first)
    issues = above_header(path.name, head)
    texts = [odd[line] for line in sorted(odd)]
    issues += [
        _odd_row(path.name, int(row), cell, len(names))
        for row, cell in zip(wrong, texts, strict=True)
        if cell.strip(f" {delimiter}")
    ]
    return filled(Table(path.name, cells.to_pandas(), numbers)), issues


def _odd_row(file: str, row: int, cells: str, n_columns: int) -> dict[str, object]:
    n_lines = cells.rstrip("\n").count("\n") + 1
    lines = f" (of {n_lines} lines: is a quote not closed?)" if n_lines > 1 else ""
    text = f"The row{lines} does not have the header's {n_columns} columns: it is left out."
    return issue_row("read", "row_refused", text, "Correct its delimiters or quotes.",
                     file=file, row=row, n_rows=n_lines)  # fmt: skip


def _split(text: str, file: str) -> tuple[list[list[str]], list[int], str]:
    """Return the first rows, the line on which each ends, and the delimiter."""
    best: tuple[int, list[list[str]], list[int], str] | None = None
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows, ends = [], []
        try:
            for row in reader:
                rows.append(row)
                ends.append(reader.line_num)
                if len(rows) >= HEADER_WITHIN:
                    break
        except csv.Error:
            continue
        score = max((header_score(row) for row in rows), default=0) * 10_000
        score += sum(len(row) for row in rows if len(row) > 1)
        if best is None or score > best[0]:
            best = score, rows, ends, delimiter
    if best is None:
        raise ReadError(f"{file} is not a table: a cell is longer than 128 KB.")
    return best[1:]


def header_row(rows: Sequence[Sequence[object]]) -> int | None:
    """Return which row is the header: the one that names most roles, else the first full one."""
    filled_cells = [sum(cell not in (None, "") for cell in row) for row in rows]
    scores = [header_score(row) if n > 1 else 0 for row, n in zip(rows, filled_cells, strict=True)]
    if max(scores, default=0) >= 2:
        return scores.index(max(scores))
    widest = max(filled_cells, default=0)
    if widest < 2:
        return None
    return next(i for i, n in enumerate(filled_cells) if n >= max(2, 0.7 * widest))


def column_names(cells: Sequence[object]) -> list[str]:
    """Return unique names for columns; one without a name, or a repeated one, gets its number."""
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = "" if cell is None else " ".join(str(cell).split())
        name = name or f"column {number}"
        names.append(name if name not in names else f"{name} (column {number})")
    return names


def above_header(file: str, skipped: int) -> Issues:
    """Say that rows above the header were left out, if there were any."""
    if not skipped:
        return []
    text = f"{skipped} rows above the header, in row {skipped + 1}, are left out."
    return [issue_row("read", "rows_above_header", text, "Nothing, if that row is the header.",
                      file=file, row=1, n_rows=skipped)]  # fmt: skip


def filled(table: Table) -> Table:
    """Return the table without rows that are blank throughout."""
    blank = np.ones(len(table.frame), dtype=bool)
    for column in table.frame:
        cells = table.frame[column]
        if isinstance(cells.dtype, pd.CategoricalDtype):
            empty = np.append(cells.cat.categories.astype(str).str.strip() == "", True)
            blank &= empty[cells.cat.codes]
        else:
            blank &= (cells.isna() | (cells.astype(object) == "")).to_numpy(bool)
        if not blank.any():
            return table
    frame = table.frame[~blank].reset_index(drop=True)
    return replace(table, frame=frame, rows=table.rows[~blank])
