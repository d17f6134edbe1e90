"""When was each period, and when did its values become known?

`with_periods` reads the labels, `read_published` the days of publication,
`with_published` fills in those that a file leaves out, `evenly_spaced` puts a
metric's periods on an even grid, `one_day` takes the day that a caller names. None of
them reads a value.
"""

from dataclasses import replace
from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.catalogue import Catalogue, match_built_in
from earlywarning.errors import UsageError
from earlywarning.panel.rows import Places, Rows, encoded, recoded, said
from earlywarning.panel.rules import Issues, first_and_number, kept, occurring
from earlywarning.periods import MONTHS_APART, Period, as_period, as_periods, next_label
from earlywarning.schema import FREQUENCIES, PERIODS, issue_row
from earlywarning.settings import Settings

_DAY_FORMATS = ("ISO8601", "%d/%m/%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")
_TWICE = (
    "In this table the label stands for periods of two kinds. Read the two parts by themselves."
)


def one_day(given: Any, called: str = "as_of") -> pd.Timestamp:
    """Return the day that a caller gave, as a date or as text; its time of day is cut off.

    Examples
    --------
    >>> one_day("2024-03-31")
    Timestamp('2024-03-31 00:00:00')
    """
    try:
        if isinstance(given, Number):
            raise TypeError("a number would be read as nanoseconds")
        day = pd.Timestamp(given)
        if day.tz is not None:
            raise ValueError("a day with a time zone")
    except (ValueError, TypeError) as error:
        raise UsageError(f"{called} is no date: {given!r}. Write it as 2024-03-31.") from error
    if pd.isna(day):
        raise UsageError(f"{called} is missing. Give a date, such as 2024-03-31.")
    return day.normalize()


def with_periods(rows: Rows, kind: str | None) -> tuple[Rows, pd.DataFrame, Issues]:
    """Return the rows whose label can be read, what the labels mean, and issues for the others."""
    rows = kept(rows, rows.period.codes >= 0)
    line, labels = _read_labels(rows, kind)
    read = labels["problem"].isna().to_numpy()
    periods = labels.loc[read, list(PERIODS)].drop_duplicates()
    twice = periods["period"][periods["period"].duplicated()]
    if len(twice):
        labels.loc[labels["period"].isin(twice), "problem"] = _TWICE
        read = labels["problem"].isna().to_numpy()
        periods = periods[~periods["period"].isin(twice)]
    periods = ordered(periods)
    issues = _unreadable(rows, labels, line) if not read.all() else []
    place = np.where(read, pd.Index(periods["period"]).get_indexer(labels["period"]), -1)
    status = rows.status
    marks = labels["status"].fillna("").to_numpy(object)
    for mark in sorted(set(marks) - {""}):
        status = said(status, (marks == mark)[line] & (status.codes < 0), mark)
    named = recoded(line, [*place, -1], pd.Index(periods["period"], dtype="str"))
    return kept(replace(rows, period=named, status=status), named.codes >= 0), periods, issues


def _read_labels(rows: Rows, kind: str | None) -> tuple[Places, pd.DataFrame]:
    """Return each row's line in a table of labels; a metric's labels settle each other."""
    given, metrics = rows.period.categories, rows.metric.categories
    labels = as_periods(given, kind=kind)
    if labels["problem"].isna().all():
        return rows.period.codes, labels
    key = rows.key("metric", "period")
    pairs = occurring(key, len(metrics) * len(given))
    metric, label = np.divmod(pairs, len(given))
    labels = as_periods(given[label], kind=kind, groups=metrics[metric].to_series())
    return np.searchsorted(pairs, key), labels


def ordered(periods: pd.DataFrame) -> pd.DataFrame:
    """Return the table of periods oldest first."""
    return periods.sort_values(["end", "start", "period"], ignore_index=True)


def _unreadable(rows: Rows, labels: pd.DataFrame, line: Places) -> Issues:
    """Say, once a label, which cannot be read."""
    problem = labels["problem"].to_numpy(object)
    at = np.flatnonzero(labels["problem"].notna().to_numpy()[line])
    _, first, count = np.unique(rows.period.codes[at], return_index=True, return_counts=True)
    return [
        issue_row(
            "panel",
            "period_unreadable",
            str(problem[line[i]]),
            "Correct the label, or say its kind with period_kind=.",
            period=str(rows.period[i]),
            n_rows=int(n),
            **rows.where(i),
        )
        for i, n in zip(at[first], count, strict=True)
    ]


def read_published(rows: Rows, column: "pd.Series[Any] | None") -> tuple[Rows, Issues]:
    """Return the rows with their days of publication, missing where there is none to be read."""
    if column is None:
        return rows, []
    codes, labels = encoded(column)
    texts = pd.Series([str(label).strip() for label in labels], dtype=object)
    days = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    for form in _DAY_FORMATS:
        left = texts[days.isna()]
        read = pd.to_datetime(left, format=form, errors="coerce", utc=True).dt.tz_localize(None)
        days[left.index] = read.dt.normalize().astype("datetime64[us]")
    bad = np.append((days.isna() & (texts != "")).to_numpy(), False)[codes]
    issues = [
        issue_row(
            "panel", "published_unreadable",
            f"{count:,} rows have a date of publication that cannot be read, the first "
            f"{texts[codes[at]]!r}: they count as having none.",
            "Write the date as 2024-03-31.", n_rows=count, **rows.where(at),
        )
        for at, count in first_and_number(bad)
    ]  # fmt: skip
    return replace(rows, published=np.append(days.to_numpy(), np.datetime64("NaT"))[codes]), issues


def with_published(
    rows: Rows, periods: pd.DataFrame, catalogue: Catalogue | None, settings: Settings
) -> tuple[Rows, Issues]:
    """Fill in missing days of publication: the period's end and the metric's usual lag."""
    metric, period = rows.metric.codes, rows.period.codes
    if rows.published is not None:
        at = np.flatnonzero(np.isnat(rows.published))
        if not at.size:
            return rows, []
        metric, period = metric[at], period[at]
    metrics = [str(name) for name in rows.metric.categories]
    catalogue = match_built_in(metrics) if catalogue is None else catalogue
    told = catalogue.lags(metrics).to_numpy(dtype=float)
    usual = {name: getattr(settings, f"lag_days_{name}") for name in FREQUENCIES}
    frequency = periods["frequency"].to_numpy(object)
    ends = periods["end"].to_numpy().astype("datetime64[us]")
    untold = np.isnan(told)[metric]
    days = (ends + _lag([usual[name] for name in frequency]))[period]
    if not untold.all():
        days[~untold] = ends[period[~untold]] + _lag(np.nan_to_num(told))[metric[~untold]]
        metric, period = metric[untold], period[untold]
    issues = _assumed(metric, frequency[occurring(period, len(periods))], usual)
    if rows.published is not None:
        days, filled_in = rows.published.copy(), days
        days[at] = filled_in
    return replace(rows, published=days), issues


def _lag(days: npt.ArrayLike) -> npt.NDArray[np.timedelta64]:
    return np.asarray(days).astype("timedelta64[D]").astype("timedelta64[us]")


def _assumed(metric: Places, frequency: npt.NDArray[np.object_], usual: dict[str, int]) -> Issues:
    """Say in one row how many days of publication rest on `Settings`."""
    if not metric.size:
        return []
    lags = ", ".join(f"{usual[name]} days ({name})" for name in usual if name in set(frequency))
    n_metrics = len(occurring(metric, int(metric.max()) + 1))
    return [
        issue_row(
            "panel",
            "lag_assumed",
            f"Publication dates assumed for {n_metrics:,} metrics "
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
