"""Whose returns lack or were revised: counted and measured by hand."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from earlywarning.models.robust import mad
from earlywarning.panel import as_panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.schema import RETURNS_REVIEW
from earlywarning.settings import Settings

FAST = Settings(null_draws=200, tail_draws=200, rank_draws=50)
N, T = 20, 6


def result_of(rows, as_of=None):
    return EarlyWarning(settings=FAST).fit_score(as_panel(rows), as_of=as_of)


def rows_of(long, values):
    """Return values with their days, the fourth authority without its newest one."""
    values = values.copy()
    values[3, -1] = np.nan
    rows = long(values)
    end = pd.to_datetime(rows["period"].str[:4]) + pd.DateOffset(years=1, months=2, days=30)
    return rows.assign(published=end + pd.Timedelta(days=100))


def again(rows, authority, period, **changed):
    """Return the rows with one of them published anew, a month later."""
    at = rows["authority"].eq(f"E06{authority + 1:06d}") & rows["period"].eq(period)
    later = rows[at].assign(published=rows["published"] + pd.Timedelta(days=30), **changed)
    return pd.concat([rows, later], ignore_index=True)


@pytest.fixture(scope="module")
def values():
    return np.random.default_rng(5).normal(size=(N, T))


@pytest.fixture(scope="module")
def revised(long, values):
    rows = rows_of(long, values)
    rows = again(rows, 1, "2012-13", value=values[1, 2] + 0.5)
    rows = again(rows, 1, "2013-14", value=values[1, 3] - 2.5)
    rows = again(rows, 1, "2011-12", value=values[1, 1] + 1.5)
    rows = again(rows, 2, "2012-13", value=np.nan, status="suppressed")
    return again(rows, 4, "2012-13")  # the same value once more


@pytest.fixture(scope="module")
def review(revised):
    table = result_of(revised).returns_review
    assert tuple(table) == RETURNS_REVIEW
    assert table["authority"].is_monotonic_increasing
    return table.set_index("authority")


def test_late_returns_are_counted_as_the_table_of_returns_has_them(review):
    late = review.loc["E06000004"]
    assert late[["n_expected", "n_late", "n_in_time"]].to_list() == [1, 1, 0]
    assert (review["n_in_time"].sum(), len(review)) == (N - 1, N)
    assert "Lacks 1 of 1 return;" in late["evidence"]


def test_a_revision_is_a_value_that_changed_and_its_size_is_in_spreads(review, values):
    row = review.loc["E06000002"]
    assert row[["n_values", "n_revised", "n_withdrawn"]].to_list() == [T, 3, 0]
    now = values.copy()
    now[1, 1:4] += [1.5, 0.5, -2.5]
    now[2, 2] = now[3, -1] = np.nan
    sizes = [1.5 / mad(now[:, 1]), 0.5 / mad(now[:, 2]), 2.5 / mad(now[:, 3])]
    assert row["revised_sd"] == pytest.approx(np.median(sizes))


def test_a_value_that_was_taken_back_is_a_revision_without_a_size(review):
    row = review.loc["E06000003"]
    assert row[["n_values", "n_revised", "n_withdrawn"]].to_list() == [T, 1, 1]
    assert np.isnan(row["revised_sd"])


def test_the_same_value_published_again_is_no_revision(review):
    assert review.loc["E06000005", "n_revised"] == 0


def test_what_is_revised_later_is_not_known_yet(revised):
    early = result_of(revised, as_of="2013-08-01").returns_review
    assert early["n_revised"].sum() == 1  # that of 2011-12


def test_units_and_row_order_change_no_revision(revised, review):
    mixed = revised.sample(frac=1, random_state=1).assign(value=lambda rows: 60 * rows["value"])
    other = result_of(mixed).returns_review.set_index("authority")
    assert_allclose(other["revised_sd"], review["revised_sd"])


@pytest.mark.parametrize("shape", [(1, 6), (20, 1)])
def test_one_authority_and_one_period_are_reviewed_too(long, shape):
    table = result_of(long(np.ones(shape), first=2013)).returns_review
    assert len(table) == shape[0]
    assert table["n_revised"].sum() == 0


def test_the_sample_s_fifty_revisions_are_all_found(sample):
    """Fifty rows of the sample come twice; reorganised ones, carried over, are counted once."""
    table = sample.result.returns_review
    assert table["n_revised"].sum() == pytest.approx(50, abs=3)
    assert table["revised_sd"].max() < 1
    assert list(table["authority"]) == sample.panel.authorities
    assert (table["n_late"] + table["n_missing"]).sum() == (
        sample.result.returns["status"].isin(["late", "missing"]).sum()
    )
