"""Which signals become flags, how grave, since when; and what would clear them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

from earlywarning.catalogue import as_catalogue
from earlywarning.flags import expected_false_flags, grade, raise_flags, recheck
from earlywarning.models.blocks import FEWEST_PERIODS
from earlywarning.panel import as_panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.schema import ASSESSED, FLAGS, SIGNALS
from earlywarning.settings import Settings
from earlywarning.signals import Company, measure, prepare, signals_table
from earlywarning.signals.position import position_of

SETTINGS = Settings()
# Benjamini & Hochberg (1995), section 4, thrombolysis: 4 of 15 rejected at q = 0.05.
THROMBOLYSIS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
    0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip


def signals_of(p, effect=10.0, kind="position", metric="debt", period="2020/21"):
    """Return positions and changes with these p; limits say one spread is one unit."""
    n, half = len(p), norm.ppf(0.975)
    codes = [f"E06{i + 1:06d}" for i in range(n)]
    p = np.asarray(p)
    table = pd.DataFrame({"authority": codes, "metric": metric, "period": period})
    table = table.assign(
        value=effect, expected=0.0, lower=-half, upper=half, direction="worse", n_periods=9,
        n_peers=20, status=ASSESSED, z=norm.isf(np.clip(p, 1e-12, 1)),
    )  # fmt: skip
    parts = [
        table.assign(signal=name, p=p if name == kind else 1.0) for name in ("position", "change")
    ]
    return pd.concat(parts, ignore_index=True)[list(SIGNALS)]


def metrics_of(**themes):
    table = pd.DataFrame({"metric": list(themes), "theme": list(themes.values())})
    return as_catalogue(table.assign(higher_is="worse")).table


DEBT = metrics_of(debt="finance")


def graded(signals, metrics, runs=1):
    """Return flags that have all stood for so many releases."""
    return grade(
        raise_flags(signals, metrics, settings=SETTINGS).assign(runs=runs), settings=SETTINGS
    )


def raised(p, settings=SETTINGS, **more):
    return raise_flags(signals_of(np.asarray(p), **more), DEBT, settings=settings)


# The share of false flags.


def test_the_published_example_has_four_flags():
    flags = raised(THROMBOLYSIS, settings=Settings(false_flag_share=0.05))
    assert sorted(flags["p"]) == THROMBOLYSIS[:4]
    # R, p.adjust(p, "BH").
    assert_allclose(np.sort(flags["q"]), [0.0015, 0.003, 0.0095, 0.035625], rtol=1e-9)
    assert_allclose(flags["cut"], 0.05 * 4 / 15)


def test_each_theme_and_kind_is_controlled_by_itself():
    parts = [signals_of(THROMBOLYSIS), signals_of([0.012] + [0.9] * 14, metric="tax")]
    together, apart = (
        raise_flags(pd.concat(parts), metrics_of(debt="a", tax=theme), settings=SETTINGS)
        for theme in ("a", "b")
    )
    assert "tax" in set(together["metric"])
    assert "tax" not in set(apart["metric"])


def test_what_is_neither_good_nor_bad_is_a_family_of_its_own():
    parts = [signals_of(THROMBOLYSIS), signals_of([0.012] + [0.9] * 14, metric="tax")]
    metrics = metrics_of(debt="a", tax="a")
    metrics.loc[metrics["metric"].eq("tax"), "higher_is"] = "context"
    flags = raise_flags(pd.concat(parts), metrics, settings=SETTINGS)
    assert set(flags["metric"]) == {"debt"}


def test_a_q_that_is_just_the_stated_share_is_flagged_and_counts():
    flags = raised([0.05, 0.9], settings=Settings(false_flag_share=0.1))
    assert flags["cut"].to_list() == [0.05]


def test_no_more_than_the_stated_share_of_flags_is_false(rng):
    """80 themes of 300 healthy series and 30 ailing ones; the bound is on the mean share."""
    z = rng.normal(size=(80, 330))
    z[:, :30] += 3.0
    names = {f"m{i}": f"theme {i}" for i in range(80)}
    parts = [signals_of(norm.sf(row), metric=name) for row, name in zip(z, names, strict=True)]
    flags = raise_flags(pd.concat(parts), metrics_of(**names), settings=SETTINGS)
    false = flags["authority"].gt("E06000030").groupby(flags["metric"]).mean()
    false = false.reindex(list(names), fill_value=0.0)
    assert 0.05 < false.mean() < 0.10 + 3 * false.std() / np.sqrt(80)


def test_what_is_not_assessed_is_no_flag_and_counts_in_no_family():
    table = signals_of(np.array([0.03, 0.9, 1e-9, np.nan]))
    table.loc[2, "status"] = "stale"
    flags = raise_flags(table, DEBT, settings=SETTINGS)
    assert flags["authority"].to_list() == ["E06000001"]
    assert flags["q"].item() == pytest.approx(0.06)


def test_nothing_to_judge_gives_an_empty_table():
    flags = raised([0.9, 0.8])
    assert list(graded(signals_of([0.9, 0.8]), DEBT).columns) == list(FLAGS)
    assert flags.empty
    assert expected_false_flags(flags, settings=SETTINGS) == 0


def test_an_effect_is_a_value_less_what_was_expected():
    table = signals_of([1e-6, 0.9]).assign(value=12.0, expected=10.5)
    assert raise_flags(table, DEBT, settings=SETTINGS)["effect"].to_list() == [1.5]


# Severity.


@pytest.mark.parametrize(
    ("effect", "lasting", "p", "severity"),
    [
        (0.49, True, 1e-6, "watch"),
        (0.51, False, 1e-6, "concern"),
        (0.51, True, 1e-6, "priority"),
        (-0.51, True, 1e-6, "priority"),
        (10.0, True, 0.004, "concern"),
        (10.0, False, 0.004, "concern"),
    ],
)
def test_severity_asks_how_large_how_sure_and_whether_it_lasts(effect, lasting, p, severity):
    flags = graded(signals_of([p, 0.9, 0.9], effect=effect), DEBT, runs=1 + lasting)
    assert flags["severity"].to_list() == [severity]


def test_an_effect_that_cannot_be_set_against_peers_counts_as_large():
    table = signals_of(np.array([1e-6, 0.9]), effect=0.1, kind="change")
    table.loc[table["signal"].eq("position"), ["lower", "upper"]] = np.nan
    assert graded(table, DEBT)["severity"].item() == "concern"


def test_what_has_no_worse_side_is_only_watched():
    context = DEBT.assign(higher_is="context")
    assert graded(signals_of([1e-9]), context, runs=2)["severity"].item() == "watch"


def test_the_gravest_come_first_and_then_the_surest():
    flags = graded(signals_of([0.001, 0.0001, 1e-5, 0.9]), DEBT, runs=[2, 1, 1])
    order = {"priority": 2, "concern": 1, "watch": 0}
    grades = flags["severity"].map(order)
    assert grades.is_monotonic_decreasing
    assert flags[grades.eq(1)]["p"].is_monotonic_increasing


# Persistence.


LAG = as_catalogue(pd.DataFrame({"metric": ["debt"], "higher_is": "worse", "lag_days": 100}))


def flags_of(rows):
    """Return the flags of a panel by authority and kind."""
    result = EarlyWarning(catalogue=LAG).fit_score(as_panel(rows, catalogue=LAG))
    return result.flags.set_index(["authority", "kind"])[["since", "runs", "period"]]


@pytest.fixture
def healthy(rng):
    return 50 + rng.normal(size=(40, 9))


def test_what_was_far_from_its_peers_a_release_ago_has_lasted(long, healthy):
    healthy[3] += 15
    flag = flags_of(long(healthy)).loc[("E06000004", "position")]
    assert (flag["runs"], flag["since"], flag["period"]) == (2, "2017/18", "2018/19")


def test_what_began_in_the_newest_period_has_not_lasted(long, healthy):
    healthy[3, -1] += 15
    flags = flags_of(long(healthy)).loc["E06000004"]
    assert set(flags.index) == {"position", "change"}
    assert (flags["runs"] == 1).all()
    assert (flags["since"] == "2018/19").all()


def test_what_began_a_period_earlier_has_lasted_as_a_change(long, healthy):
    healthy[3, -2:] += 15
    flag = flags_of(long(healthy)).loc[("E06000004", "change")]
    assert (flag["runs"], flag["since"]) == (2, "2017/18")


def test_only_what_was_known_then_makes_a_flag_last(long, healthy):
    """The year before was published as harmless, and revised when the newest year was out."""
    healthy[3, -2:] += 15
    rows = as_panel(long(healthy), catalogue=LAG).frame
    at = rows["authority"].eq("E06000004") & rows["period"].eq("2017/18")
    first = rows[at].assign(value=50.0)
    revised = rows[at].assign(published=rows["published"].max())
    rows = pd.concat([rows[~at], first, revised])[
        ["authority", "metric", "period", "value", "published"]
    ]
    assert (flags_of(rows).loc["E06000004", "runs"] == 1).all()


def test_a_newest_period_that_was_revised_came_out_with_its_first_values(long, healthy):
    """All of it came out again two months later: what was flagged a release ago still lasts."""
    healthy[3, -2:] += 15
    rows = as_panel(long(healthy), catalogue=LAG).frame
    newest = rows[rows["period"].eq("2018/19")]
    again = newest.assign(published=newest["published"] + pd.Timedelta(days=60))
    rows = pd.concat([rows, again])[["authority", "metric", "period", "value", "published"]]
    flag = flags_of(rows).loc[("E06000004", "change")]
    assert (flag["runs"], flag["since"]) == (2, "2017/18")


def test_a_late_authority_that_says_nothing_new_has_not_lasted(long, healthy):
    healthy[3, -2] += 15
    healthy[3, -1] = np.nan
    flag = flags_of(long(healthy)).loc[("E06000004", "change")]
    assert (flag["period"], flag["runs"]) == ("2017/18", 1)


# What would clear a flag.


def with_newest(panel, flag, value):
    """Return the panel as if an authority had published another newest value."""
    frame = panel.frame.copy()
    at = frame["authority"].eq(flag.authority) & frame["metric"].eq(flag.metric)
    at &= frame["period"].eq(flag.period)
    cases = frame.loc[at, "numerator"] * value / frame.loc[at, "value"]
    frame.loc[at, "numerator"] = cases.round()
    frame.loc[at, "value"] = value
    return replace(panel, frame=frame)


def still_raised(scored, flag, value):
    """Whether a flag is raised once more where the newest value is another, all else the same."""
    panel, result = with_newest(scored.panel, flag, value), scored.result
    company = Company(result.authorities.set_index("authority")["type"], scored.model.neighbours)
    known, metric = panel.known_at(result.as_of), scored.catalogue.metric(flag.metric)
    ready = prepare(
        known.matrix(flag.metric), metric, company, result.as_of, settings=result.settings
    )
    anew = signals_table([measure(ready, settings=result.settings)], settings=result.settings)
    others = result.signals[result.signals["metric"].ne(flag.metric)]
    both = pd.concat([others.astype({"period": object}), anew.astype({"period": object})])
    flags = raise_flags(both, result.metrics, settings=result.settings)
    same = [flags[name].eq(getattr(flag, name)) for name in ("authority", "metric", "kind")]
    return bool(np.logical_and.reduce(same).any())


def step(scored, flag):
    """Return one step of the search, in the metric's units: what a clearing value may be off."""
    newest = scored.result.signals
    mine = newest["authority"].eq(flag.authority) & newest["metric"].eq(flag.metric)
    if flag.kind == "position":
        row = newest[mine & newest["signal"].eq("position")].iloc[0]
        return 1e-3 * abs(row["value"] - row["expected"])
    found = scored.result.measured[flag.metric]
    row = found.prepared.matrix.authorities.index(flag.authority)
    effect = np.abs((found.change.value - found.change.expected)[row]).max()
    orientation = found.prepared.orientation
    here = orientation.forward(np.array([flag.would_clear_at]))
    near = orientation.back(here + effect * 8 / 32 / 32 * np.array([-1, 1]))
    return 1.01 * np.abs(near - flag.would_clear_at).max()


def assert_clears(scored, flag):
    at = flag.would_clear_at
    better = np.sign(at - flag.value) * step(scored, flag)
    assert still_raised(scored, flag, at - better), flag
    assert not still_raised(scored, flag, at + better), flag
    if flag.kind == "change":  # found by search, from the far side; a position is on the edge
        assert not still_raised(scored, flag, at), flag


def told(result):
    """Return flags with the values they were raised at."""
    signals = result.signals.rename(columns={"signal": "kind"})
    newest = signals[signals["kind"].eq("last")]
    shown = newest[["authority", "metric", "value"]]
    return result.flags.merge(shown, on=["authority", "metric"]).itertuples()


def test_what_would_clear_a_flag_of_the_sample_does_and_a_little_worse_does_not(sample):
    seen = set()
    for flag in told(sample.result):
        metric = sample.catalogue.metric(flag.metric)
        sort = (flag.kind, metric.transform, metric.higher_is)
        if sort not in seen:
            assert_clears(sample, flag)
        seen.add(sort)
    assert {kind for kind, _, _ in seen} == {"position", "change"}
    assert {side for _, _, side in seen} == {"worse", "better", "context"}


@pytest.mark.parametrize(
    ("higher_is", "sign"), [("worse", 1), ("better", -1), ("context", 1), ("context", -1)]
)
@pytest.mark.parametrize("transform", ["identity", "log"])
def test_what_would_clear_an_outlier_does_whichever_way_is_worse(
    long, rng, higher_is, sign, transform
):
    values = 60 + rng.normal(size=(30, 9)) + 4 * rng.normal(size=(30, 1))
    values[3] += sign * 25  # always far out
    values[4, -1] += sign * 12  # of late
    rows = long(values)
    catalogue = as_catalogue(
        pd.DataFrame({"metric": ["debt"], "higher_is": higher_is, "transform": transform})
    )
    panel = as_panel(rows, catalogue=catalogue)
    model = EarlyWarning(catalogue=catalogue).fit(panel)
    scored = type("Scored", (), {})()
    scored.panel, scored.model, scored.catalogue = panel, model, catalogue
    scored.result = model.score(panel)
    flags = scored.result.flags
    assert {("E06000004", "position"), ("E06000005", "change")} <= set(
        zip(flags["authority"], flags["kind"], strict=True)
    )
    for flag in told(scored.result):
        assert_clears(scored, flag)


def test_some_flags_of_change_hang_on_one_past_period_and_some_on_none(sample):
    flags = sample.result.flags
    kept = flags.loc[flags["kind"].eq("change"), "stability"]
    assert (kept == 1).any()
    assert (kept < 1).any()


def test_a_series_of_which_no_period_can_be_left_out_has_no_stability(long, healthy):
    healthy[3:5, -1] += 15
    healthy[4, :-FEWEST_PERIODS] = np.nan
    result = EarlyWarning(catalogue=LAG).fit_score(as_panel(long(healthy), catalogue=LAG))
    flags = result.flags[result.flags["kind"].eq("change")].set_index("authority")
    assert flags.loc["E06000004", "stability"] > 0.5
    assert np.isnan(flags.loc["E06000005", "stability"])


def test_stability_is_a_share_and_publication_that_of_the_newest_value(sample):
    flags = sample.result.flags
    assert flags["stability"].between(0, 1).all()
    assert (flags["published"] <= sample.result.as_of).all()
    known = sample.panel.known_at(sample.result.as_of).frame
    keys = ["authority", "metric", "period"]
    published = flags[keys].merge(known.astype(dict.fromkeys(keys, str)), on=keys)["published"]
    assert (published.to_numpy() == flags["published"].to_numpy()).all()


@pytest.mark.parametrize("by", ["cases", "distance"])
def test_the_stability_of_a_position_is_that_of_scoring_it_anew_without_each_tenth(sample, by):
    measured = sample.result.measured
    flags = sample.result.flags.query("kind == 'position'")
    flags = flags.assign(cut=1.2 * flags["p"]).reset_index(drop=True)
    seen = 0
    for flag, stability in zip(
        flags.itertuples(),
        recheck(flags, measured, sample.panel, settings=SETTINGS)["stability"],
        strict=True,
    ):
        prepared = measured[flag.metric].prepared
        row = prepared.matrix.authorities.index(flag.authority)
        if (by == "cases") == measured[flag.metric].position.made_of_cases[row]:
            seen += 1
            peers = np.flatnonzero(prepared.peers_at(int(prepared.newest[row]), np.array([row]))[0])
            kept = []
            for tenth in range(10):
                named = np.zeros((len(prepared.x),) * 2, dtype=bool)
                named[row, np.delete(peers, np.s_[tenth::10])] = True
                anew = position_of(replace(prepared, peers=named), settings=sample.result.settings)
                kept.append(measured[flag.metric].p(anew.above, anew.below)[row] <= flag.cut)
            assert stability == np.mean(kept)
    assert seen


def test_a_flag_that_hangs_on_no_single_year_and_no_few_peers_is_wholly_stable(long, rng):
    values = 50 + rng.normal(size=(40, 9))
    values[3, -1] += 15
    catalogue = as_catalogue(pd.DataFrame({"metric": ["debt"], "higher_is": "worse"}))
    panel = as_panel(long(values), catalogue=catalogue)
    result = EarlyWarning(catalogue=catalogue).fit(panel).score(panel)
    sure = result.flags[result.flags["authority"].eq("E06000004")]
    assert (sure["stability"] == 1).all()
    assert set(sure["kind"]) == {"position", "change"}
