"""The authorities of one metric side by side: along its values, and by size."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.charts.drawing import Drawing
from earlywarning.charts.funnel import funnel_chart
from earlywarning.charts.strip_svg import StripPicture, strip_svg
from earlywarning.explain import one_line
from earlywarning.models.funnel.funnel import Funnel
from earlywarning.report.site.book import Book
from earlywarning.report.site.rows import Authority, Metric
from earlywarning.report.site.series import MetricSeries
from earlywarning.units import UNITS

FEWEST = 6  # authorities of a type in a funnel: from fewer no spread beyond chance can be learnt
COVERAGES = (0.95, 0.998)  # of a funnel's limits, as public health draws them
STEPS = 40  # places of a funnel's limits


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
    there = [who for who in book.rows.by_name if who.code in found.rows]
    picture = StripPicture(
        names=[who.name for who in there],
        values=_newest(found, there),
        hrefs=[who.href for who in there],
        marked=[i for i, who in enumerate(there) if (who.code, what.code) in book.rows.of_series],
    )
    period = one_line(found.periods[-1])
    return period, strip_svg(picture, title=what.title, unit=what.unit, period=period)


def peers_drawing(book: Book, who: Authority, what: Metric) -> Drawing | None:
    """Draw where an authority stands among all, those of its type picked out.

    Parameters
    ----------
    book : Book
        All that the pages are made of.
    who, what : Authority, Metric
        Who among all others, in what.

    Returns
    -------
    Drawing or None
        A dot each; nothing where the authority has no value in the newest period.
    """
    found = book.series.get(what.code)
    if found is None or not np.isfinite(_newest(found, [who])).all():
        return None
    there = [other for other in book.rows.by_name if other.code in found.rows]
    picture = StripPicture(
        names=[other.name for other in there],
        values=_newest(found, there),
        marked=[there.index(who)],
        peers=[i for i, other in enumerate(there) if other.type == who.type],
    )
    period = one_line(found.periods[-1])
    return strip_svg(picture, title=what.title, unit=what.unit, period=period)


def funnel_drawings(book: Book, what: Metric) -> list[Drawing]:
    """Draw the newest period of a metric by size, one funnel a type of authority.

    Parameters
    ----------
    book : Book
        All that the pages are made of.
    what : Metric
        Which metric.

    Returns
    -------
    list of Drawing
        By type; none where the unit is not cases for each so many, or fewer than `FEWEST` of
        the type have a value and a denominator.

    Notes
    -----
    Limits about all cases over all denominators of the type, widened by how much its authorities
    differ beyond chance: by chance alone, most large ones would lie outside. Spiegelhalter, D. J.
    (2005), Handling over-dispersion of performance indicators, Quality and Safety in Health
    Care 14, 347-351.
    """
    found, per = book.series.get(what.code), UNITS.get(what.unit, UNITS[""]).per
    if found is None or per is None:
        return []
    there = [who for who in book.rows.by_name if who.code in found.rows]
    kinds = sorted({who.type for who in there}, key=str.casefold)
    drawn = [_funnel(book, what, [who for who in there if who.type == kind], per)
             for kind in kinds]  # fmt: skip
    return [drawing for drawing in drawn if drawing is not None]


def _funnel(book: Book, what: Metric, there: list[Authority], per: float) -> Drawing | None:
    found = book.series[what.code]
    values = np.array(_newest(found, there), dtype=float)
    sizes = found.sizes[[found.rows[who.code] for who in there]]
    sizes = np.where(sizes > 0, sizes, np.nan)
    share = UNITS[what.unit].transform == "logit"  # or a rate
    whole = np.isfinite(values) & np.isfinite(sizes) & (values >= 0)
    if share:
        whole &= values <= per
    if whole.sum() < FEWEST:
        return None
    funnel = Funnel(scale="arcsine" if share else "root")
    funnel.fit(values[whole, None] / per, denominators=sizes[whole, None])
    names = [who.name for who in there]
    if len(set(names)) < len(names):
        names = [who.called for who in there]
    flagged = [(who.code, what.code) in book.rows.of_series for who in there]
    return funnel_chart(
        pd.DataFrame({"name": names, "value": values, "denominator": sizes}),
        _limits(funnel, sizes[whole], per),
        title=f"{what.title}: {there[0].type or 'unknown type'}",
        unit=what.unit,
        period=one_line(found.periods[-1]),
        target=per * float(funnel.target_[0]),
        target_is="all of them together",
        marked=[name for name, is_flagged in zip(names, flagged, strict=True) if is_flagged],
    )


def _limits(funnel: Funnel, sizes: NDArray[np.float64], per: float) -> pd.DataFrame:
    """Return a funnel's limits from the smallest size to the largest, in the unit's values."""
    places = np.geomspace(sizes.min(), sizes.max(), STEPS)
    parts = []
    for coverage in COVERAGES:
        lower, upper = (per * limit for limit in funnel.limits(places, coverage=coverage))
        parts.append(pd.DataFrame({"coverage": coverage, "denominator": places,
                                   "lower": lower, "upper": upper}))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _newest(found: MetricSeries, there: list[Authority]) -> list[float]:
    """Return these authorities' values in the newest period, NaN where they have none."""
    return [
        float(found.values[found.rows[who.code], -1]) if who.code in found.rows else np.nan
        for who in there
    ]
