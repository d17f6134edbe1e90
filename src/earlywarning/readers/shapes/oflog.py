"""Is this a download of Oflog's Local Authority Data Explorer?

The metric is the `Measure`; `Code` is an alias that the catalogue knows. Its own median and
MADs are left out: they are computed anew. Source of the shape: the Data Explorer's own download.
"""

import pandas as pd

from earlywarning.readers.files import Issues, Table

NAME = "a download of the Local Authority Data Explorer"
LEFT_OUT = "Its own medians and distances from them are computed anew."
HEADER = frozenset(
    ("Financial year", "Local authority code", "Measure", "Code", "Value", "MADs_from_median")
)
COLUMNS = {
    "Local authority code": "authority",
    "Local authority name": "name",
    "Measure": "metric",
    "Financial year": "period",
    "Value": "value",
}


def recognise(columns: frozenset[str]) -> bool:
    """Say whether these are its columns.

    Examples
    --------
    >>> recognise(frozenset(["Area Code", "Value"]))
    False
    """
    return columns >= HEADER


def tidy(table: Table) -> tuple[pd.DataFrame, Issues]:
    """Return the rows, their columns named by role.

    Examples
    --------
    >>> import numpy as np
    >>> frame = pd.DataFrame([["2022-23", "E06000001", "Debt", "D1", 5, 0.1]], columns=[
    ...     "Financial year", "Local authority code", "Measure", "Code", "Value",
    ...     "MADs_from_median"])
    >>> tidy(Table("a.csv", frame, np.array([2])))[0].to_numpy().tolist()
    [['2022-23', 'E06000001', 'Debt', 5, 2]]
    """
    given = table.frame[[column for column in table.frame if column in COLUMNS]]
    return given.rename(columns=COLUMNS).assign(row=table.rows), []
