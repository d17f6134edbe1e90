"""JSON is read strictly: what is wrong is refused with its place; nothing grows without bound."""

import json

import pytest

from earlywarning.errors import ReadError
from earlywarning.readers import json_tables, read_panel
from earlywarning.readers.json_tables import read_json

PERIOD = {"period": {"identifier": "fin_2022_23", "label": "2022/23"}}
AREA = {"area": {"identifier": "E06000001", "label": "Hartlepool"}}


@pytest.fixture
def refused(tmp_path):
    """Return a function that writes a file and returns why it is refused."""

    def reason(content):
        path = tmp_path / "a.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(ReadError) as error:
            read_panel(path)
        return str(error.value)

    return reason


@pytest.mark.parametrize(
    ("content", "said"),
    [('{"rows": [\n  1,,2]}', "line 2, column 5"), ("", "0 bytes"), ("nul", "line 1, column 1"),
     ('{"columns": [NaN], "rows": []}', "'NaN' is no number"), ('[{"a": Infinity}]', "'Infinity'"),
     ('[{"a": 1, "a": 2}]', '"a" stands twice'), (b'[{"a": "\xff"}]', "byte 8"),
     ("[" * 40 + "]" * 40, "nested more than 16 deep"), ("[" * 100_000, "nested more than 16 deep"),
     ("17", "neither a list of records"), ("[]", "without any row"), ("[1]", "[0] is no object"),
     ('{"columns": {}, "rows": []}', "columns is no list"),
     ('{"columns": [], "rows": 5}', "rows is no list"),
     ('{"columns": [{}], "rows": [{"values": []}]}', "rows[0].values is not a list of 1"),
     ('{"columns": [{}], "rows": [{"values": [[1]]}]}', "rows[0].values[0] is neither"),
     ('{"columns": [{}], "rows": [7]}', "rows[0] is no object"),
     ('{"errors": [{"message": "Not authorized"}]}', "Not authorized")],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_place(refused, content, said):
    assert said in refused(content)


def test_a_file_beyond_the_bounds_is_refused_before_it_is_read(refused, monkeypatch):
    monkeypatch.setattr(json_tables, "MOST_BYTES", 10)
    assert "MB of JSON" in refused('[{"authority": "E06000001"}]')
    monkeypatch.setattr(json_tables, "MOST_BYTES", 10_000)
    monkeypatch.setattr(json_tables, "MOST_CELLS", 3)
    assert "more than 3" in refused(json.dumps([{"a": "1", "b": "2"}] * 2))
    answer = {"columns": [PERIOD] * 2, "rows": [{**AREA, "values": [1, 2]}] * 2}
    assert "more than 3" in refused(json.dumps(answer))


def test_a_bracket_in_a_text_does_not_count_as_depth(tmp_path):
    path = tmp_path / "a.json"
    row = {
        "authority": "E06000001",
        "metric": '[[[[[[[[[[[[[[[[[["{\\',
        "period": "2022",
        "value": 5,
    }
    path.write_text(json.dumps([row]))
    assert read_panel(path).metrics == [row["metric"]]


def test_numbers_come_as_they_are_written(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"columns": [PERIOD], "rows": [{**AREA, "values": [12.50]}]}))
    table, issues = read_json(path)
    assert table.frame["value"].to_list() == ["12.5"]
    assert issues == []
    assert table.rows.tolist() == [1]


def test_rows_may_hold_metric_and_period_too(tmp_path):
    path = tmp_path / "waste.json"
    row = {**AREA, **PERIOD, "metricType": {"identifier": "42", "label": "Waste"}, "values": ["7"]}
    path.write_text(json.dumps({"columns": [{"valueType": {"identifier": "raw"}}], "rows": [row]}))
    panel = read_panel(path)
    assert panel.metrics == ["Waste"]
    assert panel.frame["value"].to_list() == [7]
