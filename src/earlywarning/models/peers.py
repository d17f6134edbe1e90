"""Is it far from its peers now?

Distance from the peers' median, in robust standard deviations, the authority itself
left out: an authority far from the others must not widen the yardstick it is held
against. Which way is worse is settled before.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from earlywarning.errors import UsageError
from earlywarning.models.estimator import MatrixTransformer
from earlywarning.models.robust import (
    MAD_TO_SIGMA,
    MEDIAN_VARIANCE,
    column_median,
    median_of_others,
    spread_of_others,
)
from earlywarning.models.tails import student_tails

Array = NDArray[np.float64]

MAD_EFFICIENCY = 0.3675  # of the MAD as an estimate of a normal sigma (Rousseeuw & Croux 1993)


def position_tails(distance: Array, n_peers: NDArray[np.intp]) -> tuple[Array, Array]:
    """Compute both p-values of a robust distance from the median of so many normal peers.

    Parameters
    ----------
    distance : ndarray
        Distance from the peers' median, in scaled median absolute deviations.
    n_peers : ndarray of the same shape
        How many peers the median and the spread are taken from.

    Returns
    -------
    above, below : ndarray of the same shape
        p-values against "no higher" and "no lower than its peers".

    Notes
    -----
    A t distribution, its degrees of freedom those that the MAD is worth, the
    distance reduced by the median's own sampling error; `tests/test_peers.py` holds the size.

    Examples
    --------
    >>> above, below = position_tails(np.array([2.0]), np.array([400]))
    >>> above.round(3)
    array([0.024])
    """
    n = np.maximum(n_peers, 2)
    t = distance / np.sqrt(1 + MEDIAN_VARIANCE / n)
    return student_tails(t, MAD_EFFICIENCY * (n - 1))


def position_quantile(tail: float | Array, n_peers: NDArray[np.intp]) -> Array:
    """Return the distance that so many normal peers leave above with that p-value.

    The inverse of `position_tails`; shapes and units are the same.

    Examples
    --------
    >>> above, _ = position_tails(position_quantile(0.025, np.array([40])), np.array([40]))
    >>> above.round(6)
    array([0.025])
    """
    n = np.maximum(n_peers, 2)
    t = -student_quantile(MAD_EFFICIENCY * (n - 1), tail)
    return np.asarray(t * np.sqrt(1 + MEDIAN_VARIANCE / n))


def student_quantile(df: Array, share: float | Array) -> Array:
    """Return what that share of t distributions lies below; many have the same few df.

    Examples
    --------
    >>> student_quantile(np.array([10.0, 10.0]), 0.975).round(3)
    array([2.228, 2.228])
    """
    if np.ndim(share):
        return np.asarray(stdtrit(df, share))
    few = np.unique(df)
    return np.asarray(stdtrit(few, share)[np.searchsorted(few, df)])


class PeerComparison(MatrixTransformer):
    """Distance of each value from the median of its period, in units of the period's spread.

    Parameters
    ----------
    own : {"left out", "included"}, default="left out"
        Whether an authority counts among its own peers; Oflog's published figures
        include it.
    unit : {"sigma", "mad"}, default="sigma"
        The scaled median absolute deviation (sigma of a normal sample), or the raw one.

    Attributes
    ----------
    sample_ : ndarray of shape (n_authorities, n_periods)
        What was fitted, each period sorted by itself: no authority's row can be read from it.
    median_, spread_ : ndarray of shape (n_periods,)
        Over all that was fitted, in the units of the matrix; the spread in those of `unit`.
    n_peers_ : ndarray of shape (n_periods,)
        How many values each period has.

    Examples
    --------
    >>> X = np.array([[1.0], [2.0], [3.0], [4.0], [9.0]])
    >>> PeerComparison(own="included", unit="mad").fit_transform(X).ravel()
    array([-2., -1.,  0.,  1.,  6.])
    """

    def __init__(
        self,
        *,
        own: Literal["left out", "included"] = "left out",
        unit: Literal["sigma", "mad"] = "sigma",
    ):
        self.own = own
        self.unit = unit

    def fit(self, X: ArrayLike, y: None = None) -> PeerComparison:
        """Learn each period's values over the authorities, gaps left out."""
        if self.own not in ("left out", "included") or self.unit not in ("sigma", "mad"):
            raise UsageError(
                f"own={self.own!r}, unit={self.unit!r}: own is 'left out' or 'included', "
                "unit is 'sigma' or 'mad'."
            )
        matrix = self._as_fitted(X)
        self.sample_ = np.sort(matrix, axis=0)
        self.n_peers_ = np.isfinite(matrix).sum(axis=0)
        self.median_ = column_median(matrix)
        self.spread_ = self._factor * column_median(np.abs(matrix - self.median_))
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Return the distances, (n_authorities, n_periods); NaN in gaps and where peers agree."""
        matrix = self._as_judged(X)
        median, spread = self.yardstick(matrix)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(spread > 0, (matrix - median) / spread, np.nan)

    def yardstick(self, X: Array) -> tuple[Array, Array]:
        """Return each value's median and spread of peers, (n_authorities, n_periods) each."""
        if self.own == "included":
            shape = np.ones((len(X), 1))
            return shape * self.median_, shape * self.spread_
        pairs = list(zip(X.T, self.sample_.T, strict=True))
        median = np.stack([median_of_others(x, sample) for x, sample in pairs], axis=1)
        spread = np.stack([spread_of_others(x, sample) for x, sample in pairs], axis=1)
        return median, self._factor * spread

    @property
    def _factor(self) -> float:
        return MAD_TO_SIGMA if self.unit == "sigma" else 1.0
