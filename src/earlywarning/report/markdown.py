"""A page as Markdown, in which nothing from the data acts as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from earlywarning.explain import Page, Section, one_line

_ACTS = re.compile(r"[\\`*_\[\]<>|~&$@{}^]|:(?=/)|(?<=www)\.", re.IGNORECASE)
_ACTS_FIRST = re.compile(r"^(?:[#=]|[+-](?=[\s-]|$)|(\d+)([.)])(?=\s|$))")


def escaped(text: object) -> str:
    r"""Return a text on one line, so written that Markdown shows it as it is.

    Examples
    --------
    >>> escaped("*a* | <b>"), escaped("1. x"), escaped("8.6% in 2023/24")
    ('\\*a\\* \\| \\<b\\>', '1\\. x', '8.6% in 2023/24')
    """
    line = _ACTS.sub(lambda found: f"\\{found[0]}", one_line(text))
    return _ACTS_FIRST.sub(_first, line)


def _first(found: re.Match[str]) -> str:
    """Escape what would begin a heading or a list."""
    return f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[0]}"


def page_markdown(page: Page) -> str:
    r"""Return a page as Markdown: headings, paragraphs, lists, and tables with pipes.

    Parameters
    ----------
    page : Page
        As from `earlywarning.explain.as_page`.

    Returns
    -------
    str
        GitHub's Markdown, no line of it broken; everything from the data is escaped.

    Examples
    --------
    >>> print(page_markdown(Page("Ash *", (Section("Seen", ("It fell.",)),))), end="")
    # Ash \*
    <BLANKLINE>
    ## Seen
    <BLANKLINE>
    It fell.
    """
    return "\n\n".join([f"# {escaped(page.title)}", *map(_section, page.sections)]) + "\n"


def _section(section: Section) -> str:
    heading = [f"## {escaped(section.heading)}"] if section.heading else []
    paragraphs = [escaped(text) for text in section.paragraphs if text]
    items = ["\n".join(f"- {escaped(text)}" for text in section.items)] if section.items else []
    return "\n\n".join([*heading, *paragraphs, *_table(section), *items])


def _table(section: Section) -> list[str]:
    """Return a table with pipes, numbers to the right, if there is one."""
    if not section.table:
        return []
    header, *rows = section.table
    sides = ["---" if j < section.words else "--:" for j in range(len(header))]
    return ["\n".join([_row(header), f"| {' | '.join(sides)} |", *map(_row, rows)])]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(escaped, cells))} |"
