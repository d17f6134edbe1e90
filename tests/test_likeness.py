import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from earlywarning import EarlyWarning, as_panel, find_neighbours, read_neighbours
from earlywarning.errors import RegisterError, UsageError
from earlywarning.likeness.wording import alike
from earlywarning.schema import CHARACTERISTICS, FROM, ISSUES, NEIGHBOURS, PAIRS


def codes(n, kind="E06"):
    return [f"{kind}{i:06d}" for i in range(1, n + 1)]


def five(**more):
    """Medians 3 and 20, median absolute deviations 1 and 10."""
    table = {"code": codes(5), "x": [1, 2, 3, 4, 5], "y": [10, 20, 10, 40, 20]} | more
    return pd.DataFrame(table)


def many(n=40, seed=1):
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(11, 1, n)).round()
    columns = {
        "population": size,
        "density": size / 50 + rng.normal(900, 90, n).round(),
        "old": rng.normal(20, 3, n),
    }
    return pd.DataFrame({"code": codes(n)} | columns)


def neighbours_of(found, authority):
    rows = found.neighbours[found.neighbours["authority"] == authority]
    return rows["neighbour"].to_list()


def codes_of(issues, code):
    return issues.loc[issues["code"] == code, "authority"].to_list()


def test_the_worked_example():
    """From the first: steps of (1, 10), (2, 0), (3, 30), (4, 10), over 1.4826 and 14.826."""
    found = find_neighbours(five(), k=4)
    A, B, C, D, E = codes(5)
    assert neighbours_of(found, A) == [B, C, E, D]
    first = found.pairs[found.pairs["authority"] == A]
    expected = np.array([1 + 1, 4 + 0, 16 + 1, 9 + 9]) / 1.482602**2
    assert_allclose(first["squared"], expected, rtol=1e-5)
    assert_allclose(first["distance"], np.sqrt(expected), rtol=1e-5)
    assert_allclose(first[FROM + "y"], np.array([1, 0, 1, 9]) / 1.482602**2, rtol=1e-5)
    heavier = find_neighbours(five(), k=4, weights={"x": 2})
    assert neighbours_of(heavier, A) == [B, C, D, E]  # 3, 8, 27, 33
    assert len(found.issues) == 0


def test_tables_have_their_columns_and_parts_add_up():
    areas = many()
    areas.loc[3, "old"] = np.nan
    before = areas.copy()
    found = find_neighbours(areas, k=6)
    assert_frame_equal(areas, before)
    assert list(found.neighbours) == list(NEIGHBOURS)
    assert list(found.pairs) == [*PAIRS, "from:population", "from:density", "from:old"]
    assert list(found.characteristics) == list(CHARACTERISTICS)
    assert list(found.issues) == list(ISSUES)
    parts = found.pairs.filter(like=FROM)
    assert_allclose(parts.sum(axis=1), found.pairs["squared"])
    assert parts["from:old"].isna().any()
    assert found.pairs.groupby("authority")["distance"].is_monotonic_increasing.all()


@settings(max_examples=10)
@given(st.permutations(range(12)))
def test_the_order_of_rows_does_not_matter(order):
    areas = many(12).round(0)
    assert_frame_equal(
        find_neighbours(areas.iloc[order], k=5).pairs, find_neighbours(areas, k=5).pairs
    )


@pytest.mark.parametrize("method", ["euclidean", "whitened"])
def test_a_twin_is_nearest(method):
    areas = many()
    twin = areas.iloc[[7]].assign(code="E06000999")
    found = find_neighbours(pd.concat([areas, twin]), k=3, method=method)
    assert neighbours_of(found, "E06000999")[0] == "E06000008"
    assert neighbours_of(found, "E06000008")[0] == "E06000999"
    both = found.pairs[found.pairs["authority"].eq("E06000999") & found.pairs["rank"].eq(1)]
    assert both["squared"].item() == pytest.approx(0, abs=1e-12)
    assert "is the same as" in both["reason"].item()


@pytest.mark.parametrize("method", ["euclidean", "whitened"])
def test_a_weight_of_nought_leaves_a_characteristic_out(method):
    areas = many()
    without = find_neighbours(areas.drop(columns="old"), k=5, method=method)
    zero = find_neighbours(areas, k=5, weights={"Old": 0}, method=method)
    assert_frame_equal(zero.pairs, without.pairs)


def test_authorities_are_compared_within_their_type():
    mixed = pd.concat([many(8), many(8, seed=2).assign(code=codes(8, "E07"))])
    found = find_neighbours(mixed, k=7).neighbours
    assert (found["authority"].str[:3] == found["neighbour"].str[:3]).all()
    across = find_neighbours(mixed, k=7, within=None).neighbours
    assert not (across["authority"].str[:3] == across["neighbour"].str[:3]).all()
    by_tier = find_neighbours(mixed.assign(Tier=["a", "b"] * 8), k=7, within="Tier").neighbours
    assert by_tier.groupby("authority").size().eq(7).all()
    said = mixed.assign(type=["Unitary authorities", "metropolitan"] * 8)
    assert find_neighbours(said, k=7).neighbours.groupby("authority").size().eq(7).all()


def test_who_cannot_be_placed_is_said():
    areas = pd.concat([many(6), many(1).assign(code="E10000001")])
    areas.loc[areas["code"].eq("E06000002"), ["population", "old"]] = np.nan
    found = find_neighbours(areas, k=4)
    assert codes_of(found.issues, "no_neighbours") == ["E06000002", "E10000001"]
    assert not {"E06000002", "E10000001"} & set(found.neighbours["neighbour"])
    few = find_neighbours(areas, k=5)
    assert codes_of(few.issues, "few_neighbours") == [f"E06{i:06d}" for i in (1, 3, 4, 5, 6)]
    listed = set(found.neighbours["authority"]) | set(found.issues["authority"].dropna())
    assert listed == set(areas["code"])


def test_without_a_group_there_are_no_neighbours():
    found = find_neighbours(five(tier=["a", "a", "a", None, ""]), within="tier", k=2)
    assert codes_of(found.issues, "no_neighbours") == codes(5)[3:]
    assert set(found.neighbours["authority"]) == set(codes(5)[:3])


def test_whitened_says_of_whom_not_everything_is_known():
    areas = many()
    areas.loc[4, "density"] = np.nan
    found = find_neighbours(areas, method="whitened")
    assert codes_of(found.issues, "no_neighbours") == ["E06000005"]


def test_marks_are_missing_and_numbers_are_read_as_people_write_them():
    written = find_neighbours(
        five(x=["1", "2", "3", "4", " 5 "], y=["10", "20%", "10", "40", "[c]"])
    )
    assert written.issues["code"].to_list()[:1] == ["missing"]
    assert written.characteristics["n_known"].to_list() == [5, 4]


def test_infinite_values_are_missing_and_said():
    found = find_neighbours(five(y=[10, np.inf, -np.inf, 40, 1e200]), k=2)
    assert found.issues.loc[found.issues["code"] == "infinite", "n_rows"].to_list() == [3]
    assert np.isfinite(found.pairs["distance"]).all()


def test_what_is_equal_everywhere_is_left_out_and_said():
    found = find_neighbours(five(y=7), k=2)
    assert "all_equal" in found.issues["code"].to_list()
    assert "from:y" not in found.pairs
    with pytest.raises(RegisterError, match="do not differ in any"):
        find_neighbours(five(x=1, y=7))
    with pytest.raises(RegisterError, match="do not differ in any"):
        find_neighbours(five().head(1))


def test_words_are_not_compared_unless_asked_for():
    areas = five(region="North", label=["a", "b", "c", "d", "e"])
    found = find_neighbours(areas, k=2)
    assert "label" in found.issues.loc[found.issues["code"] == "not_a_number", "message"].item()
    with pytest.raises(RegisterError, match="Label holds what is no number: a, b"):
        find_neighbours(areas, characteristics=["x", "label"])


@pytest.mark.parametrize("cell", ["abc", "inf"])
def test_one_cell_of_text_among_numbers_is_refused_and_drops_no_characteristic(cell):
    areas = five(x=["1", "2", cell, "4", "5"])
    with pytest.raises(RegisterError, match=rf"X holds what is no number: {cell} \(1 of 5 cells"):
        find_neighbours(areas)
    marked = find_neighbours(five(x=["1", "[c]", "3", "4", "5"]))
    assert marked.characteristics["characteristic"].to_list() == ["x", "y"]


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        (five(code=["E06000001"] * 2 + codes(3, "E07")), "listed twice: E06000001"),
        (five(code=[None, *codes(4)]), "No authority's code in rows 2"),
        (five().head(0), "No authorities"),
        (five().drop(columns="code"), "no column 'authority'|No column 'authority'"),
        (five()[["code"]], "no column to compare"),
        (five(x="a", y="b"), "No column of numbers"),
        (five(x=np.nan)[["code", "x"]], "No column of numbers"),
        (five().set_axis(["code", "x", "X "], axis=1), "there twice: x"),
    ],
)
def test_a_table_that_breaks_the_rules_is_refused(areas, said):
    with pytest.raises(RegisterError, match=said):
        find_neighbours(areas)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"characteristics": ["x", "yy"]}, "no characteristic 'yy'"),
        ({"characteristics": ["z", "code"]}, "'z', 'code'"),
        ({"weights": {"w": 1}}, "no characteristic 'w'. There are: x, y"),
        ({"weights": [1, 2]}, "weights is of the kind Mapping, not list. Give them by name"),
        ({"weights": {"x": -1}}, "from 0 to 1,000,000; got x=-1"),
        ({"weights": {"x": float("nan")}}, "got x=nan"),
        ({"within": "tier"}, "'tier'"),
        ({"k": 0}, "at least 1; got 0"),
        ({"k": 2.5}, "got 2.5"),
        ({"method": "cosine"}, "one of euclidean, whitened"),
        ({"log": "all"}, "got 'all'"),
        ({"log": ["z"]}, "no characteristic 'z'"),
    ],
)
def test_a_wrong_option_is_named(options, said):
    with pytest.raises(UsageError, match=said):
        find_neighbours(five(), **options)


def test_a_name_that_is_nearly_right_is_hinted_at():
    with pytest.raises(UsageError, match=r"did you mean 'population'\?"):
        find_neighbours(many(), weights={"populaton": 2})


def test_logarithms_are_taken_of_sizes_or_of_those_named():
    scales = find_neighbours(many()).characteristics.set_index("characteristic")["scale"]
    assert scales.to_dict() == {"population": "log", "density": "log", "old": "as it is"}
    named = find_neighbours(many(), log=["old"]).characteristics["scale"].to_list()
    assert named == ["as it is", "as it is", "log"]
    with pytest.raises(UsageError, match="0 or less"):
        find_neighbours(five(x=[0, 1, 2, 3, 4]), log=["x"])


def test_hostile_names_stay_on_one_line():
    areas = five(name=["=1+1\n2", "<b>", "@x", "-", "\u202eevil"]).rename(columns={"x": "=cmd()\n"})
    found = find_neighbours(areas, k=2)
    assert not found.pairs["reason"].str.contains("[\n\u202e]").any()
    assert all(name.startswith(FROM) for name in list(found.pairs)[len(PAIRS) :])


def test_a_sentence_names_what_is_near_and_what_is_far():
    parts = np.array([0.2, 0.1, 5.0, 0.3, np.nan])
    assert alike("Ash", "Oak", list("abcde"), parts) == (
        "Oak is nearest to Ash in b and a; it differs most in c; e is not known of both."
    )
    assert alike("Ash", "Oak", ["a", "b"], np.array([0.4, np.nan])) == (
        "Oak is compared with Ash by a alone; b is not known of both."
    )
    assert (
        alike("Ash", "Oak", ["b", "a", "c"], np.zeros(3)) == "Oak is the same as Ash in b, a and c."
    )


def test_what_is_found_is_taken_as_neighbours(long, rng):
    panel = as_panel(long(rng.normal(size=(40, 8))))
    found = find_neighbours(many(), k=6).neighbours
    assert_frame_equal(read_neighbours(found), found)
    signals = EarlyWarning(neighbours=found).fit(panel).score(panel).signals
    assert signals.loc[signals["signal"] == "position", "n_peers"].eq(6).all()


def test_a_change_is_the_same_whoever_the_neighbours_are(long, rng):
    panel = as_panel(long(rng.normal(size=(40, 8))))
    named, without = (
        EarlyWarning(neighbours=neighbours)
        .fit(panel)
        .score(panel)
        .signals.query("signal == 'change'")
        for neighbours in (find_neighbours(many(), k=6).neighbours, None)
    )
    assert_frame_equal(named, without)
