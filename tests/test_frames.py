"""Tables of other libraries."""

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import earlywarning as ew
from earlywarning.authorities import read_register
from earlywarning.engagements import read_engagements
from earlywarning.errors import UsageError
from earlywarning.frames import as_pandas, is_frame

ROWS = pd.DataFrame(
    {
        "authority": ["E06000001", "E06000002", "E06000001"],
        "metric": "debt",
        "period": ["2021-22", "2021-22", "2022-23"],
        "value": [5.0, None, 7.0],
        "published": pd.to_datetime(["2022-11-30", "2022-11-30", None]),
    }
)


def categories(rows):
    return pl.from_pandas(rows).with_columns(pl.col("authority").cast(pl.Categorical))


FORMS = {
    "polars": pl.from_pandas,
    "polars lazy": lambda rows: pl.from_pandas(rows).lazy(),
    "polars categories": categories,
    "pyarrow": lambda rows: pa.Table.from_pandas(rows, preserve_index=False),
    "duckdb": duckdb.from_df,
}


@pytest.fixture(params=FORMS.values(), ids=FORMS)
def form(request):
    return request.param


@pytest.mark.parametrize("read", [ew.as_panel, ew.read_panel])
def test_a_panel_is_the_same_from_whichever_library_its_table_comes(form, read):
    theirs, ours = read(form(ROWS)), read(ROWS)
    pd.testing.assert_frame_equal(
        theirs.frame, ours.frame, check_dtype=False, check_categorical=False
    )
    assert theirs.issues["code"].to_list() == ours.issues["code"].to_list()


def test_a_register_and_engagements_may_come_from_another_library(form):
    register = pd.DataFrame({"authority": ["E1"], "name": ["Ash"], "type": ["unitary"]})
    assert read_register(form(register))["name"].to_list() == ["Ash"]
    visits = pd.DataFrame({"authority": ["E1"], "kind": ["inspection"], "start": ["2024-05-01"]})
    assert read_engagements(form(visits))["status"].to_list() == ["completed"]


def test_a_table_that_came_in_is_not_changed(form):
    table = form(ROWS)
    ew.as_panel(table)
    pd.testing.assert_frame_equal(as_pandas(table), as_pandas(form(ROWS)))


@pytest.mark.parametrize("thing", [3, None, [1.0], pl.Series([1.0]), "x.csv"])
def test_what_is_no_table_is_refused_with_what_is_taken(thing):
    assert not is_frame(thing)
    with pytest.raises(UsageError, match=r"no table\. Give a DataFrame of pandas, polars"):
        as_pandas(thing)
