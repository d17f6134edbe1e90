"""A page on one authority: as sections, and as plain text."""

import textwrap
from dataclasses import dataclass

import pandas as pd

from earlywarning.explain import against, doubts, flagged, good, method, questions, sections
from earlywarning.explain.said import what_the_authority_said
from earlywarning.explain.sections import Section
from earlywarning.explain.tables import About, Explained

WIDTH = 88  # characters a line of text


@dataclass(frozen=True)
class Page:
    """All that is said of one authority; as text by `str`."""

    title: str
    sections: tuple[Section, ...]

    def __str__(self) -> str:
        parts = [f"{self.title}\n{'=' * len(self.title)}", *map(_text, self.sections)]
        return "\n\n".join(parts) + "\n"


def page(authority: str, tables: Explained) -> str:
    """Say in plain text all that the tables say of one authority.

    Parameters
    ----------
    authority : str
        Its code or name, whatever the case.
    tables : Explained
        What was found, for all authorities.

    Returns
    -------
    str
        Lines of at most 88 characters, but for tables with long names.

    Raises
    ------
    UsageError
        If there is no such authority, naming the nearest; or if two share the name.

    Examples
    --------
    >>> from earlywarning import schema
    >>> names = ("authorities", "flags", "signals", "contributions", "issues", "catalogue")
    >>> tables = [schema.empty(getattr(schema, name.upper())) for name in names]
    >>> tables[0].loc[0, ["authority", "name", "score", "tier"]] = ["E1", "Ash", 0.0, "none"]
    >>> print(page("ash", Explained(*tables, as_of=pd.Timestamp("2025-03-01")))[:34])
    Ash (E1), as known on 1 March 2025
    """
    return str(as_page(tables.about(authority)))


def as_page(about: About, *, asked: pd.DataFrame | None = None) -> Page:
    """Return the page in its sections, for a drawing in another form.

    With `asked`, columns `schema.QUESTIONS`, these questions go before the library's own.
    """
    of_flags = (
        flagged.since_when,
        against.against_whom,
        flagged.how_sure,
        doubts.what_else,
        against.theirs_alone,
    )
    without_flags = (against.against_whom,)
    parts = [sections.headline(about), flagged.what_we_see(about)]
    parts += [part(about) for part in (without_flags if about.flags.empty else of_flags)]
    parts += [*what_the_authority_said(about), good.what_goes_well(about)]
    if len(about.flags):
        parts += [good.who_to_learn_from(about), questions.questions_to_ask(about, asked)]
    parts += [
        doubts.what_is_not_known(about),
        sections.how_the_score_adds_up(about),
        method.data_and_method(about),
    ]
    return Page(sections.title(about), tuple(parts))


def _text(section: Section) -> str:
    """Return a section as lines: heading, paragraphs, table, list."""
    heading = [f"{section.heading}\n{'-' * len(section.heading)}"] if section.heading else []
    paragraphs = [textwrap.fill(text, WIDTH) for text in section.paragraphs]
    items = [
        textwrap.fill(text, WIDTH, initial_indent="- ", subsequent_indent="  ")
        for text in section.items
    ]
    blocks = [*paragraphs, *_aligned(section), "\n".join(items)]
    return "\n".join([*heading, "\n\n".join(block for block in blocks if block)])


def _aligned(section: Section) -> list[str]:
    """Return a table with words to the left and numbers to the right, if there is one."""
    if not section.table:
        return []
    widths = [max(map(len, column)) for column in zip(*section.table, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if j < section.words else cell.rjust(width)
            for j, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in section.table
    ]
    return ["\n".join(line.rstrip() for line in lines)]
