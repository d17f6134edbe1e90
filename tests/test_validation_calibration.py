"""Brier's score, the calibration line and bins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import expit, logit
from sklearn.metrics import brier_score_loss

from earlywarning.errors import UsageError
from earlywarning.validation.metrics import (
    BINS,
    bootstrap_interval,
    brier_score,
    brier_skill,
    calibration_bins,
    calibration_line,
)

few = settings(max_examples=50)

CHANCES = st.sampled_from([0.02, 0.1, 0.25, 0.5, 0.5, 0.7, 0.9])
ROWS = st.lists(st.tuples(CHANCES, st.booleans(), st.integers(0, 3)), min_size=2, max_size=40)


def columns(rows):
    p, event, weight = zip(*rows, strict=True)
    return np.array(p), np.array(event), np.array(weight)


@few
@given(ROWS)
def test_brier_is_scikit_learns_and_a_weight_counts_as_a_repetition(rows):
    p, event, weight = columns(rows)
    assert_allclose(brier_score(p, event), brier_score_loss(event, p), atol=1e-12)
    again = np.repeat(p, weight), np.repeat(event, weight)
    draws = np.stack([weight, np.ones_like(weight)])
    for metric in (brier_score, brier_skill):
        found = metric(p, event, weight=draws)
        assert_allclose(found, [metric(*again), metric(p, event)], atol=1e-9)


@few
@given(ROWS)
def test_the_base_rate_has_no_skill_and_the_truth_has_all(rows):
    _, event, _ = columns(rows)
    skills = [brier_skill(np.full(event.size, event.mean()), event), brier_skill(event, event)]
    known = event.any() and not event.all()
    assert_allclose(skills, [0, 1] if known else [np.nan, np.nan], atol=1e-12)


@few
@given(ROWS)
def test_the_calibration_line_solves_the_equations_of_likelihood(rows):
    p, event, _ = columns(rows)
    line = calibration_line(p, event)
    if not (event.any() and not event.all()):
        assert np.isnan(line).all()
        return
    if p[event].min() >= p[~event].max() or p[~event].min() >= p[event].max():
        assert np.isnan(line).all()
        return
    apart = event - expit(line.intercept + line.slope * logit(p))
    assert_allclose([apart.sum(), (logit(p) * apart).sum()], 0, atol=1e-5)


def test_probabilities_too_far_apart_have_a_slope_below_one(rng):
    true = rng.normal(-1.5, 1.0, size=20_000)
    event = rng.random(true.size) < expit(true)
    assert_allclose(calibration_line(expit(true), event), (0, 1), atol=0.08)
    assert_allclose(calibration_line(expit(2 * true), event).slope, 0.5, atol=0.03)
    assert_allclose(calibration_line(expit(true + 1), event).intercept, -1, atol=0.06)


@pytest.mark.parametrize(
    ("p", "event"),
    [
        ([0.1, 0.2, 0.8], [0, 0, 0]),
        ([0.1, 0.2, 0.8], [1, 1, 1]),
        ([0.3, 0.3, 0.3], [0, 1, 0]),
        ([0.1, 0.2, 0.8], [0, 0, 1]),
        ([0.1, 0.2, 0.2], [0, 0, 1]),
        ([0.1, 0.2, 0.8], [1, 0, 0]),
        ([], []),
    ],
)
def test_without_a_line_that_fits_best_there_is_none(p, event):
    assert np.isnan(calibration_line(p, event)).all()


def test_a_certain_probability_has_no_logit_and_is_refused():
    with pytest.raises(UsageError, match="exactly 0 or 1: 2"):
        calibration_line([0.0, 0.5, 1.0], [0, 1, 1])


@few
@given(ROWS, st.integers(1, 12))
def test_bins_hold_every_row_once_and_no_probability_twice(rows, n_bins):
    p, event, _ = columns(rows)
    bins = calibration_bins(p, event, n_bins)
    assert list(bins.columns) == list(BINS)
    assert bins["n"].sum() == p.size
    assert bins["events"].sum() == event.sum()
    assert len(bins) <= n_bins
    assert (bins["first"].to_numpy()[1:] > bins["last"].to_numpy()[:-1]).all()
    assert (bins["lower"] <= bins["observed"]).all()
    assert (bins["observed"] <= bins["upper"]).all()
    assert_allclose((bins["n"] * bins["expected"]).sum(), p.sum())


def test_bins_of_different_probabilities_are_as_large_as_one_another(rng):
    bins = calibration_bins(rng.random(300), rng.random(300) < 0.2, 10)
    assert bins["n"].to_list() == [30] * 10


def test_no_rows_make_no_bins_and_no_score():
    assert list(calibration_bins([], []).columns) == list(BINS)
    assert np.isnan(brier_score([], []))


def test_what_is_no_probability_or_no_number_of_bins_is_refused():
    with pytest.raises(UsageError, match="below 0 or above 1: 1"):
        brier_score([1.2, 0.5], [1, 0])
    with pytest.raises(UsageError, match="n_bins=0"):
        calibration_bins([0.5], [1], 0)


def test_the_bootstrap_limits_of_brier_are_those_of_a_mean(rng):
    p = rng.random(200)
    event = rng.random(200) < p
    found = bootstrap_interval(
        lambda weight: brier_score(p, event, weight=weight), np.arange(200), seed=1
    )
    squares = (p - event) ** 2
    half = 1.972 * squares.std(ddof=1) / np.sqrt(200)  # t with 199 degrees of freedom, tabled
    mean = squares.mean()
    assert_allclose(found[:3], [mean, mean - half, mean + half], atol=0.004)
