"""Which rows may stand in a panel, and what is said of those that may not?

Each function takes `Rows`, and returns the rows that stay and the issues it
found; an issue says the file and the row it is about, where they are known.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.panel.rows import Places, Rows, present, said
from earlywarning.schema import KEY, issue_row

Issues = list[dict[str, object]]
DISAGREE = "refused: values disagree"
MOST_SINGLE_ISSUES = 1000  # rows of issues; beyond, one a metric or a text, with its number of rows
MOST_SHOWN = 5  # names that an issue lists; the rest are counted
LARGEST = 1e60  # no count, sum or rate is larger, and the fourth power is still a number
SPARSE = 16  # possible keys a row; above it, keys are sorted to find those that occur


def refuse_infinite(rows: Rows) -> tuple[Rows, Issues]:
    """Take out numbers without bounds, and give each row without a value a status."""
    bad = {name: np.abs(column) > LARGEST for name, column in rows.numbers.items()}
    infinite = np.logical_or.reduce([*bad.values()])
    numbers = dict(rows.numbers)
    if infinite.any():
        numbers = {name: np.where(bad[name], np.nan, column) for name, column in numbers.items()}
    status = said(rows.status, infinite, "unreadable")
    status = said(status, np.isnan(numbers["value"]) & (status.codes < 0), "missing")
    return replace(rows, numbers=numbers, status=status), [
        issue_row("panel", "unreadable", f"{count:,} rows hold a number that is infinite, "
                  f"or beyond {LARGEST:.0e}: it is left out.", "Correct the sum it came from.",
                  n_rows=count, **rows.where(at))
        for at, count in first_and_number(infinite)
    ]  # fmt: skip


def keyless(rows: Rows) -> Issues:
    """Say which rows have no authority, metric or period; `as_panel` then leaves them out."""
    return [
        issue_row("panel", f"no_{key}", f"{count:,} rows have no {key}: they are left out.",
                  f"Give each row its {key}.", n_rows=count, **rows.where(at))
        for key in KEY
        for at, count in first_and_number(getattr(rows, key).codes < 0)
    ]  # fmt: skip


def spelt_twice(rows: Rows) -> Issues:
    """Doubt authorities and metrics that differ only in case or spaces; none are joined."""
    issues = []
    for key in ("authority", "metric"):
        names = pd.Series(getattr(rows, key).categories, dtype="str")
        plain = names.str.casefold().str.replace(r"\s+", "", regex=True)
        again = names[plain.duplicated(keep=False)]
        groups = [" and ".join(map(repr, group)) for _, group in again.groupby(plain)]
        if groups:
            shown = "; ".join(groups[:MOST_SHOWN])
            more = f" (and {len(groups) - MOST_SHOWN:,} more)" if len(groups) > MOST_SHOWN else ""
            text = f"{shown} differ only in case or spaces{more}: one {key}? They are kept apart."
            remedy = "Write its name in one way throughout; nothing, if they are two."
            issues.append(issue_row("panel", "spelt_twice", text, remedy, n_rows=len(again)))
    return issues


def kept(rows: Rows, stays: npt.NDArray[np.bool_]) -> Rows:
    """Return the rows that stay: mostly all, and then they are not copied."""
    return rows if stays.all() else rows.take(np.flatnonzero(stays))


def first_and_number(mask: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the first position and the number of those marked, if there are any."""
    if mask.any():
        yield int(mask.argmax()), int(mask.sum())


def occurring(keys: Places, n_possible: int) -> npt.NDArray[np.int64]:
    """Return the distinct keys in order, of those from 0 to `n_possible`."""
    if n_possible > SPARSE * max(len(keys), 1):
        return np.unique(keys).astype(np.int64)
    return np.flatnonzero(present(keys, n_possible))


def settle_duplicates(rows: Rows) -> tuple[Rows, Issues]:
    """Sort the rows; of those with one key keep one if they agree, else none of their values."""
    key = rows.key("metric", "authority", "period")
    if (key[1:] > key[:-1]).all():
        return rows, []
    words = (rows.period.codes, rows.authority.codes, rows.metric.codes)  # sorted by counting
    order = np.lexsort(words)
    same = key[order[1:]] == key[order[:-1]]
    if not same.any():
        return rows.take(order), []
    rows = rows.take(np.lexsort((np.asarray(rows.published), *words)))
    days = np.asarray(rows.published).astype("datetime64[D]")
    starts = np.append(True, ~same | (days[1:] != days[:-1]))
    return (rows, []) if starts.all() else _settled(rows, starts)


def _settled(rows: Rows, starts: npt.NDArray[np.bool_]) -> tuple[Rows, Issues]:
    first = np.flatnonzero(starts)[np.cumsum(starts) - 1]  # each row's first of its key
    differs = np.zeros(len(rows), dtype=bool)
    for name in {"value", "numerator", "denominator"}.intersection(rows.numbers):
        one, other = rows.numbers[name], rows.numbers[name][first]
        differs |= (one != other) & ~(np.isnan(one) & np.isnan(other))
    refused = np.zeros(len(rows), dtype=bool)
    refused[first[differs]] = True
    same = ~starts & ~refused[first]
    issues = _disagreements(rows, first, refused) + [
        issue_row("panel", "duplicate", f"{count:,} rows say again what another says: one is kept.",
                  "Nothing, or drop them.", n_rows=count, **rows.where(at))
        for at, count in first_and_number(same)
    ]  # fmt: skip
    numbers = {name: np.where(refused, np.nan, column) for name, column in rows.numbers.items()}
    rows = replace(rows, numbers=numbers, status=said(rows.status, refused, DISAGREE))
    return rows.take(np.flatnonzero(starts)), issues


def _disagreements(rows: Rows, first: Places, refused: npt.NDArray[np.bool_]) -> Issues:
    """Say, once a key, or once a metric where there are very many, which rows disagree."""
    at = np.flatnonzero(refused[first])
    if not at.size:
        return []
    keys = first[at]
    by = keys if refused.sum() <= MOST_SINGLE_ISSUES else rows.metric.codes[at]
    _, lead, count = np.unique(by, return_index=True, return_counts=True)
    issues = []
    for head, n in zip(at[lead], count, strict=True):
        group = at[slice(*np.searchsorted(keys, [head, head + 1]))]
        values = "; ".join(_one_value(rows, j) for j in group[:10])
        issues.append(
            issue_row(
                "panel", "values_disagree",
                f"Rows for the same authority, metric, period and date of publication "
                f"disagree: {values}. None is used.",
                "Keep the right one; if one revises the other, give both their `published` date.",
                n_rows=int(n), **{key: getattr(rows, key)[head] for key in KEY}, **rows.where(head),
            )
        )  # fmt: skip
    return issues


def _one_value(rows: Rows, at: int) -> str:
    told = rows.where(at)
    place = [told["file"] or "", f"row {told['row']}" if told["row"] else ""]
    value = f"{rows.numbers['value'][at]:.12g}"
    return f"{value} ({', '.join(filter(None, place))})" if any(place) else value


def refuse_mixed(rows: Rows, periods: pd.DataFrame) -> tuple[Rows, dict[str, str], Issues]:
    """Take out metrics with two frequencies or kinds of period; return why, by metric."""
    forms, form = np.unique(period_forms(periods), return_inverse=True)
    if len(forms) < 2:
        return rows, {}, []
    metric = rows.metric.codes
    pairs = metric * np.int64(len(forms)) + form[rows.period.codes]
    count = np.bincount(pairs, minlength=len(rows.metric.categories) * len(forms))
    count = count.reshape(-1, len(forms))
    mixed = (count > 0).sum(axis=1) > 1
    why: dict[str, str] = {}
    issues = []
    for code in np.flatnonzero(mixed).tolist():
        parts = [(str(forms[i]), int(count[code, i])) for i in np.flatnonzero(count[code])]
        name = str(rows.metric.categories[code])
        distinct = {part.split(" (")[0] for part, _ in parts}
        why[name] = "two frequencies" if len(distinct) > 1 else "two kinds of period"
        text = " and ".join(f"{part}: {n:,} rows" for part, n in parts)
        issues.append(
            issue_row("panel", why[name].replace(" ", "_"),
                      f"Metric '{name}' mixes {text}. None of its values is used.",
                      "Give the parts metric names of their own.",
                      metric=name, n_rows=int(count[code].sum()))
        )  # fmt: skip
    return kept(rows, ~mixed[metric]), why, issues


def period_forms(periods: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Return 'annual (financial year)' and the like; windows count as alike if equally long."""
    days = (periods["end"].to_numpy() - periods["start"].to_numpy()) / np.timedelta64(1, "D")
    months = np.rint(days / 30.4).astype(int)
    parts = zip(periods["frequency"], periods["kind"], months, strict=True)
    return np.array(
        [
            f"{frequency} ({kind} of {n} months)"
            if kind in ("range", "interval")
            else f"{frequency} ({kind})"
            for frequency, kind, n in parts
        ],
        dtype=str,
    )
