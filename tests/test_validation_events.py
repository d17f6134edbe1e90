"""Flags that last against events that last: the NAB's score and affiliation."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from earlywarning.errors import UsageError
from earlywarning.validation.metrics import affiliation, as_intervals, nab_score, nab_sigmoid
from earlywarning.validation.metrics.nab import PROFILES
from funnel_references import as_rows, compare, read, worst

few = settings(max_examples=50)

FLAGS = st.lists(st.booleans(), min_size=12, max_size=12)
WINDOWS = [[2, 4], [7, 9]]
EVENTS, SPAN = [[2, 5], [7, 10]], [0, 12]


def nab():
    known = read("nab_scaled_sigmoid.csv")
    yield compare("NAB, sigmoid", nab_sigmoid(known["relative_position"]), known["score"])
    profiles = read("nab_profiles.csv").set_index("profile")
    weights = list(next(iter(PROFILES.values()))._fields)
    ours = np.array([PROFILES[name] for name in profiles.index])
    assert len(PROFILES) == len(profiles)
    yield compare("NAB, profiles", ours, profiles[weights].to_numpy())


def numbers(text):
    return np.array([float(part) for part in str(text).split(";")])


def affiliations():
    known = read("affiliation_examples.csv")
    for row in known.itertuples():
        found = affiliation(
            json.loads(row.events_pred), json.loads(row.events_gt), json.loads(row.trange)
        )
        yield compare("affiliation, precision and recall", found[:2], [row.precision, row.recall])
        distances = [
            numbers(row.individual_precision_distances),
            numbers(row.individual_recall_distances),
        ]
        for ours, theirs in zip(found[2:], distances, strict=True):
            np.testing.assert_array_equal(np.isinf(ours), np.isinf(theirs))
            yield compare("affiliation, distances", ours, theirs)


def agreements():
    return as_rows([*nab(), *affiliations()])


def test_worth_and_weights_are_those_of_the_nab(shared):
    found = list(nab())
    assert [one.n_values for one in found] == [12, 9]
    assert worst(found).in_allowed <= 1, worst(found)


def test_affiliation_is_that_of_its_authors(shared):
    found = list(affiliations())
    assert sum(one.n_values for one in found) == 29
    assert worst(found).in_allowed <= 1, worst(found)


@pytest.mark.parametrize("profile", PROFILES)
def test_never_flagging_scores_nought_and_perfect_flags_a_hundred(profile):
    perfect = np.isin(np.arange(12), [2, 7])
    assert nab_score(np.zeros(12), WINDOWS, profile=profile) == 0
    assert_allclose(nab_score(perfect, WINDOWS, profile=profile), 100)


def test_a_score_of_the_nab_is_the_sum_by_hand():
    """One window of 3 found at its last period, one missed, one flag 2 periods after."""
    flagged = np.isin(np.arange(12), [0, 4, 6])
    gained = np.tanh(2.5 / 3) / np.tanh(2.5) - 1
    noise = 0.11 * (-1 - np.tanh(2.5 * 2 / 2))
    assert_allclose(nab_score(flagged, WINDOWS), 100 * (gained + noise + 2) / 4)


@few
@given(FLAGS, st.integers(0, 11))
def test_one_more_flag_helps_within_a_window_and_costs_outside(flags, place):
    more = np.array(flags)
    more[place] = True
    before, after = nab_score(flags, WINDOWS), nab_score(more, WINDOWS)
    within = any(first <= place <= last for first, last in WINDOWS)
    if within:
        assert after >= before
    elif not flags[place]:
        assert after < before


@few
@given(FLAGS)
def test_affiliation_is_between_nought_and_one_and_blind_to_the_units_of_time(flags):
    intervals = as_intervals(flags)
    found = affiliation(intervals, EVENTS, SPAN)
    assert 0 <= found.recall <= 1
    assert np.isnan(found.precision) if not any(flags) else 0 <= found.precision <= 1
    days = affiliation(intervals * 91 + 7, np.array(EVENTS) * 91 + 7, np.array(SPAN) * 91 + 7)
    assert_allclose(days[:2], found[:2], atol=1e-9)


@few
@given(FLAGS)
def test_affiliation_is_the_mean_over_many_points(flags):
    """The definition, counted on a fine grid of each event's part of the time."""
    if not any(flags):
        return
    intervals = as_intervals(flags)
    precision, recall = [], []
    for (first, last), (start, stop) in zip(EVENTS, [(0, 6), (6, 12)], strict=True):
        grid = np.arange(start + 0.005, stop, 0.01)
        is_flag = np.array(flags)[grid.astype(int)]
        is_event = (grid > first) & (grid < last)
        apart = np.maximum(np.maximum(first - grid, grid - last), 0)
        if not is_flag.any():
            recall.append(0.0)
            continue
        precision.append(np.mean([(apart >= d).mean() for d in apart[is_flag]]))
        near = np.abs(grid[is_event][:, None] - grid[is_flag]).min(axis=1)
        chance = np.abs(grid[is_event][:, None] - grid) >= near[:, None]
        recall.append(chance.mean(axis=1).mean())
    found = affiliation(intervals, EVENTS, SPAN)
    assert_allclose(found[:2], [np.mean(precision), np.mean(recall)], atol=0.01)


@few
@given(FLAGS)
def test_runs_as_intervals_are_as_long_as_there_are_flagged_periods(flags):
    intervals = as_intervals(flags)
    assert (intervals[:, 1] - intervals[:, 0]).sum() == sum(flags)
    assert (intervals[1:, 0] > intervals[:-1, 1]).all()


def test_without_windows_there_is_no_score():
    assert np.isnan(nab_score([1, 0], []))


def test_windows_and_intervals_that_make_no_sense_are_refused():
    for windows in ([[3, 2]], [[2, 4], [4, 5]], [[-1, 2]], [[2, 12]]):
        with pytest.raises(UsageError, match="Windows need"):
            nab_score(np.zeros(12), windows)
    with pytest.raises(UsageError, match="profile='harsh'"):
        nab_score(np.zeros(12), WINDOWS, profile="harsh")
    for flagged in ([[3, 3]], [[1, 4], [3, 5]], [[-1, 2]], [[5, 13]]):
        with pytest.raises(UsageError, match="flagged: intervals need"):
            affiliation(flagged, EVENTS, SPAN)
    with pytest.raises(UsageError, match="no event"):
        affiliation([[1, 2]], [], SPAN)
