"""Definition breaks of a whole metric: how often none is proposed, and planted ones are."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import spearmanr

from earlywarning.errors import UsageError
from earlywarning.models.breaks import find_breaks
from earlywarning.models.robust import MAD_TO_SIGMA, mad
from earlywarning.models.steps import steps_of

METRICS = 300  # a setting


def healthy(rng, n, n_periods, *, noise="white", shock=0.0, lasting=False):
    """Return a metric without a break: levels, a drift, noise of sd about 1, common shocks.

    Authorities differ in how noisy they are, and in how much of a shock they take.
    """
    x = rng.normal(size=(n, n_periods))
    if noise == "memory":
        for t in range(1, n_periods):
            x[:, t] = 0.5 * x[:, t - 1] + np.sqrt(0.75) * x[:, t]
    if noise == "walk":
        x = 0.7 * np.cumsum(x, axis=1)
    common = shock * rng.normal(size=n_periods)
    if lasting:
        common = np.cumsum(common)
    load = 1 + 0.3 * rng.normal(size=(n, 1))
    sd = np.exp(0.35 * rng.normal(size=(n, 1)))
    return 3 * rng.normal(size=(n, 1)) + sd * x + load * common + 0.1 * np.arange(n_periods)


def broken(rng, X, period, *, share=0.8, jump=2.0):
    """Return the metric with so large a jump in so many authorities from a period on."""
    found = X.copy()
    found[rng.random(len(X)) < share, period:] += jump
    return found


SETTINGS = {
    "noise": {},
    "memory, shocks of 0.3": {"noise": "memory", "shock": 0.3},
    "memory, shocks of 1": {"noise": "memory", "shock": 1.0},
    "walks, lasting shocks of 0.3": {"noise": "walk", "shock": 0.3, "lasting": True},
}


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 300])
@pytest.mark.parametrize("n_periods", [6, 12, 20, 40])
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_metric_without_a_break_has_one_proposed_no_more_often_than_asked_for(
    setting, n_periods, n, rng
):
    proposed = found = 0
    for _ in range(METRICS):
        X = healthy(rng, n, n_periods, **SETTINGS[setting])
        proposed += bool(find_breaks(X))
        period = int(rng.integers(1, n_periods))
        found += any(one.period == period for one in find_breaks(broken(rng, X, period)))
    sys.stdout.write(  # the table of docs/breaks.md: pytest -rP prints it
        f"{setting}, {n} authorities, {n_periods} periods: "
        f"proposed {proposed / METRICS:.3f}, found {found / METRICS:.2f}\n"
    )
    assert proposed / METRICS < 0.05 + 3 * np.sqrt(0.05 * 0.95 / METRICS)


@pytest.mark.slow
@pytest.mark.parametrize("n_periods", [6, 8, 12, 20, 40])
def test_a_jump_of_most_of_300_authorities_is_found_where_there_are_no_shocks(n_periods, rng):
    found = 0
    for _ in range(60):
        X, period = healthy(rng, 300, n_periods), int(rng.integers(1, n_periods))
        proposals = find_breaks(broken(rng, X, period))
        found += any(one.period == period for one in proposals)
    assert found >= 54


def test_an_ordinary_metric_has_no_break_and_a_broken_one_its_own(rng):
    """A short version of the simulations above."""
    metrics = [healthy(rng, 100, 12, noise="memory", shock=0.3) for _ in range(60)]
    assert sum(bool(find_breaks(X)) for X in metrics) <= 8
    for X in metrics[:10]:
        (found,) = find_breaks(broken(rng, X, 7, jump=6.0))
        assert (found.period, found.before, found.shows_in) == (7, 6, "level")


@pytest.mark.parametrize("zeros", [0.5, 0.55])
@pytest.mark.parametrize("n", [30, 300])
def test_where_about_half_are_zero_no_break_is_proposed_more_often_than_asked_for(n, zeros, rng):
    """A few authorities more or less at zero: the middle crosses it, and all distances with it."""
    proposed = 0
    for _ in range(60):
        size = np.exp(rng.normal(size=(n, 1)) + 0.3 * rng.normal(size=(n, 12)))
        proposed += bool(find_breaks(np.where(rng.random((n, 12)) < zeros, 0.0, size)))
    assert proposed <= 7  # 5% of 60, and 2.4 standard errors


def test_a_metric_that_is_half_zero_shows_a_new_unit_in_its_spread(rng):
    X = np.where(rng.random((300, 12)) < 0.5, 0.0, np.exp(0.5 * rng.normal(size=(300, 12))))
    X[:, 8:] *= 4.0
    (found,) = find_breaks(X)
    assert (found.period, found.shows_in) == (8, "spread")
    assert 3.0 < found.spread_ratio < 5.0


def test_the_evidence_is_what_the_table_shows(rng):
    X = broken(rng, healthy(rng, 200, 10), 4, share=1.0, jump=5.0)
    X[150:, 4] = np.nan
    (found,) = find_breaks(X)
    change = (X[:, 4] - X[:, 3])[:150]
    drift = np.median([np.nanmedian(X[:, t] - X[:, t - 1]) for t in range(1, 10) if t != 4])
    assert found.n_authorities == 150
    assert_allclose(found.jump, np.median(change) - drift)
    assert_allclose(found.share_moved, (change > drift).mean())
    assert_allclose(found.order, spearmanr(X[:150, 3], X[:150, 4])[0], rtol=1e-6)
    back = np.nanmedian(X[:, 5] - X[:, 4]) - drift
    assert_allclose(found.kept, 1 + back / found.jump)
    assert found.usual < 0.3
    assert found.statistic > 10


def test_the_evidence_is_worded_with_the_periods_names():
    X = np.random.default_rng(3).normal(size=(120, 8))
    X[:, 5:] -= 4.0
    (found,) = find_breaks(X)
    said = found.evidence([f"{year}/{year - 1999}" for year in range(2010, 2018)])
    assert said.startswith("From 2014/15 to 2015/16 (120 known): ")
    assert "% of them moved down, by" in said
    assert "of the jump was still there" in said
    assert "period 4 to period 5" in found.evidence()
    still = replace(found, jump=0.0, share_moved=np.nan, shows_in="order").evidence()
    assert "known): They kept their order" in still
    assert "did not move" in still
    newest = replace(found, kept=np.nan, p=1e-12)
    assert "still there" not in newest.evidence()
    assert "fewer than 1 in 1,000,000 metrics" in newest.evidence()


def test_a_passing_shock_is_told_from_a_lasting_one_by_what_was_kept(rng):
    X = healthy(rng, 200, 12)
    X[:, 6] += 8.0
    found = {one.period: one for one in find_breaks(X)}
    assert set(found) == {6, 7}
    assert abs(found[6].kept) < 0.1


def test_two_breaks_do_not_hide_each_other(rng):
    X = healthy(rng, 200, 20)
    X[:, 6:] += 5.0
    X[:, 13:] += 6.0
    assert [one.period for one in find_breaks(X)] == [6, 13]


def test_a_new_unit_shows_in_the_spread_and_a_new_list_in_the_order(rng):
    X = healthy(rng, 200, 14)
    X -= np.median(X, axis=0)
    wider = X.copy()
    wider[:, 8:] *= 3.0
    (found,) = find_breaks(wider)
    assert (found.period, found.shows_in) == (8, "spread")
    assert 2.5 < found.spread_ratio < 3.6
    mixed = X.copy()
    mixed[:, 8:] = mixed[rng.permutation(200), 8:]
    (found,) = find_breaks(mixed)
    assert (found.period, found.shows_in) == (8, "order")
    assert abs(found.order) < 0.3 < found.usual_order


def test_values_that_stand_still_lose_no_order(rng):
    X = healthy(rng, 100, 12, noise="walk")
    X[:, 7] = X[:, 6]
    assert "order" not in [one.shows_in for one in find_breaks(X)]


def values_of(found):
    return [
        (one.period, one.p, one.statistic, one.share_moved, one.kept, one.spread_ratio)
        for one in found
    ]


@pytest.fixture
def metric(rng):
    X = broken(rng, healthy(rng, 80, 10, shock=0.2), 6, jump=5.0)
    X[rng.random(X.shape) < 0.1] = np.nan
    return X


def test_order_of_authorities_and_those_who_never_published_change_nothing(metric, rng):
    straight = values_of(find_breaks(metric))
    assert len(straight) == 1
    more = np.vstack([metric, np.full((3, 10), np.nan)])[rng.permutation(83)]
    assert_allclose(values_of(find_breaks(more)), straight, rtol=1e-9)


def test_unit_and_origin_change_no_p_and_the_sign_turns_the_jump(metric):
    (straight,) = find_breaks(metric)
    (found,) = find_breaks(-1000 * metric + 5e4)
    assert_allclose(values_of([found]), values_of([straight]), rtol=1e-6)
    assert_allclose(found.jump, -1000 * straight.jump)


def test_a_period_that_nobody_published_is_stepped_over(metric):
    (straight,) = find_breaks(metric)
    gap = np.insert(metric, [0, 6, 10], np.nan, axis=1)
    (found,) = find_breaks(gap)
    assert (found.before, found.period) == (straight.before + 1, straight.period + 2)
    assert_allclose(found.p, straight.p)


def test_infinite_values_are_gaps_and_the_input_is_untouched(metric):
    infinite = np.where(np.isnan(metric), np.inf, metric)
    before = infinite.copy()
    assert values_of(find_breaks(infinite)) == values_of(find_breaks(metric))
    assert_array_equal(infinite, before)


@pytest.mark.parametrize(
    "X",
    [
        np.zeros((0, 0)), np.zeros((0, 9)), np.zeros((50, 0)), np.ones((50, 12)),
        np.full((50, 12), np.nan), np.arange(12.0) * np.ones((50, 1)), np.ones((1, 12)),
        np.arange(50.0)[:, None] * np.ones((1, 3)),
    ],
)  # fmt: skip
def test_where_there_is_nothing_to_judge_by_nothing_is_proposed(X):
    assert find_breaks(X) == []


def test_too_few_authorities_or_periods_are_not_judged(rng):
    X = broken(rng, rng.normal(size=(40, 9)), 4, jump=9.0)
    assert find_breaks(X)
    assert find_breaks(X[:9]) == []
    assert find_breaks(X[:, :4]) == []


def test_whole_numbers_that_mostly_stand_still_have_no_break_by_one(rng):
    X = rng.integers(3, 9, size=(60, 1)) + np.zeros((1, 10))
    X[:40, 5:] += 1
    X[rng.random(X.shape) < 0.1] += 1
    assert find_breaks(X) == []
    X[:, 5:] += 5
    assert [one.period for one in find_breaks(X)] == [5]


def test_steps_are_measured_where_both_sides_are_known(metric):
    steps = steps_of(metric)
    assert_array_equal(steps.after, np.arange(1, 10))
    for i, after in enumerate(steps.after):
        both = np.isfinite(metric[:, after]) & np.isfinite(metric[:, after - 1])
        assert steps.n[i] == both.sum()
        old, new = metric[both, after - 1], metric[both, after]
        assert_allclose(steps.level[i], np.median(new - old))
        change, n = np.sort(new - old), both.sum()
        low = int((n - np.sqrt(n)) / 2)
        reach = (change[n - 1 - low] - change[low]) / 2
        assert_allclose(steps.error[i], max(np.sqrt(np.pi / 2 / n) * mad(change), reach))
        away = [abs(y - np.median(y)) for y in (old, new)]
        most = 3 * MAD_TO_SIGMA * max(np.median(far[far > 0]) for far in away)
        far = [np.minimum(x, most).mean() for x in away]
        assert_allclose(steps.spread[i], np.log(far[1] / far[0]))
        assert_allclose(np.tanh(steps.order[i]), spearmanr(old, new)[0], rtol=1e-9)


def test_wrong_calls_are_refused():
    with pytest.raises(UsageError, match="authorities down, periods across"):
        find_breaks(np.ones(9))
    with pytest.raises(UsageError, match=r"such as 0\.05"):
        find_breaks(np.ones((9, 9)), level=5)
