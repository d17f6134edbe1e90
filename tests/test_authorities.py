import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from earlywarning.authorities import (
    AREAS,
    TYPES,
    area_of,
    authorities_of,
    is_code,
    read_neighbours,
    read_register,
    successors,
    type_of,
)
from earlywarning.errors import RegisterError
from earlywarning.schema import NEIGHBOURS, REGISTER


def frame(**columns):
    return pd.DataFrame(columns)


def chain():
    return read_register(
        frame(
            code=["A", "B", "C", "D"],
            end_date=["2019-03-31", "2023-03-31", None, "2021-03-31"],
            replaced_by_code=["B", "C", None, "B; C"],
        )
    )


def test_a_table_of_authorities_or_neighbours_without_rows_is_refused():
    with pytest.raises(RegisterError, match=r"^No authorities\. Give one row each"):
        read_register(frame(code=[]))
    with pytest.raises(RegisterError, match=r"^No neighbours\. Give one row each"):
        read_neighbours(frame(authority=[], neighbour=[]))


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("E06000001", "unitary"), ("E07000026", "district"), ("E08000001", "metropolitan district"),
        ("E09000002", "London borough"), ("E10000007", "county"),
        ("S12000033", "Scottish council area"), ("W06000001", "Welsh unitary"),
        ("N09000001", "Northern Ireland district"), ("E12000001", "unknown"),
        ("E06", "unknown"), ("E06000001x", "unknown"), (None, "unknown"), (7, "unknown"),
    ],
)  # fmt: skip
def test_the_type_follows_from_the_code(code, word):
    assert type_of(pd.Series([code, "E06000001"], index=[9, 4])).to_dict() == {
        9: word,
        4: "unitary",
    }


def test_a_code_is_a_letter_and_eight_digits():
    given = pd.Series(["E06000001", "e06000001", "E0600001", "E060000011", " E06000001", None, 1.5])
    assert is_code(given).to_list() == [True] + [False] * 6
    assert is_code(pd.Series([], dtype=object)).dtype == bool
    assert is_code(given.astype("category")).dtype == bool


@given(st.lists(st.one_of(st.text(), st.none(), st.integers(), st.floats())))
def test_anything_at_all_has_a_type_or_is_unknown(values):
    assert len(type_of(pd.Series(values, dtype=object))) == len(values)


def test_a_register_has_its_columns_under_any_usual_name():
    ours = read_register(
        frame(authority=["E06000001"], name=["H"], type=["unitary"], end=["2020-01-01"])
    )
    table = frame(**{
        "Authority code": ["E06000001 "], "authority_name": ["H"], "End date": ["2020-01-01"],
        "type_name": ["Unitary Authorities"],
    })  # fmt: skip
    before = table.copy()
    theirs = read_register(table)
    assert_frame_equal(table, before)
    assert list(ours.columns) == list(REGISTER)
    assert_frame_equal(ours, theirs)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("Non-metropolitan district", "district"), ("Unitary authority", "unitary"),
        ("London Boroughs", "London borough"), ("Counties", "county"), ("LBO", "London borough"),
        ("City corporation", "City corporation"), ("", "London borough"), (None, "London borough"),
    ],
)  # fmt: skip
def test_a_type_in_other_words_becomes_ours_and_an_empty_one_follows_from_the_code(given, word):
    assert read_register(frame(code=["E09000001"], type=[given]))["type"].to_list() == [word]


def test_all_that_is_wrong_with_a_register_is_named_at_once():
    wrong = frame(
        code=["A", "A", "B", "C", "D", "E", "F", None],
        start=["2020-01-01", None, None, None, None, None, "yesterday", None],
        end=["2019-01-01", None, "2020-01-01", "2020-01-01", "2020-01-01", None, None, None],
        successor=[None, None, "C", "B", "X", "A", None, None],
    )
    with pytest.raises(RegisterError) as refusal:
        read_register(wrong)
    for words in (
        "Start is no date: yesterday", "No authority's code in rows 9.", "listed twice: A",
        "End before start: A", "no end: E", "not in the table: X", "in a circle: B, C.",
    ):  # fmt: skip
        assert words in str(refusal.value)


def test_a_table_without_codes_or_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(RegisterError, match="No column 'authority'"):
        read_register(frame(town=["Hartlepool"]))
    with pytest.raises(RegisterError, match=r"none\.csv cannot be read"):
        read_register(tmp_path / "none.csv")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(RegisterError, match=r"empty\.csv cannot be read"):
        read_neighbours(tmp_path / "empty.csv")


def test_a_register_written_to_a_file_is_read_back_the_same(tmp_path):
    register = chain().assign(name=["Å", "b", "c", "d"], region=["r"] * 4, start="2000-01-01")
    register.to_csv(tmp_path / "register.csv", index=False)
    assert_frame_equal(read_register(tmp_path / "register.csv"), read_register(register))


def test_a_successor_counts_from_the_day_after_the_end_and_chains_are_followed():
    register = chain()
    standing = {"A": "A", "B": "B", "C": "C", "D": "D"}
    for day, expected in (
        ("2019-03-31", standing),
        ("2019-04-01", {**standing, "A": "B"}),
        ("2021-04-01", {**standing, "A": "B", "D": "B;C"}),
        ("2023-04-01", {"A": "C", "B": "C", "C": "C", "D": "C"}),
    ):
        assert successors(register, pd.Timestamp(day)).to_dict() == expected


@given(st.lists(st.integers(1, 30), min_size=1, max_size=30))
def test_a_final_successor_has_no_successor(jumps):
    n = len(jumps)
    after = [f"A{i + jump}" if i + jump < n else None for i, jump in enumerate(jumps)]
    register = read_register(
        frame(code=[f"A{i}" for i in range(n)], end=["2020-01-01"] * n, successor=after)
    )
    finals = successors(register, pd.Timestamp("2021-01-01"))
    assert (finals[finals].to_numpy() == finals.to_numpy()).all()


def test_authorities_that_occur_are_those_and_no_others():
    register = read_register(
        frame(code=["E06000001", "E06000002"], name=["Hartlepool", None], region=["North", "x"])
    )
    codes = pd.Series(["E10000007", "E06000001", None, "E06000002", "E06000001"]).astype("category")
    names = {"E06000001": "another", "E06000002": "Middlesbrough"}
    found = authorities_of(codes, names, register)
    assert list(found.columns) == list(REGISTER)
    assert found["authority"].to_list() == ["E06000001", "E06000002", "E10000007"]
    assert found["name"].to_list() == ["Hartlepool", "Middlesbrough", "E10000007"]
    assert found["type"].to_list() == ["unitary", "unitary", "county"]
    assert found["region"].isna().to_list() == [False, False, True]
    assert authorities_of(codes)["type"].to_list() == ["unitary", "unitary", "county"]
    assert authorities_of(codes.head(0)).empty


def test_neighbours_are_ranked_anew_without_the_authority_itself_or_repeats():
    table = frame(
        authority_code=list("BAAAA"),
        neighbour_code=list("ACABC"),
        rank=["1", "30", "1", "20", "40"],
    )
    before = table.copy()
    found = read_neighbours(table)
    assert list(found.columns) == list(NEIGHBOURS)
    assert found.to_numpy().tolist() == [["A", "B", 1], ["A", "C", 2], ["B", "A", 1]]
    assert_frame_equal(table, before)
    unranked = read_neighbours(table.drop(columns="rank"))
    assert unranked.to_numpy().tolist() == [["A", "C", 1], ["A", "B", 2], ["B", "A", 1]]


def test_one_of_several_sets_of_neighbours_must_be_named():
    table = frame(set=["x", "y"], authority=["A", "A"], neighbour=["B", "C"], rank=[1, 1])
    assert read_neighbours(table, set_name="y")["neighbour"].to_list() == ["C"]
    assert read_neighbours(table.head(1))["neighbour"].to_list() == ["B"]
    with pytest.raises(RegisterError, match="2 sets: x, y"):
        read_neighbours(table)
    with pytest.raises(RegisterError, match="no set 'z'"):
        read_neighbours(table, set_name="z")
    with pytest.raises(RegisterError, match="no column 'set'"):
        read_neighbours(table.drop(columns="set"), set_name="x")


def test_rows_of_neighbours_with_gaps_are_refused_all_at_once():
    table = frame(authority=["A", None], neighbour=["", "B"], rank=["first", 2])
    with pytest.raises(RegisterError) as refusal:
        read_neighbours(table)
    for words in ("No authority in rows 3.", "No neighbour in rows 2.", "No rank in rows 2."):
        assert words in str(refusal.value)


def test_the_real_register_is_read_whole(shared):
    register = read_register(shared / "data" / "authorities.csv")
    assert len(register) == 365
    assert register["type"].value_counts()["district"] == 204
    by_code = type_of(register["authority"])
    others = register["type"] != by_code
    assert register.loc[others, "type"].to_list() == ["City corporation"]
    now = successors(register, pd.Timestamp("2024-04-01"))
    assert now["E07000190"] == "E06000066"  # Taunton Deane, by way of Somerset West and Taunton
    assert now["E10000006"] == "E06000063;E06000064"  # Cumbria was divided
    assert successors(register, pd.Timestamp("2020-04-01"))["E07000190"] == "E07000246"


def test_the_real_neighbours_are_read_set_by_set(shared):
    path = shared / "data" / "neighbours.csv.gz"
    with pytest.raises(RegisterError, match="oflog_cipfa_unranked"):
        read_neighbours(path)
    found = read_neighbours(path, set_name="oflog_cipfa_unranked")
    assert not found.duplicated(["authority", "neighbour"]).any()
    assert (found["authority"] != found["neighbour"]).all()
    assert (found.groupby("authority")["rank"].max() == found.groupby("authority").size()).all()


def test_no_code_is_both_an_authoritys_and_another_areas():
    assert not set(TYPES) & set(AREAS)


def test_the_code_says_what_an_area_is_that_is_no_authority():
    codes = pd.Series(["E05000001", "E01000001", "E06000001", "E05", None], index=[9, 4, 1, 2, 3])
    assert area_of(codes).to_dict() == {9: "ward", 4: "small area", 1: "", 2: "", 3: ""}
