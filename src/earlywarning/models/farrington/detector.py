"""Is the newest count more than its own past and season lead one to expect?

Farrington's algorithm as Noufaily made it flexible, on all series of a metric at once. It
knows of no other authority, and not which way is worse: both tails are given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError
from earlywarning.models.farrington.expectation import TREND, expectation
from earlywarning.models.farrington.options import Surveillance
from earlywarning.models.farrington.reference import Reference, reference_periods
from earlywarning.models.farrington.threshold import Prediction, limits
from earlywarning.models.trends.series import as_series, in_blocks

Array = NDArray[np.float64]

FEWEST_DF = 3  # values of reference beyond what a model without trend takes

ASSESSED = "assessed"
UNPUBLISHED = "nothing published"
TOO_FEW = "too few periods"
NO_COUNTS = "no counts before"


@dataclass(frozen=True, slots=True, eq=False)
class CountAlarms:
    """What is said of the newest period, an entry a series; NaN where it is not assessed.

    Attributes
    ----------
    expected, lower, upper : ndarray of shape (n_authorities,)
        The count expected, and the limits that healthy counts pass in a share `alpha` each.
    above, below : ndarray of shape (n_authorities,)
        One-sided p-values against "no higher" and "no lower than expected".
    score : ndarray of shape (n_authorities,)
        0 where as expected, 1 at the upper limit.
    dispersion : ndarray of shape (n_authorities,)
        Variance over mean, 1 or more.
    slope : ndarray of shape (n_authorities,)
        Growth of the logarithm a period, where a trend was kept; else NaN.
    alarm : ndarray of bool, shape (n_authorities,)
        Above the upper limit, with enough counts lately.
    enough : ndarray of bool, shape (n_authorities,)
        Whether there were counts enough lately for an alarm.
    status : ndarray of str, shape (n_authorities,)
        "assessed", or why it is not.
    """

    expected: Array
    lower: Array
    upper: Array
    above: Array
    below: Array
    score: Array
    dispersion: Array
    slope: Array
    alarm: NDArray[np.bool_]
    enough: NDArray[np.bool_]
    status: NDArray[np.str_]


def farrington(
    counts: ArrayLike, options: Surveillance, *, population: ArrayLike | None = None
) -> CountAlarms:
    """Judge the newest count of each series by the same time of earlier years.

    Parameters
    ----------
    counts : array-like of shape (n_authorities, n_periods)
        Whole numbers, newest period last, one period apart; NaN in gaps.
    options : Surveillance
        How many periods a year has, and the rest.
    population : array-like of the same shape, optional
        What the counts are out of; 0 and NaN are gaps.

    Returns
    -------
    CountAlarms
        Arrays of shape (n_authorities,).

    Raises
    ------
    UsageError
        If counts are no whole numbers from 0 on, or the population does not fit them.

    Notes
    -----
    Farrington et al. (1996), Noufaily et al. (2013): see `threshold.limits`. A quasi-Poisson
    model of the reference periods; a second, with less weight for what was out of the ordinary;
    the trend kept if it is significant, three years are looked back on and it does not lead
    beyond what was ever seen.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.poisson(20, size=(3, 48)).astype(float)
    >>> X[1, -1] = 60
    >>> farrington(X, Surveillance(frequency=12)).alarm
    array([False,  True, False])
    """
    y, size = _as_counts(counts, population)
    reference = reference_periods(y.shape[1], options) if y.shape[1] else None
    found = _nothing(y, options)
    if reference is None:
        found.status[found.status == ASSESSED] = TOO_FEW
        return found
    _say_who_cannot(found.status, y, reference)
    for block in in_blocks(len(y), reference.design.size):
        rows = block.start + np.flatnonzero(found.status[block] == ASSESSED)
        if rows.size:
            _judge(found, rows, (y[rows], size[rows]), (reference, options))
    return found


def _as_counts(counts: ArrayLike, population: ArrayLike | None) -> tuple[Array, Array]:
    """Return counts and logarithms of the population, both NaN in gaps of either."""
    y = as_series(counts)
    size = np.ones(y.shape) if population is None else as_series(population)
    if size.shape != y.shape:
        raise UsageError(f"Counts have shape {y.shape} and population {size.shape}.")
    known = np.isfinite(y)
    odd = known & ((y < 0) | (y != np.round(y)))
    if odd.any():
        row, column = np.argwhere(odd)[0]
        raise UsageError(
            f"Values that are no counts: {int(odd.sum())}, the first {y[row, column]:g} in row "
            f"{row}, period {column}. Counts are whole numbers from 0 on; rates have none."
        )
    if (size < 0).any():
        raise UsageError(f"Populations below 0: {int((size < 0).sum())}.")
    known &= size > 0
    return np.where(known, y, np.nan), np.log(np.where(known, size, np.nan))


def _nothing(y: Array, options: Surveillance) -> CountAlarms:
    """Return what is known before any model: whether there is a newest count, and enough."""
    unknown = np.full((8, len(y)), np.nan)
    enough = np.nansum(y[:, -options.in_periods :], axis=1) >= options.fewest_counts
    newest = np.isfinite(y[:, -1]) if y.shape[1] else np.zeros(len(y), dtype=bool)
    return CountAlarms(
        expected=unknown[0],
        lower=unknown[1],
        upper=unknown[2],
        above=unknown[3],
        below=unknown[4],
        score=unknown[5],
        dispersion=unknown[6],
        slope=unknown[7],
        alarm=np.zeros(len(y), dtype=bool),
        enough=enough,
        status=np.where(newest, ASSESSED, UNPUBLISHED).astype("<U24"),
    )


def _say_who_cannot(status: NDArray[np.str_], y: Array, reference: Reference) -> None:
    past = y[:, reference.periods]
    known = np.isfinite(past)
    levels = np.delete(reference.design, TREND, axis=1)
    columns = (known @ (levels != 0) > 0).sum(axis=1)
    few = (known.sum(axis=1) - columns < FEWEST_DF) | ~known[:, reference.in_window].any(axis=1)
    status[(status == ASSESSED) & few] = TOO_FEW
    status[(status == ASSESSED) & (np.nansum(past[:, reference.in_window], axis=1) == 0)] = (
        NO_COUNTS
    )


def _judge(
    found: CountAlarms,
    rows: NDArray[np.intp],
    data: tuple[Array, Array],
    model: tuple[Reference, Surveillance],
) -> None:
    """Fill in what is said of these rows."""
    (y, size), (reference, options) = data, model
    past, offset = y[:, reference.periods], size[:, reference.periods]
    fitted = expectation(past, offset - size[:, -1:], reference, options)
    newest, mean = y[:, -1], np.exp(fitted.log_mean)
    prediction = Prediction(mean, fitted.log_error, fitted.dispersion, fitted.df)
    here = limits(prediction, newest, options)
    found.expected[rows], found.lower[rows], found.upper[rows] = mean, here.lower, here.upper
    found.above[rows], found.below[rows] = here.above, here.below
    room = here.upper - mean
    found.score[rows] = np.where(room > 0, (newest - mean) / np.where(room > 0, room, 1.0), np.nan)
    found.dispersion[rows] = fitted.dispersion
    found.slope[rows] = fitted.slope / options.frequency
    found.alarm[rows] = found.enough[rows] & (newest > here.upper)
