"""What mean and how much more than Poisson's variance do counts have? All series at once.

Iteratively reweighted least squares of a log-linear quasi-Poisson model; the series share
their explanatory variables, and gaps weigh nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_STEPS = 25
SETTLED = 1e-8  # change of the deviance, relative to it and 0.1: where R's glm stops
POLISH = 2  # further steps: each doubles the digits that are right
FARTHEST = 50.0  # of a logarithm of the mean from 0


@dataclass(frozen=True, slots=True, eq=False)
class QuasiPoisson:
    """Fitted models, one a series.

    Attributes
    ----------
    coefficients : ndarray of shape (n_series, n_columns)
        0 for a column that is 0 wherever the series has a value.
    mean : ndarray of shape (n_series, n_periods)
        The expected counts.
    working : ndarray of shape (n_series, n_periods)
        The weights of the last step: prior weight times mean.
    inverse : ndarray of shape (n_series, n_columns, n_columns)
        Of the information: times the dispersion, the covariance of the coefficients.
    df : ndarray of shape (n_series,)
        Degrees of freedom left.
    """

    coefficients: Array
    mean: Array
    working: Array
    inverse: Array
    df: Array


def quasi_poisson(
    counts: Array,
    design: Array,
    weights: Array,
    *,
    offset: Array | None = None,
    polish: int = POLISH,
) -> QuasiPoisson:
    """Fit a log-linear model to each series of counts.

    Parameters
    ----------
    counts : ndarray of shape (n_series, n_periods)
        Counts; what stands where the weight is 0 does not matter.
    design : ndarray of shape (n_periods, n_columns)
        Explanatory variables, the same for all series.
    weights : ndarray of shape (n_series, n_periods)
        Prior weights, 0 in gaps.
    offset : ndarray of shape (n_series, n_periods), optional
        Logarithms of what the counts are out of.
    polish : int, default=2
        Steps beyond where R's glm stops.

    Returns
    -------
    QuasiPoisson
        For each series what R's or statsmodels' glm gives it.

    Notes
    -----
    McCullagh, P. and Nelder, J. A. (1989), Generalized Linear Models, 2nd edition,
    section 2.5. Starts from the counts plus 0.1; a series that has settled is left alone, so
    that no series depends on the others.

    Examples
    --------
    >>> fit = quasi_poisson(np.array([[2.0, 4.0, 6.0]]), np.ones((3, 1)), np.ones((1, 3)))
    >>> np.exp(fit.coefficients).round(6)
    array([[4.]])
    """
    seen = weights > 0
    y = np.where(seen, counts, 0.0)
    offset = np.zeros(y.shape) if offset is None else np.where(seen, offset, 0.0)
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    coefficients = np.zeros((len(y), design.shape[1]))
    inverse = np.zeros((len(y), design.shape[1], design.shape[1]))
    mean, working = y + 0.1, np.zeros(y.shape)
    deviance = _deviance(y, mean, weights)
    left = np.full(len(y), MOST_STEPS)
    while (go := np.flatnonzero(left > 0)).size:
        mu, eta = mean[go], np.log(mean[go]) - offset[go]
        working[go] = weights[go] * mu
        inverse[go] = _inverse(working[go] @ products, design.shape[1])
        target = working[go] * (eta + (y[go] - mu) / mu)
        coefficients[go] = np.einsum("rij,rj->ri", inverse[go], target @ design)
        eta = np.clip(coefficients[go] @ design.T + offset[go], -FARTHEST, FARTHEST)
        mean[go] = np.exp(eta)
        new = _deviance(y[go], mean[go], weights[go])
        settled = np.abs(new - deviance[go]) < SETTLED * (np.abs(new) + 0.1)
        deviance[go] = new
        left[go] = np.where(settled, np.minimum(left[go] - 1, polish), left[go] - 1)
    columns = (seen @ (design != 0)) > 0
    df = seen.sum(axis=1) - columns.sum(axis=1)
    return QuasiPoisson(coefficients, mean, working, inverse, df.astype(float))


def _deviance(y: Array, mean: Array, weights: Array) -> Array:
    log = np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mean), 0.0)
    return np.asarray(2 * (weights * (log - (y - mean))).sum(axis=1))


def _inverse(information: Array, n_columns: int) -> Array:
    """Return the inverses; 0 in the rows and columns of what no value speaks of."""
    matrix = information.reshape(-1, n_columns, n_columns)
    diagonal = np.einsum("rii->ri", matrix)
    silent = diagonal <= 0
    scale = np.sqrt(np.where(silent, 1.0, diagonal))
    scaled = matrix / (scale[:, :, None] * scale[:, None, :])
    scaled += silent[:, :, None] * np.eye(n_columns)
    inverse = np.linalg.inv(scaled) / (scale[:, :, None] * scale[:, None, :])
    return np.where(silent[:, :, None] | silent[:, None, :], 0.0, inverse)


def pearson(fit: QuasiPoisson, counts: Array) -> Array:
    """Return the dispersion of each series: squares of residuals over what Poisson would leave."""
    seen = fit.working > 0
    off = np.where(seen, counts, fit.mean) / fit.mean - 1
    return np.asarray((fit.working * off**2).sum(axis=1) / np.maximum(fit.df, 1))


def leverage(fit: QuasiPoisson, design: Array) -> Array:
    """Return how much each value draws its own expectation, 0 to 1, (n_series, n_periods)."""
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    return np.asarray(fit.working * (fit.inverse.reshape(len(fit.inverse), -1) @ products.T))
