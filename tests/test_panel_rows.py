"""Do short ways give what the long way gives, whatever the order of rows and the types?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from earlywarning import schema
from earlywarning.panel import as_panel, concat
from earlywarning.panel.rows import spelt_out
from earlywarning.panel.rules import SPARSE, occurring
from earlywarning.readers import read_panel
from earlywarning.readers.markers import status_words

cells = st.tuples(
    st.sampled_from(["E06000001", "E06000002", "E07000003"]),
    st.sampled_from(["debt", "tax", "bins", "fees"]),
    st.sampled_from(["2019-20", "2020-21", "2021-22", "2022-23 (p)"]),
    st.sampled_from([1.0, 2.5, -3.0, np.nan]),
    st.sampled_from(["2023-05-31", "2023-06-30", "2024-01-31"]),
)
rows = st.lists(cells, min_size=1, max_size=30)
columns = [*schema.PANEL_REQUIRED, "published"]


def same(one, other):
    """Say that two panels have the same rows, series and periods."""
    for table in ("frame", "series", "periods"):
        assert_frame_equal(getattr(one, table), getattr(other, table))
    assert one.issues["code"].to_list() == other.issues["code"].to_list()
    assert one.issues["n_rows"].to_list() == other.issues["n_rows"].to_list()


def sorted_and_shuffled(table, random):
    order = [*range(len(table))]
    random.shuffle(order)
    return table.sort_values([*table], ignore_index=True), table.take(order)


@settings(max_examples=30)
@given(rows, st.randoms())
def test_the_order_of_rows_does_not_matter_whatever_is_repeated_or_revised(rows, random):
    tables = sorted_and_shuffled(pd.DataFrame(rows, columns=columns), random)
    same(*map(as_panel, tables))
    same(*(as_panel(table.drop(columns="published")) for table in tables))


@settings(max_examples=40)
@given(rows, st.sampled_from(["object", "string", "category", "all categories"]))
def test_the_type_of_a_column_of_words_does_not_matter(rows, kind):
    table = pd.DataFrame(rows, columns=columns).assign(status="[p] ", name=" Durham")
    words = [*schema.KEY, "published", "status", "name"]
    if kind == "all categories":  # also such as no row has, out of order
        given = {word: pd.CategoricalDtype([*table[word].unique()[::-1], "E99"]) for word in words}
    else:
        given = dict.fromkeys(words, kind)
    one, other = as_panel(table), as_panel(table.astype(given))
    same(one, other)
    assert one.names == other.names
    assert one.authorities == other.authorities


@settings(max_examples=25)
@given(rows)
def test_a_column_without_anything_in_it_is_as_none(rows):
    table = pd.DataFrame(rows, columns=columns)
    nothing = {"numerator": np.nan, "denominator": np.nan, "lower": np.nan, "upper": np.nan}
    one, other = as_panel(table), as_panel(table.assign(status="", **nothing))
    same(one, other)
    same(as_panel(table.assign(published=None)), as_panel(table.drop(columns="published")))
    for metric in one.metrics:
        assert one.matrix(metric).numerator is other.matrix(metric).denominator is None


@settings(max_examples=30)
@given(rows, st.sampled_from(["2023-01-01", "2023-05-31", "2023-07-01", "2024-01-31"]))
def test_what_was_known_is_the_last_row_of_each_key_published_by_then(rows, day):
    panel = as_panel(pd.DataFrame(rows, columns=columns))
    frame = panel.frame[panel.frame["published"] <= day]
    known = panel.known_at(day)
    last = frame.drop_duplicates(list(schema.KEY), keep="last")
    assert_frame_equal(known.frame, last.reset_index(drop=True))
    cells = {}
    for matrix in map(known.matrix, known.metrics):
        for i, j in np.argwhere(~np.isnat(matrix.published)):
            where = (matrix.authorities[i], matrix.metric, matrix.periods[j])
            cells[where] = str(matrix.values[i, j]), matrix.published[i, j]
    days = last["published"].to_numpy().astype("datetime64[D]")
    told = zip(map(str, last["value"]), days, strict=True)
    assert cells == dict(zip(last[list(schema.KEY)].itertuples(index=False, name=None), told,
                             strict=True))  # fmt: skip


def test_a_panel_without_anything_later_or_revised_is_known_as_it_is():
    table = pd.DataFrame({"authority": "E06000001", "metric": "debt", "value": [5.0, 6.0],
                          "period": ["2021", "2022"], "published": "2023-05-31"})  # fmt: skip
    panel = as_panel(table)
    assert panel.known_at("2023-05-31") is panel
    assert panel.known_at("2023-05-30") is not panel


def test_a_table_that_is_changed_later_does_not_change_its_panel():
    words = pd.Categorical(["debt", "tax"])
    table = pd.DataFrame({"authority": ["E06000001", "E06000002"], "metric": words,
                          "value": [5.0, 6.0], "period": "2021"})  # fmt: skip
    panel = as_panel(table)
    before = panel.frame.copy()
    table.loc[0, "value"], table.loc[0, "metric"] = 7.0, "tax"
    assert_frame_equal(panel.frame, before)


def test_what_was_not_given_takes_no_room_in_a_panel():
    table = pd.DataFrame({"authority": "E06000001", "metric": "debt", "value": 5.0,
                          "period": [str(year) for year in range(1900, 2020)]})  # fmt: skip
    panel = as_panel(table)
    for frame in (panel.frame, panel.known_at("2000-01-01").frame):
        for name in ("numerator", "denominator", "lower", "upper"):
            assert frame[name].isna().all()
            assert frame[name].to_numpy().strides == (0,)


def test_a_table_without_any_period_is_an_empty_panel_that_says_so():
    table = pd.DataFrame({"authority": ["E06000001"], "metric": "debt", "period": None, "value": 5})
    panel = as_panel(table)
    assert panel.frame.empty
    assert panel.issues["code"].to_list() == ["no_period"]
    assert panel.series["status"].to_list() == ["unreadable period"]
    other = as_panel(table.assign(period="2021"))
    assert_frame_equal(concat([panel, other]).frame, other.frame)


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(51, 100))
def test_keys_are_found_alike_where_few_or_most_of_the_possible_ones_occur(keys, n_possible):
    keys = np.array(keys, dtype=np.int64)
    few, most = occurring(keys, 10 * SPARSE * n_possible), occurring(keys, n_possible)
    assert few.tolist() == most.tolist() == sorted(set(keys.tolist()))


@given(st.lists(st.sampled_from(["", "p", "[c]", "boundary change"]), max_size=20))
def test_statuses_are_spelt_out_as_they_came_in(marks):
    words = status_words(pd.Series(marks, dtype=object))
    told = {"p": "provisional", "[c]": "suppressed"}
    expected = pd.Series([told.get(mark, mark) for mark in marks], dtype="str")
    assert_series_equal(spelt_out(words), expected)


@settings(max_examples=30)
@given(rows, st.integers(1, 40), st.booleans(), st.data())
def test_parquet_is_read_as_the_table_is_whatever_its_pieces(
    tmp_path_factory, rows, size, coded, data
):
    table = pd.DataFrame(rows, columns=columns)
    marks = st.sampled_from(["5", "1,234", "[c]", None, " 7 [p]", "oops"])
    if data.draw(st.booleans()):
        n = len(table)
        table["value"] = pd.Series(data.draw(st.lists(marks, min_size=n, max_size=n)), dtype=object)
    stored = table.astype(dict.fromkeys(schema.KEY, "category")) if coded else table
    path = tmp_path_factory.mktemp("parquet") / "figures.parquet"
    stored.to_parquet(path, row_group_size=size)
    one, other = read_panel(table), read_panel(path)
    same(one, other)
    told = [name for name in schema.ISSUES if name not in ("file", "message")]
    assert_frame_equal(one.issues[told], other.issues[told])


def test_a_column_of_text_in_parquet_is_one_list_over_all_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("earlywarning.readers.parquet.ROWS_A_PIECE", 2)
    frame = pd.DataFrame({"authority": [f"E0600000{i}" for i in range(7)], "metric": "debt",
                          "period": "2021", "value": range(7),
                          "note": [None, "a"] * 3 + [None]})  # fmt: skip
    frame.to_parquet(tmp_path / "figures.parquet", row_group_size=3)
    panel = read_panel(tmp_path / "figures.parquet", columns={"status": "note"})
    assert panel.authorities == [f"E0600000{i}" for i in range(7)]
    assert panel.frame["status"].to_list() == ["", "a"] * 3 + [""]


@pytest.mark.parametrize("n", [127, 128, 129, 130])
def test_the_number_of_words_does_not_matter_where_codes_grow_a_byte(n):
    names = [f"metric {i:03d}" for i in range(n)]
    table = pd.DataFrame({"authority": "E06000001", "metric": names, "value": np.arange(n) + 0.5,
                          "period": "2021"})  # fmt: skip
    panel = as_panel(table)
    assert [panel.matrix(name).values.item() for name in names] == table["value"].to_list()
