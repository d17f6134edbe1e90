"""Has it become worse than it and its peers would lead one to expect?

Each series is predicted from its own past by a bank of structures (`bank`), whose
weights and variances are learnt from all authorities of the metric (`pooling`). Three
contrasts ask when a change began: `last` (in the newest period), `step` (the one
before), `drift` (creeping in over the later half). What happened to the peers
meanwhile is taken out, twice: from the past a contrast is judged by, and from the
effect it finds. The periods a contrast tests never feed the limits it is tested
against, and an authority is not its own peer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr, stdtrit

from earlywarning.models.bank import operators, value_shown
from earlywarning.models.combination import cauchy_combination
from earlywarning.models.movement import CommonMovement, movement_of_others
from earlywarning.models.pooling import (
    Past,
    Posterior,
    Prior,
    by_gaps,
    learn_prior,
    posterior,
    sum_of_squares,
)
from earlywarning.schema import CONTRASTS

Array = NDArray[np.float64]
Labels = NDArray[np.intp]
Flags = NDArray[np.bool_]

FEWEST_PERIODS = 5  # three to learn from, two to test
NO_NOISE = 1e-200  # variance of an effect, in squared units: no series of the metric has any
FEWEST_PAST = 3  # periods to learn from


@dataclass(frozen=True, slots=True)
class Contrasts:
    """The three contrasts of each series; arrays of shape (n_authorities, 3), NaN if not assessed.

    Values and spreads are in the units of the matrix. `expected` and `spread` come from the
    past and the peers alone.
    """

    value: Array  # what was seen: the newest period, or the mean of the last two
    expected: Array  # what its past and its peers lead one to expect of that
    spread: Array  # scale of the expectation's t distribution
    df: Array  # its degrees of freedom
    above: Array  # p-value against "no higher than expected"
    below: Array  # p-value against "no lower than expected"

    def combined(self, tail: Array) -> Array:
        """Combine the three p-values of one tail into one a series, (n_authorities,).

        A contrast that points the other way counts as saying nothing: a good later
        half does not hide a bad newest period.
        """
        return cauchy_combination(np.minimum(tail, 0.5))

    def half_width(self, coverage: float) -> Array:
        """Return half the width of the interval in which that share of expected values lies."""
        return np.asarray(stdtrit(self.df, 0.5 + coverage / 2) * self.spread)


@dataclass(frozen=True, slots=True)
class BankFit:
    """What `learn` found in the authorities of one metric; plain arrays, fit to be kept."""

    published: Flags  # which periods anybody has a value in; the others only take time
    times: Array  # of these
    priors: tuple[Prior, ...]  # a contrast
    movement: tuple[CommonMovement, ...]  # a group of peers
    groups: Labels  # (n_authorities,) the group of each series that was fitted
    effects: Array  # (n_authorities, 3) what each of them shows
    surprises: Array  # (n_authorities, 3)


@dataclass(frozen=True, slots=True)
class _Tested:
    """One contrast of n series under K structures, before what the peers show too is taken out."""

    past: Past
    here: Posterior
    prior: Prior
    surprise: Array  # (n, K)
    surprise_variance: Array  # (n, K)
    value: Array  # (n,)
    usual: Flags  # (n,) whether its tested periods are those of its peers

    @property
    def effect(self) -> Array:
        """Each series' effect, over all structures; NaN where its peers' periods are others."""
        return self._averaged(self.past.effect)

    @property
    def surprised(self) -> Array:
        """Each series' surprise, over all structures; NaN where its peers' periods are others."""
        return self._averaged(self.surprise)

    def _averaged(self, found: Array) -> Array:
        return np.where(self.usual, (self.here.share * found).sum(axis=1), np.nan)


def learn(X: Array, times: Array, groups: Labels) -> BankFit:
    """Learn weights, variances and common movements from all series of one metric.

    Parameters
    ----------
    X : ndarray of shape (n_authorities, n_periods)
        Series, up is worse, oldest period first, NaN in gaps.
    times : ndarray of shape (n_periods,)
        When the periods ended, in release intervals, rising.
    groups : ndarray of shape (n_authorities,)
        The number of each authority's group of peers, from 0 without gaps.

    Returns
    -------
    BankFit
        What `contrasts` needs to judge these series, or later ones.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 10))
    >>> fit = learn(X, np.arange(10.0), np.zeros(60, dtype=int))
    >>> contrasts(X, np.zeros(60, dtype=int), fit).expected.shape
    (60, 3)
    """
    return learn_and_judge(X, times, groups)[0]


def contrasts(X: Array, groups: Labels, fit: BankFit, *, fitted: Labels | None = None) -> Contrasts:
    """Judge each series by what `learn` found; shapes and units are those of `learn`.

    `fitted` says which of the series that were fitted each row is, -1 for none of them: an
    authority is not its own peer, also where its values were others when it was fitted.
    Without it, who was fitted is known by its effect.
    """
    found = _tested(X[:, fit.published], fit.times, groups, fit.movement, fit.priors)
    return _judged(found, groups, fit, fitted)


def learn_and_judge(X: Array, times: Array, groups: Labels) -> tuple[BankFit, Contrasts]:
    """Do `learn` and `contrasts` on the same series at once, at half the cost."""
    members = [groups == g for g in range(int(groups.max()) + 1)]
    known = np.isfinite(X)
    published = np.asarray(known.any(axis=0) | ~known.any())
    X, times = X[:, published], times[published]
    movement = tuple(CommonMovement.of(X[here]) for here in members)
    found = _tested(X, times, groups, movement, None)
    effects = np.stack([tested.effect for tested in found], axis=1)
    surprises = np.stack([tested.surprised for tested in found], axis=1)
    fit = BankFit(
        published,
        times,
        tuple(tested.prior for tested in found),
        movement,
        groups,
        effects,
        surprises,
    )
    return fit, _judged(found, groups, fit, np.arange(len(X)))


def _judged(found: list[_Tested], groups: Labels, fit: BankFit, fitted: Labels | None) -> Contrasts:
    """Take what the peers show too out of every contrast, and test what is left."""
    columns = []
    for j, tested in enumerate(found):
        past, here = tested.past, tested.here
        own = _as_fitted(tested.effect, fit.effects[:, j], fitted)
        effects, doubt = _shared(own, groups, fit.effects[:, j], fit.groups)
        error = here.variance * past.variance + doubt[:, None]
        error = np.where(error > NO_NOISE, error, np.nan)  # nothing ever moved: nothing to say
        t = (past.effect - effects[:, None]) / np.sqrt(error)
        above = (here.share * stdtr(here.df, -t)).sum(axis=1)
        below = (here.share * stdtr(here.df, t)).sum(axis=1)
        own = _as_fitted(tested.surprised, fit.surprises[:, j], fitted)
        shared, doubt = _shared(own, groups, fit.surprises[:, j], fit.groups)
        own = (here.share * tested.surprise).sum(axis=1)
        error = here.variance * tested.surprise_variance + doubt[:, None]
        error += (tested.surprise - own[:, None]) ** 2
        spread = np.sqrt((here.share * error).sum(axis=1))
        df = (here.share * here.df).sum(axis=1)
        columns.append((tested.value, tested.value - own + shared, spread, df, above, below))
    return Contrasts(*(np.stack(c, axis=1) for c in zip(*columns, strict=True)))


def _as_fitted(own: Array, sample: Array, fitted: Labels | None) -> Array:
    """Return what each series showed when it was fitted, or shows now if it was not."""
    if fitted is None:
        return own
    then = np.where(fitted >= 0, sample[fitted], np.nan)
    return np.where(np.isfinite(own) & np.isfinite(then), then, own)


def _shared(own: Array, groups: Labels, sample: Array, members: Labels) -> tuple[Array, Array]:
    """Return what an authority's peers show too, and its variance; 0 where `own` is NaN."""
    shared, doubt = np.zeros(len(own)), np.zeros(len(own))
    for g in np.unique(groups):
        here = (groups == g) & np.isfinite(own)
        shared[here], doubt[here] = movement_of_others(own[here], sample[members == g])
    return shared, doubt


def _tested(
    X: Array,
    times: Array,
    groups: Labels,
    movement: tuple[CommonMovement, ...],
    priors: tuple[Prior, ...] | None,
) -> list[_Tested]:
    """Return all three contrasts of each series; without priors they are learnt from these."""
    moved = np.zeros_like(X)
    for g, group in enumerate(movement):
        moved[groups == g] = group.seen_by(X[groups == g])
    found = []
    for j, contrast in enumerate(CONTRASTS):
        n_past = X.shape[1] - _most_tested(contrast, X.shape[1])
        believed = np.zeros_like(X)
        for g, group in enumerate(movement):
            believed[groups == g] = group.believed(moved[groups == g], n_past)
        found.append(_apply(contrast, X, times, believed, priors[j] if priors else None))
    return found


def _apply(contrast: str, X: Array, times: Array, moved: Array, prior: Prior | None) -> _Tested:
    """Apply the bank to every series, those with the same gaps together."""
    n = len(X)
    past, seen = Past.unknown(n), Past.unknown(n)
    value, usual, apart = np.full(n, np.nan), np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    first_tested = X.shape[1] - _most_tested(contrast, X.shape[1])
    for rows, known in by_gaps(X, FEWEST_PERIODS):
        n_tested, usual[rows] = _periods_tested(contrast, known)
        bank = operators(contrast, tuple(times[known] - times[known][0]), n_tested)
        early = len(bank.residual)
        apart[rows] = np.flatnonzero(known)[early - 1] < first_tested
        y = X[np.ix_(rows, known)]
        value[rows] = y[:, early:] @ value_shown(contrast, n_tested)
        # Who is tested in periods of its own has no peers to show the same: the movement
        # is taken out of those periods too.
        ends = early if usual[rows[0]] else y.shape[1]
        y[:, :ends] -= moved[np.ix_(rows, known)][:, :ends]
        y -= y[:, :early].mean(axis=1, keepdims=True)
        past.effect[rows], past.variance[rows] = y @ bank.effect, bank.variance
        seen.effect[rows], seen.variance[rows] = y @ bank.surprise, bank.surprise_variance
        past.squares[rows] = sum_of_squares(y[:, :early], bank.residual)
        past.log_det[rows] = bank.log_det
        past.df[rows] = early - 1
    if prior is None:
        # Only from pasts that end before the first period which others are tested in.
        prior = learn_prior(replace(past, df=np.where(apart, past.df, 0.0)))
    here = posterior(past, prior)
    return _Tested(past, here, prior, seen.effect, seen.variance, value, usual)


def _most_tested(contrast: str, n_periods: int) -> int:
    """Return how many of the newest periods a contrast tests."""
    return {"last": 1, "step": 2, "drift": n_periods // 2}[contrast]


def _periods_tested(contrast: str, known: Flags) -> tuple[int, bool]:
    """Return how many of a series' known periods are tested, and whether all are there to be."""
    most = _most_tested(contrast, known.size)
    n, there = int(known.sum()), int(known[-most:].sum())
    if there == most and n - there >= FEWEST_PAST:
        return there, True
    return _most_tested(contrast, n), False


def as_z(above: Array, below: Array) -> Array:
    """Return the normal score of a pair of tails, precise in both.

    Examples
    --------
    >>> as_z(np.array([0.025]), np.array([0.975])).round(2)
    array([1.96])
    """
    smaller = -ndtri(np.minimum(above, below))
    return np.asarray(np.where(above < below, smaller, -smaller))
