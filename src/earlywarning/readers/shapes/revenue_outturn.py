"""Is this a sheet of the ministry's revenue outturn workbooks?

Shape as in the workbooks of revenue outturn summaries for 2016-17 and 2017-18: a row an
authority, a column a line of the form; the year stands above the table, the day of publication
on the front page. Figures are thousands of pounds. Lines keep their wording, without footnote
marks and the like (`line_name`); the wording of some changes from year to year.
"""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from earlywarning.errors import ReadError
from earlywarning.panel.rows import recoded, words
from earlywarning.readers.files import Issues, Table
from earlywarning.readers.shapes.areas import of_authorities
from earlywarning.readers.stacked import stacked
from earlywarning.schema import issue_row

NAME = "a revenue outturn workbook"
LEFT_OUT = "Figures are thousands of pounds. Other sheets are not used."
HEADER = ("E-code", "ONS Code", "Local authority", "Class")
CLASSES = {
    "o": "other authorities", "l": "London boroughs", "md": "metropolitan districts",
    "ua": "unitary authorities", "sc": "shire counties", "sd": "shire districts",
    "": "totals and notes",
}  # fmt: skip
_YEAR = re.compile(r"(?<!\d)(20\d\d)-(\d\d)(?!\d)")
_PUBLISHED = re.compile(r"published on (\d{1,2} [A-Z][a-z]+ 20\d\d)")
_FOOTNOTE = re.compile(r"\s*\((?:\d{1,2}|[a-z]|total of lines?[^)]*)\)\s*$")
_DAY = re.compile(r"(at \d{1,2} [A-Z][a-z]+) 20\d\d$")
_REPEATED = re.compile(r" \(column \d+\)$")
_NAMELESS = re.compile(r"column \d+")


def recognise(columns: frozenset[str]) -> bool:
    """Say whether these are its columns.

    Examples
    --------
    >>> recognise(frozenset([*HEADER, "Education services"]))
    True
    """
    return columns >= frozenset(HEADER)


def tidy(table: Table) -> tuple[pd.DataFrame, Issues]:
    """Return one row an authority and line, its day of publication where the workbook says it.

    Examples
    --------
    >>> frame = pd.DataFrame([["E0101", "E06000022", "Bath", "UA", 5]], columns=[*HEADER, "Roads"])
    >>> notes = ("Revenue Outturn (RO) 2017-18", "which was published on 15 November 2018.")
    >>> long, _ = tidy(Table("a.xlsx", frame, np.array([8]), notes))
    >>> long[["authority", "metric", "period", "value", "published"]].to_numpy().tolist()
    [['E06000022', 'Roads', '2017/18', 5, '15 November 2018']]
    """
    year = _year(table)
    frame = table.frame
    lines = [str(c) for c in frame if c not in HEADER and not _NAMELESS.fullmatch(str(c))]
    flags = [str(c) for c in frame if _NAMELESS.fullmatch(str(c))]
    codes = words(frame["ONS Code"])
    classes = words(frame["Class"])
    named = [CLASSES.get(str(c).lower(), str(c)) for c in classes.categories]
    places, distinct = pd.factorize(np.array([*named, CLASSES[""]], dtype=object))
    levels = recoded(classes.codes, places, distinct)
    kept, issues = of_authorities(codes, levels, file=table.name, rows=table.rows)
    given = frame.assign(code=codes, status=_status(table, flags))[kept].reset_index(drop=True)
    keys = {"authority": "code", "name": "Local authority", "status": "status"}
    long = stacked(Table(table.name, given, table.rows[kept]), keys, lines, "metric")
    long = long.assign(metric=_renamed(long["metric"]), period=f"{year[:4]}/{year[-2:]}")
    day = _published(table.notes)
    if day is None:
        text = "The workbook does not say on which day it was published."
        remedy = "Give published='2018-11-15', the day on its page."
        return long, [*issues, issue_row("read", "no_publication_day", text, remedy,
                                         file=table.name)]  # fmt: skip
    return long.assign(published=day), issues


def _year(table: Table) -> str:
    for text in (*table.notes, table.name):
        match = _YEAR.search(text)
        if match and (int(match[1]) + 1) % 100 == int(match[2]):
            return match[0]
    raise ReadError(
        f"{table.name}: no year such as 2017-18 stands above the table or in its name. "
        "Name the file after its year."
    )


def _published(notes: Sequence[str]) -> str | None:
    found = (_PUBLISHED.search(note) for note in notes)
    return next((match[1] for match in found if match), None)


def _status(table: Table, flags: list[str]) -> np.ndarray:
    """Return 'imputed' where the nameless column beside the names is marked, else the release's."""
    release = "provisional" if any("PROVISIONAL" in note for note in table.notes) else ""
    status = np.full(len(table.frame), release, dtype=object)
    for column in flags[:1]:
        said = table.frame[column].astype(object).fillna("").astype(str).str.strip()
        status[said.isin(["I", "Grossed"]).to_numpy(bool)] = "imputed"
    return status


def _renamed(lines: pd.Series) -> pd.Categorical:
    """Return the lines as they are called in every year; two then alike keep their own names."""
    given = [str(line) for line in lines.cat.categories]
    plain = [line_name(line) for line in given]
    names = [name if plain.count(name) == 1 else line
             for name, line in zip(plain, given, strict=True)]  # fmt: skip
    places, distinct = pd.factorize(pd.Index(names, dtype="str"))
    return recoded(lines.cat.codes.to_numpy(), [*places, -1], distinct)


def line_name(line: str) -> str:
    """Return a line's name without footnote marks, sums of lines, the year, and "Estimated".

    Examples
    --------
    >>> line_name("Estimated schools reserves level at 1 April (3)")
    'Schools reserves level at 1 April'
    >>> line_name("Interest (column 92)")
    'Interest (second column)'
    """
    name = _REPEATED.sub(" (second column)", line)
    for _ in range(2):
        name = _FOOTNOTE.sub("", name)
    name = _DAY.sub(r"\1", name).removeprefix("Estimated ").strip()
    return name[:1].upper() + name[1:] if name else line
