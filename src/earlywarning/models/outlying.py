"""Which of a few numbers lie far from the others?

The farthest is compared with the rest, taken away, and the next one looked at, so that
two do not hide each other. p says how often chance alone sets any of so many as far
apart; it comes from simulated normal numbers, always the same ones.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

Array = NDArray[np.float64]

FEWEST = 4  # with fewer numbers there is nothing to compare one with
NUMBERS_AN_OUTLIER = 5  # one is looked for among so many
MOST_OUTLIERS = 5
DRAWS = 50_000  # simulated sets of numbers without an outlier
SEED = 1983
TAIL = 100  # of the draws: beyond the most extreme so many, p is carried on in proportion
SMALL = 1e-12  # of the squares of all: the others' variance is no less
ROOM = 1e-9  # the least share of its own residual that a number has no hand in


def outlying(
    values: Array,
    covariate: Array | None = None,
    *,
    least: float = 0.0,
    side: Literal["both", "below"] = "both",
) -> tuple[Array, Array]:
    """Compute how often chance alone sets any of so many numbers as far from the others.

    Parameters
    ----------
    values : ndarray of shape (k,)
        The numbers, 4 or more, none missing.
    covariate : ndarray of shape (k,), optional
        What they are thought to grow with, in a straight line; they are compared beyond it.
    least : float, default=0
        The standard deviation that the others are taken to have at the least.
    side : {"both", "below"}, default="both"
        Whether only numbers that are too small are looked for.

    Returns
    -------
    p : ndarray of shape (k,)
        Corrected over all k; 1 for those that are not looked at, which is all but the
        farthest fifth, one at the least and five at the most.
    distance : ndarray of shape (k,)
        From the others, in their standard deviations; NaN where not looked at.

    Notes
    -----
    Rosner, B. (1983), Percentage points for a generalized ESD many-outlier procedure,
    Technometrics 25, 165-172: all up to the last that is far are outliers.

    Examples
    --------
    >>> p, distance = outlying(np.array([0.1, -0.2, 0.0, 0.2, 9.0, -0.1, 0.1]))
    >>> p.round(4), distance.round()
    (array([1., 1., 1., 1., 0., 1., 1.]), array([nan, nan, nan, nan, 57., nan, nan]))
    """
    k = values.size
    against = None if covariate is None else covariate[None]
    sides = 2 if side == "both" else 1
    distance, place = _farthest(values[None], against, least, sides)
    p = _chance_at_once(distance, k, covariate is not None, sides)[0]
    strongest = np.minimum.accumulate(p[::-1])[::-1]  # one nearer that stands, stands for all
    corrected, apart = np.ones(k), np.full(k, np.nan)
    corrected[place[0]] = _corrected(strongest, _null(k, covariate is not None, sides))
    apart[place[0]] = distance[0]
    return corrected, apart


def _farthest(
    values: Array, covariate: Array | None, least: float, sides: int = 2
) -> tuple[Array, NDArray[np.intp]]:
    """Return the studentised distance and place of the farthest, next, and so on, of each row."""
    rows = np.arange(len(values))
    there = np.ones(values.shape, dtype=bool)
    distances, places = [], []
    for _ in range(_most(values.shape[1])):
        residual, leverage, df = _residuals(values, covariate, there)
        room = np.maximum(1 - leverage, ROOM)
        total = np.where(there, residual**2, 0.0).sum(axis=1, keepdims=True)
        variance = np.maximum((total - residual**2 / room) / df, least**2)
        variance = np.maximum(variance, SMALL * total + np.finfo(float).tiny)
        apart = np.abs(residual) if sides == 2 else -residual
        distance = np.where(there, apart / np.sqrt(variance * room), -np.inf)
        place = distance.argmax(axis=1)
        there[rows, place] = False
        distances.append(distance[rows, place])
        places.append(place)
    return np.stack(distances, axis=1), np.stack(places, axis=1)


def _residuals(
    values: Array, covariate: Array | None, there: NDArray[np.bool_]
) -> tuple[Array, Array, int]:
    """Return what a line on the covariate leaves, the leverage, and a deleted residual's df."""
    n = int(there[0].sum())
    centred = values - np.where(there, values, 0.0).sum(axis=1, keepdims=True) / n
    if covariate is None:
        return centred, np.full(values.shape, 1 / n), n - 2
    c = covariate - np.where(there, covariate, 0.0).sum(axis=1, keepdims=True) / n
    square = np.where(there, c**2, 0.0).sum(axis=1, keepdims=True)
    square = np.where(square > 0, square, 1.0)
    slope = np.where(there, c * centred, 0.0).sum(axis=1, keepdims=True) / square
    return centred - slope * c, np.minimum(1 / n + c**2 / square, 1.0), n - 3


def _most(k: int) -> int:
    """Return how many are looked at among so many."""
    return min(max(k // NUMBERS_AN_OUTLIER, 1), MOST_OUTLIERS)


def _chance_at_once(distance: Array, k: int, by_line: bool, sides: int) -> Array:
    """Return the Bonferroni p of each of the farthest, the nearer ones taken away."""
    left = k - np.arange(distance.shape[1])
    df = left - (3 if by_line else 2)
    return np.asarray(np.minimum(sides * left * stdtr(df, -distance), 1.0))


@lru_cache(maxsize=128)
def _null(k: int, by_line: bool, sides: int) -> Array:
    """Return the smallest Bonferroni p of so many numbers without an outlier, in order."""
    rng = np.random.default_rng(SEED)
    values = rng.normal(size=(DRAWS, k))
    covariate = rng.normal(size=(DRAWS, k)) ** 2 if by_line else None
    distance, _ = _farthest(values, covariate, 0.0, sides)
    smallest = _chance_at_once(distance, k, by_line, sides).min(axis=1)
    ordered = np.sort(smallest)
    ordered.setflags(write=False)
    return ordered


def _corrected(p: Array, null: Array) -> Array:
    """Return the share of sets without an outlier in which the smallest p is as small."""
    share = np.searchsorted(null, p, side="right") / null.size
    edge, at_edge = null[TAIL - 1], TAIL / null.size
    return np.where(p < edge, p * at_edge / edge, share)
