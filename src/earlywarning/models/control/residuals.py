"""How many standard deviations is each value from its centre line?

By a centre and a standard deviation that are given, or by those of a baseline: the first
published values of the series, which are then not tested themselves. How much a baseline
of few values is to be trusted is settled by the charts that use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError
from earlywarning.models.control.limits import (
    CONSTANT,
    OK,
    TOO_FEW,
    Array,
    Index,
    as_matrix,
    as_segments,
    in_baseline,
    segment_means,
)

FEWEST_FOR_SIGMA = 4  # values of a baseline; fewer say next to nothing of a standard deviation
FARTHEST = 1e90  # standard deviations; beyond, sums and squares overflow


@dataclass(frozen=True, slots=True)
class Residuals:
    """Standardised values, and by what they were standardised.

    Attributes
    ----------
    z : ndarray of shape (n_authorities, n_periods)
        Standard deviations from the centre; NaN in gaps, and where a value is not tested.
    step : ndarray of int, of the same shape
        How many values have been tested by then, this one included.
    centre, sigma : ndarray of shape (n_authorities, 1)
        In the units of the matrix.
    n_baseline : int
        On how many values centre and sigma rest; 0 where they are given.
    status : ndarray of str, of shape (n_authorities,)
        "ok", "too few values" or "constant".
    """

    z: Array
    step: Index
    centre: Array
    sigma: Array
    n_baseline: int
    status: NDArray[np.str_]


def standardised(
    X: ArrayLike,
    *,
    baseline: int | None = None,
    centre: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
) -> Residuals:
    """Standardise each series, by its baseline or by what is given.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        Values in the units of the metric, oldest period first, NaN where nothing is published.
    baseline : int, optional
        The first so many published values give mean and standard deviation, and are not tested.
    centre, sigma : array-like of shape () or (n_authorities,), optional
        In the units of the values: known beforehand, instead of a baseline. All is tested.

    Returns
    -------
    Residuals
        A series that cannot be standardised has NaN throughout, and a status that says why.

    Raises
    ------
    UsageError
        If there is not either a baseline of 4 or more, or both a centre and a positive sigma.

    Examples
    --------
    >>> found = standardised([[4.0, 6.0, 4.0, 6.0, np.nan, 8.0]], baseline=4)
    >>> found.z.round(2)
    array([[nan, nan, nan, nan, nan, 2.6]])
    """
    matrix = as_matrix(X)
    published = np.isfinite(matrix)
    if baseline is None:
        middle, spread = _given(centre, sigma, len(matrix))
        tested, n_baseline = published, 0
    else:
        if centre is not None or sigma is not None:
            raise UsageError("Give a baseline, or a centre and a sigma; not both.")
        middle, spread, tested = _of_baseline(matrix, baseline)
        n_baseline = int(baseline)
    usable = spread > 0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        z = np.clip((matrix - middle) / spread, -FARTHEST, FARTHEST)
    z = np.where(tested & usable, z, np.nan)
    status = np.select(
        [~tested.any(axis=1), ~usable[:, 0]], [TOO_FEW, CONSTANT], default=OK
    ).astype(str)
    return Residuals(z, np.isfinite(z).cumsum(axis=1), middle, spread, n_baseline, status)


def _given(centre: ArrayLike | None, sigma: ArrayLike | None, n: int) -> tuple[Array, Array]:
    if centre is None or sigma is None:
        raise UsageError("Give a baseline, or both a centre and a sigma.")
    middle, spread = (
        np.broadcast_to(np.asarray(one, dtype=float), n)[:, None] for one in (centre, sigma)
    )
    if not (np.isfinite(middle).all() and np.isfinite(spread).all() and (spread > 0).all()):
        raise UsageError("A centre or a sigma is not a number, or a sigma is not above 0.")
    return middle, spread


def _of_baseline(matrix: Array, baseline: int) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return mean and standard deviation of the baseline, and which values come after it."""
    if not isinstance(baseline, Integral) or baseline < FEWEST_FOR_SIGMA:
        raise UsageError(
            f"baseline={baseline!r}: a standard deviation needs {FEWEST_FOR_SIGMA} values or more."
        )
    published = np.isfinite(matrix)
    counted = in_baseline(published, as_segments(None, matrix.shape), baseline)
    whole = counted.sum(axis=1, keepdims=True) == baseline
    mean = _mean(matrix, counted)
    squares = _mean((matrix - mean) ** 2, counted) * (baseline / (baseline - 1))
    spread = np.where(whole, np.sqrt(squares), np.nan)
    return np.where(whole, mean, np.nan), spread, published & ~counted & whole


def _mean(values: Array, counted: NDArray[np.bool_]) -> Array:
    """Return each row's mean, (n_authorities, 1); NaN where nothing is counted."""
    if not values.shape[1]:
        return np.full((len(values), 1), np.nan)
    return segment_means(values, counted, as_segments(None, values.shape))[0][:, :1]
