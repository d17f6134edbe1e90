"""The parts of Farrington's algorithm: calendar, models of all series at once, limits, options."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import nbinom, norm
from scipy.stats import t as student

from earlywarning.errors import UsageError
from earlywarning.models.farrington import Surveillance, farrington
from earlywarning.models.farrington.expectation import expectation
from earlywarning.models.farrington.irls import leverage, pearson, quasi_poisson
from earlywarning.models.farrington.reference import reference_periods
from earlywarning.models.farrington.threshold import Prediction, limits


def some_counts(rng, n=12, n_periods=60, mean=15.0):
    season = 1 + 0.4 * np.sin(2 * np.pi * np.arange(n_periods) / 12)
    level = mean * np.exp(0.5 * rng.normal(size=(n, 1)))
    return rng.negative_binomial(level * season, 0.5).astype(float)


def test_all_series_at_once_are_statsmodels_one_by_one(rng):
    counts = some_counts(rng, n=15)
    seen = rng.random(counts.shape) > 0.15
    weights = np.where(seen, rng.uniform(0.3, 2.0, counts.shape), 0.0)
    population = rng.uniform(500, 900, counts.shape)
    design = reference_periods(121, Surveillance(frequency=12, seasons=4)).design[-60:]
    fit = quasi_poisson(counts, design, weights, offset=np.log(population))
    dispersion, drawn = pearson(fit, counts), leverage(fit, design)
    for i in range(15):
        rows = seen[i]
        model = sm.GLM(
            counts[i, rows],
            design[rows],
            family=sm.families.Poisson(),
            offset=np.log(population[i, rows]),
            var_weights=weights[i, rows],
        )
        theirs = model.fit(scale="X2", tol=1e-15, maxiter=100)
        assert_allclose(fit.coefficients[i], theirs.params, rtol=1e-8, atol=1e-10)
        assert_allclose(dispersion[i], theirs.scale, rtol=1e-8)
        covariance = dispersion[i] * fit.inverse[i]
        assert_allclose(covariance, theirs.cov_params(), rtol=1e-8, atol=1e-14)
        hat = theirs.get_influence().hat_matrix_diag
        assert_allclose(drawn[i, rows], hat, rtol=1e-8)
        assert fit.df[i] == theirs.df_resid


def test_the_reference_periods_are_those_of_the_papers():
    """Weekly: windows of 7 weeks and 9 parts of 5 weeks between them, the newest left out."""
    options = Surveillance(frequency=52, years=3, window=3, seasons=10, left_out=26)
    found = reference_periods(200, options)
    newest = 199
    assert found.periods[-1] == newest - 27
    assert found.periods[0] == newest - 3 * 52 - 3
    season = found.design[:, 2:] @ np.arange(1, 10)
    year = season[:52]
    assert_array_equal(year[:7], 0)
    assert_array_equal(year[7:], np.repeat(np.arange(1, 10), 5))
    assert_allclose(found.design[:, 1] * 52, found.periods - newest)
    assert_array_equal(found.in_window, season == 0)


@given(
    frequency=st.integers(2, 60),
    window=st.integers(0, 5),
    seasons=st.integers(1, 12),
    n_periods=st.integers(0, 300),
)
def test_any_calendar_gives_each_period_one_season(frequency, window, seasons, n_periods):
    between = frequency - 2 * window - 1
    if between < 0 or seasons > between + 1:
        with pytest.raises(UsageError, match="It must hold"):
            Surveillance(frequency=frequency, window=window, seasons=seasons)
        return
    found = reference_periods(
        n_periods, Surveillance(frequency=frequency, window=window, seasons=seasons)
    )
    if found is None:
        assert n_periods < 2 * frequency + window + 1
        return
    assert found.periods.min() >= 0
    assert found.in_window.sum() == found.years * (2 * window + 1)
    assert found.periods.max() < n_periods - 1 - window
    assert (found.design[:, 2:].sum(axis=1) + found.in_window == 1).all()


def test_the_predictive_limits_allow_for_errors_of_mean_and_dispersion():
    """By hand: negative binomial of variance mean * (dispersion + mean * error^2), tails as t."""
    one = np.ones(1)
    expected = Prediction(20 * one, 0.1 * one, 1.5 * one, 12 * one)
    found = limits(expected, 31 * one, Surveillance(frequency=12, alpha=0.05))
    dispersion = 1.5 + 20 * 0.1**2
    law = nbinom(20 / (dispersion - 1), 1 / dispersion)
    assert_allclose(found.above, student.cdf(norm.ppf(law.sf(30)), 12))
    assert_allclose(found.below, student.cdf(norm.ppf(law.cdf(31)), 12))
    assert_allclose(found.upper, law.ppf(norm.cdf(-student.ppf(0.05, 12))))
    assert_allclose(found.lower, law.ppf(norm.cdf(student.ppf(0.05, 12))))


def test_a_season_without_values_is_as_if_there_were_none(rng):
    """Three parts of the year, one of them never published, are two."""
    counts = some_counts(rng, n=6)
    options = Surveillance(frequency=12, window=1, seasons=4, trend_level=0)
    reference = reference_periods(60, options)
    third = reference.design[:, 4] == 1
    past = counts[:, reference.periods]
    past[:, third] = np.nan
    fit = quasi_poisson(past, reference.design, np.isfinite(past).astype(float))
    without = quasi_poisson(
        past[:, ~third],
        np.delete(reference.design[~third], 4, axis=1),
        np.ones((6, (~third).sum())),
    )
    assert_array_equal(fit.coefficients[:, 4], 0.0)
    assert_array_equal(fit.inverse[:, 4], 0.0)
    assert_allclose(np.delete(fit.coefficients, 4, axis=1), without.coefficients, rtol=1e-9)
    assert_allclose(pearson(fit, past), pearson(without, past[:, ~third]), rtol=1e-9)
    counts[:, reference.periods[third]] = np.nan
    assert (farrington(counts, options).status == "assessed").all()


def test_expectation_is_free_of_who_counts_how_many(rng):
    """Ten times the counts and ten times the population now: the same expected rate."""
    options = Surveillance(frequency=12)
    reference = reference_periods(60, options)
    counts = some_counts(rng, n=5)[:, reference.periods]
    zero = np.zeros(counts.shape)
    plain = expectation(counts, zero, reference, options)
    now = expectation(counts, zero - np.log(10), reference, options)
    assert_allclose(now.log_mean, plain.log_mean + np.log(10), rtol=1e-9)


def test_all_wrong_options_are_named_at_once():
    with pytest.raises(UsageError) as told:
        Surveillance(frequency=4, window=3, years=1, threshold="noufaily", alpha=0.7)
    for part in ("years", "window leaves", "threshold", "alpha"):
        assert part in str(told.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"frequency": 1}, {"window": -1}, {"left_out": -1}, {"reweight_above": 0.0},
        {"trend_level": -0.01}, {"alpha": 0.0}, {"alpha": 0.5}, {"fewest_counts": -1},
        {"in_periods": 0}, {"seasons": 0}, {"power": "1"}, {"arithmetic": "R"},
    ],
)  # fmt: skip
def test_an_option_at_the_edge_of_what_cannot_be_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(UsageError, match=name):
        Surveillance(**{"frequency": 12, "window": 0} | wrong)


@pytest.mark.parametrize("threshold", ["predictive", "delta", "nbPlugin", "muan"])
def test_limits_and_p_values_say_the_same(threshold, rng):
    counts = some_counts(rng, n=300)
    options = Surveillance(frequency=12, seasons=4, threshold=threshold, alpha=0.1)
    found = farrington(counts, options)
    newest = counts[:, -1]
    slack = 0 if threshold == "delta" else 1  # upper is the last count that is not out
    assert ((found.above <= 0.1) == (newest >= found.upper + slack)).all()
    assert ((found.below <= 0.1) == (newest <= found.lower - slack)).all()
    assert (found.lower <= found.expected).all()
    assert (found.expected <= found.upper).all()


def test_to_allow_for_the_means_error_is_more_cautious_on_both_sides(rng):
    counts = some_counts(rng, n=100)
    plain, muan = (
        farrington(counts, Surveillance(frequency=12, threshold=word))
        for word in ("nbPlugin", "muan")
    )
    assert (muan.above > plain.above - 1e-12).all()
    assert (muan.below > plain.below - 1e-12).all()
