"""Small made-up files in the shapes in which publishers hand them over; no figure is real."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence

import openpyxl

AUTHORITIES = {"E06000001": "Hartlepool", "E06000002": "Middlesbrough", "E08000009": "Trafford"}
YEARS = ("2020/21", "2021/22", "2022/23")
FINGERTIPS = (
    "Indicator ID", "Indicator Name", "Parent Code", "Parent Name", "Area Code", "Area Name",
    "Area Type", "Sex", "Age", "Category Type", "Category", "Time period", "Value",
    "Lower CI 95.0 limit", "Upper CI 95.0 limit", "Lower CI 99.8 limit", "Upper CI 99.8 limit",
    "Count", "Denominator", "Value note", "Recent Trend",
    "Compared to England value or percentiles", "Compared to percentiles",
    "Time period Sortable", "New data", "Compared to goal", "Time period range",
)  # fmt: skip
EXPLORE_EDUCATION = (
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name",
    "region_code", "region_name", "old_la_code", "new_la_code", "la_name", "school_type",
    "num_schools", "absence_rate",
)  # fmt: skip
NOMIS = (
    "DATE", "DATE_NAME", "DATE_CODE", "GEOGRAPHY", "GEOGRAPHY_NAME", "GEOGRAPHY_CODE",
    "GEOGRAPHY_TYPE", "GENDER", "GENDER_NAME", "MEASURE", "MEASURE_NAME", "MEASURES",
    "MEASURES_NAME", "OBS_VALUE", "OBS_STATUS", "OBS_STATUS_NAME", "RECORD_COUNT",
)  # fmt: skip
LGBF = (
    "Indicators_Information_Code", "LA_Information_LocalAuthority", "LA_Data_LGBF_Year",
    "LA_Data_LA_IndicatorReal", "LA_Data_LA_Numerator_real", "LA_Data_LA_Den_Real",
    "Scotland_Data_Scotland_Indicator_Real", "FG_Data_FamilyGroup",
    "FG_Data_FG_Avg_Indicator_Real",
)  # fmt: skip


def as_csv(header: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Return a CSV with these columns; what a row does not say is blank."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def fingertips(*more: Mapping[str, object]) -> bytes:
    """Return a Fingertips download: three authorities once a parent, England, a region."""
    places = {**AUTHORITIES, "E92000001": "England", "E12000001": "North East region"}
    kinds = {"E92000001": "England", "E12000001": "Regions (statistical)"}
    common = {"Indicator ID": 1, "Indicator Name": "Falls", "Age": "65+ yrs", "Value note": "",
              "Count": 30, "Denominator": 600, "Sex": "Persons",
              "Area Type": "Counties & UAs (from Apr 2023)"}  # fmt: skip
    rows: list[Mapping[str, object]] = [
        {**common, "Area Code": code, "Area Name": name, "Time period": year, "Value": 5.0 + at,
         "Parent Code": parent, "Area Type": kinds.get(code, common["Area Type"]),
         "Lower CI 95.0 limit": 4.0 + at, "Upper CI 95.0 limit": 6.0 + at}
        for at, year in enumerate(YEARS)
        for parent in ("E92000001", "E12000001")
        for code, name in places.items()
    ]  # fmt: skip
    return as_csv(FINGERTIPS, [*rows, *({**common, **row} for row in more)])


def explore_education(*more: Mapping[str, object]) -> bytes:
    """Return a data file of two kinds of school at three levels."""
    common = {"time_identifier": "Academic year", "country_code": "E92000001",
              "geographic_level": "Local authority", "num_schools": 12}  # fmt: skip
    rows: list[Mapping[str, object]] = []
    for at, year in enumerate(("202021", "202122", "202223")):
        for school in ("Primary", "Secondary"):
            one = {**common, "time_period": year, "school_type": school, "absence_rate": 5.5 + at}
            rows += [{**one, "new_la_code": code, "la_name": name}
                     for code, name in AUTHORITIES.items()]  # fmt: skip
            rows.append({**one, "geographic_level": "National"})
            rows.append({**one, "geographic_level": "Regional", "region_code": "E12000001"})
    return as_csv(EXPLORE_EDUCATION, [*rows, *({**common, **row} for row in more)])


def nomis(*more: Mapping[str, object]) -> bytes:
    """Return an answer of Nomis: two genders, three months, authorities and a region."""
    places = {**AUTHORITIES, "E12000001": "North East"}
    common = {"MEASURE_NAME": "Claimant count", "MEASURES_NAME": "Value", "OBS_STATUS": "A",
              "OBS_STATUS_NAME": "Normal Value", "GENDER_NAME": "Total",
              "GEOGRAPHY_TYPE": "local authorities: district / unitary"}  # fmt: skip
    rows: list[Mapping[str, object]] = [
        {**common, "DATE_NAME": month, "GEOGRAPHY_CODE": code, "GEOGRAPHY_NAME": name,
         "GENDER_NAME": gender, "OBS_VALUE": 100 + at,
         "GEOGRAPHY_TYPE": "regions" if code[:3] == "E12" else common["GEOGRAPHY_TYPE"]}
        for at, month in enumerate(("January 2024", "February 2024", "March 2024"))
        for gender in ("Male", "Female")
        for code, name in places.items()
    ]  # fmt: skip
    return as_csv(NOMIS, [*rows, *({**common, **row} for row in more)])


def lgbf(*more: Mapping[str, object]) -> bytes:
    """Return a data table of the benchmarking framework."""
    rows: list[Mapping[str, object]] = [
        {"Indicators_Information_Code": code, "LA_Information_LocalAuthority": name,
         "LA_Data_LGBF_Year": year, "LA_Data_LA_IndicatorReal": 5.0 + at}
        for code in ("ENV01a", "CHN01")
        for at, year in enumerate(("2020-21", "2021-22", "2022-23"))
        for name in ("Fife", "Argyll & Bute", "Edinburgh, City of", "Na h-Eileanan Siar")
    ]  # fmt: skip
    return as_csv(LGBF, [*rows, *more])


def lg_inform(metric: str = "Waste recycled") -> bytes:
    """Return a download of LG Inform's report tool, with its six rows of headers."""
    left = ["area label", "area long label", "area"]
    ids = [f"fin_{year.replace('/', '_')}" for year in YEARS]
    heads = [[metric] * 3, ["2131"] * 3, ["%"] * 3, ["raw"] * 3, list(YEARS), ids]
    body = [[name, f"{name} (council)", code, "1,040.5", "41.5", ".."]
            for code, name in [*AUTHORITIES.items(), ("E92000001", "England")]]  # fmt: skip
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([[*left, *head] for head in heads] + body)
    return text.getvalue().encode()


def lg_inform_api() -> bytes:
    """Return an answer of LG Inform's API, areas down and periods across."""
    columns = [
        {"metricType": {"identifier": "42", "label": "Waste recycled"},
         "period": {"identifier": f"fin_{year}", "label": year},
         "valueType": {"identifier": sort, "label": sort}}
        for year in YEARS for sort in ("raw", "rank")
    ]  # fmt: skip
    year = [{"source": 1040.5, "value": 1040.5, "formatted": "1,040.5"},
            {"value": 3, "formatted": "3rd"}]  # fmt: skip
    rows = [
        {"area": {"identifier": code, "label": name},
         "values": year * 2 + [{"value": None, "formatted": ".."}] * 2}
        for code, name in [*AUTHORITIES.items(), ("E92000001", "England")]
    ]  # fmt: skip
    return json.dumps({"columns": columns, "rows": rows}).encode()


def revenue_outturn(
    *, published: str = "which was published on 15 November 2018", amount: float = 100.0
) -> bytes:
    """Return a workbook like those of revenue outturn summaries."""
    book = openpyxl.Workbook()
    front = book.active
    front.title = "Front Page"
    front.append([f'Data of the release "2017-18 final Outturn, England" {published}. See:'])
    page = book.create_sheet("RS LA Data 2017-18")
    page.append(["Revenue Outturn (RO) 2017-18: Revenue Outturn Summary (RS)"])
    page.append(["Net current expenditure (£ thousand)"])
    page.append(["E-code", "ONS Code", "Local authority", None, "Class", "Education services",
                 "Estimated schools reserves level at 1 April (3)",
                 "TOTAL SERVICE EXPENDITURE (total of lines 1 to 2)"])  # fmt: skip
    for at, (code, name) in enumerate(AUTHORITIES.items()):
        mark = "Grossed" if not at else None
        page.append([f"E010{at}", code, name, mark, "UA", amount + at, 7, "..."])
    page.append(["E7001", "E23000001", "A police authority", None, "O", 1, 0, 1])
    page.append([None, None, "ENGLAND", None, None, 400, 7, 400])
    page.append([None, None, "UNITARY AUTHORITIES", None, "UA", 400, 7, 400])
    book.create_sheet("Data").append(["Ecode", "Authority", "2016-17", "2017-18"])
    book["Data"].append(["E0101", "Hartlepool", 1, 2])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
