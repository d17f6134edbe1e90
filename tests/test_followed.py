"""Is an outcome counted for whom it concerns, where authorities came after one another?"""

import pandas as pd

from earlywarning.authorities import read_register, successors
from earlywarning.validation.outcomes import episodes, followed, read_outcomes, successions


def register(*rows):
    """Return a register of (code, start, end, successor)."""
    return read_register(pd.DataFrame(rows, columns=["code", "start", "end", "successor"]))


def ways(known, outcomes, asked, **options):
    """Return who, through whom, and in which way, for a record of (authority, date)."""
    table = pd.DataFrame(outcomes, columns=["authority", "date"]).assign(outcome="notice")
    found = episodes(read_outcomes(table), within_days=90)
    columns = ["authority", "through", "way"]
    return followed(found, asked, known, **options)[columns].values.tolist()


# A county and its districts become one unitary; the end is the last day.
MERGED = register(
    ("county", None, "2023-03-31", "unitary"),
    ("district", None, "2023-03-31", "unitary"),
    ("unitary", "2023-04-01", None, None),
    ("other", None, None, None),
)
# A county is divided into two, each with some of the districts; the end is the day after.
DIVIDED = register(
    ("county", None, "2021-04-01", "north; west"),
    ("district", None, "2021-04-01", "north"),
    ("north", "2021-04-01", None, None),
    ("west", "2021-04-01", None, None),
)


def test_an_outcome_of_the_successor_counts_for_all_that_went_into_it():
    asked = ["county", "district", "unitary", "other"]
    assert ways(MERGED, [("unitary", "2024-05-01")], asked) == [
        ["county", "unitary", "merged"],
        ["district", "unitary", "merged"],
        ["unitary", "unitary", "own"],
    ]


def test_an_outcome_of_one_predecessor_is_not_carried_to_the_others_nor_on_to_the_successor():
    asked = ["county", "district", "unitary"]
    assert ways(MERGED, [("county", "2018-05-01")], asked) == [["county", "county", "own"]]


def test_a_successor_that_goes_on_with_a_predecessors_trouble_is_no_new_event_for_any_of_them():
    outcomes = [("county", "2023-03-01"), ("unitary", "2023-04-03")]
    assert ways(MERGED, outcomes, ["county", "district"], within_days=90) == [
        ["county", "county", "own"],
        ["county", "unitary", "inherited"],
        ["district", "unitary", "inherited"],
    ]
    assert ways(MERGED, outcomes, ["district"], within_days=30) == [
        ["district", "unitary", "merged"]
    ]


def test_trouble_of_a_later_member_does_not_make_earlier_trouble_of_the_successor_its_own():
    known = register(
        ("early", None, "2010-03-31", "old"), ("late", None, "2020-03-31", "old"),
        ("old", None, None, None),
    )  # fmt: skip
    outcomes = [("late", "2015-01-01"), ("old", "2015-02-01")]
    assert ways(known, outcomes, ["early"], within_days=90) == [["early", "old", "merged"]]


def test_an_outcome_of_one_part_of_a_divided_authority_is_reported_as_divided():
    asked = ["county", "district", "west"]
    assert ways(DIVIDED, [("north", "2022-01-01"), ("west", "2023-01-01")], asked) == [
        ["county", "north", "divided"],
        ["county", "west", "divided"],
        ["district", "north", "merged"],
        ["west", "west", "own"],
    ]


def test_an_old_authoritys_outcome_counts_for_one_that_joined_it_only_from_then_on():
    known = register(("small", None, "2019-04-01", "old"), ("old", None, None, None))
    told = [("old", "2019-03-31"), ("old", "2021-04-01")]
    assert ways(known, told, ["small"]) == [["small", "old", "merged"]]
    assert ways(known, [("old", "2019-04-01")], ["small"]) == [["small", "old", "merged"]]
    assert ways(known, [("old", "2019-03-31")], ["small"]) == []
    assert ways(known, [("old", "2019")], ["small"]) == [["small", "old", "date uncertain"]]
    assert ways(known, [("old", "2018")], ["small"]) == []


def test_an_outcome_dated_to_a_year_came_to_a_new_successor_after_it_was_made():
    assert ways(MERGED, [("unitary", "2023")], ["county"]) == [["county", "unitary", "merged"]]


def test_a_chain_is_followed_to_its_end_each_link_from_its_own_day():
    known = register(
        ("A", None, "2010-03-31", "B"), ("B", None, "2020-03-31", "C"), ("C", None, None, None)
    )
    told = [("B", "2009-01-01"), ("B", "2015-01-01"), ("C", "2019-01-01"), ("C", "2022-01-01")]
    assert ways(known, told, ["A"]) == [["A", "B", "merged"], ["A", "C", "merged"]]
    assert ways(known, told, ["B"])[-1] == ["B", "C", "merged"]
    assert len(ways(known, told, ["B"])) == 3


def test_parts_that_come_together_again_are_the_whole_from_the_last_that_joins():
    known = register(
        ("A", None, "2010-03-31", "B;C"), ("B", None, "2015-03-31", "D"),
        ("C", None, "2020-03-31", "D"), ("D", None, None, None),
    )  # fmt: skip
    assert ways(known, [("D", "2014-01-01")], ["A"]) == []
    assert ways(known, [("D", "2016-01-01")], ["A"]) == [["A", "D", "divided"]]
    assert ways(known, [("D", "2021-01-01")], ["A"]) == [["A", "D", "merged"]]


def test_nothing_follows_where_nobody_is_asked_nothing_happened_or_nobody_came_after():
    assert ways(MERGED, [("unitary", "2024-05-01")], []) == []
    alone = register(("A", None, None, None))
    assert successions(alone).empty
    assert ways(alone, [("A", "2020")], ["A", "A", "stranger"]) == [["A", "A", "own"]]


def test_on_the_real_register_all_are_followed_and_two_counties_are_divided(shared):
    known = read_register(shared / "data" / "authorities.csv")
    after = successions(known)
    assert set(after.loc[after["way"].eq("divided"), "authority"]) == {"E10000006", "E10000021"}
    finals = successors(known, pd.Timestamp("2026-01-01"))
    moved = finals[finals != finals.index]
    assert set(after["authority"]) == set(moved.index)
    last = after.groupby("authority")["through"].agg(set)
    assert all(set(end.split(";")) <= last[code] for code, end in moved.items())


def test_on_the_real_record_somersets_support_counts_for_its_districts_but_not_before_2023(shared):
    record = read_outcomes(shared / "data" / "outcomes.csv")
    known = read_register(shared / "data" / "authorities.csv")
    support = record[record["outcome"].eq("exceptional_financial_support")]
    found = followed(episodes(support, within_days=400), known["authority"], known)
    names = known.set_index("authority")["name"]
    somerset = names[names.eq("Somerset")].index
    districts = known.loc[known["successor"].isin(somerset), "authority"]
    through = found[found["through"].isin(somerset) & found["authority"].isin(districts)]
    assert len(districts) >= 4
    assert set(through["authority"]) == set(districts)
    assert set(through["way"]) == {"merged"}
    assert found.loc[found["way"].eq("own"), "through"].nunique() == support["authority"].nunique()
