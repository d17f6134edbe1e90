"""Areas under the curves, their limits and their comparison, against pROC and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import average_precision_score, roc_auc_score

from earlywarning.errors import UsageError
from earlywarning.validation.metrics import (
    average_precision,
    bootstrap_interval,
    compare_roc_auc,
    partial_auc,
    roc_auc,
    roc_auc_interval,
)
from funnel_references import as_rows, compare, read, worst

few = settings(max_examples=50)

REFERENCE = "pROC, aSAH"
SCORES = st.integers(0, 6)  # few different ones, so that many tie
ROWS = st.lists(st.tuples(SCORES, st.booleans(), st.integers(0, 3)), min_size=2, max_size=40)


def proc():
    """Yield a comparison of each figure that pROC printed."""
    patients = read("proc_asah.csv")
    known = read("proc_asah_reference.csv").set_index("stat")["value"]
    event, protein = patients["outcome"], patients["s100b"]
    wfns, ndka = patients["wfns"], patients["ndka"]
    limits = roc_auc_interval(protein, event, method="delong")
    paired = compare_roc_auc(wfns, ndka, event)
    ours = {
        "auc_s100b": roc_auc(protein, event),
        "delong_lo": limits.lower,
        "delong_hi": limits.upper,
        "pauc_spec_0.9_1": partial_auc(protein, event, specificity=0.9),
        "pauc_corrected": partial_auc(protein, event, specificity=0.9, scale="corrected"),
        "auc_wfns": roc_auc(wfns, event),
        "auc_ndka": paired.second,
        "delong_test_Z_wfns_vs_ndka": paired.z,
        "delong_p": paired.p,
    }
    assert set(ours) == set(known.index)
    for name, value in ours.items():
        yield compare(REFERENCE, value, known[name], size=max(1.0, abs(known[name])))


def agreements():
    return as_rows(list(proc()))


def columns(rows):
    """Return scores, events and weights."""
    score, event, weight = zip(*rows, strict=True)
    return np.array(score, float), np.array(event), np.array(weight)


def test_areas_limits_and_comparison_are_those_of_proc(shared):
    found = list(proc())
    assert len(found) == 9
    assert worst(found).in_allowed <= 1, worst(found)


@few
@given(ROWS)
def test_areas_are_those_of_scikit_learn_with_ties_and_weights(rows):
    score, event, weight = columns(rows)
    events, others = weight[event].sum(), weight[~event].sum()
    area = roc_auc(score, event, weight=weight)
    precision = average_precision(score, event, weight=weight)
    if events and others:
        assert_allclose(area, roc_auc_score(event, score, sample_weight=weight), atol=1e-12)
        theirs = average_precision_score(event, score, sample_weight=weight)
        assert_allclose(precision, theirs, atol=1e-12)
    else:
        assert np.isnan(area)
        assert np.isnan(precision) == (events == 0)


@few
@given(ROWS)
def test_a_weight_counts_a_row_as_often_as_repeating_it_does(rows):
    score, event, weight = columns(rows)
    for metric in (roc_auc, average_precision):
        draws = metric(score, event, weight=np.stack([weight, weight * 2, np.ones(len(rows))]))
        repeated = metric(np.repeat(score, weight), np.repeat(event, weight))
        assert draws.shape == (3,)
        assert_allclose(draws, [repeated, repeated, metric(score, event)], atol=1e-12)


@few
@given(ROWS)
def test_turning_the_score_around_turns_the_area_and_its_limits_around(rows):
    score, event, _ = columns(rows)
    found, turned = roc_auc_interval(score, event), roc_auc_interval(-score, event)
    assert_allclose(
        [1 - turned.estimate, 1 - turned.upper, 1 - turned.lower],
        [found.estimate, found.lower, found.upper],
        atol=1e-9,
    )


@few
@given(ROWS)
def test_limits_hold_the_estimate_and_stay_within_nought_and_one(rows):
    score, event, _ = columns(rows)
    for method in ("shrunk", "logit", "delong"):
        found = roc_auc_interval(score, event, method=method)
        if event.any() and not event.all():
            assert 0 <= found.lower <= found.estimate <= found.upper <= 1
        else:
            assert np.isnan(found[:3]).all()


@few
@given(ROWS)
def test_the_whole_partial_area_is_the_area(rows):
    score, event, _ = columns(rows)
    assert_allclose(partial_auc(score, event, specificity=0.0), roc_auc(score, event), atol=1e-12)


def test_a_perfect_score_is_not_called_sure():
    score, event = np.arange(20.0), np.arange(20) >= 14
    found = roc_auc_interval(score, event)
    assert found.estimate == found.upper == 1
    assert found.lower < 0.9
    assert roc_auc_interval(score, event, method="delong").lower == 1


def test_limits_of_a_perfect_score_follow_from_half_a_row_by_chance_on_each_side():
    """By hand: 5 events above 15 others, all placed right but half a row at one half."""
    found = roc_auc_interval(np.arange(20.0), np.arange(20) >= 15)
    variance = 0.0
    for n in (5, 15):
        mean = (n + 0.25) / (n + 0.5)
        apart = n * (1 - mean) ** 2 + 0.5 * (0.5 - mean) ** 2
        variance += apart / (n + 0.5) / (n - 0.5)
    centre = 5.25 / 5.5
    half = 2.776445 * np.sqrt(variance) / (centre * (1 - centre))  # t with 4 degrees, tabled
    lower = 1 / (1 + (1 - centre) / centre * np.exp(half))
    assert_allclose(found[:3], (1.0, lower, 1.0), atol=1e-6)


def test_one_event_says_nothing_of_others():
    assert roc_auc_interval([3.0, 2.0, 1.0], [1, 0, 0])[1:3] == (0.0, 1.0)


def test_rows_of_one_authority_repeated_do_not_narrow_its_limits(rng):
    score, event = rng.normal(size=60), np.arange(60) < 12
    once = roc_auc_interval(score, event)
    again = np.tile(np.arange(60), 5)
    grouped = roc_auc_interval(np.tile(score, 5), np.tile(event, 5), groups=again)
    believed = roc_auc_interval(np.tile(score, 5), np.tile(event, 5))
    narrow, wide = believed.upper - believed.lower, grouped.upper - grouped.lower
    assert wide > 0.97 * (once.upper - once.lower) > 1.8 * narrow


def test_limits_of_authorities_seen_with_and_without_an_event_are_as_wide_as_the_bootstraps(rng):
    own = rng.normal(size=(200, 1))
    score = (own + 0.4 * rng.normal(size=(200, 3)) + [0.5, 0, 0]).ravel()
    event, groups = np.tile([True, False, False], 200), np.repeat(np.arange(200), 3)
    drawn = bootstrap_interval(
        lambda weight: roc_auc(score, event, weight=weight), groups, draws=4000, seed=1
    )
    grouped = roc_auc_interval(score, event, groups=groups, method="delong")
    rows = roc_auc_interval(score, event, method="delong")
    widths = [found.upper - found.lower for found in (drawn, grouped, rows)]
    assert_allclose(widths[1], widths[0], rtol=0.06)
    assert widths[2] > 1.3 * widths[0]


def test_groups_of_one_row_are_no_groups(rng):
    first, second, event = rng.normal(size=40), rng.normal(size=40), np.arange(40) < 9
    names = [f"E{i}" for i in rng.permutation(40)]
    assert_allclose(
        compare_roc_auc(first, second, event, groups=names), compare_roc_auc(first, second, event)
    )


def test_a_score_does_not_differ_from_itself_and_has_no_p():
    found = compare_roc_auc([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], [0, 1, 0, 1])
    assert found.difference == 0
    assert np.isnan([found.z, found.p]).all()


@pytest.mark.parametrize("event", [[0, 0, 0], [1, 1, 1], []])
def test_without_events_or_without_others_there_is_no_area(event):
    score = np.arange(float(len(event)))
    assert np.isnan(roc_auc(score, event))
    assert np.isnan(partial_auc(score, event))
    assert np.isnan(roc_auc_interval(score, event)[:3]).all()
    assert np.isnan(compare_roc_auc(score, score, event)).all()


def test_all_that_is_wrong_with_rows_is_told_at_once():
    with pytest.raises(UsageError, match=r"score: 1\..*neither 0 nor 1: 1\..*Weights below 0"):
        roc_auc([np.nan, 1.0], [0.0, np.nan], weight=[-1.0, 1.0])
    with pytest.raises(UsageError, match="one of each a row"):
        roc_auc([1.0, 2.0], [1])
    with pytest.raises(UsageError, match="give 2 a draw"):
        roc_auc([1.0, 2.0], [1, 0], weight=[1.0])


def test_an_unknown_word_or_share_is_refused():
    with pytest.raises(UsageError, match="method='wald'"):
        roc_auc_interval([1.0], [1], method="wald")
    with pytest.raises(UsageError, match="coverage"):
        roc_auc_interval([1.0], [1], coverage=95)
    with pytest.raises(UsageError, match="specificity=1"):
        partial_auc([1.0], [1], specificity=1.0)
    with pytest.raises(UsageError, match="Groups have the shape"):
        roc_auc_interval([1.0, 2.0], [1, 0], groups=["a"])
