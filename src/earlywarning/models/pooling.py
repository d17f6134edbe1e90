"""What do the authorities of one metric teach each other?

Six points say little of how a series moves or how noisy it is; six points of three
hundred authorities say a lot. Weights over the bank's structures are learnt by EM on
restricted likelihoods, variances by moments; each series then has its own posterior.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from earlywarning.models.bank import BANK
from earlywarning.models.moderation import variance_prior

Array = NDArray[np.float64]

MOST_EM_STEPS = 60
EM_TOLERANCE = 1e-4  # of a weight
NOISE_FREE = 1e-20  # share of the largest sum of squares: rounding
TINY = np.finfo(float).tiny


@dataclass(frozen=True, slots=True)
class Prior:
    """What a metric's authorities teach about a stretch of its series; a value a structure."""

    weight: Array
    df: Array
    variance: Array


@dataclass(frozen=True, slots=True)
class Past:
    """What each structure makes of each series before it is judged; arrays (n_authorities, K)."""

    effect: Array  # what is estimated
    variance: Array  # of the effect, in units of the series' own variance
    squares: Array  # residual sum of squares
    log_det: Array
    df: Array  # (n_authorities,) of the squares; 0 where not assessed

    @classmethod
    def unknown(cls, n: int) -> Past:
        """Return a past in which nothing is known yet."""
        effect, variance, squares, log_det = np.full((4, n, len(BANK)), np.nan)
        return cls(effect, variance, squares, log_det, np.zeros(n))


@dataclass(frozen=True, slots=True)
class Posterior:
    """Each structure's share in each series, its variance moderated; arrays (n_authorities, K)."""

    share: Array
    variance: Array
    df: Array


def by_gaps(X: Array, fewest: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.bool_]]]:
    """Yield the rows with the same gaps, and their known periods; too short ones are left out."""
    patterns, which = np.unique(np.isfinite(X), axis=0, return_inverse=True)
    for number in np.flatnonzero(patterns.sum(axis=1) >= fewest):
        yield np.flatnonzero(which.ravel() == number), patterns[number]


def sum_of_squares(y: Array, residual: Array) -> Array:
    """Return each series' residual sum of squares under each structure, (n_authorities, K)."""
    early, k, rank = residual.shape
    whitened = (y @ residual.reshape(early, k * rank)).reshape(len(y), k, rank)
    return np.asarray(np.einsum("nkr,nkr->nk", whitened, whitened))


def learn_prior(past: Past) -> Prior:
    """Learn the variance prior by moments and the structures' weights by EM."""
    here = past.df > 0
    df, squares = past.df[here], past.squares[here]
    noisy = squares > NOISE_FREE * np.max(squares, initial=TINY)
    variance = np.where(noisy, squares / df[:, None], 0.0)
    even = np.full(len(BANK), 1 / len(BANK))
    prior = Prior(even, *variance_prior(variance, df))
    likelihood = _likelihood(past, prior)[here][noisy.all(axis=1)]
    return Prior(_weights(likelihood), prior.df, prior.variance)


def _weights(likelihood: Array) -> Array:
    """Return the mixture weights by EM, from even ones, with one series' worth of doubt."""
    n, k = likelihood.shape
    weight = np.full(k, 1 / k)
    for _ in range(MOST_EM_STEPS if n else 0):
        share = likelihood * weight
        share /= share.sum(axis=1, keepdims=True)
        before, weight = weight, (share.sum(axis=0) + 1 / k) / (n + 1)
        if np.abs(weight - before).max() < EM_TOLERANCE:
            break
    return weight


def posterior(past: Past, prior: Prior) -> Posterior:
    """Return what each series is like, given itself and what its metric is like."""
    share = _likelihood(past, prior) * prior.weight
    share /= share.sum(axis=1, keepdims=True)
    df = prior.df + past.df[:, None]
    variance = (prior.df * prior.variance + past.squares) / np.maximum(df, 1)
    return Posterior(share, np.maximum(variance, TINY), df)


def _likelihood(past: Past, prior: Prior) -> Array:
    """Return each series' restricted likelihood under each structure, up to a factor a series."""
    df = past.df[:, None]
    scale = prior.df * prior.variance
    total = np.maximum(scale + past.squares, TINY)
    learnt = prior.df > 0
    safe = np.where(learnt, prior.df, 1.0)
    known = gammaln((safe + df) / 2) - gammaln(safe / 2)
    known = known + safe / 2 * np.log(np.maximum(scale, TINY))
    log = np.where(learnt, known, 0.0) - (prior.df + df) / 2 * np.log(total) - past.log_det / 2
    return np.asarray(np.exp(log - np.max(log, axis=1, keepdims=True)))
