"""Is a release called rough only where everybody moved more than before, and by how much?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy.special import ndtr

from earlywarning.models.roughness import BY_CHANGES, ERROR, FEWEST, roughness
from earlywarning.models.structural import contrasts, learn_and_judge

LAST, STEP, DRIFT = range(3)
AUTHORITIES = 317
DEVLIN_ROEDER = 0.456  # the median of a chi-square with 1 degree of freedom, as they print it


def tails_of(z):
    return ndtr(-np.abs(z))


def rough(z):
    tails = tails_of(z)
    return roughness(tails, tails)


def judged(X, groups=None):
    groups = np.zeros(len(X), dtype=int) if groups is None else groups
    return learn_and_judge(X, np.arange(float(X.shape[1])), groups)


def rough_release(rng, n=AUTHORITIES, n_periods=12, times=3.0):
    """Return noise that is so many times as large in the newest period, for everybody."""
    X = rng.normal(size=(n, n_periods))
    X[:, -1] *= times
    return X


def test_the_square_is_genomic_control_less_chance_and_changes(rng):
    """Devlin and Roeder (1999): the median of the others' squares over that of their law."""
    z = 3 * rng.normal(size=(101, 1))
    others = np.array([np.median(np.delete(z[:, 0], row) ** 2) for row in range(len(z))])
    allowed = (1 + ERROR / 10) * BY_CHANGES
    # The median tail of an even number is between two tails, not between two squares.
    assert_allclose((rough(z)[:, 0] * allowed) ** 2, others / DEVLIN_ROEDER, rtol=0.01)


def test_the_standard_error_of_the_middle_is_that_of_many_releases(rng):
    middle = np.median(np.abs(rng.normal(size=(AUTHORITIES, 20_000))), axis=0)
    assert_allclose(middle.std() / middle.mean() * np.sqrt(AUTHORITIES), ERROR, rtol=0.03)


@pytest.mark.parametrize("changed", [0, 0.05, 0.15])
def test_changes_in_some_authorities_make_no_release_rough(changed, rng):
    z = rng.normal(size=(AUTHORITIES, 2000))
    z[: round(changed * AUTHORITIES)] = 10.0
    assert (rough(z)[-1] > 1).mean() < (0.005 if changed < 0.1 else 0.2)
    assert rough(z).max() < 1.2


def test_what_everybody_does_in_a_way_of_their_own_makes_it_rough(rng):
    allowed = (1 + ERROR / np.sqrt(AUTHORITIES - 1)) * BY_CHANGES
    found = rough(3 * rng.normal(size=(AUTHORITIES, 500)))
    assert_allclose(found.mean(), 3 / allowed, rtol=0.02)


@given(
    z=arrays(float, (FEWEST + 5, 3), elements=st.floats(-40, 40)),
    own=st.floats(-40, 40),
    row=st.integers(0, FEWEST + 4),
)
def test_nobody_has_a_part_in_the_factor_of_their_own(z, own, row):
    other = z.copy()
    other[row] = own
    assert_allclose(rough(other)[row], rough(z)[row])
    stranger = np.full((1, 3), np.nan)
    assert_allclose(roughness(stranger, np.delete(tails_of(z), row, axis=0))[0], rough(z)[row])


@given(z=arrays(float, (FEWEST + 5, 3), elements=st.floats(-40, 40) | st.just(np.nan)))
def test_it_is_finite_and_one_at_the_least_whatever_comes_in(z):
    assert np.isfinite(rough(z)).all()
    assert (rough(z) >= 1).all()
    assert_allclose(rough(-z), rough(z))
    assert_allclose(rough(z[::-1])[::-1], rough(z))


def test_of_few_others_nothing_is_said():
    assert (rough(np.full((FEWEST, 1), 9.0)) == 1).all()
    assert (rough(np.full((FEWEST + 1, 1), 9.0)) > 1).all()
    assert roughness(np.empty((0, 3)), np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("n_periods", [8, 12, 20])
def test_a_rough_release_calls_few_where_it_would_have_called_many(n_periods, rng):
    """At three times the noise a normal law has 22% beyond its 1%, on one side."""
    p = np.concatenate(
        [judged(rough_release(rng, n_periods=n_periods))[1].above[:, LAST] for _ in range(20)]
    )
    assert (p < 0.01).mean() < 0.06


def test_a_change_that_stands_out_of_a_rough_release_is_still_found(rng):
    X = rough_release(rng)
    X[17, -1] = 20.0
    assert judged(X)[1].above[:, LAST].argmin() == 17
    assert judged(X)[1].above[17, LAST] < 1e-3


def test_limits_and_p_of_a_rough_release_come_from_the_same_law(rng):
    found = judged(rough_release(rng))[1]
    outside = np.abs(found.value - found.expected) > found.half_width(0.9)
    smaller = np.minimum(found.above, found.below)
    assert (outside[:, LAST] == (smaller[:, LAST] < 0.05)).all()


def test_each_contrast_is_as_rough_as_what_it_tests(rng):
    smooth, X = judged(rng.normal(size=(AUTHORITIES, 12)))[0], rng.normal(size=(AUTHORITIES, 12))
    assert (roughness(smooth.tails, smooth.tails) == 1).all()
    X[:, -2] *= 3
    fit = judged(X)[0]
    factors = roughness(fit.tails, fit.tails)
    assert (factors[:, STEP] > 1.2).all()
    assert (factors[:, LAST] == 1).all()


def test_judged_by_what_was_learnt_a_rough_release_is_as_rough(rng):
    X, groups = rough_release(rng), np.arange(AUTHORITIES) % 3
    X[rng.random(X.shape) < 0.1] = np.nan
    fit, found = judged(X, groups)
    again = contrasts(X, groups, fit, fitted=np.arange(AUTHORITIES))
    for name in ("above", "below", "spread", "error"):
        assert_allclose(getattr(again, name), getattr(found, name), rtol=1e-9)


def test_how_far_out_somebody_is_has_no_part_in_their_own_limits(rng):
    X, groups = rough_release(rng, n=60), np.zeros(60, dtype=int)
    spreads = []
    for far in (10.0, 50.0):
        X[5, -1] = far
        fit, found = judged(X, groups)
        again = contrasts(X[5:6], groups[:1], fit, fitted=np.array([5]))
        assert_allclose(again.spread, found.spread[5:6], rtol=1e-9)
        spreads.append(again.spread)
    assert roughness(fit.tails, fit.tails)[5, LAST] > 1.2
    assert_allclose(*spreads, rtol=1e-9)


def test_who_lacks_the_newest_period_but_one_has_one_contrast_twice(rng):
    X = rough_release(rng)
    X[:9, -2] = np.nan
    found = judged(X)[1]
    assert (found.spread[:9, STEP] == found.spread[:9, LAST]).all()
    assert (found.above[:9, STEP] == found.above[:9, LAST]).all()
