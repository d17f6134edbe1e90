"""What do earlier years lead one to expect of the newest count, and how surely?

A quasi-Poisson model of the periods of reference, old outbreaks weighed down, the trend
kept where it is one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from earlywarning.models.farrington.irls import (
    POLISH,
    QuasiPoisson,
    leverage,
    pearson,
    quasi_poisson,
)
from earlywarning.models.farrington.options import Surveillance
from earlywarning.models.farrington.reference import Reference

Array = NDArray[np.float64]

YEARS_FOR_TREND = 3
TREND = 1  # the trend's column
NOT_ALL = 1e-10  # a value cannot draw more than all but this of its expectation


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What is expected in the newest period, a value a series."""

    log_mean: Array
    log_error: Array  # standard error of it
    dispersion: Array  # variance over mean, 1 or more
    df: Array  # degrees of freedom left
    slope: Array  # of the logarithm, a year; NaN without a trend
    slope_p: Array  # two-sided


def expectation(
    counts: Array, offset: Array, reference: Reference, options: Surveillance
) -> Expectation:
    """Model the counts of reference of each series.

    Parameters
    ----------
    counts : ndarray of shape (n_series, n_reference)
        Counts of the periods of reference, NaN in gaps.
    offset : ndarray of the same shape
        Logarithm of the population then over the population now.
    reference : Reference
        The periods, at least 2 years of them.
    options : Surveillance
        How to reweight, and when to keep a trend.

    Returns
    -------
    Expectation
        Arrays of shape (n_series,).

    Examples
    --------
    >>> from earlywarning.models.farrington.reference import reference_periods
    >>> options = Surveillance(frequency=12)
    >>> when = reference_periods(48, options)
    >>> flat = np.full((1, when.periods.size), 7.0)
    >>> np.exp(expectation(flat, np.zeros(flat.shape), when, options).log_mean).round(6)
    array([7.])
    """
    level = np.delete(reference.design, TREND, axis=1)
    if reference.years < YEARS_FOR_TREND or options.trend_level == 0:
        return _fitted(counts, offset, level, options)
    found = _fitted(counts, offset, reference.design, options)
    seen_before = np.exp(found.log_mean) <= np.nanmax(counts, axis=1)
    drop = np.flatnonzero(~((found.slope_p < options.trend_level) & seen_before))
    if drop.size:
        flat = _fitted(counts[drop], offset[drop], level, options)
        for name in ("log_mean", "log_error", "dispersion", "df", "slope", "slope_p"):
            getattr(found, name)[drop] = getattr(flat, name)
    return found


def _fitted(counts: Array, offset: Array, design: Array, options: Surveillance) -> Expectation:
    """Fit once, weigh down what was out of the ordinary, and fit again."""
    polish = POLISH if options.arithmetic == "exact" else 0
    weights = np.isfinite(counts).astype(float)
    fit = quasi_poisson(counts, design, weights, offset=offset, polish=polish)
    raw = pearson(fit, counts)
    scale = raw if options.arithmetic == "surveillance" else np.maximum(raw, 1.0)
    if np.isfinite(options.reweight_above):
        weights = _anscombe_weights(fit, counts, leverage(fit, design), options.reweight_above)
        fit = quasi_poisson(counts, design, weights, offset=offset, polish=polish)
        raw = pearson(fit, counts)
        scale = np.maximum(raw, 1.0)
        if options.arithmetic == "surveillance":
            off = np.where(weights > 0, counts, fit.mean) / fit.mean - 1
            scale = (weights * off**2).sum(axis=1) / fit.df
    return _expected(fit, np.maximum(raw, 1.0), scale, design)


def _anscombe_weights(fit: QuasiPoisson, counts: Array, drawn: Array, above: float) -> Array:
    """Return prior weights: the inverse square of residuals above a threshold, else alike."""
    seen = fit.working > 0
    y, mean = np.where(seen, counts, 0.0), np.where(seen, fit.mean, 1.0)
    dispersion = np.maximum(pearson(fit, counts), 1.0)[:, None]
    spread = np.sqrt(dispersion * np.maximum(1 - drawn, NOT_ALL))
    residual = 1.5 * (y ** (2 / 3) * mean ** (-1 / 6) - np.sqrt(mean)) / spread
    weight = np.where(seen, np.maximum(residual, above) ** -2.0, 0.0)
    weight = np.where(seen & (residual <= above), 1.0, weight)
    return np.asarray(weight * (seen.sum(axis=1) / weight.sum(axis=1))[:, None])


def _expected(fit: QuasiPoisson, dispersion: Array, scale: Array, design: Array) -> Expectation:
    """Read level and trend off the coefficients: the newest period is the design's origin."""
    error = np.sqrt(np.einsum("rii->ri", fit.inverse) * scale[:, None])
    slope = slope_p = np.full(len(error), np.nan)
    if design.shape[1] > TREND and not np.isin(design[:, TREND], (0.0, 1.0)).all():
        slope = fit.coefficients[:, TREND]
        slope_p = 2 * stdtr(fit.df, -np.abs(slope) / error[:, TREND])
    level, level_error = fit.coefficients[:, 0], error[:, 0]
    return Expectation(level, level_error, dispersion, fit.df, slope.copy(), slope_p.copy())
