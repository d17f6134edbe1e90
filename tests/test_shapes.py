"""Files as publishers hand them over: which are known by their columns, and what is taken."""

import time

import numpy as np
import pandas as pd
import pytest
from benchmarks import published

from earlywarning.errors import ReadError, UsageError
from earlywarning.readers import read_panel
from earlywarning.readers.shapes import SHAPES, shape_of
from earlywarning.readers.shapes.lgbf import COUNCILS, code_of
from earlywarning.readers.shapes.school_time import period_label
from earlywarning.readers.shapes.windows import spelt_out

FILES = {
    "fingertips.csv": published.fingertips,
    "education.csv": published.explore_education,
    "nomis.csv": published.nomis,
    "lgbf.csv": published.lgbf,
    "lg_inform.csv": published.lg_inform,
    "lg_inform.json": published.lg_inform_api,
    "outturn.xlsx": published.revenue_outturn,
}


@pytest.fixture
def read(tmp_path):
    """Return a function that writes a file and reads it."""

    def reader(name, data, **options):
        path = tmp_path / name
        path.write_bytes(data)
        return read_panel(path, **options)

    return reader


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Return a function that gives the panel of a made-up file, read once for all tests."""
    folder, panels = tmp_path_factory.mktemp("published"), {}

    def panel(name):
        if name not in panels:
            (folder / name).write_bytes(FILES[name]())
            panels[name] = read_panel(folder / name)
        return panels[name]

    return panel


def told(panel, code):
    return panel.issues.loc[panel.issues["code"] == code, "message"].to_list()


def values(panel, metric, authority="E06000001"):
    frame = panel.frame
    mine = frame[(frame["metric"] == metric) & (frame["authority"] == authority)]
    return dict(zip(mine["period"].astype(str), mine["value"], strict=True))


# All of them.


@pytest.mark.parametrize("name", FILES)
def test_each_is_known_by_its_columns_and_says_so_once(plain, name):
    panel = plain(name)
    (said,) = told(panel, "shape")
    assert said.startswith("Read as a")
    assert panel.issues["stage"].isin(["read", "panel"]).all()


@pytest.mark.parametrize("name", FILES)
def test_only_authorities_are_kept_and_every_other_row_is_counted(plain, name):
    panel = plain(name)
    assert pd.Series(panel.authorities).str.match("E0[6-9]|E10|S12").all()
    lost = panel.issues[panel.issues["code"] == "not_an_authority"]
    assert name == "lgbf.csv" or (lost["n_rows"] > 0).any()
    assert not lost["message"].duplicated().any()


def test_a_table_is_of_one_known_shape_at_most(read):
    headers = [published.FINGERTIPS, published.EXPLORE_EDUCATION, published.NOMIS, published.LGBF]
    for header in headers:
        assert sum(shape.recognise(frozenset(header)) for shape in SHAPES) == 1


def test_columns_named_by_the_user_win_over_a_known_shape(read):
    columns = {"authority": "Area Code", "metric": "Indicator Name", "period": "Time period"}
    panel = read("f.csv", published.fingertips(), columns=columns)
    assert told(panel, "shape") == []
    assert len(told(panel, "shape_not_used")) == 1


def test_a_dataframe_is_known_as_a_file_is():
    frame = pd.DataFrame({"DATE_NAME": ["May 2024"], "GEOGRAPHY_CODE": "E06000001",
                          "MEASURE_NAME": "Claimants", "OBS_VALUE": 5})  # fmt: skip
    assert read_panel(frame).metrics == ["Claimants"]


def test_a_table_of_no_known_shape_is_read_as_before(read):
    assert (
        shape_of(pd.DataFrame(columns=["Area Code", "Indicator", "Time period", "Value"])) is None
    )


@pytest.mark.parametrize("name", ["fingertips.csv", "nomis.csv", "lgbf.csv", "lg_inform.csv"])
def test_a_file_without_one_authority_is_refused_and_says_what_it_holds(read, name):
    text = FILES[name]()
    for code in (*published.AUTHORITIES, "Fife", "Argyll & Bute", "Edinburgh, City of",
                 "Na h-Eileanan Siar"):  # fmt: skip
        text = text.replace(code.encode(), b"E12000009")
    with pytest.raises(ReadError, match=r"no row can be used\. Read as a.*rows are of"):
        read(name, text)


def test_what_is_left_out_of_very_many_levels_is_told_in_few_rows(read):
    rows = [{"Area Code": f"A{at}", "Area Type": f"level {at}\n" + "x" * 500} for at in range(50)]
    panel = read("f.csv", published.fingertips(*rows))
    lost = panel.issues[panel.issues["code"] == "not_an_authority"]
    assert len(lost) == 31
    assert lost["n_rows"].sum() == 50 + 12
    assert lost["message"].str.len().max() < 130


# Fingertips.


def test_fingertips_keeps_an_area_once_though_it_stands_under_each_parent(plain):
    panel = plain("fingertips.csv")
    assert panel.metrics == ["Falls"]
    assert values(panel, "Falls") == {"2020/21": 5, "2021/22": 6, "2022/23": 7}
    row = panel.frame.iloc[0]
    assert row[["numerator", "denominator", "lower", "upper"]].to_list() == [30, 600, 4, 6]
    assert told(panel, "not_an_authority") == [
        "6 rows are of 'England' (E92000001).",
        "6 rows are of 'Regions (statistical)' (E12000001).",
    ]


def test_fingertips_names_sex_age_and_category_where_there_are_several(read):
    one = {"Area Code": "E06000001", "Time period": "2022/23", "Value": 9}
    panel = read("f.csv", published.fingertips(
        {**one, "Sex": "Female"},
        {**one, "Sex": "Male", "Category Type": "Deprivation", "Category": "Most"},
        {**one, "Indicator Name": "Smoking", "Indicator ID": 2, "Age": "18+ yrs"},
        {**one, "Indicator Name": "Smoking", "Indicator ID": 3, "Age": "18+ yrs"},
    ))  # fmt: skip
    assert panel.metrics == [
        "Falls (Female)", "Falls (Male) (Deprivation: Most)", "Falls (Persons)",
        "Smoking [2]", "Smoking [3]",
    ]  # fmt: skip


def test_a_value_note_becomes_the_status_and_is_counted(read):
    one = {"Area Code": "E06000001", "Indicator Name": "Smoking", "Indicator ID": 2}
    note = "Value suppressed for disclosure control due to small count"
    panel = read("f.csv", published.fingertips(
        {**one, "Time period": "2021", "Value": "", "Value note": note},
        {**one, "Time period": "2022", "Value": 4, "Value note": "Interpret with caution"},
    ))  # fmt: skip
    smoking = panel.frame[panel.frame["metric"] == "Smoking"]
    assert smoking["status"].to_list() == ["suppressed", "Interpret with caution"]
    assert len(told(panel, "value_note")) == 2


def test_years_taken_together_are_windows_and_never_one_financial_year(read):
    labels = {"two": ("2011 - 12", "2012 - 13"), "three": ("2019 - 21", "2020 - 22"),
              "five": ("2015/16 - 19/20", "2016/17 - 20/21")}  # fmt: skip
    rows = [{"Area Code": "E06000001", "Indicator Name": name, "Indicator ID": name,
             "Time period": label, "Value": 1}
            for name, both in labels.items() for label in both]  # fmt: skip
    panel = read("f.csv", published.fingertips(*rows))
    assert list(values(panel, "two")) == ["2011 to 2012", "2012 to 2013"]
    assert list(values(panel, "three")) == ["2019 to 2021", "2020 to 2022"]
    assert list(values(panel, "five")) == ["2015/16 to 2019/20", "2016/17 to 2020/21"]
    assert panel.matrix("three").window == 3  # so that counts and trend tests do not take them
    assert panel.matrix("Falls").window == 1


@pytest.mark.slow
def test_reading_200_000_rows_of_fingertips_takes_less_than_three_seconds(tmp_path):
    n = 200_000
    rng = np.random.default_rng(0)
    at = np.arange(n)
    frame = pd.DataFrame("", index=at, columns=list(published.FINGERTIPS)).assign(
        **{"Indicator ID": at // 6000, "Indicator Name": at // 6000, "Sex": at // 3000 % 2,
           "Time period": 2010 + at // 300 % 10, "Value": rng.normal(size=n)}
    )  # fmt: skip
    frame["Area Code"] = [f"E0700{i:04d}" for i in at % 300]
    frame.to_csv(tmp_path / "f.csv", index=False)
    began = time.process_time()
    panel = read_panel(tmp_path / "f.csv")
    assert time.process_time() - began < 3
    assert len(panel.frame) == n
    assert len(panel.metrics) == 67


# Explore Education Statistics.


def test_explore_education_takes_local_authorities_and_filters_into_the_name(plain):
    panel = plain("education.csv")
    assert panel.metrics == [
        "absence_rate (Primary)", "absence_rate (Secondary)", "num_schools (Primary)",
        "num_schools (Secondary)",
    ]  # fmt: skip
    assert values(panel, "absence_rate (Primary)") == {
        "2020/21": 5.5,
        "2021/22": 6.5,
        "2022/23": 7.5,
    }
    assert set(panel.periods["kind"]) == {"academic year"}
    assert told(panel, "not_an_authority") == [
        "6 rows are of 'National'.", "6 rows are of 'Regional'.",
    ]  # fmt: skip
    (said,) = told(panel, "columns_taken")
    assert said == "Filters: school_type. Indicators: num_schools, absence_rate."


def test_a_mark_in_an_education_file_is_missing_with_its_meaning(read):
    marks = {"c": "suppressed", "z": "not applicable", "x": "not available", "~": "low",
             ":": "not available", "low": "low", "k": "low", "u": "low reliability"}  # fmt: skip
    row = {"time_period": "202223", "school_type": "Primary", "num_schools": 1}
    rows = [{**row, "new_la_code": f"E0900000{at}", "absence_rate": mark}
            for at, mark in enumerate(marks, start=1)]  # fmt: skip
    panel = read("e.csv", published.explore_education(*rows))
    london = panel.frame[panel.frame["metric"].eq("absence_rate (Primary)")
                         & panel.frame["authority"].str.startswith("E09")]  # fmt: skip
    assert london["value"].isna().all()
    assert london["status"].to_list() == [*marks.values()]


@pytest.mark.parametrize(
    ("given", "label"),
    [(("202223", "Academic year"), "2022/23 academic year"),
     (("202223", "Financial year"), "2022/23"),
     (("202223", "Tax year"), "2022/23"), (("2022", "Calendar year"), "2022"),
     (("202223", "Autumn term"), "Sep 2022 to Dec 2022"),
     (("202223", "Autumn and spring term"), "Sep 2022 to Apr 2023"),
     (("202223", "Summer Term"), "May 2023 to Aug 2023"), (("2023", "January"), "Jan 2023"),
     (("2022", "Calendar year Q2"), "2022 Q2"),
     (("202223", "Academic year Q1"), "Aug 2022 to Oct 2022"),
     (("202223", "Academic year Q2-Q4"), "Nov 2022 to Jul 2023"),
     (("202223", "Financial year Q1-Q2"), "Apr 2022 to Sep 2022"),
     (("202223", "Academic year Q1-Q4"), "2022/23 academic year"),
     (("202225", "Academic year"), "202225 Academic year"), (("2023", "Week 12"), "2023 Week 12"),
     (("2023", "Academic year"), "2023 Academic year"), (("", ""), "")],
)  # fmt: skip
def test_a_time_identifier_says_which_days_are_meant_or_stays_as_it_is(given, label):
    assert period_label(*given) == label


def test_terms_are_metrics_of_their_own_and_a_week_is_refused_with_its_label(read):
    row = {"new_la_code": "E06000001", "school_type": "Primary", "absence_rate": 5}
    panel = read("e.csv", published.explore_education(
        {**row, "time_period": "202223", "time_identifier": "Spring term"},
        {**row, "time_period": "2023", "time_identifier": "Week 12"},
    ))  # fmt: skip
    assert "absence_rate (Primary, Spring term)" in panel.metrics
    assert values(panel, "absence_rate (Primary, Spring term)") == {"2023-01-01 to 2023-04-30": 5}
    assert panel.issues.loc[panel.issues["code"] == "period_unreadable", "period"].to_list() == [
        "2023 Week 12"
    ]


def test_an_education_file_without_local_authorities_is_refused_with_the_way_out(read):
    header = published.EXPLORE_EDUCATION
    row = {"time_period": "202223", "time_identifier": "Academic year", "absence_rate": 5,
           "geographic_level": "National"}  # fmt: skip
    with pytest.raises(ReadError, match="no row is of the level 'Local authority'"):
        read("e.csv", published.as_csv(header, [row]))


# Nomis.


def test_nomis_names_dimensions_where_there_are_several(plain):
    panel = plain("nomis.csv")
    assert panel.metrics == ["Claimant count (Female)", "Claimant count (Male)"]
    assert values(panel, "Claimant count (Male)") == {
        "2024-01": 100,
        "2024-02": 101,
        "2024-03": 102,
    }
    assert set(panel.frame["status"]) == {""}
    assert panel.names["E08000009"] == "Trafford"


def test_nomis_leaves_confidence_out_and_keeps_a_status(read):
    row = {"GEOGRAPHY_CODE": "E06000001", "DATE_NAME": "April 2024", "GENDER_NAME": "Male"}
    panel = read("n.csv", published.nomis(
        {**row, "OBS_STATUS_NAME": "These figures are missing.", "OBS_STATUS": "Q"},
        {**row, "MEASURES_NAME": "Confidence", "OBS_VALUE": 3},
    ))  # fmt: skip
    assert told(panel, "not_a_figure") == ["1 rows say how sure a figure is: they are left out."]
    april = panel.frame[panel.frame["period"] == "2024-04"]
    assert april["status"].to_list() == ["not available"]


def test_years_that_roll_by_the_quarter_are_one_metric_of_one_kind(read):
    labels = ["Jan 2022-Dec 2022", "Apr 2022-Mar 2023", "Jul 2022-Jun 2023"]
    rows = [{"GEOGRAPHY_CODE": "E06000001", "DATE_NAME": label, "OBS_VALUE": 1,
             "MEASURE_NAME": "Rate"} for label in labels]  # fmt: skip
    panel = read_panel(pd.DataFrame(rows))
    assert list(values(panel, "Rate")) == ["2022-01-01/P1Y", "2022-04-01/P1Y", "2022-07-01/P1Y"]
    assert panel.matrix("Rate").window == 4
    assert spelt_out(labels[:1]) == labels[:1]


def test_a_nomis_file_that_names_no_measure_is_called_after_the_file(read):
    frame = pd.DataFrame({"DATE": ["2024"], "GEOGRAPHY_CODE": "E06000001", "OBS_VALUE": 5})
    assert read("claimants.csv", frame.to_csv(index=False).encode()).metrics == ["claimants"]


# The benchmarking framework.


def test_lgbf_gives_each_council_its_code_however_it_is_called(plain):
    panel = plain("lgbf.csv")
    assert panel.authorities == ["S12000013", "S12000035", "S12000036", "S12000047"]
    assert values(panel, "CHN01", "S12000047") == {"2020/21": 5, "2021/22": 6, "2022/23": 7}


def test_there_are_32_councils_in_scotland_each_with_its_own_code():
    assert len(COUNCILS) == len(set(COUNCILS.values())) == 32
    assert code_of("Comhairle nan Eilean Siar") == code_of("Eilean Siar") == "S12000013"


def test_lgbf_says_which_name_is_no_council(read):
    row = {"Indicators_Information_Code": "CHN01", "LA_Information_LocalAuthority": "Scotland",
           "LA_Data_LGBF_Year": "2022-23", "LA_Data_LA_IndicatorReal": 5}  # fmt: skip
    panel = read("l.csv", published.lgbf(row, row))
    assert told(panel, "not_an_authority") == [
        "2 rows are of 'Scotland', which is none of the 32 councils."
    ]


def test_the_older_lgbf_workbook_has_a_column_an_indicator_and_year():
    frame = pd.DataFrame({"Local Authority": ["Fife", "Scotland"], "CHN1 2010-11": [1, 9],
                          "CHN1 Real 2010-11": [2, 9], "ENV4b 2011-12": [3, 9]})  # fmt: skip
    panel = read_panel(frame)
    assert panel.metrics == ["CHN1", "CHN1 Real", "ENV4b"]
    assert values(panel, "CHN1 Real", "S12000047") == {"2010/11": 2}


# LG Inform.


def test_lg_inform_reads_its_six_rows_of_headers(plain):
    panel = plain("lg_inform.csv")
    assert values(panel, "Waste recycled")["2020/21"] == 1040.5
    assert list(values(panel, "Waste recycled")) == ["2020/21", "2021/22", "2022/23"]
    assert told(panel, "marker") == ["3 values are '..': not available."]
    assert panel.names["E06000001"] == "Hartlepool"


def test_lg_inform_reads_the_two_rows_of_headers_of_its_api(read):
    text = ("area,area label,area long label,2022/23 (academic),2023/24 (academic)\n"
            "area,area label,area long label,aca_2022_23,aca_2023_24\n"
            "E06000001,Hartlepool,Hartlepool (UA),5,6\n")  # fmt: skip
    panel = read("attendance.csv", text.encode())
    assert values(panel, "attendance") == {"2022/23": 5, "2023/24": 6}
    assert set(panel.periods["kind"]) == {"academic year"}


def test_a_metric_numbered_like_a_year_is_not_taken_for_a_period(plain):
    assert b'"2131"' in published.lg_inform()
    assert "2020/21" in values(plain("lg_inform.csv"), "Waste recycled")


def test_ranks_of_lg_inform_are_left_out_and_counted(read):
    text = published.lg_inform().replace(b'"raw","raw","raw"', b'"raw","raw","rank"')
    panel = read("l.csv", text)
    assert list(values(panel, "Waste recycled")) == ["2020/21", "2021/22"]
    assert told(panel, "not_a_figure") == ["1 columns hold rank: they are left out."]


def test_an_lg_inform_table_without_periods_is_refused_with_the_way_out(read):
    text = "area,area label,area long label,Waste\nE06000001,Hartlepool,H,5\n"
    with pytest.raises(ReadError, match="no row of its headers holds periods"):
        read("l.csv", text.encode())


def test_an_answer_of_the_lg_inform_api_gives_its_raw_values(plain):
    panel = plain("lg_inform.json")
    assert panel.metrics == ["Waste recycled"]
    assert values(panel, "Waste recycled")["2021/22"] == 1040.5
    assert told(panel, "marker") == ["3 values are '..': not available."]
    assert told(panel, "not_a_figure") == [
        "12 values are ranks, bands or the like: they are left out."
    ]


# Revenue outturn.


def test_revenue_outturn_says_its_year_and_its_day(plain):
    panel = plain("outturn.xlsx")
    assert panel.metrics == ["Education services", "Schools reserves level at 1 April",
                             "TOTAL SERVICE EXPENDITURE"]  # fmt: skip
    assert values(panel, "Education services") == {"2017/18": 100}
    assert set(panel.frame["published"]) == {pd.Timestamp("2018-11-15")}
    spend = panel.frame[panel.frame["metric"] == "Education services"]
    assert spend["status"].to_list() == ["imputed", "", ""]
    assert told(panel, "not_an_authority") == [
        "1 rows are of 'other authorities' (E23000001).", "1 rows are of 'unitary authorities'.",
        "1 rows are of 'totals and notes'.",
    ]  # fmt: skip


def test_a_day_given_dates_only_what_does_not_say_its_own(read):
    silent = published.revenue_outturn(published="")
    panel = read("o.xlsx", silent, published="2018-08-23")
    assert set(panel.frame["published"]) == {pd.Timestamp("2018-08-23")}
    assert len(told(panel, "no_publication_day")) == 1
    panel = read("o.xlsx", published.revenue_outturn(), published="2018-08-23")
    assert set(panel.frame["published"]) == {pd.Timestamp("2018-11-15")}
    for day in ("soon", 2018, pd.Timestamp("2018-08-23", tz="UTC")):
        with pytest.raises(UsageError, match="published is no date"):
            read("o.xlsx", silent, published=day)


def test_first_and_revised_outturn_are_two_vintages_of_one_year(tmp_path):
    paths = [tmp_path / "first.xlsx", tmp_path / "revised.xlsx"]
    day = "which was published on 23 August 2018"
    paths[0].write_bytes(published.revenue_outturn(published=day, amount=90.0))
    paths[1].write_bytes(published.revenue_outturn())
    panel = read_panel(paths)
    assert values(panel.known_at("2018-10-01"), "Education services") == {"2017/18": 90}
    assert values(panel.known_at("2018-12-01"), "Education services") == {"2017/18": 100}


def test_the_real_outturn_workbooks_of_2017_18_are_two_vintages(shared):
    folder = shared / "data" / "raw"
    names = [f"revenue_outturn_summary_2017-18_{one}.xlsx" for one in ("first", "revised")]
    panel = read_panel([folder / name for name in names])
    days = [pd.Timestamp("2018-08-23"), pd.Timestamp("2018-11-15")]
    assert sorted(panel.frame["published"].unique()) == days
    assert len(panel.authorities) == 353
    tidy = pd.read_csv(shared / "data" / "panels" / "revenue_outturn_rs.csv.gz")
    tidy = tidy[(tidy["metric"] == "adult_social_care_net_current_expenditure_k")
                & (tidy["period"] == "2017-18")]  # fmt: skip
    known = panel.known_at("2018-12-31").frame
    ours = known[known["metric"] == "Adult Social Care"].set_index("authority")["value"]
    theirs = tidy.set_index("authority_code")["value"]
    both = theirs.index.intersection(ours.index)
    assert len(both) > 100
    np.testing.assert_allclose(ours[both], theirs[both], atol=0.51)


def test_the_real_outturn_workbook_of_2016_17_was_published_in_november_2017(shared):
    panel = read_panel(shared / "data" / "raw" / "revenue_outturn_summary_2016-17.xlsx")
    assert set(panel.frame["published"]) == {pd.Timestamp("2017-11-16")}
    assert "Schools reserves level at 31 March" in panel.metrics
    assert told(panel, "unreadable") == []
