"""When was each period, and when did its values become known?

`with_periods` reads the labels, `with_published` fills in days of publication
that a file leaves out, `evenly_spaced` puts a metric's periods on an even grid.
None of them reads a value.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.catalogue import Catalogue, match_built_in
from earlywarning.panel.rules import Issues, codes, where
from earlywarning.periods import Period, as_period, as_periods, next_label
from earlywarning.schema import FREQUENCIES, PERIODS, issue_row
from earlywarning.settings import Settings

MONTHS_APART = {"annual": 12, "quarterly": 3, "monthly": 1}  # months between ends of periods
_TWICE = (
    "In this table the label stands for periods of two kinds. Read the two parts by themselves."
)


def with_periods(rows: pd.DataFrame, kind: str | None) -> tuple[pd.DataFrame, pd.DataFrame, Issues]:
    """Return the rows whose label can be read, what the labels mean, and issues for the others."""
    rows = rows[rows["period"].notna()]
    line, labels = _read_labels(rows, kind)
    meanings = labels[list(PERIODS)].drop_duplicates()
    twice = meanings["period"][meanings["period"].duplicated()].dropna()
    labels.loc[labels["period"].isin(twice), "problem"] = _TWICE
    read = labels["problem"].isna().to_numpy()
    periods = ordered(labels.loc[read, list(PERIODS)].drop_duplicates())
    place = pd.Index(periods["period"]).get_indexer(labels["period"].where(read))
    issues = _unreadable(rows, labels, line)
    rows = rows.assign(
        period=pd.Categorical.from_codes(place[line], categories=pd.Index(periods["period"]))
    )
    marks = labels["status"].fillna("").to_numpy(object)[line]
    marked = (marks != "") & (rows["status"] == "").to_numpy()
    if marked.any():
        rows.loc[marked, "status"] = marks[marked]
    return rows[read[line]], periods, issues


def _read_labels(rows: pd.DataFrame, kind: str | None) -> tuple[npt.NDArray[Any], pd.DataFrame]:
    """Return each row's line in a table of labels; a metric's labels settle each other."""
    line, given = rows["period"].cat.codes.to_numpy(), rows["period"].cat.categories
    labels = as_periods(given, kind=kind)
    if labels["problem"].isna().all():
        return line, labels
    metrics = rows["metric"].cat.categories
    pairs, line = np.unique(codes(rows, "metric", "period"), return_inverse=True)
    metric, label = np.divmod(pairs, len(given))
    return line, as_periods(given[label], kind=kind, groups=metrics[metric].to_series())


def ordered(periods: pd.DataFrame) -> pd.DataFrame:
    """Return the table of periods oldest first."""
    return periods.sort_values(["end", "start", "period"], ignore_index=True)


def _unreadable(rows: pd.DataFrame, labels: pd.DataFrame, line: npt.NDArray[Any]) -> Issues:
    """Say, once a label, which cannot be read."""
    problem = labels["problem"].to_numpy(object)
    at = np.flatnonzero(labels["problem"].notna().to_numpy()[line])
    label = rows["period"].cat.codes.to_numpy()[at]
    _, first, count = np.unique(label, return_index=True, return_counts=True)
    return [
        issue_row(
            "panel",
            "period_unreadable",
            str(problem[line[at[i]]]),
            "Correct the label, or say its kind with period_kind=.",
            period=str(rows["period"].iat[at[i]]),
            n_rows=int(n),
            **where(rows, at[i]),
        )
        for i, n in zip(first, count, strict=True)
    ]


def with_published(
    rows: pd.DataFrame, periods: pd.DataFrame, catalogue: Catalogue | None, settings: Settings
) -> tuple[pd.DataFrame, Issues]:
    """Fill in missing days of publication: the period's end and the metric's usual lag."""
    at = np.flatnonzero(rows["published"].isna())
    if not at.size:
        return rows, []
    metric = rows["metric"].cat.codes.to_numpy()[at]
    period = rows["period"].cat.codes.to_numpy()[at]
    metrics = [str(name) for name in rows["metric"].cat.categories]
    catalogue = match_built_in(metrics) if catalogue is None else catalogue
    said = catalogue.lags(metrics).to_numpy(dtype=float)[metric]
    usual = {name: getattr(settings, f"lag_days_{name}") for name in FREQUENCIES}
    frequency = periods["frequency"].to_numpy(object)[period]
    days = np.where(np.isnan(said), periods["frequency"].map(usual).to_numpy(float)[period], said)
    ends = periods["end"].to_numpy().astype("datetime64[D]")[period]
    published = rows["published"].to_numpy().astype("datetime64[us]")
    published[at] = ends + days.astype("timedelta64[D]")
    guessed = np.isnan(said)
    return rows.assign(published=published), _assumed(metric[guessed], frequency[guessed], usual)


def _assumed(
    metric: npt.NDArray[np.int64], frequency: npt.NDArray[np.object_], usual: dict[str, int]
) -> Issues:
    """Say in one row how many days of publication rest on `Settings`."""
    if not metric.size:
        return []
    lags = ", ".join(f"{usual[name]} days ({name})" for name in usual if name in set(frequency))
    return [
        issue_row(
            "panel",
            "lag_assumed",
            f"Publication dates assumed for {len(np.unique(metric)):,} metrics "
            f"({metric.size:,} rows): the period's end and {lags}.",
            "Give a `published` column, `lag_days` in a catalogue, or lag_days_… in the settings.",
            n_rows=int(metric.size),
        )
    ]


def evenly_spaced(
    periods: pd.DataFrame,
) -> tuple[list[str], npt.NDArray[np.datetime64], npt.NDArray[np.int64]]:
    """Return labels and ends on an even grid, and each given period's place on it."""
    labels = [str(label) for label in periods["period"]]
    ends = periods["end"].to_numpy().astype("datetime64[D]")
    kind, frequency = (
        str(periods[name].iat[0]) if labels else "" for name in ("kind", "frequency")
    )
    step = MONTHS_APART.get(frequency)
    if step is None:
        return labels, ends, np.arange(len(labels))
    apart = np.diff(ends.astype("datetime64[M]").astype(int))
    missing = np.maximum(np.rint(apart / step).astype(int) - 1, 0)
    places = np.concatenate([[0], np.cumsum(missing + 1)])
    if not missing.any():
        return labels, ends, places
    starts = periods["start"].to_numpy().astype("datetime64[D]")
    grid: list[Period] = []
    for label, start, end, gap in zip(
        labels, starts.tolist(), ends.tolist(), [*missing, 0], strict=True
    ):
        grid.append(Period(label, start, end, kind, frequency))
        for _ in range(gap):
            grid.append(as_period(next_label(grid[-1]), kind=kind))
    spaced = np.array([period.end for period in grid], dtype="datetime64[D]")
    return [period.label for period in grid], spaced, places
