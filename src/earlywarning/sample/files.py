"""How are the sample's tables written, so that every platform writes the same bytes?

UTF-8, line feeds, ISO days, at most ten significant digits, empty where there is nothing.
"""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from earlywarning.sample.publication import HIDDEN

NUMBERS = "{:.10g}".format


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write one table; a hidden value is written as its marker, its status left empty."""
    text = table.apply(_as_text)
    if "status" in table and "value" in table:
        hidden = table["status"] == HIDDEN
        text = text.assign(
            value=text["value"].mask(hidden, HIDDEN), status=text["status"].mask(hidden, "")
        )
    path.write_bytes(text.to_csv(index=False, lineterminator="\n").encode())


def write_catalogue(catalogue: pd.DataFrame, path: Path) -> None:
    """Write the catalogue as TOML, one `[[metric]]` a row; what is not said is left out."""
    tables = (_as_toml(row) for row in catalogue.to_dict("records"))
    path.write_bytes("\n".join(tables).encode())


def _as_text(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        days: pd.Series = column.dt.strftime("%Y-%m-%d").fillna("")
        return days
    if pd.api.types.is_float_dtype(column):
        return column.map(NUMBERS).mask(column.isna(), "")
    return column.astype(str)


def _as_toml(row: Mapping[Hashable, Any]) -> str:
    """Return one metric's table; no text of the sample holds a quote or a backslash."""
    said = {key: value for key, value in row.items() if value != "" and not pd.isna(value)}
    lines = [
        f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
        for key, value in said.items()
    ]
    return "\n".join(["[[metric]]", *lines, ""])
