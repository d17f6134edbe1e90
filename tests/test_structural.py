"""The three contrasts: what may change a verdict, what may not, and what must be found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from earlywarning.models.bank import ANNUAL, YEARLY, Structure
from earlywarning.models.contrasts import as_z
from earlywarning.models.movement import CommonMovement
from earlywarning.models.peer_groups import PeerGroups
from earlywarning.models.pooling import Prior
from earlywarning.models.structural import BankFit, contrasts, learn
from earlywarning.models.structural_bank import StructuralBank
from earlywarning.schema import CONTRASTS

BANK = YEARLY.structures
LAST, STEP, DRIFT = range(3)
few = settings(max_examples=15)


def panel(seed, n_authorities=14, n_periods=8):
    """Return noise around levels far apart, with shocks all share; every third panel is rounded."""
    rng = np.random.default_rng(seed)
    levels, shocks = rng.normal(size=(n_authorities, 1)) * 10, rng.normal(size=n_periods)
    X = levels + shocks + rng.normal(size=(n_authorities, n_periods))
    return X.round(1) if seed % 3 == 0 else X


panels = st.builds(panel, st.integers(0, 10_000), st.integers(6, 20), st.integers(5, 12))
seeds = st.integers(0, 10_000).map(np.random.default_rng)


def judged(X, times=None, groups=None):
    times = np.arange(X.shape[1], dtype=float) if times is None else times
    groups = np.zeros(len(X), dtype=int) if groups is None else groups
    return contrasts(X, groups, learn(X, times, groups))


def n_tested(name, n_periods):
    return {"last": 1, "step": 2, "drift": n_periods // 2}[name]


def effect(found):
    """Return how far each value is from what was expected, (n_authorities, 3)."""
    return found.value - found.expected


def with_event(X, row, name, size):
    """Return the series with an event of this size planted in the periods its contrast tests."""
    tested = n_tested(name, X.shape[1])
    ramp = np.arange(1, tested + 1) / tested if name == "drift" else 1.0
    planted = X.copy()
    planted[row, -tested:] += size * ramp
    return planted


def assert_same(found, expected, rtol=1e-7):
    assert_allclose(found.above, expected.above, rtol=rtol, atol=1e-14)
    assert_allclose(found.below, expected.below, rtol=rtol, atol=1e-14)


# What may not change a verdict.


@few
@given(X=panels, gaps=st.sampled_from([0.0, 0.15]), size=st.sampled_from([1, 10, 1e4]), rng=seeds)
@pytest.mark.parametrize("name", CONTRASTS)
def test_the_tested_periods_never_feed_the_limits_they_are_tested_against(name, X, gaps, size, rng):
    """Whatever one authority publishes in them; the others may have gaps anywhere."""
    missing = rng.random(X.shape) < gaps
    missing[2] = False
    X[missing] = np.nan
    tested = n_tested(name, X.shape[1])
    other = X.copy()
    other[2, -tested:] = size * rng.normal(size=tested)
    j = CONTRASTS.index(name)
    before, after = judged(X), judged(other)
    for part in ("expected", "spread", "df"):
        found, wanted = getattr(after, part)[2, j], getattr(before, part)[2, j]
        assert_allclose(found, wanted, rtol=1e-9, atol=1e-9, err_msg=part)
    half = [found.half_width(0.95)[2, j] for found in (before, after)]
    assert_allclose(half[1], half[0], rtol=1e-9)


@few
@given(X=panels, scale=st.floats(1e-3, 1e3), rng=seeds)
def test_the_unit_of_a_metric_and_the_level_of_an_authority_change_no_p(X, scale, rng):
    levels = rng.normal(size=(len(X), 1)) * 100
    assert_same(judged(scale * (X + levels)), judged(X), rtol=1e-6)


@few
@given(X=panels, rng=seeds)
def test_the_order_of_authorities_does_not_matter(X, rng):
    order = rng.permutation(len(X))
    shuffled, straight = judged(X[order]), judged(X)
    assert_allclose(shuffled.above, straight.above[order], rtol=1e-7)
    assert_allclose(shuffled.spread, straight.spread[order], rtol=1e-7)


@few
@given(X=panels, row=st.integers(0, 5))
def test_an_authority_that_never_published_changes_no_other(X, row):
    found = judged(np.insert(X, row, np.nan, axis=0))
    assert np.isnan(found.above[row]).all()
    assert np.isnan(found.value[row]).all()
    assert_allclose(np.delete(found.above, row, axis=0), judged(X).above, rtol=1e-9)


@few
@given(X=panels, rng=seeds)
def test_turning_a_metric_upside_down_swaps_above_and_below(X, rng):
    X[rng.random(X.shape) < 0.1] = np.nan
    found, mirrored = judged(X), judged(-X)
    assert_allclose(mirrored.above, found.below, rtol=1e-9)
    assert_allclose(mirrored.below, found.above, rtol=1e-9)
    assert_allclose(mirrored.expected, -found.expected, atol=1e-9)


@few
@given(rng=seeds)
def test_without_ties_upside_down_is_exact(rng):
    X = rng.normal(size=(12, 9))
    found, mirrored = judged(X), judged(-X)
    assert_array_equal(mirrored.above, found.below)
    assert_array_equal(mirrored.below, found.above)
    assert_allclose(mirrored.expected, -found.expected, atol=1e-12)


@few
@given(X=panels, rng=seeds)
def test_the_input_is_untouched(X, rng):
    X[rng.random(X.shape) < 0.1] = np.nan
    before = X.copy()
    judged(X)
    assert_array_equal(X, before)


@few
@given(X=panels, rng=seeds)
def test_a_later_period_changes_no_earlier_judgement(X, rng):
    before = judged(X)
    later = np.column_stack([X, 100 * rng.normal(size=len(X))])
    judged(later)
    after = judged(later[:, :-1])
    assert_array_equal(after.above, before.above)
    assert_array_equal(after.spread, before.spread)


def test_groups_of_peers_share_a_metric_but_not_a_movement(rng):
    X, groups = rng.normal(size=(80, 9)), np.arange(80) % 2
    X[:, -1] += np.where(groups, 8, -8)
    assert_allclose(effect(judged(X, groups=groups))[:, LAST].mean(), 0, atol=0.3)
    assert np.abs(effect(judged(X))[:, LAST]).min() > 3


# Which series can be judged.


@pytest.mark.parametrize("n_periods", [5, 6, 8, 12, 20, 40])
def test_five_periods_or_more_can_be_judged(n_periods):
    found = judged(panel(1, 30, n_periods))
    for tail in (found.above, found.below):
        assert ((tail >= 0) & (tail <= 1)).all()
    assert_allclose(found.above + found.below, 1, rtol=1e-9)


def test_four_periods_cannot_be_judged():
    found = judged(panel(1, 30, 4))
    assert np.isnan([found.value, found.expected, found.spread, found.above, found.below]).all()
    assert np.isnan(found.combined(found.above)).all()


def test_a_series_with_too_many_gaps_is_not_judged_and_others_are():
    X = panel(2, 30, 10)
    X[3, :6] = np.nan  # four known
    X[4, 2:7] = np.nan  # five known
    found = judged(X)
    assert np.isnan(found.above[3]).all()
    assert np.isfinite(np.delete(found.above, 3, axis=0)).all()


def test_the_value_is_the_newest_known_and_for_a_step_the_mean_of_the_last_two():
    X = panel(2, 30, 10)
    X[3, -1] = np.nan
    found = judged(X)
    assert_allclose(found.value[0], [X[0, -1], X[0, -2:].mean(), X[0, -1]])
    assert_allclose(found.value[3], [X[3, -2], X[3, -3:-1].mean(), X[3, -2]])


@pytest.mark.parametrize("n_authorities", [1, 2, 3])
def test_a_handful_of_authorities_can_be_judged(n_authorities):
    assert np.isfinite(judged(panel(4, n_authorities, 8)).above).all()


def test_a_group_of_one_can_be_judged():
    groups = np.array([0] * 13 + [1])
    assert np.isfinite(judged(panel(4), groups=groups).above).all()


def test_nothing_published_gives_no_verdict():
    assert np.isnan(judged(np.full((6, 8), np.nan)).above).all()


def test_a_constant_series_among_noisy_ones_is_no_surprise():
    X = panel(4, 40, 8)
    X[3] = 0.1
    assert (judged(X).above[3] > 0.01).all()


# What is expected, and how surely.


def without_peers(weight, times, n):
    """Return a fit in which noise of variance 1 is certain, and nothing happened to anyone."""
    sure = np.full(len(BANK), 1e9)
    parts = (weight, *2 * (sure, np.ones(len(BANK))))
    prior = Prior(*(np.tile(part[:, None], (3, 1, 1)) for part in parts))
    still = CommonMovement(np.zeros((n, len(times))), np.zeros(len(times)))
    published, nothing = np.ones(len(times), dtype=bool), np.zeros((n, 6))
    groups = np.zeros(n, dtype=int)
    peers = PeerGroups(groups, (still,))
    return BankFit(published, times, ANNUAL, prior, np.inf, peers, nothing, np.full((n, 3), np.nan))


@pytest.mark.parametrize("name", CONTRASTS)
def test_structures_that_disagree_make_the_expectation_less_sure(name, rng):
    """By hand: a mixture's variance is the mean variance and the variance of the means."""
    pair = [BANK.index(Structure()), BANK.index(Structure(noise=0.0, level=1.0))]
    X, times, early = rng.normal(size=(30, 6)), np.arange(6.0), 6 - n_tested(name, 6)
    X[:, 0] += np.linspace(0, 4, 30)
    weight = np.zeros(len(BANK))
    weight[pair] = 0.5
    found = contrasts(X, np.zeros(30, dtype=int), without_peers(weight, times, 30))
    # What each predicts: of noise the mean, of a walk the newest value; and their variances.
    shown = {"last": [1], "step": [0.5, 0.5], "drift": [0, 0, 1]}[name]
    mean = np.stack([X[:, :early].mean(axis=1), X[:, early - 1]])
    ahead = np.minimum.outer(*[np.arange(1, 7 - early)] * 2)
    variance = np.array([np.sum(np.square(shown)) + 1 / early, shown @ ahead @ shown])
    steps = np.diff(X[:, :early], axis=1)  # both in the same coordinates: the differences
    first = np.diff(np.eye(early), axis=0)
    log = np.stack(
        [
            multivariate_normal(cov=first @ first.T).logpdf(steps),
            multivariate_normal(cov=np.eye(early - 1)).logpdf(steps),
        ]
    )
    share = np.exp(log) / np.exp(log).sum(axis=0)
    expected = (share * mean).sum(axis=0)
    spread = np.sqrt((share * (variance[:, None] + (mean - expected) ** 2)).sum(axis=0))
    j = CONTRASTS.index(name)
    assert_allclose(found.expected[:, j], expected, atol=1e-4)
    assert_allclose(found.spread[:, j], spread, rtol=1e-4)
    assert (share.min(axis=0) > 0.2).any()  # the structures are in doubt somewhere


def test_no_structure_is_ever_ruled_out(rng):
    """One series' worth of doubt, spread evenly, is added to what the authorities say."""
    n, fewest = 200, 1 / len(BANK) / 201
    X = rng.normal(size=(n, 12)).cumsum(axis=1)
    for weight in learn(X, np.arange(12.0), np.zeros(n, dtype=int)).priors.weight[..., 0]:
        assert weight.min() >= fewest * (1 - 1e-9)
        assert_allclose(weight.sum(), 1)


# What must be found.


@pytest.mark.parametrize("n_periods", [8, 12, 20])
@pytest.mark.parametrize("name", CONTRASTS)
def test_a_planted_event_ranks_first_in_its_contrast(name, n_periods, rng):
    X = rng.normal(size=(200, n_periods)) + rng.normal(size=n_periods)
    X += rng.normal(size=(200, 1)) * 10
    found = judged(with_event(X, 17, name, 6.0))
    assert found.above[:, CONTRASTS.index(name)].argmin() == 17
    assert found.combined(found.above).argmin() == 17


def test_a_fall_is_found_below(rng):
    found = judged(with_event(rng.normal(size=(100, 10)), 17, "last", -6.0))
    assert found.below[:, LAST].argmin() == 17
    assert found.combined(found.below).argmin() == 17


@few
@given(X=panels, size=st.floats(-20, 20))
def test_an_authority_is_not_its_own_peer_with_other_values_than_were_fitted(X, size):
    groups, times = np.zeros(len(X), dtype=int), np.arange(float(X.shape[1]))
    other = with_event(X, 2, "last", size)
    fit = learn(X, times, groups)
    again = contrasts(other[[2]], groups[[2]], fit, fitted=np.array([2]))
    anew = judged(other)
    assert_allclose(again.expected[0], anew.expected[2], rtol=1e-9, atol=1e-9)
    assert_allclose(again.above[0, LAST], anew.above[2, LAST], rtol=1e-6, atol=1e-12)


def test_what_happens_to_everyone_is_nobodys_event(rng):
    X = rng.normal(size=(100, 10))
    shocked = X.copy()
    shocked[:, -1] += 8
    assert_allclose(effect(judged(shocked))[:, LAST], effect(judged(X))[:, LAST], atol=0.3)


def test_what_happens_to_everyone_is_nobodys_event_after_a_period_nobody_published(rng):
    X = rng.normal(size=(100, 12))
    X[:, -2] = np.nan
    X[:, -1] += 8
    assert_allclose(np.median(effect(judged(X)), axis=0), 0, atol=0.5)


# Calendars.


@few
@given(seed=st.integers(0, 1000))
def test_a_period_nobody_published_is_a_gap_in_time(seed):
    """A column of NaN and a calendar without it say the same."""
    X = panel(seed, 14, 10)
    times = np.array([0.0, 1, 3, 4, 5, 6, 7, 9, 10, 11])
    with_gaps = np.full((14, 12), np.nan)
    with_gaps[:, times.astype(int)] = X
    assert_same(judged(with_gaps), judged(X, times))


def test_the_longer_ago_the_past_of_a_wandering_level_the_wider_the_limits(rng):
    X, times = rng.normal(size=(100, 9)).cumsum(axis=1), np.arange(9.0)
    late = np.append(times[:-1], 12.0)
    assert (judged(X, late).spread[:, LAST] > 1.3 * judged(X, times).spread[:, LAST]).all()


def test_the_zero_of_time_does_not_matter():
    X, times = panel(5), np.arange(8.0)
    assert_same(judged(X, times + 2000), judged(X, times), rtol=1e-9)


# The estimator, and scores.


def test_the_estimator_says_what_the_functions_say():
    X = panel(8, 30, 9)
    bank = StructuralBank().fit(X)
    assert_same(bank.contrasts(X), judged(X), rtol=1e-12)
    assert_allclose(bank.transform(X), as_z(judged(X).above, judged(X).below))


def test_an_authority_that_was_not_fitted_is_judged_by_those_that_were(rng):
    X = rng.normal(size=(60, 9))
    stranger = with_event(rng.normal(size=(1, 9)), 0, "last", 8.0)
    assert StructuralBank().fit(X).transform(stranger)[0, LAST] > 3


@pytest.mark.parametrize("coverage", [0.8, 0.95])
def test_healthy_series_stay_within_their_limits_as_often_as_stated(coverage, rng):
    found = judged(rng.normal(size=(4000, 9)))
    inside = (np.abs(effect(found)) < found.half_width(coverage)).mean(axis=0)
    assert_allclose(inside[[LAST, STEP]], coverage, atol=0.03)
    assert coverage - 0.02 < inside[DRIFT] < 0.995  # slopes in the bank make it cautious


def test_under_heavy_tails_quiet_series_stay_within_their_limits_as_often_as_noisy_ones(rng):
    noise = rng.standard_t(4, size=(6000, 9)) * np.exp(0.35 * rng.normal(size=(6000, 1)))
    found = judged(noise)
    inside = np.abs(effect(found)[:, LAST]) < found.half_width(0.8)[:, LAST]
    by_spread = np.array_split(inside[found.spread[:, LAST].argsort()], 5)
    shares = [fifth.mean() for fifth in by_spread]
    assert_allclose(shares, 0.8, atol=0.045)


@given(z=st.floats(-30, 30))
def test_a_normal_score_is_precise_in_both_tails(z):
    assert_allclose(as_z(ndtr(np.array([-z])), ndtr(np.array([z]))), z, atol=1e-7)


def test_a_contrast_that_points_the_other_way_hides_no_other():
    found = judged(panel(1, 30, 8))
    tail = np.array([[0.01, 0.5, 0.5], [0.01, 0.9, 0.999]])
    combined = found.combined(tail)
    assert combined[0] == combined[1]
