"""Which metrics tell the same story of the same authorities?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from earlywarning.models.yardstick import peers_of_kind
from earlywarning.signals import Measured

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

FEWEST_SHARED = 20  # authorities with both: below, ranks of strangers agree to 0.45 once in 20


def relative_to_peers(
    measured: Sequence[Measured], authorities: pd.Index, *, fewest: int
) -> pd.DataFrame:
    """Return each authority's newest value of each metric, as it lies among its type's.

    Parameters
    ----------
    measured : sequence of Measured
        The metrics.
    authorities : Index
        The rows.
    fewest : int
        How many peers there must be.

    Returns
    -------
    DataFrame
        A column a metric: distance from the middle of the type's others in the same period, in
        their scaled median absolute deviations, up is worse.
    """
    table = np.full((len(authorities), len(measured)), np.nan)
    for column, found in enumerate(measured):
        prepared = found.prepared
        others = peers_of_kind(prepared.x, prepared.kinds, prepared.newest)
        rows = np.flatnonzero((others.n_peers >= fewest) & (others.spread > 0))
        newest = prepared.x[rows, prepared.newest[rows]]
        place = authorities.get_indexer(pd.Index(prepared.matrix.authorities))[rows]
        table[place, column] = (newest - others.median[rows]) / others.spread[rows]
    names = [found.prepared.matrix.metric for found in measured]
    return pd.DataFrame(table, index=authorities, columns=names)


def rank_correlations(relative: pd.DataFrame) -> Array:
    """Compute Spearman's rank correlation of every two metrics, over the authorities with both.

    Parameters
    ----------
    relative : DataFrame
        From `relative_to_peers`.

    Returns
    -------
    ndarray of shape (n_metrics, n_metrics)
        0 where fewer than 20 authorities have both, and where either is all alike.

    Examples
    --------
    >>> one = np.arange(20.0)
    >>> rank_correlations(pd.DataFrame({"a": one, "b": one**3, "c": -one})).tolist()
    [[1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]
    """
    raw = relative.corr(method="spearman", min_periods=FEWEST_SHARED).to_numpy(copy=True)
    found: Array = np.clip(np.nan_to_num(raw), -1, 1)
    np.fill_diagonal(found, 1.0)
    return found


def clusters(correlation: Array, least: float) -> Labels:
    """Put metrics together whose ranks agree, whether or not they run the same way.

    Parameters
    ----------
    correlation : ndarray of shape (n_metrics, n_metrics)
        From `rank_correlations`.
    least : float
        Two clusters become one while the mean size of the correlations between them is this
        or more: average linkage on 1 - |correlation|.

    Returns
    -------
    ndarray of int of shape (n_metrics,)
        Numbers of clusters.

    Notes
    -----
    Sokal, R. R. and Michener, C. D. (1958), A statistical method for evaluating systematic
    relationships, University of Kansas Science Bulletin 38, 1409-1438.

    Examples
    --------
    >>> found = clusters(np.array([[1.0, -0.95, 0.1], [-0.95, 1.0, 0.0], [0.1, 0.0, 1.0]]), 0.9)
    >>> bool(found[0] == found[1]), bool(found[0] == found[2])
    (True, False)
    """
    if len(correlation) < 2:
        return np.ones(len(correlation), dtype=np.intp)
    apart = squareform(np.clip(1 - np.abs(correlation), 0, 1), checks=False)
    numbers = fcluster(linkage(apart, "average"), 1 - least + 1e-12, criterion="distance")
    return np.asarray(numbers, dtype=np.intp)
