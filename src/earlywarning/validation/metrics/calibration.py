"""Do events come as often as the probabilities say?

Brier's score, the line through the logits, and bins to look at. Whether a probability is
of use for a decision is the matter of `decision`.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import logit

from earlywarning.errors import UsageError
from earlywarning.models.funnel.intervals import wilson
from earlywarning.validation.metrics.rows import Array, as_chances, share

BINS = ("first", "last", "n", "events", "expected", "observed", "lower", "upper")


class CalibrationLine(NamedTuple):
    """Intercept and slope of the event's logit on the logit of p: 0 and 1 where p is right."""

    intercept: float
    slope: float


@overload
def brier_score(p: ArrayLike, event: ArrayLike, *, weight: None = None) -> float: ...
@overload
def brier_score(p: ArrayLike, event: ArrayLike, *, weight: ArrayLike) -> Array: ...
def brier_score(
    p: ArrayLike, event: ArrayLike, *, weight: ArrayLike | None = None
) -> float | Array:
    """Compute the mean squared distance of probability and event.

    Parameters
    ----------
    p : array-like of shape (n,)
        Probabilities of the event, from 0 to 1.
    event : array-like of shape (n,)
        Whether the outcome came.
    weight : array-like of shape (n,) or (n_draws, n), optional
        How often each row counts, once by default.

    Returns
    -------
    float, or ndarray of shape (n_draws,)
        From 0, the best, to 1. NaN without rows. With weights an array of their shape less
        its last axis.

    Raises
    ------
    UsageError
        If the arrays differ in length or hold what they must not.

    Notes
    -----
    Brier, G. W. (1950), Verification of forecasts expressed in terms of probability,
    Monthly Weather Review 78, 1-3, halved for two classes.

    Examples
    --------
    >>> round(brier_score([0.9, 0.2], [1, 0]), 3)
    0.025
    """
    rows = as_chances(p, event, weight)
    score = share(rows.weight @ (rows.score - rows.event) ** 2, rows.weight.sum(axis=-1))
    return float(score) if weight is None else score


@overload
def brier_skill(p: ArrayLike, event: ArrayLike, *, weight: None = None) -> float: ...
@overload
def brier_skill(p: ArrayLike, event: ArrayLike, *, weight: ArrayLike) -> Array: ...
def brier_skill(
    p: ArrayLike, event: ArrayLike, *, weight: ArrayLike | None = None
) -> float | Array:
    """Compute how much of the base rate's Brier score a probability saves.

    Parameters, shapes and errors are those of `brier_score`.

    Returns
    -------
    float, or ndarray of shape (n_draws,)
        1 is perfect, 0 as good as giving every row the base rate of these very rows, below
        0 worse. NaN where there are no events, or nothing else.

    Examples
    --------
    >>> round(brier_skill([0.9, 0.2], [1, 0]), 3)
    0.9
    """
    rows = as_chances(p, event, weight)
    base = share(rows.weight @ rows.event.astype(float), rows.weight.sum(axis=-1))
    score = np.asarray(brier_score(p, event, weight=rows.weight))
    skill = 1 - score / np.where(base * (1 - base) > 0, base * (1 - base), np.nan)
    return float(skill) if weight is None else np.asarray(skill)


def calibration_line(p: ArrayLike, event: ArrayLike) -> CalibrationLine:
    """Fit the event by logistic regression on the logit of its probability.

    Parameters
    ----------
    p : array-like of shape (n,)
        Probabilities of the event, above 0 and below 1.
    event : array-like of shape (n,)
        Whether the outcome came.

    Returns
    -------
    CalibrationLine
        A slope below 1: probabilities too far apart; above 1: too close together. The
        intercept is that of the line. NaN where there is no such line: no events, nothing
        else, one probability for all, or events that all have higher probabilities.

    Raises
    ------
    UsageError
        If arrays differ in length, or a probability is 0 or 1, which has no logit.

    Notes
    -----
    Cox, D. R. (1958), Two further applications of a model for binary regression,
    Biometrika 45, 562-565; fitted by statsmodels.

    Examples
    --------
    >>> line = calibration_line([0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8], [1, 0, 0, 0, 1, 1, 1, 0])
    >>> round(line.slope, 3)
    0.792
    """
    rows = as_chances(p, event)
    certain = (rows.score == 0) | (rows.score == 1)
    if certain.any():
        raise UsageError(
            f"Probabilities of exactly 0 or 1: {int(certain.sum())}. They have no logit: leave "
            "them out, or bound them."
        )
    if _is_parted(rows.score[rows.event], rows.score[~rows.event]):
        return CalibrationLine(float("nan"), float("nan"))
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    x = np.column_stack([np.ones(rows.score.size), logit(rows.score)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        fitted = GLM(rows.event.astype(float), x, family=Binomial()).fit(maxiter=100, tol=1e-10)
    return CalibrationLine(*(float(value) for value in fitted.params))


def _is_parted(events: Array, others: Array) -> bool:
    """Say whether some logit parts the two, so that no finite line fits them best."""
    if not (events.size and others.size):
        return True
    return bool(events.min() >= others.max() or others.min() >= events.max())


def calibration_bins(p: ArrayLike, event: ArrayLike, n_bins: int = 10) -> pd.DataFrame:
    """Compare probabilities and events in bins of about as many rows each.

    Parameters
    ----------
    p, event : array-like of shape (n,)
        As `brier_score` takes them.
    n_bins : int, default=10
        How many bins at the most; rows of one probability stay in one bin.

    Returns
    -------
    DataFrame
        One row a bin, the lowest first: `first` and `last` probability in it, `n` rows,
        `events`, the mean probability `expected`, the share `observed`, and Wilson's 95%
        limits of that share, `lower` and `upper`.

    Raises
    ------
    UsageError
        If arrays differ in length or hold what they must not, or there is no bin.

    Examples
    --------
    >>> calibration_bins([0.1, 0.1, 0.3, 0.7], [0, 0, 1, 1], 2)[["n", "expected", "observed"]]
       n  expected  observed
    0  2       0.1       0.0
    1  2       0.5       1.0
    """
    if n_bins < 1:
        raise UsageError(f"n_bins={n_bins}: give at least 1.")
    rows = as_chances(p, event)
    table = pd.DataFrame({"p": rows.score, "event": rows.event.astype(int)})
    rank = table["p"].rank(method="min").to_numpy() - 1
    binned = table.groupby(np.floor(rank * n_bins / max(len(table), 1)), sort=True)
    told = binned.agg(
        first=("p", "min"), last=("p", "max"), n=("p", "size"), events=("event", "sum"),
        expected=("p", "mean"), observed=("event", "mean"),
    ).reset_index(drop=True)  # fmt: skip
    lower, upper = wilson(told["events"], told["n"])
    return told.assign(lower=lower, upper=upper)[list(BINS)]
