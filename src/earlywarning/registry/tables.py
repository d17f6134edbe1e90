"""Catalogue, register and neighbours as JSON, and back with the same cells and kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator

Kind = Literal["text", "number", "whole", "whole or missing", "day"]
KINDS = {
    "number": "float64", "whole": "int64", "whole or missing": "Int64", "day": "datetime64[ns]",
}  # fmt: skip
CELLS: dict[str, Any] = {
    "text": str, "number": float, "whole": int, "whole or missing": int,
    "day": lambda day: day.isoformat(),
}  # fmt: skip
HELD: dict[str, Any] = {
    "text": str, "number": (int, float), "whole": int, "whole or missing": int, "day": str,
}  # fmt: skip


class Column(BaseModel):
    """One column: its kind, and its cells, null where missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    cells: list[str | int | float | None]

    @field_validator("cells")
    @classmethod
    def _of_its_kind(cls, cells: list[Any], info: ValidationInfo) -> list[Any]:
        kind = info.data.get("kind", "text")
        gap = None in cells and kind == "whole"
        if gap or not all(cell is None or isinstance(cell, HELD[kind]) for cell in cells):
            raise ValueError("cells are not of the column's kind")
        return cells


class Table(BaseModel):
    """A table, column by column."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, Column]

    @model_validator(mode="after")
    def _as_long(self) -> Table:
        if len({len(column.cells) for column in self.columns.values()}) > 1:
            raise ValueError("columns are not equally long")
        return self


def as_json(table: pd.DataFrame) -> Table:
    """Return a table as JSON takes it; its index is left out."""
    return Table(columns={str(name): _column(cells) for name, cells in table.items()})


def as_frame(table: Table) -> pd.DataFrame:
    """Return the table again.

    Examples
    --------
    >>> as_frame(as_json(pd.DataFrame({"rank": [1, 2], "neighbour": ["E06000002", None]})))
       rank  neighbour
    0     1  E06000002
    1     2        NaN
    """
    return pd.DataFrame({name: _cells(column) for name, column in table.columns.items()})


def _column(cells: pd.Series[Any]) -> Column:
    kind: Kind = "text"
    if pd.api.types.is_datetime64_any_dtype(cells):
        kind = "day"
    elif pd.api.types.is_integer_dtype(cells):
        kind = "whole" if isinstance(cells.dtype, np.dtype) else "whole or missing"
    elif pd.api.types.is_float_dtype(cells):
        kind = "number"
    return Column(kind=kind, cells=[None if pd.isna(cell) else CELLS[kind](cell) for cell in cells])


def _cells(column: Column) -> pd.Series[Any]:
    if column.kind == "text":
        found = pd.Series(column.cells, dtype=str if any(column.cells) else object)
        return found.where(pd.Series(column.cells, dtype=object).notna())
    return pd.Series(column.cells, dtype=KINDS[column.kind])


def mapping_of(tables: Mapping[str, pd.DataFrame | None]) -> dict[str, Table]:
    """Return those of the tables that there are, as JSON takes them."""
    return {name: as_json(table) for name, table in tables.items() if table is not None}
