"""How may a series of a council metric move by itself?

A `Structure` is one Gaussian model: noise, with or without memory, around a level
that may wander, a pattern of the seasons, and a straight line that may be there. For
given times and an unknown level it is one matrix, its `Precision`; no optimiser ever
runs. Nothing here sees data.
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
    turn: float = 0.0  # variance of a slope's random step, a period
    season: float = 0.0  # variance between the seasons of the year
    slope: float = 0.0  # sd of a straight line's slope, a period


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What the periods of a metric are like, in release intervals."""

    season: int = 1  # periods a year: 4, 12; 1 where the year has no seasons
    window: int = 1  # periods a value runs over: 3 for a three-year average that comes out yearly


ANNUAL = Rhythm()  # yearly values, each of its own year


def covariances(structures: Sequence[Structure], times: Array, rhythm: Rhythm) -> Array:
    """Return each structure's covariance, (n_structures, n_periods, n_periods).

    Times count from the window's first period. The series' unknown level and its
    straight line are not in it. A value that runs over several periods is their mean,
    so that values of windows that overlap go together as much as they share.
    """
    apart = np.arange(rhythm.window)
    ends = np.unique(np.round(times[:, None] - apart, 6))
    mean = (np.abs(ends - times[:, None, None] + apart[:, None]) < 1e-5).mean(axis=1)
    inner = _covariances(structures, ends + rhythm.window, rhythm.season)
    return np.asarray(mean @ inner @ mean.T)


def _covariances(structures: Sequence[Structure], t: Array, season: int) -> Array:
    """Return the covariances of single periods, all of them after time 0."""
    gap = np.abs(t[:, None] - t[None, :])
    first = np.minimum(t[:, None], t[None, :])
    later = np.maximum(t[:, None], t[None, :])
    turning = first**2 * later / 2 - first**3 / 6
    same_season = np.abs(gap / season - np.round(gap / season)) * season < 0.5
    noise, memory, level, turn, seasonal = (
        np.array([getattr(structure, name) for structure in structures])[:, None, None]
        for name in ("noise", "memory", "level", "turn", "season")
    )
    passing = np.where(gap == 0, 1.0, np.power(memory, gap))
    lasting = level * first + turn * turning + seasonal * same_season
    return np.asarray(noise * passing + lasting)


@dataclass(frozen=True)
class Bank:
    """A grid of structures: every basis with every slope, the slope running fastest."""

    bases: tuple[Structure, ...]
    slopes: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.bases) * len(self.slopes)

    @property
    def structures(self) -> tuple[Structure, ...]:
        """All of them, in order."""
        return tuple(replace(basis, slope=s) for basis in self.bases for s in self.slopes)


SLOPES = (0.0, 0.1, 0.4)
BASES = (
    Structure(),
    Structure(memory=0.5),
    Structure(level=0.3),
    Structure(noise=0.0, level=1.0),
    Structure(turn=0.1),
)
SEASONAL = tuple(
    Structure(memory=m, level=v, season=s)
    for m, v in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.3))
    for s in (0.3, 2.0)
)
YEARLY = Bank(BASES, SLOPES)
WITH_SEASONS = Bank((*BASES, *SEASONAL), SLOPES)


def bank_for(rhythm: Rhythm) -> Bank:
    """Return the structures that a metric of this rhythm may have."""
    return WITH_SEASONS if rhythm.season > 1 else YEARLY


@dataclass(frozen=True, eq=False)
class Precision:
    """How surely each basis of a bank knows a series whose level is unknown; B bases.

    Attributes
    ----------
    matrix : ndarray of shape (n_periods, B, n_periods)
        The inverse covariance, less what the unknown level takes from it.
    log_det : ndarray of shape (B,)
        Of the restricted covariance, up to one constant for all.
    """

    bank: Bank
    times: Array
    matrix: Array
    log_det: Array


@lru_cache(maxsize=256)
def precision(times: tuple[float, ...], rhythm: Rhythm, *, newest: str = "seen") -> Precision:
    """Work out the bank's precision at these times (in release intervals, rising).

    With `newest="anew"` the last period's noise has nothing to do with that of the others:
    it may be the time of another period, looked at a second time.
    """
    bank, t = bank_for(rhythm), np.asarray(times)
    covariance = covariances(bank.bases, t, rhythm)
    if newest == "anew":
        noise = [replace(basis, level=0.0, turn=0.0, season=0.0) for basis in bank.bases]
        shared = covariances(noise, t, rhythm)[:, -1, :-1]
        covariance[:, -1, :-1] -= shared
        covariance[:, :-1, -1] -= shared
        covariance[:, -1, -1] += 1.0
    inverse = np.linalg.inv(covariance)
    level = inverse.sum(axis=2)
    total = level.sum(axis=1)
    matrix = inverse - level[:, :, None] * level[:, None, :] / total[:, None, None]
    log_det = np.linalg.slogdet(covariance)[1] + np.log(total)
    return Precision(bank, t, np.ascontiguousarray(matrix.transpose(1, 0, 2)), log_det)
