"""From a long table, or several panels, to one checked panel."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrame
from pandas.api.types import union_categoricals

from earlywarning.catalogue import Catalogue
from earlywarning.errors import PanelError
from earlywarning.frames import as_pandas
from earlywarning.panel.rows import Rows, encoded, rows_of, spelt_out, table_of, typed_rows
from earlywarning.panel.rules import (
    kept,
    keyless,
    occurring,
    refuse_infinite,
    refuse_mixed,
    settle_duplicates,
    spelt_twice,
)
from earlywarning.panel.table import Panel
from earlywarning.panel.when import ordered, read_published, with_periods, with_published
from earlywarning.schema import KEY, issues_table
from earlywarning.settings import Settings


def as_panel(
    frame: IntoFrame,
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
        Of pandas, or of a library that `earlywarning.frames` takes.
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
    frame = as_pandas(frame)
    rows, issues = typed_rows(frame), [*issues]
    rows, undated = read_published(rows, frame.get("published"))
    rows, infinite = refuse_infinite(rows)
    issues += [*undated, *infinite, *keyless(rows), *spelt_twice(rows)]
    named = kept(rows, (rows.authority.codes >= 0) & (rows.metric.codes >= 0))
    if not len(named):
        raise PanelError("No row has both an authority and a metric. Is this the right table?")
    rows, periods, unread = with_periods(named, period_kind)
    rows, assumed = with_published(rows, periods, catalogue, settings or Settings())
    panel = assembled(rows, periods, series_of(named), [*issues, *unread, *assumed])
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
    table = _joined([part.frame for part in parts])
    table["period"] = table["period"].cat.set_categories(pd.Index(periods["period"], dtype="str"))
    series = _joined([part.series for part in parts]).drop_duplicates(["metric", "authority"])
    rows = rows_of(table)
    told = [row for part in parts for row in part.issues.to_dict("records")]
    issues = [row for row in told if row["code"] != "spelt_twice"] + spelt_twice(rows)
    series = series.sort_values(["metric", "authority"], ignore_index=True)
    panel = assembled(rows, periods, series, issues)
    return replace(panel, names={c: name for part in parts[::-1] for c, name in part.names.items()})


def assembled(rows: Rows, periods: pd.DataFrame, series: pd.DataFrame, issues: list[Any]) -> Panel:
    """Apply the rules that need all rows, and say of each series why it has no value."""
    rows, repeated = settle_duplicates(rows)
    rows, why, mixed = refuse_mixed(rows, periods)
    status = series["status"].to_numpy(object).copy()
    metric, authority = (series[name].cat.codes.to_numpy() for name in ("metric", "authority"))
    for name, word in why.items():
        status[metric == series["metric"].cat.categories.get_loc(name)] = word
    key = rows.key("metric", "authority")
    last, given = _last_and_any(key, ~np.isnan(rows.numbers["value"]))
    n_authorities = len(rows.authority.categories)
    place = np.searchsorted(metric * np.int64(n_authorities) + authority, key[last])
    status[place] = ""
    mute = ~given
    status[place[mute]] = spelt_out(rows.status.take(last[mute])).to_numpy(object)
    return Panel(
        frame=table_of(rows),
        periods=periods,
        series=series.assign(status=pd.Series(status, dtype="str")),
        issues=issues_table([*issues, *repeated, *mixed]),
        names={},
    )


def _last_and_any(
    key: npt.NDArray[np.int64], given: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return each sorted key's last position, and whether anything was given under it."""
    if not len(key):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    last = np.append(np.flatnonzero(key[1:] != key[:-1]), len(key) - 1)
    return last, np.logical_or.reduceat(given, np.append(0, last[:-1] + 1))


def series_of(rows: Rows) -> pd.DataFrame:
    """Return every (authority, metric) of the rows, sorted by metric and authority."""
    metrics, authorities = rows.metric.categories, rows.authority.categories
    key = occurring(rows.key("metric", "authority"), len(metrics) * len(authorities))
    metric, authority = np.divmod(key, len(authorities))
    return pd.DataFrame(
        {
            "authority": pd.Categorical.from_codes(authority, categories=authorities),
            "metric": pd.Categorical.from_codes(metric, categories=metrics),
            "status": "unreadable period",
        }
    )


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
    (authority, codes), (name, names) = (encoded(frame[key]) for key in ("authority", "name"))
    both = (authority >= 0) & (name >= 0)
    pairs = pd.unique(authority[both] * np.int64(len(names)) + name[both])[::-1]
    code, name = np.divmod(pairs, max(len(names), 1))
    found = zip(codes[code], names[name], strict=True)
    stripped = {str(code).strip(): str(name).strip() for code, name in found}
    return {code: name for code, name in sorted(stripped.items()) if code and name}
