"""What does a code say: whose it is, or of what other area; and which words name a type?"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

CODE = r"[A-Z][0-9]{8}"  # the form of the Government Statistical Service
TYPES = {
    "E06": "unitary",
    "E07": "district",
    "E08": "metropolitan district",
    "E09": "London borough",
    "E10": "county",
    "S12": "Scottish council area",
    "W06": "Welsh unitary",
    "N09": "Northern Ireland district",
}
UNKNOWN = "unknown"
# How codes begin of areas that are no authority, and of bodies that are no council.
AREAS = {
    **dict.fromkeys(("E92", "W92", "S92", "N92", "K02", "K03", "K04"), "country"),
    **dict.fromkeys(("E12", "E15"), "region"),
    **dict.fromkeys(("E16", "E18", "E19", "E38", "E39", "E40", "E45", "E54"), "health area"),
    **dict.fromkeys(("E00", "E01", "E02", "E33", "W01", "W02", "S01", "S02"), "small area"),
    **dict.fromkeys(("E34", "E35", "E63"), "built-up area"),
    **dict.fromkeys(("E05", "W05", "S13"), "ward"),
    "E04": "parish",
    "E11": "former county",
    "E13": "part of London",
    "E14": "constituency",
    "E23": "police authority",
    "E26": "national park",
    "E30": "travel to work area",
    "E31": "fire authority",
    "E37": "local enterprise partnership",
    "E47": "combined authority",
    "E58": "electoral division",
    "E61": "Greater London Authority",
}
# Other names of the types, in small letters and in the singular.
SYNONYMS = {
    **{word.lower(): word for word in TYPES.values()},
    **dict.fromkeys(("unitary authority", "unitary council", "ua"), "unitary"),
    **dict.fromkeys(
        ("non-metropolitan district", "shire district", "district council", "nmd", "sd"), "district"
    ),
    **dict.fromkeys(
        ("metropolitan borough", "metropolitan borough council", "md"), "metropolitan district"
    ),
    **dict.fromkeys(("london borough council", "lbo", "lb"), "London borough"),
    **dict.fromkeys(
        ("shire county", "county council", "non-metropolitan county", "cty", "sc"), "county"
    ),
}


def type_of(codes: "pd.Series[Any]") -> "pd.Series[str]":
    """Return the type of each authority, from its code alone.

    Parameters
    ----------
    codes : Series of str

    Returns
    -------
    Series of str
        One of the words in `TYPES`, or 'unknown'.

    Examples
    --------
    >>> type_of(pd.Series(["E06000001", "E10000007", "K02000001"])).to_list()
    ['unitary', 'county', 'unknown']
    """
    return _by_distinct(codes, _type, object)


def is_code(codes: "pd.Series[Any]") -> "pd.Series[bool]":
    """Say for each value whether it has the form of a statistical code: a letter and 8 digits.

    Parameters
    ----------
    codes : Series

    Returns
    -------
    Series of bool

    Examples
    --------
    >>> is_code(pd.Series(["E06000001", "Hartlepool", None])).to_list()
    [True, False, False]
    """
    return _by_distinct(codes, _is_code, bool)


def area_of(codes: "pd.Series[Any]") -> "pd.Series[str]":
    """Return what each code is of that is known to be no authority's; '' for any other.

    Parameters
    ----------
    codes : Series of str

    Returns
    -------
    Series of str
        One of the words in `AREAS`, or empty.

    Examples
    --------
    >>> area_of(pd.Series(["E05000001", "E06000001", "somewhere"])).to_list()
    ['ward', '', '']
    """
    return _by_distinct(codes, _area, object)


def type_word(word: str) -> str:
    """Return our word for a type, where it is a known synonym of one; else the word as given.

    Examples
    --------
    >>> type_word("Non-metropolitan districts"), type_word("City corporation")
    ('district', 'City corporation')
    """
    plain = " ".join(word.lower().split())
    singular = re.sub(r"s$", "", re.sub(r"ies$", "y", plain))
    return SYNONYMS.get(plain) or SYNONYMS.get(singular) or word


def _is_code(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(CODE, value) is not None


def _type(value: object) -> str:
    return TYPES.get(str(value)[:3], UNKNOWN) if _is_code(value) else UNKNOWN


def _area(value: object) -> str:
    return AREAS.get(str(value)[:3], "") if _is_code(value) else ""


def _by_distinct(
    codes: "pd.Series[Any]", answer: Callable[[object], object], dtype: type
) -> "pd.Series[Any]":
    """Return the answer for each code, worked out once for each distinct one."""
    places, distinct = pd.factorize(codes)
    found = [*map(answer, distinct), answer(None)]  # missing: place -1
    answers: npt.NDArray[Any] = np.array(found, dtype)
    return pd.Series(answers[places], codes.index, name=codes.name)
