"""What would clear a flag, does it hang on little, and did it stand a release earlier?

Every flag is judged again by the yardstick it was raised by: what its peers teach today,
and the p-value up to which its family is flagged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from earlywarning.flags.cases import Case, cases_of
from earlywarning.flags.changes import recheck_changes
from earlywarning.flags.positions import position_clears, position_stability, position_stood
from earlywarning.panel import Panel
from earlywarning.settings import Settings
from earlywarning.signals import Measured, Prepared, as_known, known_by, position_of


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
    cases = list(cases_of(flags, measured))
    then = _as_known_before(cases, panel)
    n = len(flags)
    published = np.full(n, np.datetime64("NaT"), dtype="datetime64[ns]")
    clears, stability = np.full((2, n), np.nan)
    stood, before = np.zeros(n, dtype=bool), np.full(n, "", dtype=object)
    changes = [case for case in cases if case.kind == "change"]
    for case, (x, kept, lasting) in zip(changes, recheck_changes(changes, then), strict=True):
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


def _as_known_before(cases: Sequence[Case], panel: Panel) -> dict[str, Prepared]:
    """Return each metric as it was known the day before its newest period came out."""
    ready = {case.metric: case.measured.prepared for case in cases}
    days: dict[pd.Timestamp, list[str]] = {}
    for name, prepared in ready.items():
        day = prepared.day_before_newest
        if day is not None:
            days.setdefault(day, []).append(name)
    found: dict[str, Prepared] = {}
    for day, names in days.items():
        if panel.revised:
            known = panel.only(names).known_at(day)
            found |= {name: as_known(ready[name], known.matrix(name)) for name in names}
        else:
            found |= {name: known_by(ready[name], day) for name in names}
    return found
