"""Are new data still like those that a model learnt from?

Per metric four plain comparisons: who still publishes, how many values are missing, where the
middle of the authorities lies, how far apart they are. None of them says that a model is wrong:
a shift that all authorities share is taken out of every change (`models.movement`). They say
where to look before its flags are believed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.errors import UsageError
from earlywarning.models.orientation import Orientation
from earlywarning.panel import Panel, day_known
from earlywarning.pipeline import EarlyWarning
from earlywarning.schema import DRIFT, issue_row, issues_table
from earlywarning.settings import Settings
from earlywarning.signals import Seen, seen_of
from earlywarning.signals.prepare import newest_window

AS_LEARNT = "as learnt"
STATUSES = (
    "new", "gone", "other frequency", "off the scale", "coverage fell", "more gaps", "level moved",
    "spread changed", AS_LEARNT,
)  # fmt: skip
CHANGED = "Check units and definition; where they are right, fit and save the model again."
REMEDIES = {
    "new": "Nothing: it is learnt from the new data. Fit and save the model again to keep it.",
    "gone": "Check that its file was read, and under the same name.",
    "other frequency": "Check the periods, then fit and save the model again.",
    "off the scale": "Check units and signs; where they are right, fit and save the model again.",
    "coverage fell": "Wait for the authorities that are missing, or check that no file is cut.",
    "more gaps": "Check that no period was lost on the way.",
    "level moved": CHANGED,
    "spread changed": CHANGED,
}


def drift(
    model: EarlyWarning, panel: Panel, *, as_of: str | dt.date | pd.Timestamp | None = None
) -> pd.DataFrame:
    """Set a panel as it stood on a day against what a model learnt from.

    Parameters
    ----------
    model : EarlyWarning
        Fitted or loaded.
    panel : Panel
        The new data.
    as_of : date-like, optional
        The day; that of the panel's newest publication by default.

    Returns
    -------
    DataFrame
        Columns `schema.DRIFT`, one row a metric of either. `coverage` is the share of a metric's
        authorities that have a value in its newest period, `gaps` the share of values missing
        between each authority's first and newest. `shift` is how far the median of the
        authorities' newest values moved, in the spreads learnt, up is worse; `spread_ratio` how
        many times as far apart they are. `status` is the most telling of what is too much by the
        model's settings, or "as learnt".

    Raises
    ------
    UsageError
        If the model has learnt nothing, or `as_of` is no date.
    DataRefusedError
        If nothing was published by then.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> rows = sample_tables().panel.query("metric == 'roads_poor_pct'")
    >>> model = EarlyWarning().fit(as_panel(rows))
    >>> drift(model, as_panel(rows.assign(value=rows["value"] / 100)))["status"].to_list()
    ['level moved']
    """
    if not hasattr(model, "learnt_"):
        raise UsageError("Nothing is learnt yet. Call fit(panel) before asking for drift.")
    known = panel.known_at(day_known(panel, as_of))
    learnt, settings = model.learnt_.seen, model.settings
    rows = []
    for metric in sorted(learnt.keys() | set(known.metrics)):
        before = learnt.get(metric)
        now = None if metric not in known.metrics else _seen(known, metric, before, settings)
        rows.append({"metric": metric, **_compared(before, now, settings)})
    return pd.DataFrame(rows, columns=list(DRIFT))


def drift_issues(table: pd.DataFrame) -> pd.DataFrame:
    """Return an issue for each metric that drifted.

    Parameters
    ----------
    table : DataFrame
        From `drift`.

    Returns
    -------
    DataFrame
        Columns `schema.ISSUES`, one row a metric whose status is not "as learnt".

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> rows = sample_tables().panel.query("metric == 'roads_poor_pct'")
    >>> panel = as_panel(rows)
    >>> len(drift_issues(drift(EarlyWarning().fit(panel), panel)))
    0
    """
    drifted = table[table["status"] != AS_LEARNT]
    return issues_table([_issue(row) for row in drifted.itertuples()])


def _seen(known: Panel, metric: str, before: Seen | None, settings: Settings) -> Seen:
    """Return what a metric looks like on the scale learnt; without a level if it does not fit."""
    matrix = newest_window(known.matrix(metric), settings.max_periods)
    scale = before.orientation if before else Orientation()
    seen = seen_of(matrix, scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = scale.forward(matrix.values, matrix.denominator)
    fits = np.isfinite(x) | ~np.isfinite(matrix.values)
    return seen if fits.all() else replace(seen, level=np.nan, spread=np.nan)


def _compared(before: Seen | None, now: Seen | None, settings: Settings) -> dict[str, object]:
    """Return one metric's row."""
    shift, ratio = _moved(before, now)
    return {
        "period_learnt": before.period if before else "",
        "period": now.period if now else "",
        "coverage_learnt": before.coverage if before else np.nan,
        "coverage": now.coverage if now else np.nan,
        "gaps_learnt": before.gaps if before else np.nan,
        "gaps": now.gaps if now else np.nan,
        "shift": shift,
        "spread_ratio": ratio,
        "status": _status(before, now, (shift, ratio), settings),
    }


def _moved(before: Seen | None, now: Seen | None) -> tuple[float, float]:
    """Return the shift of the level, in spreads learnt, and the spread's ratio."""
    if not (before and now):
        return np.nan, np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.divide(now.level - before.level, before.spread)
        ratio = np.divide(now.spread, before.spread)
    return float(shift), float(ratio)


def _status(
    before: Seen | None, now: Seen | None, moved: tuple[float, float], settings: Settings
) -> str:
    if not before or not before.period:
        return "new"
    if not now or not now.period:
        return "gone"
    shift, ratio = moved
    most = settings.drift_spread
    holds = (
        now.frequency != before.frequency,
        np.isnan(now.level) and not np.isnan(before.level),
        before.coverage - now.coverage > settings.drift_coverage,
        now.gaps - before.gaps > settings.drift_coverage,
        abs(shift) > settings.drift_level,
        not np.isnan(ratio) and not 1 / most <= ratio <= most,
        True,
    )
    return STATUSES[2 + holds.index(True)]


def _issue(row: Any) -> dict[str, object]:
    """Say what is seen of a metric, what was learnt, and what to do."""
    parts = (
        (row.coverage_learnt, f"{row.coverage_learnt:.0%} of its authorities in its newest period"),
        (row.gaps_learnt, f"{row.gaps_learnt:.0%} of values missing"),
        (row.coverage, f"now {row.coverage:.0%} and {row.gaps:.0%}"),
        (row.shift, f"middle moved by {row.shift:+.1f} spreads"),
        (row.spread_ratio, f"spread {row.spread_ratio:.2g} times as wide"),
    )
    known = ", ".join(text for number, text in parts if not np.isnan(number))
    return issue_row(
        "model",
        f"drift_{row.status.replace(' ', '_')}",
        f"{row.metric}: {row.status} since the model was fitted ({known}).",
        REMEDIES[row.status],
        metric=row.metric,
        period=row.period or None,
    )
