import json
import logging
import os
import re
import resource
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from earlywarning.batch.config_file import read_config
from earlywarning.batch.files import found_files, read_files
from earlywarning.batch.lock import LOCK, Holder, only_run
from earlywarning.cli import app
from earlywarning.errors import DataRefusedError, LockHeldError, UsageError
from earlywarning.output import SECTOR, read_result
from earlywarning.settings import Settings

CODES = [f"E060000{i:02d}" for i in range(1, 21)]
NAME = r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}"
OTHER = Holder(pid=4_000_000, host="elsewhere", started=datetime(2024, 3, 1, 6, tzinfo=UTC))
CONFIG = """
[inputs]
files = ["figures/*.csv"]
catalogue = ["mine.toml"]
[output]
keep = 3
[settings]
null_draws = 200
tail_draws = 400
rank_draws = 50
"""
CATALOGUE = '[[metric]]\nmetric = "debt"\nhigher_is = "worse"\ntheme = "Money"\n'


def figures(bad=3, by=25.0, metric="debt"):
    """Twenty authorities, eleven years; one of them has gone wrong."""
    rng = np.random.default_rng(11)
    rows = [
        (code, metric, f"{year}-{year - 1999:02d}", 50 + rng.normal())
        for code in CODES
        for year in range(2012, 2023)
    ]
    frame = pd.DataFrame(rows, columns=["authority", "metric", "period", "value"])
    frame.loc[frame["authority"].eq(CODES[bad]) & frame["period"].eq("2022-23"), "value"] += by
    return frame.round(3)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder with a configuration, a catalogue and one file of figures, to stand in."""
    return made(tmp_path, monkeypatch)


def made(folder, monkeypatch):
    (folder / "figures").mkdir(parents=True)
    figures().to_csv(folder / "figures" / "a.csv", index=False)
    (folder / "mine.toml").write_text(CATALOGUE)
    (folder / "earlywarning.toml").write_text(CONFIG)
    monkeypatch.chdir(folder)
    return folder


def run(*words):
    """Run the command inside this process; anything but an exit is raised."""
    result = CliRunner().invoke(app, ["run", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def done(*words):
    """Run the command, see that it succeeds, and return the folder that is the latest then."""
    result = run(*words)
    assert result.exit_code == 0, result.output
    return latest(Path("runs"))


def refused(status, *words):
    result = run(*words)
    assert result.exit_code == status, result.output
    told = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(told) == 1
    return result.stderr


def latest(runs):
    return runs / json.loads((runs / "latest.json").read_text())["latest"]


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def standing(runs=Path("runs")):
    """Return every run that stands, and see that nothing else does."""
    names = {path.name for path in runs.iterdir()} - {"latest", "latest.json", LOCK}
    assert all(re.fullmatch(NAME, name) for name in names)
    return names


def config(**changes):
    """Write the configuration anew, some of its lines changed."""
    text = CONFIG
    for key, value in changes.items():
        text = re.sub(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
    Path("earlywarning.toml").write_text(text)


# A run that goes through.


def test_a_run_stands_whole_under_its_day_and_is_the_latest(site):
    folder = done()
    written = read_result(folder)
    assert re.fullmatch(NAME, folder.name)
    assert folder.name.startswith(f"{written.run.as_of}")
    assert Path("runs/latest").readlink() == Path(folder.name)
    assert read_result("runs/latest").run == written.run
    assert (Path("runs") / LOCK).read_bytes() == b""
    assert standing() == {folder.name}


def test_run_json_has_the_hash_of_every_input_by_its_name_in_the_folder(site):
    (site / "visits.csv").write_text("authority,kind,start\n")
    (site / "earlywarning.toml").write_text(
        CONFIG.replace("catalogue =", "engagements = 'visits.csv'\ncatalogue =")
    )
    inputs = {(one.role, one.name): one for one in read_result(done()).run.inputs}
    assert [*inputs] == [
        ("panel", "figures/a.csv"), ("catalogue", "mine.toml"), ("engagements", "visits.csv"),
    ]  # fmt: skip
    assert all(len(one.sha256) == 64 for one in inputs.values())


def challenged(folder, reply):
    """Reply to the first flag of a run, in the log that the configuration names."""
    flag = read_result(folder).table("flags").iloc[0]
    (Path("earlywarning.toml")).write_text(
        CONFIG.replace("catalogue =", "challenges = 'said.csv'\ncatalogue =")
    )
    words = [folder, flag["authority"], flag["metric"], "--flag", flag["kind"]]
    asked = ["challenge", *map(str, words), "--reply", reply, "--log", "said.csv"]
    assert CliRunner().invoke(app, asked).exit_code == 0
    return flag["authority"]


def test_a_log_of_challenges_is_hashed_kept_in_the_run_and_shown_on_the_page(site):
    code = challenged(done(), "We know, and here is why.")
    folder = done()
    written = read_result(folder)
    assert ("challenges", "said.csv") in {(one.role, one.name) for one in written.run.inputs}
    assert "challenges.csv" in written.run.files
    told = CliRunner().invoke(app, ["explain", str(folder), code]).stdout
    assert "“We know, and here is why.”" in " ".join(told.split())
    assert CliRunner().invoke(app, ["site", str(folder), "--out", "pages"]).exit_code == 0
    assert "“We know, and here is why.”" in Path(f"pages/authority-{code.lower()}.html").read_text()
    assert run().stdout.startswith("Nothing new")


def test_a_log_that_is_damaged_is_an_issue_and_the_run_goes_on(site):
    challenged(done(), "We know.")
    with Path("said.csv").open("a") as log:
        log.write("torn,")
    folder = done()
    (row,) = issues(folder)[issues(folder)["code"].eq("file_refused")].itertuples()
    assert (row.file, "rows 3 have not as many cells" in row.message) == ("said.csv", True)
    assert not (folder / "challenges.csv").exists()


def test_the_same_run_again_has_nothing_new_and_says_so(site):
    folder = done()
    was = {path: path.stat().st_mtime_ns for path in Path("runs").rglob("*.csv")}
    result = run()
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Nothing new: runs/{folder.name} is the latest run")
    assert {path: path.stat().st_mtime_ns for path in Path("runs").rglob("*.csv")} == was


def test_the_newest_day_asked_for_by_name_is_the_run_that_stands(site):
    day = read_result(done()).run.as_of
    assert run("--as-of", day).stdout.startswith("Nothing new")


def test_the_same_inputs_give_the_same_bytes_and_name_in_another_folder(
    site, tmp_path, monkeypatch
):
    first = done()
    monkeypatch.setattr("earlywarning.batch.lock.Holder.__str__", lambda _: "then")
    made(tmp_path / "elsewhere" / "deeper", monkeypatch)
    second = done()
    assert first.name == second.name
    assert bytes_of(site / first) == bytes_of(second)


def test_the_clock_has_no_part_in_a_run(site, monkeypatch):
    first = bytes_of(done())
    standing_run = latest(Path("runs"))
    for path in Path("runs").iterdir():
        path.unlink() if path.is_file() or path.is_symlink() else None
    os.utime(standing_run, (0, 0))

    class LongAgo(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(1970, 1, 1, tzinfo=tz)

    command = get_command(app)  # made before the clock is another
    monkeypatch.setattr("typer.testing._get_command", lambda _: command)
    monkeypatch.setattr("datetime.datetime", LongAgo)
    again = done()
    assert again.name == standing_run.name
    assert bytes_of(again) == first


@pytest.mark.parametrize("backend", ["loky", "threading", "sequential"])
def test_every_backend_gives_the_same_bytes(site, tmp_path, monkeypatch, backend):
    figures(5, 30, "tax").to_csv("figures/b.csv", index=False)
    first = bytes_of(done())
    monkeypatch.setattr("earlywarning.signals.workers.BLOCK", 1)
    made(tmp_path / "again", monkeypatch)
    figures(5, 30, "tax").to_csv("figures/b.csv", index=False)
    n_jobs = 1 if backend == "sequential" else 2
    with joblib.parallel_config(backend=backend, n_jobs=n_jobs):
        assert bytes_of(done()) == first


def test_another_setting_gives_another_run(site):
    first = done()
    (site / "earlywarning.toml").write_text(CONFIG + "false_flag_share = 0.05\n")
    assert done().name != first.name
    assert len(standing()) == 2


def test_how_many_runs_are_kept_and_where_is_no_part_of_a_run(site):
    first = done()
    config(keep=2)
    assert done().name == first.name


def test_a_day_before_the_newest_is_judged_as_known_then(site):
    day = read_result(done()).run.as_of
    earlier = done("--as-of", f"{day.year - 1}-12-31")
    assert read_result(earlier).run.as_of.year == day.year - 1
    assert run().stdout.startswith("runs/")


def test_a_dry_run_says_what_would_be_and_writes_nothing(site):
    before = sorted(site.rglob("*"))
    result = run("--dry-run")
    assert "not written, as asked" in result.stdout
    assert "2 new" in result.stdout
    assert sorted(site.rglob("*")) == before
    name = re.search(NAME, result.stdout)[0]
    assert done().name == name
    assert run("--dry-run").stdout.startswith("Nothing new")


def test_a_dry_run_does_not_wait_for_another_run(site):
    done()
    with only_run(Path("runs"), OTHER):
        assert run("--dry-run").exit_code == 0


def test_the_log_has_a_line_a_step_with_its_time(site):
    lines = run().stderr.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO ", line) for line in lines)
    assert [line.split(" INFO ")[1].split()[0] for line in lines] == [
        "Run", "Read", "Judged", "Flags", "Wrote", "The",
    ]  # fmt: skip


def test_a_run_is_explained_from_the_link_to_the_latest(site):
    done()
    result = CliRunner().invoke(app, ["explain", "runs/latest", CODES[3]])
    assert result.exit_code == 0
    assert CODES[3] in result.stdout


# What changed.


def changes(folder):
    table = read_result(folder).table("changes")
    return {(row.authority, row.kind): (row.change, row.status) for row in table.itertuples()}


def test_without_an_earlier_run_every_flag_is_new(site):
    folder = done()
    told = changes(folder)
    assert len(told) == len(read_result(folder).table("flags")) > 0
    assert set(told.values()) == {("new", "ok")}


def test_the_first_run_speaks_of_no_run_before_and_the_next_one_does(site):
    assert "No earlier run: " in run("--dry-run").stdout
    assert "No earlier run: " in run().stdout
    figures(bad=7).to_csv("figures/a.csv", index=False)
    assert "Since the last run: " in run().stdout


def test_a_flag_that_is_gone_is_cleared_and_one_that_came_is_new(site):
    first = done()
    figures(bad=7).to_csv("figures/a.csv", index=False)
    second = done()
    told = changes(second)
    assert {code for (code, _), (word, _) in told.items() if word == "cleared"} == {CODES[3]}
    assert {code for (code, _), (word, _) in told.items() if word == "new"} == {CODES[7]}
    assert read_result(second).run.options["changes_since"] == first.name


def test_a_cleared_flag_says_when_its_series_did_not_come_in(site):
    done()
    frame = figures(bad=7)
    frame[frame["authority"].ne(CODES[3])].to_csv("figures/a.csv", index=False)
    gone = {told for (code, _), told in changes(done()).items() if code == CODES[3]}
    assert gone == {("cleared", "no longer in the inputs")}


def test_inputs_that_come_back_are_compared_with_the_run_between(site):
    first = done()
    was = bytes_of(first)
    figures(bad=7).to_csv("figures/a.csv", index=False)
    second = done()
    figures().to_csv("figures/a.csv", index=False)
    third = done()
    assert third.name == first.name
    assert read_result(third).run.options["changes_since"] == second.name
    same = set(was) - {"changes.csv", "run.json"}
    assert {name: bytes_of(third)[name] for name in same} == {name: was[name] for name in same}


def test_a_damaged_run_is_passed_over_and_the_one_before_compared_with(site):
    first = done()
    figures(bad=7).to_csv("figures/a.csv", index=False)
    second = done()
    (second / "flags.csv").write_text("half")
    figures(bad=8).to_csv("figures/a.csv", index=False)
    assert read_result(done()).run.options["changes_since"] == first.name


@pytest.mark.parametrize("name", ["flags.csv", "changes.csv"])
def test_a_latest_run_that_is_damaged_is_done_again(site, name):
    folder = done()
    was = bytes_of(folder)
    (folder / name).write_text("half")
    with pytest.raises(DataRefusedError, match=f"{name} is damaged"):
        read_result(folder)
    assert bytes_of(done()) == was


# Retention.


def test_the_newest_runs_are_kept_and_no_more(site):
    names = []
    for bad in range(5):
        figures(bad=bad).to_csv("figures/a.csv", index=False)
        names.append(done().name)
    assert standing() == set(names[-3:])


def test_a_run_that_is_asked_for_the_sector_holds_its_tables_though_nothing_else_is_new(site):
    assert "sector_movement.csv" not in read_result(done("earlywarning.toml")).run.files
    config(keep="3\nsector = true")
    found = read_result(done("earlywarning.toml"))
    assert {f"{name}.csv" for name in SECTOR} <= found.run.files.keys()
    assert len(found.table("metrics_review")) == 1


def test_a_run_that_is_asked_for_a_site_holds_its_pages_whole_and_the_same_each_time(site):
    config(keep="3\nsite = true")
    folder = done("earlywarning.toml")
    pages = {path.name: path.read_bytes() for path in (folder / "site").iterdir()}
    assert {"index.html", "style.css", "method.html"} <= pages.keys()
    assert f"authority-{CODES[0].lower()}.html" in pages
    assert read_result(folder).run.files
    shutil.rmtree(folder)
    again = done("earlywarning.toml")
    assert again.name == folder.name
    assert {path.name: path.read_bytes() for path in (again / "site").iterdir()} == pages


def test_the_pages_of_a_run_show_the_replies_that_it_keeps(site):
    code = challenged(done(), "We have a new <b>treasurer</b>.")
    text = Path("earlywarning.toml").read_text()
    Path("earlywarning.toml").write_text(text.replace("keep = 3", "keep = 3\nsite = true"))
    page = (done() / "site" / f"authority-{code.lower()}.html").read_text()
    assert "We have a new &lt;b&gt;treasurer&lt;/b&gt;." in page


def test_a_run_whose_pages_cannot_be_written_is_none(site, monkeypatch):
    config(keep="3\nsite = true")
    monkeypatch.setattr("earlywarning.output.pages.site.site_pages", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("earlywarning.toml")
    assert standing() == set()


def test_fewer_to_keep_takes_the_oldest_away_also_where_nothing_is_new(site):
    done()
    figures(bad=7).to_csv("figures/a.csv", index=False)
    last = done()
    config(keep=1)
    assert done().name == last.name
    assert standing() == {last.name}


def test_a_run_that_was_made_the_latest_by_hand_is_not_taken_away(site):
    first = done()
    figures(bad=7).to_csv("figures/a.csv", index=False)
    done()
    figures().to_csv("figures/a.csv", index=False)
    config(keep=1)
    pointer = Path("runs/latest.json")
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {"latest": first.name}))
    assert done() == first
    assert first.name in standing()


def test_a_run_is_compared_with_the_one_that_was_made_the_latest_by_hand(site):
    names = []
    for bad in (3, 7, 9):
        figures(bad=bad).to_csv("figures/a.csv", index=False)
        names.append(done().name)
    pointer = Path("runs/latest.json")
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {"latest": names[0]}))
    again = done()
    assert again.name == names[2]
    assert read_result(again).run.options["changes_since"] == names[0]


def test_what_is_not_a_run_is_never_taken_away(site):
    done()
    for name in ("notes.txt", "2024-01-01-mine"):
        (Path("runs") / name).write_text("mine")
    Path("runs/2024-01-01-0123456789ab.csv").write_text("mine")
    config(keep=1)
    figures(bad=7).to_csv("figures/a.csv", index=False)
    done()
    assert (Path("runs/notes.txt")).read_text() == "mine"
    assert len(list(Path("runs").glob("2024-01-01*"))) == 2


# One bad file or series.


def issues(folder):
    return read_result(folder).table("issues")


def test_a_file_that_cannot_be_read_is_an_issue_and_stops_no_other(site):
    first = read_result(done()).table("flags")
    (site / "figures" / "b.csv").write_bytes(b"\x00\x01garbage")
    (site / "figures" / "c.xlsx").write_bytes(b"PK not a workbook")
    config(files='["figures/*", "none/*.csv"]')
    result = run()
    assert result.exit_code == 0
    folder = latest(Path("runs"))
    table = issues(folder)
    assert table.loc[table["code"].eq("file_refused"), "file"].to_list() == ["b.csv", "c.xlsx"]
    assert table.loc[table["code"].eq("no_file"), "file"].to_list() == ["none/*.csv"]
    assert " WARNING b.csv" in result.stderr
    pd.testing.assert_frame_equal(read_result(folder).table("flags"), first)


def test_a_file_that_may_not_be_opened_is_an_issue_and_makes_another_run(site, monkeypatch):
    first = done()
    figures(metric="tax").to_csv("figures/b.csv", index=False)
    from earlywarning.batch import files

    opened = files.input_of

    def fail(role, path):
        if path.name == "b.csv":
            raise PermissionError(13, "Permission denied")
        return opened(role, path)

    monkeypatch.setattr(files, "input_of", fail)
    second = done()
    assert second.name != first.name
    table = issues(second)
    assert "Permission denied" in table.loc[table["code"].eq("file_refused"), "message"].iloc[0]


def test_without_one_file_that_can_be_read_the_data_are_refused_and_the_latest_stays(site):
    folder = done()
    was = bytes_of(folder)
    (site / "figures" / "a.csv").write_bytes(b"\x00")
    assert "a.csv" in refused(3)
    (site / "figures" / "a.csv").unlink()
    assert "No file matches" in refused(3)
    assert latest(Path("runs")) == folder
    assert bytes_of(folder) == was


def test_too_many_series_that_cannot_be_assessed_stop_the_run_and_the_latest_stays(site):
    folder = done()
    frame = figures()
    frame.loc[frame["authority"].isin(CODES[:4]) & frame["period"].ge("2014"), "value"] = None
    frame.dropna().to_csv("figures/a.csv", index=False)
    told = refused(3)
    assert "4 of 20 series cannot be assessed (20.0%; at most 10.0% may)" in told
    assert latest(Path("runs")) == folder
    assert standing() == {folder.name}
    (site / "earlywarning.toml").write_text(CONFIG + "max_unassessed = 0.2\n")
    assert done() != folder


def test_a_file_that_changes_while_it_is_read_is_refused(site, monkeypatch):
    from earlywarning.batch import run as module

    read = module.read_files

    def meanwhile(files):
        found = read(files)
        figures(bad=9).to_csv("figures/a.csv", index=False)
        return found

    monkeypatch.setattr(module, "read_files", meanwhile)
    assert "figures/a.csv: changed while it was read" in refused(3)
    assert standing() == set()


def test_a_file_that_comes_while_others_are_read_waits_for_the_next_run(site, monkeypatch):
    from earlywarning.batch import run as module

    read = module.read_files

    def meanwhile(files):
        found = read(files)
        figures(metric="tax").to_csv("figures/b.csv", index=False)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(module, "read_files", meanwhile)
        first = done()
    assert read_result(first).run.counts["metrics"] == 1
    assert read_result(done()).run.counts["metrics"] == 2


def test_a_broken_catalogue_stops_the_run(site):
    (site / "mine.toml").write_text("[[metric]]\nmetric = 'debt'\nhigher_is = 'wors'\n")
    assert "wors" in refused(3)


def with_lines(lines):
    """Put lines into the configuration's table of inputs."""
    path = Path("earlywarning.toml")
    path.write_text(path.read_text().replace("[inputs]", f"[inputs]\n{lines}"))


def test_engagements_that_cannot_be_read_stop_the_run_and_are_named(site):
    (site / "visits.csv").write_text("authority,kind\n")
    with_lines("engagements = 'visits.csv'")
    assert "visits.csv: No column 'start'" in refused(3)


def test_a_run_with_engagements_plans_who_talks_to_whom(site):
    (site / "visits.csv").write_text(
        f"authority,kind,start,end\n{CODES[3]},finance_review,2023-12-01,2023-12-08\n"
    )
    with_lines("engagements = 'visits.csv'")
    with Path("earlywarning.toml").open("a") as file:
        file.write("[triage]\ncapacity = {Audit = 1, Peers = 2}\nwindow = '3M'\n")
    plan = read_result(done()).table("triage")
    assert sorted(plan["authority"]) == CODES
    there = plan.set_index("authority").loc[CODES[3]]
    assert (there["route"], f"{there['end']:%Y-%m-%d}") == ("coordinate", "2023-12-08")


def learnt_model(metric="debt", **settings):
    """Save a model of the figures as they are, and judge by it from now on."""
    from earlywarning import EarlyWarning, as_panel, read_catalogue
    from earlywarning.registry import save_model

    catalogue = read_catalogue("mine.toml")
    model = EarlyWarning(catalogue=catalogue, settings=settings_of_the_run(**settings))
    save_model(model.fit(as_panel(figures(metric=metric), catalogue=catalogue)), "kept")
    text = Path("earlywarning.toml").read_text().partition("[settings]")[0]
    Path("earlywarning.toml").write_text(
        text.replace('catalogue = ["mine.toml"]', 'model = "kept"')
    )


def settings_of_the_run(**more):
    return Settings(null_draws=200, tail_draws=400, rank_draws=50, **more)


def test_a_run_judges_by_a_saved_model_and_says_what_drifted(site):
    before = read_result(done()).table("flags")
    learnt_model()
    same = read_result(done())
    assert same.table("drift")["status"].to_list() == ["as learnt"]
    pd.testing.assert_frame_equal(same.table("flags"), before)
    halved = figures().assign(value=lambda rows: rows["value"] / 2)
    halved.to_csv(site / "figures" / "a.csv", index=False)
    drifted = read_result(done())
    assert drifted.table("drift")["status"].to_list() == ["level moved"]
    told = drifted.table("issues").query("code == 'drift_level_moved'")
    assert told["metric"].to_list() == ["debt"]


@pytest.mark.parametrize("beside", ["", "no table"], ids=["alone", "beside a bad file"])
def test_the_figures_of_a_run_by_a_saved_model_are_dated_by_the_models_settings(site, beside):
    learnt_model(lag_days_annual=30)
    if beside:
        (site / "figures" / "b.csv").write_text(beside)
    inputs, _ = read_files(found_files(read_config(site / "earlywarning.toml"), site))
    assert f"{inputs.panel.latest_publication:%Y-%m-%d}" == "2023-04-30"


def test_a_model_altered_since_it_was_saved_stops_the_run(site):
    learnt_model()
    with (site / "kept" / "manifest.json").open("a") as file:
        file.write(" ")
    assert "manifest.json is damaged or altered" in refused(3)


def test_runs_and_files_named_for_another_use_are_not_read_as_figures(site):
    (site / "visits.csv").write_text("authority,kind,start\n")
    config(files='["**/*.csv"]')
    text = Path("earlywarning.toml").read_text()
    Path("earlywarning.toml").write_text(
        text.replace("catalogue =", "engagements = 'visits.csv'\ncatalogue =")
    )
    first = done()
    assert run().stdout.startswith("Nothing new")
    assert not issues(first)["code"].eq("file_refused").any()


# One run at a time.


def test_a_run_that_finds_the_lock_held_does_nothing_and_says_by_whom(site):
    done()
    before = {path: path.stat().st_mtime_ns for path in Path("runs").rglob("*")}
    with only_run(Path("runs"), OTHER):
        told = refused(4)
    assert "process 4000000 on elsewhere, started 2024-03-01 06:00:00 UTC" in told
    now = {path: path.stat().st_mtime_ns for path in Path("runs").rglob("*")}
    assert {p for p in now if now[p] != before[p]} == {Path("runs") / LOCK}


def test_the_lock_of_a_dead_run_is_taken_over_and_it_is_said_whose(site, caplog):
    Path("runs").mkdir()
    (Path("runs") / LOCK).write_text(OTHER.model_dump_json())
    with caplog.at_level(logging.WARNING):
        done()
    assert "process 4000000 on elsewhere" in caplog.text
    assert (Path("runs") / LOCK).read_bytes() == b""


@pytest.mark.parametrize("said", [b"{", b"\x00" * 9000, b'{"pid": "x"}'])
def test_a_lock_that_was_half_written_is_taken_over(site, said):
    Path("runs").mkdir()
    (Path("runs") / LOCK).write_bytes(said)
    assert done()


def test_the_lock_falls_with_a_run_that_fails(tmp_path):
    with pytest.raises(RuntimeError), only_run(tmp_path, OTHER):
        raise RuntimeError
    with only_run(tmp_path, OTHER) as before:
        assert before == ""


def test_two_locks_on_one_folder_are_not_given(tmp_path):
    with only_run(tmp_path, OTHER), pytest.raises(LockHeldError), only_run(tmp_path, OTHER):
        pass


# What a killed run leaves.


def test_what_killed_runs_left_is_cleaned_up_and_lost_runs_put_back(site):
    first = done()
    figures(bad=7).to_csv("figures/a.csv", index=False)
    second = done()
    runs = Path("runs")
    first.rename(first.with_name(f"{first.name}.old"))
    (runs / "2024-01-01-0123456789ab.part").mkdir()
    (runs / "2024-01-01-0123456789ab.part" / "flags.csv").write_text("half")
    (runs / "latest.json.part").write_text("{")
    (runs / "latest.part").symlink_to("nowhere")
    (runs / "latest").unlink()
    assert run().stdout.startswith("Nothing new")
    assert standing() == {first.name, second.name}
    assert read_result(first)
    assert (runs / "latest").readlink() == Path(second.name)


def test_a_pointer_that_was_lost_is_written_anew(site):
    folder = done()
    was = bytes_of(folder)
    (Path("runs") / "latest.json").write_bytes(b"")
    assert bytes_of(done()) == was


# Hostile and unlucky.


def test_a_pointer_that_leads_outside_is_not_followed(site, tmp_path):
    folder = done()
    pointer = Path("runs/latest.json")
    said = json.loads(pointer.read_text())
    pointer.write_text(json.dumps(said | {"latest": "../figures", "published": ["../figures"]}))
    Path("figures/a.csv").rename("figures/a")
    refused(3)
    Path("figures/a").rename("figures/a.csv")
    assert Path("runs/latest").readlink() == Path(folder.name)
    assert done() == folder
    assert sorted(Path("figures").iterdir()) == [Path("figures/a.csv")]


def test_an_output_folder_that_is_a_link_is_written_where_it_leads(site, tmp_path):
    (tmp_path / "disk").mkdir()
    Path("runs").symlink_to(tmp_path / "disk", target_is_directory=True)
    folder = done()
    assert Path("runs").is_symlink()
    assert read_result(tmp_path / "disk" / folder.name)


@pytest.mark.parametrize("name", [LOCK, "latest.json", "latest"])
def test_a_link_in_the_folder_of_runs_never_leads_to_another_file(site, tmp_path, name):
    mine = tmp_path / "mine"
    mine.write_text("mine")
    Path("runs").mkdir()
    (Path("runs") / name).symlink_to(mine)
    result = run()
    assert result.exit_code == (2 if name == LOCK else 0)
    assert mine.read_text() == "mine"


def test_a_run_that_is_a_link_is_left_untouched(site, tmp_path):
    folder = done()
    away = tmp_path / "away"
    folder.rename(away)
    folder.symlink_to(away, target_is_directory=True)
    was = bytes_of(away)
    assert "is a link" in refused(2)
    assert bytes_of(away) == was


def test_a_file_of_ones_own_in_a_run_is_not_deleted(site):
    folder = done()
    (folder / "notes.txt").write_text("mine")
    (folder / "flags.csv").write_text("damaged")
    assert "notes.txt" in refused(2)
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("folder", ['"figures/a.csv"', '"figures/a.csv/deeper"'])
def test_an_output_folder_that_is_a_file_is_refused(site, folder):
    config(keep=f"3\nfolder = {folder}")
    assert "cannot be written" in refused(2)


def test_a_metric_named_like_a_path_writes_no_file_of_that_name(site):
    figures(metric="../../../evil").to_csv("figures/a.csv", index=False)
    before = set(site.parent.rglob("*evil*"))
    done()
    assert set(site.parent.rglob("*evil*")) == before


def test_a_full_disk_leaves_the_last_run_and_no_half_of_the_next(site, monkeypatch):
    folder = done()
    was = bytes_of(folder)
    figures(bad=7).to_csv("figures/a.csv", index=False)

    def full(table, path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("earlywarning.output.results.write_table", full)
        assert "No space left on device" in refused(2)
    assert latest(Path("runs")) == folder
    assert bytes_of(folder) == was
    assert standing() == {folder.name}
    assert done() != folder


@pytest.mark.parametrize("failing", ["replace", "write_bytes", "symlink_to"])
def test_a_disk_that_fails_while_publishing_leaves_the_last_run(site, monkeypatch, failing):
    folder = done()
    figures(bad=7).to_csv("figures/a.csv", index=False)
    was = getattr(Path, failing)

    def fail(path, *words, **more):
        if "latest" in path.name:
            raise OSError(5, "Input/output error")
        return was(path, *words, **more)

    with monkeypatch.context() as broken:
        broken.setattr(Path, failing, fail)
        result = run()
    if failing == "symlink_to":  # the link is for people; a system may have none
        assert result.exit_code == 0
    else:
        assert result.exit_code == 2
        assert "Input/output error" in result.stderr
        assert latest(Path("runs")) == folder
    assert done() != folder
    assert len(standing()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on files there")
def test_a_disk_that_really_takes_no_more_ends_in_a_message(site):
    done_before = done()
    figures(bad=7).to_csv("figures/a.csv", index=False)

    def little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))

    code = "from earlywarning.cli import main; main()"
    result = subprocess.run([sys.executable, "-c", code, "run"], cwd=site, preexec_fn=little,
                            capture_output=True, text=True, check=False)  # fmt: skip
    assert result.returncode == 2
    assert "cannot be written: File too large" in result.stderr
    assert "Traceback" not in result.stderr
    assert latest(site / "runs") == site / done_before
    assert done() != done_before


def test_a_folder_that_may_only_be_read_is_refused(site, monkeypatch):
    opened = os.open

    def read_only(path, flags, *more, **words):
        if flags & os.O_CREAT and LOCK in str(path):
            raise OSError(30, "Read-only file system")
        return opened(path, flags, *more, **words)

    monkeypatch.setattr("os.open", read_only)
    assert "Read-only file system" in refused(2)


def test_a_file_system_without_locks_is_refused(site, monkeypatch):
    def none(number):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("earlywarning.batch.lock._try", none)
    assert "No locks available" in refused(2)


# The example.


def test_the_example_runs_as_it_is_on_the_sample(tmp_path, monkeypatch):
    from earlywarning.sample import write_sample

    monkeypatch.chdir(tmp_path)
    Path("data/sample").mkdir(parents=True)
    write_sample(Path("data/sample"))
    assert CliRunner().invoke(app, ["init"]).exit_code == 0
    folder = done()
    assert {one.role for one in read_result(folder).run.inputs} == {
        "panel", "catalogue", "authorities", "neighbours", "engagements",
    }  # fmt: skip
    assert not issues(folder)["code"].isin(["file_refused", "no_file"]).any()


def test_init_runs_on_the_files_beside_it_and_replaces_nothing(site):
    for path in (site / "figures").iterdir():
        path.rename(site / path.name)
    (site / "earlywarning.toml").unlink()
    (site / "catalogue.toml").write_text(CATALOGUE)
    result = CliRunner().invoke(app, ["init"])
    assert "reads *.csv" in result.stdout
    assert done()
    again = CliRunner().invoke(app, ["init"])
    assert again.exit_code == 2
    assert "is there already" in again.stderr


def test_init_into_a_folder_that_is_not_there_is_refused(tmp_path):
    result = CliRunner().invoke(app, ["init", str(tmp_path / "no" / "where.toml")])
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_an_unknown_configuration_is_wrong_usage(site):
    assert "earlywarning init" in refused(2, "none.toml")


def test_a_date_that_is_none_is_wrong_usage(site):
    assert run("--as-of", "yesterday").exit_code == 2


def test_a_folder_that_cannot_be_taken_is_no_bug():
    with pytest.raises(UsageError), only_run(Path("/proc/1/none"), OTHER):
        pass
