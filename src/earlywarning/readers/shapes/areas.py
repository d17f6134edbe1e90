"""Which rows are of single authorities, and what are the others of?"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.authorities import area_of, type_of
from earlywarning.panel.rows import Places, present, recoded
from earlywarning.readers.files import Issues
from earlywarning.readers.shapes.counting import counted
from earlywarning.readers.shapes.counting import shown as word


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
    shown = (by_code(codes) if levels is None else levels)[out]
    of_out = codes[out].codes

    def say(level: str, n: int, at: Places) -> str:
        some = codes.categories[present(of_out[at], len(codes.categories))][:3]
        called = f"'{level}'" if level else "no level"
        return f"{n:,} rows are of {called}{f' ({_listed(some)})' if len(some) else ''}."

    remedy = "Nothing: only single authorities are compared."
    issues = counted(shown, rows[out], say, code="not_an_authority", remedy=remedy, file=file)
    return single, issues


def by_code(codes: pd.Categorical) -> pd.Categorical:
    """Return what sort of area each code is of, by its first letters.

    Examples
    --------
    >>> by_code(pd.Categorical(["E92000001", "near neighbours"])).tolist()
    ['country', 'other area']
    """
    areas = area_of(pd.Series(codes.categories.str.upper(), dtype=object))
    kinds = [area or "other area" for area in areas]
    places, words = pd.factorize(np.array([*kinds, "no code"], dtype=object))
    return recoded(codes.codes, places, words)


def _listed(codes: pd.Index) -> str:
    return ", ".join(word(code) for code in codes)
