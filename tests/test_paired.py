"""Did the same authorities move or spread out? Against scipy, by hand, and how often by chance."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy.stats import binomtest, spearmanr

from earlywarning.models.paired import pull_on_mean, pull_on_spread, sign_test, spread_change

few = settings(max_examples=40)
values = arrays(float, 12, elements=st.integers(-40, 40).map(float))

# Dixon and Mood's test by hand: 8 of 9 one way, 2 (1 + 9) / 2^9; ties are left out.
NINE = [3.0, 1, 2, 5, 1, 4, 2, 6, -1, 0, 0]


def test_the_sign_test_is_the_binomial_one_by_hand_and_in_scipy():
    assert sign_test(np.array(NINE)) == 20 / 512
    assert sign_test(np.array(NINE)) == pytest.approx(binomtest(1, 9).pvalue, rel=1e-12)


@few
@given(values)
def test_the_sign_test_agrees_with_scipy_whatever_moves(change):
    up, down = int((change > 0).sum()), int((change < 0).sum())
    expected = binomtest(up, up + down).pvalue if up + down else 1.0
    assert sign_test(change) == pytest.approx(expected, rel=1e-9)


@few
@given(values, values)
def test_the_test_of_spreads_is_the_rank_correlation_of_differences_and_sums(before, after):
    """McCulloch's test as it is defined, and as `PairedData::mcculloch.var.test` in R does it."""
    difference, total = after - before, after + before
    if np.ptp(difference) == 0 or np.ptp(total) == 0:
        assert spread_change(before, after).p == 1
        return
    expected = spearmanr(difference, total).pvalue
    assert spread_change(before, after).p == pytest.approx(
        max(expected, 2 / math.factorial(12)), abs=1e-9
    )


def test_a_spread_twice_as_wide_is_told_and_its_rarest_order_is_no_rarer_than_it_is():
    found = spread_change(np.arange(5.0), 2 * np.arange(5.0))
    assert found.ratio == 2
    assert found.p == pytest.approx(2 / 120)  # scipy says 0


@few
@given(values, values, st.integers(-5, 5), st.sampled_from([0.25, 1.0, 8.0]))
def test_a_movement_of_everyone_or_another_unit_changes_no_test_of_spreads(
    before, after, shift, unit
):
    straight = spread_change(before, after)
    moved = spread_change(unit * before, unit * (after + shift))
    assert moved.p == pytest.approx(straight.p, abs=1e-12)
    assert moved.ratio == pytest.approx(straight.ratio, nan_ok=True)


LAWS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "heavy": lambda rng, n: rng.standard_t(3, size=n),
    "skew": lambda rng, n: rng.exponential(size=n),
    "log-normal": lambda rng, n: rng.lognormal(size=n),
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("n", [8, 60])
def test_spreads_that_did_not_change_are_called_changed_as_often_as_stated(law, n, rng):
    """Levels that last and noise that does not, of normal, heavy and skew laws."""
    draw, p = LAWS[law], []
    for _ in range(400):
        level = 2 * draw(rng, n)
        p.append(spread_change(level + draw(rng, n), level + draw(rng, n) + 3).p)
    assert (np.array(p) <= 0.05).mean() <= 0.09


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("n", [8, 30, 300])
def test_the_sizes_of_the_page_are_printed_and_hold(law, n, rng):
    draw, p = LAWS[law], []
    for _ in range(4000):
        level = 2 * draw(rng, n)
        p.append(spread_change(level + draw(rng, n), level + draw(rng, n) + 3).p)
    five, one = ((np.array(p) <= level).mean() for level in (0.05, 0.01))
    sys.stdout.write(f"{law}, {n} authorities: {five:.1%} ({one:.1%})\n")  # for docs/sector.md
    assert five <= 0.075
    assert one <= 0.018


def test_a_widening_of_a_third_in_three_hundred_is_found(rng):
    level = rng.normal(size=300)
    found = spread_change(level + 0.3 * rng.normal(size=300), 1.33 * level)
    assert found.p < 1e-6


def test_who_pulls_is_who_changes_the_mean_and_the_spread_by_being_left_out(rng):
    before, after = rng.normal(size=(2, 9))
    change = after - before
    mean, spread = pull_on_mean(change), pull_on_spread(before, after)
    ratio = math.log(after.std(ddof=1) / before.std(ddof=1))
    for i in range(9):
        a, b = np.delete(after, i), np.delete(before, i)
        assert mean[i] == pytest.approx(change.mean() - (a - b).mean())
        assert spread[i] == pytest.approx(ratio - math.log(a.std(ddof=1) / b.std(ddof=1)))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_of_too_few_nothing_is_said(n):
    few = np.arange(float(n))
    assert math.isnan(spread_change(few, few).p)
    assert np.isnan(pull_on_spread(few, few)).all()
    assert len(pull_on_mean(few)) == n


def test_where_all_are_alike_nobody_pulls_on_the_spread():
    alike = np.full(6, 3.0)
    assert_allclose(pull_on_mean(alike), 0)
    assert np.isnan(pull_on_spread(alike, alike)).all()
    assert math.isnan(spread_change(alike, alike).ratio)
