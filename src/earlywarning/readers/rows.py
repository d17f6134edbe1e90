"""Which of a file's rows are figures of authorities, and what do their cells say?

`checked_rows` turns cells into numbers and statuses, leaves out totals for regions
and the country, and lists all it could not use. It does not know the panel's own
rules (periods, duplicates, frequencies): those are `earlywarning.panel`'s.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.authorities import area_of, is_code, type_of
from earlywarning.panel.rows import NUMBERS, recoded, said, unsaid, words
from earlywarning.panel.rules import MOST_SINGLE_ISSUES
from earlywarning.readers.files import Issues
from earlywarning.readers.markers import UNREADABLE, Numbers, read_numbers, status_words
from earlywarning.schema import issue_row

_KEPT = ("metric", "period", "published", "name", "row")


def checked_rows(long: pd.DataFrame, file: str) -> tuple[pd.DataFrame, Issues]:
    """Return rows for `as_panel`, and the issues of those that cannot be used.

    Parameters
    ----------
    long : DataFrame
        As `long_form` gives it.
    file : str
        Its name, for issues.

    Returns
    -------
    DataFrame
        Numbers as floats, with `status`, `file` and `row`.
    list of dict
        Rows of issues.

    Examples
    --------
    >>> long = pd.DataFrame({"authority": ["E06000001", "E92000001"], "metric": "debt",
    ...                      "period": "2022-23", "value": ["[c]", "5"], "row": [2, 3]})
    >>> rows, issues = checked_rows(long, "debt.csv")
    >>> rows[["authority", "status"]].to_numpy().tolist(), [issue["code"] for issue in issues]
    ([['E06000001', 'suppressed']], ['not_an_authority', 'marker'])
    """
    long = long.assign(authority=_codes(long["authority"]))
    left_out, issues = _not_authorities(long, file)
    if left_out.any():
        long = long[~left_out].reset_index(drop=True)
    issues += _unknown_codes(long, file)
    rows = long[["authority", *[name for name in _KEPT if name in long]]].copy(deep=False)
    status = status_words(long["status"]) if "status" in long else unsaid(len(long))
    for name in NUMBERS:
        if name not in long:
            continue
        cells = read_numbers(long[name])
        rows[name] = cells.values
        issues += _unreadable(long, cells, name, file)
        if name == "value":
            issues += _markers(long, cells, file)
            status = _together(status, cells.said)
    rows["status"] = status
    rows["file"] = recoded(np.zeros(len(rows), dtype=np.int8), [0, -1], [file])
    return rows, issues


def _together(notes: pd.Categorical, own: pd.Categorical) -> pd.Categorical:
    """Return what a column of notes says; where it is silent, what the values' own cells say."""
    if (notes.codes < 0).all():
        return own
    for code, word in enumerate(own.categories):
        free = (notes.codes < 0) | (word == UNREADABLE)
        notes = said(notes, free & (own.codes == code), word)
    return notes


def _codes(column: pd.Series) -> pd.Categorical:
    """Return authority codes as categories, those of the national form in capitals."""
    code = words(column)
    upper = code.categories.str.upper()
    plain = np.where(is_code(pd.Series(upper)), upper, code.categories)
    distinct, place = np.unique(plain, return_inverse=True)
    return recoded(code.codes, np.append(place, -1), distinct)


def _not_authorities(long: pd.DataFrame, file: str) -> tuple[npt.NDArray[np.bool_], Issues]:
    codes = long["authority"].cat.categories
    marked = np.append(area_of(pd.Series(codes)) != "", False)
    left_out = marked[long["authority"].cat.codes]
    if not left_out.any():
        return left_out, []
    some = ", ".join(codes[marked[:-1]][:5])
    text = f"{int(left_out.sum()):,} rows are for a country, region or other area ({some})."
    remedy = "Nothing: only single authorities are compared."
    row = int(long["row"].to_numpy()[left_out.argmax()])
    n = int(left_out.sum())
    return left_out, [
        issue_row("read", "not_an_authority", text, remedy, file=file, row=row, n_rows=n)
    ]


def _unknown_codes(long: pd.DataFrame, file: str) -> Issues:
    """Doubt codes that are not of the national form; where most are not, they are a scheme."""
    if is_code(pd.Series(long["authority"].cat.categories)).all():
        return []
    used, first, count = np.unique(
        long["authority"].cat.codes, return_index=True, return_counts=True
    )
    codes = pd.Series(long["authority"].cat.categories[used[used >= 0]])
    first, count = first[used >= 0], count[used >= 0]
    strange = np.flatnonzero((~is_code(codes) & (type_of(codes) == "unknown")).to_numpy())
    remedy = "Correct the code, or name the authority and its type in a register."
    rows = long["row"].to_numpy()
    if len(strange) > max(20, len(codes) / 2):
        text = f"{len(strange)} codes, such as {codes[strange[0]]}, are not of the national form."
        row, n = int(rows[first[strange[0]]]), int(count[strange].sum())
        return [issue_row("read", "unknown_authority", text, remedy, file=file, row=row, n_rows=n)]
    return [
        issue_row("read", "unknown_authority", f"'{codes[i]}' is not a code of the national form.",
                  remedy, file=file, row=int(rows[first[i]]), authority=str(codes[i]),
                  n_rows=int(count[i]))
        for i in strange
    ]  # fmt: skip


def _markers(long: pd.DataFrame, cells: Numbers, file: str) -> Issues:
    """Say once a mark how many values it stands for."""
    at = np.flatnonzero(np.isnan(cells.values))
    at = at[(cells.statuses != UNREADABLE)[cells.text[at]]]
    texts, first, count = np.unique(cells.text[at], return_index=True, return_counts=True)
    order = np.lexsort((first, texts == len(cells.texts) - 1))  # the first to appear; blanks last
    texts, first, count = texts[order], first[order], count[order]
    rows = long["row"].to_numpy()
    issues = []
    for text, i, n in zip(texts, first, count, strict=True):
        mark = cells.texts[text].strip()
        shown = f"'{mark}'" if mark else "blank"
        message = f"{n:,} values are {shown}: {cells.statuses[text]}."
        issues.append(issue_row("read", "marker", message, "Nothing: they stay missing.",
                                file=file, row=int(rows[at[i]]), n_rows=int(n)))  # fmt: skip
    return issues


def _unreadable(long: pd.DataFrame, cells: Numbers, name: str, file: str) -> Issues:
    """Say of each cell that is neither number nor mark; of very many, once a text."""
    unreadable = cells.statuses == UNREADABLE
    at = np.flatnonzero(unreadable[cells.text]) if unreadable.any() else np.empty(0, dtype=int)
    count = np.ones(len(at), dtype=int)
    if len(at) > MOST_SINGLE_ISSUES:
        _, first, count = np.unique(cells.text[at], return_index=True, return_counts=True)
        order = np.argsort(first)
        at, count = at[first[order]], count[order]
    issues = []
    for i, n in zip(at, count, strict=True):
        line = long.iloc[int(i)]
        shown = cells.texts[cells.text[i]].strip()[:60]
        place = {key: None if pd.isna(line[key]) else str(line[key])
                 for key in ("authority", "metric", "period")}  # fmt: skip
        issues.append(issue_row("read", "unreadable", f"{name} '{shown}' is no number.",
                                "Correct it, or use a mark such as [x].", file=file,
                                row=int(line["row"]), n_rows=int(n), **place))  # fmt: skip
    return issues
