import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlywarning import read_register
from earlywarning.validation.labels import labels_of

NEVER = pd.Timestamp("2030-01-01")


def links(*rows):
    """Each row: authority, way, earliest, latest, end."""
    columns = ["authority", "way", "start_earliest", "start_latest", "end"]
    table = pd.DataFrame(rows, columns=columns).assign(outcome="notice")
    table = table.assign(published=table["end"])
    return table.astype(dict.fromkeys([*columns[2:], "published"], "datetime64[ns]"))


def own(authority, day, end=None):
    return (authority, "own", day, day, end or day)


def label(day, *episodes, authority="A", until=NEVER, months=24, register=None):
    known = pd.DataFrame({"code": list("ABN")}) if register is None else register
    scored = pd.DataFrame({"authority": [authority], "as_of": pd.Timestamp(day)})
    found = labels_of(
        scored, links(*episodes), outcomes=["notice"], register=read_register(known),
        months=months, within_days=730, until=until,
    )  # fmt: skip
    return found.iloc[0]


def test_an_outcome_within_the_horizon_is_an_event_with_its_lead():
    found = label("2019-12-31", own("A", "2021-12-31"))
    assert (found["status"], found["event"], found["lead_days"]) == ("at risk", 1.0, 731.0)


def test_a_label_is_known_once_the_outcome_is_or_the_horizon_is_over():
    came = label("2019-12-31", ("A", "own", "2020-06-01", "2020-06-30", "2020-09-01"))
    assert came["known"] == pd.Timestamp("2020-09-01")
    assert label("2019-12-31")["known"] == pd.Timestamp("2021-12-31")


def test_an_outcome_a_day_after_the_horizon_is_none_yet():
    found = label("2019-12-31", own("B", "2018-01-01"), own("A", "2022-01-01"))
    assert (found["event"], found["lead_days"]) == (0.0, 732.0)


def test_a_horizon_that_ends_before_the_first_episode_on_record_is_unknown():
    """Nobody may have kept a record, or the outcome may not have existed."""
    first = own("B", "2022-01-01")
    assert pd.isna(label("2019-12-31", first)["event"])
    assert label("2020-01-01", first)["event"] == 0.0


def test_an_outcome_on_the_day_itself_was_not_foreseen():
    found = label("2019-12-31", own("A", "2019-12-31"))
    assert found["status"] == "under way"
    assert pd.isna(found["event"])


def test_an_episode_goes_on_until_a_new_event_would_not_belong_to_it():
    last_day = pd.Timestamp("2017-12-31") + pd.Timedelta(days=730)
    episode = own("A", "2016-01-01", "2017-12-31")
    assert label(last_day, episode)["status"] == "under way"
    assert label(last_day + pd.Timedelta(days=1), episode)["status"] == "at risk"


def test_a_day_within_an_unsure_date_is_not_judged():
    found = label("2020-06-30", ("A", "own", "2020-04-01", "2021-03-31", "2021-03-31"))
    assert found["status"] == "date uncertain"
    assert pd.isna(found["event"])


def test_a_horizon_beyond_the_record_is_unknown_even_where_an_outcome_came():
    """Else the last looks would know of events alone."""
    found = label("2019-12-31", own("A", "2020-06-30"), until=pd.Timestamp("2021-06-30"))
    assert found["status"] == "at risk"
    assert pd.isna(found["event"])
    assert found["lead_days"] == 182


REORGANISED = pd.DataFrame(
    {"code": ["A", "B", "N", "M"], "end": ["2021-03-31", "2021-03-31", None, None],
     "start": [None, None, "2021-04-01", "2021-04-01"], "successor": ["N", "N;M", None, None]}
)  # fmt: skip


def test_an_outcome_of_the_successor_is_the_predecessors():
    found = label(
        "2020-12-31", ("A", "merged", "2021-09-01", "2021-09-01", "2021-09-01"),
        register=REORGANISED,
    )  # fmt: skip
    assert (found["event"], found["lead_days"]) == (1.0, 244.0)


def test_an_outcome_of_a_part_is_reported_and_not_guessed():
    found = label(
        "2020-12-31", ("B", "divided", "2021-09-01", "2021-09-01", "2021-09-01"),
        authority="B", register=REORGANISED,
    )  # fmt: skip
    assert found["status"] == "divided"
    assert pd.isna(found["event"])


def test_an_outcome_that_may_have_come_before_the_end_is_not_guessed_either():
    unsure = ("A", "date uncertain", "2021-01-01", "2021-12-31", "2021-12-31")
    found = label("2020-12-31", unsure, register=REORGANISED)
    assert found["status"] == "date uncertain"
    assert pd.isna(found["event"])


def test_an_outcome_that_goes_on_from_another_predecessors_is_no_event():
    inherited = ("A", "inherited", "2021-09-01", "2021-09-01", "2021-09-01")
    found = label("2020-12-31", inherited, own("B", "2018-01-01"), register=REORGANISED)
    assert found["event"] == 0.0


def test_a_divided_authority_is_followed_to_its_end_and_a_merged_one_beyond():
    assert pd.isna(label("2020-12-31", authority="B", register=REORGANISED)["event"])
    assert label("2020-12-31", authority="A", register=REORGANISED)["event"] == 0.0


@pytest.mark.parametrize(("authority", "day"), [("A", "2021-12-31"), ("N", "2020-12-31")])
def test_nobody_is_at_risk_before_it_stands_or_after_it_ended(authority, day):
    assert label(day, authority=authority, register=REORGANISED)["status"] == "not standing"


days_ = st.dates(pd.Timestamp("2010-01-01").date(), pd.Timestamp("2029-01-01").date())


@settings(max_examples=20)
@given(episodes=st.lists(days_, max_size=4), later=st.lists(days_, max_size=3), look=days_)
def test_outcomes_after_the_horizon_change_no_label(episodes, later, look):
    """A leakage canary: what comes later than the horizon says nothing about the event."""
    horizon = pd.Timestamp(look) + pd.DateOffset(months=24)
    before = [own("B", dt.date(2009, 1, 1))]
    before += [own("A", day) for day in episodes if pd.Timestamp(day) <= horizon]
    after = [own("A", day) for day in later if pd.Timestamp(day) > horizon]
    then, now = label(look, *before), label(look, *before, *after)
    assert then["status"] == now["status"]
    assert then["event"] == now["event"] or (pd.isna(then["event"]) and pd.isna(now["event"]))


def test_every_look_comes_out_once_and_in_order():
    scored = pd.DataFrame(
        {"authority": list("ABAB"), "as_of": pd.to_datetime(["2015", "2015", "2016", "2016"])}
    )
    found = labels_of(
        scored, links(own("B", "2016-06-01"), own("B", "2019-06-01")),
        outcomes=["notice", "other"], register=read_register(pd.DataFrame({"code": ["A", "B"]})),
        months=12, within_days=100, until=NEVER,
    )  # fmt: skip
    assert len(found) == 8
    assert found.groupby("outcome")["event"].sum().to_dict() == {"notice": 1.0, "other": 0.0}
