"""The steps as one object: nothing later takes part, nothing else changes a result."""

import datetime as dt
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from pandas.testing import assert_frame_equal

from earlywarning.authorities import read_neighbours, read_register
from earlywarning.catalogue import as_catalogue, built_in
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.panel import as_panel, concat
from earlywarning.pipeline import EarlyWarning
from earlywarning.readers import read_panel
from earlywarning.sample import sample_tables
from earlywarning.schema import SIGNAL_WORDS
from earlywarning.settings import Settings

TABLES = ("signals", "flags", "authorities", "contributions")
FAST = Settings(null_draws=200, tail_draws=400, rank_draws=50)
DEBT = as_catalogue(pd.DataFrame({"metric": ["debt"], "higher_is": "worse", "lag_days": 100}))
CODES = [f"E06{i:06d}" for i in range(1, 15)]
# Quarterly and annual, shares and money, revised, suppressed, and late in coming.
SOME = [
    "care_home_admissions_rate", "child_plan_repeat_pct", "missed_bins_rate",
    "budget_overspend_pct",
]  # fmt: skip


def assert_same(one, other, exact=False):
    for name in TABLES:
        options = {"check_exact": True} if exact else {"rtol": 1e-9, "atol": 1e-12}
        assert_frame_equal(getattr(one, name), getattr(other, name), obj=name, **options)


def scored(panel, as_of=None, catalogue=DEBT, **more):
    model = EarlyWarning(catalogue=catalogue, settings=FAST, **more)
    return model.fit(panel).score(panel, as_of=as_of)


@pytest.fixture(scope="module")
def values():
    values = 50 + np.random.default_rng(3).normal(size=(14, 9))
    values[4, -1] += 12
    return values


@pytest.fixture(scope="module")
def tables():
    return sample_tables()


@pytest.fixture(scope="module")
def about(tables):
    return {
        "catalogue": as_catalogue(tables.catalogue),
        "register": tables.register,
        "neighbours": tables.neighbours,
    }


@pytest.fixture(scope="module")
def few_metrics(tables, about):
    rows = tables.panel[tables.panel["metric"].isin(SOME)]
    return as_panel(rows, catalogue=about["catalogue"])


# What is given.


@pytest.mark.parametrize("panel", [pd.DataFrame({"value": [1.0]}), "figures.csv", None])
@pytest.mark.parametrize("method", ["fit", "fit_score"])
def test_what_is_no_panel_is_refused_with_how_to_make_one(panel, method):
    with pytest.raises(UsageError, match=r"panel is .* Give as_panel\(df\), or read_panel"):
        getattr(EarlyWarning(), method)(panel)


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ({"catalogue": "oflog"}, r"built_in\('oflog'\)"),
        ({"register": "authorities.csv"}, "read_register"),
        ({"neighbours": "neighbours.csv"}, "read_neighbours"),
        ({"settings": {"min_peers": 3}}, r"Settings\("),
    ],
)
def test_an_argument_of_another_kind_is_refused_before_anything_is_read(given, remedy):
    with pytest.raises(UsageError, match=f"^{next(iter(given))} is of the kind .* Give .*{remedy}"):
        EarlyWarning(**given)


# Time.


@pytest.mark.parametrize("as_of", [2023, pd.Timestamp("2023-03-31", tz="UTC")])
def test_an_as_of_that_is_a_number_or_has_a_time_zone_is_no_date(few_metrics, as_of):
    with pytest.raises(UsageError, match=r"as_of is no date: .*2023.* Write it as 2024-03-31"):
        EarlyWarning().fit_score(few_metrics, as_of=as_of)


@pytest.mark.parametrize("as_of", ["2019-06-30", "2023-01-31"])
def test_a_past_day_is_judged_by_what_was_known_that_day(few_metrics, about, as_of):
    cut = few_metrics.known_at(as_of)
    assert len(cut.frame) < len(few_metrics.frame)
    assert_same(scored(few_metrics, as_of, **about), scored(cut, as_of, **about))


@settings(max_examples=4)
@given(seed=st.integers(0, 10**6))
def test_what_is_published_later_changes_nothing(long, seed):
    """New periods, and revisions of old ones, of any size."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(10, 8))
    rows = long(values)
    rows["published"] = pd.to_datetime(rows["period"].str[:4].astype(int).add(1).astype(str))
    as_of = pd.Timestamp("2018-01-01") + pd.Timedelta(days=int(rng.integers(0, 300)))
    revised = rows.sample(20, random_state=seed)
    revised = revised.assign(
        value=100 * rng.normal(size=20), published=as_of + pd.Timedelta(days=1)
    )
    new = long(100 * rng.normal(size=(10, 2)), first=2018).assign(published="2019-06-30")
    with_later = pd.concat([rows, revised, new.astype({"published": "datetime64[ns]"})])
    assert_same(scored(as_panel(with_later), as_of), scored(as_panel(rows), as_of), exact=True)


def test_what_was_learnt_later_is_not_used_for_an_earlier_day(long, values):
    """The periods are the same, but half their values were revised since."""
    first = as_panel(long(values), catalogue=DEBT)
    as_of = first.latest_publication
    revised = long(50 + 9 * (values - 50)).iloc[::2].assign(published=as_of + pd.Timedelta(days=9))
    panel = concat([first, as_panel(revised)])
    model = EarlyWarning(catalogue=DEBT, settings=FAST).fit(panel)
    assert_same(model.score(panel, as_of=as_of), scored(first), exact=True)


def test_what_was_learnt_judges_the_same_periods_of_other_values(long, values):
    calm = as_panel(long(values), catalogue=DEBT)
    wild = as_panel(long(50 + 4 * (values - 50)), catalogue=DEBT)
    model = EarlyWarning(catalogue=DEBT, settings=FAST).fit(calm)
    z = [result.signals["z"].abs().median() for result in (model.score(wild), scored(wild))]
    assert z[0] > z[1]


def test_every_kind_of_date_is_taken(long, values):
    panel = as_panel(long(values), catalogue=DEBT)
    model = EarlyWarning(catalogue=DEBT, settings=FAST).fit(panel)
    by_text, *others = (
        model.score(panel, as_of=day)
        for day in ("2019-01-31", dt.date(2019, 1, 31), pd.Timestamp("2019-01-31 17:45"))
    )
    for other in others:
        assert other.as_of == by_text.as_of == pd.Timestamp("2019-01-31")
        assert_same(other, by_text, exact=True)
    assert model.score(panel).as_of == panel.latest_publication


def test_a_flag_that_stood_at_the_release_before_has_lasted(long, values):
    trouble = values.copy()
    trouble[4, -2:] += 15
    flags = scored(as_panel(long(trouble), catalogue=DEBT)).flags
    change = flags[flags["authority"].eq("E06000005") & flags["kind"].eq("position")].iloc[0]
    assert (change["runs"], change["since"], change["severity"]) == (2, "2017/18", "priority")


# Whole.


def test_the_input_is_untouched(long, values):
    panel = as_panel(long(values), catalogue=DEBT)
    frame, series, issues = panel.frame.copy(), panel.series.copy(), panel.issues.copy()
    scored(panel, "2018-08-01")
    for now, then in ((panel.frame, frame), (panel.series, series), (panel.issues, issues)):
        assert_frame_equal(now, then)


def test_the_order_of_rows_does_not_matter(long, values):
    rows = long(values)
    shuffled = rows.sample(frac=1, random_state=1)
    one, other = (scored(as_panel(r, catalogue=DEBT)) for r in (rows, shuffled))
    assert_same(one, other, exact=True)


def test_two_runs_give_equal_tables(few_metrics, about):
    one, other = (scored(few_metrics, **about) for _ in range(2))
    assert_same(one, other, exact=True)
    assert_frame_equal(one.trends, other.trends, check_exact=True)


def test_a_metric_is_judged_alike_whatever_other_metrics_there_are(long, values):
    debt, tax = long(values), long(values[::-1] * 2, metric="tax")
    catalogue = as_catalogue(
        pd.DataFrame({"metric": ["debt", "tax"], "higher_is": "worse", "lag_days": 100})
    )
    alone = scored(as_panel(debt, catalogue=catalogue), catalogue=catalogue).signals
    both = concat([as_panel(rows, catalogue=catalogue) for rows in (debt, tax)])
    found = scored(both, catalogue=catalogue).signals
    mine = found[found["metric"].eq("debt")].reset_index(drop=True)
    words = dict.fromkeys(SIGNAL_WORDS, object)
    assert_frame_equal(mine.astype(words), alone.astype(words), check_exact=True)


def test_every_series_that_came_in_comes_out_with_what_the_panel_knows(long, values):
    rows = long(values)
    rows.loc[rows["authority"].eq("E06000003"), "value"] = np.nan
    odd = rows[rows["authority"].eq("E06000001")].assign(authority="E06000099", period="spring")
    panel = as_panel(pd.concat([rows, odd]), catalogue=DEBT)
    signals = scored(panel).signals
    assert len(signals) == 5 * len(panel.series)
    why = panel.series.set_index("authority")["status"].astype(str)
    for code in ("E06000003", "E06000099"):
        told = set(signals.loc[signals["authority"].eq(code), "status"])
        assert told == {why[code] or "no value"}


def test_metrics_in_no_catalogue_are_named_and_score_nothing(long, values):
    panel = as_panel(long(values, metric="Some unheard-of rate"))
    result = EarlyWarning(settings=FAST).fit(panel).score(panel)
    issue = result.issues[result.issues["code"].eq("not_in_catalogue")].iloc[0]
    assert "Some unheard-of rate" in issue["message"]
    assert (result.authorities["score"] == 0).all()
    assert set(result.flags["severity"]) <= {"watch"}


def _neighbours(*pairs):
    return read_neighbours(pd.DataFrame(pairs, columns=["authority", "neighbour"]))


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        ({"register": read_register(pd.DataFrame({"code": ["X"]}))}, "not_in_register",
         "None of the 14 authorities is in the register"),
        ({"register": read_register(pd.DataFrame({"code": CODES[3:]}))}, "not_in_register",
         f"3 of 14 authorities ({', '.join(CODES[:3])}) are not in the register"),
        ({"neighbours": _neighbours(("X", "Y"))}, "no_neighbours",
         "None of the 14 authorities is in the table of neighbours"),
        ({"neighbours": _neighbours((CODES[0], "Y"))}, "no_neighbours", "None of the 14"),
        ({"neighbours": _neighbours(*zip(CODES[1:], CODES[:-1], strict=True))}, "no_neighbours",
         f"1 of 14 authorities ({CODES[0]}) are not in the table of neighbours"),
    ],
)  # fmt: skip
def test_a_register_or_neighbours_that_lack_authorities_of_the_panel_are_doubted(
    long, values, given, code, told
):
    result = scored(as_panel(long(values), catalogue=DEBT), **given)
    (issue,) = result.issues[result.issues["code"].eq(code)].to_dict("records")
    assert issue["message"].startswith(told)


def test_nothing_is_doubted_where_the_register_and_neighbours_have_all(few_metrics, about):
    found = EarlyWarning(**about)._about(few_metrics)
    assert found.doubts == []


def test_progress_is_told_to_its_end(long, values):
    told = []
    panel = as_panel(long(values), catalogue=DEBT)
    model = EarlyWarning(catalogue=DEBT, settings=FAST, progress=lambda *step: told.append(step))
    model.fit(panel).score(panel)
    assert told[-1][1] == told[-1][2]
    assert {step[0] for step in told} == {"learning", "scoring"}


# Refusals.


def test_to_score_before_fit_is_refused(long, values):
    with pytest.raises(UsageError, match="fit"):
        EarlyWarning().score(as_panel(long(values)))


@pytest.mark.parametrize("as_of", ["soon", "2024-13-01", float("nan"), [1]])
def test_a_day_that_is_none_is_refused(long, values, as_of):
    panel = as_panel(long(values), catalogue=DEBT)
    model = EarlyWarning(catalogue=DEBT, settings=FAST).fit(panel)
    with pytest.raises(UsageError, match="as_of"):
        model.score(panel, as_of=as_of)


def test_a_day_before_anything_was_published_is_refused(long, values):
    panel = as_panel(long(values), catalogue=DEBT)
    model = EarlyWarning(catalogue=DEBT, settings=FAST).fit(panel)
    with pytest.raises(DataRefusedError, match="2001-01-01"):
        model.score(panel, as_of="2001-01-01")


def test_a_panel_without_a_row_is_refused(long, values):
    panel = as_panel(long(values).assign(period="spring"))
    with pytest.raises(DataRefusedError, match="no value"):
        EarlyWarning().fit(panel)


def test_a_panel_of_suppressed_values_comes_out_with_nothing_assessed(long, values):
    result = scored(as_panel(long(values).assign(value=np.nan), catalogue=DEBT))
    assert set(result.signals["status"]) == {"missing"}
    assert result.flags.empty
    assert (result.authorities["score"] == 0).all()


# Real data, and the import.


@pytest.fixture(scope="module")
def returns(shared):
    panels = shared / "data" / "panels"
    files = [panels / f"{name}.csv.gz" for name in ("revenue_outturn_rs", "capital_prudential_cor")]
    return read_panel(files, catalogue=built_in("finance"))


def part_of(panel, every):
    """Return the panel with one metric in so many, of those that have a worse side and others."""
    finance = built_in("finance")
    sided = [name for name in panel.metrics if finance.metric(name).higher_is != "context"]
    others = [name for name in panel.metrics if name not in sided]
    rows = panel.frame["metric"].isin([*sided[::every], *others[::every]])
    return as_panel(panel.frame[rows], catalogue=finance)


@pytest.mark.parametrize("every", [36, pytest.param(1, marks=pytest.mark.slow)])
def test_real_returns_are_judged_by_what_was_known_that_day(returns, every):
    panel, as_of = part_of(returns, every), "2016-12-31"
    cut = panel.known_at(as_of)
    assert len(cut.frame) < len(panel.frame)
    finance = built_in("finance")
    assert_same(scored(panel, as_of, finance), scored(cut, as_of, finance))


@pytest.mark.parametrize("every", [36, pytest.param(1, marks=pytest.mark.slow)])
def test_real_returns_scores_add_up(returns, every):
    result = scored(part_of(returns, every), "2018-12-31", built_in("finance"))
    total = result.contributions.groupby("authority")["contribution"].sum()
    score = result.authorities.set_index("authority")["score"]
    assert (total.reindex(score.index, fill_value=0.0) - score).abs().max() < 1e-9
    assert score.max() > 0


def test_importing_the_library_draws_in_neither_statsmodels_nor_scikit_learn():
    code = "import sys, earlywarning; print({'statsmodels', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_every_backend_gives_the_same_bits(long, values, backend, monkeypatch):
    monkeypatch.setattr("earlywarning.signals.workers.BLOCK", 1)
    rows = [long(values + shift, metric=f"metric {shift}") for shift in range(4)]
    panel = as_panel(pd.concat(rows))
    alone = EarlyWarning(settings=FAST).fit_score(panel)
    with parallel_config(backend=backend, n_jobs=2):
        shared = EarlyWarning(settings=FAST).fit_score(panel)
    for name in ("signals", "flags", "authorities", "contributions"):
        assert_frame_equal(getattr(shared, name), getattr(alone, name), check_exact=True)


def test_fitting_and_scoring_in_one_go_is_fitting_and_scoring(long, values):
    panel = as_panel(long(values), catalogue=DEBT)
    apart, at_once = scored(panel), EarlyWarning(catalogue=DEBT, settings=FAST).fit_score(panel)
    for name in ("signals", "flags", "authorities"):
        assert_frame_equal(getattr(at_once, name), getattr(apart, name), rtol=1e-9)


def test_the_panel_of_one_metric_is_scored_though_it_names_them_all():
    panel = as_panel(sample_tables().panel)
    one = EarlyWarning().fit_score(panel.only(["roads_poor_pct"]))
    alone = EarlyWarning().fit_score(
        as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    )
    assert one.flags[["authority", "metric", "p"]].equals(alone.flags[["authority", "metric", "p"]])


@pytest.mark.parametrize("unit", ["", "percent"])
def test_what_was_learnt_on_another_scale_is_learnt_anew(long, values, unit):
    """One value that the scale cannot take puts the metric on another; what it taught is void."""
    transform = "logit" if unit else "log"
    about = {"metric": ["debt"], "higher_is": ["worse"], "unit": [unit], "transform": [transform]}
    catalogue = as_catalogue(pd.DataFrame(about))
    rows = long(10 + values - values.min())
    misfit = rows.copy()
    misfit.iloc[3, misfit.columns.get_loc("value")] = -5.0
    old, new = (as_panel(table, catalogue=catalogue) for table in (rows, misfit))
    frozen = EarlyWarning(catalogue=catalogue).fit(old).score(new)
    anew = EarlyWarning(catalogue=catalogue).fit_score(new)
    pd.testing.assert_frame_equal(frozen.signals, anew.signals)
