"""What may stand in a panel, what was known when, and how a metric becomes a matrix."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal

from earlywarning import schema
from earlywarning.catalogue import as_catalogue
from earlywarning.errors import PanelError, UsageError
from earlywarning.panel import Panel, as_panel, concat
from earlywarning.settings import Settings

HARTLEPOOL, DURHAM = "E06000001", "E06000047"


def table(**columns):
    """Return a long table of one authority's debt, with columns set or added."""
    usual = {"authority": HARTLEPOOL, "metric": "debt", "period": "2022-23", "value": 5.0}
    return pd.DataFrame(usual | columns, index=range(max([1, *map(_length, columns.values())])))


def _length(column):
    return len(column) if isinstance(column, list) else 1


def found(panel: Panel, code: str) -> pd.DataFrame:
    return panel.issues[panel.issues["code"] == code]


def test_the_frame_has_the_columns_of_the_schema_and_categorical_keys():
    panel = as_panel(table(value=[5, 7], period=["2022-23", "2021-22"]))
    assert list(panel.frame) == list(schema.PANEL)
    assert list(panel.periods) == list(schema.PERIODS)
    assert list(panel.issues) == list(schema.ISSUES)
    assert all(isinstance(panel.frame[key].dtype, pd.CategoricalDtype) for key in schema.KEY)
    assert panel.frame["value"].to_list() == [7.0, 5.0]  # oldest first
    assert panel.frame["value"].dtype == float
    assert panel.frame["published"].dtype.kind == "M"


def test_the_table_given_is_not_changed():
    frame = table(value=[5.0, math.inf, 5.0], period=["2022-23", "2021-22", "2022-23"])
    before = frame.copy(deep=True)
    as_panel(frame)
    assert_frame_equal(frame, before)


def test_all_missing_columns_are_named_at_once():
    with pytest.raises(
        PanelError, match=r"No column metric, value among authority, period.*\{'metric': "
    ):
        as_panel(table().drop(columns=["metric", "value"]))


def test_two_columns_of_one_name_are_refused():
    twice = pd.concat([table(), table()[["value"]]], axis=1)
    with pytest.raises(PanelError, match="Two columns have one name: value"):
        as_panel(twice)


def test_text_among_the_values_is_refused_with_its_first_example():
    with pytest.raises(PanelError, match=r"'value' holds 1 values that are no numbers.*'\[c\]'"):
        as_panel(table(value=[5.0, "[c]"]))


def test_a_table_without_any_authority_is_refused():
    with pytest.raises(PanelError, match="No row has both"):
        as_panel(table(authority=[None, " "]))


# When a value became known.


def test_a_missing_day_of_publication_is_the_end_of_the_period_and_the_catalogues_lag():
    catalogue = as_catalogue(
        pd.DataFrame({"metric": ["debt"], "higher_is": ["worse"], "lag_days": [100]})
    )
    panel = as_panel(table(), catalogue=catalogue)
    assert panel.frame["published"].to_list() == [pd.Timestamp("2023-07-09")]
    assert found(panel, "lag_assumed").empty


def test_without_a_catalogue_the_settings_lag_is_used_and_one_issue_says_so():
    frame = table(metric=["m1", "m2", "m2"], period=["2022-23", "2023 Q1", "2023 Q2"])
    panel = as_panel(frame, settings=Settings(lag_days_annual=10, lag_days_quarterly=1))
    days = pd.to_datetime(["2023-04-10", "2023-04-01", "2023-07-01"])
    assert panel.frame["published"].to_list() == list(days)
    (issue,) = found(panel, "lag_assumed").to_dict("records")
    assert issue["n_rows"] == 3
    assert "2 metrics (3 rows)" in issue["message"]
    assert "10 days (annual), 1 days (quarterly)" in issue["message"]


def test_a_day_of_publication_that_cannot_be_read_is_an_issue_and_counts_as_missing():
    panel = as_panel(table(published=["31/05/2023", "soon"], authority=[HARTLEPOOL, DURHAM]))
    known = panel.frame.set_index("authority")["published"]
    assert known[HARTLEPOOL] == pd.Timestamp("2023-05-31")
    assert known[DURHAM] == pd.Timestamp("2023-03-31") + pd.Timedelta(days=240)
    assert found(panel, "published_unreadable")["n_rows"].to_list() == [1]


def test_the_latest_revision_known_on_the_day_counts():
    panel = as_panel(table(value=[6.0, 5.0], published=["2024-05-31", "2023-11-30"]))
    assert panel.known_at("2023-11-29").frame.empty
    assert panel.known_at("2023-11-30").frame["value"].to_list() == [5.0]
    assert panel.known_at(pd.Timestamp("2024-05-31")).frame["value"].to_list() == [6.0]
    assert panel.matrix("debt").values.tolist() == [[6.0]]
    assert panel.latest_publication == pd.Timestamp("2024-05-31")


def test_every_series_stays_when_nothing_was_known_yet():
    panel = as_panel(table(published="2023-11-30", authority=[HARTLEPOOL, DURHAM]))
    before = panel.known_at("2000-01-01")
    assert_frame_equal(before.series, panel.series)
    matrix = before.matrix("debt")
    assert matrix.values.shape == (2, 0)
    assert matrix.authorities == [HARTLEPOOL, DURHAM]


@pytest.mark.parametrize("as_of", ["soon", None, float("nan"), 2023, np.int64(2023), 2023.5, True,
                                   pd.Timestamp("2023-03-31", tz="UTC")])  # fmt: skip
def test_an_as_of_that_is_no_date_is_a_usage_error(as_of):
    with pytest.raises(UsageError, match=r"Write it as|Give a date"):
        as_panel(table()).known_at(as_of)


days = st.integers(0, 400)


@settings(max_examples=30)
@given(
    rows=st.lists(st.tuples(st.integers(2015, 2020), days, st.integers(0, 9)), max_size=12),
    later=st.tuples(st.integers(2015, 2020), st.integers(1, 300), st.integers(0, 9)),
    as_of=days,
)
def test_a_later_publication_never_changes_what_was_known_earlier(rows, later, as_of):
    rows = [(2014, 0, 1), *dict.fromkeys(rows)]

    def known(many):
        years, published, values = zip(*many, strict=True)
        frame = table(
            period=[str(year) for year in years],
            value=[float(value) for value in values],
            published=[pd.Timestamp("2023-01-01") + pd.Timedelta(days=day) for day in published],
        )
        return as_panel(frame).known_at(pd.Timestamp("2023-01-01") + pd.Timedelta(days=as_of))

    year, after, value = later
    one, other = known(rows), known([*rows, (year, as_of + after, value)])
    text = [*schema.KEY, "status"]
    assert_frame_equal(one.frame.astype(dict.fromkeys(text, str)),
                       other.frame.astype(dict.fromkeys(text, str)))  # fmt: skip


# What is refused.


def test_of_rows_that_agree_one_is_kept():
    panel = as_panel(table(value=[5.0, 5.0, 5.0]))
    assert panel.frame["value"].to_list() == [5.0]
    assert found(panel, "duplicate")["n_rows"].to_list() == [2]


def test_of_rows_that_disagree_none_is_kept_and_both_are_named():
    frame = table(value=[5.0, 6.0, 7.0], period=["2022-23", "2022/23", "2021/22"])
    panel = as_panel(frame.assign(file="a.csv", row=[2, 3, 4]))
    assert_array_equal(panel.frame["value"], [7.0, np.nan])
    assert panel.frame["status"].to_list() == ["", "refused: values disagree"]
    (issue,) = found(panel, "values_disagree").to_dict("records")
    assert "5 (a.csv, row 2); 6 (a.csv, row 3)" in issue["message"]
    assert "published" in issue["remedy"]
    assert (issue["authority"], issue["period"], issue["row"]) == (HARTLEPOOL, "2022/23", 2)


def test_a_value_and_a_marker_for_the_same_key_disagree():
    panel = as_panel(table(value=[5.0, np.nan], status=["", "suppressed"]))
    assert panel.frame["status"].to_list() == ["refused: values disagree"]


def test_very_many_disagreements_are_told_once_a_metric():
    codes = [f"E0700{i:04d}" for i in range(1500)] * 2
    panel = as_panel(table(authority=codes, value=[1.0] * 1500 + [2.0] * 1500))
    assert found(panel, "values_disagree")["n_rows"].to_list() == [3000]
    assert panel.frame["value"].isna().all()


def test_two_frequencies_in_one_metric_take_its_values_out_and_keep_its_series():
    frame = table(period=["2021-22", "2022-23", "2022 Q4", "2021"],
                  metric=["debt", "debt", "debt", "tax"])  # fmt: skip
    panel = as_panel(frame)
    assert panel.frame["metric"].to_list() == ["tax"]
    assert panel.series["status"].to_list() == ["two frequencies", ""]
    assert panel.matrix("debt").values.shape == (1, 0)
    (issue,) = found(panel, "two_frequencies").to_dict("records")
    assert "annual (financial year): 2 rows" in issue["message"]
    assert "quarterly (quarter): 1 rows" in issue["message"]


@pytest.mark.parametrize(
    "labels", [["2022", "2022/23"], ["2019-01-01/P1Y", "2019-01-01/P3Y"]], ids=["year", "window"]
)
def test_two_kinds_of_period_in_one_metric_are_refused_too(labels):
    panel = as_panel(table(period=labels))
    assert panel.series["status"].to_list() == ["two kinds of period"]


def test_overlapping_windows_of_one_length_are_allowed():
    panel = as_panel(table(period=["2016 to 2018", "2017 to 2019", "2019 to 2021"]))
    assert panel.matrix("debt").periods == [f"{year} to {year + 2}" for year in range(2016, 2020)]


def test_an_unreadable_period_is_told_once_a_label_and_the_series_stays():
    frame = table(period=["spring", "spring", "2022-23"], authority=[DURHAM, DURHAM, HARTLEPOOL])
    panel = as_panel(frame.assign(row=[2, 3, 4]))
    assert panel.series["status"].to_list() == ["", "unreadable period"]
    (issue,) = found(panel, "period_unreadable").to_dict("records")
    assert (issue["period"], issue["n_rows"], issue["row"]) == ("spring", 2, 2)


def test_rows_without_a_key_are_issues():
    frame = table(authority=[None, HARTLEPOOL, HARTLEPOOL], metric=["debt", "", "debt"],
                  period=["2022-23", "2022-23", None])  # fmt: skip
    panel = as_panel(frame)
    codes = ["no_authority", "no_metric", "no_period"]
    assert panel.issues["code"].to_list() == codes
    assert panel.frame.empty
    assert panel.series["status"].to_list() == ["unreadable period"]


def test_one_label_for_two_kinds_of_period_is_refused():
    panel = as_panel(table(period=["FY 2022/23", "academic year 2022/23"], metric=["debt", "tax"]))
    assert panel.frame.empty
    assert found(panel, "period_unreadable")["n_rows"].sum() == 2


@pytest.mark.parametrize("key", ["authority", "metric"])
def test_names_that_differ_only_in_case_or_spaces_are_doubted_and_kept_apart(key):
    panel = as_panel(table(**{key: ["Council 1", "COUNCIL  1", "Council 2"]}))
    (issue,) = found(panel, "spelt_twice").to_dict("records")
    assert issue["message"] == (
        f"'COUNCIL  1' and 'Council 1' differ only in case or spaces: one {key}? "
        "They are kept apart."
    )
    assert panel.series[key].nunique() == 3


def test_names_that_differ_only_in_case_are_doubted_once_where_panels_are_joined():
    panels = [as_panel(table(metric=[name])) for name in ("debt", "Debt")]
    joined = concat([*panels, concat(panels)])
    assert len(found(joined, "spelt_twice")) == 1


def test_infinite_values_are_unreadable_and_zero_and_negative_ones_are_fine():
    panel = as_panel(table(value=[np.inf, 0.0, -3.0], period=["2020", "2021", "2022"]))
    assert_array_equal(panel.frame["value"], [np.nan, 0.0, -3.0])
    assert panel.frame["status"].to_list() == ["unreadable", "", ""]
    assert found(panel, "unreadable")["n_rows"].to_list() == [1]


def test_a_missing_value_is_kept_with_its_status():
    panel = as_panel(table(value=[np.nan, np.nan], status=["suppressed", ""],
                           authority=[HARTLEPOOL, DURHAM]))  # fmt: skip
    assert panel.frame["status"].to_list() == ["suppressed", "missing"]
    assert panel.series["status"].to_list() == ["suppressed", "missing"]
    assert panel.matrix("debt").values.shape == (2, 1)


def test_a_status_may_be_a_category_and_missing():
    status = pd.Categorical(["suppressed", None])
    frame = table(value=[np.nan, 5.0], authority=[HARTLEPOOL, DURHAM]).assign(status=status)
    assert as_panel(frame).frame["status"].to_list() == ["suppressed", ""]


def test_a_labels_suffix_becomes_the_status():
    panel = as_panel(table(period="2022-23 (provisional)"))
    assert panel.frame["status"].to_list() == ["provisional"]


# A metric as a matrix.


def test_periods_nobody_has_are_missing_columns_so_that_spacing_is_even():
    frame = table(period=["2020 Q4", "2021 Q2", "2020 Q4"], value=[1.0, 2.0, 3.0],
                  authority=[DURHAM, DURHAM, HARTLEPOOL])  # fmt: skip
    matrix = as_panel(frame).matrix("debt")
    assert matrix.periods == ["2020 Q4", "2021 Q1", "2021 Q2"]
    assert matrix.authorities == [HARTLEPOOL, DURHAM]
    assert_array_equal(matrix.values, [[3.0, np.nan, np.nan], [1.0, np.nan, 2.0]])
    ends = np.array(["2020-12-31", "2021-03-31", "2021-06-30"], dtype="datetime64[D]")
    assert_array_equal(matrix.ends, ends)
    assert_array_equal(np.isnat(matrix.published), np.isnan(matrix.values))
    assert matrix.frequency == "quarterly"
    assert matrix.numerator is None


def test_irregular_metrics_have_only_the_dates_that_occur():
    matrix = as_panel(table(period=["2016-03-31", "2016-12-31", "2017-03-31"])).matrix("debt")
    assert matrix.periods == ["2016-03-31", "2016-12-31", "2017-03-31"]
    assert matrix.frequency == "irregular"


def test_numerator_and_denominator_come_along_where_they_are_given():
    frame = table(period=["2021", "2022"], numerator=[1.0, np.nan], denominator=[10.0, 20.0])
    matrix = as_panel(frame).matrix("debt")
    assert_array_equal(matrix.numerator, [[1.0, np.nan]])
    assert_array_equal(matrix.denominator, [[10.0, 20.0]])


def test_an_unknown_metric_is_a_usage_error_that_lists_the_known_ones():
    with pytest.raises(UsageError, match="It has: debt"):
        as_panel(table()).matrix("tax")


cells = st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(2000, 2008))


@settings(max_examples=30)
@given(st.dictionaries(cells, st.floats(-1e6, 1e6), min_size=1, max_size=25), st.randoms())
def test_the_matrix_has_each_value_in_its_place_whatever_the_order_of_rows(values, random):
    rows = [(f"E0600000{a}", f"m{m}", str(year), value) for (a, m, year), value in values.items()]
    random.shuffle(rows)
    frame = pd.DataFrame(rows, columns=list(schema.PANEL_REQUIRED))
    panel = as_panel(frame.assign(published="2024-01-31"))
    back = {}
    for metric in panel.metrics:
        matrix = panel.matrix(metric)
        assert len(matrix.periods) == 1 + int(matrix.periods[-1]) - int(matrix.periods[0])
        for (i, j), value in np.ndenumerate(matrix.values):
            if not np.isnan(value):
                back[(int(matrix.authorities[i][-1]), int(metric[1]), int(matrix.periods[j]))] = (
                    value
                )
    assert back == values


def test_the_labels_of_each_metric_settle_each_other():
    """Of 2010-11 alone nobody knows whether it is a year or a month; 2012-13 is no month."""
    rows = [("debt", "2010-11"), ("debt", "2012-13"), ("tax", "2012-01"), ("tax", "2010-10")]
    metric, period = zip(*rows, strict=True)
    panel = as_panel(table(metric=list(metric), period=list(period)))
    assert found(panel, "period_unreadable").empty
    kinds = panel.periods.set_index("period")["kind"].to_dict()
    assert kinds["2010/11"] == kinds["2012/13"] == "financial year"
    assert sorted(kinds.values()) == ["financial year", "financial year", "month", "month"]


def test_a_label_is_read_as_the_kind_that_is_named_whatever_else_cannot_be_read():
    frame = table(metric=["debt", "tax"], period=["2010-11", "whenever"])
    panel = as_panel(frame, period_kind="month")
    assert panel.periods["kind"].to_list() == ["month"]
    assert found(panel, "period_unreadable")["period"].to_list() == ["whenever"]


def test_what_a_panel_leaves_out_is_an_issue_of_the_panel():
    frame = table(period=[None, "2021-22"], published=["2022-01-01", "someday"])
    issues = as_panel(frame).issues.set_index("code")["stage"]
    assert {"no_period", "published_unreadable"} <= set(issues.index)
    assert set(issues) == {"panel"}


# Panels joined.


def test_joined_panels_are_as_if_their_rows_had_come_in_together():
    names = pd.DataFrame({"name": ["Hartlepool"]})
    one = as_panel(table(period=["2021-22", "2022-23"]).join(names))
    other = as_panel(table(metric=["debt", "tax"], authority=[DURHAM, HARTLEPOOL]))
    whole = concat([one, other])
    frames = [
        table(period=["2021-22", "2022-23"]),
        table(metric=["debt", "tax"], authority=[DURHAM, HARTLEPOOL]),
    ]
    straight = as_panel(pd.concat(frames))
    assert_frame_equal(whole.frame, straight.frame)
    assert_frame_equal(whole.series, straight.series)
    assert whole.names == {HARTLEPOOL: "Hartlepool"}


def test_panels_without_a_single_value_join_too():
    withheld = [as_panel(table(authority=code, value=np.nan, status="c")) for code in ("E1", "E2")]
    whole = concat(withheld)
    assert len(whole.frame) == sum(len(panel.frame) for panel in withheld) > 0
    assert whole.frame["value"].isna().all()
    assert whole.authorities == ["E1", "E2"]


def test_joined_panels_that_disagree_are_refused_where_they_do():
    whole = concat([as_panel(table(value=5.0)), as_panel(table(value=6.0))])
    assert whole.frame["status"].to_list() == ["refused: values disagree"]


def test_joined_panels_in_which_a_label_means_two_things_are_refused():
    other = as_panel(table(metric="tax"), period_kind="academic year")
    with pytest.raises(PanelError, match="2022/23"):
        concat([as_panel(table()), other])
    with pytest.raises(PanelError, match="no panel"):
        concat([])


@pytest.mark.parametrize(
    "name",
    ["capital_prudential_cor", "debt_investment", "homelessness_hclic", "oflog_asc",
     "ons_explore_local", "revenue_outturn_rs"],
)  # fmt: skip
def test_every_series_of_the_real_panels_comes_in(shared, name):
    path = shared / "data" / "panels" / f"{name}.csv.gz"
    frame = pd.read_csv(path, dtype={"period": str})
    frame = frame.rename(columns={"authority_code": "authority", "authority_name": "name"})
    panel = as_panel(frame)
    assert len(panel.frame) == len(frame)
    assert len(panel.series) == len(frame[["authority", "metric"]].drop_duplicates())
    assert (panel.series["status"] == "").all()
    assert sum(np.isfinite(panel.matrix(m).values).sum() for m in panel.metrics) == len(frame)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e61, -1e300])
def test_a_number_beyond_all_bounds_is_left_out_and_named(value):
    rows = pd.DataFrame(
        {"authority": ["E06000001", "E06000002"], "metric": "debt", "period": "2020-21",
         "value": [value, 5.0]}
    )  # fmt: skip
    panel = as_panel(rows)
    assert panel.frame["value"].isna().to_list() == [True, False]
    assert panel.frame["status"].to_list() == ["unreadable", ""]
    (told,) = panel.issues.loc[panel.issues["code"].eq("unreadable"), "message"]
    assert "infinite, or beyond 1e+60" in told
