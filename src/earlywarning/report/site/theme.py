"""One theme's page, and the list of all metrics by theme."""

from earlywarning.explain.wording import counted
from earlywarning.report.site.book import Book
from earlywarning.report.site.frame import share, whole_page
from earlywarning.report.site.rows import Authority, Flag, Metric


def theme_page(book: Book, theme: str) -> str:
    """Return the page on one theme: its metrics, and who is flagged for what.

    Parameters
    ----------
    book : Book
        All that the pages are made of.
    theme : str
        One of its themes.

    Returns
    -------
    str
        HTML.
    """
    flags = [flag for flag in book.rows.flags if flag.metric.theme == theme]
    metrics = book.rows.metrics_by_theme[theme]
    flagged = [what for what in metrics if book.rows.flags_of_metric(what)]
    return whole_page(
        "theme",
        book,
        theme,
        theme=theme,
        summary=f"{counted(len(metrics), 'metric', 'metrics')}, "
        f"{counted(len(flags), 'flag', 'flags')}",
        metrics=[
            (what, f"{n:,}", share(done, of), len(book.rows.flags_of_metric(what)))
            for what in metrics
            for n, done, of in [book.assessed[what.code]]
        ],
        flags=flags,
        columns=flagged,
        matrix=_matrix(book, flags, flagged),
    )


def _matrix(
    book: Book, flags: list[Flag], columns: list[Metric]
) -> list[tuple[Authority, list[list[Flag]]]]:
    """Return flagged authorities by name, and their flags of each flagged metric."""
    who = {flag.authority.code for flag in flags}
    of = book.rows.of_series
    return [
        (authority, [of.get((authority.code, metric.code), []) for metric in columns])
        for authority in book.rows.by_name
        if authority.code in who
    ]


def metrics_page(book: Book) -> str:
    """Return the list of all metrics by theme."""
    rows: list[tuple[Metric, str, int, int]] = [
        (what, href, book.assessed[what.code][0], len(book.rows.flags_of_metric(what)))
        for theme, href in book.rows.themes.items()
        for what in book.rows.metrics_by_theme[theme]
    ]
    summary = (
        f"{counted(len(rows), 'metric', 'metrics')} in "
        f"{counted(len(book.rows.themes), 'theme', 'themes')}"
    )
    return whole_page("metrics", book, "Metrics", here="metrics.html", rows=rows, summary=summary)
