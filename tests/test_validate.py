"""The command `earlywarning validate`, its folder and its page."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from earlywarning import sample_tables
from earlywarning.cli import app
from earlywarning.sample import write_sample
from earlywarning.validation import store
from earlywarning.validation.written import FILES, PICTURES, TABLES

ALL = "any=" + ",".join(sorted(sample_tables().outcomes["outcome"].unique()))
DRAWN = PICTURES[:3]  # no chance can be learnt from so few outcomes, so none is drawn
METRICS = ["budget_overspend_pct", "care_assessment_late_pct", "roads_poor_pct"]


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    panel = pd.read_csv(folder / "panel.csv", dtype=str)
    panel[panel["metric"].isin(METRICS)].to_csv(folder / "panel.csv", index=False)
    return folder


def validate(sample, out, *more, outcomes="outcomes.csv"):
    names = {"catalogue": "catalogue.toml", "authorities": "authorities.csv"}
    options = [text for name, file in names.items() for text in (f"--{name}", sample / file)]
    told = ["--outcomes", sample / outcomes] if outcomes else []
    arguments = ["validate", sample / "panel.csv", *options, *told, "--out", out, *more]
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def done(sample, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "validation"
    result = validate(
        sample, out, "--outcome", ALL, "--engagements", sample / "engagements.csv",
        "--reviewed", "any=corporate_peer_challenge,inspection",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return out, result


def test_everything_is_written_and_nothing_else(done):
    out, _ = done
    there = {path.name for path in out.iterdir()}
    fixed = {name for name in FILES if "*" not in name}
    assert there == fixed | {f"{name}_1.svg" for name in DRAWN}
    assert not out.with_name("validation.days").exists()


def test_no_table_is_empty_but_those_that_may_be(done):
    out, _ = done
    sizes = {name: len(pd.read_csv(out / f"{name}.csv")) for name in TABLES}
    assert all(size for name, size in sizes.items() if name != "issues")


def test_the_page_says_what_the_screen_says_and_needs_nothing_from_outside(done):
    out, result = done
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Chosen with hindsight" in page
    assert "Chosen with hindsight" in result.output
    assert "http" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert page.count("<svg") == page.count("<desc>") == len(DRAWN)


def test_every_hash_is_that_of_its_file(done):
    from earlywarning.output.run import sha256

    out, _ = done
    run = json.loads((out / "validation.json").read_text())
    assert run["files"] == {
        path.name: sha256(path) for path in sorted(out.iterdir()) if path.suffix != ".json"
    }
    assert {one["role"] for one in run["inputs"]} >= {"panel", "outcomes", "engagements"}


def test_the_same_run_twice_gives_the_same_bytes(done, sample, tmp_path):
    out, _ = done
    again = validate(
        sample, tmp_path / "again", "--outcome", ALL, "--engagements", sample / "engagements.csv",
        "--reviewed", "any=corporate_peer_challenge,inspection", "--jobs", "2",
    )  # fmt: skip
    assert again.exit_code == 0
    for name in ("report.html", *(f"{table}.csv" for table in TABLES)):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes(), name


def test_a_killed_run_goes_on_and_leaves_the_folder_before(done, sample, monkeypatch, tmp_path):
    """What was looked at is kept beside the output; the next run uses it and clears it away."""
    out = tmp_path / "out"
    kept = []

    def stop(self, key, tables):
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(key)
        return write(self, key, tables)

    write = store.Store.write
    monkeypatch.setattr(store.Store, "write", stop)
    assert validate(sample, out, "--outcome", ALL).exit_code == 130
    assert not out.exists()
    days = out.with_name("out.days")
    assert sorted(path.name for path in days.iterdir()) == sorted(kept)
    monkeypatch.undo()
    assert validate(sample, out, "--outcome", ALL).exit_code == 0
    assert not days.exists()


def test_a_frozen_configuration_is_told_as_frozen_and_a_changed_one_is_not(sample, tmp_path):
    lock = tmp_path / "lock.json"
    frozen = validate(sample, tmp_path / "x", "--outcome", ALL, "--freeze", lock, outcomes=None)
    assert frozen.exit_code == 0, frozen.output
    assert not (tmp_path / "x").exists()
    same = validate(sample, tmp_path / "a", "--outcome", ALL, "--lock", lock)
    assert "Frozen. The configuration is the one that was frozen" in same.output
    other = validate(sample, tmp_path / "b", "--outcome", ALL, "--lock", lock, "--capacity", "9")
    assert "capacity 20 to 9" in " ".join(other.output.split())


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--known-until", "2024-02-30"], "'2024-02-30' is no day: write it as 2025-02-28."),
        (["--horizon", "soon"], "24M"),
        (["--jobs", "0"], "--jobs is 1 or more, or -1"),
        (["--jobs", "-2"], "--jobs is 1 or more, or -1"),
        (["--outcome", "grave"], "NAME=KIND,KIND"),
        (["--outcome", "grave=section_14"], "section_114"),
        (["--as-of-every", "week"], "'year', 'quarter' or 'month'"),
        (["--reviewed", "any=inspection"], "engagements"),
        (["--engagements", "nowhere.csv"], "There is no file 'nowhere.csv'"),
    ],
)
def test_wrong_usage_is_told_before_the_work(sample, tmp_path, more, told):
    result = validate(sample, tmp_path / "x", *more)
    assert result.exit_code == 2, result.output
    assert told in " ".join(result.output.split())
    assert not (tmp_path / "x").exists()


def test_without_outcomes_it_says_what_to_give(sample, tmp_path):
    result = validate(sample, tmp_path / "x", outcomes=None)
    assert result.exit_code == 2
    assert "--outcomes FILE" in result.output


def test_outcomes_that_are_none_are_refused(sample, tmp_path):
    (sample / "wrong.csv").write_text("authority,outcome,date\nZZC001,notice,some day\n")
    result = validate(sample, tmp_path / "x", outcomes="wrong.csv")
    assert result.exit_code == 3
    assert "some day" in result.output


def test_ones_own_system_of_points_is_a_baseline(sample, tmp_path):
    system = tmp_path / "own.toml"
    system.write_text(
        'name = "own"\n[[indicator]]\nname = "overspend"\nnumerator = ["budget_overspend_pct"]\n'
        'over = "newest"\nworse = "high"\ncuts = [0.0, 2.0]\npoints = [0.0, 5.0, 10.0]\n'
    )
    result = validate(sample, tmp_path / "x", "--outcome", ALL, "--points", system)
    assert result.exit_code == 0, result.output
    rows = pd.read_csv(tmp_path / "x" / "measures.csv").set_index("scorer")
    assert 0 < rows.loc["points: own", "covered"] <= 1


def test_a_record_without_an_outcome_is_refused(sample, tmp_path):
    (sample / "none.csv").write_text("authority,outcome,date\n")
    result = validate(sample, tmp_path / "x", outcomes="none.csv")
    assert result.exit_code == 3
    assert "no outcome on record" in result.output


def test_metrics_of_which_nobody_said_what_is_worse_are_refused(sample, tmp_path):
    files = [sample / "panel.csv", "--outcomes", sample / "outcomes.csv", "--out", tmp_path / "x"]
    result = CliRunner().invoke(app, ["validate", *map(str, files)])
    assert result.exit_code == 3
    assert "which way is worse" in result.output


@pytest.mark.parametrize(
    "more", [["--horizon", "100Y"], ["--known-until", "2000-01-01"], ["--capacity", "5000"]]
)
def test_what_cannot_be_judged_is_told_and_not_a_crash(sample, tmp_path, more):
    few = pd.read_csv(sample / "outcomes.csv").head(2)
    few.to_csv(sample / "few.csv", index=False)
    assert validate(sample, tmp_path / "x", *more, outcomes="few.csv").exit_code == 0


def test_one_authority_alone_is_looked_back_on(sample, tmp_path):
    panel = pd.read_csv(sample / "panel.csv", dtype=str)
    folder = tmp_path / "one"
    folder.mkdir()
    panel[panel["authority"].eq("ZZU001")].to_csv(folder / "panel.csv", index=False)
    for name in ("catalogue.toml", "authorities.csv", "outcomes.csv"):
        (folder / name).write_bytes((sample / name).read_bytes())
    assert validate(folder, tmp_path / "x").exit_code == 0


def test_names_from_the_data_are_shown_as_text(sample, tmp_path):
    """A kind of outcome and an authority's name may hold anything."""
    rows = pd.read_csv(sample / "outcomes.csv").assign(outcome='<script>alert("x")</script>')
    rows.to_csv(sample / "odd.csv", index=False)
    register = pd.read_csv(sample / "authorities.csv")
    register["name"] = "=cmd() <b>\u202e" + register["name"]
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in ("panel.csv", "catalogue.toml"):
        (folder / name).write_bytes((sample / name).read_bytes())
    register.to_csv(folder / "authorities.csv", index=False)
    rows.to_csv(folder / "odd.csv", index=False)
    assert validate(folder, tmp_path / "x", outcomes="odd.csv").exit_code == 0
    page = (tmp_path / "x" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>" not in page
    assert "\u202e" not in page
    assert "'=cmd()" in (tmp_path / "x" / "timeline.csv").read_text(encoding="utf-8")
