"""Pictures of a back-test: how its lists did, and what acting on them would be worth.

`timeline` draws who was listed when.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import pandas as pd

from earlywarning.charts.drawing import Drawing
from earlywarning.charts.frame import ABOVE, Frame
from earlywarning.charts.look import BLUE, ORANGE, PALE, SKY, VERMILION
from earlywarning.charts.marks import along, box, dots, number, path
from earlywarning.charts.paper import EDGE, SYMBOL, Paper
from earlywarning.charts.plane import BELOW, outline, plane_axes, plane_of
from earlywarning.charts.scale import said

TALL = 210.0  # units of height for the curves
SHARE, COUNT = "percent", "count"  # units, as a catalogue names them
DASH, DOTTED = "6 4", "2 4"
YEAR = 12  # months
LINE = f"M0 0H{number(SYMBOL)}"  # in a key
TOO_FEW = "Too few outcomes to learn a chance from."

Key = Sequence[tuple[str, str]]
Axis = tuple[str, str, Iterable[float]]  # what is counted, its unit, and what it has to hold


def precision_chart(curve: pd.DataFrame, *, outcome: str, capacity: int, horizon: str) -> Drawing:
    """Draw which share of the first k had the outcome, beside shuffled outcomes.

    Parameters
    ----------
    curve : DataFrame
        Columns `k, precision, lower, upper, base_rate`.
    outcome, horizon : str
        What it is called, and within which time it came.
    capacity : int
        The length of list that was asked for.

    Returns
    -------
    Drawing
        As wide as its place.

    Examples
    --------
    >>> curve = pd.DataFrame({"k": [1, 2], "precision": [1.0, 0.5], "lower": 0.0, "upper": 0.5,
    ...                       "base_rate": 0.1})
    >>> precision_chart(curve, outcome="notice", capacity=2, horizon="24 months").description
    'Of the first 2: 50.0%; picked at random: 10.0%; outcomes shuffled: 0.0% to 50.0%.'
    """
    shares = curve[["precision", "lower", "upper", "base_rate"]].to_numpy(float) * 100
    found, lower, upper, base = shares.T.tolist()
    k = curve["k"].to_list()
    paper, frame = _sheet(
        f"{outcome}: of those listed, how many had it within {horizon}",
        f"By length of the list, on average over the looks; dotted: {capacity}, as asked",
        [
            (box(0, -6, width=SYMBOL, height=12, fill=SKY), "outcomes shuffled"),
            (path(LINE, colour=PALE, dash=DASH), "picked at random"),
            (path(LINE, colour=VERMILION, width=2), "the library's list"),
        ],
        up=("share with the outcome", SHARE, [0.0, *found, *upper, *base]),
        across=("authorities on the list", COUNT, k),
    )
    paper.parts += [
        path(outline(frame, k, lower, upper), called="shuffled", width=0, fill=SKY),
        path(frame.way(k, base, ()), called="random", colour=PALE, dash=DASH),
        _upright(frame, capacity),
        path(frame.way(k, found, ()), called="list", colour=VERMILION, width=2),
    ]
    at = max(min(capacity, len(k)) - 1, 0)
    of = [said(values[at], SHARE) if k else "not known" for values in (found, base, lower, upper)]
    return paper.drawing(
        f"{outcome}: precision",
        f"Of the first {k[at] if k else capacity}: {of[0]}; picked at random: {of[1]}; outcomes "
        f"shuffled: {of[2]} to {of[3]}.",
    )


def lead_time_chart(warned: pd.DataFrame, *, outcome: str) -> Drawing:
    """Draw which share of the episodes had been listed for so many months.

    Parameters
    ----------
    warned : DataFrame
        Columns `months, share`.
    outcome : str
        What it is called.

    Returns
    -------
    Drawing
        As wide as its place.

    Examples
    --------
    >>> warned = pd.DataFrame({"months": [0, 12], "share": [0.5, 0.25]})
    >>> lead_time_chart(warned, outcome="notice").description
    'Listed at all: 50.0%; for a year or longer: 25.0%.'
    """
    months = warned["months"].to_list()
    shares = (100 * warned["share"].astype(float)).to_list()
    paper, frame = _sheet(
        f"{outcome}: how early were they listed",
        "Share of the episodes on the list for at least so long before, without a break; dotted: "
        "a year",
        up=("share of episodes", SHARE, [0.0, 100.0]),
        across=("months before", COUNT, months),
    )
    steps = [(months[0], shares[0])] if months else []
    for (_, share), (month, next_share) in pairwise(zip(months, shares, strict=True)):
        steps += [(month, share), (month, next_share)]
    way = frame.way([x for x, _ in steps], [y for _, y in steps], ())
    paper.parts += [_upright(frame, YEAR), path(way, called="listed", colour=BLUE, width=2)]
    of_a_year = [share for month, share in zip(months, shares, strict=True) if month >= YEAR]
    first, year = (said(some[0], SHARE) if some else "not known" for some in (shares, of_a_year))
    return paper.drawing(
        f"{outcome}: lead times", f"Listed at all: {first}; for a year or longer: {year}."
    )


def calibration_chart(bins: pd.DataFrame, *, outcome: str) -> Drawing:
    """Draw how often the outcome came against the chance that was told.

    Parameters
    ----------
    bins : DataFrame
        Columns `expected, observed, lower, upper, n`; empty where no chance could be told.
    outcome : str
        What it is called.

    Returns
    -------
    Drawing
        As wide as its place.

    Examples
    --------
    >>> calibration_chart(pd.DataFrame(), outcome="notice").description
    'Too few outcomes to learn a chance from.'
    """
    title = f"{outcome}: do they come as often as was told"
    if bins.empty:
        return _nothing(title)
    shares = bins[["expected", "observed", "lower", "upper"]].to_numpy(float) * 100
    told, came, lower, upper = shares.T.tolist()
    most = max(*upper, *told)
    points = path("M13 0h0", colour=BLUE, width=7) + path("M13 -7V7", colour=BLUE, width=1.4)
    paper, frame = _sheet(
        title,
        "Chances learnt from the score, told out of time; bars hold the truth in 95% of cases if "
        "rows were independent",
        [(path(LINE, colour=PALE, dash=DASH), "as told"), (points, "as it came")],
        up=("share with the outcome", SHARE, [0.0, most]),
        across=("chance that was told", SHARE, [0.0, most]),
    )
    xs = [frame.across.at(chance) for chance in told]
    bars = "".join(along([x, x], map(frame.up.at, ends))
                   for x, *ends in zip(xs, lower, upper, strict=True))  # fmt: skip
    paper.parts += [
        path(frame.way([0.0, most], [0.0, most], ()), called="told", colour=PALE, dash=DASH),
        path(bars, called="limits", colour=BLUE, width=1.4),
        path(dots(xs, map(frame.up.at, came)), called="came", colour=BLUE, width=7),
    ]
    pairs = [f"{said(chance, SHARE)} told, {said(share, SHARE)} came"
             for chance, share in zip(told, came, strict=True)]  # fmt: skip
    return paper.drawing(title, f"{'; '.join(pairs)}.")


def benefit_chart(benefit: pd.DataFrame, *, outcome: str) -> Drawing:
    """Draw what it is worth to act on chances above each threshold.

    Parameters
    ----------
    benefit : DataFrame
        Columns `threshold, flagged, everyone, nobody`; empty where no chance could be told.
    outcome : str
        What it is called.

    Returns
    -------
    Drawing
        As wide as its place; what would be far below 0 is left out.

    Examples
    --------
    >>> benefit_chart(pd.DataFrame(), outcome="notice").description
    'Too few outcomes to learn a chance from.'
    """
    title = f"{outcome}: what acting on it is worth"
    if benefit.empty:
        return _nothing(title)
    chances = (100 * benefit["threshold"].astype(float)).to_list()
    highest = float(max(benefit["flagged"].max(), benefit["everyone"].max(), 1e-4))
    drawn = benefit.where(benefit >= -0.5 * highest)
    paper, frame = _sheet(
        title,
        "Net benefit: outcomes met a row, less needless visits at the threshold's rate",
        [(path(LINE, colour=PALE, dash=DASH), "visit nobody"),
         (path(LINE, colour=ORANGE, width=1.6), "visit everyone"),
         (path(LINE, colour=BLUE, width=2), "visit by the score")],
        up=("net benefit", "", [-0.5 * highest, 1.2 * highest]),
        across=("chance from which one acts", SHARE, chances),
    )  # fmt: skip
    styles = {
        "nobody": {"colour": PALE, "dash": DASH},
        "everyone": {"colour": ORANGE, "width": 1.6},
        "flagged": {"colour": BLUE, "width": 2.0},
    }
    for name, style in styles.items():
        way = frame.way(chances, drawn[name].astype(float), ())
        paper.parts.append(path(way, called=name, **style))  # type: ignore[arg-type]
    n_best = int((benefit["flagged"] > benefit[["everyone", "nobody"]].max(axis=1)).sum())
    return paper.drawing(
        title,
        f"Visiting by the score is worth more than visiting everyone or nobody at {n_best:,} of "
        f"{len(benefit):,} thresholds.",
    )


def _sheet(title: str, below: str, key: Key = (), *, up: Axis, across: Axis) -> tuple[Paper, Frame]:
    """Return a drawing with its words and axes, for curves to be drawn into the frame."""
    paper = Paper()
    paper.heading(title, below)
    paper.key(key)
    frame = plane_of(across[2], up[2], unit=up[1], top=paper.y + ABOVE, tall=TALL)
    paper.parts += plane_axes(frame, up=up[0], across=across[0], units=(up[1], across[1]))
    paper.y = frame.bottom + BELOW
    return paper, frame


def _upright(frame: Frame, value: float) -> str:
    """Return a dotted line at a number across, if it is there."""
    if not frame.across.low <= value <= frame.across.high:
        return ""
    x = number(frame.across.at(value))
    way = f"M{x} {number(frame.up.start)}V{number(frame.up.end)}"
    return path(way, called="asked", colour=PALE, dash=DOTTED)


def _nothing(title: str) -> Drawing:
    paper = Paper()
    paper.heading(title, TOO_FEW)
    paper.y += EDGE
    return paper.drawing(title, TOO_FEW)
