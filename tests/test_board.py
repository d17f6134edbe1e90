import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from earlywarning.validation.board import Board, matrix_of
from earlywarning.validation.compare import compare
from earlywarning.validation.measures import MEASURES, measures_of
from earlywarning.validation.null import null_run

NAN = float("nan")


def board(score, event):
    score, event = np.array(score, dtype=float), np.array(event, dtype=float)
    days = pd.date_range("2015-12-31", periods=len(score), freq="YE")
    return Board(days, pd.Index([f"A{i:03d}" for i in range(score.shape[1])]), score, event)


def simulated(signal, days=5, n=150, share=0.1, seed=0):
    rng = np.random.default_rng(seed)
    event = np.tile(rng.permutation(n) < share * n, (days, 1)).astype(float)
    return board(rng.normal(size=(days, n)) + signal * event, event)


def measured(found, capacity=2):
    return {name: float(value[0]) for name, value in measures_of(found, capacity).items()}


def test_a_table_becomes_a_matrix_and_strangers_are_left_out():
    days = pd.DatetimeIndex(["2015-12-31", "2016-12-31"])
    looks = [days[1], days[0], pd.Timestamp("2020-01-01")]
    table = pd.DataFrame({"as_of": looks, "authority": list("BAA"), "x": [1.0, 2.0, 3.0]})
    np.testing.assert_array_equal(matrix_of(table, "x", days, ["A", "B"]), [[2.0, NAN], [NAN, 1.0]])


def test_one_day_gives_the_area_that_scikit_learn_gives():
    found = simulated(1.0, days=1)
    assert measured(found)["auc"] == pytest.approx(roc_auc_score(found.event[0], found.score[0]))


def test_a_shift_of_all_scores_of_a_day_changes_nothing():
    found = simulated(0.5)
    shifted = board(found.score + 100.0 * np.arange(5)[:, None], found.event)
    assert measured(shifted) == measured(found)


def test_who_has_no_score_comes_last():
    found = board([[3.0, 2.0, NAN, 1.0]], [[0, 0, 1, 0]])
    assert measured(found)["auc"] == 0.0
    assert found.covered == 0.75


def test_who_is_not_at_risk_is_neither_hit_nor_false_alarm():
    found = measured(board([[9.0, 3.0, 2.0, 1.0]], [[NAN, 1, 0, 0]]), capacity=1)
    assert (found["hits"], found["precision"], found["false_alarms"]) == (1.0, 1.0, 0.0)


def test_figures_of_two_days_by_hand():
    found = measured(board([[4.0, 3, 2, 1], [1.0, 2, 3, 4]], [[1.0, 0, 0, 0], [1.0, 1, 0, 0]]))
    assert found["hits"] == 0.5
    assert found["precision"] == pytest.approx(1 / 4)
    assert found["recall"] == pytest.approx(1 / 3)
    assert found["false_alarms"] == pytest.approx(3 / 8)
    assert found["lift"] == pytest.approx((1 / 4) / (3 / 8))


@pytest.mark.parametrize("event", [[[0.0, 0.0]], [[1.0, 1.0]], [[NAN, NAN]]])
def test_a_board_that_tells_nothing_has_no_area(event):
    found = board([[2.0, 1.0]], event)
    assert np.isnan(measured(found)["auc"])
    table = compare({"earlywarning": found}, {"earlywarning": "earlywarning"}, np.arange(2),
                    outcome="x", capacity=1, draws=100, coverage=0.95, seed=1)  # fmt: skip
    assert np.isnan(table["hits_lower"]).all()


@given(arrays(float, (3, 6), elements=st.floats(-9, 9)), st.permutations(range(6)))
def test_the_order_of_authorities_does_not_matter(score, order):
    event = (np.arange(18).reshape(3, 6) % 4 == 0).astype(float)
    order = list(order)
    straight, mixed = board(score, event), board(score[:, order], event[:, order])
    for name in MEASURES:
        assert measured(mixed)[name] == pytest.approx(measured(straight)[name], nan_ok=True)


def test_weights_of_one_are_no_weights_and_of_two_are_two_authorities():
    found = simulated(0.5, n=20)
    twice = board(np.repeat(found.score, 2, axis=1), np.repeat(found.event, 2, axis=1))
    doubled = measures_of(found, 4, np.full((1, 20), 2.0))
    for name, value in measures_of(twice, 4).items():
        assert doubled[name][0] == pytest.approx(value[0], nan_ok=True)


def compared(found, other=None, groups=None):
    boards = {"earlywarning": found} | ({"other": other} if other is not None else {})
    return compare(
        boards, dict.fromkeys(boards, "baseline"), np.arange(150) if groups is None else groups,
        outcome="x", capacity=15, draws=400, coverage=0.95, seed=1,
    ).set_index("scorer")  # fmt: skip


def test_a_signal_is_found_and_its_gain_over_chance_is_sure():
    table = compared(simulated(1.5), simulated(0.0))
    assert table.loc["earlywarning", "auc_lower"] > 0.5
    assert table.loc["other", "auc_gain_lower"] > 0
    assert table.loc["earlywarning", "auc_gain"] == 0


def test_authorities_of_one_family_count_once():
    """Twins say no more than one of them: limits grow, the estimate stays."""
    single = simulated(1.0, n=75)
    twins = board(np.repeat(single.score, 2, axis=1), np.repeat(single.event, 2, axis=1))
    apart, together = compared(twins), compared(twins, groups=np.repeat(np.arange(75), 2))
    width = [float((t["hits_upper"] - t["hits_lower"]).iloc[0]) for t in (apart, together)]
    assert width[1] > 1.2 * width[0]
    assert float(apart["auc"].iloc[0]) == float(together["auc"].iloc[0])


@pytest.mark.slow
def test_limits_of_hits_hold_the_truth_of_boards_without_signal():
    """Shuffled outcomes, 25 authorities with one: 15 of 150 listed, 2.5 hits a look in truth."""
    inside = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        event = np.tile(np.arange(150) < 25, (5, 1)).astype(float)
        found = compared(board(np.tile(rng.normal(size=150), (5, 1)), event))
        low, high = found[["hits_lower", "hits_upper"]].iloc[0]
        inside += low <= 2.5 <= high
    assert inside >= 0.88 * 200


@pytest.mark.slow
def test_null_runs_of_boards_without_signal_have_even_p_values():
    p = [
        null_run(simulated(0.0, days=3, n=60, seed=seed), outcome="x", capacity=10, shuffles=99,
                 coverage=0.95, seed=seed).set_index("measure").loc["auc", "p"]
        for seed in range(200)
    ]  # fmt: skip
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.10
    assert 0.42 <= np.mean(p) <= 0.58


def test_a_null_run_sees_a_signal_and_its_limits_hold_chance():
    table = null_run(simulated(1.5), outcome="x", capacity=15, shuffles=99, coverage=0.95, seed=1)
    auc = table.set_index("measure").loc["auc"]
    assert auc["p"] == pytest.approx(0.01)
    assert auc["lower"] < 0.5 < auc["upper"]


def test_shuffling_keeps_each_authoritys_days_together():
    found = simulated(0.0, n=10)
    shuffled = found.shuffled(np.random.default_rng(0).permutation(10))
    assert sorted(map(tuple, shuffled.event.T)) == sorted(map(tuple, found.event.T))
