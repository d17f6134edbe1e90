"""What if another program has a file open, as on Windows Excel or a virus scanner has?

Windows tells it by error 5, 32 or 33, and refuses to rename or delete; here it is made up.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from earlywarning.batch.shelf import Shelf
from earlywarning.errors import UsageError
from earlywarning.output.place import Place
from earlywarning.store import append, compact, disk, open_store
from earlywarning.store.disk import renamed, replaced, saying_why


def refusal(winerror=32):
    error = PermissionError(13, "The process cannot access the file")
    error.winerror = winerror
    return error


@pytest.fixture
def refuse(monkeypatch):
    """Return a function that has the first so many renamings of a name refused."""
    monkeypatch.setattr(disk, "PATIENCE", (0.0, 0.0))
    rename = Path.replace

    def begin(name, times, error):
        left = [times]

        def replace(path, to):
            if path.name == name and left[0]:
                left[0] -= 1
                raise error
            return rename(path, to)

        monkeypatch.setattr(Path, "replace", replace)
        return left

    return begin


@pytest.mark.parametrize("winerror", [5, 32, 33])
def test_who_has_it_open_for_a_moment_is_waited_for(tmp_path, refuse, winerror):
    refuse("a.part", 2, refusal(winerror))
    replaced(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_who_has_it_open_for_longer_is_told_of_and_the_old_file_stands(tmp_path, refuse):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    refuse("a.part", 3, refusal())
    with pytest.raises(UsageError, match="Close it where it is open, in Excel"), saying_why(path):
        replaced(path, b"new")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a", b"old")]


def test_any_other_error_is_raised_at_once(tmp_path, refuse):
    left = refuse("a", 2, PermissionError(13, "Permission denied"))
    (tmp_path / "a").touch()
    with pytest.raises(PermissionError, match="Permission denied"):
        renamed(tmp_path / "a", tmp_path / "b")
    assert left == [1]


def test_a_results_folder_with_a_file_open_stays_as_it_was(tmp_path, refuse):
    place = Place(tmp_path / "out", frozenset({"a"}), "a", b"id")
    with place.replaced() as part:
        (part / "a").write_bytes(b"id 1")
    refuse("out", 3, refusal(5))
    with pytest.raises(UsageError, match="Close it where it is open"), place.replaced() as part:
        (part / "a").write_bytes(b"id 2")
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "a").read_bytes() == b"id 1"


def test_a_run_that_is_open_is_taken_away_the_next_time(tmp_path, refuse, caplog):
    names = [f"2024-0{month}-01-{'0' * 12}" for month in (1, 2, 3)]
    for name in names:
        (tmp_path / name).mkdir()
    shelf = Shelf(tmp_path)
    refuse(names[0], 3, refusal())
    assert shelf.thin_out(1) == names[1:2]
    assert shelf.runs == [names[0], names[2]]
    assert f"{names[0]} is open in another program" in caplog.text
    assert shelf.thin_out(1) == names[:1]


def test_a_store_whose_old_files_are_being_read_is_compacted_and_swept_later(
    sample, tmp_path, monkeypatch
):
    parts = [sample.panel.only([name]) for name in sample.panel.metrics[:2]]
    before = append(tmp_path, [replace(part, issues=part.issues.iloc[:0]) for part in parts])
    old, unlink = {*before.manifest.files}, Path.unlink

    def refuse(path, missing_ok=False):
        if path.name in old:
            raise refusal()
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        compact(tmp_path)
    files = {path.name for path in tmp_path.iterdir()}
    assert old <= files
    assert not old & {*open_store(tmp_path).manifest.files}
    compact(tmp_path)
    assert not old & {path.name for path in tmp_path.iterdir()}
