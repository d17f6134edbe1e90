"""Odd spacings, rolling windows, seasons and missing returns, on real panels and by simulation."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from earlywarning import EarlyWarning, read_panel
from earlywarning.catalogue import as_catalogue
from earlywarning.models.bank import ANNUAL, Rhythm
from earlywarning.models.structural import learn_and_judge
from earlywarning.panel import as_panel
from earlywarning.schema import ASSESSED
from earlywarning.settings import Settings

FAST = Settings(null_draws=200, tail_draws=200, rank_draws=50)
N = 317
LEVELS = (0.05, 0.01)


# Real panels.


def real_panel(shared, name, *metrics):
    """Return some metrics of a real panel."""
    table = pd.read_csv(shared / f"data/panels/{name}.csv.gz")
    rows = table[table["metric"].isin(metrics)].rename(columns={"authority_code": "authority"})
    return rows[["authority", "metric", "period", "value"]]


def scored(rows, as_of=None, **about):
    """Return the result of one metric that nobody wrote a catalogue for."""
    about = {"metric": rows["metric"].unique(), "higher_is": "worse", "lag_days": 60, **about}
    catalogue = as_catalogue(pd.DataFrame(about))
    panel = as_panel(rows, catalogue=catalogue)
    return EarlyWarning(catalogue=catalogue, settings=FAST).fit_score(panel, as_of=as_of)


def change_of(result):
    return result.signals[result.signals["signal"].eq("change")]


def test_the_spacing_of_borrowing_s_dates_reaches_the_model(shared):
    """Yearly to March 2016, then quarterly: about four quarters a year, then one."""
    result = scored(real_panel(shared, "debt_investment", "borrowing_total_k"), unit="gbp_thousand")
    prepared = result.measured["borrowing_total_k"].prepared
    assert prepared.matrix.frequency == "irregular"
    assert_allclose(np.diff(prepared.times)[:7], 4, atol=0.03)
    assert_allclose(np.diff(prepared.times)[7:9], [3, 1], atol=0.03)
    assert_allclose(np.diff(prepared.times)[9:], 1, atol=0.03)
    (learnt,) = result.measured["borrowing_total_k"].learnt.values()
    assert_allclose(learnt.fit.times, prepared.times)
    change = change_of(result)
    assert change["status"].eq(ASSESSED).mean() > 0.9
    assert change.loc[change["status"].eq(ASSESSED), "p"].between(0, 1).all()


def test_spacing_matters_where_it_is_uneven(shared):
    """The same values as if a quarter apart throughout are judged otherwise."""
    result = scored(real_panel(shared, "debt_investment", "borrowing_total_k"))
    prepared = result.measured["borrowing_total_k"].prepared
    full = np.isfinite(prepared.x).all(axis=1)
    x, alike = prepared.x[full], np.zeros(int(full.sum()), dtype=np.intp)
    even = np.arange(prepared.times.size, dtype=float)
    by_time, by_number = (learn_and_judge(x, t, alike)[1] for t in (prepared.times, even))
    assert np.abs(by_time.expected - by_number.expected).max() > 1e-6


def every_second_year(rows):
    """Return the rows of every second of the periods, the newest among them."""
    years = sorted(rows["period"].unique())
    return rows[rows["period"].isin(years[::-1][::2])]


@pytest.fixture(scope="module")
def income(shared):
    """Return a yearly metric without a gap, 2008 to 2023, 317 authorities."""
    rows = real_panel(shared, "ons_explore_local", "gross-disposable-household-income-per-head")
    return rows[rows["period"] >= "2008"]


@pytest.mark.parametrize(("days", "yearly", "biennial"), [(500, "ok", "ok"), (1000, "stale", "ok")])
def test_a_metric_of_every_second_year_is_assessed_and_goes_stale_half_as_soon(
    income, days, yearly, biennial
):
    as_of = pd.Timestamp("2023-12-31") + pd.Timedelta(days=60 + days)
    for rows, said in ((income, yearly), (every_second_year(income), biennial)):
        result = scored(rows, as_of=as_of)
        assert len(change_of(result)) == N
        assert set(change_of(result)["status"]) == {said}
        assert set(result.returns["status"]) == {"in time"}


def test_rolling_averages_of_three_years_are_known_as_such(income):
    yearly = income.pivot(index="authority", columns="period", values="value")
    means = yearly.T.rolling(3).mean().T.iloc[:, 2:]
    means.columns = [f"{int(year[:4]) - 2}-01-01/P3Y" for year in means]
    rows = means.rename_axis("authority").reset_index().melt("authority", var_name="period")
    result = scored(rows.assign(metric="income"))
    prepared = result.measured["income"].prepared
    assert prepared.rhythm == Rhythm(1, 3)
    (learnt,) = result.measured["income"].learnt.values()
    assert learnt.fit.rhythm.window == 3
    assert set(change_of(result)["status"]) == {ASSESSED}


def test_a_council_that_sent_in_no_outturn_is_the_one_that_stands_out(shared):
    """One district is in no metric of 2017-18, which 42 of the 43 metrics have."""
    path = shared / "data/panels/revenue_outturn_rs.csv.gz"
    panel = read_panel(path)
    result = EarlyWarning(settings=FAST).fit_score(panel)
    given = pd.read_csv(path)
    newest = given[given["period"].eq("2017-18")].groupby("authority_code")["metric"].nunique()
    by = result.returns_by_authority.set_index("authority")
    assert newest.reindex(by.index).fillna(0).idxmin() == by["p"].idxmin()
    assert by["n_missing"].max() == by.loc[by["p"].idxmin(), "n_missing"] == 42
    assert by["q"].min() < 0.01
    assert (by["q"] < 0.1).sum() == 1


# Simulated: size, and what knowing the structure is worth.


def rates(make, rhythm, n_periods, *, draws, planted=0.0):
    """Return p of `change` for healthy series and for planted ones."""
    rng = np.random.default_rng(3)
    healthy, found = [], []
    for _ in range(draws):
        x = make(rng, n_periods)
        who = np.zeros(N, dtype=bool)
        who[rng.choice(N, N // 20, replace=False)] = bool(planted)
        x[who, -1] += planted
        alike = np.zeros(N, dtype=np.intp)
        judged = learn_and_judge(x, np.arange(float(n_periods)), alike, rhythm=rhythm)[1]
        p = judged.combined(judged.above)
        healthy.append(p[~who])
        found.append(p[who])
    return np.concatenate(healthy), np.concatenate(found)


def rolling(rng, n_periods):
    """Return noise averaged over three years, around levels of its own."""
    noise = rng.normal(size=(N, n_periods + 2))
    means = (noise[:, :-2] + noise[:, 1:-1] + noise[:, 2:]) / 3
    return means + 3 * rng.normal(size=(N, 1))


def seasonal(own, shared):
    """Return a maker of quarterly noise with seasons of each authority, and of all."""

    def make(rng, n_periods):
        season = own * rng.normal(size=(N, 4)) + shared * rng.normal(size=(1, 4))
        return rng.normal(size=(N, n_periods)) + np.tile(season, n_periods // 4)

    return make


@pytest.mark.parametrize("n_periods", [8, 12])
def test_three_year_averages_keep_the_size_of_change(n_periods):
    healthy, _ = rates(rolling, Rhythm(1, 3), n_periods, draws=40)
    for level in LEVELS:
        assert 0.5 * level <= (healthy <= level).mean() <= 1.5 * level


def test_knowing_the_window_finds_more_than_taking_averages_for_single_years():
    """The bank's memory keeps the size of plain years too; what is lost is power."""
    power = {}
    for name, rhythm in (("window", Rhythm(1, 3)), ("plain", ANNUAL)):
        healthy, found = rates(rolling, rhythm, 12, draws=20, planted=1.5)
        power[name] = (found <= np.quantile(healthy, 0.01)).mean()
    assert power["window"] > 0.85
    assert power["window"] > power["plain"] + 0.08


SEASONS = [(1, 0), (2, 0), (0, 1), (0, 2), (1, 1), (2, 2)]


@pytest.mark.slow
@pytest.mark.parametrize(("own", "shared_by_all"), SEASONS)
def test_quarterly_seasons_keep_the_size_of_change(own, shared_by_all):
    make = seasonal(own, shared_by_all)
    healthy, _ = rates(make, Rhythm(4), 24, draws=40)
    for level in LEVELS:
        assert 0.5 * level <= (healthy <= level).mean() <= 1.5 * level
    healthy, _ = rates(make, Rhythm(4), 16, draws=40)  # four years: cautious with large seasons
    for level in LEVELS:
        assert 0.35 * level <= (healthy <= level).mean() <= 1.5 * level


@pytest.mark.parametrize(("own", "gain"), [(1, 0.05), (2, 0.25)])
def test_a_model_with_seasons_regains_what_one_without_loses(own, gain):
    power = {}
    for season in (1, 4):
        healthy, found = rates(seasonal(own, own), Rhythm(season), 16, draws=10, planted=4.0)
        power[season] = (found <= np.quantile(healthy, 0.01)).mean()
    assert power[4] > 0.8
    assert power[4] > power[1] + gain
