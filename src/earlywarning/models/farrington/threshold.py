"""Between which limits is the newest count expected, and how far out is it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit
from scipy.stats import nbinom, poisson

from earlywarning.models.farrington.options import Surveillance

Array = NDArray[np.float64]

POWERS = {"2/3": 2 / 3, "1/2": 1 / 2, "none": 1.0}
FARTHEST = 50.0  # of the logarithm of a limit of the mean from it
HARDLY = 1e-7  # more than Poisson's variance, as a share of it: Poisson


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What the model says of the newest period, a value a series."""

    mean: Array
    log_error: Array  # standard error of the mean's logarithm
    dispersion: Array  # variance over mean, 1 or more
    df: Array  # degrees of freedom that it is known with


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Limits of the newest count, and p-values against "no higher" and "no lower"."""

    lower: Array
    upper: Array
    above: Array
    below: Array


def limits(prediction: Prediction, counts: Array, options: Surveillance) -> Limits:
    """Compute limits and p-values of the newest counts, by the threshold of the options.

    Notes
    -----
    Farrington, C. P. et al. (1996), A statistical algorithm for the early detection of
    outbreaks of infectious disease, Journal of the Royal Statistical Society A 159, 547–563
    ("delta"); Noufaily, A. et al. (2013), An improved algorithm for outbreak detection in
    multiple surveillance systems, Statistics in Medicine 32, 1206–1222 ("nbPlugin"); Salmon,
    M. et al. (2016), Journal of Statistical Software 70(10) ("muan").

    Examples
    --------
    >>> expected = Prediction(np.array([5.0]), np.array([0.04]), np.ones(1), np.ones(1))
    >>> options = Surveillance(frequency=52, threshold="delta", alpha=0.05)
    >>> limits(expected, np.array([8.0]), options).upper.round(3)
    array([9.115])
    """
    if options.threshold == "delta":
        return _transformed(prediction, counts, options)
    if options.threshold == "predictive":
        return _predictive(prediction, counts, options.alpha)
    low = high = prediction.mean
    if options.threshold == "muan":
        reach = np.exp(np.minimum(-ndtri(options.alpha) * prediction.log_error, FARTHEST))
        low, high = low / reach, high * reach
    return Limits(
        _quantile(options.alpha, low, prediction.dispersion),
        _quantile(1 - options.alpha, high, prediction.dispersion),
        _reaches(counts, high, prediction.dispersion),
        _stays(counts, low, prediction.dispersion),
    )


def _predictive(prediction: Prediction, counts: Array, alpha: float) -> Limits:
    """Widen the negative binomial by the mean's error, and its tails by the dispersion's (t)."""
    mean, df = prediction.mean, prediction.df
    dispersion = prediction.dispersion + mean * prediction.log_error**2
    level = np.asarray(ndtr(stdtrit(df, alpha)), dtype=float)
    return Limits(
        _quantile(level, mean, dispersion),
        _quantile(1 - level, mean, dispersion),
        stdtr(df, ndtri(_reaches(counts, mean, dispersion))),
        stdtr(df, ndtri(_stays(counts, mean, dispersion))),
    )


def _transformed(prediction: Prediction, counts: Array, options: Surveillance) -> Limits:
    power, mean = POWERS[options.power], prediction.mean
    centre = mean**power
    spread = prediction.dispersion / mean + prediction.log_error**2  # of the relative error
    spread = power * centre * np.sqrt(spread)
    half = -ndtri(options.alpha) * spread
    far = (counts**power - centre) / spread
    lower, upper = np.maximum(centre - half, 0.0), centre + half
    return Limits(lower ** (1 / power), upper ** (1 / power), ndtr(-far), ndtr(far))


def _quantile(level: float | Array, mean: Array, dispersion: Array) -> Array:
    more = np.maximum(dispersion - 1, HARDLY)
    found = nbinom.ppf(level, mean / more, 1 / (1 + more))
    return np.asarray(np.where(dispersion - 1 > HARDLY, found, poisson.ppf(level, mean)))


def _reaches(counts: Array, mean: Array, dispersion: Array) -> Array:
    """Return how often a count so high or higher comes by chance."""
    more = np.maximum(dispersion - 1, HARDLY)
    found = nbinom.sf(counts - 1, mean / more, 1 / (1 + more))
    return np.asarray(np.where(dispersion - 1 > HARDLY, found, poisson.sf(counts - 1, mean)))


def _stays(counts: Array, mean: Array, dispersion: Array) -> Array:
    """Return how often a count so low or lower comes by chance."""
    more = np.maximum(dispersion - 1, HARDLY)
    found = nbinom.cdf(counts, mean / more, 1 / (1 + more))
    return np.asarray(np.where(dispersion - 1 > HARDLY, found, poisson.cdf(counts, mean)))
