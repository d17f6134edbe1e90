"""The bank's operators, against generalised least squares by hand and statsmodels' own."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from statsmodels.tsa.statespace.structural import UnobservedComponents

from earlywarning.models import bank
from earlywarning.models.bank import (
    BANK,
    Structure,
    contrast_shape,
    line_operators,
    operators,
)
from earlywarning.schema import CONTRASTS

few = settings(max_examples=15, deadline=None)
# Any 5 to 14 of 20 periods: gaps of every length; halves make the calendar irregular.
calendars = st.lists(st.integers(0, 40), min_size=5, max_size=14, unique=True).map(
    lambda ends: tuple(np.sort(np.array(ends)) / 2)
)


@st.composite
def questions(draw):
    """Draw a contrast, a calendar, and how many of its periods are tested."""
    contrast, times = draw(st.sampled_from(CONTRASTS)), draw(calendars)
    most = {"last": 1, "step": 2, "drift": len(times) // 2}[contrast]
    return contrast, times, draw(st.integers(1, most))


def gls(covariance, design):
    """Return the weights and variances of the coefficients of generalised least squares."""
    inverse = np.linalg.inv(covariance)
    variance = np.linalg.inv(design.T @ inverse @ design)
    return variance @ design.T @ inverse, np.diag(variance)


def with_contrast(contrast, times, n_tested):
    """Return the design of a level and a contrast, (n_periods, 2)."""
    shape = contrast_shape(contrast, np.array(times), n_tested)
    column = np.concatenate([np.zeros(len(times) - shape.size), shape])
    return np.column_stack([np.ones(len(times)), column])


@given(question=questions())
@few
def test_a_contrast_is_its_coefficient_in_generalised_least_squares(question):
    times, found = question[1], operators(*question)
    for k, structure in enumerate(BANK):
        covariance = structure.covariance(np.array(times))
        weights, variance = gls(covariance, with_contrast(*question))
        assert_allclose(found.effect[:, k], weights[1], atol=1e-7)
        assert_allclose(found.variance[k], variance[1], rtol=1e-7)


@given(question=questions(), seed=st.integers(0, 1000))
@few
def test_the_past_has_the_restricted_likelihood_of_generalised_least_squares(question, seed):
    times, found = question[1], operators(*question)
    early = len(found.residual)
    ones, y = np.ones(early), np.random.default_rng(seed).normal(size=early)
    for k, structure in enumerate(BANK):
        covariance = structure.covariance(np.array(times))[:early, :early]
        inverse = np.linalg.inv(covariance)
        information = ones @ inverse @ ones
        about_level = inverse - np.outer(inverse @ ones, ones @ inverse) / information
        squares = np.sum((y @ found.residual[:, k]) ** 2)
        assert_allclose(squares, y @ about_level @ y, rtol=1e-6)
        log_det = np.linalg.slogdet(covariance)[1] + np.log(information) - np.log(early)
        assert_allclose(found.log_det[k], log_det, rtol=1e-7, atol=1e-7)


@given(question=questions())
@few
def test_the_level_of_a_series_moves_no_contrast(question):
    found = operators(*question)
    assert_allclose(found.effect.sum(axis=0), 0, atol=1e-8)
    assert_allclose(found.surprise.sum(axis=0), 0, atol=1e-8)
    assert_allclose(found.residual.sum(axis=0), 0, atol=1e-8)


@given(question=questions())
@few
def test_a_contrast_of_one_unit_has_an_effect_of_one(question):
    unit = with_contrast(*question)[:, 1]
    assert_allclose(unit @ operators(*question).effect, 1, atol=1e-8)


def kriging(covariance, early, shown):
    """Return weights and error variance of ordinary kriging: the mean is unknown.

    The bordered system of the textbooks (Cressie 1993, section 3.2): predicted is the
    mix `shown` of the later values, from the early ones.
    """
    towards = covariance[:early, early:] @ shown
    system = np.block([[covariance[:early, :early], np.ones((early, 1))], [np.ones(early), 0]])
    solved = np.linalg.solve(system, np.append(towards, 1.0))
    own = shown @ covariance[early:, early:] @ shown
    return solved[:early], own - solved @ np.append(towards, 1.0)


@given(question=questions())
@few
def test_a_surprise_is_what_is_shown_less_its_kriging_prediction(question):
    contrast, times, n_tested = question
    found, early = operators(*question), len(times) - n_tested
    # Shown is the newest value, and for a step the mean of the last two.
    shown = np.full(n_tested, 1 / n_tested) if contrast == "step" else np.eye(n_tested)[-1]
    for k, structure in enumerate(BANK):
        weights, variance = kriging(structure.covariance(np.array(times)), early, shown)
        assert_allclose(found.surprise[:, k], np.append(-weights, shown), atol=1e-7)
        assert_allclose(found.surprise_variance[k], variance, rtol=1e-7)


def test_for_the_newest_period_alone_effect_and_surprise_are_the_same():
    found = operators("last", tuple(np.arange(8.0)), 1)
    assert_allclose(found.surprise, found.effect, atol=1e-12)
    assert_allclose(found.surprise_variance, found.variance, rtol=1e-12)


@given(times=calendars)
@few
def test_the_slope_of_a_line_is_that_of_generalised_least_squares(times):
    t = np.array(times)
    found = line_operators(times)
    for k, structure in enumerate(BANK):
        flat = Structure(structure.noise, structure.memory, structure.level, 0, structure.turn)
        weights, variance = gls(flat.covariance(t), np.column_stack([np.ones(t.size), t]))
        assert_allclose(found.slope[:, k], weights[1], atol=1e-7)
        assert_allclose(found.variance[k], variance[1], rtol=1e-7)
    assert_allclose(t @ found.slope, 1, atol=1e-7)
    assert_allclose(found.level.sum(axis=0), 1, atol=1e-7)


@pytest.mark.parametrize("level", [0.1, 0.4, 1.5])
@pytest.mark.parametrize("gaps", [[], [3], [1, 4, 5]])
def test_a_local_level_predicts_the_next_value_as_statsmodels_does(level, gaps, rng):
    y = rng.normal(size=12).cumsum()
    y[gaps] = np.nan
    known = np.isfinite(y)
    model = UnobservedComponents(y, "llevel", use_exact_diffuse=True)
    smoothed = model.smooth([1.0, level])
    found = operators("last", tuple(np.flatnonzero(known).astype(float)), 1)
    k = BANK.index(Structure(level=level))
    assert_allclose(y[-1] - y[known] @ found.effect[:, k], smoothed.forecasts[0, -1], rtol=1e-8)
    assert_allclose(found.variance[k], smoothed.forecasts_error_cov[0, 0, -1], rtol=1e-8)


def test_a_level_in_white_noise_is_predicted_by_the_textbook_t_interval(rng):
    y = rng.normal(50, 4, 9)
    past = sm.OLS(y[:-1], np.ones(8)).fit().get_prediction([[1.0]]).summary_frame(alpha=0.05)
    found = operators("last", tuple(np.arange(9.0)), 1)
    k = BANK.index(Structure())
    sigma = np.sqrt(np.sum((y[:-1] @ found.residual[:, k]) ** 2) / 7)
    half = 2.364624 * sigma * np.sqrt(found.variance[k])  # t, 7 df, 97.5%
    expected = y[-1] - y @ found.effect[:, k]
    assert_allclose(expected, past["mean"].iloc[0], rtol=1e-10)
    assert_allclose(expected - half, past["obs_ci_lower"].iloc[0], rtol=1e-6)
    assert_allclose(expected + half, past["obs_ci_upper"].iloc[0], rtol=1e-6)


def test_a_wide_prior_on_the_slope_predicts_as_ordinary_least_squares_does(rng, monkeypatch):
    monkeypatch.setattr(bank, "BANK", (Structure(slope=1e4),))
    times = np.array([0.0, 1, 2, 4, 5, 7, 8, 9])
    y = rng.normal(size=8) + 3 * times
    found = operators.__wrapped__("last", tuple(times), 1)
    past = sm.OLS(y[:-1], sm.add_constant(times[:-1])).fit()
    prediction = past.get_prediction([[1.0, times[-1]]])
    assert_allclose(y[-1] - y @ found.effect[:, 0], prediction.predicted_mean[0], rtol=1e-6)
    assert_allclose(found.variance[0], 1 + prediction.var_pred_mean[0] / past.scale, rtol=1e-6)


def test_contrasts_look_for_a_step_or_for_a_ramp_that_starts_before_what_is_tested():
    times = np.array([0.0, 1, 2, 3, 5, 6, 8])
    assert contrast_shape("last", times, 1).tolist() == [1]
    assert contrast_shape("step", times, 2).tolist() == [1, 1]
    assert_allclose(contrast_shape("drift", times, 3), [2 / 5, 3 / 5, 1])
