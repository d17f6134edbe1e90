"""Do the values of a series rise, or fall, more than chance would have them?

Mann and Kendall's test on every row of a matrix at once: exact for any ties, by the
normal approximation, or with noise that remembers the period before (`ar1`). Only
the last of these may be believed where a good year tends to follow a good year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from earlywarning.errors import UsageError
from earlywarning.models.estimator import MatrixTransformer
from earlywarning.models.trends.kendall import (
    MOST_EXACT,
    exact_tails,
    kendall_s,
    s_variance,
    tie_counts,
)
from earlywarning.models.trends.memory import memory_tail, variance_inflation
from earlywarning.models.trends.series import as_series, as_times

Array = NDArray[np.float64]
Method = Literal["ar1", "exact", "normal"]


@dataclass(frozen=True, slots=True, eq=False)
class KendallTest:
    """What Mann and Kendall's test finds in each row.

    Attributes
    ----------
    s : ndarray of shape (n_authorities,)
        Pairs of periods that rise less pairs that fall.
    tau : ndarray of shape (n_authorities,)
        S as a share of all pairs, -1 to 1; NaN below 2 known values.
    variance : ndarray of shape (n_authorities,)
        Of S by chance, as the method takes it; 0 for a constant row.
    n_known : ndarray of shape (n_authorities,)
        Known values.
    above, below : ndarray of shape (n_authorities,)
        One-sided p-values against "no rise" and "no fall"; NaN for a constant row, below 2
        known values, and below 4 with method "ar1".
    """

    s: Array
    tau: Array
    variance: Array
    n_known: NDArray[np.intp]
    above: Array
    below: Array

    @property
    def p(self) -> Array:
        """Return the two-sided p-values, (n_authorities,)."""
        return np.asarray(np.minimum(2 * np.minimum(self.above, self.below), 1.0))

    @property
    def z(self) -> Array:
        """Return S less 1 towards 0, over its standard deviation: the textbook's Z."""
        usable = self.variance > 0
        sd = np.sqrt(np.where(usable, self.variance, np.nan))
        return np.asarray((self.s - np.sign(self.s)) / sd)


def mann_kendall(
    X: ArrayLike, *, times: ArrayLike | None = None, method: Method = "ar1"
) -> KendallTest:
    """Test each row for a rise or a fall.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        Series, newest period last, NaN in gaps.
    times : array-like of shape (n_periods,), optional
        When the periods ended, in release intervals, rising; one apart if not given. Used
        by "ar1" alone: the order of the periods is all that the others know.
    method : {"ar1", "exact", "normal"}, default="ar1"
        "exact" takes all orders of the values as equally likely, ties kept; beyond 60 known
        values it is "normal", the normal approximation with a continuity correction.
        "ar1" allows for noise that remembers, with a correlation up to 0.5 between
        consecutive periods; its p is never below that of "exact".

    Returns
    -------
    KendallTest
        Arrays of shape (n_authorities,).

    Raises
    ------
    UsageError
        If the matrix, the times or the method cannot be used.

    Notes
    -----
    Mann, H. B. (1945), Nonparametric tests against trend, Econometrica 13, 245–259;
    Kendall, M. G. (1975), Rank Correlation Methods. For "ar1" see `memory`.

    Examples
    --------
    >>> test = mann_kendall([[61.2, 60.1, 58.9, 57.0, 52.0]], method="exact")
    >>> test.s, test.below.round(4)
    (array([-10.]), array([0.0083]))
    """
    if method not in get_args(Method):
        raise UsageError(f"method={method!r}: it is 'ar1', 'exact' or 'normal'.")
    matrix = as_series(X)
    clock = as_times(times, matrix.shape[1])
    s, counts = kendall_s(matrix), tie_counts(matrix)
    n = (counts > 0).sum(axis=1)
    variance = s_variance(counts)
    if method == "ar1":
        variance = variance * variance_inflation(matrix, clock)
    testable = variance > 0
    above, below = np.full((2, len(s)), np.nan)
    above[testable], below[testable] = _tails(
        method, s[testable], variance[testable], counts[testable]
    )
    tau = s / np.where(n > 1, n * (n - 1) / 2, np.nan)
    return KendallTest(s, tau, variance, n, above, below)


def _tails(
    method: Method, s: Array, variance: Array, counts: NDArray[np.intp]
) -> tuple[Array, Array]:
    """Return both one-sided p-values of rows that are not constant."""
    n = (counts > 0).sum(axis=1)
    plain = s_variance(counts)
    above, below = ndtr((1 - s) / np.sqrt(plain)), ndtr((1 + s) / np.sqrt(plain))
    if method != "normal":
        few = n <= MOST_EXACT
        above[few], below[few] = exact_tails(s[few], counts[few])
    if method == "ar1":
        tail = memory_tail(np.abs(s) / np.sqrt(variance), n)
        above = np.maximum(above, np.where(s > 0, tail, 1 - tail))
        below = np.maximum(below, np.where(s < 0, tail, 1 - tail))
    return above, below


class MannKendall(MatrixTransformer):
    """How surely each series rises, as a normal score.

    Nothing is learnt from other authorities: `fit` notes how many periods there are.

    Parameters
    ----------
    method : {"ar1", "exact", "normal"}, default="ar1"
        As in `mann_kendall`.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0, 4.0, 5.0, 7.0, 8.0, 9.0], [3.0, 1.0, 2.0, 5.0, 4.0, 3.0, 2.0]])
    >>> MannKendall().fit_transform(X).round(2).ravel()
    array([3.35, 0.  ])
    """

    def __init__(self, *, method: Method = "ar1"):
        self.method = method

    def fit(self, X: ArrayLike, y: None = None) -> MannKendall:
        """Check the series and note their number of periods, (n_authorities, n_periods)."""
        if self.method not in get_args(Method):
            raise UsageError(f"method={self.method!r}: it is 'ar1', 'exact' or 'normal'.")
        self._as_fitted(X)
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Return normal scores, (n_authorities, 1); above 0 is rising, NaN where not testable."""
        test = mann_kendall(self._as_judged(X), method=self.method)
        smaller = -ndtri(np.minimum(np.minimum(test.above, test.below), 0.5))
        return np.asarray(np.where(test.above < test.below, smaller, -smaller))[:, None]
