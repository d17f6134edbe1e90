"""Distance from peers of other sizes, against a loop that leaves each one out, and simulation."""

import sys
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import chi2, norm, t

from earlywarning.errors import UsageError
from earlywarning.models.funnel.position import funnel_position
from earlywarning.models.funnel.scales import as_steady_effects
from earlywarning.models.funnel.target import BOUND, EFFICIENCY, SQUARE, TOO_ALIKE, peer_target

AUTHORITIES = 40_000  # of which size is measured, a setting
SPREAD_OF_SIZE = 0.8  # sd of log denominators: English upper-tier populations have about 0.6


def test_where_chance_explains_all_one_degree_of_freedom_is_the_targets():
    fit = peer_target(np.array([0.4, 0.5, 0.6, 0.5]), np.full(4, 0.01), np.ones((2, 4), dtype=bool))
    assert (fit.tau2 == 0).all()
    assert_array_equal(fit.df(np.array([0.1, 0.3])), [3.0, 3.0])


def by_hand(values, variances):
    """Return target, tau squared and factor on chance of one set of peers, by bracketing."""
    n, typical = values.size, variances.mean()

    def sums(s):
        variance = np.minimum(s, 1) * variances + max(s - 1, 0) * typical

        def pull(centre):
            return np.sum(np.clip((values - centre) / np.sqrt(variance), -BOUND, BOUND)
                          / np.sqrt(variance))  # fmt: skip

        centre = brentq(pull, values.min() - 1e-9, values.max() + 1e-9, xtol=1e-14)
        square = np.minimum((values - centre) ** 2 / variance, BOUND**2).sum()
        return square - (n - 1) * SQUARE, centre, variance

    least = chi2.ppf(TOO_ALIKE, n - 1) / (n - 1)
    s = brentq(lambda s: sums(s)[0], least, 1e6, xtol=1e-13) if sums(least)[0] > 0 else least
    _, centre, variance = sums(s)
    return centre, max(s - 1, 0) * typical, min(s, 1), 1 / (1 / variance).sum()


def test_the_mean_square_of_a_bounded_normal_value_is_what_is_said():
    area = quad(lambda x: min(x * x, BOUND**2) * norm.pdf(x), -12, 12, points=[-BOUND, BOUND])[0]
    assert_allclose(SQUARE, area, rtol=1e-9)


def left_over(values, variances, fit, own):
    """Return what the two sums of Huber's proposal still lack, both 0 where it is solved."""
    forward = {"same": lambda y: y, "log": lambda y: 2 * np.log(y),
               "logit": lambda y: np.log(np.sin(y) ** 2 / np.cos(y) ** 2)}[fit.between]  # fmt: skip
    centre, chance, tau2 = fit.centre[own], fit.chance[own], fit.tau2[own]
    pull = square = 0.0
    for y, v in zip(values, variances, strict=True):
        at = (forward(centre + 1e-6) - forward(centre - 1e-6)) / 2e-6
        slope = (forward(y) - forward(centre)) / (y - centre) if abs(y - centre) > 1e-9 else at
        z = slope * (y - centre) / np.sqrt(chance * slope**2 * v + tau2)
        pull += np.clip(z, -BOUND, BOUND) / np.sqrt(chance * at**2 * v + tau2)
        square += min(z**2, BOUND**2)
    short = square - (len(values) - 1) * SQUARE
    least = chi2.ppf(TOO_ALIKE, len(values) - 1) / (len(values) - 1)
    return pull * np.sqrt(fit.error2[own]), max(short, 0.0) if chance <= least * 1.0001 else short


def test_the_bound_leaves_as_much_of_a_variance_as_is_said():
    """From the variance of the sum, and how fast it rises with the logarithm of the variance."""
    fourth = quad(lambda x: min(x**4, BOUND**4) * norm.pdf(x), -12, 12, points=[-BOUND, BOUND])[0]
    rise = quad(lambda x: x * x * norm.pdf(x), -BOUND, BOUND)[0]
    assert_allclose(EFFICIENCY, 2 * rise**2 / (fourth - SQUARE**2), atol=5e-4)


@given(
    data=st.data(),
    kind=st.sampled_from(["proportion", "rate"]),
    differ=st.sampled_from(["as chance", "as the transform"]),
)
@settings(max_examples=40)
def test_each_authority_is_held_against_what_the_others_say(data, kind, differ):
    n = np.array(data.draw(st.lists(st.integers(5, 5000), min_size=6, max_size=10)), dtype=float)
    shares = data.draw(
        st.lists(st.floats(0.01, 0.99), min_size=n.size, max_size=n.size, unique=True)
    )
    scale, other = {"proportion": ("arcsine", "logit"), "rate": ("root", "log")}[kind]
    value, error = as_steady_effects(np.round(np.array(shares) * n), n, scale=scale)
    between = "same" if differ == "as chance" else other
    fit = peer_target(value, error**2, ~np.eye(n.size, dtype=bool), between=between)
    for i in range(n.size):
        others = np.arange(n.size) != i
        if np.ptp(value[others]) > 0:
            assert_allclose(left_over(value[others], error[others] ** 2, fit, i), 0, atol=1e-4)


def test_a_variance_on_the_edge_of_the_bound_settles_too():
    """Four tiny authorities and two large ones: plain steps went to and fro for ever."""
    n = np.array([5.0, 5, 5, 5, 93, 111])
    cases = np.round(np.array([0.625, 0.5625, 0.6875, 0.25, 0.5, 0.75]) * n)
    value, error = as_steady_effects(cases, n, scale="arcsine")
    fit = peer_target(value, error**2, ~np.eye(6, dtype=bool))
    for i in range(6):
        others = np.arange(6) != i
        assert_allclose(left_over(value[others], error[others] ** 2, fit, i), 0, atol=1e-4)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("between", [0.0, 0.3, 3.0])
def test_each_authority_is_held_against_the_others_as_by_hand(rng, kind, between):
    x, n, _ = simulated(rng, n_peers=9, size=300, between=between, kind=kind)
    x, n = x[:10], n[:10]
    found = funnel_position(x, n, kind=kind)
    value, error = as_steady_effects(x, n, scale=found.scale)
    for i in range(n.size):
        others = np.arange(n.size) != i
        centre, tau2, chance, error2 = by_hand(value[others], error[others] ** 2)
        spread = np.sqrt(chance * error[i] ** 2 + tau2 + error2)
        assert_allclose(found.centre[i], centre, rtol=1e-5, atol=1e-7)
        assert_allclose(found.spread[i], spread, rtol=1e-4)
        assert_allclose(found.above[i], t.sf(found.z[i], n.size - 2), rtol=1e-9)


def simulated(rng, *, n_peers, size, between, kind="proportion", usual=0.2):
    """Return cases, denominators and groups; `between` is tau squared in variances by chance."""
    n_groups = max(AUTHORITIES // (n_peers + 1), 1)
    groups = np.repeat(np.arange(n_groups), n_peers + 1)
    n = np.maximum(np.round(size * np.exp(SPREAD_OF_SIZE * rng.normal(size=groups.size))), 5)
    scale = np.arcsin(np.sqrt(usual)) if kind == "proportion" else np.sqrt(usual)
    mean = scale + np.sqrt(between * 0.25 / size) * rng.normal(size=groups.size)
    if kind == "proportion":
        x = rng.binomial(n.astype(int), np.sin(np.clip(mean, 0, np.pi / 2)) ** 2)
    else:
        x = rng.poisson(n * np.maximum(mean, 0) ** 2)
    return x.astype(float), n, groups


def sizes(rng, **setting):
    """Return how often p is at or below 5% and 1%, both ways, over what was asked."""
    x, n, groups = simulated(rng, **setting)
    found = funnel_position(x, n, kind=setting.get("kind", "proportion"), groups=groups)
    assert (found.status == "ok").all()
    tails = product((found.above, found.below), (0.05, 0.01))
    return [np.mean(p <= level) / level for p, level in tails]


# Shares of about a hundred and of tens of thousands; rates of about 40 cases and of thousands.
SETTINGS = {
    "shares, small": {"size": 100, "kind": "proportion"},
    "shares, large": {"size": 20_000, "kind": "proportion"},
    "rates, small": {"size": 200, "kind": "rate"},
    "rates, large": {"size": 20_000, "kind": "rate"},
}


@pytest.mark.slow
@pytest.mark.parametrize("between", [0.0, 0.5, 3.0])
@pytest.mark.parametrize("n_peers", [8, 15, 40, 300])
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_healthy_authority_is_called_far_as_often_as_asked_for(setting, n_peers, between, rng):
    found = sizes(rng, n_peers=n_peers, between=between, **SETTINGS[setting])
    high5, high1, low5, low1 = found
    sys.stdout.write(  # the table of docs/funnel.md: pytest -rP prints it
        f"{n_peers} peers, {setting}, {between} between: "
        f"5% {high5:.2f} {low5:.2f}, 1% {high1:.2f} {low1:.2f}\n"
    )
    assert_allclose(found, 1, atol=0.3)


@pytest.mark.slow
def test_with_eight_peers_size_holds_with_and_without_variance_between_them(rng):
    """A short version of the simulation above."""
    for between in (0.0, 3.0):
        found = sizes(rng, n_peers=8, size=20_000, between=between)
        assert_allclose(found, 1, atol=0.3)


@pytest.mark.slow
def test_few_cases_are_called_high_no_more_often_than_asked_for(rng):
    """About two cases are expected: the lower end is coarse, and is called less often."""
    found = sizes(rng, n_peers=40, size=20, between=0.0, kind="rate", usual=0.1)
    assert max(found) < 1.5


def test_an_outlier_among_peers_hides_little(rng):
    x, n, groups = simulated(rng, n_peers=40, size=20_000, between=3.0)
    x, n = x[groups == 0], n[groups == 0]
    before = funnel_position(x, n, kind="proportion").spread[0]
    x[3:5] = 0.9 * n[3:5]
    assert funnel_position(x, n, kind="proportion").spread[0] < 1.25 * before


def test_a_far_authority_does_not_widen_the_yardstick_it_is_held_against(rng):
    x, n, _ = simulated(rng, n_peers=12, size=500, between=1.0)
    x, n = x[:13], n[:13]
    near = funnel_position(x, n, kind="proportion")
    x[5] = n[5]
    far = funnel_position(x, n, kind="proportion")
    assert far.spread[5] == near.spread[5]
    assert far.centre[5] == near.centre[5]
    assert far.above[5] < 1e-6


@pytest.fixture
def returns(rng):
    x, n, _ = simulated(rng, n_peers=60, size=300, between=1.0)
    return x[:61], n[:61]


def test_named_peers_are_a_group_where_they_are_the_others_of_it(returns):
    x, n = returns
    groups = np.repeat(["a", "b", "c"], [20, 30, 11])
    by_group = funnel_position(x, n, kind="proportion", groups=groups)
    by_name = funnel_position(x, n, kind="proportion", peers=groups[:, None] == groups)
    assert_allclose(by_name.z, by_group.z, rtol=1e-6)
    assert_array_equal(by_name.n_peers, by_group.n_peers)


def test_the_order_of_authorities_and_those_without_a_value_change_nothing(returns, rng):
    x, n = returns
    straight = funnel_position(x, n, kind="proportion")
    order = rng.permutation(63)
    more = np.append(x, [np.nan, 4.0])[order], np.append(n, [50.0, 0.0])[order]
    found = funnel_position(*more, kind="proportion")
    place = np.argsort(order)
    assert_allclose(found.z[place[:61]], straight.z, rtol=1e-6)
    assert_array_equal(found.status[place[61:]], ["no value", "no denominator"])
    assert np.isnan([found.z[place[61:]], found.above[place[61:]]]).all()


def test_cases_turned_round_flip_the_sides(returns):
    x, n = returns
    straight = funnel_position(x, n, kind="proportion")
    turned = funnel_position(n - x, n, kind="proportion")
    assert_allclose(turned.z, -straight.z, rtol=1e-5, atol=1e-9)
    assert_allclose(turned.above, straight.below, rtol=1e-4)


def test_a_rate_per_thousand_is_as_far_as_a_rate_per_head(returns):
    x, n = returns
    straight = funnel_position(x, n, kind="rate")
    found = funnel_position(x, n / 1000, kind="rate")
    assert_allclose(found.z, straight.z, rtol=1e-6)
    assert_allclose(found.expected, 1000 * straight.expected, rtol=1e-6)


def test_the_interval_holds_those_who_are_not_called_far(returns):
    x, n = returns
    found = funnel_position(x, n, kind="proportion")
    lower, upper = found.interval(0.9)
    share = x / n
    assert_array_equal(share > upper, found.above < 0.05)
    assert_array_equal(share < lower, found.below < 0.05)
    assert (lower < found.expected).all()
    assert (found.expected < upper).all()


@pytest.mark.parametrize(
    ("x", "n", "status"),
    [
        (np.nan, 9, "no value"), (np.inf, 9, "no value"), (3, 0, "no denominator"),
        (3, np.nan, "no denominator"), (-1, 9, "fewer cases than none"),
        (10, 9, "more cases than the whole"), (4, 9, "ok"),
    ],
)  # fmt: skip
def test_who_cannot_be_assessed_is_told_why(x, n, status):
    found = funnel_position([x, *range(2, 9)], [n] + [9] * 7, kind="proportion")
    assert found.status[0] == status
    assert np.isfinite(found.z[0]) == (status == "ok")


def test_too_few_peers_are_said_to_be():
    x, n = np.arange(1.0, 7), np.full(6, 20.0)
    assert (funnel_position(x, n, kind="rate").status == "ok").all()
    found = funnel_position(x[:5], n[:5], kind="rate")
    assert (found.status == "too few peers").all()
    assert np.isnan(found.z).all()
    assert funnel_position([], [], kind="rate").z.shape == (0,)


def test_peers_that_all_agree_are_not_taken_at_their_word():
    """Eleven peers without a case leave a twelfth with one as it would be by chance."""
    x, n = np.append(np.zeros(11), 1.0), np.full(12, 100.0)
    assert 0.0005 < funnel_position(x, n, kind="rate").above[-1] < 0.2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "mean"}, "'proportion', 'rate' or 'ratio'"),
        ({"groups": [1, 2]}, r"groups has the shape \(2,\), not \(6,\)"),
        ({"peers": np.eye(3, dtype=bool)}, r"peers has the shape \(3, 3\), not \(6, 6\)"),
        ({"groups": [1] * 6, "peers": np.eye(6, dtype=bool)}, "not both"),
        ({"min_peers": 1}, "fewer than 2"),
    ],
)
def test_a_wrong_call_is_refused_with_what_is_right(wrong, said):
    with pytest.raises(UsageError, match=said):
        funnel_position(np.ones(6), np.full(6, 9.0), **{"kind": "rate", **wrong})
    with pytest.raises(UsageError, match="One period each"):
        funnel_position(np.ones((6, 2)), np.ones((6, 2)), kind="rate")
