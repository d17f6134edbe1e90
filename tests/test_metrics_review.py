"""What metrics are worth, and what is proposed: each reason by a metric that has it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal
from scipy.stats import spearmanr

from earlywarning.catalogue import Metric
from earlywarning.panel import as_panel, values_at
from earlywarning.schema import BREAKS, FLAGS, METRICS_REVIEW, PROPOSALS, empty
from earlywarning.sector import metrics_review
from earlywarning.sector.redundancy import clusters, rank_correlations
from earlywarning.settings import Settings
from earlywarning.signals import Company, prepare

SETTINGS = Settings()
CODES = [f"E06{i:06d}" for i in range(1, 31)]
N, T = len(CODES), 8


def reviewed(rows, ends=None, flags=None, breaks=None, as_of=None):
    """Return the review of every metric of a long table, by metric."""
    panel = as_panel(rows)
    day = panel.latest_publication if as_of is None else pd.Timestamp(as_of)
    company = Company(dict.fromkeys(CODES, "unitary"))
    measured = [
        SimpleNamespace(prepared=prepare(
            panel.matrix(name), Metric(metric=name, title=name, theme="Money", higher_is="worse"),
            company, day, settings=SETTINGS,
        ))
        for name in panel.metrics
    ]  # fmt: skip
    register = pd.DataFrame({"authority": CODES, "type": "unitary"})
    register["end"] = pd.to_datetime(register["authority"].map(ends or {}))
    tables = (
        empty(FLAGS) if flags is None else flags,
        empty(BREAKS) if breaks is None else breaks,
        values_at(panel, day),
    )
    table = metrics_review(measured, register, tables, settings=SETTINGS)
    assert tuple(table) == METRICS_REVIEW
    assert set(table["proposal"]) <= set(PROPOSALS)
    assert table["evidence"].str.endswith(".").all()
    return table.set_index("metric")


@pytest.fixture
def values(rng):
    return 3 * rng.normal(size=(N, 1)) + rng.normal(size=(N, T))


def test_a_full_telling_metric_is_kept_and_its_coverage_is_what_is_filled(long, values):
    values[:3, -1] = np.nan
    values[5, 2] = np.nan
    row = reviewed(long(values)).loc["debt"]
    assert row["n_authorities"] == N
    assert row["coverage_newest"] == pytest.approx(27 / N)
    assert row["coverage_grid"] == pytest.approx(1 - 4 / (N * T))
    assert (row["proposal"], row["merge_with"], row["cluster"]) == ("keep", "", "")


def test_who_was_abolished_is_not_asked_for_the_newest_value(long, values):
    values[:3, -1] = np.nan
    row = reviewed(long(values), ends=dict.fromkeys(CODES[:3], "2016-03-31")).loc["debt"]
    assert (row["n_authorities"], row["coverage_newest"]) == (N - 3, 1.0)


def test_a_metric_that_less_than_half_give_is_to_be_dropped(long, values):
    rows = pd.concat([long(values), long(values[:13, ::-1], "tax")])
    table = reviewed(rows)
    assert table.loc["tax", "proposal"] == "drop"
    assert table.loc["tax", "coverage_newest"] == pytest.approx(13 / N)
    assert table.loc["debt", "proposal"] == "keep"


def test_a_metric_that_nobody_gives_any_more_is_to_be_dropped(long, values):
    row = reviewed(long(values), as_of="2030-01-01").loc["debt"]
    assert row["proposal"] == "drop"
    assert "in date" in row["evidence"]


def test_one_metric_under_two_names_is_to_be_merged_with_the_fuller(long, values, rng):
    other = 100 - 7 * values + 0.01 * rng.normal(size=values.shape)
    other[:2] = np.nan
    rows = pd.concat([long(values), long(other, "a twin"), long(rng.normal(size=(N, T)), "noise")])
    table = reviewed(rows)
    assert table.loc["a twin", ["proposal", "merge_with"]].to_list() == ["merge", "debt"]
    assert table.loc["debt", ["proposal", "cluster", "n_cluster"]].to_list() == ["keep", "debt", 2]
    assert table.loc["a twin", "correlation"] < -0.95
    assert table.loc["noise", "cluster"] == ""


def test_a_break_or_more_noise_than_difference_asks_for_a_look(long, values, rng):
    breaks = empty(BREAKS).assign(metric=["debt"], period="2014/15")
    rows = pd.concat([long(values), long(rng.normal(size=(N, T)), "noise")])
    table = reviewed(rows, breaks=breaks)
    assert table["proposal"].to_list() == ["look at the definition"] * 2
    assert "2014/15" in table.loc["debt", "evidence"]
    assert (table.loc["debt", "n_breaks"], table.loc["noise", "n_breaks"]) == (1, 0)
    assert table.loc["noise", "signal_to_noise"] < 1 < table.loc["debt", "signal_to_noise"]


def test_flags_are_counted_with_those_to_be_expected_false(long, values):
    flags = empty(FLAGS).reindex(range(20)).assign(metric="debt")
    row = reviewed(long(values), flags=flags).loc["debt"]
    assert (row["n_flags"], row["expected_false_flags"]) == (20, pytest.approx(2.0))


def test_days_to_publication_count_where_they_were_given_and_not_where_they_are_assumed(
    long, values
):
    rows = long(values)
    assert np.isnan(reviewed(rows).loc["debt", "days_to_publish"])  # all assumed
    ends = pd.to_datetime(rows["period"].str[:4]) + pd.DateOffset(years=1, months=2, days=30)
    given = rows.assign(published=ends + pd.to_timedelta(100 + np.arange(len(rows)) % 3, unit="D"))
    row = reviewed(given).loc["debt"]
    assert (row["days_to_publish"], row["n_days_given"]) == (101, N * T)
    late = given["period"].eq("2011-12")
    some = reviewed(given.assign(published=given["published"].mask(late))).loc["debt"]
    assert (some["days_to_publish"], some["n_days_given"]) == (101, N * (T - 1))


def test_the_day_of_a_revision_is_nobody_s_day_of_publication(long, values):
    rows = long(values)
    days = 100 + np.arange(len(rows)) % 3
    ends = pd.to_datetime(rows["period"].str[:4]) + pd.DateOffset(years=1, months=2, days=30)
    rows["published"] = ends + pd.to_timedelta(days, unit="D")
    again = rows.assign(value=rows["value"] + 1, published=rows["published"] + pd.Timedelta("900D"))
    row = reviewed(pd.concat([rows, again.head(N * T // 2)])).loc["debt"]
    assert (row["days_to_publish"], row["n_days_given"]) == (101, N * T // 2)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.arange(8.0)[None], "drop"),  # one of thirty has it
        (np.arange(30.0)[:, None], "keep"),
        (np.full((N, 4), 5.0), "look at the definition"),
    ],
)
def test_one_authority_one_period_and_all_equal_are_reviewed_too(long, values, said):
    row = reviewed(long(values, first=2013)).loc["debt"]
    assert row["proposal"] == said
    assert np.isnan(row["signal_to_noise"])
    assert (row["nearest"], row["n_cluster"]) == ("", 1)


def test_no_metric_is_an_empty_table():
    table = metrics_review([], pd.DataFrame(), (None,) * 3, settings=SETTINGS)
    assert (len(table), tuple(table)) == (0, METRICS_REVIEW)


def test_row_order_and_units_change_nothing_of_the_review(long, values, rng):
    rows = pd.concat([long(values), long(rng.normal(size=(N, T)) + values, "tax")])
    mixed = rows.sample(frac=1, random_state=1).assign(value=lambda t: 8 * t["value"])
    numbers = ["coverage_newest", "coverage_grid", "correlation", "signal_to_noise", "n_cluster"]
    assert_frame_equal(reviewed(rows)[numbers], reviewed(mixed)[numbers])


# Which are alike.


def test_correlations_are_spearman_s_over_those_with_both(rng):
    table = pd.DataFrame(rng.normal(size=(40, 2)), columns=["a", "b"])
    table.loc[:9, "a"] = np.nan
    there = table.dropna()
    expected = spearmanr(there["a"], there["b"]).statistic
    assert_allclose(rank_correlations(table)[0, 1], expected)
    assert rank_correlations(table[:29])[0, 1] == 0  # 19 have both


def test_average_linkage_takes_the_mean_of_all_pairs_by_hand():
    """UPGMA: a and b join at 0.96; c is on average (0.92 + 0.86) / 2 = 0.89 like them."""
    alike = np.array([[1, 0.96, 0.92], [0.96, 1, -0.86], [0.92, -0.86, 1]])
    assert len(set(clusters(alike, 0.9))) == 2
    assert len(set(clusters(alike, 0.89))) == 1
    assert clusters(np.ones((1, 1)), 0.9).tolist() == [1]


def test_the_sample_s_metrics_are_all_reviewed(sample):
    table = sample.result.metrics_review.set_index("metric")
    assert list(table.index) == sample.panel.metrics
    assert table["coverage_newest"].between(0.5, 1).all()
    assert table.loc["recycling_pct", "nearest"] == "residual_waste_per_household"
    assert table["n_flags"].sum() == len(sample.result.flags)
    lags = sample.result.metrics.set_index("metric")["lag_days"].astype(float)
    assert (table["days_to_publish"] - lags).between(0, 20).all()
