"""Drawing authorities again: the same draws each time, undefined ones told, and fast."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from earlywarning.errors import UsageError
from earlywarning.validation.metrics import bootstrap, bootstrap_interval, roc_auc

few = settings(max_examples=50)


def mean_of(value):
    return lambda weight: weight @ value / weight.sum(axis=-1)


def area_of(score, event):
    return lambda weight: roc_auc(score, event, weight=weight)


def test_the_limits_of_a_mean_are_those_of_student(rng):
    """Hesterberg's percentiles: as wide as the t interval, in the long run of draws."""
    value = rng.normal(size=12)
    found = bootstrap_interval(mean_of(value), np.arange(12), draws=40_000, seed=3)
    half = 2.201 * value.std(ddof=1) / np.sqrt(12)  # t with 11 degrees of freedom, tabled
    assert_allclose(found[:3], [value.mean(), value.mean() - half, value.mean() + half], atol=0.04)


def test_rows_of_one_authority_are_drawn_together(rng):
    value = np.repeat(rng.normal(size=30), 8)
    alone = bootstrap_interval(mean_of(value), np.arange(240), seed=1)
    together = bootstrap_interval(mean_of(value), np.repeat(np.arange(30), 8), seed=1)
    assert together.upper - together.lower > 2.3 * (alone.upper - alone.lower)


def test_draws_without_an_event_are_counted_and_strata_have_none(rng):
    score, event = rng.normal(size=50), np.arange(50) < 2
    found = bootstrap_interval(area_of(score, event), np.arange(50), seed=5)
    assert 90 < found.n_undefined < 190  # (1 - 2 / 50) ** 50 of 1,000 is 130
    assert 0 <= found.lower <= found.upper <= 1
    drawn_apart = bootstrap_interval(area_of(score, event), np.arange(50), seed=5, strata=event)
    assert drawn_apart.n_undefined == 0


def test_without_events_all_draws_are_undefined(rng):
    found = bootstrap_interval(
        area_of(rng.normal(size=9), np.zeros(9)), np.arange(9), draws=50, seed=1
    )
    assert found.n_undefined == 50
    assert np.isnan(found[:3]).all()


def test_of_one_authority_or_one_with_an_event_there_are_no_limits(rng):
    score, event = rng.normal(size=8), np.arange(8) < 1
    one = bootstrap_interval(area_of(score, event), ["a"] * 8, seed=1)
    apart = bootstrap_interval(area_of(score, event), np.arange(8), seed=1, strata=event)
    for found in (one, apart):
        assert np.isfinite(found.estimate)
        assert np.isnan([found.lower, found.upper]).all()


@few
@given(st.integers(0, 2**32 - 1))
def test_the_same_seed_gives_the_same_limits(seed):
    value = np.arange(10.0)
    once, again = (
        bootstrap_interval(mean_of(value), np.arange(10), draws=20, seed=seed) for _ in "ab"
    )
    assert once == again


@few
@given(st.lists(st.sampled_from("abcde"), min_size=2, max_size=30), st.randoms())
def test_every_draw_has_as_many_authorities_as_there_are_and_none_divided(groups, random):
    names = np.array(groups)
    event = np.array([random.random() < 0.3 for _ in groups])

    def check(weight):
        first = np.unique(names, return_index=True)[1]
        assert (weight[:, first].sum(axis=1) == first.size).all()
        for name in set(groups):
            assert (np.ptp(weight[:, names == name], axis=1) == 0).all()
        return weight.sum(axis=1)

    for strata in (None, event):
        bootstrap_interval(check, names, draws=30, seed=1, strata=strata)


def test_draws_in_portions_differ_only_in_which_are_drawn(monkeypatch, rng):
    value, shapes = rng.normal(size=20), []

    def told(weight):
        shapes.append(weight.shape)
        return mean_of(value)(weight)

    monkeypatch.setattr(bootstrap, "AT_ONCE", 150)
    found = bootstrap_interval(told, np.arange(20), draws=1000, seed=1)
    assert sum(n for n, _ in shapes) == 1001  # and all rows once
    assert max(n for n, _ in shapes) == 7
    assert found.lower < value.mean() < found.upper


def test_a_thousand_areas_of_3500_rows_take_less_than_two_seconds(rng):
    score, event = rng.normal(size=3500), rng.random(3500) < 0.03
    groups = np.arange(3500) // 11
    began = time.process_time()
    bootstrap_interval(area_of(score, event), groups, seed=1)
    assert time.process_time() - began < 2


def test_a_call_that_cannot_be_drawn_is_refused():
    with pytest.raises(UsageError, match="draws=0"):
        bootstrap_interval(mean_of(np.arange(3.0)), np.arange(3), draws=0, seed=1)
    with pytest.raises(UsageError, match="one figure a row of weights"):
        bootstrap_interval(lambda weight: 1.0, np.arange(3), seed=1)
    with pytest.raises(UsageError, match="Strata have the shape"):
        bootstrap_interval(mean_of(np.arange(3.0)), np.arange(3), seed=1, strata=[True])
