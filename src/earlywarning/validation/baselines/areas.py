"""How far would size and deprivation alone take us?"""

from typing import Any

import pandas as pd

from earlywarning.authorities.register import NAMES as REGISTER_NAMES
from earlywarning.authorities.tables import (
    HEADER,
    Source,
    as_text,
    listed,
    named,
    naming_the_file,
    opened,
    refuse,
)
from earlywarning.errors import UsageError
from earlywarning.result import Result
from earlywarning.validation.baselines.scores import as_scores

AREAS = ("authority", "size", "deprivation")
SIZE = ("population", "size")  # how the columns' names begin, likeliest first
DEPRIVATION = ("imd", "deprivation", "index_of_multiple_deprivation")
ENDS = {"low": -1, "high": 1}
# What a column's name or its values call their numbers, and which end is then the most deprived.
KINDS = {"score": "high", "quintile": "low", "quartile": "low", "decile": "low", "rank": "low"}
NUMBER = r"(-?\d+(?:\.\d+)?)"


@naming_the_file
def read_areas(source: Source, *, most_deprived: str | None = None) -> pd.DataFrame:
    """Read each authority's population and deprivation from a table of authorities.

    Parameters
    ----------
    source : path or DataFrame
        One row an authority: its code, a column whose name begins with `population`, and one that
        begins with `imd` or `deprivation`; one of the two is enough, and of several the last by
        name, the newest year, is taken. Numbers may stand in words ('4th IMD quintile').
    most_deprived : {"low", "high"}, optional
        Which numbers are the most deprived. If not given it follows from the name of the column
        or from the words in it: of quintiles, deciles and ranks the lowest, as the English indices
        of deprivation count, of scores the highest.

    Returns
    -------
    DataFrame
        Columns `authority, size, deprivation`, by authority; a higher deprivation is more of it,
        so that what is counted from the most deprived has its sign changed. Missing where unknown.

    Raises
    ------
    RegisterError
        Naming everything that is wrong: no code, none of the two columns, an authority listed
        twice, what is no number, or nothing that says which end is the most deprived.
    UsageError
        If `most_deprived` is another word.

    Examples
    --------
    >>> table = pd.DataFrame({"code": ["A", "B"], "population_2020": [9000, 8000],
    ...                       "imd_label": ["1st IMD quintile", "5th IMD quintile"]})
    >>> read_areas(table).values.tolist()
    [['A', 9000.0, -1.0], ['B', 8000.0, -5.0]]
    """
    if most_deprived not in (None, *ENDS):
        raise UsageError(f"most_deprived is {most_deprived!r}. Say 'low' or 'high'.")
    table = opened(source)
    code = as_text(
        named(table, {"authority": REGISTER_NAMES["authority"]}, ["authority"]).iloc[:, 0]
    )
    size, deprivation = _column(table, SIZE), _column(table, DEPRIVATION)
    if size is None and deprivation is None:
        refuse([f"no column that begins with {' or '.join([*SIZE, *DEPRIVATION])}. Name one so."])
    numbers = pd.DataFrame(
        {"size": _numbers(size, code), "deprivation": _numbers(deprivation, code)}
    )
    end = most_deprived or _end(deprivation)
    refuse([*_problems(code, (size, deprivation), numbers), *_unsaid(deprivation, end)])
    numbers["deprivation"] *= ENDS.get(str(end), 1)
    areas = numbers.assign(authority=code)[list(AREAS)]
    return areas.sort_values("authority", ignore_index=True)


def area_scores(result: Result, areas: pd.DataFrame) -> pd.DataFrame:
    """Score authorities by size, and by deprivation.

    Parameters
    ----------
    result : Result
        Whom to score.
    areas : DataFrame
        As from `read_areas`. It does not know time: the same for every as-of date.

    Returns
    -------
    DataFrame
        Columns `BASELINES`, scorers `size` (larger is riskier) and `deprivation`.

    Examples
    --------
    >>> from types import SimpleNamespace as Result
    >>> areas = pd.DataFrame({"authority": ["A"], "size": [9.0], "deprivation": [None]})
    >>> area_scores(Result(register=pd.DataFrame({"authority": ["A", "B"]})), areas).values.tolist()
    [['A', 'size', 9.0]]
    """
    codes = sorted(result.register["authority"].astype(str))
    known = areas.set_index("authority").reindex(codes).astype(float)
    return as_scores(codes, {name: known[name] for name in AREAS[1:]})


def _column(table: pd.DataFrame, beginnings: tuple[str, ...]) -> "pd.Series[Any] | None":
    """Return the last by name of the columns that begin so, as text."""
    for beginning in beginnings:
        if found := sorted(name for name in map(str, table) if name.startswith(beginning)):
            return as_text(table[found[-1]])
    return None


def _numbers(text: "pd.Series[Any] | None", like: "pd.Series[Any]") -> "pd.Series[float]":
    """Return the number in each text; NaN where there is none."""
    if text is None:
        return pd.Series(float("nan"), index=like.index)
    plain = text.astype("string").str.replace(",", "")
    return plain.str.extract(NUMBER)[0].astype(float)


def _end(deprivation: "pd.Series[Any] | None") -> str | None:
    """Return which end the name or the words say is the most deprived, if any does."""
    if deprivation is None:
        return None
    words = f"{deprivation.name} {' '.join(deprivation.dropna().unique())}".lower()
    return next((end for kind, end in KINDS.items() if kind in words), None)


def _unsaid(deprivation: "pd.Series[Any] | None", end: str | None) -> list[str]:
    if deprivation is None or end is not None:
        return []
    return [f"which end of '{deprivation.name}' is the most deprived? Say most_deprived='low' or "
            "'high'."]  # fmt: skip


def _problems(
    code: "pd.Series[Any]",
    columns: "tuple[pd.Series[Any] | None, ...]",
    numbers: pd.DataFrame,
) -> list[str]:
    """Name everything else that is wrong."""
    again = code[code.notna() & code.duplicated()]
    problems = [
        f"no authority's code in rows {listed(code.index[code.isna()] + HEADER)}. Fill it in."
    ] * bool(code.isna().any())
    problems += [f"authorities listed twice: {listed(again)}. Keep one row."] * (len(again) > 0)
    for text, (name, number) in zip(columns, numbers.items(), strict=True):
        if text is not None and len(wrong := text[text.notna() & number.isna()]):
            problems.append(f"{name} is no number: {listed(wrong)}. Correct it, or leave it empty.")
    return problems
