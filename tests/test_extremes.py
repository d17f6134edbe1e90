"""How often one is as far out as this, by what the others do: exactness, size and odd input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.models.extremes import FEWEST, chance_as_extreme


def by_hand(value, others):
    """Return p of a value that is not among the others."""
    n = len(others)
    k = max(round(0.1 * n), FEWEST)
    ordered = np.sort(others)[::-1]
    threshold, excess = ordered[k], np.sum(ordered[:k] - ordered[k])
    if value > threshold and excess > 0:
        return k / n * (1 + (value - threshold) / excess) ** -k
    return (1 + np.sum(others >= value)) / (n + 1)


@given(seed=st.integers(0, 10_000), n=st.integers(9, 80))
@settings(max_examples=60)
def test_each_is_judged_by_the_others_alone(seed, n):
    sample = np.random.default_rng(seed).exponential(size=n)
    expected = [by_hand(x, np.delete(sample, i)) for i, x in enumerate(sample)]
    assert_allclose(chance_as_extreme(sample, sample), expected, rtol=1e-7)
    new = np.array([0.0, 0.3, 1.1, 5.3, 40.0])
    assert_allclose(chance_as_extreme(new, sample), [by_hand(x, sample) for x in new], rtol=1e-7)


@pytest.mark.parametrize("way", [-1e-13, 1e-13])
def test_a_rounding_changes_no_p_either_side_of_the_threshold_of_the_tail(way, rng):
    sample = rng.exponential(size=60)
    rounded = sample * (1 + way)
    assert_allclose(chance_as_extreme(rounded, sample), chance_as_extreme(sample, sample))


@pytest.mark.parametrize("n", [12, 30, 100, 317])
def test_one_like_the_others_is_as_far_out_as_often_as_stated(n, rng):
    draws = 200_000 // n
    p = np.concatenate([
        chance_as_extreme(sample, sample) for sample in rng.exponential(size=(draws, n))
    ])  # fmt: skip
    for level in (0.05, 0.01, 0.001):
        error = 3 * np.sqrt(level / p.size)
        assert 0.75 * level - error < (p <= level).mean() < 1.2 * level + error


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30)
def test_the_further_out_the_smaller_the_p(seed):
    rng = np.random.default_rng(seed)
    sample = rng.exponential(size=25)
    values = np.sort(rng.exponential(size=40) * 3)
    assert (np.diff(chance_as_extreme(values, sample)) <= 1e-12).all()


def test_one_far_out_does_not_hide_itself(rng):
    sample = np.append(rng.exponential(size=50), 500.0)
    assert chance_as_extreme(sample, sample)[-1] < 1e-6


def test_a_unit_changes_nothing_and_gaps_take_no_part(rng):
    sample = rng.exponential(size=30)
    p = chance_as_extreme(sample, sample)
    assert_allclose(chance_as_extreme(1e4 * sample, 1e4 * sample), p, rtol=1e-6)
    gaps = np.append(sample, [np.nan] * 4)
    found = chance_as_extreme(gaps, gaps)
    assert_array_equal(found[:30], p)
    assert np.isnan(found[30:]).all()


@pytest.mark.parametrize("n", [0, 1, 7])
def test_too_few_others_say_nothing(n):
    assert np.isnan(chance_as_extreme(np.array([1.0, np.nan]), np.arange(float(n)))).all()


def test_equal_values_are_ranked_and_never_rare():
    same = np.ones(20)
    assert_array_equal(chance_as_extreme(same, same), np.ones(20))
    assert chance_as_extreme(np.array([2.0]), same) == 1 / 21
