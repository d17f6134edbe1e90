r"""How are tables written as CSV, so that they read back the same and a spreadsheet runs nothing?

UTF-8, line feeds, ISO days, numbers with all their digits, empty where there is nothing.
A text that a spreadsheet would take for a formula has an apostrophe put before it, which
`read_table` takes away again.
"""

import csv
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from earlywarning.formulas import as_was, made_safe
from earlywarning.schema import THEME

DAYS = ("published", "end")
TRUTHS = ("anomaly",)
WHOLE = (
    "runs",
    "n_periods",
    "n_peers",
    "n_authorities",
    "n_recent",
    "n_good",
    "rank",
    "rank_low",
    "rank_high",
)
COUNTS = (  # whole numbers in the tables of the sector
    "n_since", "n_metrics", "n_assessed", "n_worse", "n_better", "n_unusual", "n_wider",
    "n_narrower", "n_worse_since", "n_better_since", "n_wider_since", "n_narrower_since",
    "n_days_given", "n_cluster", "n_breaks", "n_flags", "n_expected", "n_in_time", "n_suppressed",
    "n_late", "n_missing", "n_stopped", "n_values", "n_revised", "n_withdrawn",
)  # fmt: skip
SECTOR = (  # and other numbers
    "moved", "moved_sd", "usual_sd", "moved_without", "spread_p", "spread_q", "spread_without",
    "moved_since", "moved_since_sd", "p_since", "q_since", "spread_ratio_since", "spread_p_since",
    "spread_q_since", "coverage_newest", "coverage_grid", "days_to_publish", "correlation",
    "signal_to_noise", "expected_false_flags", "days_overdue", "share", "expected_share",
    "revised_sd",
)  # fmt: skip
WHOLE_OR_MISSING = ("row", "n_rows", "lag_days")
NUMBERS = (
    "value", "expected", "lower", "upper", "z", "p", "q", "effect", "would_clear_at", "stability",
    "score", "score_position", "score_change", "coverage", "points", "weight", "contribution",
    "level", "slope", "slope_lower", "slope_upper", "forecast", "forecast_lower",
    "forecast_upper", "target", "statistic", "share_moved", "jump", "usual", "spread_ratio",
    "order", "usual_order", "kept", "first_value", "value_before", "denominator",
    "coverage_learnt", "gaps_learnt", "gaps", "shift",
)  # fmt: skip
ALL_NUMBERS = (*NUMBERS, *SECTOR, *WHOLE, *COUNTS, *WHOLE_OR_MISSING)


def write_table(table: pd.DataFrame, path: Path) -> None:
    r"""Write one table; texts that look like formulas are made safe.

    Parameters
    ----------
    table : DataFrame
        Columns as in `earlywarning.schema`.
    path : Path
        The file.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "flags.csv")
    ...     write_table(pd.DataFrame({"metric": ["=1+1"], "effect": [-0.1]}), path)
    ...     path.read_text()
    "metric,effect\n'=1+1,-0.1\n"
    """
    safe = table.copy()
    texts = [
        name for name in map(str, table.columns) if _is_text(name) and _may_be_text(table[name])
    ]
    for name in map(str, table.columns):
        if name in texts:
            safe[name] = made_safe(table[name].map(_plain))
    torn = any(safe[name].str.contains("\r").any() for name in texts)
    quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if torn else csv.QUOTE_MINIMAL  # CR unquoted
    safe.to_csv(path, index=False, quoting=quoting, lineterminator="\n", date_format="%Y-%m-%d")


def read_table(path: Path) -> pd.DataFrame:
    """Read what `write_table` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    DataFrame
        Numbers, days and texts as they were; a text that is not there is empty.

    Raises
    ------
    ValueError
        If it is no such file.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    return table.apply(_typed)


def kind_of(name: str) -> str:
    """Return what a column of this name holds: number, whole, day, truth or text.

    Examples
    --------
    >>> [kind_of(name) for name in ("p", "n_peers", "published", "anomaly", "reason")]
    ['number', 'whole', 'day', 'truth', 'text']
    """
    if name in DAYS:
        return "day"
    if name in TRUTHS:
        return "truth"
    if name in (*WHOLE, *WHOLE_OR_MISSING):
        return "whole"
    return "text" if _is_text(name) else "number"


def _typed(column: pd.Series) -> pd.Series:
    name = str(column.name)
    if _is_text(name):
        return as_was(column.astype(object))
    if name in DAYS:
        return pd.to_datetime(column, format="%Y-%m-%d", errors="raise")
    if name in TRUTHS:
        return column.eq("True")
    numbers = column.mask(column.eq(""), "nan").to_numpy(object).astype(float)
    typed = pd.Series(numbers, index=column.index)
    if name in WHOLE_OR_MISSING:
        return typed.astype("Int64")
    whole = name in (*WHOLE, *COUNTS) and bool(np.isfinite(numbers).all())
    return typed.astype("int64") if whole else typed


def _is_text(name: str) -> bool:
    return name not in (*ALL_NUMBERS, *DAYS, *TRUTHS) and not name.startswith(THEME)


def _may_be_text(column: pd.Series) -> bool:
    """Return whether a column's kind leaves room for text; numbers, truths and days have none."""
    return not (pd.api.types.is_numeric_dtype(column) or column.dtype.kind in "Mb")


def _plain(cell: object) -> str:
    return "" if pd.isna(cell) else str(cell)  # type: ignore[call-overload]
