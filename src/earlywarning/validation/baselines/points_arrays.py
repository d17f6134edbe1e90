"""What do an authority's indicators add up to, by a system of points?

Pure functions on arrays: authorities down. They know no metrics and no dates.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from earlywarning.validation.baselines.points_system import Indicator, PointsSystem

Array = NDArray[np.float64]


def total_points(system: PointsSystem, values: ArrayLike, types: ArrayLike) -> Array:
    """Add up each authority's points.

    Parameters
    ----------
    system : PointsSystem
        What counts for how much.
    values : array-like of shape (n_authorities, n_indicators)
        In the units of the cut-offs, in the order of the system; NaN where not known.
    types : array-like of shape (n_authorities,), of str
        Each authority's type.

    Returns
    -------
    ndarray of shape (n_authorities,)
        As `system.total` says, higher riskier; NaN where less than `min_known` is known.

    Notes
    -----
    What is not known, or does not count for a type, is left out of what can be had, so that the
    other weights grow in proportion.

    Examples
    --------
    >>> cash = Indicator(name="cash", numerator=["cash"], cuts=[50, 100], points=[10, 5, 0])
    >>> total_points(PointsSystem(name="own", indicator=[cash]), [[50], [51], [101]], ["A"] * 3)
    array([100.,  50.,   0.])
    """
    x, kinds = np.asarray(values, dtype=float), np.asarray(types, dtype=str)
    counts = np.column_stack([~np.isin(kinds, i.not_for) for i in system.indicator])
    sizes = counts * np.array([i.size for i in system.indicator])
    parts = [_share(i, x[:, at], kinds) for at, i in enumerate(system.indicator)]
    share = np.column_stack(parts)
    known = np.where(np.isfinite(share), sizes, 0.0).sum(axis=1)
    enough = (known > 0) & (known >= system.min_known * sizes.sum(axis=1))
    lost = np.nansum(share * sizes, axis=1) / np.where(enough, known, np.nan)
    if system.total == "share":
        return np.asarray(100 * lost)
    left = pd.Series(1 - lost)
    median = left.groupby(kinds).transform("median")
    return np.asarray(100 * (1 - left / median.where(median > 0)), dtype=float)


def _share(indicator: Indicator, values: Array, kinds: NDArray[np.str_]) -> Array:
    """Return which share of an indicator's points each value has, 1 the worst."""
    known = np.isfinite(values)
    if indicator.cuts:
        side = "left" if indicator.at_a_cut == "below" else "right"
        place = np.searchsorted(np.array(indicator.cuts), np.where(known, values, 0), side=side)  # type: ignore[call-overload]
        points = np.array(indicator.points)[place] / max(indicator.points)
        return np.where(known, points, np.nan)
    counted = pd.Series(np.where(known, values, np.nan))
    least = counted.groupby(kinds).transform("min")
    reach = counted.groupby(kinds).transform("max") - least
    risen = (counted - least) / reach.where(reach > 0)
    return np.asarray(1 - risen if indicator.worse == "low" else risen, dtype=float)
