"""Which publishers' files are known, and how is each made long?

One module a shape, listed in `SHAPES`: `recognise` goes by the columns alone, `tidy` returns the
rows of single authorities with our columns, and an issue for all that it leaves out. The next
shape is one new module and one more name in the list.
"""

from typing import Protocol

import pandas as pd

from earlywarning.readers.files import Issues, Table
from earlywarning.readers.shapes import (
    explore_education,
    fingertips,
    lg_inform,
    lg_inform_api,
    lgbf,
    nomis,
    oflog,
    revenue_outturn,
)
from earlywarning.schema import issue_row


class Shape(Protocol):
    """A module that knows one publisher's files."""

    NAME: str  # what such a file is called, after "Read as"
    LEFT_OUT: str  # what is never taken from it, in one sentence

    def recognise(self, columns: frozenset[str], /) -> bool:
        """Say whether a table with these columns is of this shape."""

    def tidy(self, table: Table, /) -> tuple[pd.DataFrame, Issues]:
        """Return long rows: columns named by role, and `row`; and the issues."""


SHAPES: tuple[Shape, ...] = (
    oflog, fingertips, explore_education, nomis, lgbf, lg_inform, lg_inform_api, revenue_outturn,
)  # fmt: skip


def shape_of(frame: pd.DataFrame) -> Shape | None:
    """Return the known shape that a table has, or None.

    Examples
    --------
    >>> shape_of(pd.DataFrame(columns=["DATE_NAME", "GEOGRAPHY_CODE", "OBS_VALUE"])).NAME
    'a CSV of the Nomis API'
    >>> shape_of(pd.DataFrame(columns=["Area Code", "Value"])) is None
    True
    """
    columns = frozenset(str(column) for column in frame)
    return next((shape for shape in SHAPES if shape.recognise(columns)), None)


def tidied(shape: Shape, table: Table) -> tuple[pd.DataFrame, Issues]:
    """Return a table's rows as its shape gives them, and an issue that says which it is."""
    long, issues = shape.tidy(table)
    n_metrics = long["metric"].nunique() if "metric" in long else 1
    text = (
        f"Read as {shape.NAME}: {len(table.frame):,} rows gave {len(long):,} values of "
        f"{n_metrics:,} {'metric' if n_metrics == 1 else 'metrics'}. {shape.LEFT_OUT}"
    )
    remedy = "Nothing; name the columns (columns=) to have it read otherwise."
    said = issue_row("read", "shape", text, remedy, file=table.name, n_rows=len(table.frame))
    return long, [said, *issues]
