"""The files that the commands of the pages name: the sample cut short, and made-up tables."""

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
from benchmarks import published

from earlywarning.readers.shapes import oflog
from earlywarning.sample import sample_tables, write_sample

METRICS = ["budget_overspend_pct", "recycling_pct", "roads_poor_pct"]
CODES = ["E06000001", "E06000002", "E08000009"]
YEARS = ["2020/21", "2021/22", "2022/23"]


def write_files(folder: Path) -> None:
    """Write into a folder every file that a page's commands read."""
    _sample(folder / "data" / "sample")
    for path in (folder / "data" / "sample").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    _own(folder)
    _tables(folder)
    for name, data in {
        "absence_la.csv": published.explore_education(),
        "indicators.data.csv": published.fingertips(),
        "lginform.csv": published.lg_inform(),
        "answer.json": published.lg_inform_api(),
        "LGBF_Data_Table_Real.csv": published.lgbf(),
        "NM_162_1.data.csv": published.nomis(),
        "RS_2017-18_provisional.xlsx": published.revenue_outturn(
            published="which was published on 30 August 2018"
        ),
        "RS_2017-18_final.xlsx": published.revenue_outturn(amount=200.0),
    }.items():
        (folder / name).write_bytes(data)


def _sample(folder: Path) -> None:
    """Write the sample, of its panel some districts and a few metrics only."""
    folder.mkdir(parents=True)
    write_sample(folder)
    rows = pd.read_csv(folder / "panel.csv")
    few = rows["metric"].isin(METRICS) & rows["authority"].between("ZZD010", "ZZD030")
    rows[few].to_csv(folder / "panel.csv", index=False)


def _own(folder: Path) -> None:
    """Write figures with names, whole and in parts that came out one after the other."""
    names = sample_tables().register.set_index("authority")["name"]
    rows = pd.read_csv(folder / "panel.csv")
    rows = rows.assign(name=rows["authority"].map(names))
    first = rows.sort_values("published").drop_duplicates(["authority", "metric", "period"])
    late = first["published"] >= "2024-01-01"
    rows.to_csv(folder / "figures.csv", index=False)
    first[~late].to_csv(folder / "figures-2023.csv", index=False)
    first[late].to_csv(folder / "figures-2024.csv", index=False)
    again = first[late].head(5)
    again = again.assign(value=again["value"] + 1, published="2024-12-01")
    again.to_csv(folder / "figures-2024-revised.csv", index=False)
    codes = rows["authority"].unique()
    sizes = np.random.default_rng(1).lognormal(size=(len(codes), 3))
    areas = pd.DataFrame(sizes, columns=["population", "density", "deprivation"])
    areas.assign(code=codes).to_csv(folder / "areas.csv", index=False)


def _tables(folder: Path) -> None:
    """Write small tables in the shapes that people keep."""
    wide = {"Area Code": CODES, **{year: [1, 2, 3] for year in YEARS}}
    pd.DataFrame(wide).to_csv(folder / "waste.csv", index=False)
    days = {"Area Code": CODES, "Period": YEARS[-1], "Sickness days": [7, 8, 9]}
    pd.DataFrame({**days, "Complaints": 5}).to_csv(folder / "metrics_across.csv", index=False)
    odd = {"Council": CODES, "When": YEARS[-1], "What": "Sickness", "Figure": [7, 8, 9]}
    pd.DataFrame(odd).to_csv(folder / "odd.csv", index=False)
    doubtful = {"Area Code": CODES, "Period": "2011-12", "Metric": "a", "Value": [7, 8, 9]}
    pd.DataFrame(doubtful).to_csv(folder / "years.csv", index=False)
    _workbook(folder / "figures.xlsx", "Sickness", wide)
    _workbook(folder / "raw_data.xlsx", "Raw", {
        "Local Authority": ["Fife", "Angus"],
        **{f"CHN1 {year}": [1, 2] for year in ("2010-11", "2011-12", "2012-13")},
    })  # fmt: skip
    explorer = dict.fromkeys([*oflog.COLUMNS, *oflog.HEADER], "1")
    explorer |= {"Financial year": "2022-23", "Local authority code": CODES, "Measure": "Debt"}
    pd.DataFrame(explorer).to_csv(folder / "oflog_asc.csv", index=False)


def _workbook(path: Path, sheet: str, columns: dict[str, list[object]]) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    page = book.create_sheet(sheet)
    page.append([f"{sheet}, with a title above the table"])
    page.append([])
    page.append([*columns])
    for row in zip(*columns.values(), strict=True):
        page.append(row)
    book.save(path)
