"""Which authorities are there, of which type, since when, and who came after them?"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.authorities.codes import type_of, type_word
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
from earlywarning.schema import REGISTER

# The usual names of columns, in small letters, likeliest first.
NAMES = {
    "authority": ("authority", "authority_code", "code", "gss_code", "ons_code", "area_code"),
    "name": ("name", "authority_name", "area_name", "official_name"),
    "type": ("type", "type_name", "authority_type", "type_code"),
    "region": ("region", "region_name"),
    "start": ("start", "start_date"),
    "end": ("end", "end_date"),
    "successor": ("successor", "replaced_by_code", "replaced_by", "successor_code", "new_code"),
}
TEXT = ("authority", "name", "type", "region", "successor")
DATES = ("start", "end")
AND = ";"  # between the successors of an authority that was divided


@naming_the_file
def read_register(source: Source) -> pd.DataFrame:
    """Read a table of authorities from a CSV file or a DataFrame, and check it.

    Parameters
    ----------
    source : path or DataFrame
        One row an authority, columns by their usual names (`authority_code`, `type_name`,
        `end_date`, `replaced_by_code`, ...); only the code is needed. A type left empty
        follows from the code; one in other words ('Non-metropolitan district') becomes ours.

    Returns
    -------
    DataFrame
        Columns `schema.REGISTER`; what is not known is missing. `successor` holds several
        codes joined by ';' where an authority was divided.

    Raises
    ------
    RegisterError
        Naming everything that is wrong: no row, no code, an authority listed twice, a date that is
        none, an end before the start, a successor without an end, one that is not in the table,
        successors that run in a circle.

    Examples
    --------
    >>> register = read_register(pd.DataFrame({"code": ["E06000001"], "name": ["Hartlepool"]}))
    >>> register["type"].to_list()
    ['unitary']
    """
    given = named(opened(source), NAMES, needed=["authority"]).reindex(columns=list(REGISTER))
    register = given.assign(**{name: as_text(given[name]) for name in TEXT})
    for day in DATES:
        register[day] = pd.to_datetime(given[day], errors="coerce", format="ISO8601")
    words = register["type"].map(type_word, na_action="ignore")
    register["type"] = words.where(words.notna(), type_of(register["authority"]))
    register["successor"] = register["successor"].str.replace(r"\s*[;,]\s*", AND, regex=True)
    none = [] if len(register) else ["no authorities. Give one row each."]
    refuse([*none, *_no_dates(given, register), *_problems(register)])
    return register


def authorities_of(
    codes: "pd.Series[Any]",
    names: Mapping[str, str] | None = None,
    register: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return a register of exactly the authorities that occur.

    Parameters
    ----------
    codes : Series of str
        In any order, with repeats.
    names : mapping, optional
        Code to name, as a file of values has them.
    register : DataFrame, optional
        As from `read_register`: what it knows comes first.

    Returns
    -------
    DataFrame
        Columns `schema.REGISTER`, one row a code, in order of code. Where the register says
        nothing, the type follows from the code, and the name from `names`, else from the code.

    Examples
    --------
    >>> codes = pd.Series(["E07000026", "E06000001", "E07000026"])
    >>> authorities_of(codes, {"E06000001": "Hartlepool"})[["name", "type"]].values.tolist()
    [['Hartlepool', 'unitary'], ['E07000026', 'district']]
    """
    occurring = pd.Index(sorted(codes.dropna().astype(str).unique()), name="authority")
    authority = pd.Series(occurring, dtype=object)
    given = authority.map(dict(names or {})).astype(object)
    fallback = {
        "name": given.where(given.notna(), authority),
        "type": type_of(authority).astype(object),
    }
    if register is None:
        nothing = pd.Series(np.nan, index=authority.index, dtype=object)
        columns = dict.fromkeys(REGISTER, nothing) | {"authority": occurring} | fallback
        return pd.DataFrame(columns)
    found = register.set_index("authority").reindex(occurring).reset_index()
    for column, else_ in fallback.items():
        said = found[column].astype(object)
        found[column] = said.where(said.notna(), else_)
    return found[list(REGISTER)]


def successors(register: pd.DataFrame, as_of: pd.Timestamp) -> "pd.Series[Any]":
    """Return who stands in each authority's place on one day, chains followed to their end.

    Parameters
    ----------
    register : DataFrame
        As from `read_register`.
    as_of : Timestamp
        A successor counts once its predecessor's `end` is past.

    Returns
    -------
    Series of str
        Indexed by authority: its final successor on that day; itself where it stands, or
        nobody is named. An authority that was divided has all its parts, joined by ';'.

    Examples
    --------
    >>> rows = {"code": ["A", "B"], "end": ["2019-03-31", None], "successor": ["B", None]}
    >>> successors(read_register(pd.DataFrame(rows)), pd.Timestamp("2020-01-01")).to_dict()
    {'A': 'B', 'B': 'B'}
    """
    following = _following(register[register["end"] < as_of])
    codes = register["authority"].to_list()
    finals = [AND.join(_finals(code, following)) for code in codes]
    index = pd.Index(codes, name="authority", dtype=object)
    return pd.Series(finals, index=index, name="successor", dtype=object)


def _following(register: pd.DataFrame) -> dict[str, list[str]]:
    """Return each authority's next successors, where it has any."""
    moved = register[register["successor"].notna()]
    return {
        str(code): str(after).split(AND)
        for code, after in zip(moved["authority"], moved["successor"], strict=True)
    }


def _finals(code: str, following: Mapping[str, list[str]]) -> list[str]:
    """Return the last in the chain, or all the last ones where it divides."""
    if code not in following:
        return [code]
    ends = [last for after in following[code] for last in _finals(after, following)]
    return list(dict.fromkeys(ends))


def _circle(following: Mapping[str, list[str]]) -> list[str]:
    """Return the authorities whose chain of successors has no end."""
    open_ = {code: set(after) for code, after in following.items()}
    while ended := {code for code, after in open_.items() if not after & open_.keys()}:
        open_ = {code: after for code, after in open_.items() if code not in ended}
    return sorted(open_)


def _no_dates(given: pd.DataFrame, register: pd.DataFrame) -> list[str]:
    """Name what stands where a date should, and is none."""
    problems = []
    for day in DATES:
        wrong = given.loc[as_text(given[day]).notna() & register[day].isna(), day]
        if len(wrong):
            problems.append(f"{day} is no date: {listed(wrong)}. Write it as 2023-04-01.")
    return problems


def _problems(register: pd.DataFrame) -> list[str]:
    """Name everything that is wrong with the authorities and their order in time."""
    authority = register["authority"]
    following = _following(register)
    after_any = {after for some in following.values() for after in some}
    checks: dict[str, Iterable[object]] = {
        "no authority's code in rows {}. Fill it in, or drop them.": (
            register.index[authority.isna()] + HEADER
        ),
        "authorities listed twice: {}. Keep one row of each.": authority[
            authority.notna() & authority.duplicated()
        ],
        "end before start: {}. Correct the dates.": authority[register["end"] < register["start"]],
        "a successor but no end: {}. Say when it ended.": authority[
            register["successor"].notna() & register["end"].isna()
        ],
        "successors that are not in the table: {}. Add a row for each.": sorted(
            after_any - set(authority.dropna())
        ),
        "successors that run in a circle: {}. Correct one of them.": _circle(following),
    }
    shown = {text: listed(found) for text, found in checks.items()}
    return [text.format(found) for text, found in shown.items() if found]
