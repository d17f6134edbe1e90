"""A brief on one authority: to print, to show in a notebook, to hand on as one file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

import pandas as pd

from earlywarning.errors import UsageError
from earlywarning.explain import About, Explained, Page, as_page
from earlywarning.explain.flagged import SEEN
from earlywarning.explain.sections import SCORE
from earlywarning.report.figures import KEY, Figures, figures_of
from earlywarning.report.fragments import fill
from earlywarning.report.markdown import page_markdown
from earlywarning.store.disk import replaced, saying_why


@dataclass(frozen=True, eq=False)
class Brief:
    """What is said of one authority, as text, Markdown and HTML.

    Parameters
    ----------
    authority : str
        Its code or name, whatever the case.
    tables : Explained
        What was found, for all authorities.
    questions : DataFrame, optional
        Columns `schema.QUESTIONS`, as from `read_questions`: asked before the library's own.

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
    >>> brief = Brief("ash", Explained(*tables, as_of=pd.Timestamp("2025-03-01")))
    >>> print(str(brief)[:34])
    Ash (E1), as known on 1 March 2025
    >>> brief.markdown[:28], brief.html[:15]
    ('# Ash (E1), as known on 1 Ma', '<!DOCTYPE html>')
    """

    authority: str
    tables: Explained
    questions: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        self.tables.find(self.authority)

    @cached_property
    def about(self) -> About:
        """What was found of the authority."""
        return self.tables.about(self.authority)

    @cached_property
    def page(self) -> Page:
        """The brief in sections."""
        return as_page(self.about, asked=self.questions)

    def __str__(self) -> str:
        return str(self.page)

    @property
    def markdown(self) -> str:
        """The brief as Markdown, tables with pipes; nothing from the data acts as Markdown."""
        return page_markdown(self.page)

    @cached_property
    def html(self) -> str:
        """The brief as one web page that needs nothing from outside and prints on A4."""
        return page_html(self.page, figures_of(self.about, self.page))

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the brief into a file, whole or not at all; a file of that name is replaced.

        Parameters
        ----------
        path : path
            Its ending says the form: .html, .md or .txt.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        UsageError
            If the ending is another, or the file cannot be written.
        """
        out = Path(path)
        forms = {".html": lambda: self.html, ".md": lambda: self.markdown, ".txt": self.__str__}
        if out.suffix.lower() not in forms:
            raise UsageError(
                f"'{out.name}' ends neither in .html, .md nor .txt: which form is a brief to have?"
            )
        content = forms[out.suffix.lower()]().encode()
        with saying_why(out):
            replaced(out, content)
        return out

    def _repr_html_(self) -> str:
        return page_box(self.page)


def page_box(page: Page) -> str:
    """Return a page as a piece of HTML.

    Parameters
    ----------
    page : Page
        As from `earlywarning.explain.as_page`.

    Returns
    -------
    str
        One `div`; everything from the data is escaped.

    Examples
    --------
    >>> "Ash &amp; Birch" in page_box(Page("Ash & Birch", ()))
    True
    """
    return fill("brief_box.html", page=page)


def page_html(page: Page, figures: Figures | None = None) -> str:
    """Return a page as a whole document for A4.

    Parameters
    ----------
    page : Page
        As from `earlywarning.explain.as_page`.
    figures : Figures, optional
        Drawings of the flagged metrics, and bars for the rows of the table of the score.

    Returns
    -------
    str
        HTML with its own style; everything from the data is escaped but the drawings, which
        have escaped theirs.

    Examples
    --------
    >>> "<h1>Ash &amp; Birch</h1>" in page_html(Page("Ash & Birch", ()))
    True
    """
    figures = figures or Figures()
    return fill("brief.html", page=page, figures=figures, seen=SEEN, score=SCORE, key=KEY)
