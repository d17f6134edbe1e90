"""What rows does a metric take? Scores or probabilities, events, and how often each row counts.

All that is wrong with them is told at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Rows(NamedTuple):
    """Checked arrays: `score` and `event` of shape (n,), `weight` of shape (..., n)."""

    score: Array
    event: Flags
    weight: Array


def as_rows(score: ArrayLike, event: ArrayLike, weight: ArrayLike | None = None) -> Rows:
    """Check scores, events and weights.

    Parameters
    ----------
    score : array-like of shape (n,)
        Higher is riskier; none missing.
    event : array-like of shape (n,)
        Whether the outcome came: true or false, 1 or 0; none missing.
    weight : array-like of shape (n,) or (n_draws, n), optional
        How often each row counts; 0 or more. By default each counts once.

    Returns
    -------
    Rows
        The three as arrays.

    Raises
    ------
    UsageError
        If they differ in length, or hold what they must not.

    Examples
    --------
    >>> as_rows([0.2, 0.9], [0, 1]).event
    array([False,  True])
    """
    scores, told = np.asarray(score, dtype=float), np.asarray(event, dtype=float)
    if scores.ndim != 1 or told.shape != scores.shape:
        raise UsageError(
            f"Scores have the shape {scores.shape} and events {told.shape}: give one of each a row."
        )
    weights = np.ones(scores.shape) if weight is None else np.asarray(weight, dtype=float)
    problems = _problems(scores, told, weights)
    if problems:
        raise UsageError(" ".join(problems))
    return Rows(scores, told == 1, weights)


def _problems(score: Array, event: Array, weight: Array) -> list[str]:
    """Return a sentence for each thing that is wrong."""
    problems = []
    if np.isnan(score).any():
        problems.append(f"Rows without a score: {int(np.isnan(score).sum())}. Leave them out.")
    unknown = ~np.isin(event, (0.0, 1.0))
    if unknown.any():
        problems.append(f"Events that are neither 0 nor 1: {int(unknown.sum())}. Leave them out.")
    if weight.shape[-1:] != score.shape:
        problems.append(f"Weights have the shape {weight.shape}: give {score.size} a draw.")
    wrong = ~(np.isfinite(weight) & (weight >= 0))
    if wrong.any():
        problems.append(f"Weights below 0 or not finite: {int(wrong.sum())}.")
    return problems


def as_chances(p: ArrayLike, event: ArrayLike, weight: ArrayLike | None = None) -> Rows:
    """Check probabilities as `as_rows` checks scores; they are from 0 to 1.

    Examples
    --------
    >>> as_chances([0.2, 0.9], [0, 1]).score
    array([0.2, 0.9])
    """
    rows = as_rows(p, event, weight)
    beyond = (rows.score < 0) | (rows.score > 1)
    if beyond.any():
        raise UsageError(f"Probabilities below 0 or above 1: {int(beyond.sum())}.")
    return rows


def share(part: ArrayLike, whole: ArrayLike) -> Array:
    """Divide where there is something to divide by; NaN elsewhere.

    Examples
    --------
    >>> share([1.0, 0.0], [4.0, 0.0])
    array([0.25,  nan])
    """
    n = np.asarray(whole, dtype=float)
    return np.asarray(np.where(n > 0, np.asarray(part) / np.where(n > 0, n, 1.0), np.nan))
