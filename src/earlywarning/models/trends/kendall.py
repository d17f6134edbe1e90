"""How much do the values of a series rise rather than fall, and how much would by chance?

Kendall's S of each row against time; its variance and its exact distribution where
every order of the values is as likely as any other, ties included.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_EXACT = 60  # known values: up to here the numbers of orders fit into 64 bits


def kendall_s(X: Array) -> Array:
    """Compute S of each row: pairs of periods that rise less pairs that fall.

    Parameters
    ----------
    X : ndarray of shape (n_authorities, n_periods)
        Series, newest period last, NaN in gaps.

    Returns
    -------
    ndarray of shape (n_authorities,)
        S; 0 where nothing is known.

    Examples
    --------
    >>> kendall_s(np.array([[1.0, 2.0, np.nan, 3.0], [5.0, 4.0, 4.0, 1.0]]))
    array([ 3., -5.])
    """
    s = np.zeros(len(X))
    for lag in range(1, X.shape[1]):
        newer, older = X[:, lag:], X[:, :-lag]
        s += (newer > older).sum(axis=1)
        s -= (newer < older).sum(axis=1)
    return s


def tie_counts(X: Array) -> NDArray[np.intp]:
    """Return how many values of its row equal each value, itself included; 0 in gaps.

    Examples
    --------
    >>> tie_counts(np.array([[3.0, 3.0, np.nan, 4.0]]))
    array([[2, 2, 0, 1]])
    """
    counts = np.isfinite(X).astype(np.intp)
    for lag in range(1, X.shape[1]):
        same = X[:, lag:] == X[:, :-lag]
        counts[:, lag:] += same
        counts[:, :-lag] += same
    return counts


def s_variance(counts: NDArray[np.intp]) -> Array:
    """Compute the variance of S without trend or memory, ties allowed for.

    Parameters
    ----------
    counts : ndarray of shape (n_authorities, n_periods)
        What `tie_counts` returns.

    Returns
    -------
    ndarray of shape (n_authorities,)
        The variance; 0 for a constant row.

    Notes
    -----
    {n(n-1)(2n+5) - sum over groups of t ties t(t-1)(2t+5)} / 18. Source: Kendall, M. G.
    (1975), Rank Correlation Methods, 4th edition, chapter 4.

    Examples
    --------
    >>> s_variance(tie_counts(np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]))).round(4)
    array([16.6667])
    """
    n = (counts > 0).sum(axis=1).astype(float)
    # Each of t tied values brings (t-1)(2t+5); gaps and single values bring nothing.
    tied = np.where(counts > 0, (counts - 1) * (2 * counts + 5), 0).sum(axis=1)
    return np.asarray((n * (n - 1) * (2 * n + 5) - tied) / 18)


def exact_tails(s: Array, counts: NDArray[np.intp]) -> tuple[Array, Array]:
    """Compute both tails of S over all orders of the row's values, ties included.

    Parameters
    ----------
    s : ndarray of shape (n_authorities,)
        Kendall's S.
    counts : ndarray of shape (n_authorities, n_periods)
        What `tie_counts` returns; at most 60 known values a row.

    Returns
    -------
    above, below : ndarray of shape (n_authorities,)
        Probability of an S as high or higher, and as low or lower.

    Notes
    -----
    The number of inversions over the orders of values with ties has the Gaussian
    (q-)multinomial coefficient as its generating function: Stanley, R. P. (2012),
    Enumerative Combinatorics 1, 2nd edition, proposition 1.7.1. Without ties it is
    Kendall's distribution.

    Examples
    --------
    >>> above, below = exact_tails(np.array([6.0]), np.ones((1, 4), dtype=np.intp))
    >>> above.round(4), below.round(4)
    (array([0.0417]), array([1.]))
    """
    above, below = np.ones(len(s)), np.ones(len(s))
    structures, which = np.unique(np.sort(counts, axis=1), axis=0, return_inverse=True)
    for number, structure in enumerate(structures):
        rows = np.flatnonzero(which.ravel() == number)
        sizes, values = np.unique(structure[structure > 0], return_counts=True)
        groups = tuple(np.repeat(sizes, values // np.maximum(sizes, 1)).tolist())
        law = inversions(groups)
        most = len(law) - 1  # S = most - 2 * inversions
        down = ((most - s[rows]) / 2).round().astype(int)
        below_or_at = np.cumsum(law)
        above[rows] = below_or_at[down]
        below[rows] = below_or_at[most - down]  # the law is symmetric
    return np.minimum(above, 1.0), np.minimum(below, 1.0)


@lru_cache(maxsize=4096)
def inversions(groups: tuple[int, ...]) -> Array:
    """Return the probability of 0, 1, 2, … inversions in a random order of groups of ties.

    Examples
    --------
    >>> inversions((1, 1, 1)) * 6
    array([1., 2., 2., 1.])
    """
    if not groups:
        return np.ones(1)
    before = inversions(groups[:-1])
    return np.convolve(before, _merges(sum(groups[:-1]), groups[-1]))


@lru_cache(maxsize=4096)
def _merges(m: int, t: int) -> Array:
    """Return the law of inversions when t ties are shuffled into m others (Mann–Whitney's U)."""
    counts = np.zeros(m * t + 1, dtype=np.int64)
    counts[0] = 1
    for i in range(1, t + 1):  # times (1 - q^(m+i)) / (1 - q^i), each step a whole polynomial
        if m * t + 1 > m + i:
            counts[m + i :] -= counts[: -(m + i)].copy()
        for start in range(i):
            counts[start::i] = np.cumsum(counts[start::i])
    return np.asarray(counts / counts.sum())


@lru_cache(maxsize=256)
def largest_accepted(n: int, level: float) -> int:
    """Return the largest |S| that a two-sided exact test at that level accepts, n values untied.

    n(n-1)/2 + 2 where it would reject nothing.

    Examples
    --------
    >>> largest_accepted(5, 0.05)
    8
    """
    law = inversions((1,) * n)
    most = len(law) - 1
    rejected = int((2 * np.cumsum(law) <= level * (1 + 1e-12)).sum())  # inversions 0 … rejected - 1
    return most - 2 * rejected if rejected else most + 2
