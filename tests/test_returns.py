"""Late and missing returns: what is said of each, by hand, and how often chance says it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from scipy.stats import binom

from earlywarning.authorities import read_register
from earlywarning.catalogue import Metric
from earlywarning.panel import as_panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.schema import RETURN_STATUSES, RETURNS, RETURNS_BY_AUTHORITY
from earlywarning.settings import Settings
from earlywarning.signals import Company, prepare
from earlywarning.signals.missing import missing_by_authority, missing_tail, rank_tail
from earlywarning.signals.returns import returns_table

SETTINGS = Settings()
FAST = Settings(null_draws=200, tail_draws=200, rank_draws=50)
N, T = 20, 8
LAST = "2017/18"
few = settings(max_examples=10)


def returns_of(panel, as_of=None, types=None, ends=None):
    """Return the table of returns of every metric, as known on a day."""
    day = panel.latest_publication if as_of is None else pd.Timestamp(as_of)
    types = pd.Series("unitary", index=panel.authorities) if types is None else types
    known = panel.known_at(day)
    measured = [
        SimpleNamespace(
            prepared=prepare(
                known.matrix(name),
                Metric(metric=name, title=name),
                Company(types),
                day,
                settings=SETTINGS,
            )
        )
        for name in known.metrics
    ]
    about = pd.DataFrame({"type": types, "end": pd.Series(ends or {}, dtype="datetime64[ns]")})
    register = about.rename_axis("authority").reset_index()
    return returns_table(measured, known, register, day, settings=SETTINGS)


def status(table, row, metric="debt"):
    return of(table, row, metric)["status"]


def of(table, row, metric="debt"):
    mine = table["authority"].eq(f"E06{row + 1:06d}") & table["metric"].eq(metric)
    return table[mine].iloc[0]


@pytest.fixture
def values(rng):
    return rng.normal(size=(N, T))


@pytest.fixture
def day(long, values):
    """Return the day on which the newest period came out."""
    return as_panel(long(values)).latest_publication


# What is said of each series.


def test_every_authority_and_metric_comes_out_once_and_nobody_is_late_without_reason(long, values):
    rows = pd.concat([long(values), long(values[:12], "tax")])
    table = returns_of(as_panel(rows))
    assert tuple(table.columns) == RETURNS
    assert len(table) == 2 * N
    assert not table.duplicated(["authority", "metric"]).any()
    assert set(table.loc[table["metric"].eq("debt"), "status"]) == {"in time"}
    assert (table.loc[table["status"].eq("in time"), "p"] == 1).all()


def test_a_return_that_peers_have_is_late_first_and_missing_half_a_release_later(long, values, day):
    values[3, -1] = np.nan
    panel = as_panel(long(values))
    late = of(returns_of(panel, day), 3)
    assert late["status"] == "late"
    assert (late["period"], late["peers_period"]) == ("2016/17", LAST)
    assert (late["periods_behind"], late["days_overdue"]) == (1, 0)
    assert (late["n_peers"], late["peers_share"]) == (N - 1, 1.0)
    assert late["p"] == pytest.approx(1 / N)
    for days, said in ((182, "late"), (183, "missing")):
        later = of(returns_of(panel, day + pd.Timedelta(days=days)), 3)
        assert (later["status"], later["days_overdue"]) == (said, days)


def test_of_three_that_lack_a_return_each_is_one_of_three(long, values):
    values[3:6, -1] = np.nan
    table = returns_of(as_panel(long(values)))
    lacking = table[table["status"].eq("late")]
    assert_allclose(lacking["p"], 3 / N)
    assert_allclose(lacking["peers_share"], 17 / 19)


def test_who_lacks_more_is_rarer_than_who_lacks_the_newest_only(long, values):
    values[3, -2:] = np.nan
    values[4:7, -1] = np.nan
    table = returns_of(as_panel(long(values)))
    assert status(table, 3) == "missing"
    assert of(table, 3)["days_overdue"] == 365
    assert of(table, 3)["periods_behind"] == 2
    assert of(table, 3)["p"] == pytest.approx(1 / N)
    assert of(table, 4)["p"] == pytest.approx(4 / N)


def test_a_series_without_any_of_the_newest_three_releases_has_stopped_and_is_nobodys_peer(
    long, values
):
    values[3, -3:] = np.nan
    values[4, -2:] = np.nan
    table = returns_of(as_panel(long(values)))
    assert (status(table, 3), status(table, 4)) == ("stopped", "missing")
    assert np.isnan(of(table, 3)["p"])
    assert of(table, 5)["n_peers"] == N - 2


def test_of_an_abolished_authority_no_return_is_expected_after_its_end(long, values):
    """Of two with the same record, the one that still stands lacks its newest return."""
    values[3:5, -1] = np.nan
    table = returns_of(as_panel(long(values)), ends={"E06000004": "2017-03-31"})
    gone, stands = of(table, 3), of(table, 4)
    assert (gone["status"], gone["periods_behind"], gone["days_overdue"]) == ("stopped", 0, 0)
    assert np.isnan(gone["p"])
    assert (stands["status"], stands["n_peers"]) == ("late", N - 2)  # and is nobody's peer
    assert stands["p"] == pytest.approx(1 / (N - 1))
    by = missing_by_authority(table).set_index("authority")
    assert by.loc["E06000004", "n_expected"] == 0
    assert by.loc["E06000005", "n_missing"] == 1


def test_an_authority_is_asked_for_the_periods_that_ended_before_it_did(long, values):
    values[3:5, -1] = np.nan
    table = returns_of(as_panel(long(values)), ends={"E06000004": "2018-03-31"})
    assert (status(table, 3), status(table, 4)) == ("late", "late")
    values[3, -1] = 1.0  # a register in error: what came in, came in
    table = returns_of(as_panel(long(values)), ends={"E06000004": "2016-03-31"})
    assert status(table, 3) == "in time"


def test_a_metric_that_an_abolished_authority_never_gave_does_not_apply(long, values):
    rows = pd.concat([long(values), long(np.delete(values, 3, axis=0), "tax")])
    rows["authority"] = rows["authority"].where(
        rows["metric"].eq("debt") | rows["authority"].lt("E06000004"),
        rows["authority"].map(lambda code: f"E06{int(code[3:]) + 1:06d}"),
    )
    panel = as_panel(rows)
    assert status(returns_of(panel), 3, "tax") == "missing"
    assert status(returns_of(panel, ends={"E06000004": "2017-03-31"}), 3, "tax") == "not applicable"


def test_nobody_is_late_while_most_peers_have_not_published(long, values):
    values[: N // 2 + 1, -1] = np.nan
    table = returns_of(as_panel(long(values)))
    assert set(table["status"]) == {"in time"}
    assert set(table["peers_period"]) == {"2016/17"}


def test_a_metric_that_only_another_type_has_does_not_apply(long, values):
    rows = pd.concat([long(values), long(values[:10], "schools")])
    panel = as_panel(rows)
    kinds = np.where(np.arange(N) < 10, "unitary", "district")
    table = returns_of(panel, types=pd.Series(kinds, index=panel.authorities))
    assert {status(table, i, "schools") for i in range(10)} == {"in time"}
    assert {status(table, i, "schools") for i in range(10, N)} == {"not applicable"}
    nothing = table[table["status"].eq("not applicable")]
    assert nothing["p"].isna().all()
    assert (nothing["periods_behind"] == 0).all()


@pytest.mark.parametrize(("others", "said"), [(19, "missing"), (16, "not applicable")])
def test_who_never_gave_a_metric_lacks_it_only_where_all_but_a_few_of_its_type_do(
    long, values, others, said
):
    rows = pd.concat([long(values), long(values[1 : others + 1], "tax")])
    rows.loc[rows["metric"].eq("tax"), "authority"] = [
        f"E06{i + 1:06d}" for i in range(1, others + 1) for _ in range(T)
    ]
    assert status(returns_of(as_panel(rows)), 0, "tax") == said


def test_what_was_before_its_first_return_is_not_asked_of_an_authority(long, values):
    """A new authority, one period old: it lacks nothing, and owes what it never gave."""
    newest = long(values, "tax")
    newest = newest[newest["authority"].ne("E06000004")]
    values[3, :-1] = np.nan
    rows = pd.concat([long(values), newest])
    owed = of(returns_of(as_panel(rows)), 3, "tax")
    assert (owed["status"], owed["periods_behind"]) == ("late", 1)


def with_mark(rows, row, word, periods=(LAST,)):
    """Return the rows with a mark in place of some values of an authority."""
    at = rows["authority"].eq(f"E06{row + 1:06d}") & rows["period"].isin(periods)
    rows = rows.assign(status=np.where(at, word, ""))
    rows.loc[at, "value"] = np.nan
    return rows


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("suppressed", "suppressed"),
        ("low", "suppressed"),
        ("not applicable", "not applicable"),
        ("not available", "late"),
        ("no data recorded", "late"),
        ("missing", "late"),
    ],
)
def test_a_mark_is_a_return_where_there_is_a_value_behind_it(long, values, mark, said):
    panel = as_panel(with_mark(long(values), 3, mark, ("2017-18",)))
    table = returns_of(panel)
    assert status(table, 3) == said
    assert set(table.loc[table["authority"].ne("E06000004"), "status"]) == {"in time"}


def test_what_did_not_apply_once_and_does_now_is_asked_for_again(long, values):
    rows = with_mark(long(values), 3, "not applicable", ("2014-15", "2015-16"))
    assert status(returns_of(as_panel(rows)), 3) == "in time"
    values[3, -1] = np.nan
    rows = with_mark(long(values), 3, "not applicable", ("2014-15", "2015-16"))
    assert of(returns_of(as_panel(rows)), 3)["periods_behind"] == 1


def test_only_what_was_known_on_the_day_counts(long, values, day):
    rows = long(values).assign(published="2018-11-26")
    rows["published"] = rows["period"].str[:4].astype(int).add(1).astype(str) + "-11-26"
    late = rows["authority"].eq("E06000004") & rows["period"].eq("2017-18")
    rows.loc[late, "published"] = "2019-03-01"
    panel = as_panel(rows)
    assert status(returns_of(panel, "2019-02-28"), 3) == "late"
    assert status(returns_of(panel, "2019-03-01"), 3) == "in time"
    assert_frame_equal(
        returns_of(panel, "2018-12-31"), returns_of(as_panel(rows[~late]), "2018-12-31")
    )


def dated(long, values, days):
    """Return rows, each published so many days after the end of its period."""
    rows = long(values)
    ends = pd.to_datetime((rows["period"].str[:4].astype(int) + 1).astype(str) + "-03-31")
    known = np.isfinite(values)
    return rows.assign(published=ends + pd.to_timedelta(days[known], unit="D"))


def test_who_is_always_late_is_less_unusual_than_who_never_was(long, values):
    days = np.full((N, T), 100.0)
    days[2] = 300.0
    values[[2, 3], -1] = np.nan
    table = returns_of(as_panel(dated(long, values, days)), "2018-09-01")
    assert of(table, 3)["p"] == pytest.approx(1 / N)
    assert of(table, 2)["p"] == pytest.approx(1.0)  # its usual day is yet to come


def test_the_return_in_question_is_no_part_of_its_own_record(long, values):
    """One came 100 days later than its median; another is, that long after, 93 late."""
    days = np.full((N, T), 100.0)
    values[2, : T - 5] = values[3, -1] = np.nan
    days[2, T - 5 :] = [100, 100, 300, 300, 300]
    days[3] = 210
    table = returns_of(as_panel(dated(long, values, days)), "2019-01-27")
    assert of(table, 3)["p"] == pytest.approx(2 / N)


def test_every_second_year_is_no_more_behind_than_every_year(long, values):
    values[:, 1::2] = np.nan
    values[3, -2] = np.nan
    table = returns_of(as_panel(long(values)))
    assert set(table["periods_behind"]) == {0, 1}
    assert status(table, 3) == "late"


def test_a_metric_that_nobody_has_has_no_returns(long, values):
    rows = pd.concat([long(values), long(values, "tax").assign(value=np.nan)])
    table = returns_of(as_panel(rows))
    assert set(table.loc[table["metric"].eq("tax"), "status"]) == {"not applicable"}


def test_no_metric_gives_an_empty_table_with_its_columns(long, values):
    panel = as_panel(long(values))
    register = pd.DataFrame({"authority": panel.authorities, "type": "unitary", "end": pd.NaT})
    table = returns_table([], panel, register, panel.latest_publication, settings=SETTINGS)
    assert tuple(table.columns) == RETURNS
    assert missing_by_authority(table).empty


@few
@given(seed=st.integers(0, 10_000), gaps=st.floats(0, 0.9), days=st.integers(0, 1000))
def test_whatever_is_missing_every_row_makes_sense(long, seed, gaps, days):
    rng = np.random.default_rng(seed)
    values = np.where(rng.random((12, 6)) < gaps, np.nan, 1.0)
    values[0, 0] = 1.0
    panel = as_panel(long(values))
    kinds = rng.choice(["unitary", "county"], size=len(panel.authorities))
    day = panel.latest_publication + pd.Timedelta(days=days)
    table = returns_of(panel, day, pd.Series(kinds, index=panel.authorities))
    assert len(table) == len(panel.authorities)
    assert (table["days_overdue"] >= 0).all()
    behind = table["periods_behind"] > 0
    assert_array_equal(behind, table["status"].isin(["late", "missing", "stopped"]))
    asked = table["status"].isin(["in time", "late", "missing"])
    assert_array_equal(table["p"].notna(), asked)
    assert table.loc[asked, "p"].between(0, 1, inclusive="right").all()
    by = missing_by_authority(table)
    assert by["n_missing"].sum() == table["status"].isin(["late", "missing"]).sum()
    assert by["n_expected"].sum() == asked.sum()


@few
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(long, seed):
    rng = np.random.default_rng(seed)
    rows = long(np.where(rng.random((12, 6)) < 0.3, np.nan, 1.0))
    shuffled = rows.sample(frac=1, random_state=seed)
    assert_frame_equal(returns_of(as_panel(rows)), returns_of(as_panel(shuffled)))


# How often chance says so.


def test_the_rank_of_authorities_that_are_alike_has_its_size(rng):
    late = rng.normal(size=(4000, N))
    p = np.concatenate([rank_tail(row) for row in late])
    for level in (0.05, 0.1, 0.5):
        assert (p <= level).mean() == pytest.approx(level, abs=1e-12)
    assert np.isnan(rank_tail(np.array([np.nan, 1.0]))[0])


@pytest.mark.slow
def test_authorities_of_other_habits_are_found_late_no_more_often_than_stated(long, rng):
    """Habits differ by 30 days, years by 15; looked at once half have come in."""
    found = []
    for _ in range(60):
        days = 100 + 30 * rng.normal(size=(60, 1)) + 15 * rng.normal(size=(60, T))
        days = np.clip(np.round(days), 0, 360)
        table = returns_of(as_panel(dated(long, np.ones((60, T)), days)), "2018-07-20")
        found.append(table["p"].to_numpy())
    p = np.concatenate(found)
    assert (p < 1).mean() > 0.2
    for level in (0.05, 0.01):
        assert (p <= level).mean() <= 1.2 * level


def law_of_missing(rng, n, mean, together):
    """Return which of n returns 300 authorities lack: beta-binomial."""
    share = np.full(300, mean)
    if together:
        size = 1 / together - 1
        share = rng.beta(mean * size, (1 - mean) * size, 300)
    return rng.random((300, n)) < share[:, None]


def forms(rng, n, mean, together):
    """Return which returns are missing where five go on one form: all of it, or nothing."""
    return np.repeat(rng.random((300, n // 5)) < mean, 5, axis=1)


def p_of(lacking):
    n, metrics = lacking.shape
    share = ((lacking.sum(axis=0) - lacking + 0.5) / n).mean(axis=1)
    return missing_tail(lacking.sum(axis=1), np.full(n, metrics), share)


@pytest.mark.parametrize(
    ("law", "n", "mean", "together"),
    [(law_of_missing, n, m, r) for n in (5, 30) for m in (0.02, 0.1) for r in (0, 0.1, 0.3, 0.6)]
    + [(forms, 30, 0.02, 1), (forms, 30, 0.1, 1)],
)
def test_returns_that_go_missing_together_are_called_many_no_more_often_than_stated(
    law, n, mean, together, rng
):
    p = np.concatenate([p_of(law(rng, n, mean, together)) for _ in range(100)])
    for level in (0.05, 0.01):
        assert (p <= level).mean() <= 1.2 * level


def test_an_authority_that_lacks_half_its_returns_is_found(rng):
    lacking = law_of_missing(rng, 30, 0.03, 0.02)
    lacking[0, :15] = True
    assert p_of(lacking)[0] < 1e-4


def test_returns_that_go_missing_one_by_one_are_counted_by_the_binomial_law():
    """Fewer pairs than chance would give: no correlation, so the exact binomial tail."""
    k, n = np.array([3, *[1] * 40]), np.full(41, 20)
    p = missing_tail(k, n, np.full(41, 0.05))
    assert p[0] == pytest.approx(binom.sf(2, 20, 0.05))


def test_where_ten_lack_as_much_p_is_no_less_than_their_share():
    k, n = np.array([*[10] * 10, *[0] * 90]), np.full(100, 10)
    p = missing_tail(k, n, np.full(100, 0.02))
    assert (p[:10] >= 0.1).all()
    assert (p[10:] == 1).all()


def test_nothing_expected_is_nothing_said():
    p = missing_tail(np.array([0, 2]), np.array([0, 4]), np.array([np.nan, 0.1]))
    assert np.isnan(p[0])
    assert 0 < p[1] < 1
    assert missing_tail(*np.zeros((2, 0), dtype=int), np.zeros(0)).size == 0


def test_an_authority_s_missing_returns_are_counted_beside_its_peers(long, values, rng):
    rows = []
    for j in range(8):
        table = rng.normal(size=(N, T))
        table[3, -1] = np.nan
        table[j + 5, -1] = np.nan
        rows.append(long(table, f"metric {j}"))
    by = missing_by_authority(returns_of(as_panel(pd.concat(rows)))).set_index("authority")
    assert tuple(by.reset_index().columns) == RETURNS_BY_AUTHORITY
    assert by.loc["E06000004", ["n_expected", "n_missing", "share"]].tolist() == [8, 8, 1.0]
    assert by.loc["E06000006", "n_missing"] == 1
    assert by["p"].idxmin() == "E06000004"
    assert by.loc["E06000001", "expected_share"] == pytest.approx(2.5 / N)
    assert (by["q"] >= by["p"]).all()


def test_a_result_that_knows_the_register_expects_nothing_of_the_abolished(long, values):
    values[3, -1] = np.nan
    panel = as_panel(long(values))
    rows = {"authority": ["E06000004", "E06000009"], "successor": ["E06000009", None],
            "end": ["2017-03-31", None]}  # fmt: skip
    result = EarlyWarning(settings=FAST).fit_score(panel)
    assert status(result.returns, 3) == "late"
    told = EarlyWarning(settings=FAST, register=read_register(pd.DataFrame(rows))).fit_score(panel)
    assert status(told.returns, 3) == "stopped"
    assert len(told.returns) == N


def test_the_sample_s_returns_are_all_told(sample):
    table = sample.result.returns
    assert set(table["status"]) <= set(RETURN_STATUSES)
    assert len(table) == len(sample.panel.authorities) * len(sample.panel.metrics)
    assert {"in time", "late", "missing", "stopped", "not applicable"} <= set(table["status"])
    gone = table["authority"].isin(["ZZD040", "ZZD041", "ZZD042"])  # reorganised
    assert set(table.loc[gone, "status"]) == {"stopped", "not applicable"}
    by = sample.result.returns_by_authority
    assert by["q"].min() > 0.1  # nobody was made to lack more than the others
    assert by.loc[by["authority"].isin(["ZZD040", "ZZD041", "ZZD042"]), "p"].isna().all()
