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

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtr, stdtrit

from earlywarning.models.bank import operators
from earlywarning.models.combination import cauchy_combination
from earlywarning.models.common_movement import CommonMovement, movement_of_others
from earlywarning.models.estimator import MatrixTransformer
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

FEWEST_PERIODS = 5  # three to learn from, two to test


@dataclass(frozen=True, slots=True)
class Contrasts:
    """The three contrasts of each series; arrays of shape (n_authorities, 3), NaN if not assessed.

    Values, effects and spreads are in the units of the matrix.
    """

    value: Array  # what was seen: the newest period, or the mean of the last two
    effect: Array  # how far above what its past and its peers lead one to expect
    spread: Array  # scale of the effect's t distribution
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

    times: Array
    priors: tuple[Prior, ...]  # a contrast
    movement: tuple[CommonMovement, ...]  # a group of peers
    effects: tuple[Array, ...]  # a group: the effects of its members, (n_members, 3)


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
    >>> contrasts(X, np.zeros(60, dtype=int), fit).effect.shape
    (60, 3)
    """
    return learn_and_judge(X, times, groups)[0]


def contrasts(X: Array, groups: Labels, fit: BankFit) -> Contrasts:
    """Judge each series by what `learn` found; shapes and units are those of `learn`."""
    pasts = _pasts(X, fit.times, groups, fit.movement)
    found = [posterior(past, prior) for past, prior in zip(pasts, fit.priors, strict=True)]
    return _judged(X, groups, fit, list(zip(pasts, found, strict=True)))


def learn_and_judge(X: Array, times: Array, groups: Labels) -> tuple[BankFit, Contrasts]:
    """Do `learn` and `contrasts` on the same series at once, at half the cost."""
    n_groups = int(groups.max()) + 1
    movement = tuple(CommonMovement.of(X[groups == g]) for g in range(n_groups))
    pasts = _pasts(X, times, groups, movement)
    priors = tuple(learn_prior(past) for past in pasts)
    found = [posterior(past, prior) for past, prior in zip(pasts, priors, strict=True)]
    own = [(here.share * past.effect).sum(axis=1) for past, here in zip(pasts, found, strict=True)]
    effects = np.stack(own, axis=1)
    by_group = tuple(effects[groups == g] for g in range(n_groups))
    fit = BankFit(times, priors, movement, by_group)
    return fit, _judged(X, groups, fit, list(zip(pasts, found, strict=True)))


def _judged(
    X: Array, groups: Labels, fit: BankFit, found: list[tuple[Past, Posterior]]
) -> Contrasts:
    """Take the peers' effects out of every contrast, and test what is left."""
    columns = []
    for j, (past, here) in enumerate(found):
        own = (here.share * past.effect).sum(axis=1)
        shared, doubt = _shared(own, groups, [effects[:, j] for effects in fit.effects])
        error = here.variance * past.variance + doubt[:, None]
        t = (past.effect - shared[:, None]) / np.sqrt(error)
        above = (here.share * stdtr(here.df, -t)).sum(axis=1)
        below = (here.share * stdtr(here.df, t)).sum(axis=1)
        total = (here.share * (error + (past.effect - own[:, None]) ** 2)).sum(axis=1)
        df = (here.share * here.df).sum(axis=1)
        columns.append((own - shared, np.sqrt(total), df, above, below))
    return Contrasts(_values(X), *(np.stack(c, axis=1) for c in zip(*columns, strict=True)))


def _shared(own: Array, groups: Labels, effects: list[Array]) -> tuple[Array, Array]:
    """Return the effect each authority's peers show too, and its sampling variance."""
    shared, doubt = np.zeros(len(own)), np.zeros(len(own))
    for g, sample in enumerate(effects):
        here = groups == g
        shared[here], doubt[here] = movement_of_others(own[here], sample)
    return shared, doubt


def _pasts(
    X: Array, times: Array, groups: Labels, movement: tuple[CommonMovement, ...]
) -> list[Past]:
    """Return what each contrast's past says, the movement of the peers taken out of it."""
    moved = np.zeros_like(X)
    for g, group in enumerate(movement):
        moved[groups == g] = group.seen_by(X[groups == g])
    pasts = []
    for contrast in CONTRASTS:
        n_past = X.shape[1] - {"last": 1, "step": 2, "drift": X.shape[1] // 2}[contrast]
        believed = np.zeros_like(X)
        for g, group in enumerate(movement):
            believed[groups == g] = group.believed(moved[groups == g], n_past)
        pasts.append(_past(contrast, X, times, believed))
    return pasts


def _past(contrast: str, X: Array, times: Array, moved: Array) -> Past:
    """Apply the bank to every series, those with the same gaps together."""
    past = Past.unknown(len(X))
    for rows, known in by_gaps(X, FEWEST_PERIODS):
        bank = operators(contrast, tuple(times[known] - times[known][0]))
        early = len(bank.residual)
        y = X[np.ix_(rows, known)]
        y[:, :early] -= moved[np.ix_(rows, known)][:, :early]
        y -= y[:, :early].mean(axis=1, keepdims=True)
        past.effect[rows] = y @ bank.effect
        past.variance[rows] = bank.variance
        past.squares[rows] = sum_of_squares(y[:, :early], bank.residual)
        past.log_det[rows] = bank.log_det
        past.df[rows] = early - 1
    return past


def _values(X: Array) -> Array:
    """Return what each contrast looks at: the newest known value, or the mean of the last two."""
    value = np.full((len(X), len(CONTRASTS)), np.nan)
    for rows, known in by_gaps(X, FEWEST_PERIODS):
        newest = X[np.ix_(rows, known)][:, -2:]
        value[rows] = newest[:, [1]]
        value[rows, CONTRASTS.index("step")] = newest.mean(axis=1)
    return value


class StructuralBank(MatrixTransformer):
    """Scikit-learn's view of the bank: one group of peers, periods one interval apart.

    Attributes
    ----------
    fit_ : BankFit
        The weights, variances and movements learnt.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 10))
    >>> X[0, -1] += 6
    >>> StructuralBank().fit_transform(X)[:, 0].argmax().item()
    0
    """

    def fit(self, X: ArrayLike, y: None = None) -> StructuralBank:
        """Learn from the authorities of one metric, (n_authorities, n_periods)."""
        matrix = self._as_fitted(X)
        times = np.arange(matrix.shape[1], dtype=np.float64)
        self.fit_ = learn(matrix, times, np.zeros(len(matrix), dtype=np.intp))
        return self

    def contrasts(self, X: ArrayLike) -> Contrasts:
        """Judge authorities by what was learnt; those that were fitted are not their own peers."""
        matrix = self._as_judged(X)
        return contrasts(matrix, np.zeros(len(matrix), dtype=np.intp), self.fit_)

    def transform(self, X: ArrayLike) -> Array:
        """Return z of the three contrasts, (n_authorities, 3); above 0 is higher than expected."""
        judged = self.contrasts(X)
        return as_z(judged.above, judged.below)


def as_z(above: Array, below: Array) -> Array:
    """Return the normal score of a pair of tails, precise in both.

    Examples
    --------
    >>> as_z(np.array([0.025]), np.array([0.975])).round(2)
    array([1.96])
    """
    smaller = -ndtri(np.minimum(above, below))
    return np.asarray(np.where(above < below, smaller, -smaller))
