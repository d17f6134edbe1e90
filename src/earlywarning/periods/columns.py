"""Which reading does a column of labels settle on, and what is wrong with the rest?

`as_period` reads one label by itself, `as_periods` a whole column at once: a
label that could mean two things is settled by its neighbours, or refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.errors import PeriodError, UsageError
from earlywarning.periods.grammar import IF_ASKED, MONTH_FIRST, Reading
from earlywarning.periods.labels import Label, read, way_kind
from earlywarning.periods.spans import KINDS, Period

COLUMNS = ("label", "period", "start", "end", "kind", "frequency", "status", "problem")
EMPTY = "The period is empty. Give every row a period."
FORMS = (
    "Write a year such as 2022/23 or 2022, a quarter such as 2022/23 Q1 or 2023 Q1, a month such "
    "as Mar 2024, a date such as 2017-03-31, or a range such as 2016/17 to 2018/19."
)
Ways = frozenset[str]


def as_period(label: object, *, kind: str | None = None) -> Period:
    """Read one label, by itself.

    Parameters
    ----------
    label : object
        Text, a whole number, or a date.
    kind : str, optional
        What it is, one of `KINDS`: settles a label that can be read in two ways, and
        refuses one that is of another kind. 'date' reads 04/05/2017 day first.

    Returns
    -------
    Period

    Raises
    ------
    PeriodError
        If the label is empty, no period, of another kind, or can be read in two ways.
    UsageError
        If there is no such kind.

    Examples
    --------
    >>> as_period("2022-23 (prov)").label
    '2022/23'
    >>> as_period("2011-12", kind="month").start
    datetime.date(2011, 12, 1)
    """
    _check_kind(kind)
    text = _text(label)
    taken = read(text)
    found = _settled(text, taken, _choices(taken, kind), kind)
    if isinstance(found, str):
        raise PeriodError(found)
    return found


def as_periods(
    labels: "pd.Series[Any] | Iterable[object]",
    *,
    kind: str | None = None,
    groups: "pd.Series[Any] | pd.Index[Any] | Sequence[object] | None" = None,
) -> pd.DataFrame:
    """Read a column of labels; never raise for a bad one.

    Parameters
    ----------
    labels : Series or iterable
        Text, whole numbers or dates, in any order, with repeats.
    kind : str, optional
        What all of them are; see `as_period`.
    groups : Series, Index or sequence, optional
        One for each label, such as its metric: labels of one group settle each other
        first, so that metrics with different kinds of period may share a column.

    Returns
    -------
    DataFrame
        One row a distinct label (or a group and label, with a first column `group`), in order
        of appearance: label (as `as_labels` gives it), period (canonical), start, end,
        kind, frequency, status, and problem: None, or what is wrong.

    Raises
    ------
    UsageError
        If there is no such kind, or not one group for each label.

    Notes
    -----
    A label that can be read in several ways is settled on one of them if, among the labels that
    can be read in any of these ways, at least one can *only* be read in that way, and all can
    be read in that way. The label's own group is asked first, then the whole column. So '2011-12'
    is a financial year beside '2012-13', a month beside '2012-01', and refused beside
    both, or beside neither.

    Examples
    --------
    >>> as_periods(["2011-12", "2012-13"])["period"].to_list()
    ['2011/12', '2012/13']
    """
    _check_kind(kind)
    codes, texts = _coded(_as_series(labels))
    if groups is None:
        shown, group_codes = np.array([""]), np.zeros_like(codes)
    else:
        group_codes, names = pd.factorize(_as_series(groups), use_na_sentinel=False)
        shown = np.asarray(names)
    if len(group_codes) != len(codes):
        raise UsageError(
            f"{len(codes)} labels but {len(group_codes)} groups. Give one for each label."
        )
    group, label = np.divmod(pd.unique(group_codes * len(texts) + codes), len(texts))
    found = _read_rows(list(zip(group.tolist(), texts[label], strict=True)), kind)
    table = pd.DataFrame({"label": texts[label], **_fields(found)}, columns=list(COLUMNS))
    if groups is not None:
        table.insert(0, "group", shown[group])
    return table


def as_labels(labels: "pd.Series[Any] | Iterable[object]") -> "pd.Series[str]":
    """Return each label as text, as `as_periods` lists it: to join its answer to the rows.

    Parameters
    ----------
    labels : Series or iterable

    Returns
    -------
    Series of str
        2022 and 2022.0 become '2022', a date '2017-03-31', a missing label ''; text stays.

    Examples
    --------
    >>> as_labels([2022.0, "2022-23", None]).to_list()
    ['2022', '2022-23', '']
    """
    given = _as_series(labels)
    codes, texts = _coded(given)
    return pd.Series(texts[codes], index=given.index, name=given.name)


def _as_series(values: "pd.Series[Any] | Iterable[object]") -> "pd.Series[Any]":
    if isinstance(values, pd.Series):
        return values
    return pd.Series(values) if isinstance(values, pd.Index) else pd.Series([*values], dtype=object)


def _coded(labels: "pd.Series[Any]") -> tuple[npt.NDArray[np.intp], npt.NDArray[Any]]:
    """Return each label's place in a list of distinct texts, and that list."""
    codes, distinct = pd.factorize(labels)
    texts = np.array([*map(_text, distinct), ""], dtype=object)  # a missing label has code -1
    places, texts = pd.factorize(texts)
    return places[codes], texts


def _check_kind(kind: str | None) -> None:
    if kind is not None and kind not in KINDS:
        raise UsageError(f"Unknown kind of period {kind!r}. Use one of: {', '.join(KINDS)}.")


def _text(label: object) -> str:
    """Return one label as text."""
    if label is None or label is pd.NaT or label is pd.NA:
        return ""
    if isinstance(label, float | np.floating):
        whole = str(int(label)) if np.isfinite(label) and label == int(label) else str(label)
        return "" if np.isnan(label) else whole
    if isinstance(label, np.datetime64):
        return "" if np.isnat(label) else str(label.astype("datetime64[D]"))
    if isinstance(label, datetime):
        return label.date().isoformat()
    return label.isoformat() if isinstance(label, date) else str(label)


def _choices(label: Label, kind: str | None) -> tuple[Reading, ...]:
    """Return the readings that are open: those of the kind asked for, else the usual ones."""
    if kind is None:
        return tuple(r for r in label.readings if not r.way.endswith(IF_ASKED))
    return tuple(r for r in label.readings if way_kind(r.way) == kind)


def _read_rows(rows: list[tuple[int, str]], kind: str | None) -> list[Period | str]:
    """Return for each (group, label) its period, or what is wrong with it."""
    taken = {label: read(label) for label in {label for _, label in rows}}
    choices = {label: _choices(parts, kind) for label, parts in taken.items()}
    ways = {label: frozenset(r.way for r in some) for label, some in choices.items()}
    groups: dict[int, set[Ways]] = {}
    for group, label in rows:
        groups.setdefault(group, set()).add(ways[label])
    column = set(ways.values())
    answers: dict[tuple[int, Ways], str | None] = {}
    found = []
    for group, label in rows:
        some, key = choices[label], (group, ways[label])
        if key not in answers:
            answers[key] = _way(key[1], groups[group]) or _way(key[1], column)
        some = tuple(r for r in some if r.way == answers[key]) or some
        found.append(_settled(label, taken[label], some, kind))
    return found


def _way(ways: Ways, column: Iterable[Ways]) -> str | None:
    """Return the way that a column settles on for a label with these ways, if it does."""
    concerned = [other for other in column if other & ways]
    settled = [way for way in ways if {way} in concerned and all(way in o for o in concerned)]
    return settled[0] if settled else None


def _settled(
    text: str, label: Label, choices: tuple[Reading, ...], kind: str | None
) -> Period | str:
    """Return the one period that is left, or why there is none."""
    if len(choices) == 1 and choices[0].way != MONTH_FIRST:
        return replace(choices[0].period, status=label.status)
    shown = repr(text if len(text) <= 40 else text[:39] + "…")
    if not text.strip():
        return EMPTY
    if len(choices) == 1:
        return f"{shown} puts the month first. Write it day first, or {choices[0].period.label}."
    if len(choices) > 1:
        named = " or ".join(f"the {way} {p.label} ({p.start} to {p.end})" for way, p in choices)
        return f"{shown} can be read as {named}. {_way_out(choices)}"
    if kind is not None and label.readings:
        usual = label.readings[0].period
        return f"{shown} is the {usual.kind} {usual.label}, not a {kind}. Name its own kind."
    return f"{shown} is no period known here. {FORMS}"


def _way_out(choices: tuple[Reading, ...]) -> str:
    kinds = [f"kind={way!r}" for way, _ in choices if way in KINDS]
    return f"Say which: give {' or '.join(kinds)}, or write it in another form."


def _fields(found: list[Period | str]) -> dict[str, Any]:
    """Return the columns that describe periods; those of a refused label are missing."""
    periods = [None if isinstance(one, str) else one for one in found]
    days = {
        name: np.array([getattr(p, name, None) for p in periods], dtype="datetime64[ns]")
        for name in ("start", "end")
    }
    words = {
        name: [getattr(p, name, None) for p in periods] for name in ("kind", "frequency", "status")
    }
    problems = [one if isinstance(one, str) else None for one in found]
    return {
        "period": [getattr(p, "label", None) for p in periods],
        **days,
        **words,
        "problem": pd.Series(problems, dtype=object),
    }
