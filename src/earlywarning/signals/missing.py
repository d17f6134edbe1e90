"""Does an authority lack more returns than chance and its peers explain?

`missing_by_authority` counts over the table of returns; `missing_tail` and `rank_tail`
are the tests, on arrays.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import betabinom, binom, rankdata
from statsmodels.stats.multitest import multipletests

from earlywarning.schema import RETURNS_BY_AUTHORITY

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

GIVEN = ("in time", "suppressed")
LACKING = ("late", "missing")
ENOUGH = 10  # authorities that lack as much: so many say by themselves how rare that is
MOST_TOGETHER = 0.99  # correlation of an authority's missing returns: 1 has no law
INDEPENDENT = 1e-6  # a correlation below that is none


def missing_by_authority(returns: pd.DataFrame) -> pd.DataFrame:
    """Ask of each authority whether it lacks more returns than chance and its peers explain.

    Parameters
    ----------
    returns : DataFrame
        Columns `schema.RETURNS`.

    Returns
    -------
    DataFrame
        Columns `schema.RETURNS_BY_AUTHORITY`, one row an authority. Expected are returns
        that are in time, suppressed, late or missing; the last two count as missing.
        `expected_share` is what its peers lack of the same metrics. `p` is that of
        `missing_tail`, `q` its false discovery rate (Benjamini and Hochberg); NaN where
        nothing is expected.

    Examples
    --------
    >>> rows = [("A", "debt", 9, 1.0, "in time"), ("B", "debt", 9, 0.9, "late")]
    >>> columns = ["authority", "metric", "n_peers", "peers_share", "status"]
    >>> found = missing_by_authority(pd.DataFrame(rows, columns=columns))
    >>> found[["n_missing", "expected_share"]].round(2).to_numpy().tolist()
    [[0.0, 0.05], [1.0, 0.14]]
    """
    status = returns["status"].astype(str)
    asked = returns[status.isin([*GIVEN, *LACKING])]
    peers = asked["n_peers"].to_numpy(dtype=float)
    lacking = peers * (1 - asked["peers_share"].fillna(1.0).to_numpy(dtype=float))
    rows = pd.DataFrame(
        {
            "authority": asked["authority"].astype(str),
            "n_expected": 1,
            "n_missing": status[asked.index].isin(LACKING).astype(int),
            "expected_share": (lacking + 0.5) / (peers + 1),
        }
    )
    how = {"n_expected": "sum", "n_missing": "sum", "expected_share": "mean"}
    everyone = pd.Index(returns["authority"].astype(str).unique(), name="authority")
    table = rows.groupby("authority").agg(how).reindex(everyone)
    counts = table[["n_expected", "n_missing"]].fillna(0).astype(int)
    n, k = (counts[name].to_numpy() for name in counts)
    p = missing_tail(k, n, table["expected_share"].to_numpy(dtype=float))
    q = np.full(len(p), np.nan)
    judged = np.isfinite(p)
    if judged.any():
        q[judged] = multipletests(p[judged], method="fdr_bh")[1]
    share = np.where(n > 0, k / np.maximum(n, 1), np.nan)
    found = table.assign(**counts, share=share, p=p, q=q)
    return found.reset_index()[list(RETURNS_BY_AUTHORITY)]


def missing_tail(k: Labels, n: Labels, share: Array) -> Array:
    """Compute how often an authority like the others lacks as many returns, or more.

    Parameters
    ----------
    k, n : ndarray of int of shape (n_authorities,)
        Returns missing, of how many expected.
    share : ndarray of shape (n_authorities,)
        What the peers lack of the same metrics, above 0 and below 1.

    Returns
    -------
    ndarray of shape (n_authorities,)
        Upper tails; NaN where nothing is expected.

    Notes
    -----
    An authority's returns go missing together (one form, one team, one server), so
    their number is taken as beta-binomial, its correlation estimated by moments from all
    authorities: Williams, D. A. (1982), Extra-binomial variation in logistic linear models,
    Applied Statistics 31, 144-148. Where 10 or more authorities are as extreme, p is
    no less than their share of all, whatever the law.

    Examples
    --------
    >>> k, n = np.zeros(50, dtype=int), np.full(50, 10)
    >>> k[0] = 5
    >>> missing_tail(k, n, np.full(50, 0.05)).round(4)[:2]
    array([0.0016, 1.    ])
    """
    known = (n > 0) & np.isfinite(share)
    lacks, of, mean = k[known], n[known], share[known]
    variance = mean * (1 - mean)
    several = of > 1  # one return says nothing of what goes missing together
    excess = ((lacks - of * mean) ** 2 - of * variance)[several].sum()
    pairs = (of * (of - 1) * variance)[several].sum()
    together = excess / pairs if pairs > 0 else 0.0
    if together > INDEPENDENT:
        size = 1 / min(together, MOST_TOGETHER) - 1
        tail = betabinom.sf(lacks - 1, of, mean * size, (1 - mean) * size)
    else:
        tail = binom.sf(lacks - 1, of, mean)
    tail = np.where(lacks > 0, tail, 1.0)
    as_extreme = rankdata(tail, method="max")
    least = np.where(as_extreme >= ENOUGH, as_extreme / max(tail.size, 1), 0.0)
    p = np.full(k.shape, np.nan)
    p[known] = np.maximum(tail, least)
    return p


def rank_tail(lateness: Array) -> Array:
    """Compute the share of a group that is as late as each of it, or later; itself counts.

    Parameters
    ----------
    lateness : ndarray of shape (n,)
        Any measure, the later the larger; NaN for who takes no part.

    Returns
    -------
    ndarray of shape (n,)
        Exact p-values where nobody in the group is different from the others.

    Examples
    --------
    >>> rank_tail(np.array([0.0, 0.0, 0.0, 40.0]))
    array([1.  , 1.  , 1.  , 0.25])
    """
    known = np.isfinite(lateness)
    p = np.full(lateness.shape, np.nan)
    p[known] = rankdata(-lateness[known], method="max") / max(int(known.sum()), 1)
    return p
