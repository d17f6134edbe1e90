"""The checked table, cut in time and handed out metric by metric."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.errors import UsageError
from earlywarning.panel.matrix import Grid, Matrix, matrix_of
from earlywarning.panel.rows import Places, taken
from earlywarning.panel.when import one_day
from earlywarning.schema import KEY


@dataclass(frozen=True, eq=False)
class Panel:
    """A checked table of metrics, and what was refused on the way in; see `as_panel`.

    Attributes
    ----------
    frame : DataFrame
        Columns `schema.PANEL`, sorted by metric, authority, period and day of publication.
    periods : DataFrame
        Columns `schema.PERIODS`, one row a label, oldest first.
    series : DataFrame
        Every (authority, metric) that came in, and its `status`: empty, or why it has no value.
    issues : DataFrame
        Columns `schema.ISSUES`: all that was refused, repaired or doubted.
    names : mapping
        Authority code to name, where the input had names.
    """

    frame: pd.DataFrame
    periods: pd.DataFrame
    series: pd.DataFrame
    issues: pd.DataFrame
    names: Mapping[str, str]

    @cached_property
    def metrics(self) -> list[str]:
        """Every metric that came in, sorted."""
        return [str(metric) for metric in self.series["metric"].cat.categories]

    @cached_property
    def authorities(self) -> list[str]:
        """Every authority that came in, sorted by code."""
        return [str(authority) for authority in self.series["authority"].cat.categories]

    @cached_property
    def latest_publication(self) -> pd.Timestamp:
        """The day the newest value became known; NaT where there is none."""
        newest: pd.Timestamp = self.frame["published"].max()
        return newest

    @property
    def revised(self) -> bool:
        """Whether any value came out more than once."""
        return bool(self._revised.any())

    def known_at(self, as_of: str | dt.date | pd.Timestamp) -> "Panel":
        """Return the panel as it stood at the end of a day: the latest revision of each period.

        Parameters
        ----------
        as_of : date-like
            The day; what was published on it is known.

        Returns
        -------
        Panel
            Its `series` stay complete, also those of which nothing was known yet. The panel
            itself, where it holds nothing that is later or revised.

        Raises
        ------
        UsageError
            If `as_of` is no date.

        Examples
        --------
        >>> from earlywarning.panel import as_panel
        >>> rows = pd.DataFrame({"authority": "E06000001", "metric": "debt", "period": "2022-23",
        ...                      "value": [5.0, 6.0], "published": ["2023-11-30", "2024-05-31"]})
        >>> as_panel(rows).known_at("2024-01-31").frame["value"].to_list()
        [5.0]
        """
        after = np.datetime64(one_day(as_of), "D") + 1
        if not (self.revised or self.latest_publication >= after):
            return self
        known = self._arrays["published"] < after
        superseded = np.append(self._revised & known[1:], False)[: len(known)]
        at = np.flatnonzero(known & ~superseded)
        return replace(self, frame=taken(self.frame, at))

    def only(self, metrics: Sequence[str]) -> "Panel":
        """Return the panel with the values and series of some of its metrics alone.

        Parameters
        ----------
        metrics : sequence of str
            Some of `metrics`, which still names them all, as the other words and issues stay.

        Examples
        --------
        >>> from earlywarning.panel import as_panel
        >>> rows = pd.DataFrame({"authority": "E06000001", "metric": ["debt", "tax"],
        ...                      "period": "2022-23", "value": [5.0, 6.0]})
        >>> as_panel(rows).only(["tax"]).frame["value"].to_list()
        [6.0]
        """
        frame, series = (
            table[table["metric"].isin(metrics)].reset_index(drop=True)
            for table in (self.frame, self.series)
        )
        return replace(self, frame=frame, series=series)

    def matrix(self, metric: str) -> Matrix:
        """Return one metric as arrays: the latest revision of each period in the panel.

        Parameters
        ----------
        metric : str
            One of `metrics`.

        Returns
        -------
        Matrix
            Arrays of shape (n_authorities, n_periods). Periods that no authority has are
            there, all missing, so that columns are evenly spaced; irregular metrics have
            only the dates that occur.

        Raises
        ------
        UsageError
            If the panel has no such metric.

        Examples
        --------
        >>> from earlywarning.panel import as_panel
        >>> rows = pd.DataFrame({"authority": "E06000001", "metric": "debt", "value": [5.0, 7.0],
        ...                      "period": ["2020-21", "2022-23"]})
        >>> as_panel(rows).matrix("debt").values.tolist()
        [[5.0, nan, 7.0]]
        """
        place = self._places.get(metric)
        if place is None:
            raise UsageError(f"No metric '{metric}' in the panel. It has: {_some(self.metrics)}.")
        rows = slice(*self._starts[place : place + 2])
        column = {name: values[rows] for name, values in self._arrays.items()}
        there = np.bincount(column["period"], minlength=len(self.periods)) > 0
        grid = self._grid(there)
        across = np.zeros(len(there), dtype=np.intp)
        across[there] = grid.places
        authorities, line = self._members(place)
        at = (line * len(grid.labels)).take(column["authority"]) + across.take(column["period"])
        return matrix_of(metric, authorities, grid, column | {"at": at})

    def _members(self, metric: int) -> tuple[list[str], Places]:
        """Return the authorities that ever gave a metric, and each one's line in its matrix."""
        line = np.arange(len(self.authorities))
        series = slice(*self._series_starts[metric : metric + 2])
        members = self._series_authorities[series]
        if len(members) == len(line):
            return self.authorities.copy(), line
        line[members] = np.arange(len(members))
        return [self.authorities[member] for member in members.tolist()], line

    def _grid(self, there: npt.NDArray[np.bool_]) -> Grid:
        """Return the grid of these periods; most metrics of a panel have the same."""
        key = there.tobytes()
        if key not in self._grids:
            self._grids[key] = Grid.of(self.periods[there])
        return self._grids[key]

    @cached_property
    def _grids(self) -> dict[bytes, Grid]:
        return {}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {metric: place for place, metric in enumerate(self.metrics)}

    @cached_property
    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The frame's columns as arrays, so that a metric is a slice of each."""
        arrays = {name: self.frame[name].cat.codes.to_numpy() for name in KEY}
        arrays |= {name: self.frame[name].to_numpy() for name in ("value", "published")}
        more = {name: self.frame[name].to_numpy() for name in ("numerator", "denominator")}
        return arrays | {name: given for name, given in more.items() if not np.isnan(given).all()}

    @cached_property
    def _starts(self) -> Places:
        """Where each metric's rows begin, and where the last one's end."""
        return _starts(self._arrays["metric"], len(self.metrics))

    @cached_property
    def _series_starts(self) -> Places:
        return _starts(self.series["metric"].cat.codes.to_numpy(), len(self.metrics))

    @cached_property
    def _series_authorities(self) -> Places:
        return self.series["authority"].cat.codes.to_numpy()

    @cached_property
    def _revised(self) -> npt.NDArray[np.bool_]:
        """For each row but the last, whether the next one is a later word on the same period."""
        again = np.ones(max(len(self.frame) - 1, 0), dtype=bool)
        for name in KEY:
            again &= self._arrays[name][1:] == self._arrays[name][:-1]
        return again


def _starts(codes: npt.NDArray[Any], n_words: int) -> Places:
    starts = np.searchsorted(codes, np.arange(n_words, dtype=codes.dtype))
    return np.append(starts, len(codes))


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
