"""Whose returns are late, missing, stopped, held back or revised?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.explain.wording import counted
from earlywarning.models.robust import column_mad
from earlywarning.schema import RETURNS_REVIEW
from earlywarning.signals import Measured, Prepared

Array = NDArray[np.float64]

STATUSES = {
    "n_in_time": "in time",
    "n_suppressed": "suppressed",
    "n_late": "late",
    "n_missing": "missing",
    "n_stopped": "stopped",
}
LACKING = ("late", "missing")


def returns_review(
    returns: pd.DataFrame,
    by_authority: pd.DataFrame,
    values: pd.DataFrame,
    measured: Mapping[str, Measured],
    *,
    names: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Review the returns of every authority.

    Parameters
    ----------
    returns, by_authority : DataFrame
        Columns `schema.RETURNS` and `schema.RETURNS_BY_AUTHORITY`, of the same result.
    values : DataFrame
        Columns `schema.VALUES`: each value as known that day, and as first published.
    measured : mapping of str to Measured
        The metrics by name: on their scales revisions are measured.
    names : mapping of str to str, optional
        Authority code to name.

    Returns
    -------
    DataFrame
        Columns `schema.RETURNS_REVIEW`, one row an authority, by code. `n_expected`, `share`,
        `expected_share`, `p` and `q` are those of `by_authority`. Of `n_values` that
        ever came out `n_revised` have another value now, or none (`n_withdrawn` of them);
        `revised_sd` is the median size of their revisions in scaled median absolute deviations
        of the metric's authorities in the same period.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    >>> found = EarlyWarning().fit_score(panel)
    >>> table = returns_review(
    ...     found.returns, found.returns_by_authority, found.values, found.measured
    ... )
    >>> int(table["n_in_time"].sum()), len(table) == len(panel.authorities)
    (77, True)
    """
    told = returns["status"].astype(str)
    authority = returns["authority"].astype(str)
    counts = pd.crosstab(authority, told).reindex(columns=list(STATUSES.values()), fill_value=0)
    counts.columns = pd.Index(list(STATUSES))
    overdue = returns["days_overdue"].where(told.isin(LACKING), 0.0).groupby(authority).max()
    table = by_authority.set_index(by_authority["authority"].astype(str))
    table = table.drop(columns=["authority", "n_missing"]).join(counts)
    table = table.join(overdue.rename("days_overdue")).join(_revised(values, measured))
    whole = ["n_values", "n_revised", "n_withdrawn"]
    table[whole] = table[whole].fillna(0).astype(int)
    table = table.rename_axis("authority").sort_index().reset_index()
    called = dict(names or {})
    table["name"] = [called.get(code, code) for code in table["authority"]]
    table["evidence"] = [_evidence(row) for row in table.to_dict("records")]
    return table[list(RETURNS_REVIEW)]


def _revised(values: pd.DataFrame, measured: Mapping[str, Measured]) -> pd.DataFrame:
    """Count each authority's values and revisions, and measure the latter."""
    came = values["first_value"].notna()
    changed = values[came & values["value"].ne(values["first_value"])]
    sizes = [
        _sizes(rows, measured[str(name)].prepared)
        for name, rows in changed.groupby("metric", observed=True)
        if str(name) in measured
    ]
    size = pd.concat(sizes) if sizes else pd.Series(dtype=float)
    size = size.reindex(changed.index)
    who = changed["authority"].astype(str)
    return pd.DataFrame(
        {
            "n_values": values.loc[came, "authority"].astype(str).value_counts(),
            "n_revised": who.value_counts(),
            "n_withdrawn": who[changed["value"].isna()].value_counts(),
            "revised_sd": size.groupby(who).median(),
        }
    )


def _sizes(rows: pd.DataFrame, prepared: Prepared) -> pd.Series:
    """Return the sizes of one metric's revisions; those before its window are not measured."""
    matrix = prepared.matrix
    row = pd.Index(matrix.authorities).get_indexer(pd.Index(rows["authority"].astype(str)))
    column = pd.Index(matrix.periods).get_indexer(pd.Index(rows["period"].astype(str)))
    here = (row >= 0) & (column >= 0)
    row, column, rows = row[here], column[here], rows[here]
    denominator = None if matrix.denominator is None else matrix.denominator[row, column]
    with np.errstate(invalid="ignore", divide="ignore"):
        first = prepared.orientation.forward(rows["first_value"].to_numpy(float), denominator)
        size = np.abs(prepared.x[row, column] - first) / column_mad(prepared.x)[column]
    return pd.Series(np.where(np.isfinite(size), size, np.nan), index=rows.index)


def _evidence(row: Mapping[Any, Any]) -> str:
    """Return a sentence on an authority's returns."""
    lacking = row["n_late"] + row["n_missing"]
    said = "Nothing is expected of it."
    if row["n_expected"]:
        said = (
            f"Lacks {lacking} of {counted(row['n_expected'], 'return', 'returns')}; "
            f"its peers lack {row['expected_share']:.1%} of the same metrics."
        )
    if row["n_revised"]:
        size = "" if np.isnan(row["revised_sd"]) else f", by {row['revised_sd']:.2f} spreads"
        said += f" {row['n_revised']:,} of {row['n_values']:,} values were revised{size}."
    return said
