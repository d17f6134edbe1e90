"""Made-up panels of three sizes, as the long tables that users have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.power.panels import Array, panel
from earlywarning import Catalogue, as_catalogue

GAPS = 0.05  # share of values missing at random, the newest too
PLANTED = 0.03  # share of series with an event: some flags are to be judged and worded
METRICS_A_THEME = 10
NEWEST_YEAR = 2024
SEED = 1


@dataclass(frozen=True)
class Size:
    """How many authorities, metrics and years a panel has."""

    name: str
    n_authorities: int
    n_metrics: int
    n_periods: int

    @property
    def n_series(self) -> int:
        """Authorities × metrics."""
        return self.n_authorities * self.n_metrics

    def told(self) -> str:
        """Return the size in words."""
        return (
            f"{self.name}: {self.n_authorities} authorities × {self.n_metrics:,} metrics = "
            f"{self.n_series:,} series × {self.n_periods} years"
        )


SIZES = {
    size.name: size
    for size in (
        Size("tiny", 40, 3, 8),
        Size("S", 317, 30, 12),
        Size("M/4", 317, 25, 40),
        Size("M", 317, 100, 40),
        Size("L", 400, 2500, 15),
    )
}


def values_of(size: Size, *, metrics: int | None = None) -> Array:
    """Return a size's series, (n_metrics, n_authorities, n_periods), or those of its first metrics.

    Examples
    --------
    >>> values_of(SIZES["tiny"]).shape
    (3, 40, 8)
    """
    blocks = [
        panel(
            "base", size.n_periods, seed=SEED + number, planted=PLANTED,
            n_authorities=size.n_authorities, n_metrics=1,
        ).values
        for number in range(metrics or size.n_metrics)
    ]  # fmt: skip
    values = np.concatenate(blocks)
    values[np.random.default_rng(SEED).random(values.shape) < GAPS] = np.nan
    return values


def long_frame(size: Size) -> pd.DataFrame:
    """Return a size as a long table of authority, metric, period and value; gaps have no row."""
    return long_table(size, values_of(size), range(size.n_metrics))


def long_table(size: Size, values: Array, metrics: range) -> pd.DataFrame:
    """Return series of some of a size's metrics as a long table; gaps have no row."""
    authorities = [f"E06{number:06d}" for number in range(1, size.n_authorities + 1)]
    first = NEWEST_YEAR - size.n_periods + 1
    years = [f"{year}-{(year + 1) % 100:02d}" for year in range(first, NEWEST_YEAR + 1)]
    names = metric_names(size)[metrics.start : metrics.stop]
    index = pd.MultiIndex.from_product(
        [names, authorities, years], names=["metric", "authority", "period"]
    )
    table = pd.DataFrame({"value": values.ravel()}, index=index).dropna().reset_index()
    return table[["authority", "metric", "period", "value"]]


def metric_names(size: Size) -> list[str]:
    """Return the metrics' names, in the order of `values_of`."""
    return [f"metric_{number:04d}" for number in range(size.n_metrics)]


def catalogue_of(size: Size) -> Catalogue:
    """Return what the metrics are: up is worse, ten to a theme."""
    names = metric_names(size)
    themes = [f"Theme {number // METRICS_A_THEME}" for number in range(size.n_metrics)]
    return as_catalogue(pd.DataFrame({"metric": names, "theme": themes, "higher_is": "worse"}))
