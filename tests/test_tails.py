"""Which series tell how heavy tails are, and what is left of them: against plain regressions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from earlywarning.models.bank import ANNUAL, Rhythm, bank_for, covariances, precision
from earlywarning.models.tails import ENOUGH, FEWEST, _fewest_gaps, residuals

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
