"""Does a store keep the panel's contract, whatever goes in, in whatever order, and whoever dies?"""

import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from earlywarning import as_panel, sample_tables
from earlywarning.errors import DataRefusedError, PanelError, UsageError
from earlywarning.panel import concat
from earlywarning.store import append, compact, open_store, revise, writing
from earlywarning.store.disk import only_writer, sha256
from earlywarning.store.manifest import FILE_NAME, MANIFEST

DEBT = pd.DataFrame(
    {
        "authority": ["E06000001", "E06000001", "E06000002"],
        "metric": "debt",
        "period": ["2021-22", "2022-23", "2021-22"],
        "value": [5.0, 6.0, 7.0],
        "published": ["2022-11-30", "2023-11-30", "2022-11-30"],
    }
)


@pytest.fixture(scope="module")
def sample():
    """Return the sample's panel, which has revisions, statuses and names."""
    return as_panel(sample_tables().panel)


def assert_same_panel(one, other):
    for name in ("frame", "series", "periods", "issues"):
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.names == other.names


def held(folder):
    """Return every file of a folder, but the lock, and its content."""
    return {p.name: p.read_bytes() for p in Path(folder).iterdir() if p.name != "store.lock"}


def test_the_panel_that_went_in_comes_out(sample, tmp_path):
    assert_same_panel(append(tmp_path, [sample]).panel(), sample)
    assert_same_panel(open_store(tmp_path).panel(), sample)


def test_a_compacted_store_holds_the_same_in_the_fewest_files(sample, tmp_path):
    parts = [sample.only([name]) for name in sample.metrics[:3]]
    parts = [replace(part, issues=sample.issues.iloc[:0]) for part in parts]
    apart = append(tmp_path, parts)
    assert len(apart.manifest.rows) == 3
    before = apart.panel()
    together = compact(tmp_path)
    assert len(together.manifest.rows) == 1
    assert_same_panel(together.panel(), before)
    assert set(held(tmp_path)) == {MANIFEST, *together.manifest.files}


def test_series_without_a_row_keep_the_reason(tmp_path):
    rows = pd.concat(
        [
            DEBT,
            DEBT.assign(authority="E06000003", period="spring"),
            DEBT.assign(metric="tax", period=["2021-22", "2021-22 Q1", "2021-22 Q2"]),
        ]
    )
    panel = as_panel(rows)
    assert set(panel.series["status"]) == {"", "unreadable period", "two frequencies"}
    assert_same_panel(append(tmp_path, [panel]).panel(), panel)
    assert_same_panel(compact(tmp_path).panel(), panel)


def test_counts_and_rates_stand_beside_each_other(tmp_path):
    rate = DEBT.assign(metric="rate", numerator=[1.0, 2.0, 3.0], denominator=[9.0, np.nan, 8.0])
    panel = as_panel(pd.concat([DEBT, rate]))
    assert_same_panel(append(tmp_path, [as_panel(DEBT), as_panel(rate)]).panel(), panel)


@settings(max_examples=12)
@given(data=st.data())
def test_what_comes_in_parts_is_what_came_in_at_once(data, tmp_path_factory):
    n = data.draw(st.integers(1, 30))

    def draw(words):
        return data.draw(st.lists(st.sampled_from(words), min_size=n, max_size=n))

    rows = pd.DataFrame(
        {
            "authority": draw(["E06000001", "E06000002", "E07000001"]),
            "metric": draw(["debt", "tax", "roads"]),
            "period": draw(["2019-20", "2020-21", "2021-22", "no period"]),
            "value": draw([1.0, np.nan]),
            "published": draw(["2023-01-01", "2023-05-01"]),
        }
    ).drop_duplicates(["authority", "metric", "period"])
    parts = [as_panel(rows[start::3]) for start in range(min(3, len(rows)))]
    folder = tmp_path_factory.mktemp("store")
    whole = as_panel(rows)
    for change in (lambda: append(folder, parts), lambda: compact(folder)):
        found = change().panel()
        assert_frame_equal(found.frame, whole.frame, check_exact=True)
        assert_frame_equal(found.series, whole.series, check_exact=True)
        assert found.periods.to_numpy().tolist() == whole.periods.to_numpy().tolist()
        assert len(found.issues) == len(concat(parts).issues)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "..\\..\\windows", "CON", "aux.txt", "a/b", "C:\\x", "a:b",
        "né\u202e", "*?", "x" * 500, "=1+1", ".", "~", "rows-000001.parquet",
    ],
)  # fmt: skip
def test_no_name_of_a_metric_is_ever_a_path(name, tmp_path):
    folder = tmp_path / "deep" / "store"
    store = append(folder, [as_panel(DEBT.assign(metric=name))])
    assert store.panel([name]).metrics == [name]
    inside = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(re.match(FILE_NAME, p.name) or p.name in (MANIFEST, "store.lock") for p in inside)
    assert {path.parent for path in inside} == {folder}


def test_many_metrics_share_a_file(tmp_path):
    panel = as_panel(pd.concat([DEBT.assign(metric=f"m{n:03d}") for n in range(70)]))
    store = append(tmp_path, [panel])
    assert [len(part.metrics) for part in store.manifest.rows] == [32, 32, 6]
    assert_frame_equal(store.panel(["m040"]).frame, as_panel(DEBT.assign(metric="m040")).frame)


def test_a_metric_that_is_not_there_is_refused(tmp_path):
    store = append(tmp_path, [as_panel(DEBT)])
    with pytest.raises(UsageError, match=r"not in the store: tax\. It has: debt"):
        store.panel(["tax"])
    with pytest.raises(UsageError, match="none was named"):
        store.panel([])


def test_what_is_there_already_is_left_out_with_an_issue(tmp_path):
    before = append(tmp_path, [as_panel(DEBT)])
    more = pd.concat([DEBT, DEBT.assign(period="2023-24", published="2024-11-30")])
    more = more.drop_duplicates(["authority", "metric", "period"])
    store = append(tmp_path, [as_panel(more)])
    assert store.n_rows == len(more)
    assert store.issues.iloc[-1][["stage", "code", "n_rows"]].to_list() == ["store", "duplicate", 3]
    assert len(before.manifest.rows) == 1


def test_the_same_panel_twice_adds_nothing_but_an_issue(sample, tmp_path):
    once = append(tmp_path, [sample])
    twice = append(tmp_path, [sample])
    assert twice.manifest.rows == once.manifest.rows
    assert twice.issues["code"].to_list()[-1] == "duplicate"


@pytest.mark.parametrize("day", ["2022-11-30", "2022-12-31"])
def test_another_number_for_a_value_that_is_there_is_refused(day, tmp_path):
    append(tmp_path, [as_panel(DEBT)])
    before = held(tmp_path)
    other = DEBT[:1].assign(value=5.5, published=day)
    new = DEBT[1:2].assign(period="2023-24", published="2024-11-30")
    with pytest.raises(PanelError, match=r"1 values of 'debt' contradict .* revise"):
        append(tmp_path, [as_panel(new), as_panel(other)])
    assert held(tmp_path) == before


def test_a_revision_counts_from_the_day_it_was_published(tmp_path):
    append(tmp_path, [as_panel(DEBT)])
    revised = DEBT[:1].assign(value=5.5, published="2023-03-31")
    panel = revise(tmp_path, [as_panel(revised)]).panel()
    assert_frame_equal(panel.frame, as_panel(pd.concat([DEBT, revised])).frame)
    assert panel.known_at("2023-03-30").frame["value"].to_list() == [5.0, 7.0]
    assert panel.known_at("2023-03-31").frame["value"].to_list() == [5.5, 7.0]


@pytest.mark.parametrize("day", ["2022-11-30", "2022-11-29"])
def test_a_revision_that_is_not_later_is_refused(day, tmp_path):
    append(tmp_path, [as_panel(DEBT)])
    before = held(tmp_path)
    with pytest.raises(PanelError, match="later day"):
        revise(tmp_path, [as_panel(DEBT[:1].assign(value=5.5, published=day))])
    assert held(tmp_path) == before


def test_a_second_frequency_is_refused(tmp_path):
    append(tmp_path, [as_panel(DEBT)])
    with pytest.raises(PanelError, match=r"'debt' would mix annual .* and quarterly"):
        append(tmp_path, [as_panel(DEBT[:1].assign(period="2023-24 Q1"))])


def test_a_label_with_a_second_meaning_is_refused(tmp_path):
    rows = DEBT.drop(columns="published")
    append(tmp_path, [as_panel(rows, period_kind="financial year")])
    before = held(tmp_path)
    with pytest.raises(PanelError, match="mean different things in the store: 2021/22, 2022/23"):
        append(tmp_path, [as_panel(rows.assign(metric="tax"), period_kind="academic year")])
    assert held(tmp_path) == before


def test_a_folder_with_other_things_is_left_untouched(tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(UsageError, match=r"thesis\.doc"):
        append(tmp_path, [as_panel(DEBT)])
    assert held(tmp_path) == {"thesis.doc": b"years of work"}
    with pytest.raises(UsageError, match="no folder"):
        append(tmp_path / "thesis.doc", [as_panel(DEBT)])


@pytest.mark.parametrize("change", [append, revise])
def test_rows_that_lost_their_manifest_are_never_overwritten(change, tmp_path):
    append(tmp_path, [as_panel(DEBT)])
    lost = (tmp_path / MANIFEST).rename(tmp_path.with_name("backup.json"))
    before = held(tmp_path)
    with pytest.raises(UsageError, match=rf"{MANIFEST} is missing.*from a backup, or name a new"):
        change(tmp_path, [as_panel(DEBT.assign(metric="tax"))])
    assert held(tmp_path) == before
    lost.rename(tmp_path / MANIFEST)
    assert open_store(tmp_path).panel().metrics == ["debt"]


FIRST = """
import os, sys
import pandas as pd
from earlywarning import as_panel
from earlywarning.store import append
def panels():
    yield as_panel(pd.DataFrame({"authority": ["E06000009"], "metric": "roads", "period": "2021-22",
                                 "value": 5.0}))
    os._exit(9)
append(sys.argv[1], panels())
"""


def test_a_first_writing_that_was_killed_is_no_store_and_begins_again(tmp_path):
    done = subprocess.run([sys.executable, "-c", FIRST, tmp_path], check=False)
    assert done.returncode == 9
    assert [path.name for path in tmp_path.glob("rows-*")] == ["rows-000001.parquet"]
    for use in (open_store, compact):
        with pytest.raises(DataRefusedError, match=r"first writing has not ended.*again"):
            use(tmp_path)
    assert append(tmp_path, [as_panel(DEBT)]).panel().metrics == ["debt"]
    assert len(list(tmp_path.glob("rows-*"))) == 1


def test_nothing_to_store_leaves_no_store(tmp_path):
    with pytest.raises(UsageError, match="no panel"):
        append(tmp_path, [])
    assert held(tmp_path) == {}


def test_a_second_writer_is_refused_and_the_lock_goes_with_its_holder(tmp_path):
    append(tmp_path, [as_panel(DEBT)])
    with only_writer(tmp_path), pytest.raises(UsageError, match="Another process"):
        append(tmp_path, [as_panel(DEBT)])
    code = (
        "import sys, time; from pathlib import Path; from earlywarning.store.disk import *\n"
        "with only_writer(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(UsageError, match="Another process"):
            compact(tmp_path)
        holder.send_signal(signal.SIGKILL)
    assert compact(tmp_path).n_rows == 3


def test_a_full_disk_leaves_the_store_as_it_was(tmp_path, monkeypatch):
    append(tmp_path, [as_panel(DEBT)])
    before = held(tmp_path)

    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "to_disk", full)
    for change in (
        lambda: append(tmp_path, [as_panel(DEBT.assign(metric="tax"))]),
        lambda: compact(tmp_path),
    ):
        with pytest.raises(UsageError, match="No space left"):
            change()
        assert held(tmp_path) == before


def test_a_file_that_fails_half_way_leaves_nothing_of_the_others(tmp_path):
    def panels():
        yield as_panel(DEBT)
        raise DataRefusedError("the second file is no table")

    with pytest.raises(DataRefusedError, match="second file"):
        append(tmp_path / "store", panels())
    assert held(tmp_path / "store") == {}


@pytest.mark.parametrize("harm", ["flipped", "cut", "gone"])
def test_a_damaged_file_is_refused_by_name(harm, tmp_path):
    store = append(tmp_path, [as_panel(DEBT)])
    path = tmp_path / store.manifest.rows[0].file
    content = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-9] if harm == "cut" else content[:50] + b"?" + content[51:])
    before = held(tmp_path)
    for change in (
        store.panel,
        lambda: compact(tmp_path),
        lambda: append(tmp_path, [as_panel(DEBT)]),
    ):
        with pytest.raises(DataRefusedError, match=path.name):
            change()
    assert held(tmp_path) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"earlywarning_store": 99}, "later version"),
        ({"more": 1}, "damaged"),
        ({"rows": [{"file": "../outside.parquet", "sha256": "", "n_rows": 1}]}, "damaged"),
        ({"rows": [{"file": "rows-000001.parquet/../../x", "sha256": "", "n_rows": 1}]}, "damaged"),
    ],
)
def test_a_manifest_that_was_tampered_with_is_refused(change, message, tmp_path):
    append(tmp_path, [as_panel(DEBT)])
    path = tmp_path / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataRefusedError, match=message):
        open_store(tmp_path)


@pytest.mark.parametrize(
    "table",
    [
        DEBT,
        DEBT.assign(published="soon", status="", value=1.0),
        DEBT.assign(published=1, status="", value="much"),
        DEBT.drop(columns="value"),
        None,
    ],
)
def test_a_file_of_another_kind_is_refused_though_the_manifest_lists_it(table, tmp_path):
    store = append(tmp_path, [as_panel(DEBT)])
    path = tmp_path / store.manifest.rows[0].file
    path.write_bytes(b"PAR1" if table is None else table.to_parquet(index=False))
    known = json.loads((tmp_path / MANIFEST).read_text())
    known["rows"][0]["sha256"] = sha256(path.read_bytes())
    (tmp_path / MANIFEST).write_text(json.dumps(known))
    with pytest.raises(DataRefusedError, match="damaged"):
        open_store(tmp_path).panel()


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"\xff\xfe", b"null", b'{"earlywarning_store": []}']
)
def test_a_manifest_that_is_none_is_refused(text, tmp_path):
    (tmp_path / MANIFEST).write_bytes(text)
    with pytest.raises(DataRefusedError, match="damaged"):
        open_store(tmp_path)


def test_who_had_a_store_open_while_it_was_compacted_is_told(tmp_path):
    before = append(tmp_path, [as_panel(DEBT)])
    compact(tmp_path)
    with pytest.raises(DataRefusedError, match="open it again"):
        before.panel()


WRITER = """
import sys
import pandas as pd
from earlywarning.store import open_store, revise, compact
folder = sys.argv[1]
panel = open_store(folder).panel()
frame = panel.frame[["authority", "metric", "period", "value"]]
from earlywarning import as_panel
print("ready", flush=True)
for year in range(2030, 2100):
    revise(folder, [as_panel(frame.assign(value=float(year), published=f"{year}-01-01"))])
    compact(folder)
"""


@pytest.mark.parametrize("kills", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_a_writer_killed_at_any_instant_leaves_a_whole_store(kills, tmp_path):
    rng = np.random.default_rng(kills)
    metrics = [DEBT.assign(metric=f"m{n:02d}") for n in range(40)]
    append(tmp_path, [as_panel(pd.concat(metrics))])
    for _ in range(kills):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE
        ) as w:
            assert w.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0.0, 0.5))
            w.send_signal(signal.SIGKILL)
        frame = open_store(tmp_path).panel().frame
        newest = frame[frame["published"] == frame["published"].max()]
        assert len(newest) in (80, 120)  # as first appended, on two days; or a whole revision
        assert newest["value"].nunique() <= 2
        store = compact(tmp_path)
        assert set(held(tmp_path)) == {MANIFEST, *store.manifest.files}
        assert_frame_equal(store.panel().frame, frame)
