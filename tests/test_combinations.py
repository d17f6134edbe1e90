"""An authority odd in the combination of its metrics, from the signals of a whole panel."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from earlywarning.models.joint import JointDistance
from earlywarning.schema import ASSESSED, COMBINATION_CONTRIBUTIONS, COMBINATIONS
from earlywarning.signals.combinations import (
    combinations_table,
    combine,
    contributions_table,
)

KINDS = ("position", "change")
few = settings(max_examples=15)


def codes(n):
    return pd.Index([f"E06{i + 1:06d}" for i in range(n)])


def signals_of(z, signal="last", status=ASSESSED):
    """Return signals with these z, authorities down and metrics across; NaN is not assessed."""
    n, m = z.shape
    words = np.where(np.isfinite(z), status, "no value").ravel()
    return pd.DataFrame(
        {
            "authority": np.repeat(codes(n), m),
            "metric": np.tile([f"metric {j}" for j in range(m)], n),
            "signal": signal,
            "z": z.ravel(),
            "status": words,
        }
    )


def tables(z, **about):
    n = codes(len(z))
    combined = combine(signals_of(z, **about), n)
    return combinations_table(combined, n), contributions_table(combined, n)


def correlated(rng, n=120):
    """Return three metrics of which two go together, and one by itself."""
    shared = rng.normal(size=(n, 1))
    return np.hstack([shared + 0.3 * rng.normal(size=(n, 2)), rng.normal(size=(n, 1))])


def test_two_metrics_that_go_together_elsewhere_and_not_here_stand_out(rng):
    z = correlated(rng)
    z[7] = [1.6, -1.6, 0.0]
    z[8] = [1.6, 1.6, 0.0]
    table, parts = tables(z)
    change = table[table["kind"].eq("change")].set_index("authority")
    assert tuple(table.columns) == COMBINATIONS
    assert tuple(parts.columns) == COMBINATION_CONTRIBUTIONS
    assert change["p"].idxmin() == "E06000008"
    assert change.loc["E06000008", "q"] < 0.1
    assert change.loc["E06000009", "p"] > 0.05
    mine = parts[parts["authority"].eq("E06000008")].set_index("metric")["contribution"]
    assert mine[["metric 0", "metric 1"]].min() > 10 * mine["metric 2"]


@few
@given(seed=st.integers(0, 10_000), gaps=st.floats(0, 0.6))
def test_contributions_add_up_to_the_squared_distance(seed, gaps):
    rng = np.random.default_rng(seed)
    z = np.where(rng.random((60, 5)) < gaps, np.nan, rng.standard_t(3, size=(60, 5)))
    table, parts = tables(z)
    total = parts.groupby(["authority", "kind"])["contribution"].sum()
    told = table[table["squared"].notna()].set_index(["authority", "kind"])["squared"]
    assert set(total.index) == set(told.index)
    assert_allclose(total.reindex(told.index), told, rtol=1e-10)
    assert (parts["contribution"] >= 0).all()


@few
@given(seed=st.integers(0, 10_000))
def test_which_way_is_worse_changes_no_distance(seed):
    rng = np.random.default_rng(seed)
    z = correlated(rng, 60)
    turned = tables(z * [1, -1, 1])
    for one, other in zip(tables(z), turned, strict=True):
        names = [name for name in one.columns if name != "z"]
        assert_frame_equal(one[names], other[names], rtol=1e-6)


def test_the_figures_are_those_of_the_joint_distance(rng):
    z = correlated(rng)
    table, _ = tables(z)
    expected = JointDistance().fit(z).judge(z)
    change = table[table["kind"].eq("change")]
    for name in ("squared", "p", "n_metrics"):
        assert_allclose(change[name], getattr(expected, name))


def test_the_two_kinds_are_taken_from_their_own_signals(rng):
    z = correlated(rng)
    both = pd.concat([signals_of(z, "position"), signals_of(z[::-1], "last")])
    table = combinations_table(combine(both, codes(len(z))), codes(len(z)))
    position, change = (table[table["kind"].eq(kind)]["squared"].to_numpy() for kind in KINDS)
    assert_allclose(position, change[::-1])


def test_a_metric_of_few_authorities_and_what_is_not_assessed_take_no_part(rng):
    z = np.column_stack([correlated(rng), rng.normal(size=120)])
    z[19:, 3] = np.nan
    z[0, :3] = np.nan
    table, parts = tables(z)
    assert set(parts["metric"]) == {"metric 0", "metric 1", "metric 2"}
    first = table[table["kind"].eq("change")].iloc[0]
    assert (first["status"], first["n_metrics"]) == ("no metric", 0)
    assert np.isnan([first["squared"], first["p"], first["q"]]).all()


@pytest.mark.parametrize("z", [np.full((30, 3), np.nan), np.zeros((0, 3)), np.zeros((30, 3))])
def test_where_there_is_nothing_to_combine_the_tables_say_so(z):
    table, parts = tables(z)
    assert tuple(table.columns) == COMBINATIONS
    assert len(table) == 2 * len(z)
    assert table["p"].isna().all()
    assert (table["status"] != ASSESSED).all()
    assert parts["contribution"].isna().sum() == 0


def test_a_z_without_end_is_far_and_no_more(rng):
    z = correlated(rng)
    z[7] = [np.inf, -np.inf, 0.0]
    signals = signals_of(np.nan_to_num(z, posinf=1e9, neginf=-1e9)).assign(z=z.ravel())
    table = combinations_table(combine(signals, codes(120)), codes(120))
    assert np.isfinite(table.loc[table["kind"].eq("change"), "squared"]).all()
    assert table["p"].idxmin() == 120 + 7


@pytest.mark.slow
def test_authorities_like_the_others_are_called_odd_as_often_as_stated(rng):
    p = np.concatenate([tables(correlated(rng, 300))[0]["p"].dropna() for _ in range(100)])
    for level in (0.05, 0.01):
        assert 0.5 * level <= (p <= level).mean() <= 1.5 * level


def test_the_sample_s_combinations_are_told_for_every_authority_and_add_up(sample):
    result = sample.result
    table, parts = result.combinations, result.combination_contributions
    assert len(table) == 2 * len(result.authorities)
    assert table["kind"].unique().tolist() == list(KINDS)
    total = parts.groupby(["authority", "kind"])["contribution"].sum()
    told = table[table["squared"].notna()].set_index(["authority", "kind"])["squared"]
    assert_allclose(total.reindex(told.index), told, rtol=1e-10)
    assert table["status"].eq(ASSESSED).mean() > 0.9
