"""What each series shows: every one comes out, and by hand what is said of it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.catalogue import Metric
from earlywarning.models.peers import position_tails
from earlywarning.panel import as_panel
from earlywarning.schema import ASSESSED, CONTRASTS, SIGNAL_NAMES, SIGNALS
from earlywarning.settings import Settings
from earlywarning.signals import (
    Company,
    as_known,
    known_by,
    measure,
    prepare,
    signals_table,
)

few = settings(max_examples=5)
SETTINGS = Settings()


def metric(higher_is="worse", **more):
    return Metric(metric="debt", title="Debt", higher_is=higher_is, **more)


def ready(panel, what=None, as_of=None, neighbours=None, kind="unitary"):
    day = panel.latest_publication if as_of is None else pd.Timestamp(as_of)
    types = pd.Series(kind, index=panel.authorities)
    matrix = panel.known_at(day).matrix("debt")
    return prepare(matrix, what or metric(), Company(types, neighbours), day, settings=SETTINGS)


def signals(panel, what=None, before=None, **more):
    measured = measure(ready(panel, what, **more), before, settings=SETTINGS)
    return signals_table([measured], settings=SETTINGS)


def of(table, row, signal):
    """Return one signal of the authority in that row of the matrix."""
    code = f"E06{row + 1:06d}"
    return table[table["authority"].eq(code) & table["signal"].eq(signal)].iloc[0]


@pytest.fixture
def values(rng):
    return 50 + rng.normal(size=(20, 9))


# Every series comes out.


@few
@given(seed=st.integers(0, 1000), gaps=st.floats(0, 0.8))
def test_every_series_has_every_signal_once(long, seed, gaps):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(12, 8))
    patterns = rng.random((3, 8)) < gaps
    patterns[0, -1] = False  # 2017-18 can be no month
    values[patterns[np.arange(12) % 3]] = np.nan
    panel = as_panel(long(values))
    table = signals(panel)
    assert tuple(table.columns) == SIGNALS
    assert table["signal"].to_list() == [*SIGNAL_NAMES] * len(panel.authorities)
    assert table["authority"].unique().tolist() == panel.authorities
    assert table.groupby("authority", observed=True).size().eq(5).all()
    assert (table.loc[table["status"].ne(ASSESSED), "direction"] == "none").all()
    judged = table[table["status"].eq(ASSESSED)]
    assert judged[["value", "expected", "lower", "upper", "z", "p"]].notna().all(axis=None)


def test_a_series_without_a_value_comes_out_and_says_so(long, values):
    rows = long(values)
    rows.loc[rows["authority"].eq("E06000004"), "value"] = np.nan
    table = signals(as_panel(rows))
    mine = table[table["authority"].eq("E06000004")]
    assert (mine["status"] == "no value").all()
    assert mine[["value", "z", "p"]].isna().all(axis=None)
    assert (mine["period"] == "").all()


def test_fewer_than_five_periods_are_too_few_for_a_change_but_have_a_position(long, values):
    values[3, :5] = np.nan
    values[4, :4] = np.nan
    table = signals(as_panel(long(values)))
    assert of(table, 3, "change")["status"] == "too few periods"
    assert of(table, 4, "change")["status"] == ASSESSED
    assert of(table, 3, "position")["status"] == ASSESSED


def test_a_series_that_never_moved_is_constant_for_a_change_but_has_a_position(long, values):
    values[3] = 49.0
    table = signals(as_panel(long(values)))
    for name in ("last", "step", "drift", "change"):
        assert of(table, 3, name)["status"] == "constant"
        assert np.isnan(of(table, 3, name)["p"]) or of(table, 3, name)["direction"] == "none"
    assert of(table, 3, "position")["status"] == ASSESSED


def test_where_nobody_ever_moved_a_first_move_is_not_judged(long):
    values = np.arange(20.0)[:, None] * np.ones(9)
    values[3, -1] += 1
    assert of(signals(as_panel(long(values))), 3, "change")["status"] == "constant until now"


def test_a_value_older_than_one_and_a_half_releases_is_stale(long, values):
    panel = as_panel(long(values))
    newest = panel.latest_publication
    on_time = signals(panel, as_of=newest + pd.Timedelta(days=547))
    late = signals(panel, as_of=newest + pd.Timedelta(days=549))
    assert (on_time["status"] == ASSESSED).all()
    assert (late["status"] == "stale").all()


def test_one_authority_that_stopped_publishing_is_stale_and_others_are_not(long, values):
    values[3, -2:] = np.nan
    table = signals(as_panel(long(values)))
    assert set(table.loc[table["authority"].eq("E06000004"), "status"]) == {"stale"}
    assert set(table.loc[table["authority"].ne("E06000004"), "status"]) == {ASSESSED}


@pytest.mark.parametrize(("n", "status"), [(5, "too few peers"), (6, ASSESSED)])
def test_a_position_needs_five_peers(long, values, n, status):
    assert of(signals(as_panel(long(values[:n]))), 0, "position")["status"] == status


def test_peers_that_are_all_alike_give_no_yardstick(long, values):
    values[:, -1] = 50.0
    values[3, -1] = 60.0
    assert of(signals(as_panel(long(values))), 3, "position")["status"] == "peers do not differ"


# Position.


def test_a_position_is_the_robust_distance_from_the_named_neighbours(long, values):
    named = [1, 2, 5, 8, 13, 17]
    pairs = {"authority": "E06000001", "neighbour": [f"E06{i + 1:06d}" for i in named]}
    neighbours = pd.DataFrame(pairs).assign(rank=range(1, 7))
    found = of(signals(as_panel(long(values)), neighbours=neighbours), 0, "position")
    median = np.median(values[named, -1])
    spread = 1.4826022 * np.median(np.abs(values[named, -1] - median))
    above, _ = position_tails(np.array([(values[0, -1] - median) / spread]), np.array([6]))
    assert_allclose(found["expected"], median)
    assert_allclose(found["p"], above[0], rtol=1e-6)
    assert found["n_peers"] == 6
    assert found["value"] == values[0, -1]


def test_without_named_neighbours_the_peers_are_the_others_of_the_type(long, values):
    found = of(signals(as_panel(long(values))), 0, "position")
    assert_allclose(found["expected"], np.median(values[1:, -1]))
    assert found["n_peers"] == 19


def test_types_are_told_apart_by_number_and_those_nobody_knows_are_of_one(long, values):
    panel = as_panel(long(values))
    kinds = dict(zip(panel.authorities, ["unitary", "county"] * 6, strict=False))
    found = prepare(
        panel.matrix("debt"), metric(), Company(kinds), panel.latest_publication, settings=SETTINGS
    )
    assert_array_equal(found.types, ["unitary", "county"] * 6 + ["unknown"] * 8)
    assert_array_equal(found.kinds[:, None] == found.kinds, found.types[:, None] == found.types)


def test_a_neighbour_that_has_not_published_is_no_peer(long, values):
    named = [1, 2, 5, 8, 13, 17]
    values[17, -1] = np.nan
    pairs = {"authority": "E06000001", "neighbour": [f"E06{i + 1:06d}" for i in named]}
    neighbours = pd.DataFrame(pairs).assign(rank=range(1, 7))
    found = of(signals(as_panel(long(values)), neighbours=neighbours), 0, "position")
    assert_allclose(found["expected"], np.median(values[named[:-1], -1]))
    assert found["n_peers"] == 5


# Which way is worse.


@few
@given(seed=st.integers(0, 1000))
def test_a_metric_turned_over_says_the_same_of_its_mirror_image(long, seed):
    values = np.random.default_rng(seed).normal(size=(12, 8))
    worse = signals(as_panel(long(values)))
    better = signals(as_panel(long(-values)), metric("better"))
    for name in ("z", "p", "direction", "status", "n_peers", "n_periods"):
        assert_array_equal(better[name], worse[name], err_msg=name)
    assert_allclose(better["expected"], -worse["expected"], rtol=1e-9, atol=1e-12)
    assert_allclose(better["lower"], -worse["upper"], rtol=1e-9, atol=1e-12)


@few
@given(seed=st.integers(0, 1000))
def test_better_and_worse_share_out_the_chance(long, seed):
    values = np.random.default_rng(seed).normal(size=(12, 8))
    worse, better = (signals(as_panel(long(values)), metric(side)) for side in ("worse", "better"))
    single = worse["signal"].ne("change")
    assert_allclose(worse["p"][single] + better["p"][single], 1, rtol=1e-9)
    assert_allclose(worse["z"], -better["z"], atol=1e-9)
    assert (worse["direction"].eq("worse") == worse["z"].gt(0)).all()


def test_a_metric_with_no_worse_side_is_unusual_on_both(long, values):
    values[3, -1] += 8
    values[4, -1] -= 8
    found = signals(as_panel(long(values)), metric("context"))
    sided = signals(as_panel(long(values)))
    for name in ("position", "last"):
        assert of(found, 3, name)["direction"] == of(found, 4, name)["direction"] == "unusual"
        assert_allclose(of(found, 3, name)["p"], 2 * of(sided, 3, name)["p"], rtol=1e-9)
        assert of(found, 4, name)["p"] < 0.001 < 0.99 < of(sided, 4, name)["p"]
    assert of(found, 3, "change")["p"] < 0.001
    assert of(found, 4, "change")["p"] < 0.001
    assert set(found["direction"]) == {"unusual"}


# Late returns.


def test_a_late_return_is_judged_at_its_own_newest_period_against_that_periods_peers(long, values):
    late = values.copy()
    late[3, -1] = np.nan
    late[3, -2] += 8
    found = signals(as_panel(long(late)))
    mine = of(found, 3, "last")
    assert mine["period"] == "2017/18"
    assert mine["value"] == late[3, -2]
    assert mine["p"] < 1e-4
    # As if the newest period were not there for anybody.
    then = signals(as_panel(long(late[:, :-1])))
    parts = ["value", "expected", "lower", "upper", "z", "p"]
    here, there = of(found, 3, "position")[parts], of(then, 3, "position")[parts]
    assert_allclose(here.astype(float), there.astype(float), rtol=1e-9)
    for name in CONTRASTS:  # learnt with one period more of the others: nearly the same
        here, there = of(found, 3, name), of(then, 3, name)
        assert here["value"] == there["value"]
        assert_allclose(here["expected"], there["expected"], atol=0.3)
        assert_allclose(here["upper"] - here["lower"], there["upper"] - there["lower"], rtol=0.2)
    assert (found.loc[found["authority"].ne("E06000004"), "period"] == "2018/19").all()


def test_a_newest_period_came_out_with_its_first_value(long, values):
    rows = long(values)
    rows["published"] = rows["period"].str[:4].astype(int).add(1).astype(str) + "-10-15"
    early = rows["authority"].eq("E06000002") & rows["period"].eq("2018-19")
    rows.loc[early, "published"] = "2019-09-01"
    panel = as_panel(rows)
    assert ready(panel).newest_published == pd.Timestamp("2019-09-01")
    then = ready(panel, as_of="2019-08-31")
    assert np.isfinite(then.x[:, then.newest.max()]).all()
    assert then.matrix.periods[then.newest.max()] == "2017/18"


# What was learnt is used again where it fits.


def test_what_was_learnt_is_used_where_the_periods_are_the_same(long, values):
    first = measure(ready(as_panel(long(values))), settings=SETTINGS)
    again = measure(ready(as_panel(long(values))), first.learnt, settings=SETTINGS)
    assert again.learnt["2018/19"] is first.learnt["2018/19"]
    straight = signals_table([first], settings=SETTINGS)
    pd.testing.assert_frame_equal(signals_table([again], settings=SETTINGS), straight, rtol=1e-9)


def test_what_was_learnt_of_others_judges_altered_values(long, values):
    """Learnt from calm, a wild panel looks wilder than learnt from itself."""
    first = measure(ready(as_panel(long(values))), settings=SETTINGS)
    wild = as_panel(long(50 + 5 * (values - 50)))
    by_first = signals(wild, before=first.learnt)
    assert by_first["z"].abs().median() > signals(wild)["z"].abs().median()


@pytest.mark.parametrize("cut", [np.s_[:, :-1], np.s_[:, 1:]])
def test_other_periods_are_learnt_anew(long, values, cut):
    first = measure(ready(as_panel(long(values))), settings=SETTINGS)
    other = as_panel(long(values[cut], first=2010 + (cut[1].start or 0)))
    again = measure(ready(other), first.learnt, settings=SETTINGS)
    assert not set(map(id, again.learnt.values())) & set(map(id, first.learnt.values()))
    pd.testing.assert_frame_equal(signals_table([again], settings=SETTINGS), signals(other))


def test_another_type_of_authority_is_learnt_anew(long, values):
    panel = as_panel(long(values))
    first = measure(ready(panel), settings=SETTINGS)
    again = measure(ready(panel, kind="county"), first.learnt, settings=SETTINGS)
    assert again.learnt["2018/19"] is not first.learnt["2018/19"]
    assert again.learnt["2018/19"].groups == ("county",)


# In the metric's units.


@few
@given(
    seed=st.integers(0, 1000),
    scale=st.sampled_from(["identity", "log", "logit", "asinh"]),
    higher_is=st.sampled_from(["worse", "better", "context"]),
)
def test_values_and_limits_are_in_the_metrics_units_and_in_order(long, seed, scale, higher_is):
    rng = np.random.default_rng(seed)
    values = 100 / (1 + np.exp(-rng.normal(size=(14, 8))))
    table = signals(as_panel(long(values)), metric(higher_is, transform=scale, unit="percent"))
    for signal in ("position", "last", "drift"):
        assert_allclose(table.loc[table["signal"].eq(signal), "value"], values[:, -1])
    assert (table["lower"] <= table["expected"]).all()
    assert (table["expected"] <= table["upper"]).all()
    near = table["expected"].between(values.min() - 60, values.max() + 60)
    assert near.mean() > 0.95
    if scale == "logit":
        assert table[["lower", "upper"]].stack().between(0, 100).all()


@few
@given(seed=st.integers(0, 1000))
def test_the_verdict_of_a_change_is_shown_by_its_strongest_contrast(long, seed):
    values = np.random.default_rng(seed).normal(size=(12, 8))
    table = signals(as_panel(long(values))).set_index(["authority", "signal"])
    for code in table.index.unique("authority"):
        contrasts = table.loc[code].loc[["last", "step", "drift"]]
        shown = ["value", "expected", "lower", "upper"]
        strongest = contrasts.loc[contrasts["p"].idxmin(), shown]
        assert (table.loc[(code, "change"), shown] == strongest).all()


# What was known a release earlier.


@pytest.mark.parametrize("transform", ["identity", "log"])
def test_a_mask_tells_what_was_known_as_a_panel_cut_at_the_day_does(long, rng, transform):
    values = np.exp(rng.normal(size=(12, 9)))
    values[rng.random(values.shape) < 0.15] = np.nan
    panel = as_panel(long(values))
    assert not panel.revised
    prepared = ready(panel, metric(transform=transform))
    day = prepared.newest_published - pd.Timedelta(days=1)
    masked = known_by(prepared, day)
    cut = as_known(prepared, panel.only(["debt"]).known_at(day).matrix("debt"))
    assert_allclose(masked.x, cut.x, rtol=1e-12)
    assert_array_equal(masked.newest, cut.newest)
    assert_array_equal(masked.status, cut.status)
    assert np.isnan(masked.x[:, -1]).all()
    assert np.isfinite(prepared.x[:, -1]).any()


def test_what_was_known_of_a_revised_value_is_its_first_word(long, rng):
    values = rng.normal(50, 1, (12, 9))
    rows = as_panel(long(values)).frame[["authority", "metric", "period", "value", "published"]]
    at = rows["authority"].eq("E06000004") & rows["period"].eq("2017/18")
    revised = rows[at].assign(value=99.0, published=rows["published"].max())
    panel = as_panel(pd.concat([rows, revised]))
    assert panel.revised
    prepared = ready(panel)
    assert prepared.x[3, -2] == 99.0
    known = panel.known_at(prepared.newest_published - pd.Timedelta(days=1)).matrix("debt")
    assert as_known(prepared, known).x[3, -2] == pytest.approx(values[3, -2])


def test_a_panel_of_some_metrics_is_as_if_the_others_had_never_come(long, rng):
    parts = [long(rng.normal(size=(4, 6)), name) for name in ("a", "b", "c")]
    panel = as_panel(pd.concat(parts))
    some = panel.only(["c", "a"])
    assert some.metrics == panel.metrics  # the words stay, so that codes mean the same
    assert set(some.frame["metric"].astype(str)) == {"a", "c"}
    for name in ("a", "c"):
        assert_array_equal(some.matrix(name).values, panel.matrix(name).values)
