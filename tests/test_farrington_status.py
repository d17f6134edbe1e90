"""Which counts Farrington's algorithm judges, which it cannot, and which are none."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.errors import UsageError
from earlywarning.models.farrington import Surveillance, farrington
from earlywarning.models.farrington.reference import reference_periods


def some_counts(rng, n=12, n_periods=60, mean=15.0):
    season = 1 + 0.4 * np.sin(2 * np.pi * np.arange(n_periods) / 12)
    level = mean * np.exp(0.5 * rng.normal(size=(n, 1)))
    return rng.negative_binomial(level * season, 0.5).astype(float)


def test_who_cannot_be_assessed_is_told_why(rng):
    counts = some_counts(rng, n=8)
    counts[0, -1] = np.nan
    counts[1, :-1] = np.nan
    counts[2, :-1] = 0.0
    counts[3] = np.nan
    counts[4, 5:40] = np.nan
    reference = reference_periods(60, Surveillance(frequency=12, seasons=4))
    counts[5, reference.periods[reference.in_window]] = 0.0
    counts[7, np.setdiff1d(reference.periods, reference.periods[-20:-17])] = np.nan
    found = farrington(counts, Surveillance(frequency=12, seasons=4))
    assert found.status.tolist() == [
        "nothing published",
        "too few periods",
        "no counts before",
        "nothing published",
        "assessed",
        "no counts before",
        "assessed",
        "too few periods",
    ]
    assert_array_equal(np.isnan(found.above), found.status != "assessed")
    assert not found.alarm[found.status != "assessed"].any()


@pytest.mark.parametrize("shape", [(0, 40), (0, 0), (3, 0), (3, 1), (3, 24)])
def test_a_record_too_short_is_said_to_be(shape):
    found = farrington(np.ones(shape), Surveillance(frequency=12))
    assert found.above.shape == (shape[0],)
    assert np.isnan(found.above).all()
    assert set(found.status) <= {"too few periods", "nothing published"}


def test_three_years_of_quarters_or_months_are_enough(rng):
    months, quarters = some_counts(rng, n=5, n_periods=36), some_counts(rng, n=5, n_periods=12)
    monthly = farrington(months, Surveillance(frequency=12, seasons=4))
    quarterly = farrington(quarters, Surveillance(frequency=4, window=0, seasons=4))
    assert (monthly.status == "assessed").all()
    assert (quarterly.status == "assessed").all()


@pytest.mark.parametrize("threshold", ["predictive", "delta", "nbPlugin", "muan"])
def test_counts_that_never_differ_and_counts_that_are_huge_are_judged(threshold):
    X = np.stack([np.full(60, 8.0), np.full(60, 3e7), np.zeros(60)])
    X[2, ::12], X[2, -1] = 1.0, 4.0
    found = farrington(X, Surveillance(frequency=12, window=0, threshold=threshold))
    assert_allclose(found.expected[:2], X[:2, -1], rtol=1e-6)
    assert (found.above[:2] > 0.2).all()
    assert np.isin(found.status, ["assessed", "no counts before"]).all()


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1.0, 2.5]], "no counts: 1, the first 2.5 in row 0, period 1"),
        ([[1.0, -2.0]], "no counts: 1, the first -2"),
        ([[1.0, np.inf]], "infinite"),
        ([1.0, 2.0], "give a matrix"),
    ],
)
def test_what_is_no_count_is_refused_with_the_reason(counts, message):
    with pytest.raises(UsageError, match=message):
        farrington(counts, Surveillance(frequency=12))


@pytest.mark.parametrize(
    ("population", "message"), [([[1.0]], "population"), ([[5.0, -1.0]], "below 0: 1")]
)
def test_a_population_that_cannot_be_is_refused(population, message):
    with pytest.raises(UsageError, match=message):
        farrington([[1.0, 2.0]], Surveillance(frequency=12), population=population)
