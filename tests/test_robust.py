"""The middle and spread of the others, against a loop that leaves each one out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from earlywarning.models.robust import (
    MAD_TO_SIGMA,
    column_mad,
    column_median,
    mad,
    median_of_others,
    spread_of_others,
)

# Whole numbers, so that ties are common; NaN where nothing is published.
values_or_gaps = st.one_of(st.integers(-6, 6).map(float), st.just(np.nan))
samples = st.lists(values_or_gaps, max_size=12).map(np.array)
judged = st.lists(values_or_gaps, min_size=1, max_size=6).map(np.array)


def others(value, sample):
    """Return the known values of the sample, one copy of this value left out."""
    known = sample[np.isfinite(sample)]
    same = np.flatnonzero(known == value)
    return np.delete(known, same[0]) if same.size else known


def median(values):
    return np.median(values) if values.size else np.nan


def raw_mad(values):
    return median(np.abs(values - median(values)))


@given(values=judged, sample=samples)
def test_the_median_of_others_is_that_of_a_loop_which_leaves_one_out(values, sample):
    expected = [median(others(value, sample)) for value in values]
    assert_allclose(median_of_others(values, sample.astype(float)), expected, rtol=1e-12)


@given(values=judged, sample=samples)
def test_the_spread_of_others_is_that_of_a_loop_which_leaves_one_out(values, sample):
    expected = [raw_mad(others(value, sample)) for value in values]
    assert_allclose(spread_of_others(values, sample.astype(float)), expected, atol=1e-12)


@pytest.mark.parametrize("n", [5, 6, 100, 317])
def test_each_member_of_a_sample_is_left_out_of_its_own_yardstick(n, rng):
    sample = rng.normal(50, 10, n)
    rest = [np.delete(sample, i) for i in range(n)]
    assert_allclose(median_of_others(sample, sample), [np.median(r) for r in rest], rtol=1e-12)
    assert_allclose(spread_of_others(sample, sample), [raw_mad(r) for r in rest], rtol=1e-12)


def test_a_value_outside_the_sample_leaves_nobody_out_even_where_its_distance_is_in_it():
    sample = np.array([-1.0, 0.0, 0.0, 1.0, 2.0])
    assert_allclose(spread_of_others(np.array([-2.0]), sample), raw_mad(sample))


def test_a_value_rounded_on_the_way_is_still_known_as_its_own(rng):
    sample = rng.normal(1e6, 1e3, 41)
    rounded = sample * (1 + 1e-15)
    assert_allclose(median_of_others(rounded, sample), median_of_others(sample, sample))
    assert_allclose(spread_of_others(rounded, sample), spread_of_others(sample, sample))


def test_nobody_is_left_to_compare_the_only_authority_with():
    alone = np.array([3.0, np.nan])
    assert np.isnan(median_of_others(alone[:1], alone)).all()
    assert np.isnan(spread_of_others(alone[:1], alone)).all()


@given(values=st.lists(values_or_gaps, max_size=15).map(np.array))
def test_mad_is_that_of_scipy(values):
    known = values[np.isfinite(values)]
    expected = stats.median_abs_deviation(known, scale="normal") if known.size else np.nan
    assert_allclose(mad(values), expected, rtol=1e-12)


@given(columns=st.lists(st.lists(values_or_gaps, min_size=5, max_size=5), max_size=4))
def test_the_medians_of_columns_are_those_of_each_by_itself(columns):
    matrix = np.array(columns).reshape(-1, 5).T
    known = [column[np.isfinite(column)] for column in matrix.T]
    assert_allclose(column_median(matrix), [median(column) for column in known])
    assert_allclose(column_mad(matrix), [mad(column) for column in known])


def test_the_factor_to_sigma_is_that_of_a_normal_sample():
    assert pytest.approx(1 / stats.norm.ppf(0.75), rel=1e-15) == MAD_TO_SIGMA
