"""Where does a series stand, where is it heading, and what is next?

Level, slope and forecast come from the bank of structures, each series by its own
posterior: where the noise has memory or the level wanders, the slope's interval
widens as it should. All of it is description; nothing here is tested or flagged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from earlywarning.models.bank import line_operators, operators
from earlywarning.models.pooling import (
    Past,
    Posterior,
    by_gaps,
    learn_prior,
    posterior,
    sum_of_squares,
)

Array = NDArray[np.float64]

FEWEST_PERIODS = 4


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate a series, and the scale and degrees of freedom of its t distribution."""

    value: Array
    spread: Array
    df: Array

    def interval(self, coverage: float) -> tuple[Array, Array]:
        """Return the limits between which the truth lies in that share of cases."""
        half = stdtrit(self.df, 0.5 + coverage / 2) * self.spread
        return self.value - half, self.value + half


@dataclass(frozen=True, slots=True)
class Trends:
    """Level at the newest period, slope a release interval, and the next period's forecast."""

    level: Array  # (n_authorities,)
    slope: Estimate
    forecast: Estimate


def trends(X: Array, times: Array, ahead: float = 1.0) -> Trends:
    """Estimate level, slope and the next period of each series of one metric.

    Parameters
    ----------
    X : ndarray of shape (n_authorities, n_periods)
        Series, oldest period first, NaN in gaps.
    times : ndarray of shape (n_periods,)
        When the periods ended, in release intervals, rising.
    ahead : float, default=1.0
        How long after the last of `times` the forecast is for, in release intervals.

    Returns
    -------
    Trends
        Arrays of shape (n_authorities,); NaN below 4 known periods.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 10)) + 2.0 * np.arange(10)
    >>> found = trends(X, np.arange(10.0))
    >>> bool(abs(np.median(found.slope.value) - 2) < 0.1)
    True
    """
    n = len(X)
    past, slope, slope_variance = Past.unknown(n), Past.unknown(n).effect, Past.unknown(n).variance
    level = np.full_like(slope, np.nan)
    centre = np.zeros(n)
    for rows, known in by_gaps(X, FEWEST_PERIODS):
        t = times[known] - times[known][0]
        bank = operators("last", (*t, times[-1] - times[known][0] + ahead), 1)
        line = line_operators(tuple(t))
        y = X[np.ix_(rows, known)]
        centre[rows] = y.mean(axis=1)
        y -= centre[rows, None]
        past.effect[rows] = -y @ bank.effect[:-1]
        past.variance[rows] = bank.variance
        past.squares[rows] = sum_of_squares(y, bank.residual)
        past.log_det[rows] = bank.log_det
        past.df[rows] = len(t) - 1
        slope[rows], slope_variance[rows] = y @ line.slope, line.variance
        level[rows] = y @ line.level
    here = posterior(past, learn_prior(past))
    return Trends(
        (here.share * level).sum(axis=1) + centre,
        _estimate(slope, slope_variance, here),
        _estimate(past.effect + centre[:, None], past.variance, here),
    )


def _estimate(effect: Array, variance: Array, here: Posterior) -> Estimate:
    """Average over the structures; what they disagree in widens the spread."""
    value = (here.share * effect).sum(axis=1)
    error = here.variance * variance + (effect - value[:, None]) ** 2
    spread = np.sqrt((here.share * error).sum(axis=1))
    return Estimate(value, spread, (here.share * here.df).sum(axis=1))
