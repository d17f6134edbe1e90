"""How is a table of another library taken: polars, pyarrow, duckdb and their like?

Inside the library every table is a pandas DataFrame; one of another library is changed into
one at the door, through narwhals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw
import pandas as pd
from narwhals.typing import IntoFrame

from earlywarning.errors import UsageError

if TYPE_CHECKING:
    from typing_extensions import TypeIs


def is_frame(source: object) -> TypeIs[IntoFrame]:
    """Return whether something is a table that `as_pandas` takes.

    Examples
    --------
    >>> is_frame(pd.DataFrame()), is_frame("figures.csv")
    (True, False)
    """
    return isinstance(nw.from_native(source, pass_through=True), nw.DataFrame | nw.LazyFrame)


def as_pandas(frame: IntoFrame) -> pd.DataFrame:
    """Return a table as a pandas DataFrame; one that is lazy is worked out.

    Parameters
    ----------
    frame : DataFrame of pandas, polars or pyarrow, LazyFrame, relation of duckdb, ...
        What narwhals knows.

    Returns
    -------
    DataFrame
        The same object, where it is of pandas.

    Raises
    ------
    UsageError
        If it is no table.

    Examples
    --------
    >>> import pyarrow as pa
    >>> as_pandas(pa.table({"value": [1.0, None]}))["value"].isna().to_list()
    [False, True]
    """
    if isinstance(frame, pd.DataFrame):
        return frame
    if not is_frame(frame):
        raise UsageError(
            f"{type(frame).__name__} is no table. Give a DataFrame of pandas, polars or pyarrow, "
            "or a relation of duckdb."
        )
    found = nw.from_native(frame)
    return (found.collect() if isinstance(found, nw.LazyFrame) else found).to_pandas()
