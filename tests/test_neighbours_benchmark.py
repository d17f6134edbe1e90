"""Does the benchmark of neighbours measure what its tables say?"""

import numpy as np
import pandas as pd
import pytest
from benchmarks.neighbours import (
    Held,
    K,
    agreement,
    areas_of,
    at_random,
    choices,
    lists,
)

AREAS = pd.DataFrame({"code": list("abcdefgh"), "tier": ["x"] * 4 + ["y"] * 4})
PUBLISHED = {"a": "bc", "b": "ac", "c": "ad", "d": "ab", "e": "fg", "f": "eg", "g": "eh", "h": "ef"}


def shares(found):
    """Return the column of shares, a row a way of choosing."""
    known = {name: {a: frozenset(b) for a, b in PUBLISHED.items()} for name in KNOWN}
    rows = agreement(AREAS, {"found": {a: frozenset(b) for a, b in found.items()}}, known)
    cells = [row.split(" | ") for row in rows.splitlines()[2:]]
    return {row[0].removeprefix("| "): row[2] for row in cells}


KNOWN = ("oflog_cipfa_unranked", "ons_els_global")


def test_a_list_agrees_with_itself_and_chance_is_its_share_of_the_tier():
    same = shares(PUBLISHED)
    assert same["found"] == "100"
    assert same["at random from its tier"] == "67"  # of three others of the tier two are listed
    assert shares(dict.fromkeys(PUBLISHED, "") | {"a": "bd"})["found"] == "50"


def test_an_authority_is_not_among_its_own_neighbours():
    table = pd.DataFrame({"authority_code": ["a", "a"], "neighbour_code": ["a", "b"]})
    assert lists(table) == {"a": frozenset("b")}
    assert all(code not in chosen and len(chosen) == 3 for code, chosen in at_random(AREAS).items())


def test_a_value_outside_the_limits_costs_forty_times_its_miss():
    value, limit = np.array([0.0, 3.0]), np.array([[1.0, 2.0], [1.0, 2.0]])
    held = Held(value, np.zeros(2), -limit, limit, np.ones(2, dtype=bool))
    assert held.inside.tolist() == [[True, True], [False, False]]
    assert held.measured() == pytest.approx([1.5, 4.0, 4.0 + 40 * 1.0 / 2])


def test_neighbours_found_are_on_the_published_list_twice_as_often_as_chance(shared):
    listed = pd.read_csv(shared / "data" / "neighbours.csv.gz")
    areas = areas_of(shared / "data", listed)
    found = choices(areas)
    known = {name: lists(listed[listed["set"] == name]) for name in KNOWN}
    rows = [row.split(" | ") for row in agreement(areas, found, known).splitlines()[2:]]
    share = {row[0].removeprefix("| "): float(row[2]) for row in rows}
    chance = share["at random from its tier"]
    assert share["3 characteristics"] > 2 * chance
    assert share["12 characteristics"] > 2 * chance
    assert all(len(one) == K for one in found["12 characteristics"].values())
