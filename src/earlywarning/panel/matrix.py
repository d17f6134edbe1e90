"""One metric as arrays: authorities down, periods across."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.panel.when import evenly_spaced
from earlywarning.periods import DAYS_A_MONTH, MONTHS_APART

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Matrix:
    """One metric, authorities down and periods across; NaN where nothing is known.

    `authorities` are all that ever gave the metric, in order of their codes;
    `periods` are oldest first, evenly spaced unless `frequency` is irregular.
    """

    metric: str
    values: Floats
    authorities: list[str]
    periods: list[str]
    ends: Days
    published: Days
    frequency: str
    window: int  # release intervals that a value runs over: 3 for three-year averages
    numerator: Floats | None
    denominator: Floats | None


@dataclass(frozen=True, eq=False)
class Grid:
    """The periods of a metric: evenly spaced columns, and each given period's place on them."""

    labels: list[str]
    ends: Days
    places: npt.NDArray[np.int64]
    frequency: str
    window: int

    @classmethod
    def of(cls, periods: pd.DataFrame) -> "Grid":
        """Return the grid of these periods, oldest first."""
        frequency = str(periods["frequency"].iat[0]) if len(periods) else "irregular"
        return cls(*evenly_spaced(periods), frequency, _window(periods, frequency))


def matrix_of(
    metric: str, authorities: list[str], grid: Grid, column: Mapping[str, npt.NDArray[Any]]
) -> Matrix:
    """Spread one metric's rows over a matrix; of several in one cell the last one stays.

    `column["at"]` counts the cells, line by line; the other columns are those of the panel.
    """
    shape = (len(authorities), len(grid.labels))

    def spread(given: npt.NDArray[Any], nothing: object) -> npt.NDArray[Any]:
        filled = np.full(shape, nothing, dtype=given.dtype)
        filled.reshape(-1)[column["at"]] = given
        return filled

    top, bottom = (
        spread(column[name], np.nan)
        if name in column and not np.isnan(column[name]).all()
        else None
        for name in ("numerator", "denominator")
    )
    return Matrix(
        metric=metric,
        values=spread(column["value"], np.nan),
        authorities=authorities,
        periods=grid.labels,
        ends=grid.ends,
        published=spread(column["published"].astype("datetime64[D]"), np.datetime64("NaT")),
        frequency=grid.frequency,
        window=grid.window,
        numerator=top,
        denominator=bottom,
    )


def _window(periods: pd.DataFrame, frequency: str) -> int:
    """Return how many release intervals the metric's values usually run over."""
    if frequency not in MONTHS_APART:
        return 1
    days = (periods["end"] - periods["start"]).dt.days.median() + 1
    apart = DAYS_A_MONTH * MONTHS_APART[frequency]
    if len(periods) > 1:  # years that roll by the quarter come out more often than they are long
        apart = min(apart, float(periods["end"].diff().dt.days.median()))
    return max(1, round(float(days) / apart))
