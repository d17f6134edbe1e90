"""One metric made ready for the estimators, and who in it can be assessed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.catalogue import Metric
from earlywarning.models.bank import Rhythm
from earlywarning.models.orientation import Orientation, as_oriented
from earlywarning.panel import Matrix
from earlywarning.periods import release_gap_days
from earlywarning.settings import Settings
from earlywarning.signals.company import Company, common_groups, named_neighbours
from earlywarning.signals.states import (
    CONSTANT,
    FEW_PERIODS,
    NO_VALUE,
    READY,
    STALE,
    States,
    spelt_out,
)

Array = NDArray[np.float64]
Labels = NDArray[np.intp]
Kind = TypeVar("Kind", bound=np.generic)

NOT_ASSESSED = (NO_VALUE, STALE, FEW_PERIODS, CONSTANT)  # the most telling first
IRREGULAR_GAPS = 4  # the newest so many say how often an irregular metric comes out
SEASONS = {"monthly": 12, "quarterly": 4}  # periods a year
TIME_DIGITS = 2  # of a release interval: finer spacing changes nothing but the cost


@dataclass(frozen=True, eq=False)
class Prepared:
    """One metric as the estimators take it; n authorities, the newest T periods.

    Attributes
    ----------
    metric : Metric
        What the catalogue says.
    matrix : Matrix
        The values as published, cut to the window.
    x : ndarray of shape (n, T)
        Oriented values: up is worse.
    times : ndarray of shape (T,)
        Ends of the periods, in release intervals.
    types : ndarray of shape (n,), of str
        Each authority's type: its peers are of the same.
    kinds : ndarray of shape (n,), of int
        The types as numbers from 0, equal where they are: quicker to compare.
    groups : ndarray of shape (n,), of str
        With whom it is set in common movements: its type, or "mixed" where that is too few.
    peers : ndarray of shape (n, n) or None
        Row i is true where a column's authority is a named neighbour of i; None: the group.
    newest : ndarray of shape (n,)
        The column of each authority's newest value, -1 without any.
    state : ndarray of shape (n,), of int
        Why a change cannot be assessed, as in `states`; `status` says it in words.
    """

    metric: Metric
    matrix: Matrix
    orientation: Orientation
    x: Array
    times: Array
    types: NDArray[np.str_]
    kinds: Labels
    groups: NDArray[np.str_]
    peers: NDArray[np.bool_] | None
    newest: Labels
    state: States

    @property
    def status(self) -> NDArray[np.str_]:
        """Why a change cannot be assessed, or "ok", (n,)."""
        return spelt_out(self.state)

    @property
    def authorities(self) -> NDArray[np.str_]:
        """The codes, (n,)."""
        return np.array(self.matrix.authorities, dtype=str)

    @property
    def rhythm(self) -> Rhythm:
        """What its periods are like; seasons only where the window holds each of them twice."""
        season = SEASONS.get(self.matrix.frequency, 1)
        return Rhythm(season if self.x.shape[1] > 2 * season else 1, self.matrix.window)

    @property
    def context(self) -> bool:
        """Whether neither way is worse, so that both sides are tested."""
        return self.metric.higher_is == "context"

    @property
    def newest_periods(self) -> NDArray[np.object_]:
        """The label of each authority's newest period, empty without any."""
        return np.array([*self.matrix.periods, ""], dtype=object)[self.newest]

    def in_units(self, x: Array, rows: Labels | slice = slice(None)) -> Array:
        """Return oriented values of these authorities' newest period in the metric's units.

        `x` has a row an authority, and may have columns.
        """
        denominator = self.matrix.denominator
        if denominator is None or not denominator.size:
            return self.orientation.back(x)
        newest = denominator[np.arange(len(denominator)), self.newest][rows]
        return self.orientation.back(x, newest if x.ndim == 1 else newest[:, None])

    def peers_at(self, period: int, rows: Labels) -> NDArray[np.bool_]:
        """Return who with a value in a period is a peer of these authorities, (m, n).

        Those named for it, if any has a value; else the others of its type.
        """
        peers = self.kinds[rows][:, None] == self.kinds
        peers[np.arange(len(rows)), rows] = False
        published = np.isfinite(self.x[:, period])
        if self.peers is not None:
            named = self.peers[rows]
            peers = np.where((named & published).any(axis=1, keepdims=True), named, peers)
        return np.asarray(peers & published)

    @property
    def newest_published(self) -> pd.Timestamp | None:
        """The day the first of the newest period's values came out; None without any."""
        if not (self.newest >= 0).any():
            return None
        published = self.matrix.published[:, self.newest.max()]
        return pd.Timestamp(np.min(published[~np.isnat(published)]))


def prepare(
    matrix: Matrix, metric: Metric, company: Company, as_of: pd.Timestamp, *, settings: Settings
) -> Prepared:
    """Make one metric ready for the estimators, as known on a day."""
    matrix = newest_window(matrix, settings.max_periods)
    orientation = as_oriented(matrix.values, metric.transform, metric.unit, metric.higher_is)
    x = orientation.forward(matrix.values, matrix.denominator)
    known = np.isfinite(x)
    newest = newest_of(known)
    types, kinds = company.kinds(matrix.authorities)
    return Prepared(
        metric=metric,
        matrix=matrix,
        orientation=orientation,
        x=x,
        times=_times(matrix),
        types=types,
        kinds=kinds,
        groups=common_groups(types, kinds, newest >= 0, settings.min_peers),
        peers=named_neighbours(matrix.authorities, company.neighbours),
        newest=newest,
        state=_state(matrix, x, newest, as_of, settings=settings),
    )


def known_by(prepared: Prepared, day: pd.Timestamp) -> Prepared:
    """Return a metric as it was known on a day, where none of its values was revised since."""
    matrix = prepared.matrix
    there = matrix.published <= np.datetime64(day, "D")
    return _as_if(prepared, replace(matrix, values=np.where(there, matrix.values, np.nan)))


def as_known(prepared: Prepared, matrix: Matrix) -> Prepared:
    """Return a metric as it was known when this was its matrix, on the scale it has now.

    Authorities and periods stay; what was not known then is a gap. The status is that of
    today, but for series of which nothing was known.
    """
    now = prepared.matrix
    rows, columns = (
        places_of(*words)
        for words in ((now.authorities, matrix.authorities), (now.periods, matrix.periods))
    )
    here = columns >= 0

    def placed(values: Array) -> Array:
        found = np.full(now.values.shape, np.nan)
        found[np.ix_(rows, columns[here])] = values[:, here]
        return found

    top, bottom = matrix.numerator, matrix.denominator
    then = replace(
        now,
        values=placed(matrix.values),
        numerator=None if top is None else placed(top),
        denominator=None if bottom is None else placed(bottom),
    )
    return _as_if(prepared, then)


def _as_if(prepared: Prepared, matrix: Matrix) -> Prepared:
    """Return a metric with other values, on the scale it has now."""
    x = prepared.orientation.forward(matrix.values, matrix.denominator)
    newest = newest_of(np.isfinite(x))
    state = np.where(newest < 0, NO_VALUE, prepared.state)
    return replace(prepared, matrix=matrix, x=x, newest=newest, state=state)


def places_of(words: list[str], given: list[str]) -> Labels:
    """Return where each given word stands among the words, -1 where it does not."""
    if words == given:
        return np.arange(len(words))
    place = {word: number for number, word in enumerate(words)}
    return np.array([place.get(word, -1) for word in given], dtype=np.intp)


def newest_window(matrix: Matrix, periods: int) -> Matrix:
    """Return the matrix's newest periods, its older ones left out."""

    def cut(values: Array | None) -> Array | None:
        return None if values is None else values[:, -periods:]

    return replace(
        matrix,
        values=matrix.values[:, -periods:],
        periods=matrix.periods[-periods:],
        ends=matrix.ends[-periods:],
        published=matrix.published[:, -periods:],
        numerator=cut(matrix.numerator),
        denominator=cut(matrix.denominator),
    )


def interval_days(matrix: Matrix) -> float:
    """Return the usual time between two releases, in days: what the newest gaps were."""
    published = np.isfinite(matrix.values).any(axis=0)
    gaps = np.diff(matrix.ends[published].astype("datetime64[D]")).astype(float)
    if not gaps.size:
        return float(release_gap_days(matrix.frequency))
    return float(median(gaps[-IRREGULAR_GAPS:].tolist()))


def _times(matrix: Matrix) -> Array:
    """Return the ends of the periods in release intervals from the first."""
    if matrix.frequency != "irregular":
        return np.arange(len(matrix.periods), dtype=np.float64)
    days = (matrix.ends - matrix.ends[:1]).astype("timedelta64[D]").astype(np.float64)
    return np.asarray(np.round(days / interval_days(matrix), TIME_DIGITS))


def newest_of(known: NDArray[np.bool_]) -> Labels:
    """Return the last column that is true in each row, such as of its newest value; -1 for none."""
    n, n_periods = known.shape
    if not n_periods:
        return np.full(n, -1, dtype=np.intp)
    last = n_periods - 1 - np.argmax(known[:, ::-1], axis=1)
    return np.where(known[np.arange(n), last], last, -1).astype(np.intp)


def at_newest(prepared: Prepared, matrix: NDArray[Kind], nothing: Any) -> NDArray[Kind]:
    """Return what stands in each series' newest period, and `nothing` where it has none."""
    found = np.full(len(matrix), nothing, dtype=matrix.dtype)
    rows = np.flatnonzero(prepared.newest >= 0)
    found[rows] = matrix[rows, prepared.newest[rows]]
    return found


def _state(
    matrix: Matrix, x: Array, newest: Labels, as_of: pd.Timestamp, *, settings: Settings
) -> States:
    """Return why each series cannot be assessed for change, the most telling reason first."""
    if not x.size:
        return np.full(len(x), NO_VALUE)
    known = np.isfinite(x)
    rows, column = np.arange(len(x)), np.maximum(newest, 0)
    published = matrix.published[rows, column].astype("datetime64[D]")
    age = (np.datetime64(as_of, "D") - published).astype(float)
    why = (
        newest < 0,
        age > settings.stale_after * interval_days(matrix),
        known.sum(axis=1) < settings.min_periods,
        ~(known & (x != x[rows, column][:, None])).any(axis=1),
    )
    return np.select(why, NOT_ASSESSED, READY)
