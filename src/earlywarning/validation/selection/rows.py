"""Scores, events, and who could have been found out: checked, all that is wrong at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from earlywarning.errors import UsageError
from earlywarning.validation.metrics import roc_auc
from earlywarning.validation.metrics.rows import share

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Reviewed(NamedTuple):
    """Checked arrays of one length, n."""

    score: Array
    event: Array  # 1 or 0; 0 where not reviewed
    reviewed: Flags
    taken: Array  # share of each row that capacity takes, ties shared out


def as_reviewed(
    score: ArrayLike, event: ArrayLike, reviewed: ArrayLike, capacity: float
) -> Reviewed:
    """Check what comes in; all that is wrong is told at once.

    Examples
    --------
    >>> as_reviewed([3, 2, 2], [1, np.nan, 0], [True, False, True], 2).taken
    array([1. , 0.5, 0.5])
    """
    scores, seen = np.asarray(score, dtype=float), np.asarray(reviewed).astype(bool)
    came = np.asarray(event, dtype=float)
    if scores.ndim != 1 or not scores.shape == came.shape == seen.shape:
        raise UsageError(
            f"Shapes differ: scores {scores.shape}, events {came.shape}, reviewed "
            f"{seen.shape}. Give one of each a row."
        )
    problems = []
    if np.isnan(scores).any():
        problems.append(f"Rows without a score: {int(np.isnan(scores).sum())}. Leave them out.")
    if not np.isin(came[seen], (0.0, 1.0)).all():
        problems.append("Reviewed rows have events other than 0 and 1.")
    if (came[~seen] == 1).any():
        problems.append(
            f"Events without a review: {int((came[~seen] == 1).sum())}. Whoever "
            "was found out was looked at: mark them as reviewed."
        )
    if not capacity > 0:
        problems.append(f"The capacity is {capacity}: give a number above 0.")
    if problems:
        raise UsageError(" ".join(problems))
    return Reviewed(scores, np.where(seen, came, 0.0), seen, _taken(scores, capacity))


def measures(rows: Reviewed, weight: Array) -> dict[str, Array]:
    """Compute precision and recall at capacity, and the AUC, of the reviewed rows.

    `weight` has shape (n_draws, n), and is 0 for every row without a review.

    Examples
    --------
    >>> rows = as_reviewed([3, 2, 1], [1, 0, 0], [True, True, False], 2)
    >>> measures(rows, np.array([[1.0, 1.0, 0.0]]))["precision"]
    array([0.5])
    """
    hits = weight @ (rows.taken * rows.event)
    return {
        "precision": share(hits, weight @ rows.taken),
        "recall": share(hits, weight @ rows.event),
        "roc_auc": np.asarray(roc_auc(rows.score, rows.event, weight=weight)),
    }


def _taken(score: Array, capacity: float) -> Array:
    """Return which share of each row is taken; rows that tie at the cut have it alike."""
    above = score.size - rankdata(score, method="max")
    alike = rankdata(score, method="max") - rankdata(score, method="min") + 1
    return np.asarray(np.clip((capacity - above) / alike, 0.0, 1.0))
