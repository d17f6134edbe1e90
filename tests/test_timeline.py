import numpy as np
import pandas as pd
import pytest

from earlywarning.schema import TIMELINE
from earlywarning.validation.curves import precision_by_length, share_warned
from earlywarning.validation.decisions import decisions_of
from earlywarning.validation.timeline import listing, timeline_of

DAYS = pd.to_datetime(["2015-12-31", "2016-12-31", "2017-12-31"])


def scores(p):
    """Give p-values a day (rows) of authorities A, B, C, ..."""
    rows = [
        {"as_of": day, "authority": code, "name": f"Name {code}", "tier": "none", "p": value,
         "coverage": 0.0 if np.isnan(value) else 1.0, "score": 1.0, "n_flags": 1}
        for day, row in zip(DAYS, p, strict=False)
        for code, value in zip("ABCDEF", row, strict=False)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def at_risk(table, status="at risk"):
    return table[["authority", "as_of"]].assign(outcome="notice", status=status, event=0.0)


def links(*rows):
    table = pd.DataFrame(rows, columns=["authority", "way", "start_earliest"])
    return table.assign(
        outcome="notice", through=table["authority"], kinds="notice",
        start_earliest=pd.to_datetime(table["start_earliest"]),
    )  # fmt: skip


FLAGS = pd.DataFrame(
    {
        "as_of": DAYS[-1], "authority": "A", "metric": ["mild", "grave", "grave"],
        "p": [0.1, 0.2, 0.3], "severity": ["watch", "priority", "priority"],
    }
)  # fmt: skip


def timeline(table, *rows, capacity=1, labels=None):
    told = at_risk(table) if labels is None else labels
    return timeline_of(table, FLAGS, told, links(*rows), capacity=capacity)


def test_an_unbroken_run_of_lists_gives_the_lead_time_and_the_grounds():
    found = timeline(scores([[0.5, 0.1], [0.1, 0.5], [0.1, 0.5]]), ("A", "own", "2018-03-31")).iloc[
        0
    ]
    assert found["listed"]
    assert found["since"] == DAYS[1]
    assert found["lead_days"] == (pd.Timestamp("2018-03-31") - DAYS[1]).days
    assert not found["censored"]
    assert found["grounds"] == "grave; mild"


def test_a_run_from_the_first_look_on_is_longer_than_was_seen():
    assert timeline(scores([[0.1, 0.5]] * 3), ("A", "own", "2018-03-31")).iloc[0]["censored"]


def test_a_look_after_the_outcome_says_nothing():
    found = timeline(scores([[0.5, 0.1], [0.5, 0.1], [0.1, 0.5]]), ("A", "own", "2017-03-31")).iloc[
        0
    ]
    assert not found["listed"]
    assert found["last_look"] == DAYS[1]


def test_who_ties_at_the_cut_is_not_listed():
    found = timeline(scores([[0.1, 0.1, 0.5]] * 3), ("A", "own", "2018-03-31")).iloc[0]
    assert found["place"] == 2
    assert not found["listed"]


def test_who_is_not_at_risk_takes_nobodys_place():
    table = scores([[0.2, 0.1]] * 3)
    labels = at_risk(table)
    labels.loc[labels["authority"].eq("B"), "status"] = "under way"
    assert timeline(table, ("A", "own", "2018-03-31"), labels=labels).iloc[0]["place"] == 1


def test_who_could_not_be_assessed_has_no_place():
    found = timeline(scores([[0.2, float("nan")]] * 3), ("B", "own", "2018-03-31")).iloc[0]
    assert np.isnan(found["place"])
    assert not found["listed"]


def test_episodes_of_the_merged_are_told_and_of_the_divided_not():
    table = scores([[0.1, 0.5, 0.5]] * 3)
    found = timeline(table, ("A", "merged", "2018-03-31"), ("B", "divided", "2018-03-31"))
    assert found["authority"].to_list() == ["A"]


def test_an_episode_before_the_first_look_has_no_last_one():
    found = timeline(scores([[0.1, 0.5]] * 3), ("A", "own", "2010-01-01")).iloc[0]
    assert pd.isna(found["last_look"])
    assert not found["listed"]


def test_without_an_episode_the_table_is_empty_and_whole():
    found = timeline(scores([[0.1, 0.5]] * 3))
    assert list(found) == list(TIMELINE)


def test_a_graver_tier_comes_before_a_smaller_p():
    table = scores([[0.001, 0.2]])
    table.loc[table["authority"].eq("B"), "tier"] = "concern"
    order = listing(table).sort_values("score", ascending=False)["authority"]
    assert order.to_list() == ["B", "A"]


def test_the_share_warned_falls_with_the_months_asked():
    found = timeline(
        scores([[0.1, 0.5]] * 3), ("A", "own", "2018-03-31"), ("B", "own", "2018-03-31")
    )
    share = share_warned(found).set_index("months")["share"]
    assert share[0] == 0.5
    assert share[26] == 0.5
    assert share[28] == 0.0


def test_precision_by_length_is_that_of_the_lists():
    from earlywarning.validation.board import Board

    days = pd.DatetimeIndex(DAYS[:2])
    score, event = np.array([[3.0, 2, 1], [3.0, 2, 1]]), np.array([[1.0, 0, 0], [0, 0, 1.0]])
    board = Board(days, pd.Index(list("ABC")), score, event)
    curve = precision_by_length(board, 3, shuffles=50, coverage=0.9, seed=1)
    assert curve["precision"].to_list() == pytest.approx([0.5, 0.25, 1 / 3])
    assert curve["base_rate"].iloc[0] == pytest.approx(1 / 3)


def test_a_false_alarm_that_lasts_begins_once():
    table = scores([[0.1, 0.5], [0.1, 0.5], [0.5, 0.1]])
    labels = at_risk(table)
    looks = labels[["outcome", "authority", "as_of"]].assign(
        listed=[True, False, True, False, False, True]
    )
    row = decisions_of(looks, labels, capacity=1).iloc[0]
    assert (row["false_alarms"], row["first_alarms"], row["left_alone"]) == (3, 2, 3)
    assert row["years"] == pytest.approx(6, abs=0.02)
