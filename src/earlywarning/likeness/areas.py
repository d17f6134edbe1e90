"""What is known of each area: one row an authority, a column a characteristic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.authorities import authorities_of
from earlywarning.authorities.codes import type_word
from earlywarning.authorities.register import NAMES
from earlywarning.authorities.tables import (
    HEADER,
    Source,
    as_text,
    column,
    listed,
    named,
    naming_the_file,
    opened,
    refuse,
)
from earlywarning.catalogue_file import nearest
from earlywarning.errors import RegisterError, UsageError
from earlywarning.readers.markers import UNREADABLE, read_numbers
from earlywarning.schema import issue_row

Array = NDArray[np.float64]
Issues = list[dict[str, object]]

STAGE = "neighbours"
TYPE = "type"
LARGEST = 1e100  # a value beyond it is an error, and its square no number


@dataclass(frozen=True, eq=False)
class Areas:
    """Authorities in order of code, and what is known of each.

    `values` has a column a characteristic, NaN where nothing is known; `group` is missing
    where it is not known with whom an authority may be compared.
    """

    authority: list[str]
    name: list[str]
    group: pd.Series[Any]
    characteristics: list[str]
    values: Array
    issues: Issues


@naming_the_file
def read_areas(source: Source, characteristics: Sequence[str] | None, within: str | None) -> Areas:
    """Read a table of areas from a CSV file or a DataFrame, and check it.

    Raises
    ------
    RegisterError
        Naming all that is wrong: no code, a code listed twice, a characteristic that is not
        numbers, none that is.
    UsageError
        If a column that is asked for is not there.
    """
    table = opened(source)
    known = named(table, NAMES, needed=["authority"])
    authority = as_text(known["authority"])
    _refuse_codes(authority)
    wanted = _columns(table, characteristics, within)
    numbers = {name: read_numbers(table[name]) for name in wanted}
    issues: Issues = []
    if characteristics is None:
        words = [name for name in wanted if not _mostly_numeric(numbers[name])]
        wanted = [name for name in wanted if name not in words]
        issues += [_not_taken(words)] if words else []
    refuse(_not_numbers(wanted, numbers))
    values = np.array([numbers[name].values for name in wanted], dtype=float).T
    issues += _beyond(wanted, values)
    values = np.where(np.abs(values) <= LARGEST, values, np.nan)
    issues += _missing(wanted, values)
    order = np.argsort(authority.to_numpy(str), kind="stable")
    group = _groups(table, known, within).iloc[order].reset_index(drop=True)
    codes = authority.iloc[order].astype(str).to_list()
    names = as_text(known["name"]).iloc[order] if "name" in known else pd.Series(codes)
    called = [str(n) if isinstance(n, str) else c for n, c in zip(names, codes, strict=True)]
    return Areas(codes, called, group, wanted, values[order], issues)


def as_column(name: str) -> str:
    """Return a column's name as tables are opened with.

    Examples
    --------
    >>> as_column("Council tax base")
    'council_tax_base'
    """
    return name.strip().lower().replace(" ", "_")


def refuse_unknown(asked: Iterable[str], known: Sequence[str], what: str) -> None:
    """Refuse names that are not among those known, all at once, with the nearest."""
    strange = [name for name in dict.fromkeys(asked) if name not in known]
    if strange:
        hints = ", ".join(f"{name!r}{nearest(name, known)}" for name in strange)
        raise UsageError(f"There is no {what} {hints}. There are: {', '.join(known)}.")


def _refuse_codes(authority: pd.Series[Any]) -> None:
    """Refuse rows without a code, and codes that are there twice."""
    twice = authority[authority.notna() & authority.duplicated()]
    empty = authority.index[authority.isna()] + HEADER
    problems = []
    if len(empty):
        problems.append(f"no authority's code in rows {listed(empty)}. Fill it in, or drop them.")
    if len(twice):
        problems.append(f"authorities listed twice: {listed(twice)}. Keep one row of each.")
    if not len(authority):
        problems.append("no authorities. Give one row each.")
    refuse(problems)


def _columns(
    table: pd.DataFrame, characteristics: Sequence[str] | None, within: str | None
) -> list[str]:
    """Return the columns to take for characteristics: those named, else all with no other role."""
    taken = {name for usual in NAMES.values() for name in usual} | {within}
    free = [name for name in dict.fromkeys(map(str, table)) if name not in taken]
    asked = [as_column(name) for name in characteristics] if characteristics is not None else free
    refuse_unknown(asked, free, "characteristic")
    twice = [name for name in asked if int((table.columns == name).sum()) > 1]
    refuse([f"columns that are there twice: {listed(twice)}. Keep one of each."] if twice else [])
    if not asked:
        raise RegisterError("There is no column to compare authorities by. Add one, of numbers.")
    return list(dict.fromkeys(asked))


def _groups(table: pd.DataFrame, known: pd.DataFrame, within: str | None) -> pd.Series[Any]:
    """Return within which group each authority is compared."""
    if within is None:
        return pd.Series("all", index=table.index, dtype=object)
    if within == TYPE:
        codes = as_text(known["authority"])
        by_code = authorities_of(codes).set_index("authority")[TYPE]
        said = as_text(known[TYPE]) if TYPE in known else pd.Series(np.nan, index=table.index)
        words = said.astype(object).map(type_word, na_action="ignore")
        return words.where(words.notna(), codes.map(by_code))
    refuse_unknown([within], [str(name) for name in table], "column to compare within,")
    return as_text(column(table, within))


def _is_numeric(numbers: Any) -> bool:
    """Return whether a column is of numbers and marks alone, with one number at the least."""
    return not (numbers.status == UNREADABLE).any() and bool(np.isfinite(numbers.values).any())


def _mostly_numeric(numbers: Any) -> bool:
    """Return whether more cells of a column are numbers than are text."""
    n_texts = (numbers.status == UNREADABLE).sum()
    return bool(np.isfinite(numbers.values).sum() > n_texts)


def _not_numbers(wanted: list[str], numbers: dict[str, Any]) -> list[str]:
    """Name the characteristics that are not of numbers, and what stands there."""
    problems = []
    for name in wanted:
        strange = numbers[name].status == UNREADABLE
        if strange.any():
            texts = np.array(numbers[name].texts, dtype=object)[numbers[name].text][strange]
            numeric = [other for other in wanted if _is_numeric(numbers[other])]
            hint = nearest(name, [other for other in numeric if other != name])
            problems.append(f"{name} holds what is no number: {listed(texts)}{hint} "
                            f"({strange.sum():,} of {len(strange):,} cells). Correct it, "
                            "or leave the column out.")  # fmt: skip
        elif not np.isfinite(numbers[name].values).any():
            problems.append(f"{name} holds no number at all. Leave the column out.")
    return problems if wanted else ["no column of numbers to compare authorities by. Add one."]


def _not_taken(words: list[str]) -> dict[str, object]:
    return issue_row(STAGE, "not_a_number", f"Not compared, for they hold no numbers: "
                     f"{listed(words)}.", "Nothing, if so; else correct them.",
                     n_rows=len(words))  # fmt: skip


def _beyond(wanted: list[str], values: Array) -> Issues:
    """Say where a value is infinite, or as good as."""
    n = (np.abs(values) > LARGEST).sum(axis=0)
    return [
        issue_row(STAGE, "infinite", f"{name}: {count:,} values are infinite; taken as missing.",
                  "Correct them.", n_rows=int(count))
        for name, count in zip(wanted, n, strict=True) if count
    ]  # fmt: skip


def _missing(wanted: list[str], values: Array) -> Issues:
    """Say of how many authorities a characteristic is not known."""
    n = np.isnan(values).sum(axis=0)
    return [
        issue_row(STAGE, "missing", f"{name} is not known of {count:,} authorities.",
                  "Fill it in: they are compared by what both sides have.", n_rows=int(count))
        for name, count in zip(wanted, n, strict=True) if count
    ]  # fmt: skip
