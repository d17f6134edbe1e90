"""Which column of a file is which?

`recognise` goes by the names that published files use, likeliest first. It
guesses nothing: two equally good columns are refused with both named, and an
explicit mapping always wins.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import pandas as pd

from earlywarning.authorities import is_code
from earlywarning.errors import UsageError
from earlywarning.panel.rows import encoded, present

# What a column may hold, in the order in which it is told.
Role = Literal[
    "authority", "metric", "period", "value", "name", "numerator", "denominator", "published",
    "status", "lower", "upper",
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)

# Normalised names (small letters, words apart by one space), in groups, likeliest group first;
# a column that could have two roles gets the earlier one.
Names = tuple[tuple[str, ...], ...]
NAMES: dict[Role, Names] = {
    "authority": (
        ("authority", "authority code", "local authority code", "la code", "lad code", "area code",
         "areacode", "gss code", "gss", "ons code", "onscode", "ons area code", "geography code",
         "local authority ons code", "authority ons code", "council code", "utla code",
         "local authority gss code", "organisation code", "official code", "lad cd", "utla cd",
         "ctyua cd"),
        ("ecode", "e code", "la id", "authority id"),
        ("local authority", "council", "area", "local authority district"),
    ),
    "value": (
        ("value", "metric value", "indicator value", "measure value", "obs value", "observation"),
        ("v4 0", "data", "figure", "amount", "percentage", "rate", "percent"),
        ("count", "number", "total"),
    ),
    "period": (
        ("period", "time period", "time period year", "financial year", "reporting period",
         "time", "year ending", "calendar year", "academic year"),
        ("year", "quarter", "month", "date"),
    ),
    "metric": (
        ("metric", "metric name", "indicator name", "indicator", "measure", "measure name",
         "metric title", "indicator title"),
        ("metric label", "variable", "metric description", "series", "statistic"),
        ("metric id", "metric code", "indicator id", "indicator code", "measure code",
         "measure id", "code"),
    ),
    "name": (
        ("name", "authority name", "local authority name", "la name", "lad name", "area name",
         "areaname", "council name", "geography", "geography name", "lad nm", "utla nm"),
        ("local authority", "council", "area"),
    ),
    "numerator": (("numerator", "numerator value"), ("count",)),
    "denominator": (("denominator", "denominator value"), ("population",)),
    "published": (
        ("published", "publication date", "release date", "published date", "date published",
         "date of publication", "first published", "released"),
    ),
    "status": (
        ("status", "value note", "marker", "value marker", "obs status", "observation status"),
        ("note", "notes", "flag", "data marking", "footnote"),
    ),
    "lower": (
        ("lower", "lower ci 95 0 limit", "lower ci 95 limit", "lower ci", "lower limit",
         "lower confidence limit", "lower 95 ci", "ci lower", "lower cl", "95 ci lower", "lci"),
    ),
    "upper": (
        ("upper", "upper ci 95 0 limit", "upper ci 95 limit", "upper ci", "upper limit",
         "upper confidence limit", "upper 95 ci", "ci upper", "upper cl", "95 ci upper", "uci"),
    ),
}  # fmt: skip

# Names of columns that are no role, but tell a header from rows that say "Local authority".
ONLY_IN_HEADERS = frozenset(
    ("time identifier", "geographic level", "country code", "region code", "old la code",
     "new la code")
)  # fmt: skip


def normalised(name: object) -> str:
    """Return a column's name in small letters, its words apart by one space.

    Examples
    --------
    >>> normalised(" Time_period (year)"), normalised("LAD23CD")
    ('time period year', 'lad cd')
    """
    given = re.sub(r" \(column \d+\)$", "", str(name).lower())  # a repeated name's number
    plain = " ".join(re.sub(r"[^a-z0-9]+", " ", given).split())
    return re.sub(r"^(lad|utla|ctyua|la)\d\d(cd|nm)$", r"\1 \2", plain)


def header_score(cells: Sequence[object]) -> int:
    """Count the roles that a row of cells could name, were it the header, and sure signs of one.

    Examples
    --------
    >>> header_score(["Area Code", "Time period", "Value"]), header_score(["Figures for 2022"])
    (3, 0)
    """
    names = {normalised(cell) for cell in cells if cell is not None}
    roles = sum(any(names.intersection(group) for group in NAMES[role]) for role in NAMES)
    return roles + len(names & ONLY_IN_HEADERS)


def recognise(
    frame: pd.DataFrame, columns: Mapping[str, str] | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """Say which column has which role, and what is wrong.

    Parameters
    ----------
    frame : DataFrame
        As read from a file.
    columns : mapping, optional
        Role to column, such as ``{"authority": "my column"}``: wins over the names.

    Returns
    -------
    dict
        Role to column, for the roles that were found.
    dict
        Role to what is wrong: its column is not there, or two are equally good.

    Raises
    ------
    UsageError
        If `columns` has a role that there is not.

    Examples
    --------
    >>> recognise(pd.DataFrame(columns=["Area Code", "Time period", "Value", "Count"]))[0]
    {'authority': 'Area Code', 'value': 'Value', 'period': 'Time period', 'numerator': 'Count'}
    """
    given = dict(columns or {})
    strange = sorted(set(given) - set(NAMES))
    if strange:
        raise UsageError(f"No role {', '.join(strange)} in columns=. Roles: {', '.join(NAMES)}.")
    problems = {
        role: f"Column '{column}', named for {role}, is not there."
        for role, column in given.items()
        if column not in frame
    }
    found = {role: column for role, column in given.items() if column in frame}
    names = {str(column): normalised(column) for column in frame}
    for role, groups in NAMES.items():
        if role in given:
            continue
        free = {column: name for column, name in names.items() if column not in found.values()}
        best = _candidates(frame, free, groups, role)
        if len(best) > 1:
            problems[role] = f"Columns {_quoted(best)} are equally good for {role}."
        elif best:
            found[role] = best[0]
    return found, problems


def _candidates(
    frame: pd.DataFrame, names: Mapping[str, str], groups: Names, role: str
) -> list[str]:
    """Return the best columns for a role: more than one where nothing tells them apart."""
    ranked = [[column for column, name in names.items() if name in group] for group in groups]
    if role == "authority":
        coded = [[c for c in group if _has_codes(frame[c])] for group in ranked]
        ranked = coded if any(coded) else ranked
    best = next((group for group in ranked if group), [])
    return best[:1] if all(frame[c].equals(frame[best[0]]) for c in best[1:]) else best


def _has_codes(column: pd.Series) -> bool:
    """Say whether most distinct entries are statistical codes."""
    codes, labels = encoded(column)
    some = labels[present(codes, len(labels))][:2000]
    distinct = pd.Series(some).astype(str).str.strip().str.upper()
    return bool(len(distinct)) and float(is_code(distinct).mean()) > 0.5


def _quoted(names: Sequence[str]) -> str:
    return " and ".join(f"'{name}'" for name in names)
