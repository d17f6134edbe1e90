"""From a long table, or several panels, to one checked panel."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals

from earlywarning.catalogue import Catalogue
from earlywarning.errors import PanelError
from earlywarning.panel.rules import codes, refuse_mixed, settle_duplicates, typed_rows
from earlywarning.panel.table import Panel
from earlywarning.panel.when import ordered, with_periods, with_published
from earlywarning.schema import KEY, PANEL, issues_table
from earlywarning.settings import Settings


def as_panel(
    frame: pd.DataFrame,
    *,
    catalogue: Catalogue | None = None,
    settings: Settings | None = None,
    issues: Iterable[Mapping[str, object]] = (),
    period_kind: str | None = None,
) -> Panel:
    """Check a long table of numbers, and make a panel of it.

    Parameters
    ----------
    frame : DataFrame
        Columns `authority`, `metric`, `period`, `value` and any of `schema.PANEL_OPTIONAL`;
        also `name` (of the authority), and `file` and `row` for messages. It is not changed.
    catalogue : Catalogue, optional
        Says after how many days a metric's values are published. The default finds the
        metrics in the catalogues that come with the library.
    settings : Settings, optional
        Has those days for metrics of which the catalogue does not say.
    issues : iterable of mapping, optional
        Rows found earlier, to be kept in the panel's `issues`.
    period_kind : str, optional
        Settles labels that can be read in two ways, such as "financial year".

    Returns
    -------
    Panel
        With every (authority, metric) that came in, and an issue for all that was refused.

    Raises
    ------
    PanelError
        If a column is missing, holds text for numbers, or no row has authority and metric.

    Examples
    --------
    >>> rows = pd.DataFrame({"authority": ["E06000001"] * 2, "metric": "debt",
    ...                      "period": ["2021-22", "spring"], "value": [5.0, 7.0]})
    >>> panel = as_panel(rows)
    >>> len(panel.frame), panel.issues["code"].to_list()
    (1, ['period_unreadable', 'lag_assumed'])
    """
    rows, found = typed_rows(frame)
    named = rows[rows["authority"].notna() & rows["metric"].notna()]
    if named.empty:
        raise PanelError("No row has both an authority and a metric. Is this the right table?")
    rows, periods, unread = with_periods(named, period_kind)
    rows, assumed = with_published(rows, periods, catalogue, settings or Settings())
    series = _distinct(named, "unreadable period")
    panel = _assemble(rows, periods, series, [*issues, *found, *unread, *assumed])
    return replace(panel, names=_names(frame))


def concat(panels: Iterable[Panel]) -> Panel:
    """Join panels, as if their rows had come in together.

    Parameters
    ----------
    panels : iterable of Panel
        At least one. They are not changed.

    Returns
    -------
    Panel
        Their rows, series, issues and names; what they say twice is checked as in `as_panel`.

    Raises
    ------
    PanelError
        If there is none, or if a period label means two things in them.

    Examples
    --------
    >>> rows = pd.DataFrame({"authority": ["E06000001"], "metric": "debt", "period": "2021-22",
    ...                      "value": 5.0})
    >>> concat([as_panel(rows), as_panel(rows.assign(period="2022-23"))]).frame["value"].to_list()
    [5.0, 5.0]
    """
    parts = list(panels)
    if not parts:
        raise PanelError("There is no panel to join. Give at least one.")
    periods = ordered(pd.concat([part.periods for part in parts]).drop_duplicates())
    twice = periods["period"][periods["period"].duplicated()].unique()
    if len(twice):
        raise PanelError(
            f"Period labels mean different things in these panels: {', '.join(twice)}. "
            "Read each with its period_kind."
        )
    rows = _joined([part.frame for part in parts])
    rows["period"] = rows["period"].cat.set_categories(periods["period"])
    rows["file"], rows["row"] = pd.Categorical([None] * len(rows)), -1
    series = _joined([part.series for part in parts]).drop_duplicates(["metric", "authority"])
    issues = [row for part in parts for row in part.issues.to_dict("records")]
    panel = _assemble(rows, periods, series.sort_values(["metric", "authority"]), issues)
    return replace(panel, names={c: name for part in parts[::-1] for c, name in part.names.items()})


def _assemble(
    rows: pd.DataFrame, periods: pd.DataFrame, series: pd.DataFrame, issues: list[Any]
) -> Panel:
    """Apply the rules that need all rows, and say of each series why it has no value."""
    rows, repeated = settle_duplicates(rows)
    rows, why, mixed = refuse_mixed(rows, periods)
    newest, given = _last_and_any(codes(rows, "metric", "authority"), rows["value"].notna())
    own = codes(rows, "metric", "authority")[newest]
    key = codes(series, "metric", "authority")
    place = np.searchsorted(key, own)
    status = (
        series["metric"].map(why).astype(object).fillna(series["status"]).to_numpy(object).copy()
    )
    status[place] = np.where(given, "", rows["status"].to_numpy(object)[newest])
    return Panel(
        frame=rows[list(PANEL)].reset_index(drop=True),
        periods=periods,
        series=series.assign(status=pd.Series(status, index=series.index, dtype="str")),
        issues=issues_table([*issues, *repeated, *mixed]),
        names={},
    )


def _last_and_any(
    key: npt.NDArray[np.int64], given: pd.Series
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return each sorted key's last position, and whether anything was given under it."""
    if not len(key):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    starts = np.flatnonzero(np.append(True, np.diff(key) != 0))
    return np.append(starts[1:], len(key)) - 1, np.logical_or.reduceat(given.to_numpy(), starts)


def _distinct(rows: pd.DataFrame, status: str) -> pd.DataFrame:
    """Return every (authority, metric) of the rows, sorted by metric and authority."""
    _, first = np.unique(codes(rows, "metric", "authority"), return_index=True)
    series = rows[["authority", "metric"]].iloc[first].reset_index(drop=True)
    return series.assign(status=status)


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack tables, and let each key have the categories of all of them."""
    keys = [key for key in KEY if key in tables[0]]
    stacked = pd.concat([table.drop(columns=keys) for table in tables], ignore_index=True)
    for key in keys:
        stacked[key] = union_categoricals([table[key] for table in tables], sort_categories=True)
    return stacked[list(tables[0])]


def _names(frame: pd.DataFrame) -> dict[str, str]:
    """Return authorities' names, the first where there are several."""
    if "name" not in frame:
        return {}
    pairs = frame[["authority", "name"]].dropna().drop_duplicates()
    found = zip(pairs["authority"], pairs["name"], strict=True)
    names = {str(code).strip(): str(name).strip() for code, name in reversed([*found])}
    return {code: name for code, name in sorted(names.items()) if code and name}
