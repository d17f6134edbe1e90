"""How may a series of a council metric move by itself, and what does each way expect next?

A `Structure` is one Gaussian model: noise, with or without memory, around a level
that may wander and a slope that may be there. For given times and one contrast
everything a structure has to say is linear in the series, so `operators` works it
out once for the whole bank, as matrices; no optimiser ever runs. Nothing here sees data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Structure:
    """One way to move; variances are in units of the noise's, times in release intervals."""

    noise: float = 1.0  # variance of what does not last
    memory: float = 0.0  # correlation of that noise from one period to the next
    level: float = 0.0  # variance of the level's random step, a period
    slope: float = 0.0  # sd of a straight line's slope, a period
    turn: float = 0.0  # variance of the slope's own random step, a period

    def covariance(self, times: Array) -> Array:
        """Return the covariance of a series at these times, its unknown level aside."""
        return np.asarray(covariances((self,), times)[0])


def covariances(structures: Sequence[Structure], times: Array) -> Array:
    """Return each structure's covariance at these times, (K, n_periods, n_periods)."""
    t = times - times[0] + 1.0
    gap = np.abs(t[:, None] - t[None, :])
    first = np.minimum(t[:, None], t[None, :])
    later = np.maximum(t[:, None], t[None, :])
    turning = first**2 * later / 2 - first**3 / 6
    noise, memory, level, slope, turn = (
        np.array([getattr(structure, name) for structure in structures])[:, None, None]
        for name in ("noise", "memory", "level", "slope", "turn")
    )
    passing = np.where(gap == 0, 1.0, np.power(memory, gap))
    lasting = level * first + slope**2 * t[:, None] * t[None, :] + turn * turning
    return np.asarray(noise * passing + lasting)


SLOPES = (0.0, 0.1, 0.3, 1.0)
BANK: tuple[Structure, ...] = (
    *(Structure(memory=m, slope=s) for m in (0.0, 0.3, 0.6, 0.85) for s in SLOPES),
    *(Structure(level=v, slope=s) for v in (0.1, 0.4, 1.5) for s in SLOPES),
    *(Structure(noise=0.0, level=1.0, slope=s) for s in SLOPES),
    *(Structure(turn=v, slope=0.3) for v in (0.02, 0.1, 0.5)),
)


@dataclass(frozen=True, slots=True)
class Operators:
    """What the bank makes of a series at given times, for one contrast; K structures.

    `baseline` of the `n_periods` come before what is tested. The effect, the best
    estimate of the contrast's size, is `y @ effect`, its variance `variance` in units of
    the series' own. The surprise, the value shown less what the baseline leads one to
    expect of it, is `y @ surprise`. The residual sum of squares of the baseline is that of
    `y[:baseline] @ residual`.
    """

    effect: Array  # (n_periods, K)
    variance: Array  # (K,)
    surprise: Array  # (n_periods, K)
    surprise_variance: Array  # (K,)
    residual: Array  # (baseline, K, baseline - 1)
    log_det: Array  # (K,) of the baseline's restricted covariance


def contrast_shape(contrast: str, times: Array, n_tested: int) -> Array:
    """Return what the contrast looks for in the periods it tests: 1 is its full size at the end.

    >>> contrast_shape("drift", np.arange(6.0), 3)
    array([0.33333333, 0.66666667, 1.        ])
    """
    if contrast != "drift":
        return np.ones(n_tested)
    start = times[-n_tested - 1]
    return np.asarray((times[-n_tested:] - start) / (times[-1] - start))


def value_shown(contrast: str, n_tested: int) -> Array:
    """Return the weights of the tested periods in the value that is shown to people.

    >>> value_shown("step", 2)
    array([0.5, 0.5])
    """
    if contrast == "step":
        return np.full(n_tested, 1 / n_tested)
    return np.repeat([0.0, 1.0], [n_tested - 1, 1])


@lru_cache(maxsize=4096)
def operators(contrast: str, times: tuple[float, ...], n_tested: int) -> Operators:
    """Work out the bank for one contrast at these times (in release intervals, rising)."""
    t = np.asarray(times)
    shape, shown = contrast_shape(contrast, t, n_tested), value_shown(contrast, n_tested)
    early = t.size - n_tested
    covariance = covariances(BANK, t)
    predict, spread = _prediction(covariance, early)
    # The best linear estimate of the contrast's size from the errors of prediction.
    weighted = np.linalg.solve(spread, np.broadcast_to(shape[:, None], (len(BANK), n_tested, 1)))
    information = (shape[None, :, None] * weighted).sum(axis=(1, 2))
    late = weighted[:, :, 0] / information[:, None]
    return Operators(
        _error_weights(late, predict),
        1 / information,
        _error_weights(np.broadcast_to(shown, late.shape), predict),
        np.einsum("l,klm,m->k", shown, spread, shown),
        *_restricted(covariance[:, :early, :early]),
    )


def _error_weights(late: Array, predict: Array) -> Array:
    """Return the weights, (n_periods, K), in a sum of prediction errors with weights `late`."""
    own = -np.einsum("kl,kle->ke", late, predict)
    return np.asarray(np.concatenate([own, late], axis=1).T)


@dataclass(frozen=True, slots=True)
class LineOperators:
    """What the bank makes of the straight line in a series: `y @ slope` and `y @ level`."""

    slope: Array  # (n_periods, K), per release interval
    variance: Array  # (K,) of the slope, in units of the series' own
    level: Array  # (n_periods, K), what lasts of the series, at the newest period


@lru_cache(maxsize=4096)
def line_operators(times: tuple[float, ...]) -> LineOperators:
    """Work out slope (generalised least squares) and present level of a series at these times."""
    t = np.asarray(times)
    noise = covariances([replace(structure, slope=0.0) for structure in BANK], t)
    line = np.column_stack([np.ones(t.size), t])
    weighted = np.linalg.solve(noise, np.broadcast_to(line, (len(BANK), *line.shape)))
    inverse = np.linalg.inv(line.T @ weighted)
    slope = np.einsum("ktl,kl->tk", weighted, inverse[:, 1])
    return LineOperators(slope, inverse[:, 1, 1], _lasting(t))


def _lasting(times: Array) -> Array:
    """Return the weights, (n_periods, K), of the newest level: passing noise is left out."""
    ones = np.ones((len(BANK), times.size, 1))
    lasting = covariances([replace(structure, noise=0.0) for structure in BANK], times)[:, -1:]
    whole = np.linalg.solve(
        covariances(BANK, times), np.concatenate([ones, lasting.swapaxes(1, 2)], axis=2)
    )
    level = whole[:, :, 0] / whole[:, :, 0].sum(axis=1, keepdims=True)
    own = whole[:, :, 1]
    return np.asarray((own + (1 - own.sum(axis=1, keepdims=True)) * level).T)


def _prediction(covariance: Array, early: int) -> tuple[Array, Array]:
    """Return what predicts the later periods from the early ones, and the error's covariance.

    The level is unknown (a flat prior), which is what the terms in `ones` account for.
    """
    inner, cross = covariance[:, :early, :early], covariance[:, early:, :early]
    ones = np.ones((len(covariance), early, 1))
    regress = np.linalg.solve(inner, cross.swapaxes(1, 2)).swapaxes(1, 2)
    towards = np.linalg.solve(inner, ones)
    precision = towards.sum(axis=1, keepdims=True)
    level = (towards / precision).swapaxes(1, 2)
    unexplained = 1 - regress.sum(axis=2, keepdims=True)
    predict = regress + unexplained * level
    spread = covariance[:, early:, early:] - regress @ cross.swapaxes(1, 2)
    return predict, spread + unexplained @ unexplained.swapaxes(1, 2) / precision


def _restricted(covariance: Array) -> tuple[Array, Array]:
    """Return what whitens the early periods, their level taken out, and its log determinant."""
    size = covariance.shape[-1]
    basis = _level_free(size)
    inner = basis.T @ covariance @ basis
    root = np.linalg.cholesky(inner)
    whitened = np.linalg.solve(root, np.broadcast_to(basis.T, (len(covariance), size - 1, size)))
    log_det = 2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return np.ascontiguousarray(whitened.transpose(2, 0, 1)), log_det


def _level_free(size: int) -> Array:
    """Return an orthonormal basis of all that adds up to nothing, (size, size - 1)."""
    step = np.arange(size - 1)
    basis = np.triu(np.ones((size, size - 1)))
    basis[step + 1, step] = -(step + 1.0)
    return np.asarray(basis / np.linalg.norm(basis, axis=0))
