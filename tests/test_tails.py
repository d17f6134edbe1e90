"""Which series tell how heavy tails are, and what is left of them: against plain regressions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from earlywarning.models.bank import ANNUAL, Rhythm, bank_for, covariances, precision
from earlywarning.models.tails import (
    ENOUGH,
    FEWEST,
    USUAL,
    _fewest_gaps,
    degrees_of_freedom,
    law_of,
    residuals,
)

TIMES = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0])
ANY_LEVEL = 1e7  # the variance of a level of which nothing is known


def left_of(y, covariance, j):
    """Return how far y[j] is from its regression on the others, in standard deviations."""
    others = np.arange(len(y)) != j
    weights = np.linalg.solve(covariance[np.ix_(others, others)], covariance[others, j])
    spread = covariance[j, j] - weights @ covariance[others, j]
    return (y[j] - weights @ y[others]) / np.sqrt(spread)


@pytest.mark.parametrize("rhythm", [ANNUAL, Rhythm(season=4)])
@pytest.mark.parametrize("structure", [0, 2, 5, 10, 14])
def test_what_is_left_is_a_value_less_its_regression_on_all_others(rhythm, structure, rng):
    one = bank_for(rhythm).structures[structure]
    whole = covariances([one], TIMES, rhythm)[0] + ANY_LEVEL
    whole += one.slope**2 * np.outer(TIMES, TIMES)
    known = rng.random((6, len(TIMES))) < 0.8
    known[:, :4], known[0] = True, True
    y = np.where(known, rng.normal(size=known.shape), 0.0)
    found = residuals(y, known, precision(tuple(TIMES), rhythm), structure)
    for i, mine in enumerate(known):
        covariance = whole[np.ix_(mine, mine)]
        expected = [left_of(y[i, mine], covariance, j) for j in range(mine.sum())]
        assert_allclose(found[i, mine], expected, atol=2e-4)
        assert (found[i, ~mine] == 0).all()


def test_the_fullest_series_are_asked_and_all_that_are_as_full():
    n = np.repeat([12, 8, FEWEST - 1], [2 * ENOUGH, ENOUGH, ENOUGH])
    assert _fewest_gaps(n).tolist() == (n == 12).tolist()
    n[: ENOUGH + 1] = 8  # the 12s are one too few
    assert _fewest_gaps(n).tolist() == (n >= 8).tolist()
    assert not _fewest_gaps(np.full(9, FEWEST - 1)).any()


def about_their_mean(values):
    return values - values.mean(axis=1, keepdims=True)


def test_the_kurtosis_of_three_values_is_the_same_whatever_they_are_and_of_four_is_not(rng):
    for n, differs in ((FEWEST - 1, False), (FEWEST, True)):
        square = about_their_mean(rng.standard_t(3, size=(50, n))) ** 2
        kurtosis = n * (square**2).sum(axis=1) / square.sum(axis=1) ** 2
        assert (np.ptp(kurtosis) > 1e-9) == differs


def test_four_values_each_of_many_series_tell_heavy_tails_from_none(rng):
    heavy, normal = rng.standard_t(3, size=(2000, FEWEST)), rng.normal(size=(2000, FEWEST))
    everywhere = np.ones(heavy.shape, dtype=bool)
    assert degrees_of_freedom(about_their_mean(heavy), everywhere) < 6
    assert degrees_of_freedom(about_their_mean(normal), everywhere) == np.inf


def test_where_series_are_too_short_to_tell_their_tails_are_the_usual_ones(rng):
    X = rng.normal(size=(300, FEWEST + 1))  # the two newest periods are tested
    assert law_of(X, np.arange(FEWEST + 1.0), ANNUAL, 0) == USUAL
    X = rng.normal(size=(300, FEWEST + 2))
    assert law_of(X, np.arange(FEWEST + 2.0), ANNUAL, 0) != USUAL
    assert law_of(np.full((300, 9), np.nan), np.arange(9.0), ANNUAL, 0) == USUAL
    assert law_of(np.ones((300, 9)), np.arange(9.0), ANNUAL, 0) == USUAL
