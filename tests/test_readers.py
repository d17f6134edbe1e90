"""What a file may look like, what its cells say, and how a bad one is refused."""

import gzip
import io
import os
import sys
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from earlywarning.authorities import AREAS
from earlywarning.errors import ReadError, UsageError
from earlywarning.readers import files, read_panel, workbooks
from earlywarning.readers.columns import NAMES, ROLES
from earlywarning.readers.markers import read_numbers, read_text

HARTLEPOOL, DURHAM = "E06000001", "E06000047"
LONG = (
    "authority_code,authority_name,metric,period,value\n"
    f"{HARTLEPOOL},Hartlepool,debt,2021-22,5\n"
    f"{DURHAM},County Durham,debt,2021-22,6\n"
)
PANELS = ("capital_prudential_cor", "debt_investment", "homelessness_hclic", "oflog_asc",
          "ons_explore_local", "revenue_outturn_rs")  # fmt: skip


@pytest.fixture
def write(tmp_path):
    """Return a function that writes text or bytes to a file, and returns its path."""

    def writer(content, name="figures.csv"):
        path = tmp_path / name
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return writer


def long(*cells, column="value"):
    """Return a CSV of one metric with these cells, one an authority."""
    rows = [f'E0700{i:04d},debt,2021-22,"{cell}"' for i, cell in enumerate(cells)]
    return "\n".join([f"authority,metric,period,{column}", *rows, ""])


def codes(panel):
    return panel.issues["code"].to_list()


def issue(panel, code):
    (row,) = panel.issues[panel.issues["code"] == code].to_dict("records")
    return row


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


# Cells.


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("-3.5", -3.5), ("1,234", 1234), ("1,234,567.5", 1234567.5), ("£1,234", 1234),
     ("-£5", -5), ("£-5", -5), ("12.5%", 12.5), ("12.5 %", 12.5), ("(1,234)", -1234), ("(5)", -5),
     ("\u22125", -5), (" 7 ", 7), ("1 234", 1234), ("1\u00a0234", 1234), (".5", 0.5), ("1e3", 1000),
     ("0", 0), ("+4", 4)],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(text, number):
    cells = read_numbers(pd.Series([text]))
    assert (cells.values[0], cells.status[0]) == (number, "")


@pytest.mark.parametrize(
    ("mark", "status"),
    [("c", "suppressed"), ("[c]", "suppressed"), ("*", "suppressed"), ("Suppressed", "suppressed"),
     ("x", "not available"), ("[x]", "not available"), ("..", "not available"),
     (":", "not available"), ("n/a", "not available"), ("NA", "not available"),
     ("z", "not applicable"), ("[z]", "not applicable"), ("[w]", "no data recorded"),
     ("[low]", "low"), ("-", "missing"),
     ("–", "missing"), ("", "missing"), ("  ", "missing"), ("#DIV/0!", "error in the spreadsheet")],
)  # fmt: skip
def test_a_mark_is_missing_with_its_meaning_in_words(mark, status):
    value, said = read_text(mark)
    assert np.isnan(value)
    assert said == status


def test_every_shorthand_of_the_government_statistical_service_is_known(shared):
    table = pd.read_csv(shared / "oracles" / "gss_shorthand.csv")
    for mark, kind in zip(table["shorthand"], table["kind"], strict=True):
        value, status = read_text(mark if kind == "value" else f"12.3 {mark}")
        assert status not in ("", "unreadable"), mark
        assert np.isnan(value) == (kind == "value"), mark


@pytest.mark.parametrize(
    ("text", "number", "status"),
    [("12.3 [p]", 12.3, "provisional"), ("45 r", 45, "revised"), ("45r", 45, "revised"),
     ("1,234 [e]", 1234, "estimated"), ("7 (p)", 7, "provisional"),
     ("7 [p] [e]", 7, "provisional, estimated")],
)  # fmt: skip
def test_a_value_with_a_note_keeps_its_value(text, number, status):
    assert read_text(text) == (number, status)


@pytest.mark.parametrize(
    "text",
    ["plenty", "12,5", "1,23", "1.2.3", "inf", "1e999", "0x10", "(5", "-(5)", "12 [q]", "１２",
     "--5", "£", "5 5", "=1+1", "1_000"],
)  # fmt: skip
def test_what_is_neither_number_nor_mark_is_unreadable(text):
    cells = read_numbers(pd.Series([text]))
    assert np.isnan(cells.values[0])
    assert cells.status[0] == "unreadable"


@settings(max_examples=200)
@given(st.text(max_size=12))
def test_any_text_is_a_number_or_has_a_status(text):
    value, status = read_text(text)
    assert np.isfinite(value) or status


@given(st.floats(-1e12, 1e12).map(lambda number: round(number, 3)))
def test_a_number_written_with_commas_comes_back(number):
    assert read_numbers(pd.Series([f"{number:,.3f}"])).values[0] == pytest.approx(number)


# Flat files.


@pytest.mark.parametrize("name", ["figures.csv", "figures.csv.gz", "figures.TXT", "figures.tsv"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_and_packing_do_not_matter(write, name, delimiter):
    panel = read_panel(write(LONG.replace(",", delimiter), name))
    assert panel.frame["value"].to_list() == [5.0, 6.0]
    assert panel.names == {HARTLEPOOL: "Hartlepool", DURHAM: "County Durham"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_read_without_doubt(write, encoding):
    panel = read_panel(write(LONG.replace("Hartlepool", "Ynys Môn").encode(encoding)))
    assert panel.names[HARTLEPOOL] == "Ynys Môn"
    assert codes(panel) == ["lag_assumed"]


@pytest.mark.parametrize("n_rows", [1, 60_000], ids=["near the top", "far down"])
def test_an_old_windows_file_is_read_and_doubted(write, n_rows):
    rows = "".join(f"E07{i:06d},x,debt,2021-22,1\n" for i in range(n_rows))
    text = LONG + rows + "E06000002,Ynys Môn,debt,2021-22,7\n"
    panel = read_panel(write(text.encode("cp1252")))
    assert panel.names["E06000002"] == "Ynys Môn"
    assert "cp1252" in issue(panel, "encoding")["message"]


def test_bytes_that_no_encoding_knows_are_no_traceback(write):
    panel = read_panel(write(LONG.replace("Hartlepool", "H\x81").encode("latin-1")))
    assert panel.frame["value"].to_list() == [5.0, 6.0]


def test_every_role_that_can_be_asked_for_has_names_by_which_it_is_recognised():
    assert sorted(NAMES) == sorted(ROLES)


def test_titles_above_the_header_are_left_out_and_rows_count_as_in_a_spreadsheet(write):
    text = "Debt of councils,,,,\nPublished 2023,,,,\n\n" + LONG + f"{DURHAM},,debt,2022-23,oops\n"
    panel = read_panel(write(text))
    assert issue(panel, "rows_above_header")["n_rows"] == 3
    assert issue(panel, "unreadable")["row"] == 7


def test_rows_stay_numbered_past_blank_ragged_and_many_line_ones(write):
    text = (
        LONG
        + f',,,,\n\n{DURHAM},"County\nDurham",debt,2022-23,7,8\n{DURHAM},"a\nb",debt,2023-24,oops\n'
    )
    panel = read_panel(write(text))
    assert issue(panel, "row_refused")["row"] == 6
    assert issue(panel, "unreadable")["row"] == 7
    assert "no_authority" not in codes(panel)


def test_parquet_and_a_frame_are_read_as_the_csv_is(write, tmp_path):
    straight = read_panel(write(LONG))
    frame = pd.read_csv(io.StringIO(LONG))
    before = frame.copy()
    frame.to_parquet(tmp_path / "figures.parquet")
    for source in (frame, tmp_path / "figures.parquet"):
        assert_frame_equal(read_panel(source).frame, straight.frame)
    assert_frame_equal(frame, before)


def test_several_files_are_read_as_one_and_a_disagreement_names_both(write):
    paths = [write(LONG, "a.csv"), write(LONG.replace(",6", ",7"), "b.csv")]
    panel = read_panel(paths)
    message = issue(panel, "values_disagree")["message"]
    assert "6 (a.csv, row 3); 7 (b.csv, row 3)" in message
    assert panel.series.shape[0] == 2


# Columns.


def test_a_fingertips_download_is_recognised(write):
    header = (
        "Indicator ID,Indicator Name,Parent Code,Area Code,Area Name,Area Type,Time period,"
        "Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Count,Denominator,Value note,"
        "Time period Sortable"
    )
    row = f"108,Obesity,E12000001,{HARTLEPOOL},Hartlepool,UA,2022/23,"
    row += "10,8,12,30,300,Value estimated,20220000"
    frame = read_panel(write(f"{header}\n{row}\n")).frame.iloc[0]
    assert (frame["metric"], frame["numerator"], frame["denominator"]) == ("Obesity", 30, 300)
    assert (frame["lower"], frame["upper"], frame["status"]) == (8, 12, "Value estimated")


def test_a_statistical_code_is_preferred_to_another_code(write):
    header = "area code,area,ONS code,Measure,Year,Value"
    text = f"{header}\nE0701,Hartlepool,{HARTLEPOOL},debt,2022,5\n"
    panel = read_panel(write(text))
    assert panel.authorities == [HARTLEPOOL]
    assert panel.names == {HARTLEPOOL: "Hartlepool"}


def test_the_explicit_mapping_wins(write):
    text = LONG.replace("value", "Figure A").replace("5\n", "5\n")
    text = text.replace("period", "When").replace("authority_code", "Who")
    columns = {"value": "Figure A", "period": "When", "authority": "Who"}
    assert read_panel(write(text), columns=columns).frame["value"].to_list() == [5.0, 6.0]


def test_two_equally_good_columns_are_refused_with_both_named(write):
    path = write(f"area code,metric,Year,Quarter,value\n{HARTLEPOOL},debt,2022,Q1,5\n")
    with pytest.raises(
        ReadError, match=r"'Year' and 'Quarter' are equally good.*columns=\{'period'"
    ):
        read_panel(path)


def test_missing_columns_are_named_with_those_found(write):
    path = write("place,thing\nHartlepool,5\n")
    with pytest.raises(ReadError) as refused:
        read_panel(path)
    told = ["figures.csv", "No column for authority", "No column for period"]
    for words in (*told, "'place', 'thing'", "--column"):
        assert words in str(refused.value)


def test_a_name_that_stands_over_two_columns_is_ambiguous_unless_they_are_equal(write):
    text = f"authority,metric,period,value,value\n{HARTLEPOOL},debt,2022,5,%s\n"
    with pytest.raises(ReadError, match="'value' and 'value \\(column 5\\)' are equally good"):
        read_panel(write(text % 6))
    assert read_panel(write(text % 5)).frame["value"].to_list() == [5.0]


def test_an_unknown_role_or_column_in_the_mapping_is_told(write):
    path = write(LONG)
    with pytest.raises(UsageError, match="No role colour"):
        read_panel(path, columns={"colour": "value"})
    with pytest.raises(ReadError, match="'Wert', named for value, is not there"):
        read_panel(path, columns={"value": "Wert"})


# Shapes.


def test_one_column_a_period_is_made_long(write):
    text = f"Area Code,Area Name,2020-21,2021-22,Note x\n{HARTLEPOOL},Hartlepool,5,[c]\n"
    panel = read_panel(write(text.replace(",Note x", ""), "debt.csv"))
    assert panel.matrix("debt").periods == ["2020/21", "2021/22"]
    assert panel.frame["status"].to_list() == ["", "suppressed"]
    assert issue(panel, "metric_from_file")["metric"] == "debt"
    named = read_panel(write(text.replace(",Note x", ""), "x.csv"), metric="debt")
    assert named.metrics == ["debt"]
    assert "metric_from_file" not in codes(named)


def test_one_column_a_metric_is_made_long_and_text_columns_are_not_metrics(write):
    text = (
        "ONS Code,Year,Region,debt,tax,fee\n"
        f"{HARTLEPOOL},2022,North East,5,[x],[c]\n{DURHAM},2022,North East,6,9,[c]\n"
    )
    panel = read_panel(write(text))
    assert panel.metrics == ["debt", "fee", "tax"]
    assert len(panel.frame) == 6


def test_a_long_file_without_a_metric_takes_its_name_from_the_file(write):
    assert read_panel(write(LONG.replace(",metric,", ",extra,"), "debt.csv.gz")).metrics == ["debt"]


# Rows.


def test_totals_for_the_country_and_regions_are_never_authorities(write):
    text = LONG + "E92000001,England,debt,2021-22,900\nE12000001,North East,debt,2021-22,90\n"
    panel = read_panel(write(text))
    assert panel.authorities == [HARTLEPOOL, DURHAM]
    assert issue(panel, "not_an_authority")["n_rows"] == 2


def test_an_area_that_is_no_authority_is_left_out_with_an_issue_in_every_reader():
    areas = [HARTLEPOOL, *(f"{start}000001" for start in AREAS)]
    plain = pd.DataFrame({"Area Code": areas, "Measure": "debt", "Year": 2022, "Value": 5})
    known = pd.DataFrame({"DATE_NAME": "May 2024", "GEOGRAPHY_CODE": areas,
                          "MEASURE_NAME": "Claimants", "OBS_VALUE": 5})  # fmt: skip
    for frame in (plain, known):
        panel = read_panel(frame)
        assert panel.authorities == [HARTLEPOOL]
        told = panel.issues[panel.issues["code"] == "not_an_authority"]
        assert told["n_rows"].sum() == len(AREAS)


def test_an_unknown_code_is_kept_and_doubted_once(write):
    panel = read_panel(
        write(LONG + "LA77,Somewhere,debt,2021-22,9\nLA77,Somewhere,debt,2020-21,9\n")
    )
    assert "LA77" in panel.authorities
    assert (
        issue(panel, "unknown_authority")["n_rows"],
        issue(panel, "unknown_authority")["row"],
    ) == (2, 4)


def test_codes_in_small_letters_are_the_same_authority(write):
    panel = read_panel(write(LONG + f"{HARTLEPOOL.lower()},Hartlepool,debt,2022-23,9\n"))
    assert panel.authorities == [HARTLEPOOL, DURHAM]


def test_marks_are_told_once_a_mark_with_their_number_and_first_row(write):
    panel = read_panel(write(long("5", "[c]", "[c]", "..")))
    rows = panel.issues[panel.issues["code"] == "marker"]
    assert rows[["row", "n_rows"]].to_numpy().tolist() == [[3, 2], [5, 1]]


def test_each_unreadable_value_is_told_with_its_row_and_very_many_once_a_text(write):
    panel = read_panel(write(long("5", "oops", "oops")))
    rows = panel.issues[panel.issues["code"] == "unreadable"]
    assert rows[["row", "authority"]].to_numpy().tolist() == [[3, "E07000001"], [4, "E07000002"]]
    many = read_panel(write(long("5", *["oops"] * 1500)))
    assert issue(many, "unreadable")["n_rows"] == 1500
    assert (many.frame["status"] == "unreadable").sum() == 1500


def test_a_status_column_says_why_a_value_is_missing(write):
    head = "authority,metric,period,value,status\n"
    text = head + f"{HARTLEPOOL},debt,2022,,[c]\n{DURHAM},debt,2022,5,p\n"
    assert read_panel(write(text)).frame["status"].to_list() == ["suppressed", "provisional"]


def test_an_unreadable_value_is_unreadable_whatever_its_note_says(write):
    head = "authority,metric,period,value,status\n"
    text = head + f"{HARTLEPOOL},debt,2022,oops,p\n{DURHAM},debt,2022,[c],boundary change\n"
    assert read_panel(write(text)).frame["status"].to_list() == ["unreadable", "boundary change"]


def test_marks_are_told_in_the_order_they_come_in_and_blanks_last():
    marks = pd.Categorical([None, "[x]", "[c]", "5"])  # in another order than the alphabet's
    authorities = [f"E0700000{i}" for i in range(4)]
    frame = pd.DataFrame({"authority": authorities, "metric": "debt", "period": "2022"})
    panel = read_panel(frame.assign(value=marks))
    assert panel.issues["row"].dropna().to_list() == [3, 4, 2]


def test_a_row_without_code_is_nobodys_also_beside_codes_in_small_letters(write):
    text = LONG + f"{HARTLEPOOL.lower()},x,debt,2022-23,9\n,x,debt,2022-23,8\n"
    panel = read_panel(write(text))
    assert issue(panel, "no_authority")["n_rows"] == 1
    assert panel.frame["value"].to_list() == [5.0, 9.0, 6.0]


def test_a_category_that_no_row_has_does_not_decide_which_column_has_the_codes():
    areas = pd.Categorical(["somewhere"], categories=["somewhere", HARTLEPOOL, DURHAM])
    frame = pd.DataFrame({"area code": areas, "council": [HARTLEPOOL], "metric": "debt",
                          "period": "2022", "value": 5})  # fmt: skip
    assert read_panel(frame).authorities == [HARTLEPOOL]


def test_rows_without_code_or_period_are_refused_and_listed(write):
    panel = read_panel(write(LONG + f",Nowhere,debt,2021-22,5\n{DURHAM},,debt,,5\n"))
    assert issue(panel, "no_authority")["row"] == 4
    assert issue(panel, "no_period")["row"] == 5


# Files that are refused.


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.csv", "empty"),
        (gzip.compress(b"", mtime=0)[:-8], "a.csv", "not text|not a table"),
        (b"authority,metric,period,value\n", "a.csv", "header and no rows"),
        (b"just a letter to the editor\n", "a.csv", "not a table"),
        (b"\x89PNG\r\n\x00\x00", "a.csv", "not text"),
        (b"not packed at all", "b.parquet", "cannot|can be read"),
        (b"PK\x03\x04 but no more", "a.xlsx", "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0 rest", "a.xlsx", "password"),
        (b"x", "a.xls", "Supported: .csv"),
        (LONG.replace("2021-22", "spring").encode(), "a.csv", "no row can be used.*spring"),
        (LONG.replace(HARTLEPOOL, "E92000001").replace(DURHAM, "E12000001").encode(), "a.csv",
         "no row can be used"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_by_name(tmp_path, content, name, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReadError, match=message) as refused:
        read_panel(path)
    assert name in str(refused.value) or "The data" in str(refused.value)


def test_damaged_gzip_is_refused(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(LONG.encode() * 50)[:-20])
    with pytest.raises(ReadError, match="Download it again"):
        read_panel(path)


def test_all_bad_files_of_a_list_are_named_at_once(write, tmp_path):
    with pytest.raises(ReadError) as refused:
        read_panel([write(LONG), tmp_path / "gone.csv", tmp_path, write(b"", "nil.csv")])
    assert "gone.csv" in str(refused.value)
    assert "is a folder" in str(refused.value)
    assert "nil.csv is empty" in str(refused.value)
    with pytest.raises(UsageError, match="no file"):
        read_panel([])
    with pytest.raises(UsageError, match="not NoneType"):
        read_panel(None)


def test_more_text_than_the_limit_is_refused_even_when_packed(write, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    with pytest.raises(ReadError, match="more than"):
        read_panel(write(LONG * 50, "a.csv.gz"))


def test_a_quote_that_is_never_closed_says_how_many_lines_it_swallowed(write):
    rows = f'{DURHAM},"County,debt,2022-23,7\n' + f"{DURHAM},x,debt,2023-24,8\n" * 9
    refused = issue(read_panel(write(LONG + rows)), "row_refused")
    assert (refused["row"], refused["n_rows"]) == (4, 10)
    with pytest.raises(ReadError, match="None of its rows has the header's 5 columns"):
        read_panel(write(LONG.split("\n", maxsplit=1)[0] + "\n" + rows))


def test_a_nested_column_in_parquet_does_no_harm(tmp_path):
    frame = pd.read_csv(io.StringIO(LONG)).assign(extra=[[1, 2], [3]])
    frame.to_parquet(tmp_path / "figures.parquet")
    assert read_panel(tmp_path / "figures.parquet").frame["value"].to_list() == [5.0, 6.0]


# Workbooks.

HEADER = ["Area Code", "Indicator", "Year", "Value"]


def test_recognised_sheets_are_read_and_others_are_issues(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        Notes=[["About these figures"]],
        Cover=[["Contents", "Page"], ["Debt", 1]],
        Debt=[
            ["Debt of councils"],
            HEADER,
            [HARTLEPOOL, "debt", 2022, 5],
            [DURHAM, "debt", 2022, "[c]"],
        ],
    )
    panel = read_panel(path)
    assert panel.frame["value"].dropna().to_list() == [5.0]
    assert sorted(codes(panel))[-2:] == ["sheet_skipped", "sheet_skipped"]
    assert issue(panel, "marker")["row"] == 4
    assert read_panel(path, sheet="Debt").authorities == [HARTLEPOOL, DURHAM]
    with pytest.raises(ReadError, match="It has: Notes, Cover, Debt"):
        read_panel(path, sheet="Schulden")
    with pytest.raises(ReadError, match="No column for authority"):
        read_panel(path, sheet="Cover")


def debts(*more):
    """Return the rows of a sheet, each with the cells to the right of the header that are given."""
    return [HEADER, *([f"E0700000{i}", "debt", 2022, i, *cells] for i, cells in enumerate(more))]


def test_a_row_of_a_sheet_with_a_cell_to_the_right_of_the_header_is_refused_as_in_csv(tmp_path):
    rows = debts([], [], [99], [None, 0], ["", "  "], [])
    panel = read_panel(workbook(tmp_path / "a.xlsx", Debt=rows))
    assert panel.frame["value"].to_list() == [0, 1, 4, 5]
    refused = panel.issues[panel.issues["code"] == "row_refused"]
    assert refused[["row", "n_rows"]].to_numpy().tolist() == [[4, 1], [5, 1]]


def test_a_column_of_a_sheet_without_a_name_is_left_out_and_told_and_costs_no_row(tmp_path):
    panel = read_panel(
        workbook(tmp_path / "a.xlsx", Debt=debts(["x"], [], ["y"], ["z", "shifted"]))
    )
    assert panel.frame["value"].to_list() == [0, 1, 2]
    assert (
        "Most rows go on after the header's 4 columns" in issue(panel, "column_ignored")["message"]
    )
    assert issue(panel, "row_refused")["row"] == 5


def test_very_many_rows_that_are_too_long_are_one_issue(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_SINGLE_ISSUES", 1)
    panel = read_panel(workbook(tmp_path / "a.xlsx", Debt=debts([], [], [], [1], [1])))
    assert (issue(panel, "row_refused")["row"], issue(panel, "row_refused")["n_rows"]) == (5, 2)


def test_a_sheet_that_is_asked_of_what_has_no_sheets_is_told_and_the_rest_is_read(tmp_path, write):
    book = workbook(tmp_path / "a.xlsx", Debt=debts([], []))
    panel = read_panel([book, write(LONG.replace("debt", "tax"))], sheet="Debt")
    told = issue(panel, "sheet_ignored")
    assert told["file"] == "figures.csv"
    assert "sheet='Debt' is not used" in told["message"]
    assert len(panel.frame) == 4
    assert "sheet_ignored" in codes(read_panel(pd.read_csv(write(LONG)), sheet="Debt"))
    assert "sheet_ignored" not in codes(read_panel(write(LONG)))


def _rewritten(path, change):
    """Write a workbook anew, its first sheet's XML changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = change(members[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return path


def test_a_false_dimension_costs_nothing(tmp_path):
    path = workbook(tmp_path / "a.xlsx", Debt=[HEADER, [HARTLEPOOL, "debt", 2022, 5]])
    _rewritten(path, lambda xml: xml.replace(b'"A1:D2"', b'"A1:XFD1048576"'))
    assert read_panel(path).frame["value"].to_list() == [5.0]


def test_a_row_numbered_beyond_any_sheet_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 1000)
    path = workbook(tmp_path / "a.xlsx", Debt=[HEADER, [HARTLEPOOL, "debt", 2022, 5]])
    _rewritten(path, lambda xml: xml.replace(b'<row r="2"', b'<row r="999999999"'))
    with pytest.raises(ReadError, match="more than 1,000 rows"):
        read_panel(path)


def test_a_bomb_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", Debt=[HEADER, [HARTLEPOOL, "debt", 2022, 5]])
    _rewritten(path, lambda xml: xml + b" " * (11 * 1024**2))
    monkeypatch.setattr(openpyxl, "load_workbook", None)  # would be a TypeError
    with pytest.raises(ReadError, match="as a bomb is"):
        read_panel(path)


def test_a_claim_of_3_gb_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", Debt=[HEADER, [HARTLEPOOL, "debt", 2022, 5]])
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (3 * 1024**3).to_bytes(4, "little")
    path.write_bytes(data)
    monkeypatch.setattr(openpyxl, "load_workbook", None)
    with pytest.raises(ReadError, match="claims to unpack to 3,07"):
        read_panel(path)


def test_a_workbook_with_entities_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", Debt=[HEADER, [HARTLEPOOL, "debt", 2022, 5]])
    _rewritten(path, lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml)
    with pytest.raises(ReadError, match="entities"):
        read_panel(path)


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.98])
def test_a_damaged_workbook_is_no_traceback(tmp_path, cut):
    path = workbook(tmp_path / "a.xlsx", Debt=[HEADER, [HARTLEPOOL, "debt", 2022, 5]])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(ReadError):
        read_panel(path)
    _rewritten(workbook(path, Debt=[HEADER]), lambda xml: xml[: int(len(xml) * cut)])
    with pytest.raises(ReadError):
        read_panel(path)


# Real files.


@pytest.mark.parametrize("name", PANELS)
def test_every_series_of_the_real_panels_comes_in(shared, name):
    path = shared / "data" / "panels" / f"{name}.csv.gz"
    given = pd.read_csv(path, usecols=["authority_code", "metric"])
    panel = read_panel(path)
    assert len(panel.frame) == len(given)
    assert len(panel.series) == len(given.drop_duplicates())
    assert set(codes(panel)) <= {"lag_assumed"}


def test_the_oflog_download_gives_its_measures_and_published_values(shared):
    path = shared / "data" / "raw" / "oflog_asc_download.csv"
    given = pd.read_csv(path)
    panel = read_panel(path)
    assert len(panel.series) == len(given[["Local authority code", "Measure"]].drop_duplicates())
    assert set(panel.metrics) == set(given["Measure"])
    assert panel.frame["value"].notna().sum() == given["Value"].notna().sum()
    assert issue(panel, "marker")["n_rows"] == given["Value"].isna().sum()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_whose_name_is_no_text_is_refused_in_words(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/figures\xff\xf0\x9f\x98\x80.csv"))
    path.write_text(LONG)
    with pytest.raises(ReadError, match="the name of the file is not in UTF-8"):
        read_panel(path)
