"""All authorities of one metric along its values, some of them picked out."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from earlywarning.charts.drawing import Drawing
from earlywarning.charts.look import note_of
from earlywarning.charts.strip_svg import StripPicture, strip_svg


def strip_chart(
    points: pd.DataFrame,
    *,
    title: str,
    unit: str,
    marked: Iterable[str] = (),
    peers: Iterable[str] = (),
    period: str = "",
    as_of: pd.Timestamp | None = None,
    source: str = "",
) -> Drawing:
    """Draw every authority as a dot along the values of one metric.

    Parameters
    ----------
    points : DataFrame
        Columns `authority, name, value`, one row an authority; rows without a value are left
        out, and said to be. With a column `href`, a dot is a link: a relative one, or it is
        refused.
    title, unit : str
        The metric's.
    marked : iterable of str, optional
        Codes of authorities to ring and name.
    peers : iterable of str, optional
        Codes of authorities to draw as diamonds.
    period : str, optional
        Whose values these are.
    as_of : Timestamp, optional
        The day whose knowledge is drawn.
    source : str, optional
        Where the values are from.

    Returns
    -------
    Drawing
        As wide as its place.

    Raises
    ------
    UsageError
        If a link leads elsewhere.

    Examples
    --------
    >>> points = pd.DataFrame({
    ...     "authority": ["E1", "E2"], "name": ["Ash", None], "value": [95.0, 91.2],
    ... })
    >>> chart = strip_chart(points, title="Council tax", unit="percent", marked=["E2"])
    >>> chart.description
    '2 authorities between 91.2% and 95.0%, the middle one at 93.1%. Picked out: E2 91.2%.'
    """
    codes = points["authority"].astype(str)
    names = points["name"].where(points["name"].notna(), codes)
    picture = StripPicture(
        names=names.astype(str).to_list(),
        values=points["value"].astype(float).to_list(),
        hrefs=points["href"].fillna("").astype(str).to_list() if "href" in points else (),
        marked=_places(codes, marked),
        peers=_places(codes, peers),
    )
    note = note_of(as_of, source)
    return strip_svg(picture, title=title, unit=unit, period=period, note=note)


def _places(codes: pd.Series[str], asked: Iterable[str]) -> list[int]:
    there = codes.isin(list(asked)).to_numpy()
    return [int(place) for place in there.nonzero()[0]]
