"""Position where values are made of cases: what it promises, when it is used, and its size."""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.catalogue import Metric
from earlywarning.models.funnel.position import funnel_position
from earlywarning.panel.matrix import Matrix
from earlywarning.schema import ASSESSED
from earlywarning.settings import Settings
from earlywarning.signals import Company, prepare
from earlywarning.signals.position import position_of
from earlywarning.units import UNITS

SETTINGS = Settings()
FEWEST, MOST = 50, 500_000  # denominators
BANDS = (1_000, 20_000)  # below, between and above: small, middle and large
few = settings(max_examples=10)


def drawn(rng, *, n=40, between=0.3, usual=0.2, unit="percent"):
    """Return cases and denominators; authorities differ by `between` on the transform's scale."""
    whole = np.round(np.exp(rng.uniform(np.log(FEWEST), np.log(MOST), n)))
    apart = between * rng.normal(size=n)
    if UNITS[unit].transform == "logit":
        share = 1 / (1 + (1 - usual) / usual * np.exp(-apart))
        return rng.binomial(whole.astype(int), share).astype(float), whole
    return rng.poisson(whole * usual * np.exp(apart)).astype(float), whole


def ready(cases, whole, *, unit="percent", kinds=None, neighbours=None, values=None, **more):
    """Return a metric of one period, made ready."""
    cases, whole = np.asarray(cases, dtype=float), np.asarray(whole, dtype=float)
    per = UNITS[unit].per or 1.0
    codes = [f"E{i:06d}" for i in range(len(cases))]
    matrix = Matrix(
        metric="late",
        values=(per * cases / whole if values is None else values)[:, None],
        authorities=codes,
        periods=["2020-21"],
        ends=np.array(["2021-03-31"], dtype="datetime64[ns]"),
        published=np.full((len(cases), 1), np.datetime64("2021-06-01", "ns")),
        frequency="annual",
        window=1,
        numerator=cases[:, None],
        denominator=whole[:, None],
    )
    known = {"higher_is": "worse", "unit": unit, "transform": UNITS[unit].transform, **more}
    types = dict(zip(codes, np.zeros(len(codes), int) if kinds is None else kinds, strict=True))
    company = Company(types, neighbours)
    day = pd.Timestamp("2021-07-01")
    return prepare(matrix, Metric("late", "Late", **known), company, day, settings=SETTINGS)


def placed(prepared):
    return position_of(prepared, settings=SETTINGS)


def without_cases(prepared):
    """Return the metric as if nobody had published numerators."""
    return replace(prepared, matrix=replace(prepared.matrix, numerator=None))


# What it promises.


@few
@given(seed=st.integers(0, 1000), unit=st.sampled_from(["percent", "per_1000"]))
def test_the_order_of_authorities_changes_nothing(seed, unit):
    rng = np.random.default_rng(seed)
    cases, whole = drawn(rng, unit=unit)
    kinds, order = np.repeat(["a", "b"], 20), rng.permutation(40)
    straight = placed(ready(cases, whole, kinds=kinds, unit=unit))
    shuffled = placed(ready(cases[order], whole[order], kinds=kinds[order], unit=unit))
    assert straight.made_of_cases.all()
    assert_allclose(shuffled.above, straight.above[order], rtol=1e-5)
    assert_array_equal(shuffled.n_peers, straight.n_peers[order])


@few
@given(
    seed=st.integers(0, 1000),
    units=st.sampled_from([("percent", "proportion"), ("per_100000", "per_1000")]),
)
def test_another_unit_of_the_value_changes_nothing_but_the_limits_unit(seed, units):
    cases, whole = drawn(np.random.default_rng(seed), unit=units[0])
    first, second = (ready(cases, whole, unit=unit) for unit in units)
    one, other = placed(first), placed(second)
    assert_allclose(one.above, other.above, rtol=1e-9)
    for side in (-1, 1):
        limit = first.in_units(one.limit(first, 0.025, side=side))
        same = second.in_units(other.limit(second, 0.025, side=side))
        assert_allclose(limit, 100 * same, rtol=1e-9, atol=1e-12)


@few
@given(seed=st.integers(0, 1000), unit=st.sampled_from(["percent", "per_1000"]))
def test_turning_the_polarity_over_swaps_the_sides_exactly(seed, unit):
    cases, whole = drawn(np.random.default_rng(seed), unit=unit)
    worse, better = (ready(cases, whole, unit=unit, higher_is=side) for side in ("worse", "better"))
    one, other = placed(worse), placed(better)
    assert_array_equal(one.above, other.below)
    assert_array_equal(one.below, other.above)
    assert_array_equal(
        worse.in_units(one.limit(worse, 0.01, side=1)),
        better.in_units(other.limit(better, 0.01, side=-1)),
    )


@few
@given(seed=st.integers(0, 1000), unit=st.sampled_from(["percent", "per_1000"]))
def test_an_authority_moves_its_peers_yardstick_and_not_its_own(seed, unit):
    cases, whole = drawn(np.random.default_rng(seed), unit=unit)
    usual = int(np.argsort(cases / whole)[len(cases) // 2])  # who is far out already moves little
    before = ready(cases.copy(), whole, unit=unit)
    cases[usual] = whole[usual] if unit == "percent" else 5 * cases[usual] + 50
    after = ready(cases, whole, unit=unit)
    limits = [placed(one).limit(one, 0.025, side=1) for one in (before, after)]
    assert_allclose(limits[1][usual], limits[0][usual], rtol=1e-6)
    assert np.abs(np.delete(limits[1] - limits[0], usual)).min() > 0


@few
@given(
    seed=st.integers(0, 1000),
    unit=st.sampled_from(["percent", "per_1000"]),
    between=st.sampled_from([0.0, 0.1, 1.0]),
    transform=st.sampled_from(["as the unit", "identity"]),
)
def test_a_value_lies_beyond_a_limit_where_its_p_says_so(seed, unit, between, transform):
    cases, whole = drawn(np.random.default_rng(seed), unit=unit, between=between)
    more = {} if transform == "as the unit" else {"transform": transform}
    prepared = ready(cases, whole, unit=unit, **more)
    found = placed(prepared)
    for tail in (0.3, 0.05, 0.001):
        upper, lower = (found.limit(prepared, tail, side=side) for side in (1, -1))
        x = prepared.in_units(found.value)
        sure = np.abs(found.above - tail) > 1e-4 * tail
        assert_array_equal((x > prepared.in_units(upper))[sure], (found.above < tail)[sure])
        sure = np.abs(found.below - tail) > 1e-4 * tail
        assert_array_equal((x < prepared.in_units(lower))[sure], (found.below < tail)[sure])


def test_without_a_transform_it_is_the_funnel_of_models():
    cases, whole = drawn(np.random.default_rng(3))
    whole[:] = 900.0  # of one size: degrees of freedom are those of the funnel too
    cases = np.round(900 * np.linspace(0.05, 0.3, 40))
    found = placed(ready(cases, whole, transform="identity"))
    assert_allclose(found.above, funnel_position(cases, whole, kind="proportion").above, rtol=0.1)


def test_the_same_rate_of_a_small_authority_stands_out_less_than_that_of_a_large_one(rng):
    cases, whole = drawn(rng, between=0.1)
    cases[:2], whole[:2] = (24, 24_000), (60, 60_000)  # 40%, where 20% are usual
    prepared = ready(cases, whole)
    by_cases, by_distance = placed(prepared), placed(without_cases(prepared))
    assert by_cases.above[1] < 1e-4 < 1e-3 < by_cases.above[0]
    assert_allclose(by_distance.above[0], by_distance.above[1], rtol=0.2)


# When it is used.


@pytest.mark.parametrize("unit", ["", "ratio", "rate", "percent_ratio", "count", "another"])
def test_a_unit_that_does_not_say_how_many_of_how_many_stays_with_the_distance(rng, unit):
    cases, whole = drawn(rng)
    prepared = ready(cases, whole)
    prepared = replace(prepared, metric=replace(prepared.metric, unit=unit))
    assert not placed(prepared).made_of_cases.any()
    assert_array_equal(placed(prepared).above, placed(without_cases(prepared)).above)


@pytest.mark.parametrize(
    ("cases", "whole"),
    [(np.nan, 900.0), (90.0, np.nan), (90.0, 0.0), (-90.0, 900.0), (120.0, 900.0), (60.0, 900.0)],
)
def test_who_has_not_both_numbers_or_others_than_its_value_stays_with_the_distance(
    rng, cases, whole
):
    counts, sizes = drawn(rng)
    values = 100 * counts / sizes
    counts[4], sizes[4], values[4] = cases, whole, 10.0
    prepared = ready(counts, sizes, values=values)
    found = placed(prepared)
    assert_array_equal(np.flatnonzero(~found.made_of_cases), [4])
    assert found.n_peers[4] == 39
    assert (np.delete(found.n_peers, 4) == 38).all()
    assert found.above[4] == placed(without_cases(prepared)).above[4]


def test_a_rounded_value_is_still_made_of_its_cases(rng):
    cases, whole = drawn(rng)
    found = placed(ready(cases, whole, values=np.round(100 * cases / whole)))
    assert found.made_of_cases.all()


def test_numerators_that_are_not_whole_are_amounts_and_no_cases(rng):
    cases, whole = drawn(rng)
    cases[5] += 0.5
    assert not placed(ready(cases, whole)).made_of_cases.any()


def test_too_few_peers_with_cases_leave_the_distance_from_all(rng):
    cases, whole = drawn(rng, n=12)
    values = 100 * cases / whole
    cases[5:] = np.nan
    found = placed(ready(cases, whole, values=values))
    assert not found.made_of_cases.any()
    assert (found.n_peers == 11).all()
    assert (found.status == ASSESSED).all()


def test_named_neighbours_are_the_peers_whatever_their_number(rng):
    cases, whole = drawn(rng)
    named = {0: range(5, 15), 1: range(20, 40)}
    rows = [(f"E{i:06d}", f"E{j:06d}") for i, js in named.items() for j in js]
    neighbours = pd.DataFrame(rows, columns=["authority", "neighbour"])
    found = placed(ready(cases, whole, neighbours=neighbours))
    assert_array_equal(found.n_peers[:3], [10, 20, 39])
    alone = placed(ready(cases[[0, *named[0]]], whole[[0, *named[0]]]))
    assert_allclose(found.above[0], alone.above[0], rtol=1e-5)


def test_more_cases_than_the_whole_stay_with_the_distance(rng):
    cases, whole = drawn(rng)
    cases[4] = 1.05 * whole[4] // 1
    assert_array_equal(np.flatnonzero(~placed(ready(cases, whole)).made_of_cases), [4])


@pytest.mark.parametrize("unit", ["percent", "per_1000"])
@pytest.mark.parametrize("transform", ["as the unit", "identity"])
def test_peers_that_all_agree_are_not_taken_at_their_word(unit, transform):
    """Eleven peers without a case leave a twelfth with one as it would be by chance."""
    cases, whole = np.append(np.zeros(11), 1.0), np.full(12, 100.0)
    more = {} if transform == "as the unit" else {"transform": transform}
    prepared = ready(cases, whole, unit=unit, **more)
    found = placed(prepared)
    assert 0.0005 < found.above[-1] < 0.2
    assert np.isfinite(prepared.in_units(found.limit(prepared, 0.025, side=1))).all()


def test_no_case_at_all_has_a_position_and_limits(rng):
    cases, whole = drawn(rng, unit="per_1000", usual=0.02)
    cases[3], whole[3] = 0, 60
    prepared = ready(cases, whole, unit="per_1000")
    found = placed(prepared)
    assert 0.01 < found.below[3] < 0.5
    assert found.made_of_cases.all()
    assert (prepared.in_units(found.limit(prepared, 0.025, side=-1)) >= 0).all()


# Size.


def calls(rng, n_groups=300, **more):
    """Return how often healthy authorities are called, in nominal ones: by cases, by distance.

    A row a band of size, a column a level, both sides together.
    """
    cases, whole = drawn(rng, n=41 * n_groups, **more)
    kinds = np.repeat(np.arange(n_groups), 41).astype(str)
    prepared = ready(cases, whole, kinds=kinds, unit=more.get("unit", "percent"))
    band = np.searchsorted(BANDS, whole)
    found = []
    for one in (placed(prepared), placed(without_cases(prepared))):
        p = np.stack([one.above, one.below])
        found.append([[(p[:, band == b] < a).mean() / a for a in (0.05, 0.01)] for b in range(3)])
    return np.array(found)


def test_a_healthy_authority_of_any_size_is_called_as_often_as_asked_for(rng):
    by_cases, by_distance = calls(rng, between=0.1)
    assert (by_cases > 0.5).all()
    assert (by_cases < 1.5).all()
    assert (by_distance[0] > 2.5).all()  # small ones: chance alone
    assert (by_distance[2] < 0.6).all()  # large ones: hidden behind it


@pytest.mark.parametrize("unit", ["percent", "per_1000"])
def test_authorities_that_differ_in_proportion_are_called_on_both_sides_alike(rng, unit):
    cases, whole = drawn(rng, n=41 * 100, between=0.6, usual=0.1, unit=unit)
    kinds = np.repeat(np.arange(100), 41).astype(str)
    found = placed(ready(cases, whole, unit=unit, kinds=kinds))
    for p in (found.above, found.below):
        assert 0.6 < (p < 0.05).mean() / 0.05 < 1.4
        assert 0.3 < (p < 0.01).mean() / 0.01 < 1.7


@pytest.mark.slow
@pytest.mark.parametrize(
    ("unit", "usual"), [("percent", 0.2), ("percent", 0.05), ("per_1000", 0.1)]
)
@pytest.mark.parametrize("between", [0.0, 0.1, 0.3, 0.6])
def test_size_holds_however_much_authorities_differ(rng, unit, usual, between):
    by_cases, by_distance = calls(rng, n_groups=600, unit=unit, usual=usual, between=between)
    said = [" ".join(f"{ratio:.2f}" for ratio in one.ravel()) for one in (by_cases, by_distance)]
    sys.stdout.write(  # the table of docs/position.md: pytest -rP prints it
        f"{unit}, {usual}, {between} between: by cases {said[0]}, by distance {said[1]}\n"
    )
    assert (by_cases > 0.5).all()
    assert (by_cases < 1.5).all()
