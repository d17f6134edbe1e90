"""The classical tests of one level, against strucchange on the Nile, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.errors import UsageError
from earlywarning.models.constancy import ols_cusum, sup_f
from earlywarning.models.robust import mad
from funnel_references import as_rows, compare, read, worst

TESTS = [ols_cusum, sup_f]


def nile():
    flow = read("nile.csv")
    known = read("nile_reference.csv").set_index("stat")["value"]
    y = flow["flow"].to_numpy(dtype=float)
    cusum, cut = ols_cusum(y[None]), sup_f(y[None])
    yield compare("strucchange, Nile, OLS-CUSUM", cusum.statistic, [known["ols_cusum_S0"]])
    # R takes the p-value from 1, which costs it the digits beyond 16 decimals.
    yield compare("strucchange, Nile, OLS-CUSUM", cusum.p, [known["ols_cusum_p"]], size=1)
    yield compare("strucchange, Nile, supF", cut.statistic, [known["supF"]], size=1000)
    for found in (cusum, cut):
        year = flow["year"].to_numpy()[found.period]
        yield compare("strucchange, Nile, year of the break", year, [known["break_year"]])
    yield compare("robustbase, Nile, MAD", mad(y), known["mad_1.4826"], allowed=5e-4)


def agreements():
    return as_rows(nile())


def test_the_nile_broke_in_1898_as_it_does_elsewhere(shared):
    """R takes 1.4826 for the factor of the MAD, the 6th digit of which is the last printed."""
    found = list(nile())
    assert len(found) == 6
    assert worst(found).in_allowed <= 1, worst(found)


series = arrays(float, 12, elements=st.integers(-30, 30).map(float))


@given(y=series)
def test_sup_f_is_the_largest_of_the_f_statistics_of_all_cuts(y):
    found = sup_f(y[None], trim=0.2)
    if np.ptp(y) == 0:
        assert np.isnan(found.statistic)
        return
    whole = ((y - y.mean()) ** 2).sum()
    ratios = {}
    for cut in range(2, 11):
        rest = sum(((part - part.mean()) ** 2).sum() for part in (y[:cut], y[cut:]))
        ratios[cut - 1] = (whole - rest) / max(rest, 1e-20 * whole) * 10
    assert_allclose(found.statistic[0], max(ratios.values()), rtol=1e-6)
    assert ratios[found.period[0]] == pytest.approx(max(ratios.values()), rel=1e-6)


@given(y=series)
def test_the_cusum_is_the_farthest_the_sum_strays(y):
    found = ols_cusum(y[None])
    if np.ptp(y) == 0:
        assert np.isnan(found.statistic)
        return
    path = np.abs(np.cumsum(y - y.mean()))
    assert_allclose(found.statistic[0], path.max() / (y.std(ddof=1) * np.sqrt(12)))
    assert path[found.period[0]] == pytest.approx(path.max())


@pytest.mark.parametrize("test", TESTS)
def test_gaps_are_passed_over(test, rng):
    y = rng.normal(size=(5, 20))
    gaps = np.full((5, 26), np.nan)
    places = np.sort(rng.permutation(26)[:20])
    gaps[:, places] = y
    gaps[0, np.setdiff1d(np.arange(26), places)[0]] = np.inf
    straight, found = test(y), test(gaps)
    assert_allclose(found.statistic, straight.statistic)
    assert_array_equal(found.period, places[straight.period])


@pytest.mark.parametrize("test", TESTS)
def test_a_series_is_tested_by_itself_whatever_its_unit(test, rng):
    y = rng.normal(size=(6, 30))
    straight = test(y)
    assert_allclose(test(y[::-1] * -1e6 + 5e8).p[::-1], straight.p, rtol=1e-6)
    assert_array_equal(test(y[[3]]).statistic, straight.statistic[[3]])


@pytest.mark.slow
@pytest.mark.parametrize("test", TESTS)
def test_a_long_series_without_a_break_is_called_broken_as_often_as_asked_for(test, rng):
    """At 100 values; the asymptotic p of OLS-CUSUM is cautious, as is well known."""
    p = test(rng.normal(size=(40_000, 100))).p
    assert 0.025 < (p < 0.05).mean() < 0.055
    assert 0.004 < (p < 0.01).mean() < 0.012


@pytest.mark.parametrize("test", TESTS)
def test_too_short_constant_or_empty_series_have_no_result(test):
    for X in ([[1.0, 2.0, 4.0]], [[5.0] * 9], [[0.1 + 0.2, 0.3] * 5], [[np.nan] * 6]):
        found = test(X)
        assert np.isnan([found.statistic, found.p]).all()
        assert found.period == -1
    assert test(np.zeros((0, 5))).p.shape == (0,)
    assert np.isnan(test(np.zeros((2, 0))).p).all()


@pytest.mark.parametrize("test", TESTS)
def test_a_clean_jump_has_the_smallest_p_and_no_warning(test):
    found = test([[0.0] * 10 + [1.0] * 10])
    assert found.p < 0.05
    assert found.period == 9


def test_wrong_calls_are_refused():
    for test in TESTS:
        with pytest.raises(UsageError, match="series down, periods across"):
            test([1.0, 2.0, 3.0])
    with pytest.raises(UsageError, match=r"above 0 and below 0\.5"):
        sup_f(np.zeros((2, 9)), trim=0.5)
