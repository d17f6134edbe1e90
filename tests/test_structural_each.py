"""Several metrics at once are learnt from and judged as one by one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.models import blocks, structural
from earlywarning.models.contrasts import Contrasts
from earlywarning.models.structural import Asked, Yardsticks, learn_and_judge, learn_and_judge_each

N_PERIODS = 10
TIMES = np.arange(float(N_PERIODS))


def metrics(seed, sizes):
    """Return metrics of these sizes: gaps, late series, unpublished periods, two groups, tails."""
    rng = np.random.default_rng(seed)
    found = []
    for n in sizes:
        x = rng.standard_t(rng.choice([3.0, 100.0]), size=(n, N_PERIODS)) * rng.uniform(0.5, 50)
        x += rng.normal(size=N_PERIODS)
        x[rng.random(x.shape) < rng.choice([0.0, 0.1, 0.3])] = np.nan
        x[rng.random(n) < 0.1, -2:] = np.nan
        if rng.random() < 0.3:
            x[:, 4] = np.nan
        found.append((x, np.unique(rng.integers(0, 2, n), return_inverse=True)[1]))
    return found


def assert_same(one, other, rtol=1e-7):
    for name in Contrasts.__slots__:
        found, wanted = getattr(one, name), getattr(other, name)
        assert_allclose(found, wanted, rtol=rtol, atol=1e-9, err_msg=name)


drawn = st.builds(
    metrics, st.integers(0, 10_000), st.lists(st.integers(3, 40), min_size=1, max_size=5)
)


@settings(max_examples=25)
@given(several=drawn)
def test_each_metric_is_judged_as_if_it_were_the_only_one(several):
    together = learn_and_judge_each(several, TIMES)
    for (x, groups), (fit, judged) in zip(several, together, strict=True):
        alone, wanted = learn_and_judge(x, TIMES, groups)
        assert_same(judged, wanted)
        assert_allclose(fit.priors.weight, alone.priors.weight, atol=1e-6)
        assert_allclose(fit.priors.variance, alone.priors.variance, rtol=1e-9)
        assert_array_equal(fit.published, alone.published)
        assert_allclose(fit.law, alone.law)


@settings(max_examples=15)
@given(several=drawn)
def test_series_judged_again_by_what_was_learnt_say_the_same(several):
    together = learn_and_judge_each(several, TIMES)
    asked = [
        Asked(groups, fit, np.arange(len(x)))
        for (x, groups), (fit, _) in zip(several, together, strict=True)
    ]
    yardsticks = Yardsticks.of(asked)
    again = yardsticks.contrasts([x for x, _ in several])
    wanted = Contrasts.together([judged for _, judged in together])
    assert_same(again, wanted)
    twice = yardsticks.again([np.tile(np.arange(len(x)), 2) for x, _ in several])
    doubled = twice.contrasts([np.concatenate([x, x]) for x, _ in several])
    assert_allclose(doubled.above[: len(several[0][0])], wanted.above[: len(several[0][0])], 1e-7)


def test_how_many_are_worked_out_at_once_does_not_matter(monkeypatch):
    several = metrics(3, [40, 25, 33])
    wanted = learn_and_judge_each(several, TIMES)
    monkeypatch.setattr(blocks, "AT_ONCE", 7)
    monkeypatch.setattr(structural, "SERIES_AT_ONCE", 1)
    for (_, judged), (_, other) in zip(learn_and_judge_each(several, TIMES), wanted, strict=True):
        assert_same(judged, other)
