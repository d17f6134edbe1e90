"""Where is the middle of each authority's peers, and how far do they spread?

For all authorities at once, each left out of its own: of its kind by sorting each kind
once, of a list of its own by sorting each list. `robust` does the same for any values.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.robust import MAD_TO_SIGMA, column_mad, column_median

Array = NDArray[np.float64]
Labels = NDArray[np.intp]


class Yardstick(NamedTuple):
    """What each authority is held against: its peers' middle and spread, and how many they are."""

    median: Array
    spread: Array
    n_peers: Labels


def peers_of_kind(values: Array, kinds: Labels, at: Labels) -> Yardstick:
    """Compute median and scaled spread of the others of each authority's kind.

    Parameters
    ----------
    values : ndarray of shape (n_authorities, n_periods)
        NaN where nothing is published.
    kinds : ndarray of int of shape (n_authorities,)
        The peers of an authority are the others with the same number, from 0.
    at : ndarray of int of shape (n_authorities,)
        In which period each is compared, one in which it has a value; -1 for none.

    Returns
    -------
    Yardstick
        Arrays of shape (n_authorities,), in the units of the values; NaN and 0 without peers.

    Notes
    -----
    One sort for each kind and period, and one for each middle its members see: without
    one value the median of a sorted sample is one of three, and which one is a matter of
    two comparisons. What `robust.median_of_others` and `spread_of_others` give for each.

    Examples
    --------
    >>> values = np.array([[1.0], [2.0], [3.0], [9.0]])
    >>> peers_of_kind(values, np.zeros(4, dtype=int), np.zeros(4, dtype=int)).median
    array([3., 3., 2., 2.])
    """
    median, spread = np.full((2, len(values)), np.nan)
    n_peers = np.zeros(len(values), dtype=np.intp)
    judged = np.flatnonzero(at >= 0)
    if judged.size:
        samples, sample = _samples(values, kinds, at[judged], judged)
        own = values[judged, at[judged]]
        n_peers[judged] = np.isfinite(samples).sum(axis=1)[sample] - 1
        middle, which = _middles(samples, sample, own, n_peers[judged])
        seen = 3 * sample + which  # which sample it sees, about which middle
        used, place = _numbered(seen, 3 * len(samples))
        centre = np.full(used.size, np.nan)
        centre[place] = middle
        apart = np.sort(np.abs(samples[used // 3] - centre[:, None]), axis=1)
        deviation, _ = _middles(apart, place, np.abs(own - middle), n_peers[judged])
        median[judged], spread[judged] = middle, MAD_TO_SIGMA * deviation
    return Yardstick(median, spread, n_peers)


def _samples(values: Array, kinds: Labels, periods: Labels, rows: Labels) -> tuple[Array, Labels]:
    """Return the values of each kind and period that is asked for in order, and whose are whose."""
    size = np.bincount(kinds)
    first = np.cumsum(size) - size
    order = np.argsort(kinds, kind="stable")
    wanted, sample = _numbered(periods * size.size + kinds[rows], values.shape[1] * size.size)
    period, kind = np.divmod(wanted, size.size)
    step = np.arange(size[kind].max() + 1)  # one more than there are: NaN behind the last
    members = order[np.minimum(first[kind][:, None] + step, len(order) - 1)]
    table = np.where(step < size[kind][:, None], values[members, period[:, None]], np.nan)
    return np.sort(table, axis=1), sample


def _numbered(labels: Labels, n: int) -> tuple[Labels, Labels]:
    """Return which labels from 0 to n - 1 there are, and the place of each among those."""
    there = np.bincount(labels, minlength=n) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[labels]


def _middles(ordered: Array, row: Labels, own: Array, n_others: Labels) -> tuple[Array, Labels]:
    """Return the median of each row of an ordered table without one's own value, and which it is.

    Of the two in the middle both, one or none come later by one place than with its own value.
    """
    low, high = np.maximum(n_others - 1, 0) // 2, n_others // 2
    at_low, at_high = ordered[row, low], ordered[row, high]
    left_of_low, left_of_high = own <= at_low, own <= at_high
    lower = np.where(left_of_low, ordered[row, low + 1], at_low)
    upper = np.where(left_of_high, ordered[row, high + 1], at_high)
    return 0.5 * (lower + upper), left_of_low.astype(np.intp) + left_of_high


def named_peers(values: Array, peers: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Compute the median and the scaled spread of lists of peers.

    Parameters
    ----------
    values : ndarray of shape (n_authorities,)
        One period; NaN where nothing is published.
    peers : ndarray of shape (n_lists, n_authorities)
        A row is true where a column's authority is on the list.

    Returns
    -------
    median, spread : ndarray of shape (n_lists,)
        In the units of the values, NaN without peers.

    Examples
    --------
    >>> peers = ~np.eye(4, dtype=bool)
    >>> named_peers(np.array([1.0, 2.0, 3.0, 9.0]), peers)[0]
    array([3., 3., 2., 2.])
    """
    table = np.where(peers & np.isfinite(values), values, np.nan)
    return column_median(table.T), column_mad(table.T)
