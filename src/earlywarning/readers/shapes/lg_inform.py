"""Is this a CSV of LG Inform, the Local Government Association's collection?

Its tools write areas down and figures across, under several rows of headers: each repeats
`area`, `area label` and `area long label`. All six (metric, its number, unit, sort of value,
period, the period's identifier, such as `fq_Q1_2010_11`) stand in downloads of the report tool;
only the last two in `data.csv?columnGrouping=period&rowGrouping=area`. Shapes as in files and
scripts of public repositories (StMannyAkinso/Lambeth-Open-Data.github.io, data/Businesses/2022;
scripts for Trafford that read the API).
"""

import re

import numpy as np
import pandas as pd

from earlywarning.errors import ReadError
from earlywarning.panel.rows import recoded, words
from earlywarning.periods import as_periods
from earlywarning.readers.files import Issues, Table
from earlywarning.readers.shapes.areas import of_authorities
from earlywarning.readers.stacked import stacked
from earlywarning.schema import issue_row

NAME = "a CSV of LG Inform"
LEFT_OUT = "Units and identifiers are not used."
HEADER = frozenset(("area", "area label", "area long label"))
MOST_HEADERS = 12  # rows
RAW = "raw"  # the sort of value that is a figure; others are ranks, bands, quartiles
SORTS = (RAW, "rank", "band", "quartile", "decile", "percentile")
_IDENTIFIER = re.compile(r"[a-z]+(?:_[A-Za-z0-9]+)*_\d{2,4}(?:_[A-Za-z0-9]+)*")
_NUMBERED = re.compile(r" \(column \d+\)$")  # how a repeated header was told apart


def recognise(columns: frozenset[str]) -> bool:
    """Say whether these are its columns.

    Examples
    --------
    >>> recognise(HEADER | {"2022/23"}), recognise(frozenset(["area", "2022/23"]))
    (True, False)
    """
    return columns >= HEADER


def tidy(table: Table) -> tuple[pd.DataFrame, Issues]:
    """Return one row an area, metric and period; without `metric` where no header names it.

    Examples
    --------
    >>> frame = pd.DataFrame([["area", "area label", "area long label", "fin_2022_23"],
    ...                       ["E06000001", "Hartlepool", "Hartlepool (UA)", "1,234"]],
    ...                      columns=["area", "area label", "area long label", "2022/23"])
    >>> tidy(Table("a.csv", frame, np.array([2, 3])))[0].to_numpy().tolist()
    [['E06000001', 'Hartlepool', '2022/23', '1,234', 3]]
    """
    columns = [str(column) for column in table.frame if column not in HEADER]
    heads = table.frame["area"].astype(str).str.strip().eq("area").to_numpy(bool)
    levels = _levels(table, columns, np.flatnonzero(heads))
    at = _period_level(levels, table.name)
    figures, issues = _figures(levels, table)
    body = Table(table.name, table.frame[~heads].reset_index(drop=True), table.rows[~heads])
    keys = {"authority": "area", "name": "area label"}
    long = stacked(body, keys, [columns[i] for i in figures], "column")
    which = np.asarray(figures, dtype=np.intp)[long.pop("column").cat.codes.to_numpy()]
    roles = {"period": levels[at]} | ({"metric": levels[0]} if at > 0 else {})
    for role, texts in roles.items():
        places, distinct = pd.factorize(pd.Index(texts, dtype="str"))
        long[role] = recoded(which, [*places, -1], distinct)
    codes = words(long["authority"])
    kept, left_out = of_authorities(codes, None, file=table.name, rows=long["row"].to_numpy())
    order = [c for c in ("authority", "name", "metric", "period", "value", "row") if c in long]
    return long.loc[kept, order].reset_index(drop=True), issues + left_out


def _levels(table: Table, columns: list[str], heads: np.ndarray) -> list[list[str]]:
    """Return the texts over the figures, one list a row of headers, from the top."""
    if len(heads) > MOST_HEADERS:
        raise ReadError(
            f"{table.name}: {len(heads)} rows say 'area' where a code should be. Is this one file?"
        )
    above = [_NUMBERED.sub("", column) for column in columns]
    below = table.frame.iloc[heads][columns].astype(object).fillna("").astype(str)
    return [above, *([text.strip() for text in row] for row in below.to_numpy().tolist())]


def _period_level(levels: list[list[str]], name: str) -> int:
    """Return which row of headers holds periods: that over their identifiers, else the last."""
    for at in range(1, len(levels)):
        if levels[at] and all(map(_IDENTIFIER.fullmatch, levels[at])):
            return at - 1
    for at in range(len(levels) - 1, -1, -1):
        if levels[at] and as_periods(levels[at])["problem"].isna().all():
            return at
    raise ReadError(
        f"{name}: no row of its headers holds periods. Download it with periods in the columns "
        "(columnGrouping=period) and areas in the rows."
    )


def _figures(levels: list[list[str]], table: Table) -> tuple[list[int], Issues]:
    """Return which columns hold figures, and count those of ranks and the like."""
    every = list(range(len(levels[0])))
    sorts = next((level for level in levels if RAW in level and set(level) <= {*SORTS}), None)
    if sorts is None:
        return every, []
    figures = [i for i in every if sorts[i] == RAW]
    others = sorted({sort for sort in sorts if sort != RAW})
    if not others:
        return figures, []
    text = f"{len(every) - len(figures)} columns hold {', '.join(others)}: they are left out."
    return figures, [issue_row("read", "not_a_figure", text, "Nothing.", file=table.name)]
