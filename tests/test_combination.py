"""The Cauchy combination, against its formula as printed and by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import norm

from earlywarning.models.combination import cauchy_combination

moderate = st.floats(1e-4, 1 - 1e-4)  # beyond, the tangents' rounding is all that is left
any_p = st.one_of(st.floats(0, 1), st.just(np.nan))


@given(p=st.floats(1e-12, 1 - 1e-12), n=st.integers(1, 6))
def test_equal_tests_combine_to_what_each_says(p, n):
    assert_allclose(cauchy_combination([p] * n), p, rtol=1e-9)


@given(p=st.lists(moderate, min_size=1, max_size=6))
def test_the_combination_is_that_of_liu_and_xie(p):
    """Liu & Xie (2020), equations 2 and 3: the mean of tan((0.5 - p) pi), set against a Cauchy."""
    statistic = np.mean(np.tan((0.5 - np.array(p)) * np.pi))
    assert_allclose(cauchy_combination(p), 0.5 - np.arctan(statistic) / np.pi, rtol=1e-6)


@given(p=st.lists(any_p, min_size=1, max_size=6), order=st.randoms(use_true_random=False))
def test_the_order_of_tests_does_not_matter(p, order):
    shuffled = order.sample(p, len(p))
    assert_allclose(cauchy_combination(shuffled), cauchy_combination(p), rtol=1e-6)


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=4), gaps=st.integers(1, 3))
def test_a_test_that_could_not_be_made_leaves_the_verdict_to_the_others(p, gaps):
    assert_allclose(cauchy_combination(p + [np.nan] * gaps), cauchy_combination(p), rtol=1e-9)


@given(p=st.lists(any_p, min_size=1, max_size=6))
def test_a_combined_p_lies_between_the_smallest_and_the_largest(p):
    combined, known = cauchy_combination(p), np.array(p)[np.isfinite(p)]
    if known.size:
        assert known.min() * (1 - 1e-9) - 1e-15 <= combined <= known.max() * (1 + 1e-9) + 1e-15
        assert 0 <= combined <= 1
    else:
        assert np.isnan(combined)


@pytest.mark.parametrize("smallest", [1e-20, 1e-100, 1e-200])
def test_the_tiniest_p_is_not_rounded_away(smallest):
    """With one tiny p among n, the combined one is n times as large."""
    assert_allclose(cauchy_combination([smallest, 0.5, 0.5]), 3 * smallest, rtol=1e-9)


def test_each_row_is_combined_by_itself():
    table = np.array([[0.01, 0.2, 0.9], [0.5, np.nan, 0.5], [np.nan, np.nan, np.nan]])
    rows = [cauchy_combination(row) for row in table]
    assert_allclose(cauchy_combination(table), rows)
    assert np.isnan(rows[2])


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_one_in_a_hundred_healthy_series_falls_below_one_per_cent(correlation, rng):
    shared, own = rng.normal(size=(200_000, 1)), rng.normal(size=(200_000, 3))
    z = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    combined = cauchy_combination(norm.sf(z))
    error = 3.5 * np.sqrt(0.01 * 0.99 / 200_000)
    assert 0.009 - error < (combined < 0.01).mean() < 0.01 + error
