"""What happened to everyone, period by period?

Each series is set against its own centre, and the median of what is left, over the
others of its group, is the movement they share. A median is a noisy thing, so the
movement is believed only as far as it stands out from its own sampling error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.robust import (
    MEDIAN_VARIANCE,
    QUARTILES,
    QUARTILES_TO_SIGMA,
    SAME,
    in_order,
    place_in,
    quantiles_of_others,
    quantiles_without,
)

Array = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class CommonMovement:
    """One group of authorities, from which a movement is read.

    Attributes
    ----------
    residuals : ndarray of shape (n_authorities, n_periods)
        Each series less its own centre, in the units of the series.
    error : ndarray of shape (n_periods,)
        Sampling variance of each period's median.
    """

    residuals: Array
    error: Array

    @classmethod
    def of(cls, X: Array) -> CommonMovement:
        """Return the movement of these series, each less the median of its earlier half.

        Only the earlier half: the periods that are tested must not move the centre.
        """
        residuals = less_own_centre(X)
        return cls(residuals, median_error(*in_order(residuals)))

    def seen_by(self, own: Labels) -> Array:
        """Return the movement of the peers of each of these members, -1 for a stranger.

        The shape is (n_own, n_periods), NaN where there are no peers.
        """
        return np.asarray(quantiles_of_others(self.residuals, own, (0.5,))[0])

    def members(self, X: Array) -> Labels:
        """Return which member each series is, by its values; -1 where it is none."""
        residuals = less_own_centre(X)
        if not len(self.residuals):
            return np.full(len(X), -1)
        weight = np.random.default_rng(0).normal(size=X.shape[1])
        seen, known = (np.nan_to_num(r) @ weight for r in (residuals, self.residuals))
        order = np.argsort(known)
        place = np.append(order, -1)[place_in(seen, known[order])]
        scale = SAME * np.abs(np.nan_to_num(self.residuals)).max()
        near = np.isclose(residuals, self.residuals[place], rtol=0, atol=scale, equal_nan=True)
        return np.where(near.all(axis=1), place, -1)

    def believed(self, movement: Array, lengths: Sequence[int]) -> list[Array]:
        """Return a movement as far as it is reliable; see `believed`."""
        return believed(movement, self.error, lengths)


def median_error(ordered: Array, n: Labels) -> Array:
    """Return the sampling variance of the median of columns in order, n of them known."""
    nobody = np.full((1, ordered.shape[1]), np.nan)
    low, high = quantiles_without(nobody, ordered, n, QUARTILES)[:, 0]
    spread = QUARTILES_TO_SIGMA * np.nan_to_num(high - low)
    return np.asarray(MEDIAN_VARIANCE * spread**2 / np.maximum(n, 1))


def believed(movement: Array, error: Array, lengths: Sequence[int]) -> list[Array]:
    """Return movements as far as they are reliable, judged by their first periods, so many each.

    That is the share of the variance over time that is not sampling error; over
    those periods what is returned averages nothing. A movement nobody has seen is
    returned as nothing, and says nothing about the rest.

    Parameters
    ----------
    movement : ndarray of shape (..., n_authorities, n_periods)
        What each authority's peers did, NaN where there are none.
    error : ndarray of shape (..., n_periods)
        Sampling variance of each period's median.
    lengths : sequence of int
        Numbers of first periods.

    Returns
    -------
    list of ndarray
        Of the shape of `movement`, one a length.
    """
    known = np.isfinite(movement)
    moved = np.where(known, movement, 0.0)
    past = np.arange(movement.shape[-1])[:, None] < np.asarray(lengths)
    n = known.astype(float) @ past
    centre = moved @ past / np.maximum(n, 1)
    seen = (np.square(moved) @ past - n * centre**2) / np.maximum(n - 1, 1)
    doubt = known @ (error[..., None] * past) / np.maximum(n, 1)
    share = np.where(n > 1, np.maximum(0.0, 1 - doubt / np.maximum(seen, 1e-300)), 0.0)
    return [known * ((moved - centre[..., [j]]) * share[..., [j]]) for j in range(len(lengths))]


def less_own_centre(X: Array) -> Array:
    """Return each series less the median of its known values in the earlier half of the window."""
    early = X[:, : X.shape[1] - X.shape[1] // 2]
    ordered = np.sort(early, axis=1)  # NaN last
    n = np.isfinite(early).sum(axis=1)
    rows = np.arange(len(X))
    last = max(ordered.shape[1] - 1, 0)
    low = ordered[rows, np.clip((n - 1) // 2, 0, last)]
    high = ordered[rows, np.clip(n // 2, 0, last)]
    return np.asarray(X - (0.5 * (low + high))[:, None])


def movement_without(value: Array, ordered: Array, n: Labels) -> tuple[Array, Array]:
    """Compute the median effect among the others, as far as it is reliable, and its variance.

    A James-Stein estimate with its positive part: a median that is no further from
    nothing than its own error would take it counts as nothing.

    Parameters
    ----------
    value : ndarray of shape (n_rows, n_effects)
        What each authority shows, and is left out; NaN leaves nothing out.
    ordered, n : ndarray
        What all show, from `in_order`.

    Returns
    -------
    movement, variance : ndarray of shape (n_rows, n_effects)

    Examples
    --------
    >>> import numpy as np
    >>> shown = np.array([[5.0], [5.1], [4.9], [5.2], [4.8], [9.0]])
    >>> movement_without(shown[[5]], *in_order(shown))[0].round(2)
    array([[5.]])
    """
    quartiles = quantiles_without(value, ordered, n, (0.25, 0.5, 0.75))
    low, middle, high = np.nan_to_num(quartiles, copy=False)
    error = MEDIAN_VARIANCE * (QUARTILES_TO_SIGMA * (high - low)) ** 2 / np.maximum(n - 1, 1)
    belief = np.maximum(0.0, 1 - error / np.maximum(middle**2, 1e-300))
    return belief * middle, belief * error
