"""Which rows may stand in a panel, and what is said of those that may not?

Each function takes rows, and returns the rows that stay and the issues it
found. The rows are in `panel`'s own form (`typed_rows` makes it): categorical
keys, floats, days, and `file` and `row`, so that an issue can say where it is.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.errors import PanelError
from earlywarning.schema import KEY, PANEL_REQUIRED, issue_row

Issues = list[dict[str, object]]
NUMBERS = ("value", "numerator", "denominator", "lower", "upper")
DISAGREE = "refused: values disagree"
MOST_SINGLE_ISSUES = 1000  # rows of issues; beyond, one a metric or a text, with its number of rows
_DAY_FORMATS = ("ISO8601", "%d/%m/%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")


def typed_rows(frame: pd.DataFrame) -> tuple[pd.DataFrame, Issues]:
    """Return the rows with the panel's own types; the frame given is not changed."""
    missing = [column for column in PANEL_REQUIRED if column not in frame]
    if missing:
        raise PanelError(
            f"No column {', '.join(missing)} among {', '.join(map(str, frame.columns))}. "
            f"Rename the columns, or use read_panel with columns={{'{missing[0]}': …}}."
        )
    rows = pd.DataFrame({key: words(frame[key]) for key in KEY})
    for number in NUMBERS:
        rows[number] = _floats(frame[number], number) if number in frame else np.nan
    said = words(frame["status"] if "status" in frame else pd.Series("", index=rows.index))
    status = np.append(said.categories.to_numpy(object), "")[said.codes]
    rows["status"] = pd.Series(status, index=rows.index, dtype="str")
    rows["file"] = words(frame["file"]) if "file" in frame else pd.Categorical([None] * len(rows))
    rows["row"] = np.asarray(frame["row"], dtype=np.int64) if "row" in frame else -1
    rows["published"], issues = _days(frame.get("published"), rows)
    return rows, issues + _refuse_infinite(rows) + _refuse_keyless(rows)


def words(column: pd.Series) -> pd.Categorical:
    """Return a column as categories of stripped text, sorted; blanks are missing."""
    codes, labels = pd.factorize(column)
    texts = [_text(label) for label in labels]
    distinct = sorted({text for text in texts if text})
    place = {text: code for code, text in enumerate(distinct)}
    lookup = np.array([*(place.get(text, -1) for text in texts), -1], dtype=np.int64)
    return pd.Categorical.from_codes(lookup[codes], categories=pd.Index(distinct, dtype="str"))


def _text(label: Any) -> str:
    """Return a label as a person writes it: 2022.0 is 2022, midnight is the day."""
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    if isinstance(label, pd.Timestamp) and label == label.normalize():
        return label.date().isoformat()
    return str(label).strip()


def _floats(column: pd.Series, name: str) -> npt.NDArray[np.float64]:
    numbers = pd.to_numeric(column, errors="coerce")
    text = numbers.isna() & column.notna()
    if text.any():
        raise PanelError(
            f"Column '{name}' holds {int(text.sum()):,} values that are no numbers, the first "
            f"{column[text].iloc[0]!r}. Read them with read_panel, which knows the usual markers."
        )
    return np.array(numbers.to_numpy(dtype=float, na_value=np.nan))  # a copy: it is written to


def _days(column: pd.Series | None, rows: pd.DataFrame) -> tuple[Any, Issues]:
    """Return the days of publication, missing where there is none to be read."""
    if column is None:
        return pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]"), []
    codes, labels = pd.factorize(column)
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
            "Write the date as 2024-03-31.", n_rows=count, **where(rows, at),
        )
        for at, count in _first_and_number(bad)
    ]  # fmt: skip
    return np.append(days.to_numpy(), np.datetime64("NaT"))[codes], issues


def _first_and_number(mask: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the first position and the number of those marked, if there are any."""
    if mask.any():
        yield int(mask.argmax()), int(mask.sum())


def where(rows: pd.DataFrame, at: int) -> dict[str, Any]:
    """Return the file and the row of one position, for an issue."""
    code, row = rows["file"].cat.codes.to_numpy()[at], int(rows["row"].to_numpy()[at])
    file = str(rows["file"].cat.categories[int(code)]) if code >= 0 else None
    return {"file": file, "row": row if row > 0 else None}


def _refuse_infinite(rows: pd.DataFrame) -> Issues:
    """Take out infinite numbers, and give each row without a value a status."""
    bad = np.isinf(rows[list(NUMBERS)].to_numpy())
    for column, number in enumerate(NUMBERS):
        if bad[:, column].any():
            rows.loc[bad[:, column], number] = np.nan
    infinite = bad.any(axis=1)
    rows.loc[infinite, "status"] = "unreadable"
    rows.loc[(rows["value"].isna() & (rows["status"] == "")).to_numpy(), "status"] = "missing"
    return [
        issue_row("panel", "unreadable", f"{count:,} rows hold an infinite number: it is left out.",
                  "Correct the division it came from.", n_rows=count, **where(rows, at))
        for at, count in _first_and_number(infinite)
    ]  # fmt: skip


def _refuse_keyless(rows: pd.DataFrame) -> Issues:
    """Say which rows have no authority, metric or period; `as_panel` then leaves them out."""
    return [
        issue_row("panel", f"no_{key}", f"{count:,} rows have no {key}: they are left out.",
                  f"Give each row its {key}.", n_rows=count, **where(rows, at))
        for key in KEY
        for at, count in _first_and_number(rows[key].isna().to_numpy())
    ]  # fmt: skip


def codes(rows: pd.DataFrame, *columns: str) -> npt.NDArray[np.int64]:
    """Return one whole number a row that orders the rows by these categorical columns."""
    key = np.zeros(len(rows), dtype=np.int64)
    for column in columns:
        key = key * max(len(rows[column].cat.categories), 1) + rows[column].cat.codes.to_numpy()
    return key


def settle_duplicates(rows: pd.DataFrame) -> tuple[pd.DataFrame, Issues]:
    """Sort the rows; of those with one key keep one if they agree, else none of their values."""
    key = codes(rows, "metric", "authority", "period")
    published = rows["published"].to_numpy().astype("datetime64[D]").astype(np.int64)
    order = np.lexsort((published, key))
    if (np.diff(order) != 1).any():
        rows, key, published = rows.take(order), key[order], published[order]
    starts = np.ones(len(rows), dtype=bool)
    starts[1:] = (np.diff(key) != 0) | (np.diff(published) != 0)
    if starts.all():
        return rows, []
    return _settled(rows.reset_index(drop=True), starts)


def _settled(rows: pd.DataFrame, starts: npt.NDArray[np.bool_]) -> tuple[pd.DataFrame, Issues]:
    first = np.flatnonzero(starts)[np.cumsum(starts) - 1]  # each row's first of its key
    differs = np.zeros(len(rows), dtype=bool)
    for number in ("value", "numerator", "denominator"):
        one, other = rows[number].to_numpy(), rows[number].to_numpy()[first]
        differs |= (one != other) & ~(np.isnan(one) & np.isnan(other))
    refused = np.unique(first[differs])
    same = ~starts & ~np.isin(first, refused)
    issues = _disagreements(rows, first, refused) + [
        issue_row("panel", "duplicate", f"{count:,} rows say again what another says: one is kept.",
                  "Nothing, or drop them.", n_rows=count, **where(rows, at))
        for at, count in _first_and_number(same)
    ]  # fmt: skip
    for number in NUMBERS:
        rows.loc[refused, number] = np.nan
    rows.loc[refused, "status"] = DISAGREE
    return rows[starts], issues


def _disagreements(
    rows: pd.DataFrame, first: npt.NDArray[np.int64], refused: npt.NDArray[np.int64]
) -> Issues:
    """Say, once a key, or once a metric where there are very many, which rows disagree."""
    if not refused.size:
        return []
    at = np.flatnonzero(np.isin(first, refused))
    by = first[at] if refused.size <= MOST_SINGLE_ISSUES else rows["metric"].cat.codes.iloc[at]
    _, lead, count = np.unique(by, return_index=True, return_counts=True)
    issues = []
    for i, n in zip(lead, count, strict=True):
        group = rows.iloc[at[first[at] == first[at[i]]]]
        values = "; ".join(_one_value(group, j) for j in range(min(len(group), 10)))
        head = group.iloc[0]
        issues.append(
            issue_row(
                "panel", "values_disagree",
                f"Rows for the same authority, metric, period and date of publication "
                f"disagree: {values}. None is used.",
                "Keep the right one; if one revises the other, give both their `published` date.",
                authority=head["authority"], metric=head["metric"], period=head["period"],
                n_rows=int(n), **where(group, 0),
            )
        )  # fmt: skip
    return issues


def _one_value(rows: pd.DataFrame, at: int) -> str:
    said = where(rows, at)
    place = [said["file"] or "", f"row {said['row']}" if said["row"] else ""]
    value = f"{rows['value'].iat[at]:.12g}"
    return f"{value} ({', '.join(filter(None, place))})" if any(place) else value


def refuse_mixed(
    rows: pd.DataFrame, periods: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, str], Issues]:
    """Take out metrics with two frequencies or kinds of period; return why, by metric."""
    form = _forms(periods)
    forms, form_codes = np.unique(form, return_inverse=True)
    metric = rows["metric"].cat.codes.to_numpy().astype(np.int64)
    pairs, count = np.unique(
        metric * len(forms) + form_codes[rows["period"].cat.codes], return_counts=True
    )
    of_metric, of_form = np.divmod(pairs, max(len(forms), 1))
    mixed = np.flatnonzero(np.bincount(of_metric) > 1)
    why: dict[str, str] = {}
    issues = []
    for code in mixed:
        mine = of_metric == code
        parts = zip(forms[of_form[mine]], count[mine], strict=True)
        name = str(rows["metric"].cat.categories[int(code)])
        distinct = {str(part).split(" (")[0] for part in forms[of_form[mine]]}
        why[name] = "two frequencies" if len(distinct) > 1 else "two kinds of period"
        text = " and ".join(f"{part}: {n:,} rows" for part, n in parts)
        issues.append(
            issue_row("panel", why[name].replace(" ", "_"),
                      f"Metric '{name}' mixes {text}. None of its values is used.",
                      "Give the parts metric names of their own.",
                      metric=name, n_rows=int(count[mine].sum()))
        )  # fmt: skip
    return (rows[~np.isin(metric, mixed)] if mixed.size else rows), why, issues


def _forms(periods: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Return 'annual (financial year)' and the like; windows count as alike if equally long."""
    months = ((periods["end"] - periods["start"]).dt.days / 30.4).round().astype(int).astype(str)
    window = periods["kind"].isin(["range", "interval"])
    kind = periods["kind"].where(~window, periods["kind"] + " of " + months + " months")
    return np.asarray(periods["frequency"] + " (" + kind + ")", dtype=str)
