"""A store that is open: what there is, and the panel of some of its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from earlywarning.errors import UsageError
from earlywarning.panel import Panel
from earlywarning.panel.checks import assembled, series_of
from earlywarning.panel.rows import Rows, spelt_out
from earlywarning.panel.rules import kept
from earlywarning.schema import PERIODS, issues_table
from earlywarning.store.manifest import Manifest, Part, read_manifest
from earlywarning.store.parts import checked, rows_in

SHOWN = 10  # metrics named in a message


@dataclass(frozen=True, eq=False)
class Lot:
    """Some metrics of a store, not yet read: little enough to be sent to another machine."""

    folder: Path
    parts: tuple[Part, ...]
    metrics: tuple[str, ...]
    authorities: tuple[str, ...]
    periods: pd.DataFrame
    names: Mapping[str, str]

    def panel(self) -> Panel:
        """Read them: the same panel as if all their rows had just come in."""
        words = {
            "authority": pd.Index(self.authorities, dtype="str"),
            "period": pd.Index(self.periods["period"], dtype="str"),
        }
        rows = rows_in(self.folder, self.parts, self.metrics, words)
        series = series_of(rows)
        there = rows.period.codes >= 0
        if not there.all():
            series = _with_reasons(series, rows.take(np.flatnonzero(~there)))
        panel = assembled(kept(rows, there), self.periods, series, [])
        return replace(panel, names=self.names)


@dataclass(frozen=True, eq=False)
class Store:
    """What a store held when it was opened; see `open_store`.

    Attributes
    ----------
    folder : Path
        Where it is.
    manifest : Manifest
        Its files.
    """

    folder: Path
    manifest: Manifest

    @cached_property
    def metrics(self) -> list[str]:
        """Every metric that came in, sorted."""
        return sorted({name for part in self.manifest.rows for name in part.metrics})

    @property
    def authorities(self) -> list[str]:
        """Every authority that came in, sorted by code."""
        return list(self.manifest.authorities)

    @property
    def names(self) -> Mapping[str, str]:
        """Authority code to name, where the input had names."""
        return self.manifest.names

    @cached_property
    def periods(self) -> pd.DataFrame:
        """Columns `schema.PERIODS`, one row a label, oldest first."""
        table = pd.DataFrame([label.model_dump() for label in self.manifest.periods])
        table = table.reindex(columns=list(PERIODS))
        days = {name: table[name].astype("datetime64[ns]") for name in ("start", "end")}
        words = {name: table[name].astype("str") for name in ("period", "kind", "frequency")}
        return table.assign(**days, **words)

    @property
    def issues(self) -> pd.DataFrame:
        """Columns `schema.ISSUES`: all that was refused, repaired or doubted on the way in."""
        tables = [
            pq.read_table(checked(self.folder, part)).to_pandas() for part in self.manifest.issues
        ]
        return issues_table([row for table in tables for row in table.to_dict("records")])

    @property
    def n_rows(self) -> int:
        """How many rows there are in its files."""
        return sum(part.n_rows for part in self.manifest.rows)

    @property
    def published(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The days on which its oldest and its newest value became known; NaT without any."""
        days = [part for part in self.manifest.rows if part.first is not None]
        first, last = (pd.Series([getattr(part, name) for part in days], dtype="datetime64[ns]")
                       for name in ("first", "last"))  # fmt: skip
        return pd.Timestamp(first.min()), pd.Timestamp(last.max())

    def lot(self, metrics: Sequence[str]) -> Lot:
        """Return some metrics, to be read later, and elsewhere.

        Raises
        ------
        UsageError
            If the store lacks one of them, or none is named.
        """
        wanted = set(metrics)
        unknown = sorted(wanted.difference(self.metrics))
        if unknown or not wanted:
            asked = ", ".join(unknown[:SHOWN]) or "none was named"
            raise UsageError(
                f"Metrics that are not in the store: {asked}. It has: "
                f"{', '.join(self.metrics[:SHOWN])}{' …' if len(self.metrics) > SHOWN else ''}."
            )
        parts = tuple(part for part in self.manifest.rows if not wanted.isdisjoint(part.metrics))
        return Lot(
            self.folder, parts, tuple(sorted(wanted)), self.manifest.authorities,
            self.periods, self.names,
        )  # fmt: skip

    def panel(self, metrics: Sequence[str] | None = None) -> Panel:
        """Read some of the metrics, or all, as one panel.

        Parameters
        ----------
        metrics : sequence of str, optional
            Some of `metrics`; all if not given, where memory holds them.

        Returns
        -------
        Panel
            As if their rows had come in together; `issues` are those of the whole store.

        Raises
        ------
        UsageError
            If the store lacks one of them.
        DataRefusedError
            If a file is missing, damaged or changed.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from earlywarning.panel import as_panel
        >>> from earlywarning.store import append
        >>> rows = pd.DataFrame({"authority": "E06000001", "metric": ["debt", "tax"],
        ...                      "period": "2022-23", "value": [5.0, 6.0]})
        >>> with TemporaryDirectory() as folder:
        ...     append(folder, [as_panel(rows)]).panel(["tax"]).frame["value"].to_list()
        [6.0]
        """
        found = self.lot(self.metrics if metrics is None else metrics).panel()
        return replace(found, issues=self.issues)


def open_store(folder: str | PathLike[str]) -> Store:
    """Open a store.

    Parameters
    ----------
    folder : path
        Where it is.

    Returns
    -------
    Store
        What it holds now; what is written later does not change it.

    Raises
    ------
    DataRefusedError
        If there is none, or it is damaged or of a later version.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning.panel import as_panel
    >>> from earlywarning.store import append
    >>> rows = pd.DataFrame({"authority": "E06000001", "metric": ["debt", "tax"],
    ...                      "period": "2022-23", "value": [5.0, 6.0]})
    >>> with TemporaryDirectory() as folder:
    ...     _ = append(folder, [as_panel(rows)])
    ...     open_store(folder).metrics
    ['debt', 'tax']
    """
    path = Path(folder).resolve()
    return Store(path, read_manifest(path))


def _with_reasons(series: pd.DataFrame, rowless: Rows) -> pd.DataFrame:
    """Say of series of which no row is left why that is so."""
    columns = {name: getattr(rowless, name) for name in ("metric", "authority")}
    why = pd.DataFrame({**columns, "why": spelt_out(rowless.status)})
    keys = pd.MultiIndex.from_frame(series[["metric", "authority"]].astype(str))
    at = keys.get_indexer(pd.MultiIndex.from_frame(why[["metric", "authority"]].astype(str)))
    status = series["status"].to_numpy(object).copy()
    status[at] = why["why"].to_numpy(object)
    return series.assign(status=pd.Series(status, dtype="str"))
