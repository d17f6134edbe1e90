"""Groups of several metrics side by side: each shows what it would show alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.models import peer_groups
from earlywarning.models.movement import CommonMovement, movement_without
from earlywarning.models.peer_groups import PeerGroups, PeersOfEach, Shown, shown_without
from earlywarning.models.robust import in_order

LENGTHS = (7, 6, 4)
N_PERIODS = 8


def metrics(seed, sizes):
    """Return metrics of these sizes, with shocks, gaps and up to three groups, and effects."""
    rng = np.random.default_rng(seed)
    series, groups, effects = [], [], []
    for n in sizes:
        x = rng.normal(size=(n, N_PERIODS)) + rng.normal(size=N_PERIODS) * 3
        x[rng.random(x.shape) < 0.15] = np.nan
        series.append(x)
        groups.append(np.unique(rng.integers(0, 3, n), return_inverse=True)[1])
        effects.append(rng.normal(1.0, 1.0, (n, 6)))
    return series, groups, effects


drawn = st.builds(
    metrics, st.integers(0, 10_000), st.lists(st.integers(1, 40), min_size=1, max_size=6)
)


def groups_of(x, groups):
    """Return the groups of one metric, each worked out by itself."""
    numbers = range(groups.max() + 1)
    return PeerGroups(groups, tuple(CommonMovement.of(x[groups == g]) for g in numbers))


def movement_of_others(sample, own):
    """Return what the others show and its variance; -1 leaves nobody out."""
    value = np.where(own[:, None] >= 0, sample[own], np.nan)
    return movement_without(value, *in_order(sample))


def alone(x, groups, effects):
    """Return what each authority's group did and shows without it, a group after the other."""
    moved = [np.zeros(x.shape) for _ in LENGTHS]
    shared = np.zeros((2, 6, len(x)))
    for g in np.unique(groups):
        rows = np.flatnonzero(groups == g)
        movement, everyone = CommonMovement.of(x[rows]), np.arange(len(rows))
        for found, part in zip(
            moved, movement.believed(movement.seen_by(everyone), LENGTHS), strict=True
        ):
            found[rows] = part
        pair = movement_of_others(effects[rows], everyone)
        shared[:, :, rows] = np.stack(pair).transpose(0, 2, 1)
    return moved, shared


@settings(max_examples=40)
@given(drawn=drawn)
def test_groups_side_by_side_show_what_each_shows_alone(drawn):
    series, groups, effects = drawn
    found = PeersOfEach(series, groups, LENGTHS)
    shared = found.shared(effects, 0)
    for i, (x, of, shows) in enumerate(zip(series, groups, effects, strict=True)):
        moved, wanted = alone(x, of, shows)
        assert_allclose(found.moved[i], moved, rtol=1e-9, atol=1e-12)
        assert_allclose(shared[i], wanted, rtol=1e-9, atol=1e-12)
        for one, other in zip(found.peers[i].movement, groups_of(x, of).movement, strict=True):
            assert_array_equal(one.residuals, other.residuals)
            assert_allclose(one.error, other.error, rtol=1e-12)


@settings(max_examples=40)
@given(drawn=drawn, seed=st.integers(0, 100))
def test_some_members_and_strangers_are_shown_what_they_are_alone(drawn, seed):
    series, groups, effects = drawn
    rng, asked = np.random.default_rng(seed), []
    for x, of, shows in zip(series, groups, effects, strict=True):
        peers, rows = groups_of(x, of), rng.integers(0, len(x), 3)
        fitted = np.where(rng.random(3) < 0.3, -1, rows)
        asked.append(Shown(peers, of[rows], peers.places(of[rows], fitted), shows))
    moved, shared = shown_without(asked, LENGTHS)
    for i, one in enumerate(asked):
        for k, (g, own) in enumerate(zip(one.groups, one.own, strict=True)):
            movement, mine = one.peers.movement[g], np.array([own])
            wanted = movement.believed(movement.seen_by(mine), LENGTHS)
            for found, part in zip(moved[i], wanted, strict=True):
                assert_allclose(found[k], part[0], rtol=1e-9, atol=1e-12)
            members = one.effects[one.peers.groups == g]
            pair = np.stack(movement_of_others(members, mine))[:, 0]
            assert_allclose(shared[i][:, :, k], pair, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("at_once", [1, 500, 10**6])
def test_how_many_are_worked_out_at_once_does_not_matter(at_once, monkeypatch):
    series, groups, _ = metrics(1, [30, 12, 31, 2, 29])
    wanted = PeersOfEach(series, groups, LENGTHS).moved
    monkeypatch.setattr(peer_groups, "AT_ONCE", at_once)
    for found, part in zip(PeersOfEach(series, groups, LENGTHS).moved, wanted, strict=True):
        assert_allclose(found, part, rtol=1e-9, atol=1e-12)
