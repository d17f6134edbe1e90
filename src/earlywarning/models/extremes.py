"""How often is one of many as far out as this, by what the others do?

Among the bulk of the others p is a rank; beyond their largest tenth it is carried on by an
exponential tail fitted to that tenth, with the room that so few values leave.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.robust import place_in

Array = NDArray[np.float64]

LARGEST = 0.1  # share of the others by which the tail is fitted
FEWEST = 6  # of them at the least
ENOUGH = FEWEST + 2  # others there must be


def chance_as_extreme(values: Array, sample: Array) -> Array:
    """Compute how often one like the sample is as large as each value.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        What is judged, on a scale on which the largest fall off about exponentially, as
        squared distances do; one that is in the sample is left out of it.
    sample : ndarray of shape (n_sample,)
        What is usual; NaN are passed over.

    Returns
    -------
    ndarray of shape (n_values,)
        p-values; NaN for a missing value, or with fewer than 8 others.

    Notes
    -----
    With k values beyond a threshold u, their excesses exponential with the sum s, a
    further value is beyond x with the probability (k / n) (1 + (x - u) / s) ** -k: the
    predictive distribution, which allows for s being known from k values only.

    Examples
    --------
    >>> sample = np.random.default_rng(0).exponential(size=1000)
    >>> chance_as_extreme(np.array([0.7, 4.6, 9.2]), sample).round(3)
    array([0.522, 0.01 , 0.   ])
    """
    ordered = np.sort(sample[np.isfinite(sample)])
    size = ordered.size
    own = (place_in(values, ordered) < size).astype(np.intp)
    others = size - own
    if size < ENOUGH:
        return np.full(values.shape, np.nan)
    k = np.maximum(np.round(LARGEST * others).astype(np.intp), FEWEST)
    rounding = _rounding(ordered)
    at_least = size - np.searchsorted(ordered, values - rounding, side="left")
    rank = (1 + at_least - own) / (others + 1)
    threshold = ordered[np.maximum(size - 1 - k - own, 0)]
    # The sum of the largest k of the others: of all k + 1 less its own, where it is one of them.
    largest = np.append(0.0, np.cumsum(ordered[::-1]))[k + own] - own * values
    excess = largest - k * threshold
    beyond = (values > threshold + rounding) & (excess > 0)
    further = np.where(beyond, (values - threshold) / np.where(beyond, excess, 1.0), 0.0)
    p = np.where(beyond, k / others * (1 + further) ** -k.astype(float), rank)
    return np.where(np.isfinite(values) & (others >= ENOUGH), p, np.nan)


def _rounding(ordered: Array) -> float:
    """Return by how much two roundings of one value may differ."""
    return float(1e-9 * np.abs(ordered).max(initial=0.0))
