"""The rules of Western Electric and of Nelson: against qcc, and window by window."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from control_references import Agreement, as_rows, read
from earlywarning.models.control.limits import Limits
from earlywarning.models.control.western_electric import nelson, western_electric
from earlywarning.models.control.xmr import xmr_limits


def qcc():
    """Return for each series how many of qcc's marks differ from ours."""
    found = []
    for series, table in read("qcc_rules_cases.csv").groupby("series"):
        X = table[["y"]].to_numpy().T
        limits = xmr_limits(X, moving_ranges="all", range_to_limit=3 / 1.128)
        ours = np.vstack([western_electric(X, limits)[:, 0], nelson(X, limits)[:, 0]])
        theirs = table.filter(regex="^(WE|NEL)").to_numpy().T
        assert ours.shape == theirs.shape == (12, len(table))
        found.append(Agreement(f"qcc 3, rules, {series}", ours.size, (ours != theirs).sum(), 0))
    return found


def agreements():
    return as_rows(qcc())


def test_every_mark_of_qcc_is_ours(shared):
    assert [(one.n_values, one.largest) for one in qcc()] == [(1200, 0), (480, 0), (360, 0)]


def unit_limits(X, segment):
    flat = np.zeros(X.shape)
    return Limits(flat, flat - 3, flat + 3, flat + 1, segment, segment, flat.astype(str))


def some(part, n, far):
    """Tell whether the last of these is one of n beyond `far`, all on its side."""
    last = np.sign(part[-1])
    return abs(part[-1]) > far and (last * part > far).sum() >= n


def last_marks(row):
    """Return the twelve rules at the last of these values, none of them a gap, by their words."""
    turns = np.sign(np.diff(row[-14:]))
    steps = np.sign(np.diff(row[-6:]))
    side = np.sign(row)
    one_side = [len(row) >= n and abs(side[-n:].sum()) == n for n in (8, 9)]
    four = [abs(row[-1]) > 3, some(row[-3:], 2, 2), some(row[-5:], 4, 1)]
    return [
        *four,
        one_side[0],
        four[0],
        one_side[1],
        len(row) >= 6 and abs(steps.sum()) == 5,
        len(row) >= 14 and (turns[1:] * turns[:-1] < 0).all(),
        *four[1:],
        len(row) >= 15 and (np.abs(row[-15:]) < 1).all(),
        len(row) >= 8 and (np.abs(row[-8:]) > 1).all(),
    ]


choices = {
    "any": st.one_of(st.just(np.nan), st.integers(-4, 4).map(lambda k: 0.9 * k)),
    "near": st.integers(-1, 1).map(lambda k: 0.9 * k),
    "far": st.sampled_from([-2.7, -1.8, 1.8, 2.7]),
    "rising": st.integers(0, 30).map(lambda k: k / 10),
}


@given(data=st.data(), kind=st.sampled_from(sorted(choices)), cut=st.integers(0, 24))
@settings(max_examples=100)
def test_each_point_is_marked_as_its_own_past_says(data, kind, cut):
    X = data.draw(arrays(float, (2, 24), elements=choices[kind]))
    X = np.sort(X, axis=1) if kind == "rising" else X
    segment = np.broadcast_to((np.arange(24) >= cut).astype(int), X.shape)
    limits = unit_limits(X, segment)
    found = np.concatenate([western_electric(X, limits), nelson(X, limits)])
    for i, t in np.ndindex(X.shape):
        start = max([0, cut if t >= cut else 0, *(np.flatnonzero(np.isnan(X[i, : t + 1])) + 1)])
        past = X[i, start : t + 1]
        expected = last_marks(past) if past.size else [False] * 12
        assert_array_equal(found[:, i, t], expected)


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        (2, [0, 1, 2, 3, 4, 5]),
        (3, [0, 1] * 7),
        (6, [0.5, -0.5, 0.2] * 5),
        (7, [1.5, -1.5] * 4),
    ],
)
def test_the_rules_that_qcc_s_series_never_meet_are_met_by_their_patterns(rule, pattern):
    X = np.array([pattern], dtype=float)
    marks = nelson(X, unit_limits(X, np.zeros(X.shape, dtype=int)))[rule, 0]
    assert marks.tolist() == [False] * (len(pattern) - 1) + [True]


@pytest.mark.parametrize("shape", [(0, 8), (3, 0), (1, 1)])
def test_next_to_nothing_breaks_no_rule(shape):
    X = np.ones(shape)
    assert not western_electric(X, xmr_limits(X)).any()
    assert not nelson(X, xmr_limits(X)).any()


def test_a_constant_baseline_marks_what_leaves_it():
    X = np.array([[2.0, 2, 2, 2, 2, 2.1]])
    marks = western_electric(X, xmr_limits(X, baseline=4))
    assert marks[0, 0].tolist() == [False] * 5 + [True]
