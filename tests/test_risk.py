"""Scores that add up, are set against chance, and never forgive bad news for good."""

import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy.stats import norm

from earlywarning.catalogue import as_catalogue
from earlywarning.risk import assess, points_of
from earlywarning.risk.assess import _healthy, _parts, _rare_chances, _tiers
from earlywarning.schema import ASSESSED, AUTHORITIES, CONTRIBUTIONS, FLAGS, REGISTER, SIGNALS
from earlywarning.schema import empty as no_rows
from earlywarning.settings import Settings

FAST = Settings(null_draws=200, tail_draws=400, rank_draws=50)
few = settings(max_examples=20)
NO_FLAGS = no_rows(FLAGS)


def signals_of(z):
    """Return positions and changes with these z, (n_authorities, n_metrics, 2); NaN: too few."""
    n, m, _ = z.shape
    index = pd.MultiIndex.from_product(
        [[f"E06{i:06d}" for i in range(n)], [f"m{i}" for i in range(m)], ["position", "change"]],
        names=["authority", "metric", "signal"],
    )
    table = pd.DataFrame({"z": z.ravel(), "p": norm.sf(z.ravel())}, index=index).reset_index()
    table["status"] = np.where(table["z"].isna(), "too few periods", ASSESSED)
    return table.reindex(columns=list(SIGNALS))


def metrics_of(n, themes=2, higher_is="worse"):
    names = [f"m{i}" for i in range(n)]
    theme = [f"theme {i % themes}" for i in range(n)]
    table = pd.DataFrame({"metric": names, "theme": theme, "higher_is": higher_is})
    return as_catalogue(table).table


def register_of(signals):
    codes = pd.Series(signals["authority"].unique(), dtype=str)
    return pd.DataFrame({"authority": codes, "name": codes, "type": "unitary"}).reindex(
        columns=list(REGISTER)
    )


def assessed(z, metrics=None, flags=NO_FLAGS, settings=FAST):
    """Return points and authorities."""
    signals = signals_of(z)
    metrics = metrics_of(z.shape[1]) if metrics is None else metrics
    points = points_of(signals, metrics, settings=settings)
    return points, assess(points, register_of(signals), signals, flags, settings=settings)


def some_z(seed, n=15, m=5, gaps=0.2):
    rng = np.random.default_rng(seed)
    z = 2 * rng.standard_t(3, size=(n, m, 2))
    z[rng.random(z.shape) < gaps] = np.nan
    return z


signals_z = st.builds(
    some_z, st.integers(0, 10**6), st.integers(1, 15), st.integers(1, 7), st.floats(0, 1)
)


# Adding up.


@few
@given(z=signals_z)
def test_contributions_add_up_at_every_level(z):
    points, table = assessed(z)
    parts = points.contributions()
    assert tuple(parts.columns) == CONTRIBUTIONS
    assert_allclose(parts["points"] * parts["weight"], parts["contribution"], atol=1e-12)
    table = table.set_index("authority")
    themes = [name for name in table if name.startswith("theme:")]

    def total(by=slice(None)):
        found = parts[by].groupby("authority")["contribution"].sum()
        return found.reindex(table.index, fill_value=0.0)

    assert_allclose(total(), table["score"], atol=1e-9)
    assert_allclose(table[themes].sum(axis=1), table["score"], atol=1e-9)
    assert_allclose(table["score_position"] + table["score_change"], table["score"], atol=1e-9)
    for kind in ("position", "change"):
        assert_allclose(total(parts["kind"].eq(kind)), table[f"score_{kind}"], atol=1e-9)
    for theme in themes:
        mine = total(parts["theme"].eq(theme.removeprefix("theme:")))
        assert_allclose(mine, table[theme], atol=1e-9)
    assert tuple(table.reset_index().columns[: len(AUTHORITIES)]) == AUTHORITIES


@few
@given(z=signals_z)
def test_each_kinds_weights_are_one_authority_s_whole_attention(z):
    parts = assessed(z)[0].contributions()
    assert (parts["weight"] > 0).all()
    assert_allclose(parts.groupby(["authority", "kind"])["weight"].sum(), 1, atol=1e-9)


@few
@given(z=signals_z)
def test_an_authoritys_themes_weigh_the_same(z):
    parts = assessed(z)[0].contributions()
    theme = parts.groupby(["authority", "kind", "theme"])["weight"].sum()
    wanted = 1 / theme.groupby(["authority", "kind"]).transform("size")
    assert_allclose(theme, wanted, atol=1e-9)


def test_points_are_those_of_chance_less_a_median_series():
    z = norm.isf([[[0.01, 0.5]], [[1e-4, 0.9]], [[1e-9, 0.2]], [[np.nan, 0.001]]])
    points = assessed(z, metrics_of(1))[0].points
    median = 10 * np.log10(2)
    wanted = [[20 - median, 0], [40 - median, 0], [40 - median, 10 * np.log10(5) - median]]
    assert_allclose(points, [*wanted, [0, 30 - median]], atol=1e-9)


# What it should not do.


@few
@given(seed=st.integers(0, 10**6))
def test_good_news_never_lowers_a_score(seed):
    z = some_z(seed)
    better = np.where(z < 0, z - 3, z)
    assert_allclose(assessed(better)[1]["score"], assessed(z)[1]["score"], atol=1e-9)


@few
@given(seed=st.integers(0, 10**6), more=st.floats(0.1, 6))
def test_more_trouble_never_gives_a_lower_score_or_a_higher_p(seed, more):
    """Ranks of the others stay: the most troubled authority of each metric gets worse."""
    z = some_z(seed, gaps=0.0)
    worst = z.argmax(axis=0)
    place = np.flatnonzero(worst.ravel() == 2)
    worse = z.copy()
    worse[2].flat[place] += more
    before, after = assessed(z)[1], assessed(worse)[1]
    assert after["score"][2] >= before["score"][2] - 1e-9
    assert after["p"][2] <= before["p"][2] + 1e-12


def test_a_metric_said_twice_does_not_count_twice(rng):
    z = rng.normal(size=(200, 3, 2))
    themed = metrics_of(3, themes=1)
    once = assessed(z, themed)[0]
    twice = np.concatenate([z, z[:, :1]], axis=1)
    more = assessed(twice, metrics_of(4, themes=1))[0]
    weight = {name: points.weight[0] for name, points in (("once", once), ("more", more))}
    of = {name: p.columns["metric"] for name, p in (("once", once), ("more", more))}
    doubled = weight["more"][of["more"].isin(["m0", "m3"])].sum()
    assert doubled == pytest.approx(weight["once"][of["once"].eq("m0")].sum(), rel=0.03)
    score = [(p.points * p.weight).sum(axis=1) for p in (once, more)]
    assert_allclose(score[1], score[0], atol=0.5)


def test_a_metric_without_a_worse_side_scores_nothing():
    z = np.full((10, 2, 2), 5.0)
    mixed = metrics_of(2)
    mixed["higher_is"] = ["context", "worse"]
    parts = assessed(z, mixed)[0].contributions()
    assert set(parts["metric"]) == {"m1"}


# Against chance.


def healthy(rng, n, m, rho=0.6):
    """Return z of healthy authorities, metrics of a theme going together."""
    shared = rng.normal(size=(n, 2, 2))[:, np.arange(m) % 2]
    return np.sqrt(rho) * shared + np.sqrt(1 - rho) * rng.normal(size=(n, m, 2))


def test_one_healthy_authority_in_twenty_has_a_p_below_5_percent(rng):
    p = np.concatenate(
        [
            assessed(healthy(rng, 300, 6), settings=Settings(null_draws=1000))[1]["p"]
            for _ in range(2)
        ]
    )
    assert 0.02 < (p < 0.05).mean() < 0.08
    assert 0.1 < (p < 0.2).mean() < 0.3  # no part says more than even odds, so p seldom is large


def test_one_authority_in_deep_trouble_stands_out(rng):
    z = healthy(rng, 150, 6)
    z[7] += 4
    table = assessed(z, settings=Settings(null_draws=1000))[1]
    assert table["score"].idxmax() == 7
    assert table["rank"][7] == 1
    assert table["tier"][7] == "priority"
    assert table["tier"].drop(7).isin(["none", "watch"]).mean() > 0.97


def test_trouble_in_one_theme_alone_stands_out(rng):
    z = healthy(rng, 150, 12)
    z[7, ::2] += 4
    table = assessed(z, settings=Settings(null_draws=1000))[1]
    assert table["p"].idxmin() == 7


@pytest.mark.parametrize("share", [1e-3, 1e-4, 1e-5])
def test_the_tail_is_that_of_many_more_draws_or_a_little_heavier(share, rng):
    """Chances read off 20,000 healthy authorities, and off 400,000."""
    points, _ = assessed(healthy(rng, 200, 8))
    rows = np.arange(1)
    drawn = np.concatenate([_parts(h, points, rows)[0, :, 0] for h in _healthy(points, 400_000, 1)])
    score = np.quantile(drawn, 1 - share)
    scores = np.full((len(_parts(points.points[:1], points, rows)), 1), score)
    fitted = _rare_chances(points, rows, scores, Settings(tail_draws=20_000))[0, 0]
    assert 0.6 * share < fitted < 5 * share


def test_where_enough_reach_a_score_they_are_counted(rng):
    points, _ = assessed(healthy(rng, 200, 8))
    rows, draws = np.arange(1), Settings(tail_draws=20_000)
    drawn = _healthy(points, draws.tail_draws, draws.seed + 2)
    reached = np.concatenate([_parts(each, points, rows)[:, :, 0] for each in drawn], axis=1)
    scores = np.quantile(reached, 0.98, axis=1)[:, None]
    expected = (1 + (reached >= scores).sum(axis=1)) / (1 + draws.tail_draws)
    assert_allclose(_rare_chances(points, rows, scores, draws)[:, 0], expected, rtol=1e-12)


def test_a_rare_chance_is_the_same_whoever_else_is_asked_about(rng):
    z = healthy(rng, 200, 8)
    z[1:3, 2:] = np.nan  # with other metrics they have another tail
    points, _ = assessed(z)
    rows, draws = np.arange(3), Settings(tail_draws=5_000)
    scores = 30.0 * np.ones((len(_parts(points.points[:1], points, rows)), 3))
    together = _rare_chances(points, rows, scores, draws)
    for i in rows:
        alone = _rare_chances(points, rows[i : i + 1], scores[:, i : i + 1], draws)
        assert_allclose(together[:, [i]], alone, rtol=1e-9)


def test_the_unit_of_the_points_makes_nobody_rarer(rng):
    points, _ = assessed(healthy(rng, 200, 8))
    rows, draws = np.arange(3), Settings(tail_draws=5_000)
    scores = 1.5 * np.concatenate([_parts(points.points[i : i + 1], points, rows[i : i + 1])[:, 0]
                                   for i in rows], axis=1)  # fmt: skip
    found = _rare_chances(points, rows, scores, draws)
    small = replace(points, weight=points.weight / 100)
    assert_allclose(_rare_chances(small, rows, scores / 100, draws), found, rtol=1e-6)


def test_same_input_same_output():
    z = some_z(5)
    assert_frame_equal(assessed(z)[1], assessed(z)[1], check_exact=True)


def test_how_much_is_worked_out_at_once_does_not_matter(monkeypatch):
    z = some_z(3, n=40, m=12)
    z[:3] += 3
    _, at_once = assessed(z)
    monkeypatch.setattr(sys.modules[assess.__module__], "ROOM", 2**14)
    _, piecemeal = assessed(z)
    assert_frame_equal(piecemeal, at_once, rtol=1e-12)


def test_memory_does_not_grow_with_the_number_of_themes(monkeypatch):
    monkeypatch.setattr(sys.modules[assess.__module__], "ROOM", 2**20)
    draws = Settings(null_draws=2000, tail_draws=4000, rank_draws=50)
    z = some_z(4, n=60, m=40, gaps=0.0)
    z[:20] += 2
    peaks = []
    for themes in (3, 40):
        tracemalloc.start()
        assessed(z, metrics=metrics_of(40, themes=themes), settings=draws)
        peaks.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
    assert peaks[1] < 100, f"MB at the peak, of few themes and of many: {peaks}"


def test_a_tier_is_the_gravest_whose_share_is_kept_and_a_flag_is_watched_at_least():
    shares = Settings(priority_share=0.05, false_flag_share=0.1, watch_share=0.2)
    q = np.array([0.05, 0.1, 0.2, 0.21, 0.21])
    flagged = np.array([False, False, False, True, False])
    assert _tiers(q, flagged, shares).tolist() == ["priority", "concern", "watch", "watch", "none"]


def test_ranks_and_their_limits_are_whole_numbers():
    table = assessed(some_z(7))[1]
    assert {str(table[name].dtype) for name in ("rank", "rank_low", "rank_high")} == {"int64"}


def test_where_a_theme_has_one_metric_there_is_nothing_to_resample():
    z = some_z(11, n=30, m=4, gaps=0.3)
    table = assessed(z, metrics=metrics_of(4, themes=4))[1]
    assert_array_equal(table["rank_low"], table["rank"])
    assert_array_equal(table["rank_high"], table["rank"])


def test_another_seed_moves_p_only_a_little(rng):
    z = healthy(rng, 60, 6)
    draws = {"null_draws": 4000}
    a, b = (assessed(z, settings=Settings(seed=s, **draws))[1]["p"] for s in (1, 2))
    assert_allclose(a, b, atol=0.05)


def test_ranks_stand_within_their_limits_for_most(rng):
    table = assessed(healthy(rng, 100, 8), settings=Settings(null_draws=200))[1]
    inside = table["rank"].between(table["rank_low"], table["rank_high"])
    assert inside.mean() > 0.8
    assert (table["rank_low"] <= table["rank_high"]).all()
    assert table["rank_low"].min() >= 1
    assert table["rank_high"].max() <= 100


def test_an_authority_with_nothing_assessed_has_no_score_and_no_tier():
    z = some_z(3, gaps=0.0)
    z[4] = np.nan
    row = assessed(z)[1].iloc[4]
    assert (row["score"], row["p"], row["tier"], row["coverage"]) == (0, 1, "none", 0)


def test_whoever_has_a_flag_is_watched_at_least():
    flags = pd.DataFrame({"authority": ["E06000002"], "metric": ["m0"]})
    z = np.full((10, 2, 2), 0.0)
    assert assessed(z, flags=flags)[1]["tier"].to_list() == ["none"] * 2 + ["watch"] + ["none"] * 7


def test_a_flag_without_a_worse_side_makes_nobody_watched():
    flags = pd.DataFrame({"authority": ["E06000002"], "metric": ["m0"]})
    metrics = metrics_of(2).assign(higher_is=["context", "worse"])
    assert set(assessed(np.zeros((10, 2, 2)), metrics, flags)[1]["tier"]) == {"none"}


@pytest.mark.parametrize("metrics", [metrics_of(2, higher_is="context"), metrics_of(2)])
def test_empty_tables_give_empty_tables(metrics):
    signals = no_rows(SIGNALS)
    points = points_of(signals, metrics, settings=FAST)
    table = assess(points, no_rows(REGISTER), signals, NO_FLAGS, settings=FAST)
    assert table.empty
    assert points.contributions().empty
    assert set(AUTHORITIES) <= set(table.columns)


def test_a_panel_of_context_alone_scores_nothing():
    table = assessed(some_z(2, m=2), metrics_of(2, higher_is="context"))[1]
    assert (table["score"] == 0).all()
    assert (table["p"] == 1).all()
    assert set(table["tier"]) == {"none"}
