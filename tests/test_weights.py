"""The weights of a mixture: at the maximum of its likelihood, however they are come by."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from earlywarning.models import weights
from earlywarning.models.weights import mixture_weights

EM_ALONE = 20_000  # steps: plain ones, enough to be at the maximum


def likelihoods(seed, k, n, spread):
    """Return likelihoods of n series under k structures, as far apart as `spread` says."""
    log = spread * np.random.default_rng(seed).normal(size=(1, k, n))
    return np.exp(log - log.max(axis=1, keepdims=True))


def objective(likelihood, weight):
    """Return the log-likelihood of all series, one series' worth of even doubt added."""
    mixture = weight @ likelihood[0]
    return np.log(mixture).sum() + np.log(weight).mean()


def by_em(likelihood, steps=EM_ALONE):
    """Return the weights by plain EM, a textbook's loop."""
    k, n = likelihood.shape[1:]
    weight = np.full(k, 1 / k)
    for _ in range(steps):
        share = weight[:, None] * likelihood[0]
        share /= share.sum(axis=0)
        weight = (share.sum(axis=1) + 1 / k) / (n + 1)
    return weight


drawn = st.builds(
    likelihoods,
    st.integers(0, 10_000),
    st.integers(2, 15),
    st.integers(1, 317),
    st.sampled_from([0.01, 0.5, 2.0, 10.0]),
)


@settings(max_examples=60)
@given(likelihood=drawn)
def test_no_other_weights_are_more_likely_by_more_than_a_tenth(likelihood):
    counts = np.ones((1, likelihood.shape[2]), dtype=bool)
    found = mixture_weights(likelihood, counts)[0]
    assert objective(likelihood, by_em(likelihood, 2000)) - objective(likelihood, found) < 0.1


def test_the_weights_are_those_of_a_general_optimiser():
    likelihood = likelihoods(3, 4, 80, 2.0)

    def cost(free):
        weight = np.exp(free) / np.exp(free).sum()
        return -objective(likelihood, weight)

    best = minimize(cost, np.zeros(4), method="BFGS", options={"gtol": 1e-8})
    wanted = np.exp(best.x) / np.exp(best.x).sum()
    found = mixture_weights(likelihood, np.ones((1, 80), dtype=bool))[0]
    assert_allclose(found, wanted, atol=1e-4)
    assert_allclose(by_em(likelihood), wanted, atol=1e-5)


def test_series_that_do_not_count_change_nothing(rng):
    likelihood = likelihoods(5, 6, 50, 2.0)
    counts = rng.random((1, 50)) < 0.7
    wild = np.where(counts[:, None], likelihood, np.nan)
    alone = mixture_weights(likelihood[..., counts[0]], counts[:, counts[0]])
    assert_allclose(mixture_weights(wild, counts), alone, rtol=1e-10)


def test_several_questions_at_once_are_answered_as_one_by_one():
    both = np.concatenate([likelihoods(1, 5, 60, 3.0), likelihoods(2, 5, 60, 0.1)])
    counts = np.ones((2, 60), dtype=bool)
    for one, found in zip(both, mixture_weights(both, counts), strict=True):
        assert_allclose(found, mixture_weights(one[None], counts[:1])[0], rtol=1e-10)


@pytest.mark.parametrize("k", [2, 15])
def test_without_series_the_weights_are_even(k):
    found = mixture_weights(np.full((3, k, 4), np.nan), np.zeros((3, 4), dtype=bool))
    assert_allclose(found, 1 / k)


def test_newtons_steps_are_needed(monkeypatch):
    """What EM alone leaves over is many times what is allowed."""
    likelihood = likelihoods(7, 15, 317, 0.5)
    counts = np.ones((1, 317), dtype=bool)
    best = objective(likelihood, by_em(likelihood))
    assert best - objective(likelihood, mixture_weights(likelihood, counts)[0]) < 0.01
    monkeypatch.setattr(weights, "NEWTON_STEPS", 0)
    assert best - objective(likelihood, mixture_weights(likelihood, counts)[0]) > 0.1
