"""Do bounds hold whatever the unreviewed hide, and weights where reviews were by chance?"""

import sys
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.metrics import roc_auc_score

from earlywarning import schema
from earlywarning.errors import UsageError
from earlywarning.validation.metrics import roc_auc
from earlywarning.validation.selection import (
    review_chances,
    reviewed_within,
    selection_bounds,
    weighted_measures,
)

MEASURES = ["precision", "recall", "roc_auc"]
SEEN_ONE = st.tuples(st.integers(0, 4), st.booleans(), st.booleans())  # score, event, reviewed


def truth(score, event, capacity):
    """Return precision, recall and AUC where every outcome is known; ties at the cut by lot."""
    order = [np.sum(score > s) for s in score], [np.sum(score == s) for s in score]
    taken = np.clip((capacity - np.array(order[0])) / np.array(order[1]), 0, 1)
    hits, n = (taken * event).sum(), event.sum()
    return (
        hits / taken.sum(),
        hits / n if n else np.nan,
        above_others(score[event], score[~event]) if 0 < n < event.size else np.nan,
    )


def above_others(some, others):
    """Return how often one of some is above one of the others, a tie for half."""
    apart = some[:, None] - others
    return ((apart > 0) + (apart == 0) / 2).mean()


def every_assignment(score, event, reviewed, capacity, most):
    """Return the measures of each way in which up to so many unreviewed have an event."""
    hidden = np.flatnonzero(~reviewed)
    for n in range(most + 1):
        for chosen in combinations(hidden, n):
            whole = event & reviewed
            whole[list(chosen)] = True
            yield truth(score, whole, capacity)


@given(
    rows=st.lists(SEEN_ONE, min_size=2, max_size=8),
    capacity=st.integers(1, 5),
    at_most=st.sampled_from([0.0, 0.5, 1.0, 2.0, np.inf]),
)
def test_bounds_are_the_extremes_over_every_assignment(rows, capacity, at_most):
    score, event, reviewed = (np.array(column) for column in zip(*rows, strict=True))
    event = event & reviewed
    found = selection_bounds(score, event, reviewed, capacity=capacity, at_most=at_most)
    most = int(found["most_unseen"].iloc[0])
    ways = np.array(list(every_assignment(score, event, reviewed, capacity, most)))
    known = np.isfinite(ways)
    worst = np.where(known, ways, np.inf).min(axis=0)
    best = np.where(known, ways, -np.inf).max(axis=0)
    possible = known.any(axis=0)
    assert_allclose(found["worst"], np.where(possible, worst, np.nan))
    assert_allclose(found["best"], np.where(possible, best, np.nan))


@pytest.mark.parametrize(("at_most", "most"), [(0, 0), (0.5, 1), (1, 2), (2, 3), (np.inf, 6)])
def test_the_number_of_unseen_events_is_a_multiple_of_the_base_rate_rounded_up(at_most, most):
    """One event among four reviewed, six not: 1.5 unseen ones at the same rate."""
    event, reviewed = [1] + [0] * 9, [True] * 4 + [False] * 6
    found = selection_bounds(range(10), event, reviewed, capacity=3, at_most=at_most)
    assert set(found["most_unseen"]) == {most}


def test_where_all_are_reviewed_the_bounds_are_the_value(rng):
    score, event = rng.normal(size=50), rng.random(50) < 0.3
    found = selection_bounds(score, event, np.ones(50), capacity=10)
    expected = truth(score, event, 10)
    for column in ("reviewed", "worst", "best"):
        assert_allclose(found[column], expected)


def test_by_the_reviewed_alone_nobody_else_counts(rng):
    score, event, reviewed = rng.normal(size=60), rng.random(60) < 0.4, rng.random(60) < 0.5
    found = selection_bounds(score, event & reviewed, reviewed, capacity=60)
    assert found["reviewed"][0] == pytest.approx(event[reviewed].mean())
    assert found["reviewed"][2] == pytest.approx(roc_auc_score(event[reviewed], score[reviewed]))


def test_an_event_of_an_unreviewed_row_may_be_false_or_unknown(rng):
    score, event, reviewed = rng.normal(size=60), rng.random(60) < 0.4, rng.random(60) < 0.5
    false = selection_bounds(score, event & reviewed, reviewed, capacity=9)
    unknown = selection_bounds(score, np.where(reviewed, event, np.nan), reviewed, capacity=9)
    assert_frame_equal(false, unknown)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(UsageError, match=r"without a score: 1.*without a review: 1.*capacity is 0"):
        selection_bounds([1, np.nan], [0, 1], [True, False], capacity=0)
    with pytest.raises(UsageError, match="at_most is -1"):
        selection_bounds([1, 2], [0, 1], [True, True], capacity=1, at_most=-1)
    with pytest.raises(UsageError, match="Shapes differ"):
        selection_bounds([1, 2], [0, 1, 1], [True, True], capacity=1)


def calendar(*rows):
    """Return engagements of one kind: authority, start, end, status."""
    table = pd.DataFrame(rows, columns=["authority", "start", "end", "status"])
    return table.assign(kind="inspection", lead="", outcome="")[list(schema.ENGAGEMENTS)]


@pytest.mark.parametrize(
    ("start", "end", "status", "counts"),
    [
        ("2021-04-01", "2021-04-01", "completed", False),  # on the day itself
        ("2021-03-20", "2021-04-02", "completed", True),  # still there the day after
        ("2021-04-02", None, "completed", True),
        ("2022-04-01", "2022-05-01", "completed", True),  # the horizon's last day
        ("2022-04-02", "2022-05-01", "completed", False),
        ("2020-01-01", None, "completed", False),
        ("2020-01-01", None, "ongoing", True),
        ("2021-06-01", "2021-06-03", "planned", False),
        ("2021-06-01", "2021-06-03", "cancelled", False),
    ],
)
def test_a_review_counts_if_it_was_held_in_the_horizon(start, end, status, counts):
    held = calendar(("A", start, end, status))
    found = reviewed_within(held, ["B", "A"], "2021-04-01", horizon_days=365, kinds=["inspection"])
    assert found.tolist() == [False, counts]


def test_each_row_is_looked_up_by_its_own_day():
    held = calendar(("A", "2021-06-01", "2021-06-03", "completed"))
    days = ["2021-04-01", "2019-04-01", "2021-06-02"]
    found = reviewed_within(held, list("AAA"), days, horizon_days=365, kinds=["inspection"])
    assert found.tolist() == [True, False, True]


def test_the_sample_has_reviews_and_other_kinds_do_not_count(sample):
    engagements = sample.tables.engagements
    kinds = ["corporate_peer_challenge"]
    names = engagements["authority"].unique()
    found = reviewed_within(engagements, names, "2021-04-01", horizon_days=730, kinds=kinds)
    start = pd.to_datetime(engagements["start"])
    by_hand = engagements[
        engagements["kind"].isin(kinds) & start.between("2021-04-02", "2023-04-01")
    ]
    assert set(names[found]) == set(by_hand["authority"])
    assert 0 < found.sum() < found.size


def test_a_kind_nobody_had_and_a_review_without_a_start_are_refused():
    held = calendar(("A", None, None, "completed"))
    with pytest.raises(UsageError, match=r"of the kind peer.*without a start: 1"):
        reviewed_within(held, ["A"], "2021-04-01", horizon_days=365, kinds=["inspection", "peer"])


def test_chances_of_a_review_are_shares_of_the_type():
    found = review_chances([1, 0, 0, 1], ["x", "x", "x", "y"])
    assert_allclose(found, [1 / 3, 1 / 3, 1 / 3, 1])


def test_a_band_of_time_since_the_last_review_is_drawn_to_its_type():
    """By hand: share of the type 0.5; never reviewed 2 of 2, five years or more 0 of 2."""
    since = [np.nan, np.nan, 2000, 4000]
    found = review_chances([1, 1, 0, 0], ["x"] * 4, days_since_last=since)
    assert_allclose(found, [4.5 / 7, 4.5 / 7, 2.5 / 7, 2.5 / 7])


def test_of_equal_chances_the_estimate_is_that_of_the_reviewed_alone(rng):
    score, event, reviewed = rng.normal(size=80), rng.random(80) < 0.4, rng.random(80) < 0.5
    event = event & reviewed
    found = weighted(score, event, reviewed, np.full(80, 0.5))
    alone = selection_bounds(score, event, reviewed, capacity=20)
    assert_allclose(found["estimate"], alone["reviewed"])
    assert_allclose(found["effective_n"], reviewed.sum())


def weighted(score, event, reviewed, chance, **options):
    names = [f"A{i}" for i in range(len(score))]
    return weighted_measures(
        score, event, reviewed, chance, authorities=names, capacity=20, draws=50, **options
    )


def test_a_row_of_half_the_chance_counts_as_two(rng):
    score, event = rng.normal(size=60), rng.random(60) < 0.4
    chance = np.where(np.arange(60) % 2, 1.0, 0.5)
    found = weighted(score, event, np.ones(60), chance)
    assert found["estimate"][2] == pytest.approx(roc_auc(score, event, weight=[1 / chance])[0])
    assert found["effective_n"][0] == pytest.approx(90**2 / (30 * 4 + 30))


def test_no_row_stands_for_more_than_twenty_and_it_is_counted():
    score, event = np.arange(40.0), np.arange(40) % 4 == 0
    chance = np.where(np.arange(40) < 3, 0.001, 1.0)
    found = weighted(score, event, np.ones(40), chance)
    assert set(found["n_truncated"]) == {3}
    assert_frame_equal(
        found.assign(n_truncated=0), weighted(score, event, np.ones(40), np.maximum(chance, 0.05))
    )


def test_types_never_reviewed_are_told_of():
    reviewed = np.array([True, True, False, False])
    chance = review_chances(reviewed, ["x", "x", "x", "y"])
    found = weighted(np.arange(4.0), [0, 1, 0, 0], reviewed, chance)
    assert_array_equal(found["share_uncovered"], 0.25)


def test_a_chance_of_none_for_a_reviewed_row_is_refused():
    with pytest.raises(UsageError, match="chance of 0"):
        weighted([1.0, 2.0], [0, 1], [True, True], [0.0, 1.0])


def test_inputs_are_untouched(rng):
    held = calendar(("A", "2021-06-01", "2021-06-03", "completed"))
    before = held.copy()
    reviewed_within(held, ["A"], "2021-04-01", horizon_days=365, kinds=["inspection"])
    assert_frame_equal(held, before)
    columns = rng.normal(size=30), rng.random(30) < 0.4, rng.random(30) < 0.7
    kept = [column.copy() for column in columns]
    selection_bounds(*columns[:1], columns[1] & columns[2], columns[2], capacity=5)
    for column, same in zip(columns, kept, strict=True):
        assert_array_equal(column, same)


def simulated(seed, follows, n):
    """Return authorities of two types, and who is reviewed by type, and by score or risk."""
    rng = np.random.default_rng(seed)
    often = np.arange(n) % 2 == 0
    score = rng.normal(size=n) + 0.8 * often
    unseen = rng.normal(size=n)  # what reviewers know and the score does not
    event = rng.random(n) < 1 / (1 + np.exp(2.5 - score - unseen))
    push = {"type": 0.0 * score, "score": 1.5 * score, "unseen": 2.0 * unseen}[follows]
    reviewed = rng.random(n) < 1 / (1 + np.exp(-np.where(often, 1.0, -1.0) - push))
    return score, event, reviewed, np.where(often, "county", "district")


def held_of(seed, follows, n):
    """Return whether limits and bounds held the truth, and the estimate's error."""
    score, event, reviewed, types = simulated(seed, follows, n)
    told = np.where(reviewed, event, np.nan)
    names = [f"A{i}" for i in range(n)]
    actual = np.array(truth(score, event, n // 10))
    found = weighted_measures(
        score, told, reviewed, review_chances(reviewed, types),
        authorities=names, capacity=n // 10, draws=300,
    )  # fmt: skip
    bounds = selection_bounds(score, told, reviewed, capacity=n // 10, at_most=np.inf)
    assumed = selection_bounds(score, told, reviewed, capacity=n // 10, at_most=1.0)
    return pd.DataFrame({
        "limits hold": (found["lower"] <= actual) & (actual <= found["upper"]),
        "bias": found["estimate"] - actual,
        "bias unweighted": bounds["reviewed"] - actual,
        "any number": (bounds["worst"] <= actual) & (actual <= bounds["best"]),
        "at most the same rate": (assumed["worst"] <= actual) & (actual <= assumed["best"]),
    }).assign(measure=MEASURES).set_index("measure")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("follows", "n", "seeds"),
    [("type", 400, 200), ("score", 400, 200), ("unseen", 400, 200), ("unseen", 3000, 30)],
)
def test_weights_hold_where_reviews_follow_type_and_bounds_always(follows, n, seeds):
    """A tenth of the authorities is taken; reprints the table of docs/selection.md."""
    runs = pd.concat([held_of(seed, follows, n) for seed in range(seeds)])
    shares = runs.astype(float).groupby("measure").mean()
    sys.stdout.write(f"{n} authorities, reviews follow {follows}\n{shares.round(3).to_string()}\n")
    assert (shares["any number"] == 1).all()
    bias, bare = shares["bias"].abs(), shares["bias unweighted"].abs()
    if follows == "type":
        assert (shares["limits hold"] >= 0.92).all()
        assert (bias < 0.01).all()
        assert bias["recall"] < bare["recall"] / 4
    if follows == "unseen":  # nothing in the data says so
        assert bias["precision"] > 0.05
        assert bias["precision"] > 0.9 * bare["precision"]
    if n > 400:  # limits narrow with the record, the bias does not
        assert shares.loc["precision", "limits hold"] < 0.5
