"""The five-point trend marker, against Fingertips' own test cases and simulated authorities."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, ndtri
from scipy.stats import chi2

from earlywarning.errors import UsageError
from earlywarning.models.trends.five_points import LEVEL, TrendMarker, count_trend, value_trend

WORDS = {"Increasing": "increasing", "Decreasing": "decreasing", "NoChange": "no change"}
NUMBERS = [
    "cochran_armitage_chi2_last5",
    "wls_slope_per_period",
    "wls_chi2",
    "leave_one_out_sign_stable",
]


def wilson_half_width(y, n):
    z, p = ndtri(0.975), y / n
    return z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)


def both_markers(case):
    """Return the marker by counts, and by values in per cent with their published limits."""
    y, n = case["count"].to_numpy(), case["denominator"].to_numpy()
    half = 100 * wilson_half_width(y, n)
    published = case["upper95"].notna().to_numpy()
    half = np.where(published, (case["upper95"] - case["lower95"]) / 2, half)
    by_count = count_trend(y[None], n[None], noise="stated")
    return by_count, value_trend(100 * (y / n)[None], half[None] / 1.96, noise="stated")


def compared(shared):
    """Yield each reference case: what it says, and both markers."""
    inputs = pd.read_csv(shared / "oracles" / "fingertips_trend_inputs.csv")
    reference = pd.read_csv(shared / "oracles" / "fingertips_trend_reference.csv")
    cases = dict(list(inputs.groupby("case")))
    for _, row in reference.iterrows():
        yield row, *both_markers(cases[row["case"]])


def agreements(shared):
    """Return (reference, values compared, largest difference) for the table of agreements."""
    asserted, worst, n = 0, 0.0, 0
    for row, by_count, by_value in compared(shared):
        found = [by_count.chi2[0], by_value.slope[0], by_value.chi2[0], by_value.steady[0]]
        expected = row[NUMBERS].to_numpy(dtype=float)
        worst = max(worst, float(np.max(np.abs(found - expected) / np.maximum(1, expected))))
        n += len(expected)
        known = row["marker_asserted_in_PHE_unit_test"]
        if isinstance(known, str):
            asserted += by_count.marker[0] == by_value.marker[0] == WORDS[known]
    missed = float(7 - asserted)
    return [("Fingertips, trend markers", 7, missed), ("Fingertips, trend statistics", n, worst)]


def test_all_seven_markers_of_fingertips_are_reproduced(shared):
    """By the proportions' own test and by the weighted line with published limits, both."""
    assert agreements(shared)[0][1:] == (7, 0.0)


def test_the_statistics_behind_them_are_reproduced_to_the_digits_that_mean_something(shared):
    """16 digits are printed of sums with cancellation; ours and theirs round differently."""
    _, n, worst = agreements(shared)[1]
    assert n == 32
    assert worst < 5e-14


def authorities(rng, n, sd, law="binomial", slope=0.0):
    """Return counts and denominators of authorities whose years vary by `sd` (logits or logs)."""
    size = np.round(3000 * np.exp(rng.normal(size=(n, 1)))) + 50
    off = 0.2 * rng.normal(size=(n, 1)) + sd * rng.normal(size=(n, 5)) + slope * np.arange(5)
    if law == "binomial":
        return rng.binomial(size.astype(int), expit(off - 1.4)).astype(float), size * np.ones(5)
    return rng.poisson(size * np.exp(off - 4)).astype(float), size * np.ones(5)


def alarms(marker: TrendMarker):
    return np.isin(marker.marker, ["increasing", "decreasing"]).mean()


@pytest.mark.slow
@pytest.mark.parametrize(("n", "repeats"), [(1, 3_000), (10, 800), (150, 150)])
@pytest.mark.parametrize("law", ["binomial", "poisson"])
def test_years_that_vary_more_than_counts_make_no_more_trends_than_asked_for(n, repeats, law, rng):
    """0.2% is what the marker promises; a lone authority is judged with more caution."""
    plain, ours, p = [], [], []
    for _ in range(repeats):
        counts, of = authorities(rng, n, 0.1, law)
        plain.append(alarms(count_trend(counts, of, law=law, noise="stated")))
        found = count_trend(counts, of, law=law)
        ours.append(alarms(found))
        p.append(found.above)
    assert np.mean(plain) > 0.01  # 5 times what it promises and more
    assert np.mean(ours) <= 0.0035
    assert (0.03 if n > 1 else 0.01) <= (np.concatenate(p) <= 0.05).mean() <= 0.057
    assert (np.concatenate(p) <= 0.01).mean() <= 0.0135


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 10, 150])
def test_counts_without_more_variation_are_called_no_oftener_than_stated(n, rng):
    """One alone cannot show that its years vary no more: it is hardly ever called."""
    found = [count_trend(*authorities(rng, n, 0.0)).above for _ in range(max(3_000 // n, 60))]
    size = (np.concatenate(found) <= 0.05).mean()
    assert (0.02 if n > 1 else 0.001) < size < 0.055


@pytest.mark.slow
def test_authorities_that_differ_in_how_noisy_they_are_are_allowed_for(rng):
    """Half of them three times as noisy as the others."""
    ours, p = [], []
    for _ in range(150):
        sd = np.where(np.arange(150)[:, None] < 75, 0.05, 0.15)
        found = count_trend(*authorities(rng, 150, sd))
        ours.append(alarms(found))
        p.append(found.above)
    assert np.mean(ours) <= 0.003
    assert (np.concatenate(p) <= 0.05).mean() <= 0.06


@pytest.mark.slow
def test_a_trend_that_stands_out_from_the_years_is_found(rng):
    counts, of = authorities(rng, 2000, 0.05, slope=0.1)
    found = count_trend(counts, of)
    assert (found.marker == "increasing").mean() > 0.6
    assert (found.marker == "decreasing").sum() == 0


def test_the_variance_between_periods_is_found_again(rng):
    assert_allclose(count_trend(*authorities(rng, 600, 0.12)).extra, 0.12, rtol=0.05)
    assert_allclose(
        count_trend(*authorities(rng, 600, 0.12, "poisson"), law="poisson").extra, 0.12, rtol=0.07
    )
    y = 50 + 3 * rng.normal(size=(600, 5))
    assert_allclose(value_trend(y, np.full(y.shape, 1.0)).extra, np.sqrt(8), rtol=0.05)
    assert value_trend(y, np.full(y.shape, 9.0)).extra == 0


def test_real_trends_do_not_count_as_variation(rng):
    flat = count_trend(*authorities(rng, 600, 0.1)).extra
    steep = count_trend(*authorities(rng, 600, 0.1, slope=0.15)).extra
    assert_allclose(steep, flat, rtol=0.1)


def test_without_more_variation_learnt_noise_is_little_more_than_stated(rng):
    counts, of = authorities(rng, 300, 0.0, slope=0.03)
    stated, learnt = (count_trend(counts, of, noise=noise) for noise in ("stated", "learnt"))
    assert learnt.extra < 0.02
    assert np.corrcoef(np.sqrt(stated.chi2), np.sqrt(learnt.chi2))[0, 1] > 0.98
    assert (learnt.chi2 <= stated.chi2 * (1 + 1e-9)).mean() > 0.99


@given(counts=st.lists(st.integers(0, 40), min_size=5, max_size=5), n=st.integers(40, 900))
def test_the_stated_test_is_the_chi_squared_test_for_trend(counts, n):
    """Armitage's formula, by sums, with equal denominators."""
    y, t = np.array(counts, dtype=float), np.arange(5.0)
    found = count_trend(y[None], np.full((1, 5), float(n)), noise="stated")
    total, all_n = y.sum(), 5.0 * n
    if total == 0 or total == all_n:
        assert np.isnan(found.chi2[0])
        assert found.marker[0] == "cannot be calculated"
        return
    top = all_n * (all_n * (y @ t) - total * n * t.sum()) ** 2
    bottom = total * (all_n - total) * (all_n * n * (t @ t) - (n * t.sum()) ** 2)
    assert_allclose(found.chi2[0], top / bottom, atol=1e-9)
    assert_allclose(found.p[0], chi2.sf(top / bottom, 1), atol=1e-9)


@pytest.mark.parametrize("noise", ["stated", "learnt"])
def test_events_and_non_events_are_two_sides_of_one_coin(noise, rng):
    counts, of = authorities(rng, 80, 0.08)
    up, down = count_trend(counts, of, noise=noise), count_trend(of - counts, of, noise=noise)
    assert_allclose(up.slope, -down.slope, atol=1e-12)
    assert_allclose(up.above, down.below, rtol=1e-6)
    assert_array_equal(up.steady, down.steady)
    turned = {"increasing": "decreasing", "decreasing": "increasing", "no change": "no change"}
    assert [turned[word] for word in up.marker] == down.marker.tolist()


@pytest.mark.parametrize("noise", ["stated", "learnt"])
def test_turned_upside_down_and_in_another_unit_values_have_the_same_p(noise, rng):
    y, se = rng.normal(50, 3, size=(60, 5)), rng.uniform(1, 2, size=(60, 5))
    plain, turned = value_trend(y, se, noise=noise), value_trend(7 - 4 * y, 4 * se, noise=noise)
    assert_allclose(plain.above, turned.below, rtol=1e-6)
    assert_allclose(turned.extra, 4 * plain.extra, rtol=1e-6)


@pytest.mark.parametrize("noise", ["stated", "learnt"])
def test_the_order_of_authorities_does_not_matter(noise, rng):
    counts, of = authorities(rng, 50, 0.1)
    order = rng.permutation(50)
    straight, shuffled = (count_trend(counts[i], of[i], noise=noise) for i in (slice(None), order))
    assert_allclose(shuffled.above, straight.above[order], rtol=1e-9)


def test_only_the_last_five_periods_count(rng):
    counts, of = authorities(rng, 20, 0.1)
    before = rng.integers(1, 40, size=(20, 3)).astype(float)
    longer = count_trend(np.hstack([before, counts]), np.hstack([before + 9, of]))
    assert_array_equal(longer.above, count_trend(counts, of).above)


def test_who_cannot_be_judged_is_said_and_changes_no_other(rng):
    counts, of = authorities(rng, 30, 0.1)
    alone = count_trend(counts[4:], of[4:])
    counts[0, 2], of[1, 4], counts[2] = np.nan, 0.0, 0.0
    counts[3] = of[3]
    found = count_trend(counts, of)
    assert (found.marker[:4] == "cannot be calculated").all()
    assert np.isnan(found.p[:4]).all()
    assert not found.steady[:2].any()
    assert_allclose(found.above[4:], alone.above)


def test_a_wild_value_is_no_trend(rng):
    """Whatever period it is in, leaving it out turns the slope round."""
    y = np.tile([10.0, 9.9, 9.8, 9.7, 30.0], (1, 1))
    found = value_trend(y, np.full((1, 5), 0.1), noise="stated")
    assert found.p[0] < LEVEL
    assert not found.steady[0]
    assert found.marker[0] == "no change"


def test_a_steady_rise_within_its_errors_is_no_trend():
    y = np.array([[50.0, 51.0, 52.0, 53.0, 54.0]] * 2)
    se = np.stack([np.full(5, 1.05), np.full(5, 1.0)])  # 3.01 and 3.16 standard errors
    found = value_trend(y, se, noise="stated")
    assert found.steady.all()
    assert found.marker.tolist() == ["no change", "increasing"]


def test_a_count_of_nothing_in_one_period_is_a_count():
    found = count_trend([[12, 9, 6, 3, 0]], [[500] * 5], noise="stated")
    assert found.steady[0]
    assert found.marker[0] == "decreasing"


def test_an_exact_line_is_not_surer_than_its_standard_errors():
    y, se = np.array([[50.0, 51.0, 52.0, 53.0, 54.0]]), np.full((1, 5), 4.0)
    assert value_trend(y, se).p[0] >= value_trend(y, se, noise="stated").p[0]


@pytest.mark.parametrize("noise", ["stated", "learnt"])
@pytest.mark.parametrize("shape", [(0, 6), (0, 0), (4, 0), (4, 4)])
def test_a_matrix_with_too_little_gives_no_marker(noise, shape):
    for found in (
        count_trend(np.ones(shape), np.full(shape, 9.0), noise=noise),
        value_trend(np.ones(shape), np.full(shape, 9.0), noise=noise),
    ):
        assert found.marker.tolist() == ["cannot be calculated"] * shape[0]
        assert np.isnan(found.above).all()
        assert found.extra == 0


@pytest.mark.parametrize("noise", ["stated", "learnt"])
def test_values_that_never_move_have_no_trend(noise):
    found = value_trend(np.full((3, 5), 7.0), np.full((3, 5), 0.5), noise=noise)
    assert_allclose(found.p, 1.0)
    assert found.marker.tolist() == ["no change"] * 3


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([[5.0] * 5], [[3.0] * 5]), {}, "counts above their denominator: 5; law='poisson'"),
        (([[-1.0] * 5], [[3.0] * 5]), {}, "below 0: 5"),
        (([[1.0] * 5], [[3.0] * 4]), {}, "must be alike"),
        (([[1.0] * 5], [[np.inf] * 5]), {}, "infinite"),
        (([[1.0] * 5], [[3.0] * 5]), {"law": "normal"}, "'binomial', 'poisson'"),
        (([[1.0] * 5], [[3.0] * 5]), {"noise": "none"}, "'stated', 'learnt'"),
    ],
)
def test_counts_that_cannot_be_are_refused_with_the_reason(arguments, options, message):
    with pytest.raises(UsageError, match=message):
        count_trend(*arguments, **options)


def test_a_standard_error_of_nothing_is_refused():
    with pytest.raises(UsageError, match="not above 0: 1"):
        value_trend([[1.0, 2.0, 3.0, 4.0, 5.0]], [[1.0, 1.0, 0.0, 1.0, 1.0]])


def test_rates_above_one_are_rates(rng):
    counts, of = authorities(rng, 40, 0.05, "poisson")
    found = count_trend(1000 * counts, of, law="poisson")
    assert np.isfinite(found.p).all()
