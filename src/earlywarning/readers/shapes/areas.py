"""Which rows are of single authorities, and what are the others of?"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.authorities import is_code, type_of
from earlywarning.panel.rows import Places, present, recoded
from earlywarning.readers.files import Issues
from earlywarning.schema import issue_row

MOST_LEVELS = 30  # issues for what is left out; further levels are counted together
LEVELS = {
    "E92": "country", "W92": "country", "S92": "country", "N92": "country", "K02": "country",
    "K03": "country", "K04": "country", "E12": "region", "E47": "combined authority",
    "E05": "ward", "E01": "small area", "E02": "small area", "E14": "constituency",
    "E23": "police authority", "E31": "fire authority", "E26": "national park",
    "E54": "health area", "E38": "health area", "E40": "health area", "E11": "former county",
    "E13": "part of London",
}  # fmt: skip


def of_authorities(
    codes: pd.Categorical, levels: pd.Categorical | None, *, file: str, rows: Places
) -> tuple[npt.NDArray[np.bool_], Issues]:
    """Say which rows have the code of a single authority, and count the others by level.

    Parameters
    ----------
    codes : Categorical
        Each row's code, as `panel.rows.words` gives it.
    levels : Categorical, optional
        What each row's area is called in the file; else the code's first letters say it.
    file : str
    rows : array of int
        Each row's number.

    Returns
    -------
    array of bool
    list of dict
        One issue a level that is left out.

    Examples
    --------
    >>> codes = pd.Categorical(["E06000001", "E92000001", "E92000001"])
    >>> kept, issues = of_authorities(codes, None, file="a.csv", rows=np.array([2, 3, 4]))
    >>> kept.tolist(), [(issue["n_rows"], issue["row"]) for issue in issues]
    ([True, False, False], [(2, 3)])
    """
    distinct = pd.Series(codes.categories.str.upper(), dtype=object)
    single = np.append((type_of(distinct) != "unknown").to_numpy(bool), False)[codes.codes]
    if single.all():
        return single, []
    out = np.flatnonzero(~single)
    shown = by_code(codes) if levels is None else levels
    kinds, first, count = np.unique(shown.codes[out], return_index=True, return_counts=True)
    order = np.argsort(-count, kind="stable")
    issues = []
    for i in order[:MOST_LEVELS]:
        level = "no level" if kinds[i] < 0 else str(shown.categories[kinds[i]])
        of_it = codes.codes[out[shown.codes[out] == kinds[i]]]
        some = ", ".join(codes.categories[present(of_it, len(codes.categories))][:3])
        text = f"{count[i]:,} rows are of '{level}'{f' ({some})' if some else ''}."
        issues.append(_issue(text, int(count[i]), file, int(rows[out[first[i]]])))
    rest = order[MOST_LEVELS:]
    if len(rest):
        n = int(count[rest].sum())
        at = out[int(first[rest].min())]
        issues.append(_issue(f"{n:,} rows are of other levels.", n, file, int(rows[at])))
    return single, issues


def by_code(codes: pd.Categorical) -> pd.Categorical:
    """Return what sort of area each code is of, by its first letters.

    Examples
    --------
    >>> by_code(pd.Categorical(["E92000001", "near neighbours"])).tolist()
    ['country', 'other area']
    """
    coded = is_code(pd.Series(codes.categories, dtype=object)).to_numpy(bool)
    kinds = [
        LEVELS.get(str(code)[:3], "other area") if is_one else "other area"
        for code, is_one in zip(codes.categories, coded, strict=True)
    ]
    places, words = pd.factorize(np.array([*kinds, "no code"], dtype=object))
    return recoded(codes.codes, places, words)


def _issue(text: str, n: int, file: str, row: int) -> dict[str, object]:
    remedy = "Nothing: only single authorities are compared."
    return issue_row("read", "not_an_authority", text, remedy, file=file, row=row, n_rows=n)
