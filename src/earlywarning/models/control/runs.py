"""Is a series unlikely to be random, whatever its limits? The two Anhoej rules.

The longest run on one side of a line, and how often the line is crossed, both counted over
the values off the line, in their order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from earlywarning.models.control.limits import Index, Mask, as_matrix
from earlywarning.models.control.streaks import streak

FEWEST_CROSSINGS = 0.05  # lower tail of the crossings of a random series


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of each series, and how far chance would let them go.

    Attributes
    ----------
    n_useful : ndarray of int, of shape (n_authorities,)
        Values that are published and not on the line.
    longest, crossings : ndarray of int, of the same shape
        The longest run on one side, and how often the line is crossed.
    longest_limit, crossings_limit : ndarray of int, of the same shape
        A longer run, or fewer crossings, is a signal.
    signal : ndarray of bool, of the same shape
        Whether there is one.
    """

    n_useful: Index
    longest: Index
    crossings: Index
    longest_limit: Index
    crossings_limit: Index
    signal: Mask


def run_limits(n_useful: ArrayLike) -> tuple[Index, Index]:
    """Return the longest run and the fewest crossings that are no signal.

    Parameters
    ----------
    n_useful : array-like of int
        How many values are not on the line.

    Returns
    -------
    longest, crossings : ndarray of int, of the same shape
        The logarithm to base 2 of their number, plus 3, rounded; and the 5% quantile of the
        heads in as many tosses of a coin, less one toss. Both 0 without values.

    Notes
    -----
    Anhoej, J. and Olesen, A. V. (2014), Run charts revisited, PLoS ONE 9, e113825.

    Examples
    --------
    >>> longest, crossings = run_limits([12, 24])
    >>> longest.tolist(), crossings.tolist()
    ([7, 8], [3, 8])
    """
    n = np.asarray(n_useful)
    some = np.maximum(n, 1)
    longest = np.where(n > 0, np.rint(np.log2(some) + 3), 0)
    crossings = np.where(n > 1, binom.ppf(FEWEST_CROSSINGS, some - 1, 0.5), 0)
    return longest.astype(np.intp), crossings.astype(np.intp)


def runs(X: ArrayLike, centre: ArrayLike) -> Runs:
    """Count the runs of each series about its line, and hold them against chance.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        Values, NaN where nothing is published: gaps are left out, as values on the line are.
    centre : array-like of shape (n_authorities, n_periods) or (n_authorities, 1)
        The line, in the same units.

    Returns
    -------
    Runs
        Arrays of shape (n_authorities,).

    Examples
    --------
    >>> found = runs([[1.0, 2, 1, 2, 2, 3, 9, 9, 8, 9, 8, 9]], [[4.0]])
    >>> int(found.longest[0]), int(found.crossings[0]), bool(found.signal[0])
    (6, 1, True)
    """
    matrix = as_matrix(X)
    side = _useful_first(np.nan_to_num(np.sign(matrix - np.asarray(centre, dtype=float))))
    here = side != 0
    n = here.sum(axis=1)
    starts = np.ones(side.shape, dtype=bool)
    starts[:, 1:] = side[:, 1:] != side[:, :-1]
    longest = streak(here, starts).max(axis=1, initial=0)
    crossings = (starts & here)[:, 1:].sum(axis=1)
    longest_limit, crossings_limit = run_limits(n)
    signal = (longest > longest_limit) | (crossings < crossings_limit)
    return Runs(n, longest, crossings, longest_limit, crossings_limit, signal)


def _useful_first(side: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move the values off the line to the front of each row, in their order."""
    order = np.argsort(side == 0, axis=1, kind="stable")
    return np.take_along_axis(side, order, axis=1)
