"""Funnel limits and the classical funnel, against PHE's workbooks, FunnelPlotR, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm, poisson

from earlywarning.errors import UsageError
from earlywarning.models.funnel.funnel import Funnel
from earlywarning.models.funnel.intervals import exact_count, tail_of
from earlywarning.models.funnel.limits import (
    count_limits,
    limits_crossed,
    pooled_target,
    share_limits,
    widened_limits,
)
from funnel_references import as_rows, compare, read, worst

PHE = "PHEindicatormethods"
SIX_DECIMALS, NINE_DIGITS = 5e-7, 5e-9
# PHE's exact limits come from halving a bracket until it is 2**-24 of the range; ours are exact.
BRACKET = 2.0**-24
CALLED = {"Low (0.001)": -2, "Low (0.025)": -1, "Not significant": 0, "High (0.025)": 1,
          "High (0.001)": 2}  # fmt: skip
# FunnelPlotR rounds the quantiles of its widened limits to six decimals.
ROUNDED = {"95": 1.959964, "998": 3.090232}
# FunnelPlotR's configurations of the reference: the estimator's parameters for each.
CONFIGURATIONS = {
    "SR_SHMI": {"scale": "log", "target": 1.0, "extremes": "truncated"},
    "SR_SHMI_noround": {"scale": "log", "target": 1.0, "extremes": "truncated"},
    "SR_CQC": {"scale": "root", "target": 1.0},
    "SR_CQC_trim05": {"scale": "root", "target": 1.0, "share": 0.05},
    "PR_died": {"scale": "arcsine"},
}


def phe_proportion_limits():
    areas = read("phe_testdata_funnel_prop_inputs.csv")
    known = read("phe_testdata_funnel_prop_outputs.csv")
    target = areas["numerator"].sum() / areas["denominator"].sum()
    assert_allclose(100 * target, known["Baseline"], atol=SIX_DECIMALS)
    for name, tail in (("2s0025", 0.025), ("3s0001", 0.001)):
        limits = share_limits(target, known["Population"], coverage=1 - 2 * tail)
        for limit, side in zip(limits, ("Lower", "Upper"), strict=True):
            theirs = known[f"{side}{name}limit"]
            reference = f"{PHE}, funnel limits of proportions"
            yield compare(reference, 100 * limit, theirs, allowed=SIX_DECIMALS)


def in_bracket(cases, expected):
    """Return an expected count as PHE searches it: from 0 to 1, whatever the count."""
    return expected / (expected + cases + 1)


def phe_ratio_limits():
    known = read("phe_testdata_funnel_ratio_outputs.csv")
    cases = known.iloc[:, 0]
    for name, coverage in (("2s", 0.95), ("3s", 0.998)):
        ours = exact_count(cases, coverage=coverage)[::-1]  # a low count: much was expected
        for limit, side in zip(ours, ("lower", "upper"), strict=True):
            theirs = known[f"{side}_{name}_exp_events"]
            reference = f"{PHE}, funnel limits of ratios"
            yield compare(
                reference, in_bracket(cases, limit), in_bracket(cases, theirs),
                allowed=BRACKET + NINE_DIGITS * in_bracket(cases, theirs),
            )  # fmt: skip


def phe_rate_limits():
    """Yield limits at three years of people, as the workbook has them."""
    known = read("phe_testdata_funnel_rate_outputs.csv")
    cases, per_person = known["Events"], known["baseline"] / 100_000
    for name, coverage in (("2s", 0.95), ("3s", 0.998)):
        ours = exact_count(cases, coverage=coverage)[::-1]
        for limit, side in zip(ours, ("lower", "upper"), strict=True):
            theirs = 3 * known[f"{side}_{name}_population_1_year"] * per_person
            reference = f"{PHE}, funnel limits of rates"
            found = in_bracket(cases, theirs)
            yield compare(
                reference, in_bracket(cases, limit), found, allowed=BRACKET + NINE_DIGITS * found
            )


def funnelplotr_limits():
    known_tau2 = read("funnelplotr_medpar_phi_tau2.csv").set_index("config")["tau2"]
    for name, scale in (("SR_SHMI", "log"), ("SR_CQC", "root")):
        known = read(f"funnelplotr_limits_{name}.csv")
        expected = known["number_seq"]
        for width, coverage in (("95", 0.95), ("998", 0.998)):
            chance = [limit / expected for limit in exact_count(expected, coverage=coverage)]
            rounded, tau2 = 2 * norm.cdf(ROUNDED[width]) - 1, known_tau2[name]
            wide = widened_limits(1.0, known["s"], scale=scale, coverage=rounded, tau2=tau2)
            if scale == "root":
                # Named not to be repeated: their CQC limits stay on the root scale.
                wide = np.sqrt(wide)
            for i, side in enumerate(("l", "u")):
                reference = f"FunnelPlotR 0.6.0, limits, {name}"
                yield compare(reference, chance[i], known[f"{side}l{width}"], size=1)
                yield compare(reference, wide[i], known[f"od{side}l{width}"], size=10)


def phe_significance():
    """Yield how many limits each area crosses.

    Of the crude rates without the area that had no cases, that area is not judged there.
    """
    reference = f"{PHE}, areas called significant"
    areas = read("phe_testdata_funnel_prop_inputs.csv")
    found = limits_crossed(areas["numerator"], areas["denominator"], kind="proportion")
    yield compare(reference, found, areas["significance"].map(CALLED))
    areas = read("phe_testdata_funnel_ratio_inputs.csv")
    found = limits_crossed(areas["obs"], areas["expected"], kind="ratio")
    yield compare(reference, found, areas["significance"].map(CALLED))
    areas = read("phe_testdata_funnel_rate_dsr_inputs.csv")
    for which, rows in (("with_0", areas), ("without_0", areas[areas["count"] > 0])):
        found = limits_crossed(rows["count"], rows["pop"], kind="rate")
        for per in (100, 100_000):
            theirs = rows[f"crude_per_{per}_{which}"].map(CALLED)
            yield compare(reference, found, theirs)


def comparisons():
    return [*phe_proportion_limits(), *phe_ratio_limits(), *phe_rate_limits(),
            *phe_significance(), *funnelplotr_limits()]  # fmt: skip


def agreements():
    return as_rows(comparisons())


def test_published_limits_are_reproduced(shared):
    found = comparisons()
    assert sum(one.n_values for one in found) == 3 * 400 + 761 + 2 * 7 * 8
    assert worst(found).in_allowed <= 1, worst(found)


def test_every_area_of_phe_s_workbooks_is_called_what_it_is_called_there(shared):
    found = list(phe_significance())
    assert sum(one.n_values for one in found) == 303 + 300 + 2 * (40 + 39)
    assert [one.largest for one in found] == [0.0] * 6


def of_medpar(name):
    scores = read("funnelplotr_medpar_zscores.csv").query("config == @name")
    n = scores[["denominator"]].to_numpy(dtype=float)
    x = scores[["numerator"]].to_numpy(dtype=float)
    return x / n, n, scores["z_adj"].to_numpy()


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_estimator_gives_funnelplotr_s_scores(shared, name):
    values, n, theirs = of_medpar(name)
    funnel = Funnel(**CONFIGURATIONS[name])
    ours = funnel.fit_transform(values, denominators=n)[:, 0]
    found = compare(name, ours, theirs, size=10)
    assert found.in_allowed <= 1, found
    known = read("funnelplotr_medpar_phi_tau2.csv").set_index("config").loc[name]
    assert funnel.n_authorities_ == known["n_used"]
    assert_allclose([funnel.phi_[0], funnel.tau2_[0]], known[["phi", "tau2"]], rtol=1e-12)


@pytest.mark.parametrize("name", CONFIGURATIONS)
@pytest.mark.parametrize("spread", ["additive", "multiplicative", "chance"])
def test_limits_and_scores_tell_the_same_story(shared, name, spread):
    """FunnelPlotR's CQC limits do not: they stay on the root scale."""
    values, n, _ = of_medpar(name)
    funnel = Funnel(**CONFIGURATIONS[name], spread=spread).fit(values, denominators=n)
    scores = funnel.transform(values, denominators=n)
    lower, upper = funnel.limits(n)
    assert_array_equal(values > upper, scores > norm.isf(0.025))
    assert_array_equal(values < lower, scores < norm.ppf(0.025))


expectations = st.floats(0.05, 1e5)
coverages = st.floats(0.5, 0.999)


@given(e=expectations, coverage=coverages)
def test_limits_of_a_count_leave_the_stated_chance_beyond_them(e, coverage):
    lower, upper = count_limits(e, coverage=coverage)
    tail = tail_of(coverage)
    assert poisson.cdf(np.ceil(lower) - 1, e) <= tail * (1 + 1e-6)
    assert poisson.sf(np.floor(upper), e) <= tail * (1 + 1e-6)
    assert 0 <= lower <= e + 1
    assert upper >= e - 1


@given(x=st.integers(1, 5000), coverage=coverages)
def test_limits_of_a_count_are_the_inverse_of_its_interval(x, coverage):
    low, high = exact_count(x, coverage=coverage)
    assert_allclose(count_limits(high, coverage=coverage)[0], x, rtol=1e-6)
    assert_allclose(count_limits(low, coverage=coverage)[1], x, rtol=1e-6)


def test_a_missing_side_takes_no_part_in_the_target():
    x = [[1.0, 2.0], [np.nan, 4.0], [3.0, 5.0], [9.0, np.nan]]
    n = [[10.0, 0.0], [10.0, -4.0], [30.0, 50.0], [np.nan, 5.0]]
    assert_allclose(pooled_target(x, n), [0.1, 0.1])
    assert np.isnan(pooled_target(np.zeros((0, 2)), np.zeros((0, 2)))).all()


def test_limits_of_nothing_are_missing():
    assert np.isnan(share_limits([0.5, 1.5, np.nan], [0, 10, 10])).all()
    assert np.isnan(count_limits([0, -1, np.nan, np.inf])).all()
    assert np.isnan(limits_crossed([[11.0]], [[10.0]], kind="proportion")).all()
    assert np.isnan(limits_crossed([[np.nan], [1.0]], [[10.0], [0.0]], kind="rate")).all()


@pytest.fixture
def returns(rng):
    """Return shares of 40 authorities over 3 periods with gaps, and their denominators."""
    n = rng.integers(50, 5000, size=(40, 3)).astype(float)
    values = rng.binomial(n.astype(int), 0.3) / n
    values[rng.random(n.shape) < 0.1] = np.nan
    return values, n


def test_each_period_is_a_funnel_of_its_own(returns):
    values, n = returns
    whole = Funnel(scale="arcsine").fit_transform(values, denominators=n)
    for t in range(3):
        alone = Funnel(scale="arcsine").fit_transform(values[:, [t]], denominators=n[:, [t]])
        assert_array_equal(whole[:, [t]], alone)
    assert_array_equal(np.isnan(whole), np.isnan(values))


def test_the_limits_of_scores_are_as_far_to_either_side(rng):
    z = 2 * rng.normal(size=(300, 1))
    funnel = Funnel(extremes="kept").fit(z)
    lower, upper = funnel.limits(np.ones(3))
    assert_allclose(upper, norm.isf(0.025) * np.sqrt(1 + funnel.tau2_[0]))
    assert_allclose(lower, -upper)
    assert np.mean(np.abs(z) > upper[0]) == pytest.approx(0.05, abs=0.02)


def test_shares_turned_round_turn_their_scores_round(returns):
    values, n = returns
    straight = Funnel(scale="arcsine").fit_transform(values, denominators=n)
    assert_allclose(Funnel(scale="arcsine").fit_transform(1 - values, denominators=n), -straight)


def test_scores_of_chance_alone_are_left_as_they_are(rng):
    scores = rng.normal(size=(50, 2)) * [0.5, 3.0]
    found = Funnel(extremes="kept").fit_transform(scores)
    assert_array_equal(found[:, 0], scores[:, 0])
    assert_allclose((found[:, 1] ** 2).sum(), 49, rtol=0.05)
    by_factor = Funnel(extremes="kept", spread="multiplicative").fit_transform(scores)
    assert_allclose((by_factor[:, 1] ** 2).mean(), 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"scale": "logit"}, "'arcsine', 'root'"),
        ({"spread": "both", "extremes": "cut"}, "extremes is one of .*; spread is one of"),
        ({"scale": "root"}, "needs denominators, of the shape of X"),
        ({"share": 0.7}, "from 0 to below"),
    ],
)
def test_a_wrong_parameter_is_refused_with_what_is_right(wrong, said):
    with pytest.raises(UsageError, match=said):
        Funnel(**wrong).fit(np.ones((5, 2)))


def test_denominators_of_another_shape_and_of_scores_are_refused():
    with pytest.raises(UsageError, match=r"\(5, 1\), X has \(5, 2\)"):
        Funnel(scale="root").fit(np.ones((5, 2)), denominators=np.ones((5, 1)))
    with pytest.raises(UsageError, match="Scores take no denominators"):
        Funnel().fit(np.ones((5, 2)), denominators=np.ones((5, 2)))
    with pytest.raises(UsageError, match="neither can be below 0"):
        widened_limits(1.0, 0.1, scale="log", tau2=-1.0)
    with pytest.raises(UsageError, match="'proportion', 'rate' or 'ratio'"):
        limits_crossed([1.0], [2.0], kind="mean")
