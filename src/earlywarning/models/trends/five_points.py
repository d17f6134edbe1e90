"""Did the last five periods rise or fall? The trend marker of Fingertips, and ours.

Fingertips takes chance to be what binomial or Poisson counts, or the published limits,
leave to it. Counts of councils vary more than that from year to year, and with large
denominators almost any series then "has a trend". With `noise="learnt"` the variance
between periods is learnt from all authorities of the metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import stdtr

from earlywarning.errors import UsageError
from earlywarning.models.moderation import variance_prior
from earlywarning.models.trends.series import as_series

Array = NDArray[np.float64]
Law = Literal["binomial", "poisson"]
Noise = Literal["stated", "learnt"]

POINTS = 5
LEVEL = 0.002  # two-sided: chi-squared above 9.55 with 1 degree of freedom
SETTLED = 1e-14  # error of the variance between periods, relative to where its search starts
NORMAL_DF = 1e12  # degrees of freedom at which t is the normal distribution


@dataclass(frozen=True, slots=True, eq=False)
class TrendMarker:
    """What the last five periods of each row say.

    Attributes
    ----------
    slope : ndarray of shape (n_authorities,)
        Of the weighted line, in the units of the value a period.
    chi2 : ndarray of shape (n_authorities,)
        The square of the slope over its standard error.
    above, below : ndarray of shape (n_authorities,)
        One-sided p-values against "no rise" and "no fall".
    steady : ndarray of bool, shape (n_authorities,)
        Whether the slope keeps its sign, whichever period is left out.
    marker : ndarray of str, shape (n_authorities,)
        "increasing", "decreasing", "no change" or "cannot be calculated".
    extra : float
        Standard deviation between periods beyond what was stated: of logits (binomial), of
        logs (poisson), or in the units of the value; 0 where it is not learnt.
    df : ndarray of shape (n_authorities,)
        Degrees of freedom that the noise is known with.
    """

    slope: Array
    chi2: Array
    above: Array
    below: Array
    steady: NDArray[np.bool_]
    marker: NDArray[np.str_]
    extra: float
    df: Array

    @property
    def p(self) -> Array:
        """Return the two-sided p-values, (n_authorities,)."""
        return np.asarray(np.minimum(2 * np.minimum(self.above, self.below), 1.0))


def count_trend(
    counts: ArrayLike,
    denominators: ArrayLike,
    *,
    law: Law = "binomial",
    noise: Noise = "learnt",
) -> TrendMarker:
    """Test the last five periods of counts out of denominators for a trend.

    Parameters
    ----------
    counts : array-like of shape (n_authorities, n_periods)
        Of events or persons, newest period last; NaN in gaps.
    denominators : array-like of the same shape
        What they are out of; 0 and NaN are gaps.
    law : {"binomial", "poisson"}, default="binomial"
        Whether the value is a proportion, or a rate that may exceed 1.
    noise : {"learnt", "stated"}, default="learnt"
        "stated": binomial or Poisson counts, as Fingertips. "learnt": with the variance between
        periods that the authorities show around their own lines, each drawn towards the usual.

    Returns
    -------
    TrendMarker
        Arrays of shape (n_authorities,); NaN where one of the five is missing, and where the
        counts are all 0 or all equal to their denominators.

    Raises
    ------
    UsageError
        If the matrices do not fit each other, or hold counts that cannot be.

    Notes
    -----
    Armitage, P. (1955), Tests for linear trends in proportions and frequencies, Biometrics
    11, 375–386; Office for Health Improvement and Disparities, Fingertips trend markers
    (public health technical guidance). The variance between periods is found by Paule
    and Mandel's equation over all authorities, three degrees of freedom each; authorities
    that are noisier or quieter than the usual by Smyth's (`moderation`).

    Examples
    --------
    >>> counts = [[621, 599, 556, 535, 447]]
    >>> marker = count_trend(counts, [[3454, 3195, 3256, 3227, 3121]], noise="stated")
    >>> marker.chi2.round(3), marker.marker.item()
    (array([20.115]), 'decreasing')
    """
    _check_word("law", law, get_args(Law))
    y, n = _as_counts(counts, denominators, law)
    whole = np.isfinite(y).all(axis=1)
    usual = np.where(whole, y.sum(axis=1), np.nan) / n.sum(axis=1)
    unit = usual * (1 - usual) if law == "binomial" else usual
    unit = np.where(unit > 0, unit, np.nan)[:, None]
    # The variance of a logit or a log, brought to the scale of the value.
    fit = _judge(y / n, unit / n, noise, unit**2)
    scale = _logit(y, n) if law == "binomial" else y / n
    steady = fit.steady if law == "poisson" else _steady(scale, np.ones_like(y))
    return _marker(fit, steady)


def value_trend(
    values: ArrayLike, standard_errors: ArrayLike, *, noise: Noise = "learnt"
) -> TrendMarker:
    """Test the last five periods of values with standard errors for a trend.

    Parameters
    ----------
    values : array-like of shape (n_authorities, n_periods)
        In any unit, newest period last; NaN in gaps.
    standard_errors : array-like of the same shape
        In the same unit, above 0; Fingertips takes the width of the 95% limits over 3.92.
    noise : {"learnt", "stated"}, default="learnt"
        As in `count_trend`.

    Returns
    -------
    TrendMarker
        Arrays of shape (n_authorities,); NaN where one of the five is missing.

    Raises
    ------
    UsageError
        If the matrices do not fit each other, or a standard error is not above 0.

    Examples
    --------
    >>> marker = value_trend([[50, 51, 53, 54, 56]], [[0.5] * 5], noise="stated")
    >>> marker.slope.round(2), marker.chi2.round(1), marker.marker.item()
    (array([1.5]), array([90.]), 'increasing')
    """
    y, se = _pair(values, standard_errors, "standard errors")
    if (se <= 0).any():
        raise UsageError(f"Standard errors that are not above 0: {int((se <= 0).sum())}.")
    y = np.where(np.isfinite(se), y, np.nan)
    fit = _judge(y, se**2, noise, np.ones((len(y), 1)))
    return _marker(fit, fit.steady)


def _check_word(name: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise UsageError(f"{name}={word!r}: it is one of {', '.join(map(repr, known))}.")


def _pair(first: ArrayLike, second: ArrayLike, name: str) -> tuple[Array, Array]:
    """Return both matrices' last five periods; all missing where there are fewer."""
    x, y = as_series(first), as_series(second)
    if x.shape != y.shape:
        raise UsageError(f"Values have shape {x.shape} and {name} {y.shape}: they must be alike.")
    if x.shape[1] < POINTS:
        return np.full((len(x), POINTS), np.nan), np.full((len(x), POINTS), np.nan)
    return x[:, -POINTS:], y[:, -POINTS:]


def _as_counts(counts: ArrayLike, denominators: ArrayLike, law: Law) -> tuple[Array, Array]:
    y, n = _pair(counts, denominators, "denominators")
    problems = []
    if (below := int((y < 0).sum() + (n < 0).sum())) > 0:
        problems.append(f"counts or denominators below 0: {below}")
    if law == "binomial" and (more := int(((y > n) & (n > 0)).sum())) > 0:
        problems.append(f"counts above their denominator: {more}; law='poisson' is for rates")
    if problems:
        raise UsageError(f"{'; '.join(problems)}.")
    known = np.isfinite(y) & (n > 0)
    return np.where(known, y, np.nan), np.where(known, n, np.nan)


def _logit(y: Array, n: Array) -> Array:
    """Return logits; where a row has one without end, all its counts are moved by a half."""
    half = np.where(((y <= 0) | (y >= n)).any(axis=1), 0.5, 0.0)[:, None]
    return np.log((y + half) / (n - y + half))


@dataclass(frozen=True, slots=True)
class _Fit:
    slope: Array
    z: Array
    df: Array
    extra: float
    steady: NDArray[np.bool_]


def _judge(y: Array, variance: Array, noise: Noise, unit: Array) -> _Fit:
    """Fit the lines; `unit` is what a variance between periods of 1 adds to a value's."""
    _check_word("noise", noise, get_args(Noise))
    usable = np.isfinite((y + variance).sum(axis=1))
    y = np.where(usable[:, None], y, np.nan)
    extra, s2, df = 0.0, np.ones(len(y)), np.full(len(y), NORMAL_DF)
    if noise == "learnt" and usable.any():
        extra = _extra_variance(y[usable], variance[usable], unit[usable])
        left = _line(y, 1 / (variance + extra * unit))[2]
        s2, df = _moderated(left)
        s2 = np.fmax(s2, (variance / (variance + extra * unit)).min(axis=1))  # never below stated
    weight = 1 / (variance + extra * unit)
    slope, error, _ = _line(y, weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(slope == 0, 0.0, slope / (error * np.sqrt(s2)))
    return _Fit(slope, np.where(usable, z, np.nan), df, float(np.sqrt(extra)), _steady(y, weight))


def _line(y: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Return slope, its standard error, and the weighted squares that the line leaves."""
    t = np.arange(float(y.shape[1]))
    total = weight.sum(axis=1, keepdims=True)
    centred = t - (weight * t).sum(axis=1, keepdims=True) / total
    off = y - (weight * y).sum(axis=1, keepdims=True) / total
    spread = (weight * centred**2).sum(axis=1)
    slope = (weight * centred * off).sum(axis=1) / spread
    left = (weight * (off - slope[:, None] * centred) ** 2).sum(axis=1)
    return slope, 1 / np.sqrt(spread), left


def _extra_variance(y: Array, variance: Array, unit: Array) -> float:
    """Return the variance between periods with which the lines leave what they should."""
    expected = len(y) * (POINTS - 2)

    def excess(extra: float) -> float:
        return float(_line(y, 1 / (variance + extra * unit))[2].sum()) - expected

    if excess(0.0) <= 0:
        return 0.0
    high = float((variance / unit).max())
    while excess(high) > 0:
        high *= 4
    return float(brentq(excess, 0.0, high, xtol=SETTLED * high))


def _moderated(left: Array) -> tuple[Array, Array]:
    """Return each row's scale of noise, drawn towards the usual, and its degrees of freedom."""
    own = float(POINTS - 2)
    found = np.isfinite(left)
    prior_df, usual = variance_prior(left / own, np.full(len(left), own))
    s2 = (prior_df * usual + np.where(found, left, 0.0)) / (prior_df + own)
    return s2, np.full(len(left), prior_df + own)


def _steady(y: Array, weight: Array) -> NDArray[np.bool_]:
    """Return whether the slope has one sign, with all periods and with each left out."""
    rising = _line(y, weight)[0] >= 0
    same = np.isfinite(y).all(axis=1)
    for without in range(y.shape[1]):
        weights = weight.copy()
        weights[:, without] = 0.0
        same &= (_line(y, weights)[0] >= 0) == rising
    return np.asarray(same)


def _marker(fit: _Fit, steady: NDArray[np.bool_]) -> TrendMarker:
    above, below = stdtr(fit.df, -fit.z), stdtr(fit.df, fit.z)
    sure = steady & (2 * np.minimum(above, below) < LEVEL)
    words = np.where(fit.slope > 0, "increasing", "decreasing")
    marker = np.where(sure, words, "no change")
    marker = np.where(np.isnan(fit.z), "cannot be calculated", marker)
    return TrendMarker(fit.slope, fit.z**2, above, below, steady, marker, fit.extra, fit.df)
