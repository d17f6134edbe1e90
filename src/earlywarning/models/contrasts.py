"""What do the three contrasts say of each series, and what do they say together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from earlywarning.models.blocks import LAST, STEP
from earlywarning.models.combination import cauchy_combination
from earlywarning.models.pooling import Posterior
from earlywarning.models.tails import student_tails, t_quantile, with_heavy_tails
from earlywarning.models.tested import Tested
from earlywarning.schema import CONTRASTS

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

NO_NOISE = 1e-200  # variance of a series, in units squared: no series of the metric has any
WEIGHTS = (0.55, 0.3, 0.15)  # of last, step and drift: most events are seen as soon as they begin


@dataclass(frozen=True, slots=True)
class Contrasts:
    """The three contrasts of each series; arrays of shape (n_authorities, 3), NaN if not assessed.

    Values and spreads are in the units of the matrix. `expected` and `spread` come from the
    past and the peers alone; `effect` and `error` from what is tested as well.
    """

    value: Array  # what was seen: the newest period, or the mean of the last two
    expected: Array  # what its past and its peers lead one to expect of that
    spread: Array  # scale of the expectation's t distribution
    df: Array  # its degrees of freedom
    effect: Array  # how large the change is, less what the peers show
    error: Array  # scale of the effect's t distribution, which has the same degrees of freedom
    above: Array  # p-value against "no higher than expected"
    below: Array  # p-value against "no lower than expected"

    @classmethod
    def unknown(cls, n: int) -> Contrasts:
        """Return contrasts of which nothing is known."""
        return cls(*(np.full((n, len(CONTRASTS)), np.nan) for _ in cls.__slots__))

    def of(self, rows: Flags | slice) -> Contrasts:
        """Return the contrasts of some of the series."""
        return Contrasts(*(getattr(self, name)[rows] for name in self.__slots__))

    @classmethod
    def together(cls, parts: Sequence[Contrasts]) -> Contrasts:
        """Return the contrasts of several sets of series, one after the other."""
        names = cls.__slots__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def apart(self, counts: Sequence[int]) -> list[Contrasts]:
        """Return the contrasts of so many series each: what `together` put together."""
        ends = np.cumsum([0, *counts])
        return [self.of(slice(start, end)) for start, end in pairwise(ends.tolist())]

    def widened(self, factor: Array, as_last: Flags) -> Contrasts:
        """Return the contrasts of expectations that are wider by a factor, (n_authorities, 3).

        `as_last`, (3, n_authorities), says which contrast is `last` once more.
        """
        factor = np.where(as_last.T, factor[:, [LAST]], factor)
        if (factor == 1).all():
            return self
        error, wider = self.error * factor, np.isfinite(self.above) & (factor > 1)
        above, below = self.above.copy(), self.below.copy()
        tails = student_tails(self.effect[wider] / error[wider], self.df[wider])
        above[wider], below[wider] = tails
        return replace(self, spread=self.spread * factor, error=error, above=above, below=below)

    def combined(self, tail: Array) -> Array:
        """Combine the three p-values of one tail into one a series, (n_authorities,).

        A contrast that points the other way counts as saying nothing: a good later
        half does not hide a bad newest period.
        """
        return cauchy_combination(np.minimum(tail, 0.5), WEIGHTS)

    def half_width(self, coverage: float) -> Array:
        """Return half the width of the interval in which that share of expected values lies."""
        return t_quantile(self.df, 0.5 + coverage / 2) * self.spread


def averages_of(found: Tested, here: Posterior) -> Array:
    """Return effects and surprises over all structures, (n, 6); NaN where peers' periods differ."""
    averages = np.concatenate([here.average(found.effect), here.average(found.surprise)])
    return np.where(np.tile(found.usual, (2, 1)), averages, np.nan).T


def judged(found: Tested, here: Posterior, shared: Array, doubt: Array, law: Array) -> Contrasts:
    """Take what the peers show too out of every contrast, and test what is left.

    `shared` and `doubt` are (6, n), of the effects and of the surprises; they count only where
    the peers are tested in the same periods.
    """
    usual = np.tile(found.usual, (2, 1))
    shared, doubt = np.where(usual, shared, 0.0), np.where(usual, doubt, 0.0)
    effect, error, df = _estimate(found.effect, found.variance, here, doubt[:3], law)
    noisy = here.average(here.variance) > NO_NOISE  # else nothing ever moved: nothing to say
    effect -= shared[:3]
    above, below = student_tails(np.where(noisy, effect / np.where(noisy, error, 1.0), np.nan), df)
    surprise, spread, df = _estimate(found.surprise, found.surprise_variance, here, doubt[3:], law)
    expected = found.value - surprise + shared[3:]
    parts = (found.value.copy(), expected, spread, df, effect, error, above, below)
    for part in parts:
        np.copyto(part, part[LAST], where=found.as_last)
    return Contrasts(*(part.T for part in parts))


def _estimate(
    found: Array, variance: Array, here: Posterior, doubt: Array, law: Array
) -> tuple[Array, Array, Array]:
    """Average estimates over the structures: their values, and the t laws they are known by.

    What the structures disagree in makes them less sure.
    """
    value = here.average(found)
    error = here.variance * variance + (found - value[:, None]) ** 2
    spread, df = np.sqrt(here.average(error) + doubt), here.df.copy()
    # A mean of several periods is nearer to normal than one, and a ramp of many is normal.
    for contrast, law_here in ((LAST, law), (STEP, 2 * law)):
        spread[contrast], df[contrast] = with_heavy_tails(spread[contrast], df[contrast], law_here)
    return value, spread, df


def smaller_tails(found: Tested, seen: Contrasts) -> Array:
    """Return the smaller p-value of each contrast, (n, 3); NaN where peers' periods differ."""
    return np.where(found.usual.T, np.minimum(seen.above, seen.below), np.nan)


def as_z(above: Array, below: Array) -> Array:
    """Return the normal score of a pair of tails, precise in both.

    Examples
    --------
    >>> as_z(np.array([0.025]), np.array([0.975])).round(2)
    array([1.96])
    """
    smaller = -ndtri(np.minimum(above, below))
    return np.asarray(np.where(above < below, smaller, -smaller))
