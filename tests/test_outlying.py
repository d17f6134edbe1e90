"""Which numbers lie far from the others, against Rosner's example and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import t
from statsmodels.api import OLS, add_constant

from earlywarning.models.outlying import _farthest, outlying

# Rosner (1983), Technometrics 25, 165-172; also the example of the NIST/SEMATECH e-Handbook,
# 1.3.5.17.3, which gives these statistics and finds three outliers at 5%.
ROSNER = """
-0.25 0.68 0.94 1.15 1.20 1.26 1.26 1.34 1.38 1.43 1.49 1.49 1.55 1.56 1.58 1.65 1.69 1.70 1.76
1.77 1.81 1.91 1.94 1.96 1.99 2.06 2.09 2.10 2.14 2.15 2.23 2.24 2.26 2.35 2.37 2.40 2.47 2.54
2.62 2.64 2.90 2.92 2.92 2.93 3.21 3.26 3.30 3.59 3.68 4.30 4.64 5.34 5.42 6.01
"""
STATISTICS = [3.119, 2.943, 3.179, 2.810, 2.816]


def test_rosner_s_example_has_his_statistics_and_his_three_outliers():
    values = np.array(ROSNER.split(), dtype=float)
    distance, place = _farthest(values[None], None, 0.0)
    n = values.size - np.arange(5)
    # Rosner divides by the deviation of all that are left, ours by that of the others.
    theirs = distance[0] * (n - 1) / np.sqrt(n * (n - 2 + distance[0] ** 2))
    assert_allclose(theirs, STATISTICS, atol=5e-4)
    assert_array_equal(values[place[0]][:3], [6.01, 5.42, 5.34])
    p, _ = outlying(values)
    assert_array_equal(np.sort(values[p <= 0.05]), [5.34, 5.42, 6.01])


@given(seed=st.integers(0, 10_000), k=st.integers(5, 12))
@settings(max_examples=30)
def test_the_distance_is_the_deleted_residual_of_a_regression(seed, k):
    rng = np.random.default_rng(seed)
    values, covariate = rng.normal(size=(2, k))
    for design in (np.ones((k, 1)), add_constant(covariate)):
        against = None if design.shape[1] == 1 else covariate[None]
        distance, place = _farthest(values[None], against, 0.0)
        deleted = OLS(values, design).fit().get_influence().resid_studentized_external
        assert place[0, 0] == np.abs(deleted).argmax()
        assert_allclose(distance[0, 0], np.abs(deleted).max(), rtol=1e-6)


def test_one_outlier_has_the_p_of_grubbs(rng):
    """Among few, where only the farthest is looked at, p is Bonferroni's, which is nearly exact."""
    values = np.append(rng.normal(size=7), 4.0)
    p, distance = outlying(values)
    expected = 2 * 8 * t.sf(distance[-1], 6)
    assert 0.8 * expected < p[-1] < 1.1 * expected


@pytest.mark.parametrize("k", [4, 8, 15, 39])
@pytest.mark.parametrize("side", ["both", "below"])
@pytest.mark.parametrize("line", ["level", "line"])
def test_numbers_without_an_outlier_have_one_no_more_often_than_asked_for(k, line, side, rng):
    draws, level = 3000, 0.05
    found = []
    for _ in range(draws):
        covariate = rng.normal(size=k) ** 2 if line == "line" else None
        found.append(outlying(rng.normal(size=k), covariate, side=side)[0].min())
    error = np.sqrt(level * (1 - level) / draws)
    assert abs(np.mean(np.array(found) <= level) - level) < 4 * error


def test_two_outliers_do_not_hide_each_other(rng):
    values = rng.normal(size=20)
    values[[3, 11]] = [30.0, 31.0]
    p, _ = outlying(values)
    assert_array_equal(np.flatnonzero(p <= 0.01), [3, 11])


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20)
def test_unit_origin_and_order_change_no_p(seed):
    rng = np.random.default_rng(seed)
    values, order = rng.normal(size=10), rng.permutation(10)
    p, _ = outlying(values)
    assert_allclose(outlying(values[order] * -1e4 + 7)[0], p[order], rtol=1e-6)


def test_one_side_finds_what_is_too_small_and_nothing_too_large(rng):
    values = rng.normal(size=12)
    values[4] = -15.0
    p, distance = outlying(values, side="below")
    assert_array_equal(np.flatnonzero(p <= 0.01), [4])
    assert_allclose(distance[4], outlying(values)[1][4])
    assert outlying(-values, side="below")[0].min() > 0.05


def test_others_that_agree_are_taken_to_vary_by_the_least():
    values = np.array([1.0, 1, 1, 1, 1, 1, 2])
    assert outlying(values)[0].min() < 1e-6
    p, distance = outlying(values, least=0.5)
    assert_allclose(distance[-1], 1 / (0.5 * np.sqrt(7 / 6)))
    assert p.min() > 0.3


def test_equal_numbers_have_no_outlier():
    for line in (None, np.arange(6.0), np.ones(6)):
        p, _ = outlying(np.full(6, 0.3), line)
        assert p.min() > 0.9
