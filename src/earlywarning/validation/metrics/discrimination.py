"""Do those with an event score higher than those without?

Areas under the two curves, of all rows or of many draws at once. How sure they are
is the matter of `delong` and `bootstrap`.
"""

from __future__ import annotations

from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from earlywarning.errors import UsageError
from earlywarning.validation.metrics.rows import Array, as_rows, share
from earlywarning.validation.metrics.ties import ladder


@overload
def roc_auc(score: ArrayLike, event: ArrayLike, *, weight: None = None) -> float: ...
@overload
def roc_auc(score: ArrayLike, event: ArrayLike, *, weight: ArrayLike) -> Array: ...
def roc_auc(
    score: ArrayLike, event: ArrayLike, *, weight: ArrayLike | None = None
) -> float | Array:
    """Compute how often an event scores higher than a row without one (area under the ROC).

    Parameters
    ----------
    score : array-like of shape (n,)
        Higher is riskier; none missing.
    event : array-like of shape (n,)
        Whether the outcome came.
    weight : array-like of shape (n,) or (n_draws, n), optional
        How often each row counts, once by default.

    Returns
    -------
    float, or ndarray of shape (n_draws,)
        From 0 to 1, 0.5 for chance; ties count half. NaN where there are no events, or
        nothing else. With weights an array of their shape less its last axis.

    Raises
    ------
    UsageError
        If the arrays differ in length or hold what they must not.

    Notes
    -----
    The statistic of Mann and Whitney (1947) over all pairs: Hanley, J. A. and McNeil, B. J.
    (1982), The meaning and use of the area under a ROC curve, Radiology 143, 29-36.

    Examples
    --------
    >>> roc_auc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])
    0.875
    """
    at = ladder(as_rows(score, event, weight))
    events, others = at.event.sum(axis=-1), at.other.sum(axis=-1)
    below = others[..., None] - np.cumsum(at.other, axis=-1) + at.other / 2
    area = share((at.event * below).sum(axis=-1), events * others)
    return float(area) if weight is None else area


@overload
def average_precision(score: ArrayLike, event: ArrayLike, *, weight: None = None) -> float: ...
@overload
def average_precision(score: ArrayLike, event: ArrayLike, *, weight: ArrayLike) -> Array: ...
def average_precision(
    score: ArrayLike, event: ArrayLike, *, weight: ArrayLike | None = None
) -> float | Array:
    """Compute the precision at each event's score, averaged over events (PR-AUC).

    Parameters, shapes and errors are those of `roc_auc`.

    Returns
    -------
    float, or ndarray of shape (n_draws,)
        From 0 to 1; the base rate for chance. Rows of one score are taken together, so
        their order does not matter. NaN where there are no events.

    Notes
    -----
    The sum of precision times the step in recall, without interpolation: Davis, J. and
    Goadrich, M. (2006), The relationship between precision-recall and ROC curves, ICML.

    Examples
    --------
    >>> average_precision([0.9, 0.8, 0.4, 0.1], [1, 0, 1, 0])
    0.8333333333333333
    """
    at = ladder(as_rows(score, event, weight))
    events = np.cumsum(at.event, axis=-1)
    called = events + np.cumsum(at.other, axis=-1)
    precision = events / np.where(called > 0, called, 1.0)
    area = share((at.event * precision).sum(axis=-1), at.event.sum(axis=-1))
    return float(area) if weight is None else area


def partial_auc(
    score: ArrayLike,
    event: ArrayLike,
    *,
    specificity: float = 0.9,
    scale: Literal["area", "corrected"] = "area",
) -> float:
    """Compute the area under the ROC where specificity is at least this high.

    Parameters
    ----------
    score, event : array-like of shape (n,)
        As `roc_auc` takes them.
    specificity : float, default=0.9
        From 0 to below 1: share of rows without an event that are left alone.
    scale : {"area", "corrected"}, default="area"
        The area itself, at most 1 - specificity; or made to run from 0.5 for chance to 1.

    Returns
    -------
    float
        NaN where there are no events, or nothing else.

    Raises
    ------
    UsageError
        If the specificity is not from 0 to below 1, or the scale is unknown.

    Notes
    -----
    McClish, D. K. (1989), Analyzing a portion of the ROC curve, Medical Decision Making 9,
    190-195; as the R package pROC has it, straight lines between the curve's points.

    Examples
    --------
    >>> round(partial_auc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0], specificity=0.5), 3)
    0.375
    """
    if not 0 <= specificity < 1 or scale not in ("area", "corrected"):
        raise UsageError(
            f"specificity={specificity!r}, scale={scale!r}: give a share from 0 to below 1, and "
            "'area' or 'corrected'."
        )
    at = ladder(as_rows(score, event))
    most = 1 - specificity
    if not (at.event.sum() > 0 and at.other.sum() > 0):
        return float("nan")
    called = np.r_[0.0, np.cumsum(at.other) / at.other.sum()]
    found = np.r_[0.0, np.cumsum(at.event) / at.event.sum()]
    area = _area_to(called, found, most)
    if scale == "area":
        return area
    chance = most**2 / 2
    return (1 + (area - chance) / (most - chance)) / 2


def _area_to(x: Array, y: Array, most: float) -> float:
    """Return the area under straight lines from 0 to `most`, which the last point is not below."""
    last = int((x < most).sum())
    height = np.interp(most, x[last - 1 : last + 1], y[last - 1 : last + 1])
    x, y = np.r_[x[:last], most], np.r_[y[:last], height]
    return float((np.diff(x) * (y[1:] + y[:-1])).sum() / 2)
