"""Is this an answer of LG Inform Plus's API, in JSON?

`json_tables` makes a table of its `rows` and `columns`; here the parts have their meaning.
Shape as public programs read it: the package Consensus, `LGInform.json_to_pandas`
(`columns[].period.label`, `rows[].area.label`, `rows[].values[].formatted`), and an R script that
writes the same as CSV, its columns `area.identifier`, `area.label`, `metricType.label`,
`period.label`, `values.value`.
"""

import numpy as np
import pandas as pd

from earlywarning.panel.rows import words
from earlywarning.readers.files import Issues, Table
from earlywarning.readers.shapes.areas import of_authorities
from earlywarning.schema import issue_row

NAME = "an answer of the LG Inform API"
LEFT_OUT = "Units, identifiers and sources are not used."
HEADER = frozenset(("area.identifier", "period.label"))
VALUES = ("value", "values.value")
SHOWN = ("formatted", "values.formatted")


def recognise(columns: frozenset[str]) -> bool:
    """Say whether these are its parts.

    Examples
    --------
    >>> recognise(HEADER | {"value"}), recognise(HEADER)
    (True, False)
    """
    return columns >= HEADER and bool(columns.intersection(VALUES + SHOWN))


def tidy(table: Table) -> tuple[pd.DataFrame, Issues]:
    """Return the authorities' rows; without `metric` where the answer does not name it.

    Examples
    --------
    >>> frame = pd.DataFrame({"area.identifier": ["E06000001"], "metricType.label": "Debt",
    ...                       "period.label": "2022/23", "value": "5"})
    >>> tidy(Table("a.json", frame, np.array([1])))[0].to_numpy().tolist()
    [['E06000001', 'Debt', '2022/23', '5', 1]]
    """
    raw, issues = _figures(table)
    codes = words(table.frame["area.identifier"])
    single, left_out = of_authorities(codes, None, file=table.name, rows=table.rows)
    kept = raw & single
    frame = table.frame[kept]
    roles = {"name": "area.label", "metric": "metricType.label", "period": "period.label"}
    given = {role: frame[name].array for role, name in roles.items() if name in frame}
    long = pd.DataFrame({"authority": codes[kept], **given, "value": _cells(frame).array})
    return long.assign(row=table.rows[kept]), issues + left_out


def _cells(frame: pd.DataFrame) -> pd.Series:
    """Return the values; where there is none, what is shown in its place."""
    value, shown = (
        next((name for name in names if name in frame), None) for names in (VALUES, SHOWN)
    )
    if value is None or shown is None:
        return pd.Series(frame[value or shown])
    cells = frame[value].astype(object)
    return cells.where(cells.notna(), frame[shown].astype(object))


def _figures(table: Table) -> tuple[np.ndarray, Issues]:
    """Say which rows are figures, and count those that are ranks and the like."""
    column = "valueType.identifier"
    if column not in table.frame:
        return np.ones(len(table.frame), dtype=bool), []
    raw = table.frame[column].astype(str).str.lower().eq("raw").to_numpy(bool)
    if raw.all():
        return raw, []
    n, row = int((~raw).sum()), int(table.rows[(~raw).argmax()])
    text = f"{n:,} values are ranks, bands or the like: they are left out."
    return raw, [
        issue_row("read", "not_a_figure", text, "Nothing.", file=table.name, row=row, n_rows=n)
    ]
