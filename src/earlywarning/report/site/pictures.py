"""One authority's drawings: its series, its control charts, and how its score adds up."""

import math

import pandas as pd

from earlywarning.charts.contributions import contributions_chart
from earlywarning.charts.control import control_chart
from earlywarning.charts.drawing import Drawing
from earlywarning.charts.paper import Size
from earlywarning.charts.picture import Expected, Peers, SeriesPicture
from earlywarning.charts.series_svg import series_svg
from earlywarning.models.control.icons import assurance_icons, control_points, variation_icons
from earlywarning.models.control.making_data_count import special_causes
from earlywarning.models.control.xmr import xmr_limits
from earlywarning.report.site.book import Book
from earlywarning.report.site.rows import Authority, Metric
from earlywarning.report.site.series import MetricSeries, Signal, strongest
from earlywarning.signals.control import BASELINE, BETTER


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


def control_drawing(book: Book, who: Authority, what: Metric) -> Drawing | None:
    """Draw one series as a control chart; nothing where its newest value has no limits.

    Parameters
    ----------
    book : Book
        All that the pages are made of.
    who, what : Authority, Metric
        Whose series of what.

    Returns
    -------
    Drawing or None
        The values drawn of the series, by the rules and with the icons of Making Data Count;
        the limits are those of the first `BASELINE` of them.
    """
    found = book.series.get(what.code)
    row = None if found is None else found.rows.get(who.code)
    if found is None or row is None:
        return None
    values, better = found.values[[row]], BETTER[what.higher_is]
    limits = xmr_limits(values, baseline=BASELINE)
    points = control_points(values, limits, better=better)
    if not points["centre"].notna().any():
        return None
    causes = special_causes(values, limits)
    return control_chart(
        points.assign(period=found.periods, end=[*map(pd.Timestamp.fromordinal, found.days)]),
        title=what.title,
        unit=what.unit,
        name=who.name,
        variation=str(variation_icons(values, causes, better=better)[0]),
        assurance=str(assurance_icons(values, limits, target=what.target, better=better)[0]),
        target=what.target,
    )


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
