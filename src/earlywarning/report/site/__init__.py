"""A whole site about one run: pages that need no server, network or script to be read.

`site_pages` gives each file's name and text, from the tables alone; who calls it writes them.
"""

from collections.abc import Callable, Iterator
from importlib.resources import files

from earlywarning.explain import Explained
from earlywarning.report.site.authority import authority_page
from earlywarning.report.site.book import Book, Ran, book_of
from earlywarning.report.site.lists import authorities_page, issues_page
from earlywarning.report.site.method import method_page
from earlywarning.report.site.metric import metric_page
from earlywarning.report.site.overview import overview_page
from earlywarning.report.site.search import search_index
from earlywarning.report.site.theme import metrics_page, theme_page

__all__ = ["BEGINS", "SITE_FILES", "Ran", "n_pages", "site_pages"]

BEGINS = b"<!DOCTYPE html>\n<!-- A site by earlywarning -->"  # of index.html, by which it is known
ASSETS = ("style.css", "site.js")
LISTS: dict[str, Callable[[Book], str]] = {
    "index.html": overview_page,
    "authorities.html": authorities_page,
    "metrics.html": metrics_page,
    "issues.html": issues_page,
    "method.html": method_page,
    "search.js": search_index,
}
SITE_FILES = frozenset({*ASSETS, *LISTS, "authority-*.html", "metric-*.html", "theme-*.html"})


def n_pages(told: Explained) -> int:
    """Return about how many files a site has: what progress is shown against."""
    return len(ASSETS) + len(LISTS) + len(told.authorities) + len(told.metrics)


def site_pages(told: Explained, ran: Ran) -> Iterator[tuple[str, str]]:
    """Give each file of a site, its name and text.

    Parameters
    ----------
    told : Explained
        What was found, with the values.
    ran : Ran
        What was run.

    Yields
    ------
    str, str
        A file's name, of `SITE_FILES`, and its text. Everything from the data is escaped; the
        same tables give the same text.

    Examples
    --------
    >>> import pandas as pd
    >>> from earlywarning import schema
    >>> names = ("authorities", "flags", "signals", "contributions", "issues", "catalogue")
    >>> tables = [schema.empty(getattr(schema, name.upper())) for name in names]
    >>> told = Explained(*tables, as_of=pd.Timestamp("2025-03-01"))
    >>> sorted(name for name, _ in site_pages(told, Ran("0.1.0", 0.0, {}, {}, [], {})))[:3]
    ['authorities.html', 'index.html', 'issues.html']
    """
    book = book_of(told, ran)
    for name in ASSETS:
        yield name, files("earlywarning.report").joinpath("assets", name).read_text("utf-8")
    for name, page in LISTS.items():
        yield name, page(book)
    for theme, href in book.rows.themes.items():
        yield href, theme_page(book, theme)
    for what in book.rows.metrics.values():
        yield what.href, metric_page(book, what)
    for who in book.rows.authorities.values():
        yield who.href, authority_page(book, who)
