"""Whom is each authority compared with, nearest first?"""

import numpy as np
import pandas as pd

from earlywarning.authorities.register import NAMES as REGISTER_NAMES
from earlywarning.authorities.tables import (
    HEADER,
    Source,
    as_text,
    listed,
    named,
    naming_the_file,
    opened,
    refuse,
)
from earlywarning.errors import RegisterError
from earlywarning.formulas import as_was
from earlywarning.schema import NEIGHBOURS

NAMES = {
    "authority": REGISTER_NAMES["authority"],
    "neighbour": ("neighbour", "neighbour_code", "neighbor", "neighbor_code"),
    "rank": ("rank", "neighbour_rank", "order"),
}
SET = "set"


@naming_the_file
def read_neighbours(source: Source, *, set_name: str | None = None) -> pd.DataFrame:
    """Read a table of neighbours from a CSV file or a DataFrame, and check it.

    Parameters
    ----------
    source : path or DataFrame
        One row an authority and neighbour, columns by their usual names (`authority_code`,
        `neighbour_code`, `rank`, ...). Without ranks, the order of rows is the rank.
    set_name : str, optional
        Which set to take, where the table holds several (column `set`).

    Returns
    -------
    DataFrame
        Columns `schema.NEIGHBOURS`, by authority and rank. An authority listed as its own
        neighbour is left out, a neighbour listed again keeps its first rank, and ranks
        are counted anew from 1.

    Raises
    ------
    RegisterError
        If there are no rows, several sets and none is named, no such set, or a row without an
        authority, a neighbour or a rank.

    Examples
    --------
    >>> pairs = {"authority": ["A", "A"], "neighbour": ["A", "B"], "rank": [1, 2]}
    >>> read_neighbours(pd.DataFrame(pairs)).values.tolist()
    [['A', 'B', 1]]
    """
    given = _one_set(opened(source), set_name)
    table = named(given, NAMES, needed=["authority", "neighbour"])
    if "rank" not in table:
        table["rank"] = np.arange(len(table))
    table["rank"] = pd.to_numeric(table["rank"], errors="coerce")
    for code in ("authority", "neighbour"):
        table[code] = as_was(as_text(table[code]))
    _refuse_gaps(table)
    table = table[table["authority"] != table["neighbour"]]
    table = table.sort_values(["authority", "rank", "neighbour"])
    table = table.drop_duplicates(["authority", "neighbour"], ignore_index=True)
    table["rank"] = table.groupby("authority").cumcount() + 1
    return table[list(NEIGHBOURS)]


def _one_set(table: pd.DataFrame, set_name: str | None) -> pd.DataFrame:
    """Return the rows of the set that is asked for, or of the only one."""
    if SET not in table:
        if set_name is not None:
            raise RegisterError(f"There is no column 'set' to find {set_name!r} in. Leave it out.")
        return table
    sets = sorted(as_text(table[SET]).dropna().unique())
    if set_name is None and len(sets) > 1:
        raise RegisterError(f"The table holds {len(sets)} sets: {', '.join(sets)}. Name one.")
    if set_name is not None and set_name not in sets:
        raise RegisterError(f"There is no set {set_name!r}. There are: {', '.join(sets)}.")
    return table if set_name is None else table[as_text(table[SET]) == set_name]


def _refuse_gaps(table: pd.DataFrame) -> None:
    """Refuse a table without rows, and rows that lack a code or a rank, all of them at once."""
    none = [] if len(table) else ["no neighbours. Give one row each."]
    refuse(
        none
        + [
            f"no {name} in rows {listed(table.index[empty] + HEADER)}. Fill it in, or drop them."
            for name, empty in table[list(NEIGHBOURS)].isna().items()
            if empty.any()
        ]
    )
