"""An explanation of one authority: as text to print, as HTML to show in a notebook."""

from dataclasses import dataclass
from functools import cached_property

from earlywarning.explain import Explained, Page, as_page
from earlywarning.report.fragments import fill

WORDS = 2  # columns of a section's table that hold words; numbers follow


@dataclass(frozen=True)
class Explanation:
    """A page on one authority.

    Parameters
    ----------
    authority : str
        Its code or name, whatever the case.
    tables : Explained
        What was found, for all authorities.

    Raises
    ------
    UsageError
        If there is no such authority, naming the nearest; or if two share the name.

    Examples
    --------
    >>> import pandas as pd
    >>> from earlywarning import schema
    >>> names = ("authorities", "flags", "signals", "contributions", "issues", "catalogue")
    >>> tables = [schema.empty(getattr(schema, name.upper())) for name in names]
    >>> tables[0].loc[0, ["authority", "name", "score", "tier"]] = ["E1", "Ash", 0.0, "none"]
    >>> explanation = Explanation("ash", Explained(*tables, as_of=pd.Timestamp("2025-03-01")))
    >>> print(str(explanation)[:34])
    Ash (E1), as known on 1 March 2025
    """

    authority: str
    tables: Explained

    def __post_init__(self) -> None:
        self.tables.find(self.authority)

    @cached_property
    def page(self) -> Page:
        """The page, in sections."""
        return as_page(self.authority, self.tables)

    def __str__(self) -> str:
        return str(self.page)

    def _repr_html_(self) -> str:
        return explanation_html(self.page)


def explanation_html(page: Page) -> str:
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
    >>> "Ash &amp; Birch" in explanation_html(Page("Ash & Birch", ()))
    True
    """
    return fill("explanation.html", page=page, words=WORDS)
