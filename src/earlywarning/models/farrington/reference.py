"""Which earlier periods say what to expect of the newest, and in which season are they?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.farrington.options import FEWEST_YEARS, Surveillance

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The periods of reference of one matrix.

    Attributes
    ----------
    periods : ndarray of shape (n_reference,)
        Their columns, rising.
    design : ndarray of shape (n_reference, n_columns)
        A column of ones, the time in years before the newest period, then one column a season
        other than the window's own: in the newest period it is (1, 0, 0, …).
    in_window : ndarray of bool, shape (n_reference,)
        Whether a period belongs to the windows.
    years : int
        How many years are looked back on.
    """

    periods: NDArray[np.intp]
    design: Array
    in_window: NDArray[np.bool_]
    years: int


def reference_periods(n_periods: int, options: Surveillance) -> Reference | None:
    """Return the periods of reference of the newest period, or none if the record is too short.

    Examples
    --------
    >>> found = reference_periods(30, Surveillance(frequency=12))
    >>> found.periods, found.years
    (array([ 4,  5,  6, 16, 17, 18]), 2)
    """
    newest, window, frequency = n_periods - 1, options.window, options.frequency
    years = min(options.years, (newest - window) // frequency)
    if years < FEWEST_YEARS:
        return None
    season = np.full(n_periods, -1)
    blocks = _blocks(options)
    for back in range(years + 1):
        same_time = newest - back * frequency
        if back:
            after = same_time + window + 1
            season[after : after + blocks.size] = blocks
        season[same_time - window : same_time + window + 1] = 0
    left_out = window if options.left_out is None else options.left_out
    season[max(newest - left_out, 0) :] = -1
    periods = np.flatnonzero(season >= 0)
    seasons = np.arange(1, options.seasons)
    columns = [np.ones(periods.size), (periods - newest) / frequency]
    columns += [(season[periods] == k).astype(float) for k in seasons]
    return Reference(periods, np.stack(columns, axis=1), season[periods] == 0, years)


def _blocks(options: Surveillance) -> NDArray[np.intp]:
    """Return the seasons of the periods between two windows: -1 where only windows count."""
    between = options.frequency - 2 * options.window - 1
    if options.seasons == 1:
        return np.full(between, -1)
    each, rest = divmod(between, options.seasons - 1)
    lengths = np.full(options.seasons - 1, each)
    lengths[:rest] += 1
    return np.repeat(np.arange(1, options.seasons), lengths)
