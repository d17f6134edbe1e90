"""What comes of talking to the highest scores, ties drawn by lot."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from earlywarning.errors import UsageError
from earlywarning.validation.metrics import (
    at_capacity,
    bootstrap_interval,
    false_alarms_per_year,
    precision_at_each,
)

few = settings(max_examples=50)

SCORES = st.integers(0, 4)
ROWS = st.lists(st.tuples(SCORES, st.booleans(), st.integers(0, 3)), min_size=1, max_size=30)


def columns(rows):
    score, event, weight = zip(*rows, strict=True)
    return np.array(score, float), np.array(event), np.array(weight)


@few
@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=5), st.data())
def test_ties_at_the_cut_count_as_the_mean_over_all_orders(rows, data):
    score, event = (np.array(column) for column in zip(*rows, strict=True))
    k = data.draw(st.integers(1, len(rows)))
    hits = []
    for order in itertools.permutations(range(len(rows))):
        places = np.array(order)
        taken = places[np.argsort(-score[places], kind="stable")][:k]
        hits.append(event[taken].sum())
    found = at_capacity(score, event, k)
    assert_allclose(found.hits, np.mean(hits))
    assert_allclose(found.hits + found.false_alarms, k)


@few
@given(ROWS, st.integers(1, 40))
def test_a_weight_takes_as_many_places_as_repeating_the_row_does(rows, k):
    score, event, weight = columns(rows)
    draws = at_capacity(score, event, k, weight=np.stack([weight, np.ones(len(rows))]))
    repeated = at_capacity(np.repeat(score, weight), np.repeat(event, weight), k)
    for ours, first, second in zip(draws, repeated, at_capacity(score, event, k), strict=True):
        assert_allclose(ours, [first, second], atol=1e-12)


@few
@given(ROWS)
def test_the_curve_holds_the_precision_at_every_capacity(rows):
    score, event, _ = columns(rows)
    curve = precision_at_each(score, event)
    each = [at_capacity(score, event, k).precision for k in range(1, len(rows) + 1)]
    assert_allclose(curve, each, atol=1e-12)


@few
@given(ROWS, st.integers(1, 40))
def test_one_score_for_all_is_no_better_than_the_base_rate(rows, k):
    _, event, _ = columns(rows)
    found = at_capacity(np.zeros(event.size), event, k)
    assert_allclose(found.precision, event.mean(), atol=1e-12)
    assert_allclose(found.lift, 1 if event.any() else np.nan)


def test_capacity_beyond_all_takes_all():
    found = at_capacity([3.0, 2.0, 1.0], [0, 1, 0], 100)
    assert (found.hits, found.false_alarms, found.recall) == (1, 2, 1)
    assert_allclose(found.precision, 1 / 3)


def test_without_events_there_are_no_hits_and_no_recall():
    found = at_capacity([3.0, 2.0], [0, 0], 1)
    assert (found.hits, found.false_alarms, found.precision) == (0, 1, 0)
    assert np.isnan([found.recall, found.lift]).all()
    assert np.isnan(at_capacity([], [], 1).precision)
    assert precision_at_each([], []).size == 0


def test_recall_has_bootstrap_limits(rng):
    score, event = rng.normal(size=300), np.arange(300) < 30
    score[event] += 1
    found = bootstrap_interval(
        lambda weight: at_capacity(score, event, 30, weight=weight).recall,
        np.arange(300),
        seed=1,
        strata=event,
    )
    assert 0 < found.lower < found.estimate < found.upper < 1


def test_false_alarms_are_an_authority_and_year():
    assert false_alarms_per_year(12, 60, 4) == 0.05


def test_no_capacity_and_nobody_to_look_at_are_refused():
    with pytest.raises(UsageError, match="capacity=0"):
        at_capacity([1.0], [1], 0)
    with pytest.raises(UsageError, match="n_authorities=0"):
        false_alarms_per_year(1, 0, 1)
