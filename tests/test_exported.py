"""A result as a workbook, as JSON and as Parquet files."""

import gc
import json
import sys
from pathlib import Path

import jsonschema
import numpy as np
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import earlywarning as ew
from earlywarning.cli import app
from earlywarning.errors import UsageError
from earlywarning.output import read_result, workbook, write_result
from earlywarning.output.cells import THEME
from earlywarning.output.exported import COLUMNS, schema_text

HOSTILE = "=cmd|'/c calc'!A1 <script>\u202e\x07"
SCHEMA = Path(__file__).parents[1] / "docs" / "result_schema.json"


@pytest.fixture(scope="module")
def result():
    """Two metrics of twenty authorities, of which one has gone wrong; names are hostile."""
    rng = np.random.default_rng(7)
    years = [f"{year}-{year - 1999:02d}" for year in range(2012, 2023)]
    index = pd.MultiIndex.from_product(
        [[f"E060000{i:02d}" for i in range(1, 21)], ["debt", "@tax"], years],
        names=["authority", "metric", "period"],
    )
    frame = index.to_frame(index=False).assign(name=HOSTILE)
    frame["value"] = 50 + rng.normal(size=len(frame))
    frame.loc[frame["authority"].eq("E06000004") & frame["period"].eq(years[-1]), "value"] += 25
    frame.loc[frame["authority"].eq("E06000006") & frame["metric"].eq("debt"), "value"] = np.nan
    catalogue = ew.as_catalogue(
        pd.DataFrame({"metric": ["debt", "@tax"], "higher_is": "worse", "theme": "-Money"})
    )
    panel = ew.as_panel(frame, catalogue=catalogue)
    return ew.EarlyWarning(catalogue=catalogue).fit_score(panel)


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    return write_result(result, tmp_path_factory.mktemp("written") / "results")


@pytest.fixture(params=["result", "folder"])
def source(request):
    return request.getfixturevalue(request.param)


def same(found, was):
    """Compare numbers by value and all else as text; what is not there is empty in both."""
    assert list(found.columns) == list(was.columns)
    assert len(found) == len(was)
    for name in was:
        if pd.api.types.is_numeric_dtype(was[name]) and not pd.api.types.is_bool_dtype(was[name]):
            numbers = [
                pd.to_numeric(t[name]).to_numpy(float, na_value=np.nan) for t in (found, was)
            ]
            np.testing.assert_array_equal(*numbers, err_msg=name)
        else:
            assert said(found[name]) == said(was[name]), name


def said(column):
    if column.dtype.kind == "M":
        column = column.dt.strftime("%Y-%m-%d")
    return ["" if pd.isna(cell) else str(cell) for cell in column]


def test_parquet_files_hold_the_tables(result, source, tmp_path):
    out = ew.export_result(source, tmp_path / "tables")
    for name in COLUMNS:
        same(pd.read_parquet(out / f"{name}.parquet"), getattr(result, name))


def test_json_holds_the_tables_and_follows_its_schema(result, source, tmp_path):
    path = ew.export_result(source, tmp_path / "result.json")
    told = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(told, json.loads(SCHEMA.read_text(encoding="utf-8")))
    for name in COLUMNS:
        same(pd.DataFrame(told["tables"][name], columns=getattr(result, name).columns),
             getattr(result, name))  # fmt: skip


def test_the_schema_refuses_a_row_that_lacks_a_column(result, tmp_path):
    told = json.loads(ew.export_result(result, tmp_path / "r.json").read_text(encoding="utf-8"))
    del told["tables"]["flags"][0]["reason"]
    with pytest.raises(jsonschema.ValidationError, match="reason"):
        jsonschema.validate(told, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_schema_of_the_documentation_is_that_of_the_code():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("name", COLUMNS)
def test_the_columns_of_the_schema_are_those_that_come_out(result, name):
    columns = [c for c in getattr(result, name).columns if not c.startswith(THEME)]
    assert columns == list(COLUMNS[name])


def test_a_workbook_has_a_summary_and_every_row_and_no_formula(result, source, tmp_path):
    path = ew.export_result(source, tmp_path / "result.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:3] == ["summary", "flags", "authorities"]
    summary = dict(row[:2] for row in book["summary"].iter_rows(values_only=True) if row[0])
    assert summary["Flags"] == len(result.flags) > 0
    for name in COLUMNS:
        assert book[name].max_row == len(getattr(result, name)) + 1
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    names = [row[1] for row in book["authorities"].iter_rows(min_row=2, values_only=True)]
    assert set(names) == {HOSTILE.replace("\x07", "")}


def test_a_table_too_long_for_a_sheet_is_refused_with_the_way_out(result, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 10)
    with pytest.raises(UsageError, match=r"signals \(\d+\).*Write Parquet files instead"):
        ew.export_result(result, tmp_path / "result.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_workbook_stopped_midway_leaves_no_file_and_no_complaint(result, tmp_path, monkeypatch):
    written, complaints = [], []

    def cell(*given):
        if len(written) == 1000:
            raise KeyboardInterrupt
        written.append(given)
        return was(*given)

    was = workbook._cell
    monkeypatch.setattr(workbook, "_cell", cell)
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    with pytest.raises(KeyboardInterrupt):
        ew.export_result(result, tmp_path / "result.xlsx")
    written.clear()
    gc.collect()
    assert (complaints, list(tmp_path.iterdir())) == ([], [])


def test_another_ending_is_refused_with_those_that_there_are(result, tmp_path):
    with pytest.raises(UsageError, match=r"write \.xlsx for a workbook, \.json, or no ending"):
        ew.export_result(result, tmp_path / "result.csv")


def test_a_folder_of_somebody_else_is_left_untouched(result, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="left untouched"):
        ew.export_result(result, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_result_without_a_flag_is_exported_in_every_form(tmp_path):
    rows = pd.DataFrame({"authority": ["E06000001"], "metric": "debt", "period": "2021-22",
                         "value": 5.0})  # fmt: skip
    quiet = ew.EarlyWarning().fit_score(ew.as_panel(rows))
    for name in ("r.xlsx", "r.json", "r"):
        assert ew.export_result(quiet, tmp_path / name).exists()
    assert pd.read_parquet(tmp_path / "r" / "flags.parquet").empty


def test_the_command_exports_and_says_where(folder, tmp_path):
    done = CliRunner().invoke(app, ["export", str(folder), str(tmp_path / "r.json")])
    assert done.exit_code == 0
    told = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert told["run"] == read_result(folder).run.model_dump(mode="json")


@pytest.mark.parametrize("name", ["r.xlsx", "r.json"])
def test_an_earlier_export_is_replaced_and_a_file_of_somebody_else_is_not(folder, tmp_path, name):
    ours, mine = tmp_path / name, tmp_path / f"mine-{name}"
    size = ew.export_result(folder, ours).stat().st_size
    with ours.open("ab") as file:
        file.write(b" " * 1000)
    assert ew.export_result(folder, ours).stat().st_size < size + 500
    openpyxl.Workbook().save(mine) if name.endswith("xlsx") else mine.write_text('{"a": 1}')
    for content in (mine.read_bytes(), b""):
        mine.write_bytes(content)
        with pytest.raises(UsageError, match="there already, and no result of ours"):
            ew.export_result(folder, mine)
        assert mine.read_bytes() == content


@pytest.mark.parametrize("said", [{"lastModifiedBy": "A. Analyst"}, {"revision": "1"}])
def test_a_workbook_that_was_edited_since_is_left_as_it_is(folder, tmp_path, said):
    """Excel adds who saved it last, LibreOffice how often it was saved."""
    path = ew.export_result(folder, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(path)
    for key, value in said.items():
        setattr(book.properties, key, value)
    book.save(path)
    content = path.read_bytes()
    with pytest.raises(UsageError, match="or edited since"):
        ew.export_result(folder, path)
    assert path.read_bytes() == content


def test_a_damaged_workbook_is_nobody_s_and_left_untouched(folder, tmp_path):
    path = ew.export_result(folder, tmp_path / "r.xlsx")
    content = bytearray(path.read_bytes())
    begins = content.index(b"docProps/core.xml") + len("docProps/core.xml")
    content[begins : begins + 40] = b"\xff" * 40  # what zlib cannot unpack
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no result of ours"):
        ew.export_result(folder, path)
    assert path.read_bytes() == content
