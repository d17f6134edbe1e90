"""One metric as arrays: authorities down, periods across."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.panel.when import MONTHS_APART, evenly_spaced

DAYS_A_MONTH = 365.25 / 12

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
    metric: str, column: dict[str, npt.NDArray[Any]], authorities: list[str], grid: Grid
) -> Matrix:
    """Spread one metric's rows over a matrix; of several in one cell the last one stays.

    `column["authority"]` counts in `authorities`, `column["period"]` in the grid's periods.
    """
    at = (column["authority"], grid.places[column["period"]])
    shape = (len(authorities), len(grid.labels))

    def spread(name: str, nothing: object) -> npt.NDArray[Any]:
        filled = np.full(shape, nothing, dtype=column[name].dtype)
        filled[at] = column[name]
        return filled

    top, bottom = (
        None if np.isnan(column[name]).all() else spread(name, np.nan)
        for name in ("numerator", "denominator")
    )
    return Matrix(
        metric=metric,
        values=spread("value", np.nan),
        authorities=authorities,
        periods=grid.labels,
        ends=grid.ends,
        published=spread("published", np.datetime64("NaT")),
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
    return max(1, round(float(days) / DAYS_A_MONTH / MONTHS_APART[frequency]))
