"""What do the three contrasts say of each series, and what do they say together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr

from earlywarning.models.combination import cauchy_combination
from earlywarning.models.tails import t_quantile
from earlywarning.schema import CONTRASTS

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

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

    def combined(self, tail: Array) -> Array:
        """Combine the three p-values of one tail into one a series, (n_authorities,).

        A contrast that points the other way counts as saying nothing: a good later
        half does not hide a bad newest period.
        """
        return cauchy_combination(np.minimum(tail, 0.5), WEIGHTS)

    def half_width(self, coverage: float) -> Array:
        """Return half the width of the interval in which that share of expected values lies."""
        return t_quantile(self.df, 0.5 + coverage / 2) * self.spread


def both_tails(t: Array, df: Array) -> tuple[Array, Array]:
    """Return the tails of t laws above and below t, the smaller one to full precision.

    Examples
    --------
    >>> [float(tail[0].round(3)) for tail in both_tails(np.array([2.0]), np.array([10.0]))]
    [0.037, 0.963]
    """
    smaller = stdtr(df, -np.abs(t))
    return np.where(t > 0, smaller, 1 - smaller), np.where(t > 0, 1 - smaller, smaller)


def as_z(above: Array, below: Array) -> Array:
    """Return the normal score of a pair of tails, precise in both.

    Examples
    --------
    >>> as_z(np.array([0.025]), np.array([0.975])).round(2)
    array([1.96])
    """
    smaller = -ndtri(np.minimum(above, below))
    return np.asarray(np.where(above < below, smaller, -smaller))
