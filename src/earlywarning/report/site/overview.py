"""The first page: whom to talk to, what the flags are about, and how far to trust it."""

import math
from collections import Counter
from typing import NamedTuple

import pandas as pd

from earlywarning.explain.wording import counted
from earlywarning.report.site.book import Book
from earlywarning.report.site.frame import PAGES, share, whole_page
from earlywarning.report.site.rows import Authority, Metric, Rows
from earlywarning.schema import ASSESSED, FLAG_KINDS, IN_A_TIER, SEVERITIES

LARGEST, LEAST = 11.0, 0.05  # a dot's radius, and the fewest points that have one
POSITION, CHANGE = FLAG_KINDS
Themes = list[tuple[str, str, int, list[int], int]]


class Dot(NamedTuple):
    """What a theme adds to a score: as written, as the size of a dot, and its flags."""

    points: str
    radius: str
    flags: int


def overview_page(book: Book) -> str:
    """Return the page."""
    rows = book.rows
    there = [who for who in rows.by_tier if who.tier in IN_A_TIER]
    by_theme = _by_theme(rows)
    return whole_page(
        "index",
        book,
        "Overview",
        here=PAGES[0][0],
        n_authorities=f"{len(rows.authorities):,}",
        n_metrics=f"{len(rows.metrics):,}",
        lead=_lead(rows, len(there)),
        numbers=_numbers(book, there),
        tiers=_tiers(rows, there),
        themes=list(rows.themes.items()),
        flagged=_flagged(rows),
        by_theme=by_theme,
        most_flags=max((n for *_, n in by_theme), default=0) or 1,
        trust=_trust(book),
        unassessed=unassessed(book.told.signals),
        n_issues=f"{len(book.told.issues):,}",
    )


def unassessed(signals: pd.DataFrame) -> list[tuple[str, int, int]]:
    """Return why series were not assessed, and how many for change and for position.

    Examples
    --------
    >>> unassessed(pd.DataFrame({"signal": ["change"], "status": ["stale"]}))
    [('stale', 1, 0)]
    """
    judged = signals[signals["signal"].isin(FLAG_KINDS) & signals["status"].ne(ASSESSED)]
    pairs = Counter(zip(judged["status"].astype(str), judged["signal"].astype(str), strict=True))
    found = [(why, pairs[why, CHANGE], pairs[why, POSITION]) for why in {why for why, _ in pairs}]
    return sorted(found, key=lambda row: (-row[1] - row[2], row[0]))


def _lead(rows: Rows, n_there: int) -> str:
    n_flagged = len(rows.of_authority)
    if not (n_there or n_flagged):
        return "Nothing stands out."
    stand = "stands" if n_there == 1 else "stand"
    carry = "carries" if n_flagged == 1 else "carry"
    return f"{n_there:,} of them {stand} out as a whole; {n_flagged:,} {carry} a flag."


def _numbers(book: Book, there: list[Authority]) -> list[tuple[str, str, str]]:
    counts = (f"{sum(who.tier == tier for who in there):,} {tier}" for tier in IN_A_TIER)
    grades = [flag.severity for flag in book.rows.flags]
    graded = (f"{grades.count(word):,} {word}" for word in reversed(SEVERITIES))
    judged = book.told.signals["signal"].isin(FLAG_KINDS)
    done = judged & book.told.signals["status"].eq(ASSESSED)
    found = [
        (f"{len(there):,}", "Authorities in a tier", ", ".join(counts)),
        (f"{len(grades):,}", "Flags", ", ".join(graded)),
        (share(done.sum(), judged.sum()), "Assessed", "of positions and changes"),
    ]
    if grades:
        false = (f"up to {book.false_flags:,}", "Expected to be false", f"of {len(grades):,} flags")
        found.insert(2, false)
    return found


def _tiers(
    rows: Rows, there: list[Authority]
) -> list[tuple[str, list[tuple[Authority, int, list[Dot]]]]]:
    """Return each tier's authorities by name, and what each theme adds to their scores."""
    most = max((points for who in there for points in who.themes.values()), default=0.0)
    return [
        (
            tier,
            [
                (who, len(rows.of_authority.get(who.code, ())), _dots(rows, who, most))
                for who in there
                if who.tier == tier
            ],
        )
        for tier in IN_A_TIER
        if any(who.tier == tier for who in there)
    ]


def _dots(rows: Rows, who: Authority, most: float) -> list[Dot]:
    flagged = [flag.metric.theme for flag in rows.of_authority.get(who.code, ())]
    dots = []
    for theme in rows.themes:
        points, n = who.themes.get(theme, 0.0), flagged.count(theme)
        shown = points if points >= LEAST else 0.0
        radius = LARGEST * math.sqrt(shown / most) if most > 0 else 0.0
        drawn = f"{max(radius, 1.0):.1f}" if shown or n else ""
        dots.append(Dot(f"{shown:.1f}", drawn, n))
    return dots


def _flagged(rows: Rows) -> list[tuple[Authority, list[Metric]]]:
    """Return the authorities that are in no tier and have a flag, and of what."""
    return [
        (who, list(dict.fromkeys(flag.metric for flag in rows.of_authority[who.code])))
        for who in rows.by_name
        if who.tier not in IN_A_TIER and who.code in rows.of_authority
    ]


def _by_theme(rows: Rows) -> Themes:
    """Return each theme's page, metrics, and flags by severity."""
    found = []
    for theme, href in rows.themes.items():
        grades = [flag.severity for flag in rows.flags if flag.metric.theme == theme]
        counts = [grades.count(word) for word in reversed(SEVERITIES)]
        found.append((theme, href, len(rows.metrics_by_theme[theme]), counts, len(grades)))
    return found


def _trust(book: Book) -> list[str]:
    """Say what a reader must know before believing any of it."""
    n = len(book.rows.flags)
    strangers = sum(metric.higher_is == "context" for metric in book.rows.metrics.values())
    said = [
        "Only what was published by that day took part; a later revision changes nothing here.",
        f"{counted(strangers, 'metric has', 'metrics have')} no worse side: what is unusual "
        "there is shown, and adds no points.",
        "Each authority's page says what could not be assessed, what else could explain its "
        "flags, and what would clear them.",
    ]
    if n:
        false = (
            f"Of the {counted(n, 'flag', 'flags')}, up to {book.false_flags:,} "
            f"{'is' if book.false_flags == 1 else 'are'} expected to be false: chance alone. "
            "Which ones is not known."
        )
        said.insert(0, false)
    return said if strangers else [text for text in said if "no worse side" not in text]
