"""Lead times, and their median where some are longer than can be seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.errors import UsageError
from earlywarning.models.funnel.intervals import wilson
from earlywarning.validation.metrics import lead_time_summary, lead_times
from earlywarning.validation.metrics.lead_time import _kaplan_meier

few = settings(max_examples=50)

# Weeks in remission on 6-mercaptopurine, some still in it: Freireich and others (1963), the
# example of Cox (1972), with Kaplan and Meier's estimate in Kalbfleisch and Prentice (1980).
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
CENSORED = [0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1]
TIMES = [6, 7, 10, 13, 16, 22, 23]
SHARES = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
ERRORS = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]


def test_the_curve_of_remissions_is_the_textbooks():
    curve = _kaplan_meier(np.array(WEEKS, float), np.array(CENSORED, bool))
    assert_array_equal(curve.surv_times, TIMES)
    assert_allclose(curve.surv_prob, SHARES, atol=5e-5)
    assert_allclose(curve.surv_prob_se, ERRORS, atol=5e-5)


def test_the_median_of_remissions_and_its_limits_are_the_textbooks():
    found = lead_time_summary(WEEKS, CENSORED, long=10)
    assert (found.n_events, found.n_flagged, found.n_censored) == (21, 21, 12)
    assert found.median[:3] == (23.0, 13.0, np.inf)
    assert_allclose(found.long.estimate, 0.8067, atol=5e-5)  # before week 10, not after it
    assert found.long.lower < 0.8067 - 0.0869 < 0.8067 + 0.0869 < found.long.upper


LEADS = st.lists(st.one_of(st.integers(0, 900).map(float), st.just(np.nan)), max_size=30)


@few
@given(LEADS)
def test_where_all_is_seen_the_median_and_share_are_the_plain_ones(days):
    found = lead_time_summary(days)
    flagged = np.array([day for day in days if not np.isnan(day)])
    assert (found.n_events, found.n_flagged, found.n_censored) == (len(days), flagged.size, 0)
    median = np.median(flagged) if flagged.size else np.nan
    assert_allclose(found.median.estimate, median)
    if days:
        n_long = (flagged >= 365).sum()
        lower, upper = wilson(n_long, len(days))
        assert_allclose(found.long[:3], [n_long / len(days), lower, upper], atol=1e-9)


@few
@given(st.lists(st.tuples(st.integers(1, 900), st.booleans()), min_size=1, max_size=30))
def test_lead_times_longer_than_seen_never_lower_the_median_or_the_share(rows):
    days, cut = (np.array(column) for column in zip(*rows, strict=True))
    plain, seen_part = lead_time_summary(days), lead_time_summary(days, cut)
    assert np.isnan(seen_part.median.estimate) or (
        seen_part.median.estimate >= plain.median.estimate
    )
    assert np.isnan(seen_part.long.estimate) or (
        seen_part.long.estimate >= plain.long.estimate - 1e-9
    )
    for found in (seen_part.median, seen_part.long):
        assert not found.lower > found.estimate
        assert not found.upper < found.estimate


def test_where_nothing_is_seen_to_begin_limits_rule_nothing_out():
    found = lead_time_summary([100.0, 200.0], [True, True])
    assert np.isnan([found.median.estimate, found.long.estimate]).all()
    assert found.median[1:3] == (0.0, np.inf)
    assert found.long[1:3] == (0.0, 1.0)
    assert lead_time_summary([5.0]).median[:3] == (5.0, 0.0, np.inf)
    longer = lead_time_summary([400.0, 500.0], [True, True])
    assert longer.long.estimate == 1
    assert longer.long.lower < 0.5


def test_events_that_were_not_flagged_count_in_the_share_and_not_in_the_median():
    found = lead_time_summary([400.0, 500.0, np.nan, np.nan])
    assert found.median.estimate == 450
    assert_allclose(found.long.estimate, 0.5)


def test_a_lead_time_runs_from_the_first_flag_of_the_unbroken_run():
    flagged = [
        [1, 0, 1, 1, 0],  # broken once; what comes after the event does not count
        [1, 1, 1, 1, 0],  # since before one looked
        [1, 1, 1, 0, 1],  # not flagged when last looked at
        [0, 0, 0, 1, 1],
        [1, 1, 1, 1, 1],  # the event came before one looked
    ]
    found = lead_times(flagged, [0, 10, 20, 30, 40], [35, 35, 35, 40, 0])
    assert_array_equal(found.days, [15, 35, np.nan, 10, np.nan])
    assert_array_equal(found.censored, [False, True, False, False, False])


def test_days_may_be_dates():
    days = np.array(["2020-01-01", "2020-04-01"], dtype="datetime64[ns]")
    found = lead_times([[0, 1]], days, np.array(["2020-04-11"], dtype="datetime64[D]"))
    assert found.days.tolist() == [10]


@few
@given(st.data())
def test_a_lead_time_is_what_walking_back_from_the_event_finds(data):
    n = data.draw(st.integers(0, 6))
    flags = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    event = data.draw(st.integers(0, 70))
    days = np.arange(n) * 10
    expected, seen = np.nan, True
    for day, flag in zip(days[::-1], flags[::-1], strict=True):
        if day >= event:
            continue
        if not flag:
            break
        expected = event - day
        seen = day > 0
    found = lead_times(np.array(flags, bool).reshape(1, n), days, [event])
    assert_array_equal(found.days, [expected])
    assert found.censored.tolist() == [not seen]


def test_what_is_no_lead_time_is_refused():
    with pytest.raises(UsageError, match="0 or more"):
        lead_time_summary([-1.0])
    with pytest.raises(UsageError, match="none is censored that is missing"):
        lead_time_summary([np.nan], [True])
    with pytest.raises(UsageError, match="shape"):
        lead_time_summary([1.0, 2.0], [True])
    with pytest.raises(UsageError, match="must rise"):
        lead_times([[1, 0]], [5, 5], [9])
    with pytest.raises(UsageError, match="Flags have the shape"):
        lead_times([[1, 0]], [5], [9])
