"""What stands around every page, and what several of them write alike."""

from typing import Any

from earlywarning.report.fragments import fill
from earlywarning.report.site.book import Book
from earlywarning.schema import SEVERITIES

PAGES = (
    ("index.html", "Overview"),
    ("authorities.html", "Authorities"),
    ("metrics.html", "Metrics"),
    ("issues.html", "Issues"),
    ("method.html", "Method"),
)


def whole_page(template: str, book: Book, title: str, *, here: str = "", **data: Any) -> str:
    """Fill a template of a whole page in.

    Parameters
    ----------
    template : str
        Its name, without its ending.
    book : Book
        All that the pages are made of.
    title : str
        What the page is called.
    here : str, optional
        Its file, if it is one of `PAGES`.
    **data
        What the template asks for.

    Returns
    -------
    str
        HTML; everything from the data is escaped.
    """
    return fill(
        f"site/{template}.html",
        title=title,
        here=here,
        pages=PAGES,
        as_of=book.as_of,
        version=book.ran.version,
        severities=tuple(reversed(SEVERITIES)),
        **data,
    )


def share(part: float, whole: float = 1.0) -> str:
    """Write a share in percent; one that is not all is never written as all.

    Examples
    --------
    >>> share(0.9996), share(1, 3), share(1, 0)
    ('99%', '33%', '–')
    """
    if not whole or part != part:
        return "–"
    percent = 100 * part / whole
    return f"{min(percent, 99 if percent < 100 else 100):.0f}%"
