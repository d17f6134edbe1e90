import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from scipy.stats import skew
from sklearn.covariance import LedoitWolf
from sklearn.metrics.pairwise import nan_euclidean_distances
from sklearn.neighbors import NearestNeighbors

from earlywarning.models import nearest
from earlywarning.models.nearest import comparable, is_skewed, nearest_rows, whitened

PLAIN = np.zeros(3, dtype=bool)


@pytest.fixture(name="Z")
def comparable_columns(rng):
    return rng.normal(size=(40, 3))


def together(n):
    return np.zeros(n, dtype=int)


def test_the_nearest_are_those_of_scikit_learn(Z):
    found = nearest_rows(Z, together(40), np.ones(3), k=5)
    far, near = NearestNeighbors(n_neighbors=5).fit(Z).kneighbors()
    assert_array_equal(found.neighbour.reshape(40, 5), near)
    assert_allclose(np.sqrt(found.squared).reshape(40, 5), far)


def test_distances_are_those_of_scipy_with_weights(Z):
    weights = np.array([2.0, 0.5, 1.0])
    found = nearest_rows(Z, together(40), weights, k=39)
    expected = cdist(Z, Z, "sqeuclidean", w=weights)[found.row, found.neighbour]
    assert_allclose(found.squared, expected)
    assert len(found.row) == 40 * 39


def test_gaps_are_rescaled_as_scikit_learn_rescales_them(Z, rng):
    Z[rng.random(Z.shape) < 0.3] = np.nan
    found = nearest_rows(Z, together(40), np.ones(3), k=39, least_known=0.1)
    expected = nan_euclidean_distances(Z, squared=True)
    assert_allclose(found.squared, expected[found.row, found.neighbour])
    assert len(found.row) == np.isfinite(expected).sum() - (~np.isnan(Z).all(axis=1)).sum()


def test_pairs_that_share_too_little_are_no_neighbours():
    Z = np.array([[0.0, np.nan], [0.0, 1.0], [np.nan, 1.0], [np.nan, np.nan]])
    found = nearest_rows(Z, together(4), np.ones(2), k=3)
    assert set(zip(found.row, found.neighbour, strict=True)) == {(0, 1), (1, 0), (1, 2), (2, 1)}
    heavier = nearest_rows(Z, together(4), np.array([2.0, 1.0]), k=3)
    assert set(zip(heavier.row, heavier.neighbour, strict=True)) == {(0, 1), (1, 0)}


def test_whitened_distances_are_mahalanobis_by_a_shrunk_covariance(Z):
    Z[:, 1] += Z[:, 0]
    weights = np.array([2.0, 0.5, 1.0])
    found = nearest_rows(whitened(Z, weights), together(40), np.ones(3), k=39)
    inverse = np.linalg.inv(LedoitWolf().fit(Z).covariance_)
    scaled = Z * np.sqrt(weights)
    expected = cdist(scaled, scaled, "mahalanobis", VI=inverse)[found.row, found.neighbour]
    assert_allclose(np.sqrt(found.squared), expected)


def test_a_column_given_twice_counts_once_when_whitened(rng):
    Z = rng.normal(size=(3_000, 2))  # so many that hardly anything is shrunk
    twice = whitened(np.column_stack([Z, Z[:, 1]]), np.ones(3))
    once = whitened(Z, np.ones(2))
    far = [((Y[0] - Y[1:]) ** 2).sum(axis=1) for Y in (once, twice)]
    assert_allclose(far[1], far[0], rtol=0.05)


def test_columns_that_say_the_same_leave_something_to_divide_by():
    Z = np.array([[1.0, 1.0], [-1.0, -1.0]] * 4)  # of these nothing is shrunk
    assert LedoitWolf().fit(Z).shrinkage_ == 0
    assert np.isfinite(whitened(Z, np.ones(2))).all()
    assert np.isfinite(whitened(0 * Z, np.ones(2))).all()


def test_a_row_with_a_gap_has_no_place_when_whitened(Z):
    Z[3, 1] = np.nan
    Y = whitened(Z, np.ones(3))
    assert np.isnan(Y[3]).all()
    assert np.isfinite(np.delete(Y, 3, axis=0)).all()
    assert np.isnan(whitened(Z[2:4], np.ones(3))).all()


def test_parts_add_up_to_the_squared_distance(Z, rng):
    Z[rng.random(Z.shape) < 0.2] = np.nan
    found = nearest_rows(Z, together(40), np.array([1.0, 3.0, 0.2]), k=7)
    assert_allclose(np.nansum(found.parts, axis=1), found.squared)
    assert_array_equal(np.isnan(found.parts), np.isnan(Z[found.row] + Z[found.neighbour]))


def test_only_rows_of_one_group_are_compared(Z):
    groups = np.arange(40) % 4
    found = nearest_rows(Z, groups, np.ones(3), k=15)
    assert (groups[found.row] == groups[found.neighbour]).all()
    assert_array_equal(np.bincount(found.row), np.full(40, 9))


def test_worked_in_parts_it_is_the_same(Z, monkeypatch):
    whole = nearest_rows(Z, together(40), np.ones(3), k=4)
    monkeypatch.setattr(nearest, "MOST_NUMBERS", 120)
    parted = nearest_rows(Z, together(40), np.ones(3), k=4)
    assert_array_equal(parted.neighbour, whole.neighbour)


def test_of_equals_the_first_comes_first():
    steps = np.arange(5.0)[:, None] / 3  # 1/3 - 0 and 2/3 - 1/3 differ in their last digit
    found = nearest_rows(steps, together(5), np.ones(1), k=2)
    assert found.neighbour.reshape(5, 2).tolist() == [[1, 2], [0, 2], [1, 3], [2, 4], [3, 2]]


def test_nothing_at_all_has_no_neighbours():
    for Z in (np.zeros((0, 2)), np.zeros((1, 2)), np.full((3, 2), np.nan)):
        assert len(nearest_rows(Z, together(len(Z)), np.ones(2), k=3).row) == 0


def test_skewness_is_that_of_scipy(rng):
    X = np.exp(rng.normal(size=(50, 4)))
    X[rng.random(X.shape) < 0.2] = np.nan
    assert_allclose(nearest._skewness(X), skew(X, nan_policy="omit"))


def test_sizes_are_taken_by_logarithms_and_others_are_not(rng):
    size = np.exp(rng.normal(size=100))
    X = np.column_stack(
        [
            size,
            -size,
            size - size.min(),
            rng.normal(size=100) + 9,
            np.ones(100),
            np.full(100, np.nan),
        ]
    )
    assert is_skewed(X).tolist() == [True, False, False, False, False, False]


def test_logarithms_that_are_more_skewed_are_not_taken():
    X = np.array([[1e-30], [1.0], [1.1], [1.2], [1.3], [4.0]])
    assert skew(X)[0] > nearest.SKEWED
    assert abs(skew(np.log(X))[0]) > skew(X)[0]
    assert not is_skewed(X)[0]


def test_a_scale_is_median_and_median_deviation():
    X = np.array([[1.0, 10.0, 5.0], [2.0, 20.0, 5.0], [3.0, 40.0, 5.0], [9.0, np.nan, 9.0]])
    Z, scale = comparable(X, np.array([False, True, False]))
    assert_allclose(scale.centre, [2.5, np.log(20.0), 5.0])
    assert_allclose(scale.spread, [1.4826 * 1.0, 1.4826 * np.log(2.0), np.sqrt(3.0)], rtol=1e-5)
    assert_allclose(Z[:, 1], [-1 / 1.4826, 0, 1 / 1.4826, np.nan], rtol=1e-5)


def test_an_equal_column_has_no_spread_and_a_wild_value_stays_a_number():
    X = np.array([[7.0, 0.0, 0.0], [7.0, 1e-300, 1.0], [7.0, 2e-300, 2.0], [7.0, 1e100, 1e100]])
    Z, scale = comparable(X, PLAIN)
    assert scale.spread[0] == 0
    assert (Z[:, 0] == 0).all()
    assert np.isfinite(Z).all()
    assert np.isfinite(nearest_rows(Z, together(4), np.ones(3), k=3).squared).all()


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.01, 1_000), st.floats(-100, 100))
def test_scaling_or_shifting_a_column_changes_nothing(seed, factor, shift):
    X = np.random.default_rng(seed).integers(0, 9, size=(12, 3)).astype(float)
    moved = X * [factor, 1.0, -1.0] + [shift, -shift, 0.0]
    found, again = (
        nearest_rows(comparable(Y, PLAIN)[0], together(12), np.ones(3), k=4) for Y in (X, moved)
    )
    assert_array_equal(found.neighbour, again.neighbour)
    assert_allclose(found.squared, again.squared, atol=1e-9)
