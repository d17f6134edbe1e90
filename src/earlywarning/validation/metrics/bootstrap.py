"""How sure is any figure, if other authorities might have been looked at?

Authorities are drawn, with all their rows, as often as there are; the figure is computed
of each draw. A draw is a weight a row: how often its authority was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, stdtrit

from earlywarning.errors import UsageError
from earlywarning.models.funnel.intervals import tail_of
from earlywarning.validation.metrics.intervals import Interval
from earlywarning.validation.metrics.rows import Array

AT_ONCE = 4_000_000  # weights computed together: 32 MB


def bootstrap_interval(
    statistic: Callable[[Array], ArrayLike],
    groups: ArrayLike,
    *,
    draws: int = 1000,
    coverage: float = 0.95,
    seed: int,
    strata: ArrayLike | None = None,
) -> Interval:
    """Compute a figure and its limits by drawing authorities again (percentile bootstrap).

    Parameters
    ----------
    statistic : callable
        Takes weights of shape (n_draws, n) and returns n_draws figures, as the metrics here
        do: ``lambda weight: roc_auc(score, event, weight=weight)``.
    groups : array-like of shape (n,)
        The authority of each row.
    draws : int, default=1000
        How often.
    coverage : float, default=0.95
        How often the limits should hold the truth.
    seed : int
        The same seed, the same limits.
    strata : array-like of shape (n,), optional
        Authorities with any such row are drawn apart from the others: give `event`, and
        every draw has as many authorities with an event as there are.

    Returns
    -------
    Interval
        The estimate from all rows, each once; `n_undefined` draws that gave no figure, such as
        those without an event: the limits are of the others. NaN where none gave one, or
        where there are fewer than two authorities.

    Raises
    ------
    UsageError
        If arrays differ in length, or the number of draws or the coverage cannot be used.

    Notes
    -----
    Percentiles are moved outwards for the authorities being few, by the tails of t and
    the variance's n - 1: Hesterberg, T. C. (2015), What teachers should know about the
    bootstrap, American Statistician 69, 371-386; n is the number of authorities, or of
    those in the smaller stratum. Where events are few limits are still too narrow;
    of an area under the ROC, take `roc_auc_interval`.

    Examples
    --------
    >>> value = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    >>> def mean(weight):
    ...     return weight @ value / weight.sum(axis=-1)
    >>> found = bootstrap_interval(mean, ["a", "a", "b", "c", "d", "e"], seed=1)
    >>> found.estimate, found.lower < 3.5 < found.upper, found.n_undefined
    (3.5, True, 0)
    """
    if draws < 1:
        raise UsageError(f"draws={draws}: give at least 1.")
    tail_of(coverage)
    names = np.asarray(groups)
    if names.ndim != 1:
        raise UsageError(f"Groups have the shape {names.shape}: give one a row.")
    codes = np.unique(names, return_inverse=True)[1]
    parts = _strata(codes, strata)
    estimate = float(_figures(statistic, np.ones((1, names.size)))[0])
    fewest = min((part.size for part in parts), default=0)
    if fewest < 2:
        return Interval(estimate, float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    found = np.concatenate(
        [_figures(statistic, weight) for weight in _weights(codes, parts, draws, rng)]
    )
    n_undefined = int((~np.isfinite(found)).sum())
    return Interval(estimate, *percentile_limits(found, fewest, coverage=coverage), n_undefined)


class Draws(NamedTuple):
    """Weights of shape (n_draws, n), and how many groups the smaller stratum has."""

    weight: Array
    fewest: int


def draw_groups(
    groups: ArrayLike, *, draws: int, seed: int, strata: ArrayLike | None = None
) -> Draws:
    """Draw groups as `bootstrap_interval` does, to compute several figures of the same draws.

    Parameters
    ----------
    groups, draws, seed, strata
        As `bootstrap_interval` takes them.

    Returns
    -------
    Draws
        No draws where there are fewer than two groups of either kind.

    Examples
    --------
    >>> draw_groups(["a", "a", "b"], draws=5, seed=1).weight.shape
    (5, 3)
    """
    codes = np.unique(np.asarray(groups), return_inverse=True)[1]
    parts = _strata(codes, strata)
    fewest = min((part.size for part in parts), default=0)
    if fewest < 2 or (strata is not None and len(parts) < 2):
        return Draws(np.empty((0, codes.size)), min(fewest, 1))
    rng = np.random.default_rng(seed)
    return Draws(np.concatenate([*_weights(codes, parts, draws, rng)]), fewest)


def percentile_limits(found: Array, fewest: int, *, coverage: float) -> tuple[float, float]:
    """Return the limits of a figure from its draws; NaN where they do not tell.

    Parameters
    ----------
    found : ndarray of shape (n_draws,)
        The figure of each draw, NaN where there was none.
    fewest : int
        Groups in the smaller stratum.
    coverage : float
        How often the limits should hold the truth.

    Examples
    --------
    >>> lower, upper = percentile_limits(np.arange(101.0), 1000, coverage=0.9)
    >>> round(lower), round(upper)
    (5, 95)
    """
    tail = tail_of(coverage)
    known = found[np.isfinite(found)]
    if not known.size or fewest < 2:
        return float("nan"), float("nan")
    outwards = float(ndtr(np.sqrt(fewest / (fewest - 1)) * stdtrit(fewest - 1, tail)))
    lower, upper = np.quantile(known, [outwards, 1 - outwards])
    return float(lower), float(upper)


def _strata(codes: NDArray[np.intp], strata: ArrayLike | None) -> list[NDArray[np.intp]]:
    """Return the groups of each stratum that has any."""
    if not codes.size:
        return []
    marked = np.zeros(int(codes.max()) + 1, dtype=bool)
    if strata is not None:
        rows = np.asarray(strata, dtype=bool)
        if rows.shape != codes.shape:
            raise UsageError(f"Strata have the shape {rows.shape}: give one a row, {codes.size}.")
        marked[codes[rows]] = True
    return [part for part in (np.flatnonzero(marked), np.flatnonzero(~marked)) if part.size]


def _weights(
    codes: NDArray[np.intp], parts: list[NDArray[np.intp]], draws: int, rng: np.random.Generator
) -> Iterator[Array]:
    """Yield the weights of so many draws, as many at once as memory bears."""
    at_once = max(AT_ONCE // max(codes.size, 1), 1)
    n_groups = sum(part.size for part in parts)
    for start in range(0, draws, at_once):
        n = min(at_once, draws - start)
        times = np.empty((n, n_groups))
        for part in parts:
            times[:, part] = rng.multinomial(part.size, np.full(part.size, 1 / part.size), size=n)
        yield times[:, codes]


def _figures(statistic: Callable[[Array], ArrayLike], weight: Array) -> Array:
    """Return the figure of each draw."""
    found = np.asarray(statistic(weight), dtype=float)
    if found.shape != weight.shape[:1]:
        raise UsageError(
            f"The statistic gave the shape {found.shape} for weights of {weight.shape}: "
            "let it return one figure a row of weights."
        )
    return found
