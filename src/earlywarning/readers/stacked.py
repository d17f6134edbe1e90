"""How do many columns of figures become one, with a word that says which column each came from?"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals

from earlywarning.panel.rows import recoded
from earlywarning.readers.files import Table


def stacked(
    table: Table, keys: Mapping[str, str], columns: Sequence[str], name: str
) -> pd.DataFrame:
    """Return one row a cell of `columns`, whose names become the column `name`.

    Parameters
    ----------
    table : Table
    keys : mapping
        Role to column, of the columns that say what a row is about.
    columns : sequence of str
        Of figures; the first one's cells come first.
    name : str
        The role of the columns' names.

    Returns
    -------
    DataFrame
        The keys by role, `row`, the names as categories in the order given, and `value`.

    Examples
    --------
    >>> frame = pd.DataFrame({"area": ["E06000001"], "2021": ["5"], "2022": ["6"]})
    >>> stacked(Table("a", frame, np.array([2])), {"authority": "area"}, ["2021", "2022"],
    ...         "period").to_numpy().tolist()
    [['E06000001', 2, '2021', '5'], ['E06000001', 2, '2022', '6']]
    """
    n, k = len(table.frame), len(columns)
    each = np.tile(np.arange(n), k)
    parts = {role: table.frame[column].take(each).array for role, column in keys.items()}
    which = recoded(np.repeat(np.arange(k), n), [*range(k), -1], list(columns))
    value = _end_to_end([table.frame[column] for column in columns])
    return pd.DataFrame({**parts, "row": table.rows[each], name: which, "value": value})


def _end_to_end(columns: Sequence[pd.Series]) -> "pd.Categorical | npt.NDArray[np.object_]":
    """Return the cells of several columns; text that came as categories stays so."""
    if all(isinstance(column.dtype, pd.CategoricalDtype) for column in columns) and columns:
        return union_categoricals([column.array for column in columns])
    return np.concatenate([np.empty(0, object), *(c.to_numpy(object) for c in columns)])
