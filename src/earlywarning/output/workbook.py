"""A result as a workbook: a summary to begin with, then a sheet a table.

No cell is ever a formula: what begins like one is kept as the text it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from earlywarning.errors import UsageError
from earlywarning.output.run import Run
from earlywarning.schema import IN_A_TIER

CREATOR = "earlywarning "  # and the version: by which a workbook is known
MOST_ROWS = 1_048_575  # of a sheet, beside its header
MOST_LETTERS = 32_767  # of a cell
WIDEST = 60  # characters a column is made wide
FIRST = ("flags", "authorities", "contributions", "metrics", "issues")  # sheets people look for
BOLD = Font(bold=True)


def workbook(tables: Mapping[str, pd.DataFrame], run: Run) -> Workbook:
    """Return a workbook of these tables, ready to be saved.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By the name of their sheet; `flags` and `authorities` are among them.
    run : Run
        What was run on what.

    Raises
    ------
    UsageError
        If a table has more rows than a sheet can hold.
    """
    long = [f"{name} ({len(table):,})" for name, table in tables.items() if len(table) > MOST_ROWS]
    if long:
        raise UsageError(
            f"More rows than a sheet can hold ({MOST_ROWS:,}): {', '.join(long)}. "
            "Write Parquet files instead: name a folder without an ending."
        )
    book = Workbook(write_only=True)
    book.properties.creator = f"{CREATOR}{run.earlywarning}"
    _sheet(book, "summary", _summary(tables, run), widths=(34, WIDEST))
    for name in [*FIRST, *(name for name in tables if name not in FIRST)]:
        table = tables[name]
        widths = [min(WIDEST, max(10, len(str(column)) + 2)) for column in table]
        _sheet(book, name, _rows(table), widths=[*widths], header=True)
    return book


def _summary(tables: Mapping[str, pd.DataFrame], run: Run) -> Iterator[tuple[object, ...]]:
    """Say what it is, how much was found, and how to read it."""
    yield ("As known on", run.as_of)
    yield ("Authorities", run.counts["authorities"])
    yield ("Metrics", run.counts["metrics"])
    yield ("Series", run.counts["series"])
    yield ("Series assessed for change", run.counts["series_assessed"])
    yield ("Flags", run.counts["flags"])
    yield ("Of which false, at the most", round(run.expected_false_flags, 1))
    for tier in IN_A_TIER:
        yield (f"Authorities in tier {tier}", run.counts.get(f"tier_{tier}", 0))
    yield ()
    yield ("A flag is", "an invitation to a conversation, not a verdict.")
    yield ("No flag is", "not a clean bill of health.")
    yield ("There is", "no league table: tiers, and names within them.")
    yield ()
    flags = tables["flags"][["theme", "severity"]].astype(str)
    for row in flags.value_counts(sort=False).reset_index(name="n").itertuples():
        yield (f"Flags, {row.theme}", f"{row.n:,} {row.severity}")
    yield ()
    for name, said in {"earlywarning": run.earlywarning, **run.versions}.items():
        yield (f"Version of {name}", said)
    for one in run.inputs:
        yield (f"Input ({one.role})", f"{one.name}, sha256 {one.sha256}")
    for key, value in run.settings:
        yield (f"Setting {key}", value if isinstance(value, int | float) else str(value))


def _rows(table: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    yield tuple(str(name) for name in table)
    yield from table.astype(object).itertuples(index=False, name=None)


def _sheet(
    book: Workbook,
    name: str,
    rows: Iterable[tuple[object, ...]],
    *,
    widths: Iterable[int],
    header: bool = False,
) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2" if header else None
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    with _closed(sheet):
        for line, row in enumerate(rows):
            strong = line == 0 if header else False
            sheet.append([_cell(sheet, value, strong or (not header and at == 0))
                          for at, value in enumerate(row)])  # fmt: skip


@contextmanager
def _closed(sheet: Any) -> Iterator[None]:
    """Close a sheet once it is written, and also where that is stopped: open, it complains."""
    try:
        yield
    except BaseException:
        with suppress(Exception):
            sheet.close()
        raise
    sheet.close()


def _cell(sheet: Any, value: object, strong: bool) -> Any:
    """Return a cell in which a text stays a text, whatever it begins with."""
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # NaN
        return None
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime().date()
    if isinstance(value, float) and math.isinf(value):
        value = str(value)
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)[:MOST_LETTERS]
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    if strong:
        cell.font = BOLD
    return cell if strong or isinstance(value, str) else value
