"""How sure is an area under the ROC, and do two scores differ in it?

From how often each event scores above the rows without one, and each of these below the
events. Several rows of one authority say less than as many authorities: give `groups`,
and they are taken together.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, ndtr, ndtri, stdtrit
from scipy.stats import rankdata

from earlywarning.errors import UsageError
from earlywarning.models.funnel.intervals import tail_of
from earlywarning.validation.metrics.intervals import Interval
from earlywarning.validation.metrics.rows import Array, Flags, as_rows

Method = Literal["shrunk", "logit", "delong"]

HALF = 0.5  # of a row that chance alone places, added on each side where method is "shrunk"


class Comparison(NamedTuple):
    """Two areas, the first less the second, its standard error, z, and two-sided p."""

    first: float
    second: float
    difference: float
    error: float
    z: float
    p: float


def roc_auc_interval(
    score: ArrayLike,
    event: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    coverage: float = 0.95,
    method: Method = "shrunk",
) -> Interval:
    """Compute the area under the ROC and the limits that hold the true one.

    Parameters
    ----------
    score, event : array-like of shape (n,)
        As `roc_auc` takes them.
    groups : array-like of shape (n,), optional
        The authority of each row; by default each row is one of its own.
    coverage : float, default=0.95
        How often the limits hold the truth.
    method : {"shrunk", "logit", "delong"}, default="shrunk"
        "delong" is the textbook's, symmetrical; "logit" the same on the scale of logits;
        "shrunk" (ours) adds half an event and half another row that chance alone places,
        and takes the tails of t, so that few events are not made too much of.

    Returns
    -------
    Interval
        NaN where there are no events or nothing else. Limits 0 and 1 from one authority
        on either side: it says nothing about others.

    Raises
    ------
    UsageError
        If arrays differ in length, or a word or the coverage is unknown.

    Notes
    -----
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988), Biometrics 44, 837-845;
    groups as in Obuchowski, N. A. (1997), Biometrics 53, 567-578.

    Examples
    --------
    >>> score = [0.9, 0.8, 0.8, 0.7, 0.3, 0.6, 0.4, 0.2, 0.2, 0.1, 0.1]
    >>> event = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    >>> [round(limit, 2) for limit in roc_auc_interval(score, event)[:3]]
    [0.93, 0.28, 0.99]
    """
    if method not in get_args(Method):
        raise UsageError(f"method={method!r}: give one of {', '.join(get_args(Method))}.")
    tail = tail_of(coverage)
    rows = as_rows(score, event)
    parts = _placements(rows.score, rows.event)
    area = float(parts[rows.event].mean()) if rows.event.any() else float("nan")
    codes = _codes(groups, rows.score.size)
    fewest = min(_n_groups(codes, rows.event), _n_groups(codes, ~rows.event))
    if fewest < 2:
        return Interval(area, *((0.0, 1.0) if fewest else (area, area)))
    added = HALF if method == "shrunk" else 0.0
    error = float(np.sqrt(_covariance(parts[None], rows.event, codes, added)[0, 0]))
    if method == "delong":
        half = -float(ndtri(tail)) * error
        return Interval(area, max(area - half, 0.0), min(area + half, 1.0))
    centre = (fewest * area + added / 2) / (fewest + added)
    if centre in (0.0, 1.0):
        return Interval(area, area, area)
    times = -float(stdtrit(fewest - 1, tail) if added else ndtri(tail))
    half = times * error / (centre * (1 - centre))
    lower, upper = expit(logit(centre) - half), expit(logit(centre) + half)
    return Interval(area, min(float(lower), area), max(float(upper), area))


def compare_roc_auc(
    first: ArrayLike, second: ArrayLike, event: ArrayLike, *, groups: ArrayLike | None = None
) -> Comparison:
    """Compare the areas under the ROC of two scores of the same rows (DeLong's paired test).

    Parameters
    ----------
    first, second : array-like of shape (n,)
        Two scores of the same rows; in both higher is riskier.
    event : array-like of shape (n,)
        Whether the outcome came.
    groups : array-like of shape (n,), optional
        The authority of each row; by default each row is one of its own.

    Returns
    -------
    Comparison
        z and p are NaN where the difference has no error: fewer than two authorities on a
        side, or scores that rank alike.

    Raises
    ------
    UsageError
        If arrays differ in length or hold what they must not.

    Notes
    -----
    Source as `roc_auc_interval`. Few events make too much of z: look at both intervals.

    Examples
    --------
    >>> found = compare_roc_auc([4, 3, 1, 2, 0], [1, 4, 2, 3, 0], [1, 1, 1, 0, 0])
    >>> round(found.difference, 3), round(found.p, 3)
    (0.167, 0.48)
    """
    one, two = as_rows(first, event), as_rows(second, event)
    parts = np.stack([_placements(rows.score, one.event) for rows in (one, two)])
    codes = _codes(groups, one.score.size)
    nan = float("nan")
    if not (one.event.any() and not one.event.all()):
        return Comparison(nan, nan, nan, nan, nan, nan)
    areas = parts[:, one.event].mean(axis=1)
    difference = float(areas[0] - areas[1])
    told = float(areas[0]), float(areas[1]), difference
    if min(_n_groups(codes, one.event), _n_groups(codes, ~one.event)) < 2:
        return Comparison(*told, nan, nan, nan)
    both = _covariance(parts, one.event, codes, 0.0)
    error = float(np.sqrt(max(both[0, 0] + both[1, 1] - 2 * both[0, 1], 0.0)))
    if not error > np.finfo(float).eps:
        return Comparison(*told, error, nan, nan)
    z = difference / error
    return Comparison(*told, error, z, float(2 * ndtr(-abs(z))))


def _placements(score: Array, event: Flags) -> Array:
    """Return the share of the other side that each row is on the right side of, ties half."""
    n_events, n_others = int(event.sum()), int((~event).sum())
    if not (n_events and n_others):
        return np.full(score.shape, np.nan)
    ranks, placed = rankdata(score), np.empty(score.shape)
    placed[event] = (ranks[event] - rankdata(score[event])) / n_others
    placed[~event] = 1 - (ranks[~event] - rankdata(score[~event])) / n_events
    return placed


def _covariance(parts: Array, event: Flags, codes: NDArray[np.intp], added: float) -> Array:
    """Return the covariance of areas from placements, one row of them a score.

    `added` rows that chance alone places are taken to be on each side.
    """
    n_groups = int(codes.max()) + 1
    sums = []
    total = np.zeros((len(parts), len(parts)))
    for side in (event, ~event):
        n = side.sum() + added
        mean = (parts[:, side].sum(axis=1, keepdims=True) + added / 2) / n
        apart = np.zeros((n_groups, len(parts)))
        np.add.at(apart, codes[side], (parts[:, side] - mean).T)
        of_chance = 0.5 - mean
        k = _n_groups(codes, side) + added
        total += k / (k - 1) * (apart.T @ apart + added * of_chance @ of_chance.T) / n**2
        sums.append(apart / n)
    cross = sums[0].T @ sums[1]
    return np.asarray(total + n_groups / max(n_groups - 1, 1) * (cross + cross.T))


def _codes(groups: ArrayLike | None, n: int) -> NDArray[np.intp]:
    """Return a number from 0 for the group of each row."""
    if groups is None:
        return np.arange(n)
    names = np.asarray(groups)
    if names.shape != (n,):
        raise UsageError(f"Groups have the shape {names.shape}: give one a row, {n}.")
    return np.unique(names, return_inverse=True)[1]


def _n_groups(codes: NDArray[np.intp], side: Flags) -> int:
    """Return how many groups have a row on this side."""
    return int(np.unique(codes[side]).size)
