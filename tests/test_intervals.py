"""Intervals of shares, rates, counts and means, against published tables and each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import beta, binom, gamma, poisson
from statsmodels.stats.proportion import proportion_confint

from earlywarning.errors import UsageError
from earlywarning.models.funnel.intervals import (
    byars,
    exact_count,
    exact_share,
    mean_interval,
    rate_interval,
    tail_of,
    wilson,
)
from funnel_references import as_rows, compare, read, worst

PHE = "PHEindicatormethods"
WIDTHS = {"95_0": 0.95, "99_8": 0.998}
EVERY_INTERVAL = [
    lambda c: wilson(3, 10, coverage=c),
    lambda c: exact_share(3, 10, coverage=c),
    lambda c: byars(30, coverage=c),
    lambda c: exact_count(3, coverage=c),
    lambda c: rate_interval(3, 10, coverage=c),
    lambda c: mean_interval(1, 2, 3, coverage=c),
]


def closed_forms():
    known = read("intervals_reference.csv")
    x, n = known["x"], known["n"]
    found = {"clopper": exact_share(x, n), "wilson": wilson(x, n), "poisson": exact_count(x)}
    for name, (lower, upper) in found.items():
        yield compare(f"closed form, {name}", lower, known[f"{name}_lo"])
        yield compare(f"closed form, {name}", upper, known[f"{name}_hi"])


def phe_counts_and_shares():
    known = read("phe_testdata_Byars_Wilson_testdata_B_W.csv")
    for (method, width), rows in known.groupby(["method", "confidence"]):
        coverage = float(width.rstrip("%")) / 100
        if method == "Wilson":
            lower, upper = wilson(rows["x"], rows["n"], coverage=coverage)
        else:
            lower, upper = byars(rows["x"], coverage=coverage)
        yield compare(f"{PHE}, {method}", lower, rows["lowercl"], size=1)
        yield compare(f"{PHE}, {method}", upper, rows["uppercl"], size=1)


def phe_areas():
    """Yield the workbooks of proportions and rates, both layouts."""
    for name, interval in (("Proportion", wilson), ("Rate", rate_interval)):
        known = read(f"phe_testdata_{name}_testdata_{name[:4]}.csv")
        x, n, per = known["Numerator"], known["Denominator"], known["multiplier"]
        for width, coverage in WIDTHS.items():
            lower, upper = interval(x, n, coverage=coverage)
            for limit, side in ((lower, "lower"), (upper, "upper")):
                theirs = known[f"{side}{width}cl"]
                yield compare(f"{PHE}, {name}", limit * per, theirs, size=per[theirs.notna()])
        known = read(f"phe_testdata_{name}_testdata_{name[:4]}_g.csv")
        lower, upper = interval(known["Numerator"], known["Denominator"])
        yield compare(f"{PHE}, {name}", lower * known["multiplier"], known["lowercl"])
        yield compare(f"{PHE}, {name}", upper * known["multiplier"], known["uppercl"])


def phe_means():
    values = read("phe_testdata_Mean_testdata_Mean.csv")
    known = read("phe_testdata_Mean_testdata_Mean_results.csv").set_index("area")
    groups = {**dict(list(values.groupby("area")["values"])), "No grouping": values["values"]}
    for area, group in groups.items():
        for width, coverage in WIDTHS.items():
            found = mean_interval(group.mean(), group.std(), group.size, coverage=coverage)
            theirs = [known.loc[area, f"{side}{width}cl"] for side in ("lower", "upper")]
            yield compare(f"{PHE}, Mean", found, theirs, size=group.abs().max())


def comparisons():
    return [*closed_forms(), *phe_counts_and_shares(), *phe_areas(), *phe_means()]


def agreements():
    return as_rows(comparisons())


def test_every_published_limit_is_reproduced_to_its_digits(shared):
    found = comparisons()
    assert sum(one.n_values for one in found) == 12 * 3 + 25 + 166 + 12
    assert worst(found).in_allowed <= 1, worst(found)


counts = st.integers(0, 400)
coverages = st.floats(0.5, 0.999)


@given(x=counts, more=counts, coverage=coverages)
def test_limits_of_a_share_agree_with_other_software(x, more, coverage):
    n = x + more + 1
    assert_allclose(
        wilson(x, n, coverage=coverage),
        proportion_confint(x, n, 1 - coverage, method="wilson"),
        atol=1e-12,
    )
    tail = (1 - coverage) / 2
    lower, upper = exact_share(x, n, coverage=coverage)
    assert_allclose(upper, beta.isf(tail, x + 1, n - x), rtol=1e-9)
    assert_allclose(lower, beta.ppf(tail, x, n - x + 1) if x else 0, rtol=1e-9)


@given(x=st.integers(1, 400), coverage=coverages)
def test_exact_limits_leave_the_stated_chance_beyond_what_was_seen(x, coverage):
    tail = tail_of(coverage)
    lower, upper = exact_count(x, coverage=coverage)
    assert_allclose([poisson.cdf(x, upper), poisson.sf(x - 1, lower)], tail, rtol=1e-8)
    assert_allclose([upper, lower], [gamma.isf(tail, x + 1), gamma.ppf(tail, x)], rtol=1e-9)
    lower, upper = exact_share(x, 401, coverage=coverage)
    assert_allclose([binom.cdf(x, 401, upper), binom.sf(x - 1, 401, lower)], tail, rtol=1e-7)


@given(x=counts, more=counts, coverage=coverages)
def test_what_holds_for_cases_holds_turned_round_for_the_others(x, more, coverage):
    n = x + more + 1
    for interval in (wilson, exact_share):
        lower, upper = interval(x, n, coverage=coverage)
        rest_lower, rest_upper = interval(n - x, n, coverage=coverage)
        assert_allclose([lower, upper], [1 - rest_upper, 1 - rest_lower], atol=1e-9)


@given(x=st.integers(10, 100_000))
def test_byars_limits_are_near_the_exact_ones(x):
    """Within 0.2% from ten cases on; the interval is at the least 0.6% wide on either side."""
    assert_allclose(byars(x), exact_count(x), rtol=2e-3)


amounts = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))


@given(x=amounts, more=amounts, coverage=coverages)
def test_a_limit_is_on_its_side_of_what_was_seen_and_never_impossible(x, more, coverage):
    n = x + more + 0.5
    for interval in (wilson, exact_share):
        lower, upper = interval(x, n, coverage=coverage)
        assert -1e-12 <= lower <= x / n + 1e-12
        assert x / n - 1e-12 <= upper <= 1 + 1e-12
    lower, upper = (limit / n for limit in exact_count(x, coverage=coverage))
    assert 0 <= lower <= x / n * (1 + 1e-12)
    assert x / n <= upper * (1 + 1e-12)


@pytest.mark.parametrize("interval", [wilson, exact_share, rate_interval])
@pytest.mark.parametrize(
    ("x", "n"),
    [(np.nan, 10), (3, np.nan), (3, 0), (3, -1), (-1, 10), (np.inf, 10), (3, np.inf)],
)
def test_what_makes_no_share_has_no_limits(interval, x, n):
    assert np.isnan(interval(x, n)).all()


def test_more_cases_than_the_whole_make_a_rate_and_no_share():
    assert np.isnan([wilson(11, 10), exact_share(11, 10)]).all()
    assert np.isfinite(rate_interval(11, 10)).all()


@pytest.mark.parametrize(("mean", "sd", "n"), [(1, 2, 1), (1, -2, 5), (np.nan, 1, 5), (1, 1, 0)])
def test_a_mean_of_too_little_has_no_limits(mean, sd, n):
    assert np.isnan(mean_interval(mean, sd, n)).all()


def test_nothing_in_gives_nothing_out():
    for found in (wilson([], []), exact_share([], []), byars([]), exact_count([])):
        assert [limit.shape for limit in found] == [(0,), (0,)]


@pytest.mark.parametrize("interval", EVERY_INTERVAL)
@pytest.mark.parametrize("coverage", [0, 1, 95, -0.1, np.nan])
def test_a_coverage_that_is_no_share_is_refused(interval, coverage):
    with pytest.raises(UsageError, match=r"between 0 and 1, such as 0\.95"):
        interval(coverage)
