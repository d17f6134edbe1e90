"""Is an authority odd in the combination of its metrics?

Two metrics that go together everywhere else, one high and one low here: neither need be
unusual by itself. `JointDistance` measures how far each authority's row of peer-relative
distances is from what their correlation makes usual, and what each metric adds to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.covariance import ledoit_wolf

from earlywarning.models.estimator import MatrixTransformer
from earlywarning.models.extremes import chance_as_extreme
from earlywarning.models.robust import column_mad, column_median, place_in

Array = NDArray[np.float64]
Counts = NDArray[np.intp]

BOUND = 3.0  # scaled median absolute deviations: a metric further away counts as no further
FEWEST_METRICS = 2  # one alone is no combination
FEWEST_AUTHORITIES = 10  # with fewer nothing is learnt of what is usual
LEAST_SHRINKAGE = 1e-3  # metrics that say the same twice must leave something to divide by
MOST_NUMBERS = 2_000_000  # in the tables of the patterns of gaps worked on at once
MOST_HIDDEN = 0.95  # of a distance, by the authority's own weight in the correlation


@dataclass(frozen=True, slots=True)
class Joint:
    """Each authority's combination of metrics against those of the others.

    Attributes
    ----------
    squared : ndarray of shape (n_authorities,)
        Squared distance, its own weight in what is usual taken out; about one a metric is
        usual. NaN without a metric.
    contributions : ndarray of shape (n_authorities, n_metrics)
        What each metric adds, none below 0; they sum to `squared`. NaN where it is missing.
    p : ndarray of shape (n_authorities,)
        How often an authority like the others is as odd; NaN where it is not assessed.
    n_metrics : ndarray of int of shape (n_authorities,)
        How many metrics there are to combine.
    status : ndarray of str of shape (n_authorities,)
        "ok", or why it cannot be assessed.
    """

    squared: Array
    contributions: Array
    p: Array
    n_metrics: Counts
    status: NDArray[np.str_]


class JointDistance(MatrixTransformer):
    """Robust distance of each authority's metrics from what goes together elsewhere.

    X has a column a metric: distances from the peers, such as `PeerComparison` gives, NaN
    where there is none. Each metric is centred on its median and scaled by its median
    absolute deviation, and no value counts for more than three of these. Their
    correlation, of the pairs that are known, is shrunk towards none; each authority that
    was fitted is judged without its own weight in it.

    Attributes
    ----------
    median_, deviation_ : ndarray of shape (n_metrics,)
        Of each metric. The deviation is NaN where half of the authorities or more are
        equal: that metric takes no part.
    spread_ : ndarray of shape (n_metrics,)
        Root mean square of the bounded distances, in deviations.
    correlation_ : ndarray of shape (n_metrics, n_metrics)
        Of the bounded distances, shrunk.
    shrinkage_ : float
        How far, from 0 to 1.
    n_authorities_, n_metrics_ : int
        With one metric or more, and how many of them most have.
    sample_, usual_ : ndarray
        Squared distances of those fitted, in order, as for `n_metrics_` metrics: as they
        came out, and with each one's own weight taken out; p is read from the latter.

    Notes
    -----
    The squared distance is split by the symmetric root of the correlation (Garthwaite, P.
    H. and Koch, I. 2016, Evaluating the contributions of individual variables to a
    quadratic form, Australian and New Zealand Journal of Statistics 58, 99-119): no part
    is negative, they add up, and two metrics that break their correlation share it.
    Ledoit, O. and Wolf, M. (2004), A well-conditioned estimator for large-dimensional
    covariance matrices, Journal of Multivariate Analysis 88, 365-411.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> shared = rng.normal(size=(80, 1))
    >>> X = np.hstack([shared + 0.3 * rng.normal(size=(80, 2)), rng.normal(size=(80, 2))])
    >>> X[7, :2] = [1.5, -1.5]
    >>> found = JointDistance().fit(X).judge(X)
    >>> found.contributions[7].round(1), found.p[7].round(4)
    (array([10.8, 10.5,  1. ,  1.6]), np.float64(0.0006))
    """

    def fit(self, X: ArrayLike, y: None = None) -> JointDistance:
        """Learn what is usual from X, (n_authorities, n_metrics)."""
        matrix = self._as_fitted(X)
        matrix = matrix[np.isfinite(matrix).any(axis=1)]
        self.median_ = column_median(matrix)
        deviation = column_mad(matrix)
        self.deviation_ = np.where(deviation > 0, deviation, np.nan)
        bounded = self._bounded(matrix)
        n = np.isfinite(bounded).sum(axis=0)
        square = np.where(np.isfinite(bounded), bounded, 0.0) ** 2
        self.spread_ = np.sqrt(square.sum(axis=0) / np.where(n > 0, n, np.nan))
        u = bounded / self.spread_
        u = u[np.isfinite(u).any(axis=1)]
        self.n_authorities_ = len(u)
        self.shrinkage_ = _shrinkage(u)
        self.correlation_ = _correlation(u, self.shrinkage_)
        count = np.isfinite(u).sum(axis=1)
        several = count[count >= FEWEST_METRICS]
        self.n_metrics_ = int(np.median(several)) if several.size else FEWEST_METRICS
        parts = _split(u, self.correlation_, _triangular_root)  # only their sum is meant
        squared = parts.sum(axis=1)[count >= FEWEST_METRICS]
        self.sample_ = np.sort(self._comparable(squared, several))
        self.usual_ = np.sort(self._comparable(squared * self._uncovered(squared), several))
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Return what each metric adds to the squared distance, (n_authorities, n_metrics)."""
        return self.judge(X).contributions

    def judge(self, X: ArrayLike) -> Joint:
        """Return squared distances, what they consist of, and how often they come by chance.

        Parameters
        ----------
        X : array-like of shape (n_authorities, n_metrics)
            Those fitted, or others; NaN where a metric is missing.

        Returns
        -------
        Joint
        """
        u = self._bounded(self._as_judged(X)) / self.spread_
        known = np.isfinite(u)
        count = known.sum(axis=1).astype(np.intp)
        parts = _split(u, self.correlation_, _symmetric_root)
        squared = parts.sum(axis=1)
        fitted = place_in(self._comparable(squared, count), self.sample_) < self.sample_.size
        factor = np.where(fitted, self._uncovered(squared), 1.0)
        squared = np.where(count > 0, squared * factor, np.nan)
        p = chance_as_extreme(self._comparable(squared, count), self.usual_)
        assessed = (count >= FEWEST_METRICS) & (self.n_authorities_ >= FEWEST_AUTHORITIES)
        assessed &= np.isfinite(p)
        status = np.select(
            [assessed, count == 0, count < FEWEST_METRICS],
            ["ok", "no metric", "one metric alone"],
            "too few authorities",
        )
        contributions = np.where(known, parts * factor[:, None], np.nan)
        return Joint(squared, contributions, np.where(assessed, p, np.nan), count, status)

    def _bounded(self, matrix: Array) -> Array:
        """Return distances from the metrics' medians in deviations, none beyond the bound."""
        return np.clip((matrix - self.median_) / self.deviation_, -BOUND, BOUND)

    def _uncovered(self, squared: Array) -> Array:
        """Return by what a squared distance grows once its own weight is out of what is usual."""
        weight = (1 - self.shrinkage_) / max(self.n_authorities_, 1)
        return 1 / (1 - np.minimum(weight * squared, MOST_HIDDEN))

    def _comparable(self, squared: Array, count: Counts) -> Array:
        """Return squared distances a metric, as if all had the same number; NaN for too few.

        By Wilson and Hilferty's cube root (1931), under which chi-square is about normal.
        """
        several = np.where(count >= FEWEST_METRICS, count, np.nan)
        own, common = 2 / (9 * several), 2 / (9 * self.n_metrics_)
        normal = (np.cbrt(squared / several) - (1 - own)) / np.sqrt(own)
        return np.asarray(np.maximum(normal * np.sqrt(common) + 1 - common, 0.0) ** 3)


def _shrinkage(u: Array) -> float:
    """Return how far Ledoit and Wolf shrink the correlation of these; gaps count as the middle."""
    alive = u[:, np.isfinite(u).any(axis=0)]
    if len(u) < 2 or not alive.size:
        return 1.0
    shrinkage = ledoit_wolf(np.nan_to_num(alive, nan=0.0), assume_centered=True)[1]
    return float(np.clip(shrinkage, LEAST_SHRINKAGE, 1.0))


def _correlation(u: Array, shrinkage: float) -> Array:
    """Return the correlation of the pairs that are known, made possible, and shrunk."""
    known = np.isfinite(u)
    filled = np.where(known, u, 0.0)
    pairs = known.T.astype(float) @ known.astype(float)
    raw = (filled.T @ filled) / np.maximum(pairs, 1.0)
    np.fill_diagonal(raw, 1.0)
    values, vectors = np.linalg.eigh(raw)
    if values[0] < 0:  # of different authorities each: no table of numbers has these at once
        raw = (vectors * np.maximum(values, 0.0)) @ vectors.T
        size = np.sqrt(np.maximum(np.diag(raw), np.finfo(float).tiny))
        raw = raw / size / size[:, None]
    return np.asarray((1 - shrinkage) * raw + shrinkage * np.eye(len(raw)))


def _split(u: Array, correlation: Array, inverse_root: Callable[[Array], Array]) -> Array:
    """Return parts of the squared distance, each metric's with the symmetric root; 0 in gaps.

    Each pattern of missing metrics has a correlation of its own: that of those present,
    and nothing between them and the rest, which is set to the middle.
    """
    known = np.isfinite(u)
    filled = np.where(known, u, 0.0)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    which = which.ravel()
    rotated = np.zeros(u.shape)
    at_once = max(MOST_NUMBERS // correlation.size, 1)
    for first in range(0, len(patterns), at_once):
        some = patterns[first : first + at_once]
        rows = np.flatnonzero((which >= first) & (which < first + at_once))
        both = some[:, :, None] & some[:, None, :]
        roots = inverse_root(np.where(both, correlation, np.eye(len(correlation))))
        rotated[rows] = np.einsum("nij,nj->ni", roots[which[rows] - first], filled[rows])
    return np.where(known, rotated**2, 0.0)


def _symmetric_root(tables: Array) -> Array:
    """Return the symmetric root of each table's inverse."""
    values, vectors = np.linalg.eigh(tables)
    return np.asarray((vectors / np.sqrt(values)[:, None, :]) @ vectors.transpose(0, 2, 1))


def _triangular_root(tables: Array) -> Array:
    """Return a root of each table's inverse that takes a fraction of the time."""
    return np.asarray(np.linalg.inv(np.linalg.cholesky(tables)))
