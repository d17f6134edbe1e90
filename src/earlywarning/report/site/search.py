"""What the search box looks in: a script of data, since no page may fetch a file beside it."""

import json

from earlywarning.explain import one_line
from earlywarning.report.site.book import Book

# Letters that could end a script or a line of it, written as JSON allows.
HARMLESS = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&'\u2028\u2029"}


def search_index(book: Book) -> str:
    """Return a script that sets `EARLYWARNING_PAGES`: name, what it is, page.

    Parameters
    ----------
    book : Book
        All that the pages are made of.

    Returns
    -------
    str
        JavaScript that does nothing but set one list.
    """
    rows = book.rows
    entries = [[who.name, one_line(f"{who.code} {who.type}"), who.href] for who in rows.by_name]
    entries += [[theme, "theme", href] for theme, href in rows.themes.items()]
    entries += [
        [what.title, f"metric, {theme}", what.href]
        for theme, metrics in rows.metrics_by_theme.items()
        for what in metrics
    ]
    text = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    return f"window.EARLYWARNING_PAGES={text.translate(HARMLESS)};\n"
