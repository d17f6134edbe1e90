"""The cumulative sum against qcc and spc, what chance does to it, and as properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.utils.estimator_checks import parametrize_with_checks

from control_references import (
    Agreement,
    agreement,
    as_rows,
    extremes,
    pistonrings,
    read,
    with_memory,
)
from earlywarning.errors import UsageError
from earlywarning.models.control.cusum import Cusum, cusum, cusum_arl, cusum_chart
from earlywarning.models.control.cusum_null import cusum_at, cusum_tail, normal_tails

CONDITION = 32 * np.finfo(float).eps  # a rounding error grows by the run length
STEADY = 600  # steps; the distribution has settled long before
DERIVED = 3e-6  # the reference is a recursion over 4,000 cells: it differs by so much from ours
N_SERIES = 100_000


def qcc():
    table = read("qcc_pistonrings_cusum_ewma.csv")
    X, centre, sigma = pistonrings()
    chart = cusum_chart(X, centre=centre, sigma=sigma)
    theirs = table[["cusum_pos", "cusum_neg"]].to_numpy().T
    scale = np.abs(X).max() / sigma  # digits are lost in taking the centre from values near it
    return agreement("qcc, piston rings, CUSUM", [*chart.high, *-chart.low], theirs, size=scale)


def null_tails():
    found = []
    for (allowance, step), table in read("cusum_null_tail.csv").groupby(["k", "t"]):
        n = STEADY if step == "steady" else int(step)
        sums = table["c"].to_numpy(dtype=float)
        apart = np.abs(normal_tails(allowance, n, sums)[-1] - table["prob_S_gt_c"])
        name = f"CUSUM null tail, allowance {allowance}, step {step}"
        found.append(Agreement(name, sums.size, apart.max(), apart.max() / DERIVED))
    return found


def run_lengths():
    table = read("spc_cusum_arl.csv")
    rows = table[["k", "h", "mu"]].to_numpy(dtype=float)
    found = []
    for sides in ("one", "two"):
        ours = np.array([cusum_arl(*row, sides=sides) for row in rows])
        theirs = table[f"arl_{sides}sided"].to_numpy()
        apart = np.abs(ours - theirs)
        worst = (apart / (CONDITION * theirs**2)).max()
        name = f"spc, CUSUM average run lengths, {sides}-sided"
        found.append(Agreement(name, theirs.size, apart.max(), worst))
    return found


def agreements():
    return as_rows([qcc(), *null_tails(), *run_lengths()])


def test_the_sums_of_qcc_are_reproduced(shared):
    found = qcc()
    assert found.n_values == 80
    assert found.largest < 1e-10
    assert found.worst <= 1


def test_the_null_tail_is_that_of_a_recursion_over_cells(shared):
    found = null_tails()
    assert sum(one.n_values for one in found) == 126
    assert max(one.worst for one in found) <= 1


def test_every_run_length_of_spc_is_reproduced_as_far_as_double_precision_goes(shared):
    found = run_lengths()
    assert [one.n_values for one in found] == [160, 160]
    assert max(one.worst for one in found) <= 1


def test_after_one_value_the_tail_is_that_of_a_normal_value():
    sums = np.array([0.0, 0.5, 2.0, 6.0])
    assert_allclose(normal_tails(0.5, 1, sums)[0], norm.sf(sums + 0.5), rtol=1e-13)


def test_in_the_long_run_the_tail_falls_by_twice_the_allowance():
    sums = np.array([4.0, 5.0, 6.0])
    for allowance in (0.25, 0.5, 1.0):
        tail = normal_tails(allowance, STEADY, sums)[-1]
        assert_allclose(np.diff(np.log(tail)), -2 * allowance, rtol=0.003)


@pytest.mark.parametrize("allowance", [-1.0, 0.0, 0.7])
def test_the_tail_is_that_of_simulated_sums(allowance, rng):
    now = np.zeros(200_000)
    for _ in range(6):
        now = np.maximum(0.0, now + rng.normal(size=now.size) - allowance)
    sums = np.array([0.0, 1.0, 3.0, 5.0])
    seen = (now[:, None] > sums).mean(axis=0)
    error = np.sqrt(seen * (1 - seen) / now.size)
    assert (np.abs(normal_tails(allowance, 6, sums)[-1] - seen) < 4 * error + 1e-6).all()


@given(
    sums=arrays(float, 12, elements=st.floats(0, 60)),
    step=st.integers(1, 25),
    n_baseline=st.sampled_from([0, 4, 8, 30]),
)
@settings(max_examples=60)
def test_a_larger_sum_is_less_likely(sums, step, n_baseline):
    sums = np.sort(sums)
    p = cusum_tail(sums, np.full(12, step), allowance=0.5, n_baseline=n_baseline)
    assert (np.diff(p) <= 1e-12).all()
    assert ((p > 0) & (p <= 1)).all()
    assert (p[sums == 0] == 1).all()


def test_what_is_kept_between_levels_is_what_is_computed_there():
    """Sums between those tabled, against the recursion itself: to 5 digits."""
    sums = np.linspace(0.01, 6, 71)
    for step in (1, 5, 20):
        exact = normal_tails(0.5, step, sums)[-1]
        found = cusum_tail(sums, np.full(71, step), allowance=0.5)
        assert_allclose(found, exact, rtol=1e-5)


@pytest.mark.parametrize("n_baseline", [4, 8, 20])
@pytest.mark.parametrize("allowance", [0.25, 0.5, 2.0])
def test_a_short_baseline_is_averaged_over_finely_enough(n_baseline, allowance):
    """After one value the average is known: Student's t of the value less the baseline's mean."""
    sums = np.array([0.5, 2.0, 4.0, 8.0])
    one = np.ones(4, dtype=int)
    found = cusum_tail(sums, one, allowance=allowance, n_baseline=n_baseline)
    t = (sums + allowance) / np.sqrt(1 + 1 / n_baseline)
    assert_allclose(found, student.sf(t, n_baseline - 1), rtol=1e-4)


@given(p=arrays(float, 8, elements=st.floats(1e-12, 1.0)), step=st.integers(1, 12))
@settings(max_examples=40)
def test_the_sum_of_a_chance_is_the_inverse_of_the_chance_of_a_sum(p, step):
    steps = np.full(8, step)
    sums = cusum_at(p, steps, allowance=0.5)
    again = cusum_tail(sums, steps, allowance=0.5)
    positive = sums > 1e-6
    assert_allclose(again[positive], p[positive], rtol=1e-3)
    least = normal_tails(0.5, step, np.zeros(1))[-1, 0]
    assert (p[~positive] >= 0.999 * least).all()


@pytest.mark.parametrize("n_baseline", [8, 12, 20])
def test_a_healthy_series_has_a_small_p_as_often_as_it_says(n_baseline, rng):
    """Baselines of 8, 12 and 20, at the 1st, 3rd and 8th value after: all within 10%."""
    chart = cusum_chart(rng.normal(50, 4, size=(N_SERIES, n_baseline + 8)), baseline=n_baseline)
    for period in (n_baseline, n_baseline + 2, n_baseline + 7):
        for p in (chart.above[:, period], chart.below[:, period]):
            assert 0.9 < (p <= 0.01).mean() / 0.01 < 1.1
            assert 0.9 < (p <= 0.05).mean() / 0.05 < 1.1
        both = 2 * np.minimum(chart.above, chart.below)[:, period]
        assert 0.9 < (both <= 0.05).mean() / 0.05 < 1.1


def test_taking_a_short_baseline_for_the_truth_would_signal_too_often(rng):
    """Eight values of baseline, the normal null: seven times too often at 1% after 8 values."""
    chart = cusum_chart(rng.normal(size=(20_000, 16)), baseline=8)
    naive = cusum_tail(chart.high[:, -1], chart.step[:, -1], allowance=0.5)
    assert (naive <= 0.01).mean() > 0.05


def test_noise_with_memory_has_a_small_p_seven_times_as_often_as_it_says(rng):
    """A memory of 0.5, a baseline of 12, eight values on: the page warns of it."""
    above = cusum_chart(with_memory(rng, (50_000, 20), 0.5), baseline=12).above[:, -1]
    assert 0.06 < (above <= 0.01).mean() < 0.085


def test_a_small_lasting_shift_is_found(rng):
    X = rng.normal(size=(4000, 20)) + (np.arange(20) >= 12)
    found = (cusum_chart(X, baseline=12).above[:, -1] < 0.05).mean()
    newest = (cusum_chart(X[:, np.r_[:12, 19]], baseline=12).above[:, -1] < 0.05).mean()
    assert found > 0.5
    assert newest < 0.27


amounts = st.one_of(st.just(np.nan), st.integers(-20, 20).map(float))
panels = arrays(float, (3, 14), elements=amounts)


@given(X=panels, allowance=st.sampled_from([0.25, 0.5, 2.0]))
@settings(max_examples=60)
def test_sums_are_added_up_over_the_published_values(X, allowance):
    high, low = cusum(X, allowance=allowance)
    for i, row in enumerate(X):
        up = down = 0.0
        for t, z in enumerate(row):
            if np.isnan(z):
                assert np.isnan([high[i, t], low[i, t]]).all()
                continue
            up, down = max(0.0, up + z - allowance), max(0.0, down - z - allowance)
            assert_allclose([high[i, t], low[i, t]], [up, down])


@given(X=panels, shift=st.integers(-100, 100), scale=st.sampled_from([0.5, 3.0, 1024.0]))
@settings(max_examples=30)
def test_level_and_unit_of_a_metric_change_no_p(X, shift, scale):
    plain, moved = (cusum_chart(Y, baseline=5) for Y in (X, scale * X + shift))
    close = np.isfinite(plain.high) & (plain.high > 1e-9)
    assert_allclose(moved.above[close], plain.above[close], atol=1e-7)
    assert_array_equal(moved.status, plain.status)


@given(X=panels)
@settings(max_examples=30)
def test_the_other_way_up_the_sides_change_places_exactly(X):
    plain, flipped = (cusum_chart(Y, baseline=5) for Y in (X, -X))
    assert_array_equal(flipped.above, plain.below)
    assert_array_equal(flipped.high, plain.low)


@given(X=panels, later=arrays(float, (3, 4), elements=amounts))
@settings(max_examples=30)
def test_later_periods_change_no_earlier_p(X, later):
    whole = np.isfinite(X).sum(axis=1) >= 5
    before, after = cusum_chart(X, baseline=5), cusum_chart(np.hstack([X, later]), baseline=5)
    assert_array_equal(after.above[whole, :14], before.above[whole])
    assert_array_equal(after.high[whole, :14], before.high[whole])


@pytest.mark.parametrize("shape", [(0, 8), (3, 0), (1, 1)])
def test_next_to_nothing_can_be_charted(shape):
    for options in ({"baseline": 4}, {"centre": 0.0, "sigma": 1.0}):
        chart = cusum_chart(np.ones(shape), **options)
        assert chart.high.shape == chart.above.shape == shape


def test_a_chart_sums_what_exceeds_its_own_allowance(rng):
    X = rng.normal(size=(3, 12))
    chart = cusum_chart(X, centre=0.0, sigma=1.0, allowance=1.0)
    high, low = cusum(X, allowance=1.0)
    assert_allclose(chart.high, high)
    assert_allclose(chart.low, low)


def test_a_series_that_cannot_be_charted_says_why():
    X = [[0.1] * 8, [np.nan] * 8, [1.0, 2, 1, 2, 1, 2, 1, 2]]
    chart = cusum_chart(X, baseline=5)
    assert chart.status.tolist() == ["constant", "too few values", "ok"]
    assert np.isnan(chart.above[:2]).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cusum_chart(np.ones((1, 9)), baseline=5, allowance=0.0), "both are above 0"),
        (lambda: cusum(np.ones((1, 9)), allowance=-1.0), "both are above 0"),
        (lambda: cusum_arl(0.5, 0.0), "both are above 0"),
        (lambda: cusum_arl(0.5, 4.0, sides="both"), "'one' or 'two'"),
        (lambda: cusum_chart(np.ones((1, 9))), "both a centre and a sigma"),
        (lambda: cusum(np.ones(9)), "Z has 1 dimensions"),
        (lambda: Cusum(decision=0.0).fit(np.ones((2, 9))), "both are above 0"),
    ],
)
def test_what_is_no_option_is_refused_in_words(call, words):
    with pytest.raises(UsageError, match=words):
        call()


def test_very_large_and_very_small_values_have_a_p(rng):
    chart = cusum_chart(extremes(rng), baseline=4)
    p = chart.above[np.isfinite(chart.high)]
    assert p.size
    assert ((p > 0) & (p <= 1)).all()


def test_the_score_is_one_at_the_decision_and_signed_by_the_larger_sum():
    X = np.array([[1.5, 2.5, 2.5, -1.0], [-1.5, -2.5, -2.5, 1.0]])
    estimator = Cusum(baseline=None, centre=0.0, sigma=1.0, decision=5.0)
    score = estimator.fit_transform(X)
    assert_allclose(score[0], [0.2, 0.6, 1.0, 0.7])
    assert_array_equal(score[1], -score[0])


def test_with_a_baseline_the_score_passes_one_as_seldom_as_with_the_truth_known(rng):
    """A decision of 1 is passed at the 8th value with chance 0.17, on each side."""
    X = rng.normal(size=(40_000, 16))
    score = Cusum(decision=1.0).fit_transform(X)[:, -1]
    chance = normal_tails(0.5, 8, np.ones(1))[-1, 0]
    assert 0.95 < (score > 1).mean() / chance < 1.05
    assert 0.95 < (score < -1).mean() / chance < 1.05


@parametrize_with_checks([Cusum()])
def test_scikit_learn_contract(estimator, check):
    check(estimator)
