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
from earlywarning.panel.rules import codes
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

    @property
    def latest_publication(self) -> pd.Timestamp:
        """The day the newest value became known; NaT where there is none."""
        newest: pd.Timestamp = self.frame["published"].max()
        return newest

    def known_at(self, as_of: str | dt.date | pd.Timestamp) -> "Panel":
        """Return the panel as it stood at the end of a day: the latest revision of each period.

        Parameters
        ----------
        as_of : date-like
            The day; what was published on it is known.

        Returns
        -------
        Panel
            Its `series` stay complete, also those of which nothing was known yet.

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
        at = np.flatnonzero(self._arrays["published"] <= np.datetime64(_day(as_of), "D"))
        key = self._key[at]
        latest = np.ones(len(at), dtype=bool)
        latest[:-1] = key[1:] != key[:-1]
        return replace(self, frame=self.frame.take(at[latest]).reset_index(drop=True))

    def only(self, metrics: Sequence[str]) -> "Panel":
        """Return the panel of some of its metrics; its authorities, periods and issues stay.

        Parameters
        ----------
        metrics : sequence of str
            Some of `metrics`; the others are as if they had never come in.

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
        if metric not in self.metrics:
            raise UsageError(f"No metric '{metric}' in the panel. It has: {_some(self.metrics)}.")
        place = self.metrics.index(metric)
        rows = slice(*np.searchsorted(self._arrays["metric"], [place, place + 1]))
        column = {name: values[rows] for name, values in self._arrays.items()}
        series = slice(*np.searchsorted(self._members[:, 0], [place, place + 1]))
        members = self._members[series, 1]
        column["authority"] = np.searchsorted(members, column["authority"])
        there = np.bincount(column["period"], minlength=len(self.periods)) > 0
        column["period"] = there.cumsum()[column["period"]] - 1
        authorities = [self.authorities[member] for member in members]
        return matrix_of(metric, column, authorities, self._grid(there))

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
    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The frame's columns as arrays, so that a metric is a slice of each."""
        arrays = {name: self.frame[name].cat.codes.to_numpy() for name in KEY}
        numbers = ("value", "numerator", "denominator")
        arrays |= {name: self.frame[name].to_numpy(dtype=float) for name in numbers}
        return arrays | {"published": self.frame["published"].to_numpy().astype("datetime64[D]")}

    @cached_property
    def _key(self) -> npt.NDArray[np.int64]:
        return codes(self.frame, *KEY)

    @cached_property
    def _members(self) -> npt.NDArray[np.int64]:
        """Metric and authority of each series, as codes in that order."""
        pairs = [self.series[name].cat.codes.to_numpy(np.int64) for name in ("metric", "authority")]
        return np.column_stack(pairs)


def _day(as_of: object) -> pd.Timestamp:
    try:
        day = pd.Timestamp(as_of)  # type: ignore[arg-type]
    except (ValueError, TypeError) as error:
        raise UsageError(f"as_of is no date: {as_of!r}. Write it as 2024-03-31.") from error
    if pd.isna(day):
        raise UsageError("as_of is missing. Give a date, such as 2024-03-31.")
    return day


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
