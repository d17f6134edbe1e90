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

from earlywarning.models.bank import ANNUAL, Precision, Rhythm, precision
from earlywarning.models.inner_products import LINE, SERIES, Gaps, InnerProducts, inner_products
from earlywarning.models.pooling import Past, Posterior, learn_prior

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEWEST_PERIODS = 4
NEXT = LINE + 1  # the place of the period to come


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


def trends(X: Array, times: Array, ahead: float = 1.0, *, rhythm: Rhythm = ANNUAL) -> Trends:
    """Estimate level, slope and the next period of each series of one metric.

    Parameters
    ----------
    X : ndarray of shape (n_authorities, n_periods)
        Series, oldest period first, NaN in gaps.
    times : ndarray of shape (n_periods,)
        When the periods ended, in release intervals, rising.
    ahead : float, default=1.0
        How long after the last of `times` the forecast is for, in release intervals.
    rhythm : Rhythm, optional
        Seasons and rolling windows; none by default.

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
    known = np.isfinite(X)
    n = known.sum(axis=1)
    ready = n >= FEWEST_PERIODS
    if not ready.any():
        nothing = np.full(n.shape, np.nan)
        return Trends(nothing, *(Estimate(nothing, nothing, nothing) for _ in range(2)))
    known, t = known[ready], tuple(times - times[0])
    centre = np.where(known, X[ready], 0.0).sum(axis=1) / n[ready]
    y = np.where(known, X[ready] - centre[:, None], 0.0)
    following = _looked_at(y, known, precision((*t, t[-1] + ahead), rhythm))
    forecast, variance, past = _expected(following, n[ready] - 1.0)
    here = learn_prior(past)[1]
    once_more = _looked_at(y, known, precision((*t, t[-1]), rhythm, newest="anew"))
    level = here.average(_expected(once_more, n[ready] - 1.0)[0])[0] + centre
    slope, slope_variance = _slope(y, known, precision(t, rhythm))
    return Trends(
        _everyone(ready, level),
        _estimate(slope, slope_variance, here, ready),
        _estimate(forecast + centre, variance, here, ready),
    )


def _looked_at(y: Array, known: Flags, longer: Precision) -> InnerProducts:
    """Return the inner products of series to which one period that nobody knows is added."""
    one = np.zeros((longer.times.size, 1))
    one[-1] = 1.0
    gaps = Gaps(longer, np.vstack([known.T, np.ones(len(y), dtype=bool)]))
    return inner_products([np.vstack([y.T, np.zeros(len(y))])], one, gaps)[0]


def _expected(inner: InnerProducts, df: Array) -> tuple[Array, Array, Past]:
    """Return what is expected of the added period, its variance, and the series' past."""
    seen, length = inner(SERIES, NEXT), inner(NEXT, NEXT)
    squares = inner(SERIES, SERIES) - seen**2 / length
    log_det = inner.log_det + np.log(length)
    past = Past(squares[None], log_det[None], df[None], np.ones((1, len(df)), dtype=bool))
    return (-seen / length)[None], (1 / length)[None], past


def _slope(y: Array, known: Flags, now: Precision) -> tuple[Array, Array]:
    """Return the slope by generalised least squares under each structure, and its variance."""
    (inner,) = inner_products([y.T], np.empty((now.times.size, 0)), Gaps(now, known.T))
    slopes = len(now.bank.slopes)
    length = inner.under_bases(LINE, LINE)
    slope, variance = inner.under_bases(SERIES, LINE) / length, 1 / length
    return np.repeat(slope, slopes, axis=0)[None], np.repeat(variance, slopes, axis=0)[None]


def _estimate(found: Array, variance: Array, here: Posterior, ready: Flags) -> Estimate:
    """Average over the structures; what they disagree in widens the spread."""
    value = here.average(found)
    error = here.variance * variance + (found - value[:, None]) ** 2
    parts = (value, np.sqrt(here.average(error)), here.df)
    return Estimate(*(_everyone(ready, part[0]) for part in parts))


def _everyone(ready: Flags, values: Array) -> Array:
    """Return the values of those that are ready, NaN for the others."""
    found = np.full(ready.shape, np.nan)
    found[ready] = values
    return found
