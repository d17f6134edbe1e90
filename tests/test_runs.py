"""The Anhoej rules against qicharts2, and how often chance breaks them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from control_references import Agreement, as_rows, read
from earlywarning.models.control.runs import run_limits, runs

COLUMNS = ["longest.run", "longest.run.max", "n.crossings", "n.crossings.min", "runs.signal"]
TEXTBOOK = {"ref_ex_6.5_3": 40, "ref_ex_7.3_3": 44, "ref_ex_7.4_1": 20, "ref_tbl_7.4_1": 25}


def five(found):
    """Return what qicharts2 says of runs, in its order, of the one series."""
    parts = (found.longest, found.longest_limit, found.crossings, found.crossings_limit)
    return [*(int(part[0]) for part in parts), bool(found.signal[0])]


def differing(ours, theirs):
    return sum(a != b for a, b in zip(ours, theirs, strict=True))


def qicharts2():
    found = []
    for (data, chart), table in read("qicharts2_charts.csv").groupby(["data", "chart"]):
        ours = five(runs(table[["y"]].to_numpy().T, table[["cl"]].to_numpy().T))
        wrong = differing(ours, table[COLUMNS].iloc[0])
        found.append(Agreement(f"qicharts2, runs, {chart}, {data}", 5, wrong, 0))
    for name, n_useful in TEXTBOOK.items():
        table = read(f"qicharts2_montgomery_{name}.csv")
        y = table["y"].where(table["include"])
        ours = runs(y.to_numpy()[None], table[["cl"]].to_numpy().T)
        assert ours.n_useful[0] == n_useful
        theirs = table[["n.useful", *COLUMNS]].iloc[0]
        wrong = differing([int(ours.n_useful[0]), *five(ours)], theirs)
        found.append(Agreement(f"qicharts2, runs, Montgomery {name}", 6, wrong, 0))
    return found


def limits():
    table = read("anhoej_limits.csv")
    longest, crossings = run_limits(table["n"])
    wrong = (longest != table["longest_run_max"]).sum() + (
        crossings != table["min_crossings"]
    ).sum()
    return Agreement("qicharts2, Anhoej limits for n = 2 to 60", 2 * len(table), wrong, 0)


def agreements():
    return as_rows([*qicharts2(), limits()])


def test_every_count_of_qicharts2_is_ours(shared):
    found = qicharts2()
    assert len(found) == 24 + 4
    assert [one.reference for one in found if one.largest] == []


def test_every_limit_of_qicharts2_is_ours(shared):
    found = limits()
    assert (found.n_values, found.largest) == (118, 0)


values = st.one_of(st.just(np.nan), st.integers(-2, 2).map(float))


@given(X=arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=20), elements=values))
@settings(max_examples=60)
def test_runs_are_counted_over_the_values_off_the_line(X):
    found = runs(X, np.zeros(X.shape))
    for i, row in enumerate(X):
        side = [s for s in np.sign(row) if s in (1, -1)]
        lengths = [0]
        for before, now in zip([0, *side], side, strict=False):
            lengths.append(lengths[-1] + 1 if now == before else 1)
        assert found.n_useful[i] == len(side)
        assert found.longest[i] == max(lengths)
        assert found.crossings[i] == sum(a != b for a, b in pairwise(side))


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (2, 1)])
def test_next_to_nothing_has_no_signal(shape):
    assert not runs(np.ones(shape), np.zeros((shape[0], 1))).signal.any()


def test_a_series_on_its_line_has_no_runs():
    found = runs(np.full((1, 12), 5.0), [[5.0]])
    assert five(found) == [0, 0, 0, 0, False]


@pytest.mark.parametrize("n", [10, 12, 20, 24])
def test_a_random_series_about_a_known_line_breaks_the_rules_in_some_3_to_9_of_100(n, rng):
    share = runs(rng.normal(size=(20_000, n)), np.zeros((20_000, 1))).signal.mean()
    assert 0.03 < share < 0.09
