"""What do the authorities of one metric teach each other?

Six points say little of how a series moves or how noisy it is; six points of three
hundred authorities say a lot. Weights over the bank's structures maximise the
restricted likelihood of all series (`weights`), variances are learnt by moments; each
series then has its own posterior. Series run along the last axis of every array here;
where several metrics are learnt from at once, they are the axis before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from earlywarning.models.blocks import DRIFT
from earlywarning.models.moderation import effective_df, variance_prior
from earlywarning.models.weights import mixture_weights

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

NOISE_FREE = 1e-20  # share of the largest sum of squares: rounding
TINY = np.finfo(float).tiny


@dataclass(frozen=True, slots=True)
class Past:
    """What each structure makes of series before they are judged; c contrasts, n authorities."""

    squares: Array  # (c, K, …, n) residual sum of squares
    log_det: Array  # (c, K, …, n) of the restricted covariance
    df: Array  # (c, …, n) of the squares; 0 where not assessed
    teaches: Flags  # (c, …, n) whether it may be learnt from

    def of(self, rows: slice) -> Past:
        """Return the past of some of the series."""
        return Past(*(getattr(self, name)[..., rows] for name in self.__slots__))

    def of_metrics(self, n: int) -> Past:
        """Return the same for metrics of n series each, one after the other, as an axis."""
        c, k, _ = self.squares.shape
        structures, series = (c, k, -1, n), (c, -1, n)
        return Past(
            self.squares.reshape(structures), self.log_det.reshape(structures),
            self.df.reshape(series), self.teaches.reshape(series),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prior:
    """What a metric's authorities teach about each contrast's past; arrays (c, K, …, 1).

    The 1 stands for all authorities; series of several metrics at once have one each.
    """

    weight: Array
    df: Array  # of the variance, as the weights were learnt: had the noise been normal
    variance: Array
    worth: Array  # degrees of freedom of the variance in the light of the noise's tails
    usual: Array  # the variance in that light

    def of_metric(self, place: int) -> Prior:
        """Return what was learnt of one of several metrics."""
        return Prior(*(getattr(self, field.name)[:, :, place] for field in fields(self)))

    @classmethod
    def of_each(cls, priors: Sequence[Prior], counts: Sequence[int]) -> Prior:
        """Return the priors of so many series each, one metric after the other."""
        columns = [[getattr(prior, field.name) for prior in priors] for field in fields(cls)]
        return cls(*(np.repeat(np.concatenate(c, axis=2), counts, axis=2) for c in columns))


@dataclass(frozen=True, slots=True)
class Posterior:
    """Each structure's share in each series, and its variance, moderated; arrays (c, K, …, n)."""

    share: Array
    variance: Array
    df: Array  # (c, …, n) of the variances, over all structures

    def average(self, found: Array) -> Array:
        """Return what the structures say of each series together, (c, …, n)."""
        return np.asarray((self.share * found).sum(axis=1))

    def one_after_the_other(self) -> Posterior:
        """Return the same for the series of all metrics in a row."""
        c, k = self.share.shape[:2]
        return Posterior(
            self.share.reshape(c, k, -1), self.variance.reshape(c, k, -1), self.df.reshape(c, -1)
        )


def learn_prior(past: Past) -> tuple[Prior, Posterior]:
    """Learn the variance prior by moments and the structures' weights by maximum likelihood.

    Returns
    -------
    Prior
        What the series teach about their metric.
    Posterior
        What each of them is like in its light.
    """
    variance, noisy = _variances(past)
    prior_df, usual = (found[..., None] for found in variance_prior(variance, past.df[:, None]))
    likelihood = _likelihood(past, prior_df, usual)
    weight = _weights(likelihood, np.asarray(noisy.all(axis=1)))
    prior = Prior(weight, prior_df, usual, prior_df, usual)
    return prior, _posterior(past, prior, likelihood, np.inf)


def with_tails(prior: Prior, past: Past, law: float) -> Prior:
    """Learn the variances of one metric anew, whose noise is like this t law.

    Not those of `drift`: the law is learnt from periods that it tests.
    """
    if np.isinf(law):
        return prior
    found = variance_prior(_variances(past)[0][:DRIFT], past.df[:DRIFT, None], law=law)
    worth, usual = prior.worth.copy(), prior.usual.copy()
    worth[:DRIFT], usual[:DRIFT] = (part[..., None] for part in found)
    return replace(prior, worth=worth, usual=usual)


def _variances(past: Past) -> tuple[Array, Flags]:
    """Return the variances to learn from, and where there is one; 0 elsewhere."""
    teaches = past.teaches[:, None]
    largest = np.max(past.squares, axis=(1, -1), keepdims=True, initial=TINY, where=teaches)
    noisy = np.asarray((past.squares > NOISE_FREE * largest) & teaches)
    return past.squares / np.maximum(past.df[:, None], 1) * noisy, noisy


def _weights(likelihood: Array, counts: Flags) -> Array:
    """Return the weights of each contrast and metric, (c, K, …, 1)."""
    c, k, *metrics, n = likelihood.shape
    questions = np.moveaxis(likelihood, 1, -2).reshape(-1, k, n)
    found = mixture_weights(questions, counts.reshape(-1, n)).reshape(c, *metrics, k)
    return np.moveaxis(found, -1, 1)[..., None]


def posterior(past: Past, prior: Prior, law: float | Array) -> Posterior:
    """Return what each series is like, given itself and what its metric is like.

    `law` is that of the metric's noise, or of each series'.
    """
    return _posterior(past, prior, _likelihood(past, prior.df, prior.variance), law)


def _posterior(past: Past, prior: Prior, likelihood: Array, law: float | Array) -> Posterior:
    share = likelihood * prior.weight
    share /= share.sum(axis=1, keepdims=True)
    return moderated(share, past, prior, law)


def moderated(share: Array, past: Past, prior: Prior, law: float | Array) -> Posterior:
    """Return each series' variance drawn towards what is usual, the structures' shares given."""
    own, squares = past.df, past.squares
    if not np.isinf(law).all():
        own = np.concatenate([effective_df(own[:DRIFT], law), own[DRIFT:]])
        squares = squares * (own / np.maximum(past.df, 1))[:, None]
    variance = (prior.worth * prior.usual + squares) / np.maximum(prior.worth + own[:, None], 1)
    here = (share * prior.worth).sum(axis=1) + own
    return Posterior(share, np.maximum(variance, TINY), here)


def _likelihood(past: Past, prior_df: Array, usual: Array) -> Array:
    """Return each series' restricted likelihood under each structure, up to a factor a series."""
    scale = prior_df * usual
    learnt = prior_df > 0
    half = np.where(learnt, prior_df, 1.0) / 2
    known = (_log_gamma(half, past.df) + half * np.log(np.maximum(scale, TINY))) * learnt
    log = np.log(np.maximum(scale + past.squares, TINY))
    log *= (prior_df + past.df[:, None]) / -2
    log += known
    log -= past.log_det / 2
    log -= np.max(log, axis=1, keepdims=True)
    return np.asarray(np.exp(log, out=log))


def _log_gamma(half: Array, df: Array) -> Array:
    """Return log Gamma(half + df / 2) - log Gamma(half), by a table where one prior is for all."""
    if half.shape[-1] > 1:
        return np.asarray(gammaln(half + df[:, None] / 2) - gammaln(half))
    lengths = np.unique(df)
    table = gammaln(half + lengths / 2) - gammaln(half)
    # Picked by a product with zeros and ones: many times quicker than by places.
    places = (df[..., None, :] == lengths[:, None]) * 1.0
    return np.moveaxis(np.moveaxis(table, 1, -2) @ places, -2, 1)
