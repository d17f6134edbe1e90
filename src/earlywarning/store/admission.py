"""May a panel's rows stand in a store beside those that are there?

What says again what the store has is left out; what contradicts it is refused, all of it.
The panel itself was checked when it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.errors import PanelError
from earlywarning.panel import Panel
from earlywarning.panel.rows import taken
from earlywarning.panel.rules import period_forms
from earlywarning.schema import KEY, issue_row, issues_table

if TYPE_CHECKING:
    from earlywarning.store.reading import Store

METRICS_AT_ONCE = 32  # that are read to be compared: bounds memory
COMPARED = ("value", "numerator", "denominator")
DAYS = 2**20  # more than there are days of publication: room beside a key
SHOWN = 5  # metrics or labels named in a message

Mask = npt.NDArray[np.bool_]
Keys = npt.NDArray[np.int64]


def admitted(panel: Panel, store: Store, how: str) -> tuple[Panel, pd.DataFrame]:
    """Return a panel without what a store has already, and an issue for that.

    `how` is "append" or "revise": whether a value may be there with an earlier day of
    publication.
    """
    _refuse_other_meanings(panel.periods, store.periods)
    there = set(store.metrics)
    shared = [name for name in panel.metrics if name in there]
    repeated = np.zeros(len(panel.frame), dtype=bool)
    problems: list[str] = []
    for start in range(0, len(shared), METRICS_AT_ONCE):
        names = shared[start : start + METRICS_AT_ONCE]
        at = np.flatnonzero(panel.frame["metric"].isin(names))
        new, old = taken(panel.frame, at), store.lot(names).panel().frame
        _refuse_mixed(new, old, pd.concat([panel.periods, store.periods]))
        found = _compared(new, old)
        problems += _contradictions(new, found.contradicts(how))
        repeated[at] = found.repeats
    if problems:
        remedy = (
            "Correct them; or give what revises a value a later day in 'published', and revise."
            if how == "append"
            else "Correct them, or give a revision the later day on which it was published."
        )
        more = f" In all {len(problems)} metrics." if len(problems) > SHOWN else ""
        raise PanelError(f"{' '.join(problems[:SHOWN])}{more} Nothing was written. {remedy}")
    if not repeated.any():
        return panel, issues_table([])
    return _without(panel, repeated), issues_table([_repeats(int(repeated.sum()))])


def _repeats(count: int) -> dict[str, object]:
    return issue_row(
        "store", "duplicate", f"{count:,} rows say again what the store has: they are left out.",
        "Nothing, or leave them out.", n_rows=count,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Compared:
    """What each new row is to the store: arrays, a place a row."""

    repeats: Mask  # the same is there
    differs: Mask  # the same day has another number there
    known: Mask  # the value is there, published on another day
    late: Mask  # and that was earlier

    def contradicts(self, how: str) -> Mask:
        """Return which rows may not stand beside what is there."""
        return self.differs | (self.known if how == "append" else self.known & ~self.late)


def _compared(new: pd.DataFrame, old: pd.DataFrame) -> _Compared:
    """Set new rows against the store's of the same authority, metric and period."""
    key, day = list(_keys(new, old)), [_days(table) for table in (new, old)]
    order = np.lexsort((day[1], key[1]))
    both = key[1][order] * DAYS + day[1][order]
    wanted = key[0] * DAYS + day[0]
    place = np.minimum(np.searchsorted(both, wanted), max(len(both) - 1, 0))
    same = both[place] == wanted if len(both) else np.zeros(len(new), dtype=bool)
    differs = np.zeros(len(new), dtype=bool)
    at = order[place] if len(both) else place
    for name in COMPARED if len(both) else ():
        one, other = new[name].to_numpy(), old[name].to_numpy()[at]
        differs |= (one != other) & ~(np.isnan(one) & np.isnan(other))
    last = np.searchsorted(key[1][order], key[0], side="right") - 1
    known = (last >= 0) & (key[1][order][last] == key[0]) if len(both) else same
    late = known & (day[0] > day[1][order][last]) if len(both) else same
    return _Compared(same & ~differs, same & differs, known & ~same, late)


def _keys(*tables: pd.DataFrame) -> Iterator[Keys]:
    """Yield a number for each row's authority, metric and period, the same in all tables."""
    words = {
        name: pd.Index(
            sorted({*map(str, np.concatenate([t[name].cat.categories for t in tables]))})
        )
        for name in KEY
    }
    for table in tables:
        key = np.zeros(len(table), dtype=np.int64)
        for name in KEY:
            place = words[name].get_indexer(table[name].cat.categories.astype(str))
            key = key * len(words[name]) + place[table[name].cat.codes.to_numpy()]
        yield key


def _days(table: pd.DataFrame) -> Keys:
    """Return the days of publication as numbers above 0."""
    days: Keys = table["published"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return days + DAYS // 2


def _contradictions(new: pd.DataFrame, marked: Mask) -> Iterator[str]:
    """Say once a metric how many rows contradict the store, and which is the first."""
    bad = new[marked]
    for metric, rows in bad.groupby("metric", observed=True):
        first = rows.iloc[0]
        yield (
            f"{len(rows):,} values of '{metric}' contradict what the store has, the first "
            f"{first['value']:.12g} for {first['authority']} in {first['period']}, "
            f"published {first['published']:%Y-%m-%d}."
        )


def _refuse_other_meanings(new: pd.DataFrame, old: pd.DataFrame) -> None:
    both = pd.concat([new, old]).drop_duplicates()
    twice = both["period"][both["period"].duplicated()].unique()
    if len(twice):
        raise PanelError(
            f"Period labels mean different things in the store: {', '.join(twice[:SHOWN])}. "
            "Read the file with its period_kind."
        )


def _refuse_mixed(new: pd.DataFrame, old: pd.DataFrame, periods: pd.DataFrame) -> None:
    """Refuse metrics that would have two frequencies or kinds of period."""
    form = dict(zip(periods["period"], period_forms(periods).tolist(), strict=True))
    pairs: set[tuple[str, Any]] = set()
    for table in (new, old):
        given = table[["metric", "period"]].drop_duplicates().astype(str)
        pairs |= set(zip(given["metric"], given["period"].map(form), strict=True))
    kinds = pd.DataFrame(sorted(pairs), columns=["metric", "form"])
    mixed = kinds[kinds["metric"].duplicated(keep=False)]
    if len(mixed):
        first = mixed["metric"].iloc[0]
        forms = " and ".join(mixed.loc[mixed["metric"].eq(first), "form"])
        raise PanelError(
            f"With what the store has, '{first}' would mix {forms} (metrics that would: "
            f"{mixed['metric'].nunique():,}). Nothing was written. Give the parts metric names "
            "of their own."
        )


def _without(panel: Panel, repeated: Mask) -> Panel:
    """Return a panel without some rows, and without the series that have no other."""
    frame = taken(panel.frame, np.flatnonzero(~repeated))
    before, after, series = (
        table["metric"].cat.codes.to_numpy(np.int64) * len(panel.authorities)
        + table["authority"].cat.codes.to_numpy()
        for table in (panel.frame, frame, panel.series)
    )
    gone = np.isin(series, before) & ~np.isin(series, after)
    return replace(panel, frame=frame, series=panel.series[~gone].reset_index(drop=True))
