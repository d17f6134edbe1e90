import json
import threading

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlywarning.catalogue import as_catalogue
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.explain import page
from earlywarning.output import TABLES, Place, place_of_results, read_result, write_result
from earlywarning.output.cells import read_table, write_table
from earlywarning.output.run import input_of
from earlywarning.panel import as_panel
from earlywarning.pipeline import EarlyWarning

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture(scope="module")
def result():
    """Two metrics of twenty authorities, one defined anew; one has gone wrong, one sent nothing."""
    rng = np.random.default_rng(7)
    codes = [f"E060000{i:02d}" for i in range(1, 21)]
    rows = [
        (code, f"=Name & <b>{code}", metric, f"{year}-{year - 1999:02d}", 50 + rng.normal())
        for code in codes
        for metric in ("debt", "@tax")
        for year in range(2012, 2023)
    ]
    frame = pd.DataFrame(rows, columns=["authority", "name", "metric", "period", "value"])
    frame.loc[frame["period"].ge("2017-18") & frame["metric"].eq("@tax"), "value"] += 8.0
    bad = frame["authority"].eq(codes[3]) & frame["period"].eq("2022-23")
    frame.loc[bad, "value"] += 25.0
    frame.loc[frame["authority"].eq(codes[5]) & frame["metric"].eq("debt"), "value"] = np.nan
    frame.loc[frame["authority"].eq(codes[6]), "name"] = None
    catalogue = as_catalogue(
        pd.DataFrame({"metric": ["debt", "@tax"], "higher_is": "worse", "theme": "-Money"})
    )
    panel = as_panel(frame, catalogue=catalogue)
    return EarlyWarning(catalogue=catalogue).fit(panel).score(panel)


@pytest.fixture
def out(result, tmp_path):
    return write_result(result, tmp_path / "out")


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", [*TABLES, "values", "practice"])
def test_a_table_reads_back_as_it_was(result, out, name):
    was = getattr(result, name).reset_index(drop=True)
    was = was.astype(dict.fromkeys(was.select_dtypes("category"), object))
    back = read_result(out).table(name)
    if name == "issues":
        was = was.where(was.notna(), np.nan)
    pd.testing.assert_frame_equal(back, was, check_dtype=False, check_exact=True)


def test_the_result_that_is_written_has_flags_tiers_and_issues(result):
    assert len(result.flags)
    assert len(result.issues)
    assert len(result.flagged_breaks)
    assert result.authorities["tier"].ne("none").any()


def test_contributions_in_the_files_add_up_to_the_scores_in_the_files(out):
    written = read_result(out)
    total = written.table("contributions").groupby("authority")["contribution"].sum()
    score = written.table("authorities").set_index("authority")["score"]
    assert (total.reindex(score.index, fill_value=0.0) - score).abs().max() < 1e-9


def test_the_page_from_the_folder_is_the_page_from_the_result(result, out):
    tables = read_result(out).explained
    for code in result.authorities["authority"]:
        assert page(code, tables) == str(result.explain(code))


def test_the_same_result_gives_the_same_bytes_wherever_it_is_written(result, out, tmp_path):
    again = write_result(result, tmp_path / "elsewhere" / "deep")
    assert bytes_of(again) == bytes_of(out)
    assert not any(str(tmp_path).encode() in content for content in bytes_of(out).values())


def test_run_json_says_what_was_run_on_what(result, tmp_path):
    file = tmp_path / "figures.csv"
    file.write_bytes(b"value")
    options = {"catalogue": ["finance"]}
    out = write_result(result, tmp_path / "out", inputs=[input_of("panel", file)], options=options)
    run = json.loads((out / "run.json").read_text())
    assert run["as_of"] == f"{result.as_of:%Y-%m-%d}"
    assert run["counts"] == result.counts
    assert run["expected_false_flags"] == result.expected_false_flags
    assert run["settings"] == json.loads(result.settings.model_dump_json())
    assert run["options"] == options
    assert set(run["versions"]) == {"numpy", "pandas", "scipy", "scikit-learn"}
    (read,) = run["inputs"]
    assert (read["role"], read["name"], read["size"]) == ("panel", "figures.csv", 5)
    assert read["sha256"].startswith("cd42404d52ad55cc")


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
cells = texts | st.builds("{}{}".format, st.sampled_from([*FORMULAS, "'", "'=", "''-"]), texts)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """One file for all that hypothesis tries."""
    return tmp_path_factory.mktemp("cells") / "table.csv"


@given(words=st.lists(cells, min_size=1, max_size=8))
def test_any_text_reads_back_and_never_starts_a_formula(path, words):
    write_table(pd.DataFrame({"metric": words, "z": 1.0}), path)
    assert read_table(path)["metric"].to_list() == words
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)["metric"]
    assert not raw.str.startswith(FORMULAS).any()


@given(numbers=st.lists(st.floats(allow_nan=True), min_size=1, max_size=8))
def test_any_number_reads_back_to_its_last_bit(path, numbers):
    write_table(pd.DataFrame({"value": numbers, "theme:=x": numbers}), path)
    back = read_table(path)
    for column in back:
        np.testing.assert_array_equal(back[column].to_numpy(), np.array(numbers))


def test_a_negative_number_is_written_without_an_apostrophe(tmp_path):
    write_table(pd.DataFrame({"effect": [-1.5], "metric": ["-1.5"]}), tmp_path / "flags.csv")
    assert (tmp_path / "flags.csv").read_text() == "effect,metric\n-1.5,'-1.5\n"


def test_an_earlier_result_is_replaced_whole(result, out):
    was = bytes_of(out)
    (out / "flags.csv").write_text("old")
    assert bytes_of(write_result(result, out)) == was
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_filled(result, tmp_path):
    (tmp_path / "out").mkdir()
    assert read_result(write_result(result, tmp_path / "out"))


def test_a_link_to_a_results_folder_stays_a_link(result, out, tmp_path):
    link = tmp_path / "latest"
    link.symlink_to(out)
    write_result(result, link)
    assert link.is_symlink()
    assert read_result(out)


def a_file(path):
    path.write_text("mine")


def a_folder_of_something_else(path):
    path.mkdir()
    (path / "thesis.docx").write_text("mine")


def a_folder_with_some_other_run_json(path):
    path.mkdir()
    (path / "run.json").write_text('{"epochs": 3}')


def a_folder_without_its_run_json(path):
    path.mkdir()
    (path / "flags.csv").write_text("mine")


@pytest.mark.parametrize("name", ["out", "out.part", "out.old"])
@pytest.mark.parametrize("put", [a_file, a_folder_of_something_else])
def test_what_is_not_ours_is_refused_and_left_untouched(result, tmp_path, put, name):
    put(tmp_path / name)
    with pytest.raises(UsageError, match=rf"{name}' (is no folder|holds other things)"):
        write_result(result, tmp_path / "out")
    kept = tmp_path / name
    assert (kept if kept.is_file() else kept / "thesis.docx").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("put", [a_folder_with_some_other_run_json, a_folder_without_its_run_json])
def test_a_folder_that_only_looks_like_results_is_refused(result, tmp_path, put):
    put(tmp_path / "out")
    was = bytes_of(tmp_path / "out")
    with pytest.raises(UsageError, match=r"no run\.json of ours"):
        write_result(result, tmp_path / "out")
    assert bytes_of(tmp_path / "out") == was


def test_a_note_put_beside_the_results_is_not_deleted(result, out):
    (out / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds other things \(notes\.txt\)"):
        write_result(result, out)
    assert (out / "notes.txt").read_text() == "mine"


def test_clutter_of_a_file_manager_is_no_obstacle(result, out):
    (out / ".DS_Store").write_text("")
    assert ".DS_Store" not in bytes_of(write_result(result, out))


def test_the_folder_one_stands_in_is_refused(result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="the folder you are in"):
        write_result(result, ".")


def test_a_parent_that_is_a_file_is_refused_with_a_reason(result, tmp_path):
    a_file(tmp_path / "file")
    with pytest.raises(UsageError, match="cannot be written"):
        write_result(result, tmp_path / "file" / "out")


def test_a_parent_that_may_not_be_written_to_is_refused(result, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(UsageError, match="no folder that may be written to"):
        place_of_results(tmp_path / "out").check()


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_half_way_leaves_the_old_results_whole(result, out, monkeypatch, failure):
    was = bytes_of(out)

    def fail(table, path):
        path.write_text("half")
        if path.name == "authorities.csv":
            raise failure

    monkeypatch.setattr("earlywarning.output.results.write_table", fail)
    with pytest.raises(UsageError if isinstance(failure, OSError) else KeyboardInterrupt):
        write_result(result, out)
    assert bytes_of(out) == was
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_run_killed_while_writing_is_cleaned_up_after(result, out):
    part = out.with_name("out.part")
    part.mkdir()
    (part / "signals.csv").write_text("half")
    assert read_result(out)
    write_result(result, out)
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_run_killed_between_two_renamings_loses_nothing(result, out):
    was = bytes_of(out)
    out.rename(out.with_name("out.old"))
    assert read_result(out).run.as_of == result.as_of.date()
    place = place_of_results(out)
    with pytest.raises(RuntimeError), place.replaced():
        raise RuntimeError
    assert bytes_of(out) == was
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_failure_between_two_renamings_loses_nothing(result, out, monkeypatch):
    was, replace = bytes_of(out), type(out).replace

    def fail_for_the_part(path, target):
        if path.name == "out.part":
            raise OSError(5, "Input/output error")
        return replace(path, target)

    with monkeypatch.context() as broken:
        broken.setattr("pathlib.Path.replace", fail_for_the_part)
        with pytest.raises(UsageError, match="Input/output error"):
            write_result(result, out)
    assert read_result(out).run.counts == result.counts
    with pytest.raises(RuntimeError), place_of_results(out).replaced():
        raise RuntimeError
    assert bytes_of(out) == was


def test_a_run_killed_before_it_took_the_old_away_is_cleaned_up_after(result, out):
    write_result(result, out.with_name("second"))
    out.with_name("second").rename(out.with_name("out.old"))
    write_result(result, out)
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_second_run_waits_for_the_first(tmp_path):
    place = Place(tmp_path / "out", frozenset({"a"}), "a", b"id")

    def second():
        with place.replaced() as part:
            (part / "a").write_text("id 2")

    thread = threading.Thread(target=second)
    with place.replaced() as part:
        thread.start()
        thread.join(0.1)
        assert thread.is_alive()
        (part / "a").write_text("id 1")
    thread.join(10)
    assert (tmp_path / "out" / "a").read_text() == "id 2"


def cut_short(out):
    path = out / "flags.csv"
    path.write_bytes(path.read_bytes()[:-5])


def take_away(out):
    (out / "signals.csv").unlink()


def garble(out):
    (out / "run.json").write_text("{")


def lose_run(out):
    (out / "run.json").unlink()


def come_from_later(out):
    run = json.loads((out / "run.json").read_text())
    (out / "run.json").write_text(json.dumps(run | {"format": 99}))


def test_a_folder_of_before_there_were_values_is_read_without_them(out):
    run = json.loads((out / "run.json").read_text())
    for name in ("values.csv", "practice.csv"):
        (out / name).unlink()
        del run["files"][name]
    (out / "run.json").write_text(json.dumps(run, indent=2) + "\n")
    found = read_result(out)
    assert found.table("values").empty
    assert str(page("E06000004", found.explained)).startswith("=Name")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (cut_short, "flags.csv is damaged or changed"),
        (take_away, "signals.csv is missing"),
        (garble, "damaged, or of another version"),
        (lose_run, r"its run\.json is missing"),
        (come_from_later, "later version"),
    ],
)
def test_a_damaged_folder_is_refused_with_what_is_wrong(out, harm, said):
    harm(out)
    with pytest.raises(DataRefusedError, match=said):
        read_result(out)


def test_all_that_is_wrong_with_a_folder_is_said_at_once(out):
    cut_short(out)
    take_away(out)
    with pytest.raises(DataRefusedError, match=r"flags\.csv .*signals\.csv"):
        read_result(out)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataRefusedError, match="no results folder"):
        read_result(tmp_path / "out")
