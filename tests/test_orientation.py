"""Scales: there and back again, in order, the right way up, and no value lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.models.orientation import SHARE_MARGIN, Orientation, as_oriented

SIZES = {
    "identity": st.floats(-1e9, 1e9),
    "log": st.floats(1e-6, 1e9),
    "logit": st.floats(0, 100),
    "asinh": st.floats(-1e9, 1e9),
}
signs = st.sampled_from([1, -1])


@st.composite
def oriented(draw):
    """Draw an orientation, and values it fits."""
    transform = draw(st.sampled_from(sorted(SIZES)))
    size = draw(st.floats(0.01, 1e6)) if transform == "asinh" else 1.0
    values = draw(arrays(float, st.integers(2, 12), elements=SIZES[transform]))
    return Orientation(transform, draw(signs), whole=100.0, size=size), values


@given(oriented())
def test_values_come_back_as_they_were(drawn):
    orientation, values = drawn
    back = orientation.back(orientation.forward(values))
    assert_allclose(back, values, rtol=1e-9, atol=1e-9 * orientation.size)


@given(oriented())
def test_a_worse_value_is_never_lower_on_the_scale(drawn):
    orientation, values = drawn
    x = orientation.forward(values[np.argsort(orientation.sign * values)])
    assert (np.diff(x) >= 0).all()


@given(oriented())
def test_what_is_better_when_higher_is_the_mirror_image(drawn):
    orientation, values = drawn
    mirrored = Orientation(
        orientation.transform, -orientation.sign, orientation.whole, orientation.size
    )
    x = orientation.forward(values)
    assert_array_equal(mirrored.forward(values), -x)
    assert_array_equal(mirrored.back(-x), orientation.back(x))


@given(oriented())
def test_a_gap_stays_a_gap_and_touches_no_other_value(drawn):
    orientation, values = drawn
    gappy = values.copy()
    gappy[0] = np.nan
    before = gappy.copy()
    x = orientation.forward(gappy)
    assert np.isnan(x[0])
    assert np.isnan(orientation.back(x)[0])
    assert_array_equal(x[1:], orientation.forward(values)[1:])
    assert_array_equal(gappy, before)


@pytest.mark.parametrize("transform", SIZES)
def test_every_scale_is_strictly_rising_over_what_it_is_for(transform):
    grid = {"logit": np.linspace(0, 100, 1001), "log": np.geomspace(1e-6, 1e9, 1001)}
    values = grid.get(transform, np.linspace(-1e6, 1e6, 1001))
    assert (np.diff(Orientation(transform, whole=100.0).forward(values)) > 0).all()


def test_scales_are_what_their_names_say():
    values = np.array([12.0, 60.0])
    assert_allclose(Orientation("log").forward(values), np.log(values))
    assert_allclose(Orientation("asinh", size=6.0).forward(values), np.arcsinh([2, 10]))
    share = (values / 100 + SHARE_MARGIN) / (1 + 2 * SHARE_MARGIN)
    logit = Orientation("logit", whole=100.0).forward(values)
    assert_allclose(logit, np.log(share / (1 - share)))


def test_none_and_all_are_drawn_in_by_half_a_case_where_the_denominator_is_known():
    share = Orientation("logit")
    nothing, everything = share.forward(np.array([0.0, 1.0]), np.array([50.0, 50.0]))
    assert_allclose([nothing, everything], [np.log(0.5 / 50.5), -np.log(0.5 / 50.5)])


@given(st.floats(0, 1), st.integers(1, 500))
def test_a_share_comes_back_with_the_denominator_it_went_with(value, cases):
    share, of = Orientation("logit", sign=-1), np.array([float(cases)])
    there = share.forward(np.array([value]), of)
    assert_allclose(share.back(there, of), [value], atol=1e-9)


def test_a_missing_or_empty_denominator_still_gives_a_number():
    x = Orientation("logit").forward(np.array([0.0, 0.0, 1.0]), np.array([np.nan, 0.0, 0.0]))
    assert np.isfinite(x).all()
    assert_allclose(x[0], Orientation("logit").forward(np.array([0.0]))[0])


@given(st.floats(-50, 50))
def test_a_limit_of_a_share_never_leaves_it(x):
    assert 0 <= Orientation("logit", whole=100.0).back(np.array([x]))[0] <= 100


@pytest.mark.parametrize(
    ("values", "transform", "unit"),
    [
        ([0.0, 5.0], "log", "count"),
        ([-3.0, 5.0], "log", "pounds"),
        ([50.0, 101.0], "logit", "percent"),
        ([0.5, 1.2], "logit", "share"),
        ([-0.1, 0.2], "logit", "share"),
    ],
)
def test_a_scale_that_values_do_not_fit_gives_way_to_one_that_takes_any(values, transform, unit):
    found = as_oriented(np.array([*values, np.nan]), transform, unit, "worse")
    assert found.transform == "asinh"
    assert np.isfinite(found.forward(np.array(values))).all()


@pytest.mark.parametrize(
    ("values", "transform", "unit"),
    [([0.1, 5.0], "log", "count"), ([0.0, 100.0], "logit", "percent"), ([0, 1], "logit", "share")],
)
def test_a_scale_that_values_fit_is_kept(values, transform, unit):
    found = as_oriented(np.array(values, dtype=float), transform, unit, "worse")
    assert found.transform == transform
    assert found.whole == (100.0 if unit == "percent" else 1.0)


@pytest.mark.parametrize(("higher_is", "sign"), [("worse", 1), ("better", -1), ("context", 1)])
def test_only_better_turns_a_metric_over(higher_is, sign):
    assert as_oriented(np.array([1.0, 2.0]), "identity", "count", higher_is).sign == sign


def test_small_for_asinh_is_the_lower_quartile_of_what_is_not_zero():
    values = np.array([0.0, 0.0, -4.0, 8.0, -12.0, 16.0, 20.0, np.nan])
    assert as_oriented(values, "asinh", "pounds", "worse").size == 8.0
    assert as_oriented(np.zeros(3), "asinh", "pounds", "worse").size == 1.0
    assert as_oriented(np.full(3, np.nan), "asinh", "pounds", "worse").size == 1.0
