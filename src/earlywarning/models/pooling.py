"""What do the authorities of one metric teach each other?

Six points say little of how a series moves or how noisy it is; six points of three
hundred authorities say a lot. Weights over the bank's structures are learnt by EM on
restricted likelihoods, variances by moments; each series then has its own posterior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from earlywarning.models.moderation import variance_prior

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

EM_STEPS = 80  # fewer leave weight on structures that a metric does not have, and widen every limit
OVER_RELAXED = 1.9  # the power of a step; from 2 on it may not settle (Salakhutdinov & Roweis 2003)
NOISE_FREE = 1e-20  # share of the largest sum of squares: rounding
TINY = np.finfo(float).tiny


@dataclass(frozen=True, slots=True)
class Past:
    """What each structure makes of series before they are judged; c contrasts, n authorities."""

    squares: Array  # (c, n, K) residual sum of squares
    log_det: Array  # (c, n, K) of the restricted covariance
    df: Array  # (c, n) of the squares; 0 where not assessed
    teaches: Flags  # (c, n) whether it may be learnt from


@dataclass(frozen=True, slots=True)
class Prior:
    """What a metric's authorities teach about each contrast's past; arrays (c, 1, K).

    The one in the middle stands for all authorities; series of several metrics at once have
    one each.
    """

    weight: Array
    df: Array
    variance: Array

    @classmethod
    def of_each(cls, priors: Sequence[Prior], counts: Sequence[int]) -> Prior:
        """Return the priors of so many series each, one metric after the other."""
        columns = zip(*((p.weight, p.df, p.variance) for p in priors), strict=True)
        return cls(*(np.repeat(np.concatenate(c, axis=1), counts, axis=1) for c in columns))


@dataclass(frozen=True, slots=True)
class Posterior:
    """Each structure's share in each series, its variance moderated; arrays (c, n, K)."""

    share: Array
    variance: Array
    df: Array

    def average(self, found: Array) -> Array:
        """Return what the structures say of each series together, (c, n)."""
        return np.asarray(np.einsum("cnk,cnk->cn", self.share, found))


def learn_prior(past: Past) -> Prior:
    """Learn the variance prior by moments and the structures' weights by EM."""
    squares = np.where(past.teaches[..., None], past.squares, np.nan)
    largest = np.max(np.nan_to_num(squares), axis=(1, 2), keepdims=True, initial=TINY)
    noisy = squares > NOISE_FREE * largest
    variance = np.where(noisy, squares / np.maximum(past.df, 1)[..., None], 0.0)
    k = squares.shape[-1]
    df, usual = variance_prior(variance, past.df)
    prior = Prior(np.full((len(squares), 1, k), 1 / k), df[:, None], usual[:, None])
    weight = _weights(_likelihood(past, prior), noisy.all(axis=2))
    return replace(prior, weight=weight[:, None])


def _weights(likelihood: Array, counts: Flags) -> Array:
    """Return the mixture weights by over-relaxed EM, from even ones.

    One series' worth of doubt, spread evenly, is added to what the series say.
    """
    k = likelihood.shape[-1]
    likelihood = np.where(counts[..., None], likelihood, 1.0)
    n = counts.sum(axis=1, keepdims=True)
    weight = np.full((len(likelihood), k), 1 / k)
    for _ in range(EM_STEPS if n.any() else 0):
        each = counts / np.matmul(likelihood, weight[..., None])[..., 0]
        gain = np.matmul(each[:, None], likelihood)[:, 0]
        weight = weight * ((gain + 1 / k / weight) / (n + 1)) ** OVER_RELAXED
        weight /= weight.sum(axis=1, keepdims=True)
    return weight


def posterior(past: Past, prior: Prior) -> Posterior:
    """Return what each series is like, given itself and what its metric is like."""
    share = _likelihood(past, prior) * prior.weight
    share /= share.sum(axis=2, keepdims=True)
    df = prior.df + past.df[..., None]
    variance = (prior.df * prior.variance + past.squares) / np.maximum(df, 1)
    return Posterior(share, np.maximum(variance, TINY), df)


def _likelihood(past: Past, prior: Prior) -> Array:
    """Return each series' restricted likelihood under each structure, up to a factor a series."""
    scale = prior.df * prior.variance
    learnt = prior.df > 0
    half = np.where(learnt, prior.df, 1.0) / 2
    known = _log_gamma(half, past.df) + half * np.log(np.maximum(scale, TINY))
    total = np.log(np.maximum(scale + past.squares, TINY))
    df = prior.df + past.df[..., None]
    log = np.where(learnt, known, 0.0) - df / 2 * total - past.log_det / 2
    return np.asarray(np.exp(log - np.max(log, axis=2, keepdims=True)))


def _log_gamma(half: Array, df: Array) -> Array:
    """Return log Gamma(half + df / 2) - log Gamma(half), by a table where one prior is for all."""
    if half.shape[1] > 1:
        return np.asarray(gammaln(half + df[..., None] / 2) - gammaln(half))
    lengths = np.arange(df.max(initial=0.0) + 1)[:, None]
    table = gammaln(half + lengths / 2) - gammaln(half)
    return np.asarray(table[np.arange(len(table))[:, None], df.astype(int)])
