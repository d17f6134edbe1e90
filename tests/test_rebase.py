"""Rebasing is proposed, with its evidence, where a shift lasts; and done only when accepted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal

from earlywarning.errors import UsageError
from earlywarning.models.control.rebase import COLUMNS, as_rebase, propose_rebase
from earlywarning.models.control.xmr import xmr_limits

NOISE = np.array([0.0, 1, -1, 0, 1, -1, 0, 1, -1, 0, 1, -1])


def levels(*spans):
    """Return one series of noise about levels, each for so many periods."""
    parts = [level + np.resize(NOISE, n) for level, n in spans]
    return np.concatenate(parts)[None]


def places(table):
    return table[["row", "column"]].to_numpy().tolist()


def test_a_lasting_shift_is_proposed_where_it_begins_with_the_evidence():
    (found,) = propose_rebase(levels((10, 15), (20, 14))).to_dict("records")
    assert found == {
        "row": 0,
        "column": 15,
        "rule": "shift of 7",
        "direction": "up",
        "run_length": 14,
        "mean_before": 10.0,
        "mean_after": 20.0,
        "n_before": 12,
        "n_after": 12,
        "status": "ok",
    }


def test_limits_that_would_rest_on_few_values_are_said_to_be_on_trial():
    (found,) = propose_rebase(levels((10, 13), (2, 8))).to_dict("records")
    assert (found["direction"], found["n_after"], found["status"]) == ("down", 8, "trial limits")


@pytest.mark.parametrize("points", [6, 7])
def test_a_shift_shorter_than_asked_for_is_not_proposed(points):
    assert propose_rebase(levels((10, 15), (20, points - 1)), points=points).empty
    assert len(propose_rebase(levels((10, 15), (20, points)), points=points)) == 1


def test_a_shift_that_does_not_last_is_not_proposed():
    """Seven values up, then back where they were: 7 of the 12 that would set limits are up."""
    assert propose_rebase(levels((10, 15), (20, 7), (9, 20))).empty


def test_a_run_too_near_the_old_centre_line_is_not_proposed():
    """Twelve values half a deviation up: a standard error is 0.5, so 3 of them are not reached."""
    X = levels((10, 15), (20, 12))
    sigma = xmr_limits(X, baseline=12).sigma[0, 0]
    X[0, 15:] = 10 + 0.5 * sigma
    assert propose_rebase(X).empty
    X[0, 15:] = 10 + 3.01 * sigma * (2 / 12) ** 0.5
    assert places(propose_rebase(X)) == [[0, 15]]


def test_a_shift_and_its_return_are_two_proposals():
    X = levels((10, 15), (20, 20), (10, 20))
    found = propose_rebase(X)
    assert places(found) == [[0, 15], [0, 35]]
    assert found["direction"].tolist() == ["up", "down"]
    assert found["n_before"].tolist() == [12, 12]
    assert found["mean_before"].tolist() == [10.0, 20.0]


def test_a_shift_within_the_baseline_is_none():
    assert propose_rebase(levels((10, 5), (20, 7))).empty
    found = propose_rebase(levels((10, 5), (20, 20)))
    assert (found["column"] >= 12).all()


def test_a_gap_ends_the_run():
    X = levels((10, 15), (20, 12))
    X[0, 20] = np.nan
    assert propose_rebase(X[:, :27]).empty
    longer = levels((10, 15), (20, 20))
    longer[0, 20] = np.nan
    assert places(propose_rebase(longer)) == [[0, 21]]


def test_accepted_proposals_and_no_others_move_the_limits():
    X = np.vstack([levels((10, 13), (20, 14)), levels((10, 13), (4, 14))])
    found = propose_rebase(X)
    assert places(found) == [[0, 13], [1, 13]]
    accepted = as_rebase(found[found["row"] == 1], X.shape)
    limits, unmoved = xmr_limits(X, baseline=12, rebase=accepted), xmr_limits(X, baseline=12)
    assert_array_equal(limits.centre[0], unmoved.centre[0])
    assert limits.centre[1, [0, -1]].tolist() == [10.0, 4.0]
    assert found["mean_after"].tolist() == [20.0, 4.0]


amounts = st.one_of(st.just(np.nan), st.integers(-3, 3).map(float))
panels = arrays(float, (4, 30), elements=amounts)


@given(X=panels, order=st.permutations(range(4)))
@settings(max_examples=30)
def test_the_order_of_authorities_does_not_matter(X, order):
    X[:, 15:] += [[4], [0], [-4], [4]]
    straight, shuffled = propose_rebase(X, baseline=6), propose_rebase(X[order], baseline=6)
    shuffled["row"] = [order[row] for row in shuffled["row"]]
    shuffled = shuffled.sort_values(["row", "column"], ignore_index=True)
    assert_frame_equal(shuffled, straight, check_dtype=False)


@given(X=panels)
@settings(max_examples=30)
def test_the_other_way_up_the_proposals_are_the_same(X):
    X[:, 15:] += [[4], [0], [-4], [4]]
    found, flipped = propose_rebase(X, baseline=6), propose_rebase(-X, baseline=6)
    assert places(found) == places(flipped)
    assert found["direction"].tolist() == [
        {"up": "down", "down": "up"}[way] for way in flipped["direction"]
    ]
    assert_allclose(
        found["mean_after"].astype(float), -flipped["mean_after"].astype(float), atol=1e-12
    )


@given(X=panels)
@settings(max_examples=30)
def test_what_is_proposed_holds_in_the_series(X):
    """At least seven values in a row on one side, three in four of the next six."""
    X[:, 15:] += [[4], [0], [-4], [4]]
    found = propose_rebase(X, baseline=6)
    for one in found.itertuples():
        way = {"up": 1, "down": -1}[one.direction]
        off = way * (X[one.row, one.column :] - one.mean_before) > 0
        assert off[: one.run_length].all()
        assert one.run_length >= 7
        known = np.isfinite(X[one.row, one.column :])
        assert off[known][:6].mean() >= 0.75
        assert np.isfinite(X[one.row, : one.column]).sum() >= one.n_before


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (1, 1), (2, 18)])
def test_where_there_is_too_little_nothing_is_proposed(shape):
    table = propose_rebase(np.ones(shape))
    assert table.empty
    assert tuple(table.columns) == COLUMNS


def test_a_constant_series_that_moves_for_good_is_proposed():
    X = np.array([[5.0] * 14 + [6.0] * 9])
    (found,) = propose_rebase(X).to_dict("records")
    assert (found["column"], found["status"]) == (14, "constant")


def test_healthy_series_are_seldom_proposed_to_be_rebased(rng):
    """White noise, 30 periods, limits by the first 12; a step of two deviations is found."""
    noise = rng.normal(size=(4000, 30))
    false = propose_rebase(noise)["row"].nunique() / 4000
    stepped = noise + 2 * (np.arange(30) >= 15)
    true = propose_rebase(stepped)["row"].nunique() / 4000
    assert false < 0.03
    assert true > 0.85


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"baseline": None}, "after a baseline"),
        ({"points": 5}, "6 or 7"),
        ({"baseline": 1}, "2 or"),
    ],
)
def test_what_is_no_option_is_refused_in_words(options, words):
    with pytest.raises(UsageError, match=words):
        propose_rebase(np.ones((1, 20)), **options)


def test_a_proposal_outside_the_matrix_is_refused():
    with pytest.raises(UsageError, match=r"outside a matrix of \(2, 5\): 1, the first \[0, 9\]"):
        as_rebase(pd.DataFrame({"row": [0, 0], "column": [1, 9]}), (2, 5))
