"""Middle and spread of each authority's peers, against a loop that leaves each one out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import median_abs_deviation

from earlywarning.models.peers import PeerComparison
from earlywarning.models.robust import MAD_TO_SIGMA
from earlywarning.models.yardstick import named_peers, peers_of_kind

# Whole numbers, so that ties are common, others, and NaN where nothing is published.
cells = st.one_of(st.integers(-6, 6).map(float), st.floats(-6, 6), st.just(np.nan))


def newest_of(values):
    """Return the last period with a value of each row, -1 without any."""
    known = [np.flatnonzero(np.isfinite(row)) for row in values]
    return np.array([places[-1] if places.size else -1 for places in known], dtype=np.intp)


def by_hand(values, kinds, at):
    """Return median, spread and number of peers, one authority at a time."""
    found = np.full((3, len(values)), np.nan)
    found[2] = 0
    for i, period in enumerate(at):
        others = np.delete(values[:, period], i)[np.delete(kinds, i) == kinds[i]]
        others = others[np.isfinite(others)]
        if period >= 0 and others.size:
            median = np.median(others)
            found[:, i] = median, MAD_TO_SIGMA * np.median(np.abs(others - median)), others.size
    return found


@given(data=st.data(), n=st.integers(1, 14), n_periods=st.integers(1, 3))
def test_the_peers_of_a_kind_are_those_of_a_loop_which_leaves_one_out(data, n, n_periods):
    values = data.draw(arrays(float, (n, n_periods), elements=cells))
    kinds = data.draw(arrays(np.intp, n, elements=st.integers(0, 3)))
    at = newest_of(values)
    median, spread, n_peers = by_hand(values, kinds, at)
    found = peers_of_kind(values, kinds, at)
    assert_allclose(found.median, median, rtol=1e-12, atol=1e-12)
    assert_allclose(found.spread, spread, rtol=1e-12, atol=1e-12)
    assert_array_equal(found.n_peers, n_peers)


@pytest.mark.parametrize("gaps", [0.0, 0.05, 0.5])
def test_a_metric_of_full_size_has_the_peers_of_a_loop_which_leaves_one_out(rng, gaps):
    values = rng.normal(size=(317, 12)) + rng.normal(size=(317, 1))
    values[rng.random(values.shape) < gaps] = np.nan
    kinds = rng.permutation(np.repeat(np.arange(5), [164, 61, 33, 36, 23]))
    at = newest_of(values)
    for ours, theirs in zip(
        peers_of_kind(values, kinds, at), by_hand(values, kinds, at), strict=True
    ):
        assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_nobody_with_a_value_is_nobodys_peer():
    found = peers_of_kind(np.full((3, 2), np.nan), np.zeros(3, dtype=int), np.full(3, -1))
    assert np.isnan([found.median, found.spread]).all()
    assert_array_equal(found.n_peers, 0)
    assert peers_of_kind(np.empty((0, 2)), np.zeros(0, int), np.zeros(0, int)).median.size == 0


@given(
    values=st.lists(
        st.one_of(st.integers(-9, 9).map(float), st.just(np.nan)), min_size=3, max_size=12
    ).map(np.array)
)
def test_named_peers_are_the_comparison_where_everyone_else_is_a_peer(values):
    comparison = PeerComparison().fit(values[:, None])
    median, spread = (column[:, 0] for column in comparison.yardstick(values[:, None]))
    here = np.isfinite(values)
    named = named_peers(values, ~np.eye(values.size, dtype=bool))
    assert_allclose(named[0][here], median[here], atol=1e-12)
    assert_allclose(named[1][here], spread[here], atol=1e-12)


def test_named_peers_are_only_those_named(rng):
    values = rng.normal(size=20)
    peers = rng.random((20, 20)) < 0.4
    peers[3] = False
    median, spread = named_peers(values, peers)
    assert np.isnan([median[3], spread[3]]).all()
    for i in np.delete(np.arange(20), 3):
        own = values[peers[i]]
        assert_allclose(median[i], np.median(own))
        assert_allclose(spread[i], median_abs_deviation(own, scale="normal"))
