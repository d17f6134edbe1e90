"""One series against its peers, and what was expected of its newest value."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from earlywarning.charts.drawing import Drawing
from earlywarning.charts.look import note_of
from earlywarning.charts.paper import Size
from earlywarning.charts.picture import Expected, Peers, SeriesPicture
from earlywarning.charts.series_svg import series_svg
from earlywarning.schema import ASSESSED, CONTRASTS
from earlywarning.signals.strongest import as_compared


def series_chart(
    values: pd.DataFrame,
    signals: pd.DataFrame,
    *,
    title: str,
    unit: str,
    name: str = "",
    peers: pd.DataFrame | None = None,
    flagged: Iterable[str] = (),
    breaks: Iterable[str] = (),
    as_of: pd.Timestamp | None = None,
    source: str = "",
    size: Size = "large",
) -> Drawing:
    """Draw a series, its peers' middle half, and the range expected of its newest value.

    Parameters
    ----------
    values : DataFrame
        Columns `period, value, end`, one row a period; a value that is NaN leaves a gap. With a
        column `first`, what was published at first is shown where it differs.
    signals : DataFrame
        The series' rows of `schema.SIGNALS`; may be empty.
    title, unit : str
        The metric's.
    name : str, optional
        The authority's.
    peers : DataFrame, optional
        Columns `period, lower, median, upper`: the quartiles of each period.
    flagged : iterable of str, optional
        Periods whose value to mark.
    breaks : iterable of str, optional
        Periods from which on the metric may be defined anew.
    as_of : Timestamp, optional
        The day whose knowledge is drawn.
    source : str, optional
        Where the values are from.
    size : {"large", "small"}, default="large"
        A small one has no key and no note.

    Returns
    -------
    Drawing
        As wide as its place.

    Examples
    --------
    >>> values = pd.DataFrame({
    ...     "period": ["2021/22", "2022/23"], "value": [95.0, 91.2],
    ...     "end": pd.to_datetime(["2022-03-31", "2023-03-31"]),
    ... })
    >>> nothing = pd.DataFrame(columns=["signal", "p", "status"])
    >>> chart = series_chart(values, nothing, title="Council tax collected", unit="percent")
    >>> chart.description.partition("; ")[2]
    'the newest, of 2022/23, is 91.2%.'
    """
    values = values.sort_values("end").astype({"value": float})
    periods = values["period"].astype(str).to_list()
    picture = SeriesPicture(
        periods=periods,
        days=days_of(values["end"]),
        values=values["value"].to_list(),
        peers=None if peers is None else _peers(values, peers),
        expected=_expected(values, signals),
        flagged=_places(values, flagged),
        breaks=_places(values, breaks),
        first=_first(values),
    )
    note = note_of(as_of, source)
    return series_svg(picture, title=title, unit=unit, name=name, size=size, note=note)


def days_of(ends: pd.Series[pd.Timestamp]) -> list[int]:
    """Return days as numbers."""
    days: list[int] = ends.to_numpy().astype("datetime64[D]").astype(int).tolist()
    return days


def _places(values: pd.DataFrame, periods: Iterable[str]) -> list[int]:
    there = values["period"].isin(list(periods)).to_numpy()
    return [int(place) for place in there.nonzero()[0]]


def _peers(values: pd.DataFrame, peers: pd.DataFrame) -> Peers:
    there = values[["period"]].merge(peers, on="period", how="left")
    sides = ("lower", "median", "upper")
    return Peers(*(there[side].astype(float).to_list() for side in sides))


def _first(values: pd.DataFrame) -> list[float] | None:
    """Return what was published at first, where it was revised."""
    if "first" not in values:
        return None
    first = values["first"].astype(float)
    return first.where(first != values["value"]).to_list()


def _expected(values: pd.DataFrame, signals: pd.DataFrame) -> Expected | None:
    """Return what the strongest contrast expected of the newest value."""
    usable = signals[signals["signal"].isin(CONTRASTS) & signals["status"].eq(ASSESSED)]
    if usable.empty or values["value"].isna().all():
        return None
    usable = usable.set_index(usable["signal"].astype(object)).reindex(list(CONTRASTS))
    place = int(as_compared(usable["p"]).argmin())
    contrast, found = CONTRASTS[place], usable.iloc[place]
    centre, lower, upper = (float(found[column]) for column in ("expected", "lower", "upper"))
    if contrast != "step":
        return Expected(contrast, centre, lower, upper)
    return Expected(contrast, centre, lower, upper, average=float(found["value"]))
