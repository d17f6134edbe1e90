"""The four rules and the icons against NHSRplotthedots, by hand, and as properties."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from control_references import Agreement, as_rows, read
from earlywarning.errors import UsageError
from earlywarning.models.control.icons import (
    assurance_icons,
    control_points,
    point_types,
    variation_icons,
)
from earlywarning.models.control.limits import Limits
from earlywarning.models.control.making_data_count import special_causes
from earlywarning.models.control.xmr import xmr_limits

BETTER = {1: "up", -1: "down", 0: "neither"}
THEIR_TYPE = {
    "": "common_cause",
    "common cause": "common_cause",
    "neither high": "special_cause_neutral_high",
    **{f"{word} {side}": f"special_cause_{word}" for word, side in
       product(["improvement", "concern"], ["high", "low"])},
}  # fmt: skip


def their_name(rule, direction):
    """Return a rule in the words of NHSRplotthedots."""
    side, way = ("Above", "In") if direction > 0 else ("Below", "De")
    return {
        "": "Common Cause",
        "beyond a limit": "Above UCL" if direction > 0 else "Below LCL",
        "trend": f"7 Point Trend ({way}creasing)",
        "two of three near a limit": f"2 in 3 {side} CL",
        "shift": f"7 Points {side} CL",
    }[rule]


def of_case(table):
    fix = table["fix"].iloc[0]
    y = table[["y"]].to_numpy().T
    limits = xmr_limits(
        y,
        baseline=None if np.isnan(fix) else int(fix),
        moving_ranges="screened" if table["screen"].iloc[0] else "all",
        rebase=(table["rebase_group"].diff() > 0).to_numpy(),
    )
    return y, limits, special_causes(y, limits)


def columns_that_differ(table):
    """Return for each column of their output how many points differ."""
    y, limits, causes = of_case(table)
    better = BETTER[table["improvement_direction"].iloc[0]]
    types = point_types(y, causes, better=better)[0]
    named = [their_name(*pair) for pair in zip(causes.rule[0], causes.direction[0], strict=True)]
    ours = {
        "rebase_group": limits.segment[0],
        "outside": causes.beyond[0] != 0,
        "rel": np.sign(y - limits.centre)[0],
        "special_cause_type": np.array(named),
        "point_type": np.array([THEIR_TYPE[word] for word in types]),
    }
    known = table["outside"].notna().to_numpy()  # not on the constant series, nor in a gap
    differ = {name: ours[name] != table[name].to_numpy() for name in ours}
    differ["outside"] &= known
    differ["rel"] &= known
    return {name: int(found.sum()) for name, found in differ.items()}


def plotthedots():
    tables = read("ptd_xmr_cases.csv").groupby("case", sort=False)
    found = []
    for name, table in tables:
        wrong = sum(columns_that_differ(table).values())
        found.append(Agreement(f"NHSRplotthedots 0.2.2, rules, {name}", 5 * len(table), wrong, 0))
    return found


def agreements():
    return as_rows(plotthedots())


def test_every_point_of_nhsrplotthedots_is_called_what_it_is_called_there(shared):
    found = plotthedots()
    assert len(found) == 22
    assert [one.reference for one in found if one.largest] == []


def given_limits(X, segment=None):
    """Return limits of -3 and 3 around 0, so that a value is its own standard score."""
    X = np.asarray(X, dtype=float)
    flat = np.zeros(X.shape)
    segment = flat.astype(int) if segment is None else np.asarray(segment)
    return Limits(flat, flat - 3, flat + 3, flat + 1, segment, segment, flat.astype(str))


def causes_of(series, **options):
    X = np.array([series], dtype=float)
    return special_causes(X, given_limits(X), **options)


def test_a_point_on_a_limit_is_not_beyond_it():
    assert causes_of([3, -3, 3.1, -3.1]).beyond.tolist() == [[0, 0, 1, -1]]


@pytest.mark.parametrize("points", [6, 7])
def test_a_shift_has_as_many_points_as_asked_for(points):
    one_short = causes_of([-1] + [0.5] * (points - 1) + [-1], points=points)
    enough = causes_of([-1] + [0.5] * points + [-1], points=points)
    assert not one_short.shift.any()
    assert enough.shift.tolist() == [[0] + [1] * points + [0]]


@pytest.mark.parametrize("points", [6, 7])
def test_a_trend_has_as_many_points_as_asked_for(points):
    line = np.linspace(1.5, -1.5, points)
    assert not causes_of([0, *line[:-1], 2], points=points).trend[0, 1:].any()
    assert causes_of([0, *line, 2], points=points).trend.tolist() == [[0] + [-1] * points + [0]]


def test_equal_neighbours_are_no_trend():
    assert not causes_of([-1.5, -1, -0.5, 0, 0, 0.5, 1, 1.5]).trend.any()


def test_the_turning_point_of_two_trends_belongs_to_the_later():
    up = np.linspace(-1.5, 1.5, 7)
    peak = causes_of([*up, *up[-2::-1]]).trend
    assert peak.tolist() == [[1] * 6 + [-1] * 7]
    assert causes_of([*-up, *-up[-2::-1]]).trend.tolist() == (-peak).tolist()


def test_a_point_on_the_centre_line_ends_a_shift():
    assert not causes_of([1, 1, 1, 0, 1, 1, 1]).shift.any()


def test_two_of_three_are_on_one_side_and_only_those_near_the_limit_are_marked():
    assert causes_of([0, 2.5, 1, 2.5, 0]).two_of_three.tolist() == [[0, 1, 0, 1, 0]]
    assert causes_of([0, -2.5, -2.5, -1, 0]).two_of_three.tolist() == [[0, -1, -1, 0, 0]]
    assert not causes_of([0, 2.5, -0.1, 2.5, 0]).two_of_three.any()
    assert not causes_of([2.5, -2.5, 2.5]).two_of_three.any()
    assert not causes_of([0, 2.5, 2.5]).two_of_three.any()  # on the line is on no side


def test_a_point_beyond_the_limit_is_not_near_it():
    assert not causes_of([3.5, 2.5, 1]).two_of_three.any()


@pytest.mark.parametrize("rule", ["shift", "trend", "two_of_three"])
def test_a_gap_and_a_rebasing_end_every_row(rule):
    pattern = {
        "shift": [1, 0.5] * 5, "trend": np.linspace(-1.5, 1.5, 10), "two_of_three": [0.5, 2.5, 2.5],
    }[rule]  # fmt: skip
    middle = len(pattern) // 2
    assert getattr(causes_of(pattern), rule).any()
    gap = np.array([pattern], dtype=float)
    gap[0, middle] = np.nan
    assert not getattr(special_causes(gap, given_limits(gap)), rule).any()
    X = np.array([pattern], dtype=float)
    segment = [(np.arange(len(pattern)) >= middle).astype(int)]
    assert not getattr(special_causes(X, given_limits(X, segment)), rule).any()


def test_the_step_into_a_new_stretch_is_no_part_of_a_trend():
    X = np.array([[0.0, *np.linspace(0.1, 1.5, 6)]])
    segment = [[0, 1, 1, 1, 1, 1, 1]]
    assert special_causes(X, given_limits(X)).trend.all()
    assert not special_causes(X, given_limits(X, segment)).trend.any()


def test_the_first_rule_that_holds_names_the_point():
    found = causes_of([0.1, 0.2, 0.3, 0.4, 0.5, 2.4, 2.6, 3.1])
    assert found.rule[0].tolist() == ["trend"] * 7 + ["beyond a limit"]
    assert found.shift.all()
    assert found.two_of_three[0, 5:7].all()
    found = causes_of([0.5, 0.4, 0.5, 0.4, 0.5, 2.4, 2.6])
    assert found.rule[0].tolist() == ["shift"] * 5 + ["two of three near a limit"] * 2


amounts = st.one_of(st.just(np.nan), st.integers(-4, 4).map(lambda k: 0.8 * k))
matrices = arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=24), elements=amounts)


def in_a_loop(row, points):
    """Return the four rules of one series of standard scores, written out window by window."""
    n = len(row)
    beyond, trend, near, shift = (np.zeros(n, dtype=int) for _ in range(4))
    beyond[row > 3], beyond[row < -3] = 1, -1
    for start in range(n - points + 1):
        window = slice(start, start + points)
        part = row[window]
        if (part > 0).all() or (part < 0).all():
            shift[window] = np.sign(part[0])
        if (np.diff(part) > 0).all() or (np.diff(part) < 0).all():
            trend[window] = np.sign(part[1] - part[0])
    for start in range(n - 2):
        part = row[start : start + 3]
        close = (np.abs(part) > 2) & (np.abs(part) <= 3)
        if close.sum() >= 2 and ((part > 0).all() or (part < 0).all()):
            near[start : start + 3][close] = np.sign(part[0])
    return beyond, trend, near, shift


@given(X=matrices, points=st.sampled_from([6, 7]))
@settings(max_examples=80)
def test_each_series_is_read_as_it_would_be_window_by_window(X, points):
    found = special_causes(X, given_limits(X), points=points)
    for i, row in enumerate(X):
        expected = in_a_loop(row, points)
        ours = (found.beyond[i], found.trend[i], found.two_of_three[i], found.shift[i])
        assert_array_equal(ours, expected)


@given(X=matrices)
@settings(max_examples=60)
def test_the_other_way_up_what_was_good_is_bad(X):
    """Neither the limits nor the rules have a side of their own."""
    found, flipped = (special_causes(Y, xmr_limits(Y)) for Y in (X, -X))
    assert_array_equal(flipped.direction, -found.direction)
    assert_array_equal(flipped.rule, found.rule)
    up = point_types(X, found, better="up")
    down = point_types(-X, flipped, better="down")
    assert_array_equal(np.char.partition(up, " ")[..., 0], np.char.partition(down, " ")[..., 0])


@given(X=matrices)
@settings(max_examples=30)
def test_no_rule_holds_in_a_gap(X):
    found = special_causes(X, xmr_limits(X))
    gap = np.isnan(X)
    assert (found.rule[gap] == "").all()
    assert (point_types(X, found, better="up")[gap] == "").all()
    assert (point_types(X, found, better="up")[~gap] != "").all()


def test_a_rule_that_holds_nowhere_needs_limits():
    X = np.array([[np.nan, 5.0, np.nan]])
    found = special_causes(X, xmr_limits(X))
    assert not found.direction.any()


@pytest.mark.parametrize(
    ("newest", "better", "icon"),
    [
        (9, "up", "improvement high"),
        (9, "down", "concern high"),
        (9, "neither", "neither high"),
        (-9, "up", "concern low"),
        (-9, "down", "improvement low"),
        (0.5, "up", "common cause"),
    ],
)
def test_the_variation_icon_is_that_of_the_newest_value(newest, better, icon):
    X = np.array([[-1, 1, 9, -1, 1, -1, newest, np.nan]])
    assert variation_icons(X, special_causes(X, given_limits(X)), better=better).tolist() == [icon]


def test_a_series_without_a_value_has_no_icon():
    X = np.full((1, 4), np.nan)
    limits = xmr_limits(X)
    assert variation_icons(X, special_causes(X, limits), better="up").tolist() == [""]
    assert assurance_icons(X, limits, target=1.0, better="up").tolist() == ["no limits"]


@pytest.mark.parametrize(
    ("target", "up"),
    [
        (-3.1, "consistently passing"),
        (-3, "inconsistent"),
        (3, "inconsistent"),
        (3.1, "consistently failing"),
        (np.nan, "no target"),
    ],
)
def test_the_assurance_icon_says_whether_the_target_lies_within_the_limits(target, up):
    X = np.array([[0.0, 1.0, np.nan]])
    other = {"passing": "failing", "failing": "passing"}
    down = " ".join(other.get(word, word) for word in up.split())
    for better, icon in (("up", up), ("neither", "no direction")):
        found = assurance_icons(X, given_limits(X), target=target, better=better)
        assert found.tolist() == [icon]
    assert assurance_icons(X, given_limits(X), target=target, better="down").tolist() == [down]


def test_each_authority_may_have_its_own_target():
    X = np.zeros((3, 2))
    icons = assurance_icons(X, given_limits(X), target=[-4, 0, 4], better="up")
    assert icons.tolist() == ["consistently passing", "inconsistent", "consistently failing"]


def test_assurance_goes_by_the_newest_limits():
    X = np.array([[1.0, 2, 1, 2, 1, 2, 11, 12, 11, 12, 11, 12]])
    limits = xmr_limits(X, rebase=np.arange(12) == 6)
    assert assurance_icons(X, limits, target=8, better="up").tolist() == ["consistently passing"]


@pytest.mark.parametrize("shape", [(0, 8), (3, 0), (1, 1)])
def test_next_to_nothing_can_be_read(shape):
    X = np.ones(shape)
    limits = xmr_limits(X)
    found = special_causes(X, limits)
    assert found.rule.shape == shape
    assert variation_icons(X, found, better="up").shape == (shape[0],)
    assert assurance_icons(X, limits, target=0, better="up").shape == (shape[0],)
    assert len(control_points(X, limits, better="up")) == X.size


def test_the_table_has_a_row_for_every_value_and_gap(rng):
    X = rng.normal(size=(4, 14))
    X[2, 5] = np.nan
    limits = xmr_limits(X, baseline=12)
    table = control_points(X, limits, better="down", points=6)
    assert_array_equal(table["value"].to_numpy().reshape(X.shape), X)
    assert_array_equal(table["upper"].to_numpy().reshape(X.shape), limits.upper)
    there = table[(table["row"] == 2) & (table["column"] == 5)]
    assert there[["rule", "point"]].values.tolist() == [["", ""]]


def test_what_is_not_an_option_is_refused_in_words():
    X = np.ones((1, 3))
    limits = given_limits(X)
    with pytest.raises(UsageError, match="6 or 7 points"):
        special_causes(X, limits, points=8)
    with pytest.raises(UsageError, match="its limits are"):
        special_causes(X[:, :2], limits)
    with pytest.raises(UsageError, match="'up', 'down' or 'neither'"):
        point_types(X, special_causes(X, limits), better="high")
