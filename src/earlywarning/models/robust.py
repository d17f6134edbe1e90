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
    place = place_in(values, ordered)
    return _quantiles(ordered[:, None], np.array([ordered.size]), place[:, None], (0.5,))[0, :, 0]


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
    order = np.argsort(sample, axis=0)  # NaN last
    place = np.empty((len(sample) + 1, sample.shape[1]), dtype=np.intp)
    np.put_along_axis(place, order, np.arange(len(sample))[:, None], axis=0)
    place[-1] = len(sample)
    n = np.isfinite(sample).sum(axis=0)
    ordered = np.take_along_axis(sample, order, axis=0)
    return _quantiles(ordered, n, np.minimum(place[own], n), shares)


def _quantiles(ordered: Array, n: Labels, place: Labels, shares: Sequence[float]) -> Array:
    """Return quantiles of columns with n values in order, without the one at each place below n."""
    # Position j of the sample without the one at `place` is position j + (j >= place) of the whole.
    left = n - (place < n)
    columns = np.arange(ordered.shape[1])
    found = np.full((len(shares), *place.shape), np.nan)
    for i, share in enumerate(shares if len(ordered) else ()):
        position = share * np.maximum(left - 1, 0)
        low = position.astype(np.intp)
        part = position - low
        high = low + (part > 0)
        low, high = low + (low >= place), high + (high >= place)
        between = (1 - part) * ordered[np.minimum(low, len(ordered) - 1), columns]
        between += part * ordered[np.minimum(high, len(ordered) - 1), columns]
        found[i] = np.where(left > 0, between, np.nan)
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
