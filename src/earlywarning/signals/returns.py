"""Which returns are late or missing?

`returns_table` sets each series' newest return beside its peers'. What was held back by
a mark (suppressed) has been returned, and what does not apply to an authority is never
missing, nor what an authority was abolished before. Nothing here reads a value, only whether
there is one, and since when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.panel import Panel
from earlywarning.schema import RETURN_STATUSES, RETURNS
from earlywarning.settings import Settings
from earlywarning.signals.company import MIXED
from earlywarning.signals.measure import Measured
from earlywarning.signals.missing import rank_tail
from earlywarning.signals.prepare import interval_days, newest_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Labels = NDArray[np.intp]
Days = NDArray[np.datetime64]

HELD_BACK = ("suppressed", "low")  # marks of a value that exists and is not shown
VOID = "not applicable"
MOST = 0.5  # share of the peers that must have a period before anybody is behind
RECENT = 3  # releases: a series with none in the newest so many has stopped, it is not late
EVERYONE = 0.9  # share of its type that gives a metric, for one that never did to be missing it
FEWEST_PAST = 4  # returns of its own, to tell by how many days an authority is usually late
IN_TIME, SUPPRESSED, LATE, MISSING, STOPPED, NOT_APPLICABLE = range(len(RETURN_STATUSES))


@dataclass(frozen=True, eq=False)
class Received:
    """What came in of one metric, N authorities down and T periods across.

    Attributes
    ----------
    ends : ndarray of shape (T,), days
        Ends of the periods.
    published : ndarray of shape (N, T), days
        When each return became known; NaT where there is none.
    held_back : ndarray of shape (N, T)
        Which of the returns are marks for a value that is not shown.
    due : ndarray of shape (N, T)
        Which periods an authority can be asked for: not those before it first returned anything,
        and not those that end after it was abolished.
    abolished : ndarray of shape (N,), days
        Its last day; NaT for an authority that stands.
    void : ndarray of shape (N,)
        Whose newest mark says that the metric does not apply.
    types, groups : ndarray of shape (N,), of str
        Each authority's type, and with whom it is compared.
    interval : float
        Days between releases.
    """

    ends: Days
    published: Days
    held_back: Flags
    due: Flags
    abolished: Days
    void: Flags
    types: NDArray[np.str_]
    groups: NDArray[np.str_]
    interval: float

    @property
    def returned(self) -> Flags:
        """Where there is a return, (N, T)."""
        return ~np.isnat(self.published)

    def of(self, rows: Labels) -> Received:
        """Return what came in from these authorities."""
        mine = ("published", "held_back", "due", "abolished", "void", "types", "groups")
        return replace(self, **{name: getattr(self, name)[rows] for name in mine})


def returns_table(
    measured: Iterable[Measured],
    panel: Panel,
    register: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    settings: Settings,
) -> pd.DataFrame:
    """Set every authority's newest return of every metric beside its peers'.

    Parameters
    ----------
    measured : iterable of Measured
        The metrics, as known on `as_of`.
    panel : Panel
        The panel, cut to `as_of`.
    register : DataFrame
        Columns `authority`, `type` and `end`, as in `schema.REGISTER`; a row comes out for each
        authority and each metric.
    as_of : Timestamp
        The day.
    settings : Settings
        `stale_after` says when a return that is late counts as missing.

    Returns
    -------
    DataFrame
        Columns `schema.RETURNS`. `periods_behind` counts releases that most peers have;
        `days_overdue` counts from the day by which half of them had the first of these.
    """
    table = panel.frame[panel.frame["value"].isna()]
    marks = {str(name): rows for name, rows in table.groupby("metric", observed=True)}
    about = register.set_index("authority")
    born = _first_ends(panel, about.index)
    parts = []
    for found in measured:
        name = found.prepared.matrix.metric
        received = _received(found, about, born, marks.get(name, table.iloc[:0]))
        columns = _set_beside(received, as_of, settings)
        labels = np.array([*found.prepared.matrix.periods, ""], dtype=object)
        for period in ("period", "peers_period"):
            columns[period] = labels[columns[period]]
        parts.append(pd.DataFrame({"authority": about.index, "metric": name, **columns}))
    if not parts:
        return pd.DataFrame(columns=list(RETURNS))
    out = pd.concat(parts, ignore_index=True)
    words = pd.CategoricalDtype(list(RETURN_STATUSES))
    out["status"] = pd.Categorical.from_codes(out["status"], dtype=words)
    return out[list(RETURNS)]


def _first_ends(panel: Panel, authorities: pd.Index) -> Days:
    """Return the end of the first period in which each authority gave anything, of any metric."""
    given = panel.frame[panel.frame["value"].notna() | panel.frame["status"].isin(HELD_BACK)]
    ends = panel.periods.set_index("period")["end"]
    place = ends.index.get_indexer(given["period"].cat.categories)
    end = ends.to_numpy().astype("datetime64[D]")[place][given["period"].cat.codes]
    first = pd.Series(end).groupby(given["authority"].astype(str).to_numpy()).min()
    return first.reindex(authorities).to_numpy().astype("datetime64[D]")


def _received(found: Measured, about: pd.DataFrame, born: Days, marks: pd.DataFrame) -> Received:
    """Lay out what came in of one metric, a row for every authority there is."""
    prepared, matrix = found.prepared, found.prepared.matrix
    rows = about.index.get_indexer(pd.Index(matrix.authorities))
    published = np.full((len(about), len(matrix.periods)), np.datetime64("NaT"), "datetime64[D]")
    published[rows] = np.where(np.isfinite(matrix.values), matrix.published, np.datetime64("NaT"))
    column = pd.Index(matrix.periods).get_indexer(pd.Index(marks["period"].astype(str)))
    marks, column = marks[column >= 0], column[column >= 0]
    at = about.index.get_indexer(pd.Index(marks["authority"].astype(str))), column
    held_back, void = np.zeros((2, *published.shape), dtype=bool)
    held_back[at] = marks["status"].isin(HELD_BACK)
    void[at] = marks["status"].eq(VOID)
    days = marks["published"].to_numpy().astype("datetime64[D]")
    published[at] = np.where(held_back[at], days, published[at])
    kinds = about["type"].to_numpy(dtype=str)
    ends, abolished = matrix.ends.astype("datetime64[D]"), _days(about["end"])
    return Received(
        ends=ends,
        published=published,
        held_back=held_back,
        due=~(ends < born[:, None]) & ~(ends > abolished[:, None]) & ~void,
        abolished=abolished,
        void=newest_of(void) > newest_of(~np.isnat(published)),
        types=kinds,
        groups=np.where(np.isin(kinds, prepared.groups), kinds, MIXED),
        interval=interval_days(matrix),
    )


def _days(days: pd.Series) -> Days:
    return days.to_numpy().astype("datetime64[D]")


def _set_beside(got: Received, as_of: pd.Timestamp, settings: Settings) -> dict[str, Any]:
    """Set each authority beside those of its group; periods are columns, -1 for none."""
    n = len(got.types)
    out: dict[str, Any] = {
        "period": newest_of(got.returned),
        "peers_period": np.full(n, -1),
        "periods_behind": np.zeros(n, dtype=int),
        "days_overdue": np.zeros(n),
        "n_peers": np.zeros(n, dtype=int),
        "peers_share": np.full(n, np.nan),
        "p": np.full(n, np.nan),
        "status": np.full(n, NOT_APPLICABLE),
    }
    for group in np.unique(got.groups):
        rows = np.flatnonzero(got.groups == group)
        if got.returned[rows].any():
            found = _of_group(got.of(rows), np.datetime64(as_of, "D"), settings)
            for name, values in found.items():
                out[name][rows] = values
    return out


def _of_group(got: Received, day: np.datetime64, settings: Settings) -> dict[str, Any]:
    """Set each authority of one group, in which somebody returned something, beside the others."""
    newest = newest_of(got.returned)
    releases, active = _releases(got)
    target = int(np.flatnonzero(releases)[-1])
    columns = np.arange(len(releases))
    lacking = releases & got.due & (columns > newest[:, None])
    behind, first = lacking.sum(axis=1), lacking.argmax(axis=1)
    never = (newest < 0) & ~got.void & _given_by_everyone(got, settings.min_peers) & (behind > 0)
    gone = (got.ends[target] > got.abolished) & (newest < target)
    never &= ~gone
    asked = (active | never) & ~got.void & ~gone
    overdue = np.where(behind > 0, (day - _usual_days(got, releases))[first].astype(float), 0.0)
    grace = (settings.stale_after - 1) * got.interval
    status = np.select(
        [got.void | ((newest < 0) & ~never), ~asked, behind == 0, overdue <= grace],
        [NOT_APPLICABLE, STOPPED, np.where(_at(got.held_back, newest), SUPPRESSED, IN_TIME), LATE],
        MISSING,
    )
    there = asked & (newest >= target)
    n_peers = asked.sum() - asked
    late = _lateness(got, np.where(behind > 0, first, -1), target, day)
    p = rank_tail(np.where(asked, late, np.nan))
    return {
        "peers_period": np.full(len(newest), target),
        "periods_behind": np.where(status == NOT_APPLICABLE, 0, behind),
        "days_overdue": np.where(status == NOT_APPLICABLE, 0.0, np.maximum(overdue, 0.0)),
        "n_peers": n_peers,
        "peers_share": np.where(n_peers, (there.sum() - there) / np.maximum(n_peers, 1), np.nan),
        "p": np.where(asked & (behind == 0), 1.0, p),
        "status": status,
    }


def _releases(got: Received) -> tuple[Flags, Flags]:
    """Return which periods most have, and who has not stopped: any of the newest few."""
    counts = got.returned.sum(axis=0)
    common = np.flatnonzero(counts >= MOST * counts.max())
    active = np.asarray(got.returned[:, common[-RECENT:][0] :].any(axis=1))
    asked = np.maximum((got.due & active[:, None]).sum(axis=0), 1)
    releases = (got.returned[active].sum(axis=0) >= MOST * asked) & (counts > 0)
    return np.asarray(releases | (np.arange(counts.size) == common[-1])), active


def _given_by_everyone(got: Received, fewest: int) -> Flags:
    """Return for whose type all but a few others have given the metric at some time."""
    _, which = np.unique(got.types, return_inverse=True)
    ever = got.returned.any(axis=1)
    given, others = np.bincount(which, weights=ever)[which] - ever, np.bincount(which)[which] - 1
    return np.asarray((given >= fewest) & (given >= EVERYONE * others))


def _usual_days(got: Received, releases: Flags) -> Days:
    """Return the day by which half of those who have it had each release; NaT for no release."""
    days = np.full(len(releases), np.datetime64("NaT"), "datetime64[D]")
    for column in np.flatnonzero(releases):
        published = got.published[got.returned[:, column], column]
        days[column] = np.sort(published)[(published.size - 1) // 2]
    return days


def _lateness(got: Received, first: Labels, target: int, day: np.datetime64) -> Array:
    """Return days after the end of a period, less what is usual for the authority.

    Of the first return that it lacks, which can come tomorrow at the earliest; of the newest
    that its peers have, where it lacks none.
    """
    lag = (got.published - got.ends).astype("timedelta64[D]").astype(float)
    past = pd.DataFrame(lag[:, :target]).where(got.returned[:, :target])
    usual = past.median(axis=1).where(past.count(axis=1) >= FEWEST_PAST)
    known = usual.dropna()
    usual = usual.fillna(known.median() if len(known) else 0.0)
    outstanding = (day + 1 - got.ends[first]).astype(float)
    there = np.where(got.returned[:, target], lag[:, target], -np.inf)
    late = np.where(first >= 0, outstanding, there) - usual.to_numpy()
    return np.asarray(np.maximum(late, np.finfo(float).min))


def _at(flags: Flags, column: Labels) -> Flags:
    return flags[np.arange(len(flags)), column]
