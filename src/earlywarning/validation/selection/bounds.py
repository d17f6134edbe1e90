"""What is the worst, and the best, that the unreviewed could make of each measure?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from earlywarning.errors import UsageError
from earlywarning.validation.metrics.rows import share
from earlywarning.validation.selection.rows import Array, Reviewed, as_reviewed, measures

BOUNDS = ("measure", "reviewed", "worst", "best", "most_unseen")


def selection_bounds(
    score: ArrayLike,
    event: ArrayLike,
    reviewed: ArrayLike,
    *,
    capacity: float,
    at_most: float = 1.0,
) -> pd.DataFrame:
    """Compute the worst and the best that the unreviewed could make of each measure.

    Parameters
    ----------
    score : array-like of shape (n,)
        Higher is riskier; of one day at which one looks.
    event : array-like of shape (n,)
        1 or 0; 0 or NaN where not reviewed.
    reviewed : array-like of bool of shape (n,)
        Who could be found out.
    capacity : float
        How many of the highest scores are taken.
    at_most : float, default=1.0
        Times the base rate of the reviewed that the unreviewed may have, at most; the
        number is rounded up. `numpy.inf`: any number of them.

    Returns
    -------
    DataFrame
        Columns `BOUNDS`; a row for precision, recall and AUC: by the reviewed alone, the
        two bounds, and how many unseen events they allow. They are exact: some outcome of
        the unreviewed reaches each. NaN where no assignment gives a value.

    Raises
    ------
    UsageError
        If lengths differ, an event is where no review was, or an option is out of range.

    Notes
    -----
    Manski, C. F. (2003), Partial Identification of Probability Distributions, Springer.

    Examples
    --------
    >>> table = selection_bounds([4, 3, 2, 1], [1, 0, 0, 0], [1, 0, 1, 0], capacity=2)
    >>> table[["measure", "worst", "best"]].round(2).to_numpy().tolist()
    [['precision', 0.5, 1.0], ['recall', 0.5, 1.0], ['roc_auc', 0.5, 1.0]]
    """
    rows = as_reviewed(score, event, reviewed, capacity)
    if not at_most >= 0:
        raise UsageError(f"at_most is {at_most}: give a multiple of 0 or more.")
    hidden = ~rows.reviewed
    most = _most_unseen(rows, at_most)
    unseen = np.arange(most + 1)  # every number of unseen events is looked at
    events = rows.event.sum() + unseen
    taken, places = rows.taken @ rows.event, rankdata(rows.score)
    size = events * (rows.score.size - events)
    found: dict[str, list[Array]] = {"precision": [], "recall": [], "roc_auc": []}
    for way in (1, -1):  # unseen events on the lowest scores first, then on the highest
        hits = taken + _sums(np.sort(rows.taken[hidden])[::way], most)
        ranks = places @ rows.event + _sums(np.sort(places[hidden])[::way], most)
        found["precision"].append(hits / rows.taken.sum())
        found["recall"].append(share(hits, events))
        found["roc_auc"].append(share(ranks - events * (events + 1) / 2, size))
    alone = measures(rows, rows.reviewed.astype(float)[None, :])
    table = [
        (measure, alone[measure][0], *_extremes(values), most) for measure, values in found.items()
    ]
    return pd.DataFrame(table, columns=list(BOUNDS))


def _most_unseen(rows: Reviewed, at_most: float) -> int:
    """Return the largest number of unreviewed authorities that may have had an event."""
    n_hidden, n_seen = int((~rows.reviewed).sum()), int(rows.reviewed.sum())
    if np.isinf(at_most):
        return n_hidden
    rate = rows.event.sum() / n_seen if n_seen else 0.0
    return min(n_hidden, int(np.ceil(at_most * rate * n_hidden - 1e-9)))


def _sums(values: Array, most: int) -> Array:
    """Return sums of the first 0, 1, ..., `most` values."""
    return np.asarray(np.r_[0.0, np.cumsum(values[:most])])


def _extremes(values: list[Array]) -> tuple[float, float]:
    known = np.concatenate(values)
    known = known[np.isfinite(known)]
    return (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)
