"""The drawings of the pages, from what was grouped once."""

import math

from earlywarning.charts.contributions import contributions_chart
from earlywarning.charts.drawing import Drawing
from earlywarning.charts.paper import Size
from earlywarning.charts.picture import Expected, Peers, SeriesPicture
from earlywarning.charts.series_svg import series_svg
from earlywarning.charts.strip_svg import StripPicture, strip_svg
from earlywarning.explain import one_line
from earlywarning.report.site.book import Book
from earlywarning.report.site.rows import Authority, Metric
from earlywarning.report.site.series import MetricSeries, Signal, strongest


def series_drawing(book: Book, who: Authority, what: Metric, *, size: Size) -> Drawing | None:
    """Draw one series as known; nothing where it has no value.

    Parameters
    ----------
    book : Book
        All that the pages are made of.
    who, what : Authority, Metric
        Whose series of what.
    size : {"large", "small"}
        A small one has no key.

    Returns
    -------
    Drawing or None
        Values, peers' middle half, what was expected of the newest, flags, breaks, revisions.
    """
    found = book.series.get(what.code)
    row = None if found is None else found.rows.get(who.code)
    if found is None or row is None:
        return None
    values = found.values[row].tolist()
    known = [i for i, value in enumerate(values) if math.isfinite(value)]
    if not known:
        return None
    flags = book.rows.of_series.get((who.code, what.code), [])
    places = {period: i for i, period in enumerate(found.periods)}
    picture = SeriesPicture(
        periods=found.periods,
        days=found.days,
        values=values,
        peers=_peers(found, who.type),
        expected=_expected(book.signals.get((who.code, what.code), {})),
        flagged=tuple(sorted({places[flag.period] for flag in flags if flag.period in places})),
        breaks=found.breaks,
        first=found.first[row].tolist(),
    )
    return series_svg(picture, title=what.title, unit=what.unit, name=who.name, size=size)


def score_drawing(book: Book, who: Authority) -> Drawing | None:
    """Draw how a score adds up, as a waterfall; nothing where it has no parts."""
    parts = book.contributions.get(who.code)
    if parts is None or not parts["contribution"].astype(float).any():
        return None
    return contributions_chart(parts, who.code, name=who.name, titles=book.titles)


def strip_drawing(book: Book, what: Metric) -> tuple[str, Drawing | None]:
    """Draw the newest value of every authority that has one in the newest period of a metric.

    Parameters
    ----------
    book : Book
        All that the pages are made of.
    what : Metric
        Which metric.

    Returns
    -------
    str, Drawing or None
        The period, and the dots, each a link; the flagged ones picked out.
    """
    found = book.series.get(what.code)
    if found is None or not found.periods:
        return "", None
    newest = found.values[:, -1].tolist()
    there = [
        (who, newest[found.rows[who.code]]) for who in book.rows.by_name if who.code in found.rows
    ]
    picture = StripPicture(
        names=[who.name for who, _ in there],
        values=[value for _, value in there],
        hrefs=[who.href for who, _ in there],
        marked=[i for i, (who, _) in enumerate(there)
                if (who.code, what.code) in book.rows.of_series],
    )  # fmt: skip
    period = one_line(found.periods[-1])
    return period, strip_svg(picture, title=what.title, unit=what.unit, period=period)


def _peers(found: MetricSeries, kind: str) -> Peers | None:
    quartiles = found.quartiles.get(kind)
    if quartiles is None:
        return None
    lower, median, upper = quartiles.T.tolist()
    return Peers(lower, median, upper)


def _expected(signals: dict[str, Signal]) -> Expected | None:
    contrast = strongest(signals)
    if contrast is None:
        return None
    name, told = contrast
    average = told.value if name == "step" else math.nan
    return Expected(name, told.expected, told.lower, told.upper, average)
