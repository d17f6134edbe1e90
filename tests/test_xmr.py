"""Limits of individual values: against NHSRplotthedots, qcc and qicharts2, and as properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.utils.estimator_checks import parametrize_with_checks

from control_references import agreement, as_rows, extremes, read
from earlywarning.errors import UsageError
from earlywarning.models.control.limits import as_segments, in_baseline
from earlywarning.models.control.xmr import XmR, xmr_limits

BY_TABLE = 3 / 1.128  # the factor that qcc and qicharts2 use, not rounded to 2.66
CASES = 22
QUIRK = "constant"  # NHSRplotthedots gives NaN limits there


def lines(limits):
    return np.stack([limits.centre, limits.lower, limits.upper])


def of_case(table):
    """Return the limits of one case of NHSRplotthedots, with the options it was run with."""
    fix = table["fix"].iloc[0]
    return xmr_limits(
        table[["y"]].to_numpy().T,
        baseline=None if np.isnan(fix) else int(fix),
        moving_ranges="screened" if table["screen"].iloc[0] else "all",
        rebase=(table["rebase_group"].diff() > 0).to_numpy(),
    )


def plotthedots():
    cases = read("ptd_xmr_cases.csv").groupby("case", sort=False)
    assert cases.ngroups == CASES
    found = []
    for name, table in cases:
        theirs = table[["mean", "lpl", "upl"]].to_numpy().T
        ours = lines(of_case(table))[:, 0]
        if name == QUIRK:
            ours, theirs = ours[:1], theirs[:1]
        size = table["y"].abs().max()
        found.append(agreement(f"NHSRplotthedots 0.2.2, {name}", ours, theirs, size=size))
    return found


def individuals():
    """Return what qicharts2 and qcc draw: all moving ranges, and the factor of the table."""
    found = []
    charts = read("qicharts2_charts.csv")
    charts = charts[charts["chart"].isin(["i", "i_screened"])]
    for (data, chart), table in charts.groupby(["data", "chart"]):
        screening = "screened" if chart == "i_screened" else "all"
        ours = xmr_limits(
            table[["y"]].to_numpy().T, moving_ranges=screening, range_to_limit=BY_TABLE
        )
        theirs = table[["cl", "lcl", "ucl"]].to_numpy().T
        size = table["y"].max()
        found.append(agreement(f"qicharts2, {chart}, {data}", lines(ours)[:, 0], theirs, size=size))
    table = read("qicharts2_montgomery_ref_ex_6.5_3.csv")
    ours = xmr_limits(
        table[["y"]].to_numpy().T, baseline=20, moving_ranges="all", range_to_limit=BY_TABLE
    )
    theirs = table[["cl", "lcl", "ucl"]].to_numpy().T
    found.append(
        agreement("Montgomery, example 6.5 (qicharts2)", lines(ours)[:, 0], theirs, size=400)
    )
    return [*found, viscosity(), *of_the_rules()]


def viscosity():
    known = read("qcc_reference_values.csv").set_index(["chart", "stat"])["value"]
    known = known["viscosity_xbar.one"]
    X = read("qcc_data_viscosity.csv")[["viscosity"]].to_numpy().T
    n = int(known["n_calibration"])
    ours = xmr_limits(X, baseline=n, moving_ranges="all", range_to_limit=BY_TABLE)
    found = [ours.centre[0, -1], ours.sigma[0, -1], ours.lower[0, -1], ours.upper[0, -1]]
    theirs = known[["center", "std.dev", "lcl", "ucl"]].to_numpy()
    return agreement("qcc, viscosity", found, theirs, size=35)


def of_the_rules():
    """Return centre and standard deviation by which qcc applied its rules."""
    for series, table in read("qcc_rules_cases.csv").groupby("series"):
        y = table[["y"]].to_numpy().T
        ours = xmr_limits(y, moving_ranges="all", range_to_limit=BY_TABLE)
        theirs = table[["center", "sd"]].to_numpy().T
        found = np.vstack([ours.centre, ours.sigma])
        yield agreement(f"qcc, individuals, {series}", found, theirs, size=np.abs(y).max())


def agreements():
    return as_rows([*plotthedots(), *individuals()])


def test_the_limits_of_nhsrplotthedots_are_reproduced(shared):
    found = plotthedots()
    assert len(found) == CASES
    assert sum(one.n_values for one in found) == 3 * 617 + 10
    assert max(one.worst for one in found) <= 1


def test_the_limits_of_qcc_qicharts2_and_montgomery_are_reproduced(shared):
    found = individuals()
    assert len(found) == 4 + 1 + 1 + 3
    assert max(one.worst for one in found) <= 1


def test_the_published_example_of_screening():
    """NHSRplotthedots, vignette "Deviations from Excel defaults": the two charts' captions."""
    X = [[1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]]
    screened, every = xmr_limits(X), xmr_limits(X, moving_ranges="all")
    assert_allclose(lines(screened)[:, 0, 0], [1.94, -0.72, 4.60], atol=0.005)
    assert_allclose(lines(every)[:, 0, 0], [1.94, -3.06, 6.95], atol=0.005)


def test_limits_of_a_constant_series_are_its_value_and_never_missing():
    limits = xmr_limits(np.full((1, 10), 0.1))
    assert_array_equal(lines(limits), np.full((3, 1, 10), 0.1))
    assert set(limits.status.ravel()) == {"constant"}


def test_a_gap_is_neither_bridged_nor_filled():
    """The steps beside the gap, 0 to 100 among them, are no moving ranges."""
    X = np.array([[1.0, 2, 1, np.nan, 101, 102, 101]])
    limits = xmr_limits(X, moving_ranges="all")
    assert_allclose(limits.sigma[0], 2.66 / 3)
    assert_allclose(limits.centre[0], np.nanmean(X))
    assert (limits.n_values == 6).all()


def test_a_baseline_counts_published_values_and_nothing_later_moves_it():
    X = np.array([[1.0, np.nan, 2, 1, 3, 50, 60, 70]])
    limits = xmr_limits(X, baseline=4)
    assert_allclose(lines(limits), lines(xmr_limits(X[:, :5])).repeat(8, axis=2)[:, :, :8])
    assert (limits.n_values == 4).all()


@pytest.mark.parametrize(
    ("published", "baseline", "status"),
    [
        (12, None, "trial limits"),
        (13, None, "ok"),
        (12, 12, "trial limits"),
        (13, 12, "ok"),
        (30, 11, "trial limits"),
        (1, None, "too few values"),
    ],
)
def test_limits_are_on_trial_below_thirteen_points(published, baseline, status):
    X = np.full((1, 40), np.nan)
    X[0, 5 : 5 + published] = np.arange(published) % 3
    assert set(xmr_limits(X, baseline=baseline).status.ravel()) == {status}


def test_limits_begin_anew_only_where_they_are_told_to(rng):
    X = np.hstack([rng.normal(size=(3, 15)), rng.normal(9, 1, size=(3, 15))])
    rebase = np.zeros(X.shape, dtype=bool)
    rebase[1, 15] = True
    limits = xmr_limits(X, rebase=rebase)
    halves = [xmr_limits(X[1:2, :15]), xmr_limits(X[1:2, 15:])]
    assert_allclose(lines(limits)[:, 1:2], np.concatenate([lines(h) for h in halves], axis=2))
    unmoved = xmr_limits(X)
    assert_array_equal(lines(limits)[:, [0, 2]], lines(unmoved)[:, [0, 2]])


@pytest.mark.parametrize(
    ("X", "options", "words"),
    [
        ([1.0, 2.0], {}, "dimensions"),
        ([[1.0, np.inf]], {}, "infinite"),
        ([[1.0, 1e200]], {}, "infinite"),
        ([[1.0, 2.0]], {"baseline": 1}, "2 or more"),
        ([[1.0, 2.0]], {"baseline": 2.5}, "2 or more"),
        ([[1.0, 2.0]], {"moving_ranges": "some"}, "'screened' or 'all'"),
        ([[1.0, 2.0]], {"rebase": [0, 1]}, "true or false"),
        ([[1.0, 2.0]], {"rebase": [True]}, "true or false"),
    ],
)
def test_what_cannot_be_charted_is_refused_in_words(X, options, words):
    with pytest.raises(UsageError, match=words):
        xmr_limits(X, **options)


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (0, 0), (1, 1), (2, 1)])
def test_next_to_nothing_has_no_limits(shape):
    limits = xmr_limits(np.ones(shape), baseline=12)
    assert limits.centre.shape == limits.status.shape == shape
    assert np.isnan(limits.centre).all()


def test_an_authority_without_values_has_no_limits_and_says_so():
    limits = xmr_limits(np.full((1, 6), np.nan))
    assert np.isnan(lines(limits)).all()
    assert set(limits.status.ravel()) == {"too few values"}


amounts = st.one_of(st.just(np.nan), st.integers(-50, 50).map(float))
matrices = arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=16), elements=amounts)


@given(X=matrices, baseline=st.one_of(st.none(), st.integers(2, 20)))
@settings(max_examples=60)
def test_each_series_has_the_limits_of_a_chart_of_its_own(X, baseline):
    """The rules written out in a loop over series and periods, against the whole matrix."""
    limits = xmr_limits(X, baseline=baseline)
    for i, row in enumerate(X):
        places = np.flatnonzero(np.isfinite(row))[:baseline]
        steps = np.array([abs(row[p] - row[p - 1]) for p in places if p - 1 in places])
        if len(steps) == 0:
            assert np.isnan(lines(limits)[:, i]).all()
            continue
        usual = steps[steps <= 3.267 * steps.mean()].mean()
        expected = row[places].mean() + 2.66 * usual * np.array([0, -1, 1])
        assert_allclose(lines(limits)[:, i, 0], expected, atol=1e-9)
        assert (lines(limits)[:, i] == lines(limits)[:, i, :1]).all()


@given(X=matrices, shift=st.integers(-1000, 1000), scale=st.sampled_from([0.25, 4.0, 1024.0]))
@settings(max_examples=60)
def test_level_and_unit_carry_through(X, shift, scale):
    plain, moved = xmr_limits(X), xmr_limits(scale * X + shift)
    assert_allclose(lines(moved), scale * lines(plain) + shift, atol=1e-6)
    assert_array_equal(moved.status, plain.status)


@given(X=matrices, later=arrays(float, (16, 3), elements=amounts))
@settings(max_examples=60)
def test_later_periods_move_no_limit_that_a_full_baseline_has_set(X, later):
    full = np.isfinite(X).sum(axis=1) >= 4
    before = xmr_limits(X, baseline=4)
    after = xmr_limits(np.hstack([X, later[: len(X)]]), baseline=4)
    assert_array_equal(lines(after)[:, full, : X.shape[1]], lines(before)[:, full])


@given(X=matrices)
@settings(max_examples=30)
def test_the_other_way_up_the_scores_change_sign_exactly(X):
    score = XmR(baseline=5).fit_transform(X) if np.isfinite(X).any() else np.zeros(0)
    flipped = XmR(baseline=5).fit_transform(-X) if np.isfinite(X).any() else np.zeros(0)
    assert_array_equal(flipped, -score)


def test_the_score_is_one_at_a_limit_and_none_in_a_gap():
    X = np.array([[4.0, 6.0, 5.0, 6.0, 4.0, np.nan, 9.0]])
    limits = xmr_limits(X, baseline=5)
    score = XmR(baseline=5).fit_transform(X)
    assert_allclose(score[0, 6], (9 - 5) / (limits.upper[0, 6] - 5))
    assert np.isnan(score[0, 5])


def test_after_a_constant_baseline_any_other_value_is_infinitely_far():
    score = XmR(baseline=4).fit_transform(np.array([[3.0, 3, 3, 3, 3, 2, 7]]))
    assert_array_equal(score, [[0, 0, 0, 0, 0, -np.inf, np.inf]])


def test_the_input_is_untouched(rng):
    X = rng.normal(size=(5, 20))
    before = X.copy()
    xmr_limits(X, baseline=12, rebase=np.arange(20) == 14)
    assert_array_equal(X, before)


def test_stretches_are_counted_from_0_wherever_the_first_rebasing_is():
    assert as_segments([True, False, True], (2, 3)).tolist() == [[0, 0, 1]] * 2


def test_very_large_and_very_small_values_have_limits_around_their_mean(rng):
    limits = xmr_limits(extremes(rng), baseline=5, rebase=rng.random((200, 16)) < 0.1)
    there = np.isfinite(limits.centre)
    assert there.any()
    assert ((limits.lower <= limits.centre) & (limits.centre <= limits.upper))[there].all()
    assert not np.isinf(lines(limits)).any()


def test_a_baseline_begins_anew_with_each_stretch():
    published = np.isfinite([[1.0, 1, np.nan, 1, 1, 1]])
    segment = as_segments([False, False, True, False, False, False], (1, 6))
    assert in_baseline(published, segment, 2).tolist() == [[1, 1, 0, 1, 1, 0]]


@parametrize_with_checks([XmR(baseline=None, moving_ranges="all")])
def test_scikit_learn_contract(estimator, check):
    check(estimator)
