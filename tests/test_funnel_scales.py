"""Scales on which chance moves shares, rates and ratios equally far: there, back, and how far."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from earlywarning.errors import UsageError
from earlywarning.models.funnel.scales import (
    as_effects,
    as_steady_effects,
    back,
    forward,
    steady_back,
)

scales = st.sampled_from(["arcsine", "root", "log"])


@given(value=st.floats(0.01, 0.99), n=st.integers(1, 10_000), scale=scales)
def test_values_come_back_from_their_scale(value, n, scale):
    assert_allclose(back(forward(value, scale=scale), scale=scale), value, rtol=1e-9)
    found = as_effects(value * n, n, scale=scale)
    assert_allclose(back(found.value, scale=scale), value, rtol=1e-9)
    if scale != "log":
        steady = as_steady_effects(value * n, n, scale=scale)
        assert_allclose(steady_back(steady.value, n, scale=scale), value, rtol=1e-9)


@pytest.mark.parametrize("scale", ["arcsine", "root", "log", "log of counts"])
def test_the_stated_error_is_the_one_simulated(scale, rng):
    n, draws = 400.0, 200_000
    x = rng.binomial(400, 0.3, draws) if scale == "arcsine" else rng.poisson(n, draws)
    whole = np.full(draws, n) if scale != "log of counts" else rng.poisson(n, draws)
    found = as_effects(x, whole, scale=scale)
    assert_allclose(found.value.std(), found.error.mean(), rtol=0.01)


@pytest.mark.parametrize(
    ("x", "n", "scales"),
    [
        (np.nan, 10, "arl"), (3, np.nan, "arl"), (3, 0, "arl"), (3, -2, "arl"),
        (-1, 10, "arl"), (np.inf, 10, "arl"), (3, np.inf, "arl"), (11, 10, "a"), (0, 10, "l"),
    ],
)  # fmt: skip
def test_what_cannot_be_brought_to_a_scale_is_missing_there(x, n, scales):
    names = {"a": "arcsine", "r": "root", "l": "log"}
    for letter in scales:
        assert np.isnan(as_effects([x], [n], scale=names[letter])).all()


def test_an_unknown_scale_is_refused_with_those_that_are_known():
    with pytest.raises(UsageError, match="'arcsine', 'root', 'log', 'log of counts'"):
        as_effects([1.0], [2.0], scale="logit")
    with pytest.raises(UsageError, match="'arcsine' or 'root'"):
        as_steady_effects([1.0], [2.0], scale="log")
