"""Can what was read be what `fit` learns? Refused here, it can break nothing later."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from earlywarning.errors import ModelError
from earlywarning.models.bank import bank_for
from earlywarning.models.pooling import Prior
from earlywarning.models.structural import BankFit
from earlywarning.signals import Learnt

LONGEST = 10_000  # periods of a year, or of a window: days in thirty years


def check_sound(learnt: Learnt) -> None:
    """Refuse what `fit` cannot have learnt, naming what is wrong with it.

    Raises
    ------
    ModelError
        If anything is.
    """
    if problem := next(_problems(learnt), ""):
        raise ModelError(f"what it says it learnt cannot be: {problem}")


def _problems(learnt: Learnt) -> Iterator[str]:
    fit = learnt.fit
    if not learnt.periods or not learnt.authorities:
        yield "nothing was learnt from"
    for name in ("periods", "groups", "authorities"):
        words = getattr(learnt, name)
        if len(set(words)) < len(words):
            yield f"{name} are named twice"
    if list(learnt.groups) != sorted(learnt.groups):
        yield "groups are not in order"
    if sorted(set(fit.peers.groups.tolist())) != list(range(len(learnt.groups))):
        yield "an authority's group is none of them"
    if not (1 <= fit.rhythm.season <= LONGEST and 1 <= fit.rhythm.window <= LONGEST):
        yield "its rhythm is none"
    yield from _of_numbers(fit)


def _of_numbers(fit: BankFit) -> Iterator[str]:
    if not (fit.law >= 1):
        yield "its noise is like no t law"
    if not (np.isfinite(fit.times).all() and (np.diff(fit.times) > 0).all()):
        yield "its times do not rise"
    if np.isinf(fit.averages).any():
        yield "an effect is infinite"
    if ((fit.tails < 0) | (fit.tails > 1)).any():
        yield "a tail is no p-value"
    for group in fit.peers.movement:
        if np.isinf(group.residuals).any() or not _no_less_than_nothing(group.error):
            yield "a movement is infinite, or its error below nothing"
    if fit.priors.weight.shape[1] != len(bank_for(fit.rhythm)):
        yield "it has weights of other structures"
    yield from _of_prior(fit.priors)


def _of_prior(prior: Prior) -> Iterator[str]:
    if not _no_less_than_nothing(prior.weight):
        yield "a weight is below nothing"
    if not np.allclose(prior.weight.sum(axis=1), 1):
        yield "weights do not add up to one"
    for numbers in (prior.df, prior.variance, prior.worth, prior.usual):
        if np.isnan(numbers).any() or (numbers < 0).any():
            yield "a variance is below nothing"


def _no_less_than_nothing(numbers: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(numbers).all() and (numbers >= 0).all())
