import time
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlywarning.errors import PeriodError, UsageError
from earlywarning.periods import (
    Period,
    as_labels,
    as_period,
    as_periods,
    next_label,
    release_gap_days,
    spans,
)
from earlywarning.periods.labels import STATUSES
from earlywarning.readers.markers import NO_VALUE, NOTES

years = st.integers(1800, 2198)
days = st.dates(date(1800, 1, 1), date(2190, 12, 31))
named = st.one_of(
    st.builds(spans.financial_year, years),
    st.builds(spans.academic_year, years),
    st.builds(spans.calendar_year, years),
    st.builds(spans.quarter, years, st.integers(1, 4)),
    st.builds(spans.financial_quarter, years, st.integers(1, 4)),
    st.builds(spans.month, years, st.integers(1, 12)),
    st.builds(spans.single_day, days),
)


@st.composite
def intervals(draw):
    start, length = draw(days), draw(st.integers(1, 3000))
    if draw(st.booleans()):
        end = spans.add_months(start, length % 100 + 1) - spans.DAY
    else:
        end = start + (length - 1) * spans.DAY
    return spans.interval(start, end)


@st.composite
def ranges(draw):
    first, length = draw(st.integers(1800, 2150)), draw(st.integers(1, 30))
    month = draw(st.sampled_from([1, 4, 7, 9]))
    start = date(first, month, draw(st.sampled_from([1, 1, 15])))
    return spans.long_range(start, spans.add_months(start, 12 * length + 12) - spans.DAY)


periods = st.one_of(named, intervals(), ranges())

FINANCIAL = [
    "2022/23", "2022-23", "202223", "2022-2023", "2022/2023", "2022–23", "2022 — 23", "2022_23",
    " 2022/23 ", "2022/23 financial year", "Financial year 2022-23", "FY2022/23", "FY 2022-23",
    "FY22/23", "financial year 2022 to 2023", "April 2022 to March 2023", "Apr 2022 - Mar 2023",
    "1 April 2022 to 31 March 2023", "2022-04-01 to 2023-03-31", "year ending March 2023",
    "Year ending 31 March 2023", "202223.0", 202223,
]  # fmt: skip
READ = [
    *[(label, "2022/23", "financial year") for label in FINANCIAL],
    *[(label, "2022", "calendar year") for label in ("2022", 2022, 2022.0, "2022.0", "CY2022")],
    *[
        (label, "2022/23", "academic year")
        for label in ("Academic year 2022/23", "AY 2022-23", "2022/23 academic", "AY22/23")
    ],
    *[
        (label, "2023 Q1", "quarter")
        for label in ("Q1 2023", "2023 Q1", "2023-Q1", "2023Q1", "Jan-Mar 2023", "Quarter 1 2023")
    ],
    *[
        (label, "2022/23 Q1", "financial quarter")
        for label in ("2022-23 Q1", "2022-23;Q1", "2022/23 Q1", "Q1 2022/23", "FY2022/23 Q1")
    ],
    *[
        (label, "2024-03", "month")
        for label in ("Mar-24", "March 2024", "2024-03", "Mar 2024", "03/2024", "2024 MAR")
    ],
    *[
        (label, "2017-03-31", "date")
        for label in (
            "2017-03-31", "31/03/2017", "31.3.2017", "31 March 2017", "31st Mar 2017",
            "as at 31 March 2017", "2017-03-31T00:00:00", "31/03/2017 00:00", "20170331",
            datetime(2017, 3, 31, 9), date(2017, 3, 31), pd.Timestamp("2017-03-31"),
            np.datetime64("2017-03-31"),
        )
    ],
    ("05/05/2017", "2017-05-05", "date"),
    *[(f"2019-01-01/{p}", f"2019-01-01/{p}", "interval") for p in ("P1Y", "P3Y", "P5Y", "P3M")],
    ("2019-01-01/2019-12-31", "2019-01-01/P1Y", "interval"),
    ("2019-02-01/P28D", "2019-02-01/P1M", "interval"),
    ("2019-22", "2019 to 2022", "range"),
    ("2016-18", "2016 to 2018", "range"),
    ("1998-00", "1998 to 2000", "range"),
    ("2014 to 2016", "2014 to 2016", "range"),
    *[
        (label, "2016/17 to 2018/19", "range")
        for label in ("2016/17 - 2018/19", "2016/17-18/19", "2016-17 to 2018-19")
    ],
    ("July 2023 to June 2024", "2023-07-01 to 2024-06-30", "range"),
    ("year to June 2024", "2023-07-01 to 2024-06-30", "range"),
    ("1999-00", "1999/00", "financial year"),
    ("2019-20", "2019/20", "financial year"),
    ("202212", "2022-12", "month"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "canonical", "kind"), READ)
def test_a_label_is_read_to_its_canonical_form(label, canonical, kind):
    period = as_period(label)
    assert (period.label, period.kind) == (canonical, kind)


@pytest.mark.parametrize(
    ("label", "start", "end"),
    [
        ("2022/23", date(2022, 4, 1), date(2023, 3, 31)),
        ("AY 2022/23", date(2022, 9, 1), date(2023, 8, 31)),
        ("2022", date(2022, 1, 1), date(2022, 12, 31)),
        ("2022/23 Q1", date(2022, 4, 1), date(2022, 6, 30)),
        ("2022/23 Q4", date(2023, 1, 1), date(2023, 3, 31)),
        ("2018Q2", date(2018, 4, 1), date(2018, 6, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2001-01-01/P3Y", date(2001, 1, 1), date(2003, 12, 31)),
        ("2016/17 - 2018/19", date(2016, 4, 1), date(2019, 3, 31)),
        ("2019-22", date(2019, 1, 1), date(2022, 12, 31)),
        ("Nov to Jan 2024", date(2023, 11, 1), date(2024, 1, 31)),
    ],
)
def test_a_period_has_its_first_and_last_day(label, start, end):
    assert (as_period(label).start, as_period(label).end) == (start, end)


@pytest.mark.parametrize(
    ("label", "frequency"),
    [
        ("2022/23", "annual"), ("2023 Q1", "quarterly"), ("2024-03", "monthly"),
        ("2017-03-31", "irregular"), ("2001-01-01/P3Y", "annual"), ("2019-22", "annual"),
        ("2023-07-01/P1M", "monthly"), ("2023-07-01/P3M", "quarterly"),
        ("2023-07-01/P45D", "irregular"), ("May 2023 to June 2023", "irregular"),
    ],
)  # fmt: skip
def test_a_rolling_period_is_as_frequent_as_its_releases(label, frequency):
    assert as_period(label).frequency == frequency


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("2022/23", ""), ("2022/23 (prov)", "provisional"), ("2022 (provisional)", "provisional"),
        ("2022/23 [r]", "revised"), ("2022/23 (Rev)", "revised"), ("2022/23 (revised)", "revised"),
        ("2022/23(r)", "revised"), ("2022/23r", "revised"), ("2022/23 p", "provisional"),
        ("2022/23 [b]", "break in series"), ("2022/23 [e]", "estimated"),
        ("2022/23 [f]", "forecast"), ("2022/23 [p] [b]", "provisional, break in series"),
        ("2022/23 [note 3]", ""), ("Mar 2024", ""),
    ],
)  # fmt: skip
def test_a_suffix_becomes_a_status_in_words(label, status):
    assert as_period(label).status == status


def test_every_marker_of_the_statistical_service_has_a_status(shared):
    markers = pd.read_csv(shared / "oracles" / "gss_shorthand.csv")["shorthand"]
    assert all(as_period(f"2022/23 {marker}").status for marker in markers)


@pytest.mark.parametrize(
    ("label", "ways"),
    [
        ("2011-12", ("financial year 2011/12", "month 2011-12")),
        ("201112", ("financial year 2011/12", "month 2011-12")),
        ("2001-03", ("range 2001 to 2003", "month 2001-03")),
        ("2022 to 2023", ("financial year 2022/23", "range 2022 to 2023")),
        ("04/05/2017", ("date 2017-05-04", "month first 2017-04-05")),
        ("2019-04-01/2020-04-01", ("2019-04-01/P367D", "2019-04-01/P1Y")),
        ("2010-11 to 2011-12", ("range 2010/11 to 2011/12", "2010-11-01 to 2011-12-31")),
    ],
)
def test_an_ambiguous_label_is_refused_with_both_readings_named(label, ways):
    with pytest.raises(PeriodError) as refusal:
        as_period(label)
    assert all(way in str(refusal.value) for way in ways)


@pytest.mark.parametrize(
    ("label", "kind", "canonical"),
    [
        ("2011-12", "financial year", "2011/12"), ("2011-12", "month", "2011-12"),
        ("2011-12", "academic year", "2011/12"), ("2001-03", "range", "2001 to 2003"),
        ("04/05/2017", "date", "2017-05-04"), ("2022/23", "academic year", "2022/23"),
        (pd.Timestamp("2024-03-01"), "month", "2024-03"),
        ("2019-04-01/2020-04-01", "interval", "2019-04-01/P367D"),
    ],
)  # fmt: skip
def test_the_kind_settles_what_a_label_means(label, kind, canonical):
    period = as_period(label, kind=kind)
    assert (period.label, period.kind) == (canonical, kind)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("", "empty"), (None, "empty"), (np.nan, "empty"), (pd.NaT, "empty"), (pd.NA, "empty"),
        ("  ", "empty"), ("03/31/2017", "month first"), ("30 February 2020", "no period known"),
        ("Total", "no period known"), ("22/23", "no period known"), (True, "no period known"),
        ("financial year 2022", "no period known"), ("2022/24", "no period known"),
        ("2022/23" + " [r]" * 30, "no period known"), ("2190-01-01/P80Y", "no period known"),
        ("year ending 15 June 2023", "no period known"), ("2022-23 H1", "no period known"),
        (np.inf, "no period known"),
    ],
)  # fmt: skip
def test_a_label_that_is_no_period_is_refused_with_the_reason(label, words):
    with pytest.raises(PeriodError, match=words):
        as_period(label)


def test_a_label_of_another_kind_than_asked_for_is_refused():
    with pytest.raises(PeriodError, match="is the calendar year 2022, not a financial year"):
        as_period("2022", kind="financial year")


def test_an_unknown_kind_is_a_wrong_call():
    with pytest.raises(UsageError, match="fortnight"):
        as_periods(["2022"], kind="fortnight")


def kinds_of(labels, **options):
    return as_periods(labels, **options)["kind"].to_list()


def test_a_column_settles_its_ambiguous_labels():
    assert set(kinds_of(["2010-11", "2011-12", "2012-13"])) == {"financial year"}
    assert set(kinds_of(["2010-11", "2011-12", "2012-01"])) == {"month"}
    assert set(kinds_of(["2009-11", "2010-12", "2011-13"])) == {"range"}
    assert set(kinds_of(["201011", "202223"])) == {"financial year"}
    assert set(kinds_of(["04/05/2017", "31/03/2017"])) == {"date"}
    assert set(kinds_of([f"2000-{month:02d}" for month in range(1, 13)])) == {"month"}


def test_a_label_of_an_unrelated_kind_does_not_unsettle_a_column():
    table = as_periods(["2010-11", "2012-13", "2017-03-31", "Total", None])
    assert table["kind"].to_list()[:3] == ["financial year", "financial year", "date"]


@pytest.mark.parametrize(
    "labels",
    [
        ["2011-12"],
        ["2010-11", "2011-12"],
        ["2011-12", "2012-13", "2012-01"],
        ["04/05/2017", "31/03/2017", "03/31/2017"],
    ],
)
def test_a_column_that_settles_nothing_is_refused(labels):
    problem = as_periods(labels)["problem"].iloc[0]
    assert "can be read as" in problem


def test_a_mark_beside_a_period_says_what_it_says_in_a_cell():
    cells = {**NO_VALUE, **NOTES}
    both = set(STATUSES) & set(cells)
    assert {"b", "c", "e", "f", "low", "p", "r", "u", "w", "x", "z"} <= both
    assert {mark: STATUSES[mark] for mark in both} == {mark: cells[mark] for mark in both}


def test_groups_with_different_kinds_share_a_column():
    labels = ["2011-12", "2012-13", "2011-12", "2012-01", "2011-12"]
    table = as_periods(labels, groups=list("aabbc"))
    assert table["group"].to_list() == list("aabbc")
    assert table["kind"].fillna("").to_list() == [
        "financial year", "financial year", "month", "month", "",
    ]  # fmt: skip


def test_a_group_that_is_silent_is_settled_by_the_whole_column():
    table = as_periods(["2011-12", "2012-13"], groups=["a", "b"])
    assert set(table["kind"]) == {"financial year"}
    with pytest.raises(UsageError, match="2 labels but 1 groups"):
        as_periods(["2011-12", "2012-13"], groups=["a"])


def test_as_periods_lists_each_label_once_and_never_raises():
    given = pd.Series(["2022/23", "bad", None, "2022/23", 2022.0, "2022-23"], index=range(10, 16))
    table = as_periods(given)
    assert list(table.columns) == [
        "label", "period", "start", "end", "kind", "frequency", "status", "problem",
    ]  # fmt: skip
    assert table["label"].to_list() == ["2022/23", "bad", "", "2022", "2022-23"]
    assert table["problem"].notna().to_list() == [False, True, True, False, False]
    assert table["problem"].iloc[0] is None
    assert table["end"].dtype == "datetime64[ns]"
    assert table["end"].isna().to_list() == [False, True, True, False, False]


def test_as_periods_has_its_columns_where_there_is_no_label():
    assert as_periods([]).empty
    assert "problem" in as_periods(pd.Series([], dtype=object), groups=[]).columns


def test_as_labels_joins_the_answer_to_the_rows():
    given = pd.Series([pd.Timestamp("2017-03-31"), None], index=[5, 3])
    assert as_labels(given).to_dict() == {5: "2017-03-31", 3: ""}
    categories = pd.Series(["b", "a", "b"], dtype="category")
    assert as_labels(categories).to_list() == ["b", "a", "b"]


def test_a_million_rows_are_read_in_less_than_a_second():
    given = pd.Series([f"{year}-{(year + 1) % 100:02d}" for year in range(1985, 2025)] * 25_000)
    begun = time.perf_counter()
    table = as_periods(given)
    assert time.perf_counter() - begun < 1
    assert set(table["kind"]) == {"financial year"}


@given(periods)
def test_a_canonical_label_is_read_back_to_the_same_period(period):
    assert as_period(period.label, kind=period.kind) == period


@given(named)
def test_a_canonical_label_is_refused_by_itself_only_where_it_may_be_another_kind(period):
    try:
        again = as_period(period.label)
    except PeriodError:
        assert period.kind == "month"
    else:
        assert again == period or period.kind == "academic year"


@given(periods, periods)
def test_two_periods_of_one_kind_never_share_a_label(one, other):
    if one.kind == other.kind and one.label == other.label:
        assert one == other


@given(periods)
def test_a_period_ends_no_earlier_than_it_starts(period):
    assert period.end >= period.start


@given(named, named)
def test_labels_of_one_kind_are_in_the_order_of_their_ends(one, other):
    if one.kind == other.kind:
        assert (one.label < other.label) == (one.end < other.end)


@given(periods)
def test_the_next_period_is_of_the_same_kind_and_ends_later(period):
    label = next_label(period)
    if period.frequency == "irregular":
        assert label == "next"
    else:
        later = as_period(label, kind=period.kind)
        assert later.end > period.end
        assert later.frequency == period.frequency
        if period.kind not in ("range", "interval"):
            assert later.start == period.end + spans.DAY


def test_the_next_label_is_that_of_the_next_release():
    assert next_label(as_period("1998/99")) == "1999/00"
    assert next_label(as_period("2022/23 Q4")) == "2023/24 Q1"
    assert next_label(as_period("2018-12", kind="month")) == "2019-01"
    assert next_label(as_period("2016/17 to 2018/19")) == "2017/18 to 2019/20"
    assert next_label(as_period("2001-01-01/P3Y")) == "2002-01-01/P3Y"


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with suppress(PeriodError):
        assert isinstance(as_period(text), Period)


@given(st.text(alphabet="0123456789-/ QPYMDqtoprfy[]()", max_size=24))
def test_anything_that_looks_like_a_period_is_read_or_refused(text):
    found = as_periods([text]).iloc[0]
    if found["problem"] is None:
        again = as_period(found["period"], kind=found["kind"])
        expected = replace(as_period(text), status="")
        assert again == expected


@given(st.lists(st.sampled_from(["2010-11", "2011-12", "2012-13", "2012-01", "2001-03", "x", ""])))
def test_the_order_of_labels_does_not_matter(labels):
    straight = as_periods(labels).set_index("label")["kind"]
    backwards = as_periods(labels[::-1]).set_index("label")["kind"]
    pd.testing.assert_series_equal(straight.sort_index(), backwards.sort_index())


def test_release_gaps_are_in_days():
    assert release_gap_days("annual") == 365
    with pytest.raises(UsageError, match="weekly"):
        release_gap_days("weekly")


@pytest.mark.parametrize(
    ("panel", "kinds"),
    [
        ("revenue_outturn_rs", {"financial year"}),
        ("capital_prudential_cor", {"financial year"}),
        ("oflog_asc", {"financial year"}),
        ("debt_investment", {"date"}),
        ("homelessness_hclic", {"quarter"}),
        ("ons_explore_local", {"interval", "date"}),
    ],
)
def test_every_label_of_the_real_files_is_read(shared, panel, kinds):
    labels = pd.read_csv(shared / "data" / "panels" / f"{panel}.csv.gz", usecols=["period"])
    table = as_periods(labels["period"])
    assert table["problem"].isna().all()
    assert set(table["kind"]) == kinds
    assert table["period"].is_unique


@pytest.mark.parametrize(
    ("label", "kind"),
    [("2022/23 (academic)", "academic year"), ("2022/23 Academic", "academic year"),
     ("2022/23 (financial)", "financial year"), ("2009/10 (taxbase)", "financial year"),
     ("2022 (calendar)", "calendar year"), ("2022/23 Q2 (financial)", "financial quarter"),
     ("Aug 2022-Jul 2023", "range"), ("2019 - 21", "range"), ("202223 Academic year",
     "academic year")],
)  # fmt: skip
def test_a_kind_in_brackets_is_read_as_lg_inform_means_it(label, kind):
    assert as_period(label).kind == kind
