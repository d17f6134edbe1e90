"""Would a flag have been raised a release earlier as well?

Each flagged series is judged once more by the values that were known the day before the
metric's newest period came out, by the same yardstick: what its peers teach today, and
the p-value up to which its family is flagged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.flags.grade import SERIES
from earlywarning.models.structural import Yardsticks
from earlywarning.panel import Panel
from earlywarning.settings import Settings
from earlywarning.signals import Measured, Prepared, as_known, position_of

Array = NDArray[np.float64]
Rows = NDArray[np.intp]


def stood_before(
    flags: pd.DataFrame, measured: Mapping[str, Measured], panel: Panel, *, settings: Settings
) -> pd.DataFrame:
    """Return which flags would have stood a release earlier, about an earlier period.

    Parameters
    ----------
    flags : DataFrame
        Flags, with `cut`.
    measured : mapping of str to Measured
        The metrics as they were measured.
    panel : Panel
        All that was known by then, revised values and what they replaced.
    settings : Settings
        The thresholds.

    Returns
    -------
    DataFrame
        Columns `authority, metric, kind, since, runs, period`, a row a flag that stood.
    """
    cases = [
        case
        for names, day in _days(sorted(set(flags["metric"].astype(str))), measured)
        for case in _cases(flags, names, measured, panel.only(names).known_at(day))
    ]
    stood = np.zeros(len(flags), dtype=bool)
    before = np.full(len(flags), "", dtype=object)
    for case, kept in zip(cases, _kept(cases, settings), strict=True):
        before[case.place] = case.then.newest_periods[case.rows]
        stood[case.place] = kept
    lasting = stood & (before != flags["period"].to_numpy(object))
    table = flags[SERIES].assign(since=before, runs=1, period=before)
    return pd.DataFrame(table[lasting])


@dataclass(frozen=True, eq=False)
class _Case:
    """The flags of one kind on one metric."""

    kind: str
    measured: Measured
    then: Prepared  # the metric as it was known
    place: Rows  # among the flags
    rows: Rows  # among the metric's authorities
    cut: Array


def _days(
    names: Sequence[str], measured: Mapping[str, Measured]
) -> list[tuple[list[str], pd.Timestamp]]:
    """Return the metrics with the same day before their newest period came out, and that day."""
    days: dict[pd.Timestamp, list[str]] = {}
    for name in names:
        day = measured[name].prepared.day_before_newest
        if day is not None:
            days.setdefault(day, []).append(name)
    return [(together, day) for day, together in days.items()]


def _cases(
    flags: pd.DataFrame, names: list[str], measured: Mapping[str, Measured], known: Panel
) -> list[_Case]:
    table = flags[["metric", "kind", "authority", "cut"]].reset_index(drop=True)
    table = table[table["metric"].isin(names)]
    then = {name: as_known(measured[name].prepared, known.matrix(name)) for name in names}
    found = []
    for (metric, kind), group in table.groupby(["metric", "kind"], observed=True):
        name = str(metric)
        authorities = pd.Index(measured[name].prepared.matrix.authorities)
        rows = authorities.get_indexer(pd.Index(group["authority"].astype(str)))
        place, cut = group.index.to_numpy(), group["cut"].to_numpy()
        found.append(_Case(str(kind), measured[name], then[name], place, rows, cut))
    return found


def _kept(cases: Sequence[_Case], settings: Settings) -> list[NDArray[np.bool_]]:
    """Return which flags of each case would have stood, those on changes judged at once."""
    changes = [case for case in cases if case.kind == "change"]
    p_of_change = iter(_p_of_changes(changes))
    found = []
    for case in cases:
        if case.kind == "change":
            p = next(p_of_change)
        else:
            position = position_of(case.then, settings=settings)
            p = case.measured.p(position.above, position.below)[case.rows]
        found.append(p <= case.cut)
    return found


def _p_of_changes(cases: Sequence[_Case]) -> list[Array]:
    """Return the p-value of each change, the newest values not there yet."""
    asked, series, places = [], [], []
    for i, case in enumerate(cases):
        judged_at = case.measured.judged_at[case.rows]
        for column in np.unique(judged_at):
            here = np.flatnonzero(judged_at == column)
            rows = case.rows[here]
            asked.append(case.measured.asked(rows, int(column)))
            series.append(case.then.x[rows, : column + 1])
            places.append((i, here))
    found = [np.full(len(case.rows), np.nan) for case in cases]
    if asked:
        judged, end = Yardsticks.of(asked).contrasts(series), 0
        for (i, here), x in zip(places, series, strict=True):
            end += len(x)
            part = judged.of(slice(end - len(x), end))
            found[i][here] = cases[i].measured.p_change(part)
    return found
