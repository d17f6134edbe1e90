"""One metric's page: what it is, where everybody stands, who is flagged, and all values."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from earlywarning.explain import one_line
from earlywarning.report.site.book import Book
from earlywarning.report.site.comparisons import funnel_drawings, strip_drawing
from earlywarning.report.site.frame import whole_page
from earlywarning.report.site.rows import Authority, Flag, Metric
from earlywarning.report.site.series import Signal
from earlywarning.schema import ASSESSED

Cell = tuple[float, str]
NOTHING: Cell = (np.nan, "–")


class Row(NamedTuple):
    """One authority in the table: numbers to sort by, and as written."""

    who: Authority
    period: str
    cells: list[Cell]
    flags: Sequence[Flag]


def metric_page(book: Book, what: Metric) -> str:
    """Return the page on one metric.

    Parameters
    ----------
    book : Book
        All that the pages are made of.
    what : Metric
        One of its metrics.

    Returns
    -------
    str
        HTML.
    """
    told = book.told.breaks
    told = told[told["metric"].eq(what.code)]
    newest, picture = strip_drawing(book, what)
    return whole_page(
        "metric",
        book,
        what.title,
        what=what,
        theme_href=book.rows.themes[what.theme],
        facts=_facts(what),
        newest=newest,
        picture=picture,
        funnels=funnel_drawings(book, what),
        flags=book.rows.flags_of_metric(what),
        breaks=[*zip(told["period"].map(one_line), told["evidence"].map(one_line), strict=True)],
        rows=[
            _row(book, who, what)
            for who in book.rows.by_name
            if (who.code, what.code) in book.signals
        ],
    )  # fmt: skip


def _facts(what: Metric) -> list[tuple[str, str]]:
    """Return what the catalogue says of a metric, in words; nothing of what it does not."""
    lag = f"{what.lag_days} days after a period's end" if what.lag_days else ""
    facts = (
        ("Worse", what.way),
        ("Unit", f"{what.unit}: {what.meaning}" if what.unit else what.meaning),
        ("Published", ", ".join(filter(None, (what.frequency, lag)))),
        ("Target", what.value(what.target) if np.isfinite(what.target) else ""),
        ("Source", what.source),
        ("Name in the data", one_line(what.code)),
    )
    return [(word, text) for word, text in facts if text]


def _row(book: Book, who: Authority, what: Metric) -> Row:
    signals = book.signals[who.code, what.code]
    position, change = signals.get("position"), signals.get("change")
    newest = position or change
    value = newest.value if newest else np.nan
    cells = [
        (value, what.value(value)) if np.isfinite(value) else NOTHING,
        *_told(position, what, lambda told: (told.z, f"{told.z:+.1f}")),
        *_told(change, what, lambda told: _difference(what, told)),
    ]
    period = one_line(newest.period) if newest else ""
    return Row(who, period, cells, book.rows.of_series.get((who.code, what.code), ()))


def _told(signal: Signal | None, what: Metric, second: Callable[[Signal], Cell]) -> list[Cell]:
    """Return what was expected and how far off it is; or why that is not known."""
    if signal is None:
        return [NOTHING, NOTHING]
    if signal.status != ASSESSED:
        return [(np.nan, one_line(signal.status)), NOTHING]
    return [(signal.expected, what.value(signal.expected)), second(signal)]


def _difference(what: Metric, told: Signal) -> Cell:
    moved = told.value - told.expected
    return moved, what.difference(moved)
