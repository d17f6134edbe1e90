"""The variance prior, against simulation and Smyth's section 6.2 in plain arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import brentq
from scipy.special import polygamma, psi

from earlywarning.models.moderation import (
    MOST_PRIOR_DF,
    effective_df,
    inverse_trigamma,
    variance_prior,
)


def scaled_f(rng, prior_df, prior_variance, df):
    """Draw sample variances whose true ones are scaled inverse chi-square."""
    true = prior_variance * prior_df / rng.chisquare(prior_df, df.size)
    return true * rng.chisquare(df) / df


def smyth(variances, dfs):
    """Return d0 and s0^2 as section 6.2 gives them, one series after the other."""
    e = [np.log(s) - psi(d / 2) + np.log(d / 2) for s, d in zip(variances, dfs, strict=True)]
    n, mean = len(e), sum(e) / len(e)
    excess = sum(
        (x - mean) ** 2 / (n - 1) - polygamma(1, d / 2) / n for x, d in zip(e, dfs, strict=True)
    )
    half = brentq(lambda x: polygamma(1, x) - excess, 1e-3, 1e6) if excess > 0 else np.inf
    d0 = min(2 * half, MOST_PRIOR_DF)
    return d0, np.exp(mean + psi(d0 / 2) - np.log(d0 / 2))


@pytest.mark.parametrize(("prior_df", "prior_variance"), [(3.0, 0.2), (8.0, 5.0), (20.0, 1.0)])
def test_the_prior_that_made_the_variances_is_found_again(prior_df, prior_variance, rng):
    df = rng.integers(3, 12, 40_000).astype(float)
    variance = scaled_f(rng, prior_df, prior_variance, df)
    found_df, found_variance = variance_prior(variance, df)
    assert_allclose(found_df, prior_df, rtol=0.12)
    assert_allclose(found_variance, prior_variance, rtol=0.03)


@pytest.mark.parametrize("prior_df", [2.0, 6.0, 1e4])
def test_the_prior_is_that_of_smyth_in_plain_arithmetic(prior_df, rng):
    df = rng.integers(3, 9, 60).astype(float)
    variance = scaled_f(rng, prior_df, 2.0, df)
    found = variance_prior(variance, df)
    assert_allclose(np.ravel(found), smyth(variance, df), rtol=1e-8)


def test_the_prior_is_that_of_the_reference_implementation():
    """The squeezeVar of limma on three variances, as printed in the tests of InMoose, its port."""
    variances = np.array([0.5, 1.3, 7.8])
    prior_df, prior_variance = variance_prior(variances, np.full(3, 3.0))
    assert_allclose(prior_df, 2.830777, atol=5e-7)
    assert_allclose(prior_variance, 1.676927, atol=5e-7)


def test_each_structure_has_a_prior_of_its_own_and_gaps_are_passed_over(rng):
    df = rng.integers(3, 9, 80).astype(float)
    table = np.stack([scaled_f(rng, 4.0, 1.0, df), scaled_f(rng, 9.0, 7.0, df)])
    table[0, :5], table[0, 5:10] = np.nan, 0.0
    found_df, found_variance = variance_prior(table, df)
    for k, rows in enumerate([slice(10, None), slice(None)]):
        expected = variance_prior(table[k, rows], df[rows])
        assert_allclose([found_df[k], found_variance[k]], np.ravel(expected), rtol=1e-12)


@given(factor=st.floats(1e-6, 1e6), seed=st.integers(0, 100))
def test_the_unit_of_a_metric_scales_its_variance_and_nothing_else(factor, seed):
    rng = np.random.default_rng(seed)
    df = np.full(30, 5.0)
    variance = scaled_f(rng, 4.0, 1.0, df)
    prior_df, usual = variance_prior(variance, df)
    scaled_df, scaled = variance_prior(factor * variance, df)
    assert_allclose(scaled_df, prior_df, rtol=1e-6)
    assert_allclose(scaled, factor * usual, rtol=1e-6)


def test_two_series_teach_nothing():
    prior_df, prior_variance = variance_prior(np.ones(2), np.full(2, 5.0))
    assert prior_df == 0
    assert prior_variance == 1


def test_variances_that_differ_by_chance_alone_are_worth_the_most(rng):
    df = np.full(2000, 6.0)
    found_df, _ = variance_prior(rng.chisquare(6.0, 2000) / 6, df)
    assert found_df > 50
    assert variance_prior(np.ones(50), np.full(50, 6.0))[0] == MOST_PRIOR_DF


def of_noise(rng, law, df, size):
    """Draw variances of noise of variance 1 that is like a t law, so many squares each."""
    return (rng.standard_t(law, size=(size, df)) ** 2).mean(axis=1) * (law - 2) / law


@pytest.mark.parametrize("law", [3.0, 5.0, 7.0, 30.0])
@pytest.mark.parametrize("df", [3, 7, 19])
def test_a_variance_is_worth_the_chi_square_whose_log_varies_as_much(law, df, rng):
    logs = np.log(of_noise(rng, law, df, 100_000))
    (worth,) = effective_df(np.array([float(df)]), law)
    assert worth < df
    assert_allclose(polygamma(1, worth / 2), logs.var(), rtol=0.03)


@pytest.mark.parametrize("law", [3.0, 5.0, np.inf])
def test_heavy_tails_do_not_pass_for_series_that_differ(law, rng):
    df = rng.integers(3, 12, 40_000)
    noise = rng.normal(size=(df.size, 12)) if np.isinf(law) else rng.standard_t(law, (df.size, 12))
    counts = np.arange(12) < df[:, None]
    variance = (noise**2 * counts).sum(axis=1) / df * (1 if np.isinf(law) else (law - 2) / law)
    true = 6.0 * 2.0 / rng.chisquare(6.0, df.size)
    prior_df, usual = variance_prior(variance * true, df.astype(float), law=law)
    assert_allclose(prior_df, 6.0, rtol=0.12)
    assert_allclose(usual, 2.0, rtol=0.04)


@given(x=st.floats(1e-3, 1e6))
def test_inverse_trigamma_gives_back_what_trigamma_was_given(x):
    assert_allclose(inverse_trigamma(polygamma(1, np.array([x]))), x, rtol=1e-6)


@given(value=st.floats(1e-12, 1e6))
def test_trigamma_gives_back_what_inverse_trigamma_was_given(value):
    assert_allclose(polygamma(1, inverse_trigamma(np.array([value]))), value, rtol=1e-8)
