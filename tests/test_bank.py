"""The bank's contrasts, against generalised least squares by hand and statsmodels' own."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from statsmodels.tsa.statespace.structural import UnobservedComponents

from earlywarning.models import bank
from earlywarning.models.bank import ANNUAL, YEARLY, Bank, Rhythm, Structure, bank_for, covariances
from earlywarning.models.blocks import DRIFT, LAST, STEP
from earlywarning.models.tested import Asking, apply_bank

few = settings(max_examples=15)
rhythms = st.sampled_from([ANNUAL, Rhythm(season=4), Rhythm(window=3)])


@st.composite
def series(draw):
    """Draw a few series with gaps anywhere but at the end, on a calendar with gaps of its own."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n_periods = draw(st.integers(8, 14))
    times = np.cumsum(rng.choice([1.0, 1.0, 2.0, 0.5], n_periods))
    X = rng.normal(size=(4, n_periods)).cumsum(axis=1)
    X[rng.random(X.shape) < 0.2] = np.nan
    X[:, [0, 1, 2, 3, -1]] = rng.normal(size=(4, 5))
    return X, times


def covariance(structure, times, rhythm=ANNUAL):
    """Return the covariance of a series, its straight line in it."""
    t = times - times[0]
    return covariances((structure,), t, rhythm)[0] + structure.slope**2 * np.outer(t, t)


def contrasts_of(X, times, rhythm=ANNUAL):
    return apply_bank(X, times, rhythm, [np.zeros_like(X)] * 3)


def gls(covariance, design, y):
    """Return the last coefficient of generalised least squares, and its variance."""
    inverse = np.linalg.inv(covariance)
    variance = np.linalg.inv(design.T @ inverse @ design)
    return (variance @ design.T @ inverse @ y)[-1], variance[-1, -1]


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


def question(contrast, known, times):
    """Return the periods that are looked at, how many come before, the ramp, and what is shown."""
    n, here = known.size, np.flatnonzero(known)
    cut = {LAST: n - 1, STEP: n - 2, DRIFT: n - n // 2}[contrast]
    if contrast == STEP and not known[-2]:
        cut = n - 1
    early = int((here < cut).sum())
    ramp = np.ones(here.size - early)
    if contrast == DRIFT:
        ramp = (times[here[early:]] - times[cut - 1]) / (times[-1] - times[cut - 1])
    shown = np.zeros(ramp.size)
    shown[-1] = 1.0
    if contrast == STEP:
        shown[:] = 1 / shown.size
    return here, early, np.append(np.zeros(early), ramp), shown


@given(drawn=series(), rhythm=rhythms)
@few
@pytest.mark.parametrize("contrast", [LAST, STEP, DRIFT])
def test_a_contrast_is_its_coefficient_in_generalised_least_squares(contrast, drawn, rhythm):
    X, times = drawn
    found = contrasts_of(X, times, rhythm)
    for i, x in enumerate(X):
        here, _, shape, _ = question(contrast, np.isfinite(x), times)
        design = np.column_stack([np.ones(here.size), shape])
        for k, structure in enumerate(bank_for(rhythm).structures):
            inner = covariance(structure, times, rhythm)[np.ix_(here, here)]
            effect, variance = gls(inner, design, x[here])
            assert_allclose(found.effect[contrast, k, i], effect, rtol=1e-6, atol=1e-7)
            assert_allclose(found.variance[contrast, k, i], variance, rtol=1e-6)


@given(drawn=series(), rhythm=rhythms)
@few
@pytest.mark.parametrize("contrast", [LAST, STEP, DRIFT])
def test_a_surprise_is_what_is_shown_less_its_kriging_prediction(contrast, drawn, rhythm):
    X, times = drawn
    found = contrasts_of(X, times, rhythm)
    for i, x in enumerate(X):
        here, early, _, shown = question(contrast, np.isfinite(x), times)
        if contrast == DRIFT:  # the later half between is passed over
            here, shown = np.append(here[:early], here[-1]), np.ones(1)
        assert_allclose(found.value[contrast, i], shown @ x[here[early:]])
        for k, structure in enumerate(bank_for(rhythm).structures):
            inner = covariance(structure, times, rhythm)[np.ix_(here, here)]
            weights, variance = kriging(inner, early, shown)
            surprise = shown @ x[here[early:]] - weights @ x[here[:early]]
            assert_allclose(found.surprise[contrast, k, i], surprise, rtol=1e-6, atol=1e-7)
            assert_allclose(found.surprise_variance[contrast, k, i], variance, rtol=1e-6)


@given(drawn=series(), rhythm=rhythms)
@few
@pytest.mark.parametrize("contrast", [LAST, STEP, DRIFT])
def test_the_past_has_the_restricted_likelihood_of_generalised_least_squares(
    contrast, drawn, rhythm
):
    X, times = drawn
    found = contrasts_of(X, times, rhythm)
    for i, x in enumerate(X):
        here, early, _, _ = question(contrast, np.isfinite(x), times)
        past, ones = x[here[:early]], np.ones(early)
        assert found.df[contrast, i] == early - 1
        for k, structure in enumerate(bank_for(rhythm).structures):
            inner = covariance(structure, times, rhythm)[np.ix_(here[:early], here[:early])]
            inverse = np.linalg.inv(inner)
            information = ones @ inverse @ ones
            about_level = inverse - np.outer(inverse @ ones, ones @ inverse) / information
            squares, log_det = found.squares[contrast, k, i], found.log_det[contrast, k, i]
            assert_allclose(squares, past @ about_level @ past, rtol=1e-6, atol=1e-9)
            wanted = np.linalg.slogdet(inner)[1] + np.log(information)
            assert_allclose(log_det, wanted, rtol=1e-6, atol=1e-6)


@given(drawn=series(), level=st.floats(-1e4, 1e4))
@few
def test_the_level_of_a_series_moves_no_contrast(drawn, level):
    X, times = drawn
    here, there = contrasts_of(X, times), contrasts_of(X + level, times)
    for part in ("effect", "surprise", "squares"):
        assert_allclose(getattr(there, part), getattr(here, part), rtol=1e-5, atol=1e-6)


@given(drawn=series())
@few
def test_a_long_silence_at_the_start_is_no_different_from_gaps(drawn):
    """Series that begin late are looked at from their own beginning; times still count."""
    X, times = drawn
    X, times = np.column_stack([X[:, :4], X]), np.append(times[:4] - 50.0, times)
    X[:2, :4] = np.nan
    together, apart = contrasts_of(X, times), contrasts_of(X[:2], times)
    for part in ("effect", "squares", "log_det"):
        found = getattr(together, part)[LAST:DRIFT, :, :2]
        assert_allclose(getattr(apart, part)[LAST:DRIFT], found, rtol=1e-9)


@pytest.mark.parametrize("level", [0.1, 0.5])
@pytest.mark.parametrize("gaps", [[], [3], [1, 4, 5]])
def test_a_local_level_predicts_the_next_value_as_statsmodels_does(level, gaps, rng, monkeypatch):
    monkeypatch.setattr(bank, "YEARLY", Bank((Structure(level=level),), (0.0,)))
    bank.precision.cache_clear()
    y = rng.normal(size=12).cumsum()
    y[gaps] = np.nan
    model = UnobservedComponents(y, "llevel", use_exact_diffuse=True)
    smoothed = model.smooth([1.0, level])
    found = contrasts_of(y[None], np.arange(12.0))
    bank.precision.cache_clear()
    assert_allclose(y[-1] - found.surprise[LAST, 0, 0], smoothed.forecasts[0, -1], rtol=1e-8)
    variance = smoothed.forecasts_error_cov[0, 0, -1]
    assert_allclose(found.surprise_variance[LAST, 0, 0], variance, rtol=1e-8)


def test_quarterly_seasons_predict_the_next_value_as_statsmodels_does(rng, monkeypatch):
    """Noise and four seasons that stay: the wider the prior on them, the nearer to dummies."""
    monkeypatch.setattr(bank, "WITH_SEASONS", Bank((Structure(season=1e5),), (0.0,)))
    bank.precision.cache_clear()
    y = rng.normal(size=21) + np.tile([4.0, -1, 0, -3], 6)[:21]
    past = sm.OLS(y[:-1], np.eye(4)[np.arange(20) % 4]).fit()
    prediction = past.get_prediction(np.eye(4)[[20 % 4]])
    found = contrasts_of(y[None], np.arange(21.0), Rhythm(season=4))
    bank.precision.cache_clear()
    assert_allclose(y[-1] - found.surprise[LAST, 0, 0], prediction.predicted_mean[0], rtol=1e-4)
    variance = 1 + prediction.var_pred_mean[0] / past.scale
    assert_allclose(found.surprise_variance[LAST, 0, 0], variance, rtol=1e-4)


def test_three_year_averages_go_together_as_much_as_they_overlap(rng):
    """By simulation of the years themselves: noise, and noise with memory."""
    for memory in (0.0, 0.4):
        years = rng.normal(size=(200_000, 9))
        for t in range(1, 9):
            years[:, t] = memory * years[:, t - 1] + np.sqrt(1 - memory**2) * years[:, t]
        rolling = np.lib.stride_tricks.sliding_window_view(years, 3, axis=1).mean(axis=2)
        wanted = np.cov(rolling.T)
        found = covariances((Structure(memory=memory),), np.arange(7.0), Rhythm(window=3))[0]
        assert_allclose(found, wanted, atol=0.01)


def test_a_level_in_white_noise_is_predicted_by_the_textbook_t_interval(rng):
    y = rng.normal(50, 4, 9)
    past = sm.OLS(y[:-1], np.ones(8)).fit().get_prediction([[1.0]]).summary_frame(alpha=0.05)
    found = contrasts_of(y[None], np.arange(9.0))
    k = YEARLY.structures.index(Structure())
    sigma = np.sqrt(found.squares[LAST, k, 0] / 7)
    half = 2.364624 * sigma * np.sqrt(found.surprise_variance[LAST, k, 0])  # t, 7 df, 97.5%
    expected = y[-1] - found.surprise[LAST, k, 0]
    assert_allclose(expected, past["mean"].iloc[0], rtol=1e-10)
    assert_allclose(expected - half, past["obs_ci_lower"].iloc[0], rtol=1e-6)
    assert_allclose(expected + half, past["obs_ci_upper"].iloc[0], rtol=1e-6)


def test_a_wide_prior_on_the_slope_predicts_as_ordinary_least_squares_does(rng, monkeypatch):
    monkeypatch.setattr(bank, "YEARLY", Bank((Structure(),), (1e4,)))
    bank.precision.cache_clear()
    times = np.array([0.0, 1, 2, 4, 5, 7, 8, 9])
    y = rng.normal(size=8) + 3 * times
    found = contrasts_of(y[None], times)
    bank.precision.cache_clear()
    past = sm.OLS(y[:-1], sm.add_constant(times[:-1])).fit()
    prediction = past.get_prediction([[1.0, times[-1]]])
    assert_allclose(y[-1] - found.surprise[LAST, 0, 0], prediction.predicted_mean[0], rtol=1e-6)
    variance = 1 + prediction.var_pred_mean[0] / past.scale
    assert_allclose(found.surprise_variance[LAST, 0, 0], variance, rtol=1e-6)


@pytest.mark.parametrize("gaps", [0.05, 0.5])
@pytest.mark.parametrize("many", [1, 7, 40])
def test_what_is_found_of_a_series_does_not_hang_on_how_many_are_asked_about_at_once(
    rng, many, gaps
):
    X = rng.normal(size=(40, 9)).cumsum(axis=1)
    X[rng.random(X.shape) < gaps] = np.nan
    X[3, 2:] = np.nan
    asking = Asking(X, np.arange(9.0), ANNUAL, [rng.normal(size=X.shape) for _ in range(3)])
    (whole,) = asking.in_turn(len(X))
    parts = list(asking.in_turn(many))
    for name in whole.__slots__:
        together = np.concatenate([getattr(part, name) for part in parts], axis=-1)
        assert_allclose(together, getattr(whole, name), rtol=1e-9, atol=1e-12)
