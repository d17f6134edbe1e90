"""Do the commands `store` and `score-store` do what they say, or say what is wrong?"""

import json

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from typer.testing import CliRunner

from earlywarning import EarlyWarning, read_catalogue, read_panel, read_register, write_sample
from earlywarning.cli import app
from earlywarning.output.cells import read_table
from earlywarning.store import open_store


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """Return the sample's files, its panel in two: what came out first, and what was revised."""
    folder = tmp_path_factory.mktemp("files")
    write_sample(folder / "all")
    rows = pd.read_csv(folder / "all" / "panel.csv", dtype=str)
    rows = rows.sort_values("published")
    late = rows.duplicated(["authority", "metric", "period"])
    assert late.any()
    rows[~late].to_csv(folder / "old.csv", index=False)
    rows[late].to_csv(folder / "new.csv", index=False)
    return folder


def run(status, *words):
    """Run the command, and return what it says once its status is seen to be this."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result.output


def test_files_that_were_stored_and_revised_are_scored_as_one_panel(sample, tmp_path):
    store, out = tmp_path / "store", tmp_path / "out"
    run(0, "store", sample / "old.csv", "--into", store)
    run(0, "store", sample / "new.csv", "--into", store, "--revise", "--compact")
    about = sample / "all"
    options = ["--catalogue", about / "catalogue.toml", "--authorities", about / "authorities.csv"]
    told = run(0, "score-store", store, *options, "--out", out, "--cores", 2)
    whole = EarlyWarning(
        catalogue=read_catalogue(about / "catalogue.toml"),
        register=read_register(about / "authorities.csv"),
    ).fit_score(read_panel(about / "panel.csv"))
    assert f"{len(whole.flags):,} flags" in told
    shown = ["authority", "metric", "reason"]
    written = read_table(out / "flags.csv")
    assert_frame_equal(written[shown], whole.flags[shown], check_dtype=False)
    scores = read_table(out / "authorities.csv")["score"]
    assert scores.to_list() == whole.authorities["score"].to_list()
    known = json.loads((out / "store_run.json").read_text())
    assert known["counts"]["series"] == whole.counts["series"]
    assert set(known["files"]) == {path.name for path in out.glob("*.csv")}


def test_flags_alone_come_without_scores(sample, tmp_path):
    run(0, "store", sample / "old.csv", "--into", tmp_path / "store")
    run(0, "score-store", tmp_path / "store", "--flags-only", "--out", tmp_path / "out")
    found = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert found == ["flags.csv", "issues.csv", "metrics.csv", "store_run.json"]


def test_all_files_go_in_or_none(sample, tmp_path):
    store = tmp_path / "store"
    (tmp_path / "bad.csv").write_text("no, table\n")
    run(3, "store", sample / "old.csv", tmp_path / "bad.csv", "--into", store)
    assert not list(store.glob("*.parquet"))
    run(3, "score-store", store)


def test_a_revision_is_only_taken_as_one(sample, tmp_path):
    store = tmp_path / "store"
    run(0, "store", sample / "old.csv", "--into", store)
    before = open_store(store).n_rows
    assert "contradict" in run(3, "store", sample / "new.csv", "--into", store)
    assert open_store(store).n_rows == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["store", "--into", "STORE"], "Name at least one"),
        (["store", "none.csv", "--into", "STORE"], "no file 'none.csv'"),
        (["store", "OLD", "--into", "FILES"], "holds other things"),
        (["store", "OLD", "--into", "STORE", "--column", "x"], "ROLE=NAME"),
        (["score-store", "STORE", "--out", "FILES"], "left untouched"),
        (["score-store", "STORE", "--catalogue", "none.toml"], "no file 'none.toml'"),
    ],
)
def test_what_is_typed_wrongly_is_said(words, says, sample, tmp_path):
    places = {"STORE": tmp_path / "store", "OLD": sample / "old.csv", "FILES": sample}
    assert says in run(2, *(places.get(word, word) for word in words))
    assert not (tmp_path / "store" / "store.json").exists()


@pytest.mark.parametrize("words", [["explain", "out", "E06000001"], ["site", "out"]])
def test_what_came_out_of_a_store_is_known_where_series_are_wanted(
    sample, tmp_path, monkeypatch, words
):
    monkeypatch.chdir(tmp_path)
    run(0, "store", sample / "old.csv", "--into", "store")
    run(0, "score-store", "store", "--flags-only", "--out", "out")
    assert "holds what score-store wrote" in run(2, *words)
