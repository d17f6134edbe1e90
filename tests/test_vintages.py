"""The latest word on each value, and the first."""

import pandas as pd
import pytest

from earlywarning import schema
from earlywarning.panel import as_panel, values_at

ROWS = pd.DataFrame(
    {
        "authority": ["A", "A", "A", "B"],
        "metric": "debt",
        "period": ["2021-22", "2021-22", "2022-23", "2021-22"],
        "value": [5.0, 6.0, 7.0, 1.0],
        "published": ["2022-11-30", "2023-11-30", "2023-11-30", "2022-11-30"],
    }
)


def told(as_of):
    table = values_at(as_panel(ROWS), as_of)
    assert tuple(table.columns) == schema.VALUES
    return table[["authority", "period", "value", "first_value"]].values.tolist()


def test_a_revised_value_keeps_what_was_published_first():
    assert told("2024-01-01") == [
        ["A", "2021/22", 6.0, 5.0],
        ["A", "2022/23", 7.0, 7.0],
        ["B", "2021/22", 1.0, 1.0],
    ]


def test_a_later_revision_is_not_known_before_its_day():
    assert told("2023-11-29") == [["A", "2021/22", 5.0, 5.0], ["B", "2021/22", 1.0, 1.0]]
    assert told("2023-11-30") == told("2024-01-01")


@pytest.mark.parametrize("rows", [ROWS, ROWS.iloc[[0, 2, 3]]], ids=["revised", "as first told"])
def test_each_value_has_the_end_of_its_period_and_the_day_of_its_latest_word(rows):
    table = values_at(as_panel(rows), "2024-01-01")
    assert table["end"].dt.strftime("%Y").to_list() == ["2022", "2023", "2022"]
    newest = rows.groupby(["authority", "period"])["published"].max()
    assert table["published"].dt.strftime("%Y-%m-%d").to_list() == newest.to_list()


def test_before_anything_was_published_there_is_no_value():
    assert values_at(as_panel(ROWS), "2000-01-01").empty
