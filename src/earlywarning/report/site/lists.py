"""The pages that list all authorities, and all that was wrong with the data."""

from typing import Any, NamedTuple

from earlywarning.explain.wording import counted
from earlywarning.report.site.book import Book
from earlywarning.report.site.frame import share, whole_page
from earlywarning.report.site.rows import text_of

MOST_ISSUES = 2_000  # shown; a page of more is slow, and issues.csv has them all


class Issue(NamedTuple):
    """One issue: where it is, as links where there is a page, and what it says."""

    stage: str
    code: str
    where: list[tuple[str, str]]
    n: int
    message: str
    remedy: str


def authorities_page(book: Book) -> str:
    """Return the list of all authorities, by tier and name."""
    rows = [
        (who, len(book.rows.of_authority.get(who.code, ())), share(who.coverage))
        for who in book.rows.by_tier
    ]
    return whole_page("authorities", book, "Authorities", here="authorities.html", rows=rows)


def issues_page(book: Book) -> str:
    """Return the table of issues, the first of them."""
    table = book.told.issues
    rows = [_issue(book, row) for row in table.head(MOST_ISSUES).itertuples(index=False)]
    summary = counted(len(table), "issue", "issues")
    if len(table) > len(rows):
        summary += f", the first {len(rows):,} of them here, all in issues.csv"
    return whole_page("issues", book, "Issues", here="issues.html", rows=rows, summary=summary)


def _issue(book: Book, row: Any) -> Issue:
    who = book.rows.authorities.get(str(row.authority))
    what = book.rows.metrics.get(str(row.metric))
    where = [
        ("", text_of(row.file)),
        ("", f"row {text_of(row.row)}" if text_of(row.row) else ""),
        (who.href, who.called) if who else ("", text_of(row.authority)),
        (what.href, what.title) if what else ("", text_of(row.metric)),
        ("", text_of(row.period)),
    ]
    n = text_of(row.n_rows)
    return Issue(
        text_of(row.stage),
        text_of(row.code),
        [place for place in where if place[1]],
        int(float(n)) if n else 0,
        text_of(row.message),
        text_of(row.remedy),
    )
