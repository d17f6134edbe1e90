"""Where is the middle of the others, and how far do they spread?

An authority is not its own peer: where the sample holds the very value that is
being judged, one copy of it is left out. Spread is the median absolute deviation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

MAD_TO_SIGMA = 1.4826022185056018  # 1 / the upper quartile of a standard normal
MEDIAN_VARIANCE = np.pi / 2  # of the median of a large normal sample, times n
QUARTILES = (0.25, 0.75)
QUARTILES_TO_SIGMA = MAD_TO_SIGMA / 2  # times the distance between a normal sample's quartiles
SAME = 1e-9  # share of the sample's range: two roundings of one value


def median_of_others(values: Array, sample: Array) -> Array:
    """Compute, for each value, the median of the sample without that value.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        What is judged; NaN gives the median of the whole sample.
    sample : ndarray of shape (n_sample,)
        The values to compare with; NaN are passed over.

    Returns
    -------
    ndarray of shape (n_values,)
        The medians, in the units of the sample; NaN where nobody else is left.

    Examples
    --------
    >>> import numpy as np
    >>> median_of_others(np.array([1.0, 9.0]), np.array([1.0, 2.0, 3.0, 9.0]))
    array([3., 2.])
    """
    ordered = np.sort(sample[np.isfinite(sample)])
    own = np.append(ordered, np.nan)[place_in(values, ordered)]
    value, size = own[:, None], np.array([ordered.size])
    return np.asarray(quantiles_without(value, ordered[:, None], size, (0.5,))[0, :, 0])


def quantiles_of_others(sample: Array, own: Labels, shares: Sequence[float]) -> Array:
    """Compute quantiles of each column of a sample without one row, interpolated.

    Parameters
    ----------
    sample : ndarray of shape (n_sample, n_columns)
        A row an authority; NaN are passed over.
    own : ndarray of shape (n_rows,)
        The row of the sample that is left out, -1 for none.
    shares : sequence of float
        Which quantiles.

    Returns
    -------
    ndarray of shape (n_shares, n_rows, n_columns)
        In the units of the sample; NaN where nobody else is left.

    Examples
    --------
    >>> import numpy as np
    >>> sample = np.array([[1.0], [2.0], [3.0], [9.0]])
    >>> quantiles_of_others(sample, np.array([3, -1]), (0.5,)).ravel()
    array([2. , 2.5])
    """
    value = np.where(own[:, None] >= 0, sample[own], np.nan)
    return quantiles_without(value, *in_order(sample), shares)


def in_order(sample: Array) -> tuple[Array, Labels]:
    """Return each column's values in order, NaN last, and how many are known.

    Examples
    --------
    >>> import numpy as np
    >>> in_order(np.array([[3.0], [np.nan], [1.0]]))[1]
    array([2])
    """
    ordered = np.sort(np.ascontiguousarray(sample.T), axis=1).T
    return ordered, np.isfinite(sample).sum(axis=0)


def quantiles_without(value: Array, ordered: Array, n: Labels, shares: Sequence[float]) -> Array:
    """Compute quantiles of columns in order, each value left out of its own.

    Parameters
    ----------
    value : ndarray of shape (n_rows, n_columns)
        Values that stand in their columns; NaN leaves nothing out.
    ordered, n : ndarray
        From `in_order`.
    shares : sequence of float
        Which quantiles.

    Returns
    -------
    ndarray of shape (n_shares, n_rows, n_columns)
        NaN where nobody else is left.

    Notes
    -----
    A value that is left out moves a quantile up if it is no larger, and it is then one of
    three numbers a column, or the whole column's where the value is NaN.

    Examples
    --------
    >>> import numpy as np
    >>> sample = np.array([[1.0], [2.0], [3.0], [9.0]])
    >>> quantiles_without(sample, *in_order(sample), (0.5,)).ravel()
    array([3., 3., 2., 2.])
    """
    if not len(ordered):
        return np.full((len(shares), *value.shape), np.nan)
    columns, share = np.arange(ordered.shape[1]), np.asarray(shares)[:, None]
    ordered = np.concatenate([ordered, ordered[-1:], ordered[-1:]])  # looked at, never shown

    def place(left: Labels) -> tuple[Labels, Labels, Array]:
        position = share * np.maximum(left - 1, 0)
        low: Labels = position.astype(np.intp)
        part = np.asarray(position - low, dtype=np.float64)
        return low, np.where(part > 0, low + 1, low), part

    def between(low: Labels, high: Labels) -> Array:
        lower, upper = ordered[low, columns], ordered[high, columns]
        return np.where(part > 0, (1 - part) * lower + part * upper, lower)[:, None]

    low, high, part = place(n)
    whole = between(low, high)
    low, high, part = place(n - 1)
    larger, inside = between(low, high), between(low, high + 1)
    smaller = np.where(n > 1, between(low + 1, high + 1), np.nan)
    found = np.where(value <= ordered[high, columns][:, None], inside, larger)
    np.copyto(found, smaller, where=value <= ordered[low, columns][:, None])
    np.copyto(found, whole, where=np.isnan(value))
    return found


def place_in(values: Array, ordered: Array) -> Labels:
    """Return where each value stands in the ordered sample, and its size where it does not."""
    n = ordered.size
    if n == 0:
        return np.zeros(values.shape, dtype=np.intp)
    tolerance = SAME * max(float(ordered[-1] - ordered[0]), float(np.abs(ordered).max()))
    near = np.minimum(np.searchsorted(ordered, values - tolerance), n - 1)
    return np.where(np.abs(ordered[near] - values) <= tolerance, near, n)


def spread_of_others(values: Array, sample: Array) -> Array:
    """Compute, for each value, the raw median absolute deviation of the sample without it.

    Examples
    --------
    >>> import numpy as np
    >>> spread_of_others(np.array([9.0]), np.array([1.0, 2.0, 3.0, 9.0]))
    array([1.])
    """
    ordered = np.sort(sample[np.isfinite(sample)])
    place = place_in(values, ordered)
    # What is left out of the deviations: its own, and nobody's where it is not in the sample.
    own = np.append(ordered, np.nan)[place]
    centre = median_of_others(values, sample)
    spread = np.full(values.shape, np.nan)
    for middle in np.unique(centre[np.isfinite(centre)]):  # four at the most
        here = centre == middle
        spread[here] = median_of_others(np.abs(own[here] - middle), np.abs(ordered - middle))
    return spread


def mad(values: Array) -> float:
    """Compute the scaled median absolute deviation: sigma, where the values are normal.

    Examples
    --------
    >>> import numpy as np
    >>> round(mad(np.array([1.0, 2.0, 3.0])), 4)
    1.4826
    """
    known = values[np.isfinite(values)]
    if known.size == 0:
        return float("nan")
    return float(MAD_TO_SIGMA * np.median(np.abs(known - np.median(known))))


def column_median(matrix: Array) -> Array:
    """Return each column's median of what is known, NaN (and no warning) without any.

    Examples
    --------
    >>> import numpy as np
    >>> column_median(np.array([[1.0, np.nan], [4.0, np.nan], [np.nan, np.nan]]))
    array([2.5, nan])
    """
    if not len(matrix):
        return np.full(matrix.shape[1], np.nan)
    ordered = np.sort(matrix, axis=0)  # NaN last
    n, last = np.isfinite(matrix).sum(axis=0), len(matrix) - 1
    columns = np.arange(matrix.shape[1])
    low, high = np.clip((n - 1) // 2, 0, last), np.clip(n // 2, 0, last)
    return np.asarray(0.5 * (ordered[low, columns] + ordered[high, columns]))


def column_mad(matrix: Array) -> Array:
    """Return each column's scaled median absolute deviation, as `mad` of what is known.

    Examples
    --------
    >>> import numpy as np
    >>> column_mad(np.array([[1.0, np.nan], [2.0, np.nan], [3.0, np.nan]])).round(4)
    array([1.4826,    nan])
    """
    return MAD_TO_SIGMA * column_median(np.abs(matrix - column_median(matrix)))


def column_quartiles(matrix: Array) -> Array:
    """Return each column's quartiles of what is known, (n_periods, 3), NaN without any.

    Examples
    --------
    >>> column_quartiles(np.array([[1.0, np.nan], [2.0, np.nan], [3.0, np.nan]])).tolist()
    [[1.5, 2.0, 2.5], [nan, nan, nan]]
    """
    known = np.isfinite(matrix).any(axis=0)
    found = np.full((matrix.shape[1], 3), np.nan)
    found[known] = np.nanpercentile(matrix[:, known], [25, 50, 75], axis=0).T
    return found
