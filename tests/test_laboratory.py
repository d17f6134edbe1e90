"""Are the laboratories' panels what they say they are, and their measures right?"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks import page
from benchmarks.coverage.replay import replay
from benchmarks.power import panels, tables
from benchmarks.power.detectors import charts, judged, ours, peer_relative, position, xmr
from benchmarks.power.measures import alarms, false_share, power, size, standard_error
from benchmarks.power.panels import EVENTS, SCENARIOS, event_shapes, panel
from benchmarks.power.trials import Plan, healthy_trials, planted_trials
from benchmarks.speed import __main__ as speed
from benchmarks.speed.rounds import Run, rounds
from benchmarks.speed.run import from_frame, from_parquet
from benchmarks.speed.sizes import GAPS, SIZES, catalogue_of, long_frame, values_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning import Settings, as_panel

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def healthy():
    """Return a long panel of each scenario in which nothing was planted."""
    return {name: panel(name, 40, seed=3, planted=0.0) for name in SCENARIOS}


def in_sigmas(made):
    """Return a panel's series in sigmas, less what all authorities of a metric share."""
    x = (made.values - made.values.mean(axis=1, keepdims=True)) / made.sigma[..., None]
    return x - x.mean(axis=-1, keepdims=True)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_seed_gives_the_same_panel_and_another_seed_another(scenario):
    made, again, other = (panel(scenario, 8, seed=s, gaps=0.2, n_metrics=2) for s in (1, 1, 2))
    assert_array_equal(made.values, again.values)
    assert_array_equal(made.events, again.events)
    assert not np.array_equal(made.events, other.events)


@pytest.mark.parametrize("n_periods", [6, 8, 12, 20])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_planted_events_are_all_that_differs_from_a_healthy_panel(scenario, n_periods):
    sick, well = (panel(scenario, n_periods, seed=4, n_metrics=3, planted=p) for p in (0.15, 0.0))
    added = (sick.values - well.values) / well.sigma[..., None]
    assert_allclose(added, event_shapes(n_periods)[sick.events], atol=1e-9)
    assert (sick.events > 0).any()
    assert not well.events.any()


def test_the_events_are_those_their_names_say():
    shapes = dict(zip(EVENTS, event_shapes(8), strict=True))
    assert not shapes["none"].any()
    assert shapes["shift 3"].tolist() == [0, 0, 0, 0, 0, 0, 0, 3]
    assert shapes["shift 3 two ago"].tolist() == [0, 0, 0, 0, 0, 0, 3, 3]
    assert shapes["drift 3"].tolist() == [0, 0, 0, 0, 0.75, 1.5, 2.25, 3]


def test_events_are_planted_in_the_share_asked_for_and_each_as_often():
    counts = np.bincount(panel("base", 8, seed=5).events.ravel(), minlength=len(EVENTS))
    n = counts.sum()
    assert abs(counts[1:].sum() / n - 0.15) < 4 * np.sqrt(0.15 * 0.85 / n)
    assert (np.abs(counts[1:] / n - 0.03) < 4 * np.sqrt(0.03 * 0.97 / n)).all()


def test_gaps_have_their_share_and_never_hide_the_newest_value():
    made = panel("base", 12, seed=6, gaps=0.2)
    missing = np.isnan(made.values)
    assert not missing[..., -1].any()
    assert missing[..., :-1].mean() == pytest.approx(0.2, abs=0.006)


def test_the_noise_differs_between_series_as_stated(healthy):
    log = np.log(healthy["base"].sigma)
    assert log.mean() == pytest.approx(0, abs=0.02)
    assert log.std() == pytest.approx(panels.SIGMA_LOG_SD, abs=0.015)


@pytest.mark.parametrize(
    ("scenario", "step", "next_step"),
    # Variance of a step and its covariance with the next, in sigmas: 2 and -1 for noise alone;
    # 2(1 - m) and -(1 - m)^2 with memory m; a walk adds its own variance to the first.
    [("base", 2.0, -1.0), ("ar", 1.0, -0.25), ("heavy", 2.0, -1.0), ("rw", 2.36, -1.0)],
)
def test_the_noise_has_the_variance_and_the_memory_stated(healthy, scenario, step, next_step):
    steps = np.diff(in_sigmas(healthy[scenario]), axis=-1)
    shaken = (panels.LOADING_SD * panels.SHOCK_SD[scenario]) ** 2 * np.exp(2 * 0.35**2)
    extra = panels.SLOPE_SD**2
    assert steps.var() == pytest.approx(step + 2 * shaken + extra, rel=0.03)
    following = (steps[..., 1:] * steps[..., :-1]).mean()
    assert following == pytest.approx(next_step - shaken + extra, abs=0.03)


def test_only_the_heavy_scenario_has_heavy_tails(healthy):
    """t with 4 degrees of freedom, scaled to variance 1, is beyond 4 sigma in 0.48% of cases."""
    beyond = {}
    for scenario in ("base", "heavy"):
        x = in_sigmas(healthy[scenario])
        slope = np.polyfit(np.arange(40.0), x.reshape(-1, 40).T, 1)[0].reshape(x.shape[:2])
        x = x - slope[..., None] * (np.arange(40) - 19.5)
        beyond[scenario] = (np.abs(x) > 4).mean()
    assert beyond["base"] < 0.0002
    assert 0.003 < beyond["heavy"] < 0.007


def test_slopes_are_steep_only_in_the_scenario_trend(healthy):
    times = np.arange(40.0)
    for scenario, sd in (("base", panels.SLOPE_SD), ("trend", panels.STEEP_SD)):
        slopes = np.polyfit(times, in_sigmas(healthy[scenario]).reshape(-1, 40).T, 1)[0]
        assert slopes.std() == pytest.approx(sd, rel=0.05)


def test_shocks_are_as_large_as_stated_and_shared_within_a_metric_only(healthy):
    for scenario, sd in panels.SHOCK_SD.items():
        if scenario == "rw":  # the mean of 317 walks wanders a little too
            continue
        shared = np.diff(healthy[scenario].values.mean(axis=1), axis=-1) / np.sqrt(2)
        assert shared.std() == pytest.approx(sd, abs=0.08)
        between = np.corrcoef(shared)
        assert np.abs(between[np.triu_indices(len(between), 1)]).mean() < 0.2


@given(
    scores=st.lists(st.integers(0, 5), min_size=4, max_size=60),
    rate=st.sampled_from([0.01, 0.05, 0.2]),
    data=st.data(),
)
def test_as_many_null_series_are_called_as_asked_for_also_with_ties(scores, rate, data):
    null = np.array(data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores))))
    null[0] = True
    called = alarms(np.array(scores, dtype=float), null, rate)
    assert called[null].sum() == pytest.approx(rate * null.sum())
    assert (np.diff(called[np.argsort(scores, kind="stable")]) >= 0).all()


def test_a_series_that_could_not_be_judged_is_never_called():
    score = np.array([np.nan] * 99 + [1.0, np.nan])
    called = alarms(score, np.ones(101, dtype=bool), 0.05)
    assert called[np.isnan(score)].sum() == 0
    assert called[99] == 1


def test_power_and_size_of_a_score_that_knows_and_of_one_that_guesses(rng):
    events = rng.integers(0, len(EVENTS), (10, 2000)).astype(np.int8)
    assert_allclose(power(np.asarray(events, dtype=float), events, 0.01), 1)
    guessed = rng.random(events.shape)
    assert_allclose(power(guessed, events, 0.05), 0.05, atol=0.02)
    assert size(guessed, events, 0.05) == pytest.approx(0.05, abs=0.01)


def test_the_share_of_false_flags_counts_the_null_ones():
    p = np.array([[1e-9, 1e-9, 1e-9, 0.9, np.nan]])
    events = np.array([[1, 2, 0, 0, 1]], dtype=np.int8)
    assert false_share(p, events, 0.1) == (pytest.approx(1 / 3), 3)
    assert false_share(np.array([[0.9, 0.8]]), events[:, :2], 0.1) == (0.0, 0)


def test_the_standard_error_of_a_mean_of_shares():
    assert standard_error(np.array([0.5, 0.5]), np.array([100, 100])) == pytest.approx(
        0.05 / 2**0.5
    )


def test_xmr_is_the_chart_of_the_values_before():
    """NIST/SEMATECH e-Handbook 6.3.2.2: mean 50.81, upper limit 55.8041; so 3 sigma at that."""
    flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    series = np.array([[[*flow, 55.8041], [*flow[:5], np.nan, *flow[5:9], 50.0]]])
    assert xmr(series).score[0, 0] == pytest.approx(3, abs=2e-4)
    assert np.isfinite(xmr(series).score[0, 1])


def test_what_all_authorities_share_is_gone_from_the_peer_relative_series():
    made = panel("shock", 12, seed=8, n_metrics=1)
    before, after = (np.var(x.mean(axis=1)) for x in (made.values, peer_relative(made.values)))
    assert after < 0.1 * before


def test_every_verdict_is_one_a_series():
    made = panel("base", 8, seed=9, gaps=0.2, n_authorities=60, n_metrics=2)
    given = [*ours(judged(made.values)).values(), position(made.values), xmr(made.values)]
    given += charts(made.values).values()
    assert all(verdict.score.shape == (2, 60) for verdict in given)
    assert all(0 <= np.nanmin(v.p) <= np.nanmax(v.p) <= 1 for v in given)


def test_the_tables_of_the_power_laboratory_have_every_detector():
    plan = Plan(seeds=(1,), scenarios=("base", "ar"), periods=(8,), gaps=(0.0, 0.2), n_metrics=2)
    seen = []
    planted, healthy = planted_trials(plan, None, seen.append), healthy_trials(plan, seen.append)
    assert len(seen) == 8
    assert planted["share"].between(0, 1).all()
    text = tables.by_event(planted)
    for detector in ("change", "last", "step", "drift", "position", "XmR"):
        assert f"| {detector} |" in text
    assert text.splitlines()[0].count("|") == text.splitlines()[-1].count("|")
    assert len(tables.coverage(healthy).splitlines()) == 2 + 4
    assert isinstance(tables.mean_found(tables.found(planted, 0.01, 0.0)), pd.DataFrame)


def test_a_page_names_no_host_and_no_path():
    for written in (ROOT / "docs").glob("benchmarks*.md"):
        text = written.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.`])/(home|root|work|tmp|Users)/", text), written.name


def test_a_page_is_written_whole(tmp_path):
    page.write(tmp_path / "page.md", ["# One", page.table(["a"], [["1"]])])
    assert (tmp_path / "page.md").read_text() == "# One\n\n| a |\n|---|\n| 1 |\n"
    assert [file.name for file in tmp_path.iterdir()] == ["page.md"]


def test_a_size_is_the_same_series_as_a_table_and_as_arrays():
    size = SIZES["tiny"]
    values, table = values_of(size), long_frame(size)
    assert values.shape == (size.n_metrics, size.n_authorities, size.n_periods)
    assert_array_equal(values[np.isfinite(values)], table["value"])
    assert np.isnan(values).mean() == pytest.approx(GAPS, abs=0.02)
    assert np.isnan(values[..., -1]).any()  # the newest value may be missing too
    assert_array_equal(values_of(size, metrics=2)[..., -1], values[:2, :, -1])


def test_the_speed_laboratory_times_the_same_flags_from_a_table_and_from_a_file(tmp_path):
    size = SIZES["tiny"]
    table, catalogue = long_frame(size), catalogue_of(size)
    table.loc[table["authority"].eq("E06000001") & table["period"].eq("2024-25"), "value"] += 20
    table.to_parquet(tmp_path / "panel.parquet")
    one = from_frame(table, catalogue)
    other = from_parquet(tmp_path / "panel.parquet", catalogue)
    pd.testing.assert_frame_equal(one.flags, other.flags)
    assert "E06000001" in set(one.flags["authority"])


@pytest.mark.slow
def test_a_round_runs_each_contestant_once_in_a_process_of_its_own(tmp_path):
    lines = []
    runs = rounds(SIZES["tiny"], 1, cores=1, python=None, folder=tmp_path, show=lines.append)
    assert [len(each) for each in runs.values()] == [1, 1]
    assert len(lines) == 2
    assert all(run.per_second > 0 and run.peak_mb > 50 for (run,) in runs.values())


def test_a_size_that_is_not_run_again_keeps_its_section(tmp_path):
    runs = {name: [Run(1000.0, 100.0, 1.0, 3)] for name in ("ours", "theirs")}
    sections = [speed._section(SIZES[name], runs, "1 round.", None) for name in ("S", "L")]
    page.write(tmp_path / "speed.md", [speed.HEAD, *sections])
    kept = speed._kept(tmp_path / "speed.md")
    assert kept == dict(zip(("S", "L"), sections, strict=True))
    assert "| theirs | 1,000 [1,000 – 1,000] | 1.00 [1.00 – 1.00] | 100 | 3 |" in kept["S"]


def test_a_replay_judges_each_series_at_each_release_from_what_was_known_then(long, rng):
    x = 50 + rng.normal(size=(60, 9))
    x[0, 6] = np.nan
    later = np.where(np.arange(9) == 8, x + 3, x)
    days = []
    one, other = (replay(as_panel(long(v)), days.append, settings=Settings()) for v in (x, later))
    assert len(days) == 2 * 9
    assert len(one) == 60 * 5 - 1  # from the fifth value on; one series lacks a release
    same = np.arange(len(one)) < len(one) - 60  # but those of the newest release
    assert_array_equal(one.apart[same], other.apart[same])
    assert_array_equal(one.half_widths[same], other.half_widths[same])
    assert_allclose(other.published[~same, -1], one.published[~same, -1] + 3)
    assert (one.inside().mean(axis=0) > [0.7, 0.9]).all()
    assert_array_equal(np.unique(one.history()), [4, 5, 6, 7, 8])
    assert len(one.take(one.history() == 8)) == 59
    assert (one.season == 1).all()
