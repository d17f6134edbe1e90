"""What does a control chart say of each series' newest value? For people who expect one.

`control_charts_table` lays out what `models.control` finds by the rules and icons of Making
Data Count: XmR limits by the first 12 published values of the window. No flag comes from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.control.icons import Better, assurance_icons, variation_icons
from earlywarning.models.control.making_data_count import RULES, SpecialCauses, special_causes
from earlywarning.models.control.rebase import propose_rebase
from earlywarning.models.control.xmr import xmr_limits
from earlywarning.schema import ASSURANCES, CHART_STATUSES, CONTROL_CHARTS, VARIATIONS
from earlywarning.signals.measure import Measured
from earlywarning.signals.prepare import Prepared, at_newest
from earlywarning.signals.rows import series_table

Words = NDArray[Any]

BASELINE = 12  # published values that set the limits, as Making Data Count advises at the least
BETTER: dict[str, Better] = {"better": "up", "worse": "down", "context": "neither"}
HITS = tuple(
    "; ".join(rule for rule, holds in zip(RULES, which, strict=True) if holds)
    for which in product((False, True), repeat=len(RULES))
)  # every set of rules that may hold at once, none the first
UNREAD = ("no value", "stale", "too few values")  # statuses without icons


def control_charts_table(measured: Iterable[Measured]) -> pd.DataFrame:
    """Chart every series, and read its newest value by the rules of Making Data Count.

    Parameters
    ----------
    measured : iterable of Measured
        The metrics.

    Returns
    -------
    DataFrame
        Columns `schema.CONTROL_CHARTS`, one row a series, limits in the metric's units.
        `rules` names all that the newest value meets; `rebase` is the newest period at which
        new limits are proposed, none of them applied. Icons stand by the catalogue's polarity
        and target, and are empty where nothing is charted.
    """
    metrics = list(measured)
    labels = sorted({period for one in metrics for period in ("", *one.prepared.matrix.periods)})
    words = {
        "variation": VARIATIONS, "assurance": ASSURANCES, "rules": HITS, "rebase": labels,
        "status": CHART_STATUSES,
    }  # fmt: skip
    found = [_charted(one.prepared) for one in metrics]
    return series_table(metrics, found, CONTROL_CHARTS, words)


def _charted(prepared: Prepared) -> dict[str, Words]:
    """Return what the chart of each series of one metric says of its newest value."""
    values, better = prepared.matrix.values, BETTER[prepared.metric.higher_is]
    limits = xmr_limits(values, baseline=BASELINE)
    causes = special_causes(values, limits)
    goal = np.nan if prepared.metric.target is None else prepared.metric.target
    assurance = assurance_icons(values, limits, target=goal, better=better)
    status = at_newest(prepared, limits.status.astype(object), "no value")
    status = np.where(prepared.status == "stale", "stale", status)
    unread = np.isin(status.astype(str), UNREAD)
    lines = {"value": values, "centre": limits.centre, "lower": limits.lower, "upper": limits.upper}
    return {
        **{name: at_newest(prepared, line, np.nan) for name, line in lines.items()},
        "variation": np.where(unread, "", variation_icons(values, causes, better=better)),
        "assurance": np.where(unread, "", assurance),
        "rules": np.where(unread, "", _hits(prepared, causes)),
        "rebase": np.where(unread, "", _proposed(prepared)),
        "status": status,
    }


def _hits(prepared: Prepared, causes: SpecialCauses) -> Words:
    """Return the names of all rules that each series' newest value meets."""
    which = (causes.beyond, causes.trend, causes.two_of_three, causes.shift)
    code = np.zeros(len(prepared.x), dtype=np.intp)
    for rule in which:
        code = 2 * code + (at_newest(prepared, rule, 0) != 0)
    return np.asarray(np.array(HITS, dtype=object)[code])


def _proposed(prepared: Prepared) -> Words:
    """Return the newest period at which each series' limits might begin anew, or nothing."""
    found = propose_rebase(prepared.matrix.values, baseline=BASELINE)
    column = np.full(len(prepared.x), -1)
    np.maximum.at(column, found["row"].to_numpy(dtype=int), found["column"].to_numpy(dtype=int))
    return np.asarray(np.array([*prepared.matrix.periods, ""], dtype=object)[column])
