"""What to ask of an authority, by the theme and kind of its flags?

The questions are a table that anybody may edit: `questions.csv` beside this module comes with
the library, `read_questions` opens another, which goes before it.
"""

import csv
from functools import cache
from importlib.resources import as_file, files
from os import PathLike
from pathlib import Path
from string import Formatter
from typing import Any

import pandas as pd

from earlywarning.catalogue_file import nearest
from earlywarning.errors import QuestionsError
from earlywarning.explain.sections import Section
from earlywarning.explain.tables import About
from earlywarning.explain.wording import one_line
from earlywarning.schema import FLAG_KINDS, QUESTIONS

ANY = "any"  # theme or kind: where no row says more
KINDS = (*FLAG_KINDS, ANY)
PLACEHOLDERS = ("title", "theme")


def read_questions(path: str | PathLike[str]) -> pd.DataFrame:
    r"""Read a table of questions from a CSV file, and check it.

    Parameters
    ----------
    path : path
        Columns theme, kind (position, change or any) and question, one row a question. A theme
        that is `any` or empty holds for all themes without rows of their own. `{title}` stands
        for the flagged metric's title, `{theme}` for its theme.

    Returns
    -------
    DataFrame
        Columns `schema.QUESTIONS`, in the file's order.

    Raises
    ------
    QuestionsError
        Naming everything that is wrong, by row as a spreadsheet counts.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "ours.csv")
    ...     _ = path.write_text("theme,kind,question\nRoads,change,Why did “{title}” move?\n")
    ...     read_questions(path).iloc[0].to_list()
    ['roads', 'change', 'Why did “{title}” move?']
    """
    name = Path(path).name
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            header, *lines = [*csv.reader(file, strict=True)] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise QuestionsError(f"{name} cannot be read as a CSV file in UTF-8: {error}.") from error
    columns = [cell.strip().lower() for cell in header]
    _refuse(name, _of_header(columns))
    rows = {place: row for place, row in enumerate(lines, start=2) if any(map(str.strip, row))}
    problems = [
        f"row {place} has {len(row)} cells, not {len(columns)}: put a question with a comma into "
        "quotation marks."
        for place, row in rows.items()
        if len(row) != len(columns)
    ]
    whole = {place: row for place, row in rows.items() if len(row) == len(columns)}
    table = pd.DataFrame(whole.values(), index=list(whole), columns=columns, dtype=object)
    table = table.map(one_line)[list(QUESTIONS)]
    table["theme"], table["kind"] = (
        table[name].map(str.casefold).replace("", ANY) for name in ("theme", "kind")
    )
    problems += [problem for row in table.itertuples() for problem in _of_row(row)]
    _refuse(name, problems)
    return table.reset_index(drop=True)


def _refuse(name: str, problems: list[str]) -> None:
    """Raise one error that names every problem, if there is any."""
    if problems:
        told = " ".join(problem[0].upper() + problem[1:] for problem in problems)
        raise QuestionsError(f"{name}: {told}")


def _of_header(columns: list[str]) -> list[str]:
    """Name the columns that are missing, strange or there twice."""
    missing = [f"there is no column {name!r}." for name in QUESTIONS if name not in columns]
    strange = [
        f"there is a column {name!r} that is not known{nearest(name, QUESTIONS)}."
        for name in columns
        if name not in QUESTIONS
    ]
    twice = [f"there are two columns {name!r}." for name in QUESTIONS if columns.count(name) > 1]
    return missing + strange + twice


def _of_row(row: Any) -> list[str]:
    """Name all that is wrong with a row."""
    place, _, kind, question = row
    problems = []
    if kind not in KINDS:
        problems.append(f"row {place}: the kind {kind!r} is not known{nearest(kind, KINDS)}.")
    if not question:
        problems.append(f"row {place}: there is no question.")
    try:
        found = [(field, more, how) for _, field, more, how in Formatter().parse(question)]
    except ValueError:
        return [*problems, f"row {place}: a brace is not closed; write {{{{ for a brace itself."]
    for field, more, how in found:
        if field is not None and (field not in PLACEHOLDERS or more or how):
            said = f"{field}{'!' + how if how else ''}{':' + more if more else ''}"
            problems.append(
                f"row {place}: {{{one_line(said)}}} is not known{nearest(field, PLACEHOLDERS)}; "
                f"use {' or '.join(f'{{{name}}}' for name in PLACEHOLDERS)}."
            )
    return problems


@cache
def own_questions() -> pd.DataFrame:
    """Return the questions that come with the library."""
    with as_file(files("earlywarning.explain") / "questions.csv") as path:
        return read_questions(path)


def questions_to_ask(about: About, questions: pd.DataFrame | None = None) -> Section:
    """Ask what the table has for each flagged theme and kind, about the gravest flag of them."""
    first = about.flags.drop_duplicates(["theme", "kind"])
    asked = [
        f"{one_line(theme)}: {template.format(title=one_line(title), theme=one_line(theme))}"
        for theme, kind, title in zip(first["theme"], first["kind"], first["title"], strict=True)
        for template in _templates(one_line(theme).casefold(), str(kind), questions)
    ]
    return Section("Questions to ask", items=tuple(dict.fromkeys(asked)), labelled=True)


def _templates(theme: str, kind: str, questions: pd.DataFrame | None) -> list[str]:
    """Return the questions of the first table that has any, the closest theme and kind first."""
    tables = [own_questions()] if questions is None else [questions, own_questions()]
    places = [(theme, kind), (theme, ANY), (ANY, kind), (ANY, ANY)]
    for table in tables:
        for wanted in places:
            there = table["theme"].eq(wanted[0]) & table["kind"].eq(wanted[1])
            if there.any():
                return [str(text) for text in table.loc[there, "question"]]
    return []
