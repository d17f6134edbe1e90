"""Replay a real panel: at each release, what did the series before it lead one to expect?

A `Case` is one series at one release: the value that came out, and the interval in which
the library, knowing what was known that day, expected it. Peers are asked about the same
cases, from the same periods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.power.trials import COVERAGES
from earlywarning import Panel, Settings
from earlywarning.authorities import authorities_of
from earlywarning.catalogue import Catalogue, match_built_in
from earlywarning.models.blocks import LAST
from earlywarning.models.roughness import roughness_of_all
from earlywarning.schema import ASSESSED
from earlywarning.signals import Company, Measured, measure, prepare

Array = NDArray[np.float64]

SEASONS = {"quarterly": 4, "monthly": 12}  # periods a year


@dataclass(frozen=True, eq=False)
class Cases:
    """Cases of one panel; arrays (n_cases, …), the newest period last, gaps and what is before NaN.

    `judged` holds the series as the library takes them, up is worse and transformed;
    `published` as they came out. `apart` is the newest value of `judged` less the library's
    expectation, `half_widths` of its intervals, a column a coverage. `season` is the number of
    periods in a year, 1 where there is no season. `release` counts the releases of a metric, and
    `rough` says whether everybody moved more in it than in those before.
    """

    judged: Array
    published: Array
    apart: Array
    half_widths: Array
    season: NDArray[np.intp]
    release: NDArray[np.intp]
    rough: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.apart)

    def inside(self) -> NDArray[np.bool_]:
        """Return whether the library's intervals hold the newest value, a column a coverage."""
        return np.asarray(np.abs(self.apart)[:, None] <= self.half_widths)

    def history(self) -> NDArray[np.intp]:
        """Return how many values each series had before its newest."""
        return np.asarray(np.isfinite(self.judged[:, :-1]).sum(axis=1))

    def take(self, rows: NDArray[Any]) -> Cases:
        """Return some of the cases, by a mask or by number."""
        return Cases(*(getattr(self, field.name)[rows] for field in fields(self)))


def replay(panel: Panel, show: Callable[[pd.Timestamp], None], *, settings: Settings) -> Cases:
    """Judge every series of a panel at every release that had a value of it."""
    catalogue = match_built_in(panel.metrics)
    register = authorities_of(pd.Series(panel.authorities, dtype=str), panel.names, None)
    company = Company(dict(zip(register["authority"], register["type"].astype(str), strict=True)))
    parts: list[Cases] = []
    for day in np.unique(panel.frame["published"].dropna()):
        as_of = pd.Timestamp(day)
        show(as_of)
        known = panel.known_at(as_of)
        for found in _released(known, as_of, catalogue, company, settings):
            parts.append(_cases(found, as_of, len(parts), width=settings.max_periods))
    columns = (field.name for field in fields(Cases))
    return Cases(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


def _released(
    known: Panel, as_of: pd.Timestamp, catalogue: Catalogue, company: Company, settings: Settings
) -> Iterator[Measured]:
    """Yield the metrics of which something came out on the day."""
    new = known.frame.loc[known.frame["published"] == as_of, "metric"].unique()
    for name in map(str, new):
        metric = catalogue.metric(name)
        yield measure(prepare(known.matrix(name), metric, company, as_of, settings=settings),
                      settings=settings)  # fmt: skip


def _cases(found: Measured, as_of: pd.Timestamp, release: int, *, width: int) -> Cases:
    """Return the cases of one metric and day: series judged by a value that came out on it."""
    ready, change = found.prepared, found.change
    rows = np.arange(len(ready.x))
    came_out = ready.matrix.published[rows, ready.newest].astype("datetime64[D]")
    half = np.stack([change.half_width(coverage)[:, 0] for coverage in COVERAGES], axis=1)
    apart = change.value[:, 0] - change.expected[:, 0]
    here = (ready.status == ASSESSED) & (came_out == np.datetime64(as_of, "D"))
    here &= np.isfinite(apart) & np.isfinite(half).all(axis=1)
    judged, published = (
        _until_newest(values, ready.newest, width)[here]
        for values in (ready.x, ready.matrix.values)
    )
    of_release = (SEASONS.get(ready.matrix.frequency, 1), release, _is_rough(found))
    same = (np.full(here.sum(), one) for one in of_release)
    return Cases(judged, published, apart[here], half[here], *same)


def _is_rough(found: Measured) -> bool:
    """Return whether limits in the newest period are wider than the past alone would have them."""
    newest = [learnt.fit.tails for learnt in found.learnt.values()][-1:]
    return any(bool(roughness_of_all(tails)[LAST] > 1) for tails in newest)


def _until_newest(values: Array, newest: NDArray[np.intp], width: int) -> Array:
    """Return each row up to its newest value, in the last columns of so many."""
    until = np.full((len(values), width), np.nan)
    for column in np.unique(newest[newest >= 0]):
        rows = newest == column
        until[rows, width - column - 1 :] = values[rows, : column + 1]
    return until
