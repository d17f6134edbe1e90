"""What happened to everyone: found where it is, left alone where it is not."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from earlywarning.models.movement import (
    CommonMovement,
    less_own_centre,
    movement_without,
)
from earlywarning.models.robust import in_order

AUTHORITIES = 317


def movement_of_others(sample, own):
    """Return what the others show and its variance; -1 leaves nobody out."""
    value = np.where(own[:, None] >= 0, sample[own], np.nan)
    return movement_without(value, *in_order(sample))


def believed(X, n_past):
    """Return the movement of each authority's peers, as far as its first periods bear it out."""
    group = CommonMovement.of(X)
    return group.believed(group.seen_by(np.arange(len(X))), [n_past])[0]


def test_a_planted_shock_is_recovered(rng):
    shock = np.array([0.0, 0, 3, 0, 0, -2, 0, 0, 5, 1])
    X = rng.normal(size=(AUTHORITIES, 1)) * 20 + rng.normal(size=(AUTHORITIES, 10)) + shock
    expected = np.tile(shock - shock[:8].mean(), (AUTHORITIES, 1))
    assert_allclose(believed(X, 8), expected, atol=0.35)


@pytest.mark.parametrize("n_periods", [6, 10, 20])
def test_without_a_shock_next_to_nothing_is_removed(n_periods, rng):
    added = []
    for _ in range(50):
        X = rng.normal(size=(100, n_periods))
        cleaned = X - believed(X, n_periods - 1)
        added.append(cleaned.var(axis=1, ddof=1).mean() / X.var(axis=1, ddof=1).mean() - 1)
    assert abs(np.mean(added)) < 0.01


def test_an_authority_is_not_its_own_peer(rng):
    """What its peers show is theirs alone; only how far that is believed is the group's."""
    X = rng.normal(size=(9, 8)) + rng.normal(size=8) * 5
    wild = X.copy()
    wild[4, 3] += 100
    moved, after = believed(X, 8)[4], believed(wild, 8)[4]
    assert_allclose(after / after[0], moved / moved[0], rtol=1e-9)
    assert_allclose(after, moved, rtol=0.02)


def test_the_tested_periods_do_not_decide_how_far_the_past_is_believed(rng):
    X = rng.normal(size=(30, 8))
    later = X.copy()
    later[:, -2:] += 50
    assert_allclose(believed(later, 6)[:, :6], believed(X, 6)[:, :6], rtol=1e-9)


def test_over_the_past_the_movement_averages_nothing(rng):
    X = rng.normal(size=(40, 9)) + rng.normal(size=9) * 3
    assert_allclose(believed(X, 7)[:, :7].mean(axis=1), 0, atol=1e-12)


def test_a_past_of_one_period_or_none_tells_of_no_movement(rng):
    X = rng.normal(size=(20, 4)) + 10
    assert not believed(X, 1).any()
    assert not believed(X, 0).any()


def test_the_centre_is_the_median_of_the_known_values_in_the_earlier_half():
    X = np.array([[1.0, 9, 2, 50, 60], [np.nan, 4, 6, 50, 60], [np.nan, np.nan, np.nan, 1, 2]])
    centred = less_own_centre(X)
    assert_allclose(centred[:2, 3], [48, 45])
    assert np.isnan(centred[2]).all()


def test_effects_that_all_share_are_found_with_their_sampling_error(rng):
    effects = rng.normal(4.0, 1.0, (AUTHORITIES, 1))
    shared, doubt = movement_of_others(effects, np.arange(AUTHORITIES))
    assert_allclose(shared, 4.0, atol=0.3)
    assert_allclose(np.sqrt(doubt), np.sqrt(np.pi / 2 / AUTHORITIES), rtol=0.2)


def test_effects_that_nobody_shares_count_as_nothing():
    effects = np.array([[-3.0], [-2], [-1], [0], [1], [2], [3]])
    shared, doubt = movement_of_others(effects, np.array([3, -1]))
    assert not shared.any()
    assert not doubt.any()


def test_the_only_one_of_its_group_shares_nothing():
    shared, doubt = movement_of_others(np.array([[7.0], [np.nan]]), np.array([0]))
    assert not shared.any()
    assert not doubt.any()


def test_an_authoritys_own_effect_moves_neither_what_the_others_share_nor_its_doubt(rng):
    effects = rng.normal(4.0, 1.0, (11, 1))
    here = np.argsort(effects[:, 0])[[5]]
    wild = effects.copy()
    wild[here] += 100
    before, after = movement_of_others(effects, here), movement_of_others(wild, here)
    assert_allclose(after, before, rtol=1e-9)


def test_a_period_nobody_published_says_nothing_about_the_rest(rng):
    X = rng.normal(size=(12, 8)) + rng.normal(size=8) * 2
    gap = np.insert(X, [1, 5], np.nan, axis=1)  # one in each half
    found = believed(gap, 8)
    assert not found[:, [1, 6]].any()
    assert_allclose(np.delete(found, [1, 6], axis=1), believed(X, 6), rtol=1e-9)
