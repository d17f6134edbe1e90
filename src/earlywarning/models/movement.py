"""What happened to everyone, period by period?

Each series is set against its own centre, and the median of what is left, over the
others of its group, is the movement they share. A median is a noisy thing, so the
movement is believed only as far as it stands out from its own sampling error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.robust import (
    MAD_TO_SIGMA,
    MEDIAN_VARIANCE,
    mad,
    median_of_others,
    spread_of_others,
)

Array = NDArray[np.float64]


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
        n = np.maximum(np.isfinite(residuals).sum(axis=0), 1)
        spread = np.array([mad(column) for column in residuals.T])
        return cls(residuals, MEDIAN_VARIANCE * np.nan_to_num(spread) ** 2 / n)

    def seen_by(self, X: Array) -> Array:
        """Return the movement of each row's peers, (n_rows, n_periods); NaN where none."""
        own = less_own_centre(X)
        columns = [median_of_others(o, r) for o, r in zip(own.T, self.residuals.T, strict=True)]
        return np.stack(columns, axis=1)

    def believed(self, movement: Array, n_past: int) -> Array:
        """Return a movement as far as it is reliable, judged by its first `n_past` periods.

        That is the share of its variance over time that is not sampling error; over
        those periods what is returned averages nothing. A movement nobody has seen is
        returned as nothing, and says nothing about the rest.
        """
        known = np.isfinite(movement[:, :n_past])
        n = known.sum(axis=1, keepdims=True)
        past = np.where(known, movement[:, :n_past], 0.0)
        centre = past.sum(axis=1, keepdims=True) / np.maximum(n, 1)
        seen = np.where(known, (past - centre) ** 2, 0.0).sum(axis=1, keepdims=True)
        seen /= np.maximum(n - 1, 1)
        error = np.where(known, self.error[:n_past], 0.0).sum(axis=1, keepdims=True)
        error /= np.maximum(n, 1)
        share = np.where(n > 1, np.maximum(0.0, 1 - error / np.maximum(seen, 1e-300)), 0.0)
        return np.where(np.isfinite(movement), share * (movement - centre), 0.0)


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


def movement_of_others(effects: Array, sample: Array) -> tuple[Array, Array]:
    """Compute the median effect among the others, as far as it is reliable, and its variance.

    A James-Stein estimate with its positive part: a median that is no further from
    nothing than its own error would take it counts as nothing.

    Examples
    --------
    >>> import numpy as np
    >>> shared, _ = movement_of_others(np.array([9.0]), np.array([5.0, 5.1, 4.9, 5.2, 4.8, 9.0]))
    >>> shared.round(2)
    array([5.])
    """
    middle = median_of_others(effects, sample)
    middle = np.where(np.isfinite(middle), middle, 0.0)
    spread = np.nan_to_num(MAD_TO_SIGMA * spread_of_others(effects, sample))
    n = max(int(np.isfinite(sample).sum()) - 1, 1)
    error = MEDIAN_VARIANCE * spread**2 / n
    belief = np.maximum(0.0, 1 - error / np.maximum(middle**2, 1e-300))
    return belief * middle, belief * error
