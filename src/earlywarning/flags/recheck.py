"""What would clear a flag, does it hang on little, and did it stand a release earlier?

Every flag is judged again by the yardstick it was raised by: what its peers teach today,
and the p-value up to which its family is flagged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np
import pandas as pd

from earlywarning.flags.cases import Case, cases_of
from earlywarning.flags.changes import recheck_changes
from earlywarning.flags.positions import position_clears, position_stability, position_stood
from earlywarning.panel import Panel
from earlywarning.settings import Settings
from earlywarning.signals import (
    BLOCK,
    Measured,
    Prepared,
    as_known,
    known_by,
    one_thread,
    position_of,
)


def recheck(
    flags: pd.DataFrame, measured: Mapping[str, Measured], panel: Panel, *, settings: Settings
) -> pd.DataFrame:
    """Fill in `since`, `runs`, `would_clear_at`, `stability` and `published`.

    Parameters
    ----------
    flags : DataFrame
        From `raise_flags`, with `cut`.
    measured : mapping of str to Measured
        The metrics as they were measured.
    panel : Panel
        All that was published, revised values and what they replaced.
    settings : Settings
        The thresholds.

    Returns
    -------
    DataFrame
        The same flags, filled in. `since` and `runs` say whether a flag would have been
        raised by what was known the day before its metric's newest period came out, about
        an earlier period. `would_clear_at` is the newest value, in the metric's
        units, at which the flag would not have been raised; NaN where none would do.
        `stability` is the share of re-scorings that keep it: one past period left out at
        a time for a change, a tenth of the peers at a time for a position.
    """
    with one_thread():
        return _rechecked(flags, list(cases_of(flags, measured)), list(measured), panel, settings)


def _rechecked(
    flags: pd.DataFrame, cases: list[Case], metrics: list[str], panel: Panel, settings: Settings
) -> pd.DataFrame:
    then = _as_known_before(cases, panel)
    n = len(flags)
    published = np.full(n, np.datetime64("NaT"), dtype="datetime64[ns]")
    clears, stability = np.full((2, n), np.nan)
    stood, before = np.zeros(n, dtype=bool), np.full(n, "", dtype=object)
    for block in _blocks([case for case in cases if case.kind == "change"], metrics):
        for case, (x, kept, lasting) in zip(block, recheck_changes(block, then), strict=True):
            clears[case.place], stability[case.place] = case.in_units(x), kept
            stood[case.place] = lasting
    flagged = {case.metric for case in cases if case.kind == "position"}
    positions = {name: position_of(then[name], settings=settings) for name in flagged}
    for case in cases:
        published[case.place] = case.published
        before[case.place] = then[case.metric].newest_periods[case.rows]
        if case.kind == "position":
            clears[case.place] = case.in_units(position_clears(case))
            stability[case.place] = position_stability(case)
            stood[case.place] = position_stood(case, positions[case.metric])
    period = flags["period"].to_numpy(object)
    stood &= before != period
    return flags.assign(
        since=np.where(stood, before, period),
        runs=1 + stood,
        published=published,
        would_clear_at=clears,
        stability=stability,
    )


def _blocks(cases: Sequence[Case], metrics: Sequence[str]) -> Iterator[list[Case]]:
    """Yield the cases of so many metrics at a time as were measured at once.

    Rounding follows from what is multiplied together: so each block's is its own, whatever
    other metrics there are.
    """
    place = {name: number // BLOCK for number, name in enumerate(metrics)}
    for _, block in groupby(cases, key=lambda case: place[case.metric]):
        yield list(block)


def _as_known_before(cases: Sequence[Case], panel: Panel) -> dict[str, Prepared]:
    """Return each metric as it was known the day before its newest period came out."""
    ready = {case.metric: case.measured.prepared for case in cases}
    days: dict[pd.Timestamp, list[str]] = {}
    for name, published in _newest_published(ready, panel).items():
        days.setdefault(published - pd.Timedelta(days=1), []).append(name)
    found: dict[str, Prepared] = {}
    for day, names in days.items():
        if panel.revised:
            known = panel.only(names).known_at(day)
            found |= {name: as_known(ready[name], known.matrix(name)) for name in names}
        else:
            found |= {name: known_by(ready[name], day) for name in names}
    return found


def _newest_published(ready: Mapping[str, Prepared], panel: Panel) -> dict[str, pd.Timestamp]:
    """Return when the first value of each metric's newest period came out, revised since or not."""
    days = {name: day for name, one in ready.items() if (day := one.newest_published) is not None}
    if not (days and panel.revised):
        return days
    rows = panel.only(list(days)).frame
    newest = {name: ready[name].matrix.periods[ready[name].newest.max()] for name in days}
    first = rows["period"].astype(object).eq(rows["metric"].astype(object).map(newest))
    first &= rows["value"].notna()
    published = rows[first].groupby("metric", observed=True)["published"].min()
    return {name: min(day, published.get(name, day)) for name, day in days.items()}
