"""How much authorities differ beside how they waver: by hand, and where the truth is known."""

import numpy as np
import pytest
from scipy.stats import chi2

from earlywarning.models.robust import MAD_TO_SIGMA
from earlywarning.models.signal_to_noise import signal_to_noise

ONE = {"kinds": np.zeros(3, dtype=int)}


def test_the_ratio_is_what_is_worked_out_by_hand():
    """Means 0, 10, 20: their MAD is 10. About a flat line 4 squares on 4 degrees of freedom."""
    waver = np.array([0.0, 1.0, -1.0, -1.0, 1.0, 0.0])
    noise = 4 / chi2.median(4)
    expected = ((10 * MAD_TO_SIGMA) ** 2 - noise / 6) / noise
    x = np.array([[0.0], [10.0], [20.0]]) + waver
    assert signal_to_noise(x, np.arange(6.0), **ONE) == pytest.approx(expected)


def test_three_values_are_just_enough_for_a_line_and_what_it_leaves():
    """About a line 6 squares on 1 degree of freedom; the line's slopes are 0."""
    x = np.array([[0.0], [10.0], [20.0]]) + np.array([1.0, -2.0, 1.0])
    noise = 6 / chi2.median(1)
    expected = ((10 * MAD_TO_SIGMA) ** 2 - noise / 3) / noise
    assert signal_to_noise(x, np.arange(3.0), fewest=1, **ONE) == pytest.approx(expected)
    assert np.isnan(signal_to_noise(x[:, :2], np.arange(2.0), fewest=1, **ONE))


@pytest.mark.parametrize("ratio", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_a_known_ratio_of_variances_is_found(ratio, gaps, rng):
    """Levels, trends and noise are normal; what is asked for is the variance of levels."""
    level = np.sqrt(ratio) * rng.normal(size=(4000, 1))
    slope = 0.1 * rng.normal(size=(4000, 1))
    times = np.arange(12.0)
    x = level + slope * (times - times.mean()) + rng.normal(size=(4000, 12))
    x[rng.random(x.shape) < gaps] = np.nan
    found = signal_to_noise(x, times, np.zeros(4000, dtype=int))
    assert found == pytest.approx(ratio, rel=0.15)


def test_differences_between_types_are_no_signal(rng):
    kinds = np.repeat([0, 1], 500)
    x = 100.0 * kinds[:, None] + rng.normal(size=(1000, 8))
    assert signal_to_noise(x, np.arange(8.0), kinds) < 0.1


def test_units_and_row_order_change_nothing(rng):
    x = rng.normal(size=(40, 1)) + rng.normal(size=(40, 9))
    kinds = rng.integers(0, 3, size=40)
    straight = signal_to_noise(x, np.arange(9.0), kinds)
    order = rng.permutation(40)
    assert signal_to_noise(-7 * x[order] + 3, np.arange(9.0), kinds[order]) == pytest.approx(
        straight
    )


@pytest.mark.parametrize(
    "x", [np.zeros((0, 6)), np.zeros((3, 0)), np.ones((3, 6)), np.full((3, 6), np.nan),
          np.arange(18.0).reshape(3, 6), np.ones((3, 4))],
)  # fmt: skip
def test_without_noise_or_long_enough_series_nothing_is_said(x):
    kinds = np.zeros(len(x), dtype=int)
    assert np.isnan(signal_to_noise(x, np.arange(float(x.shape[1])), kinds))
