"""Does the command leave untouched what is not its own to replace?"""

import os

import pytest
from tests.test_cli import bytes_of, figures, refused, run

from earlywarning import EarlyWarning, as_panel
from earlywarning.output import write_result
from earlywarning.settings import Settings

QUICK = Settings(null_draws=200, tail_draws=400, rank_draws=50)
TRIAGE = ["triage", "res", "--engagements", "calendar.csv", "--out"]
FORCED = ["catalogue", "en.csv", "--force", "--out"]


@pytest.fixture(scope="module")
def result():
    return EarlyWarning(settings=QUICK).fit_score(as_panel(figures()))


@pytest.fixture
def home(result, tmp_path, monkeypatch):
    """A folder to stand in, with results and files that are read."""
    write_result(result, tmp_path / "res")
    figures().to_csv(tmp_path / "en.csv", index=False)
    (tmp_path / "calendar.csv").write_text("authority,kind,start\nE06000001,review,2020-01-01\n")
    (tmp_path / "areas.csv").write_text("code,density\nE06000001,9\nE06000002,8\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["en.csv", "./res/../en.csv", "symbolic.csv", "hard.csv"])
def test_a_catalogue_is_never_drafted_over_what_is_read(home, name):
    (home / "symbolic.csv").symlink_to("en.csv")
    os.link(home / "en.csv", home / "hard.csv")
    before = (home / "en.csv").read_bytes()
    assert "is what is read. Name another" in refused(2, *FORCED, name)
    assert (home / "en.csv").read_bytes() == before
    assert (home / name).read_bytes() == before


@pytest.mark.parametrize("words", [FORCED, ["neighbours", "areas.csv", "--force", "--out"]])
@pytest.mark.parametrize("name", ["res/flags.csv", "res/new.csv", "res/site/new.csv"])
def test_nothing_is_written_into_a_results_folder(home, words, name):
    before = bytes_of(home / "res")
    assert "is in a results folder" in refused(2, *words, name)
    assert bytes_of(home / "res") == before


def test_a_draft_beside_results_is_written(home):
    assert run(*FORCED, "res.toml").exit_code == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("calendar.csv", "is what is read"),
        ("res/flags.csv", "is in a results folder"),
        ("res/triage.csv", "is in a results folder"),
        ("en.csv", "no plan of ours"),
        ("bytes.csv", "no plan of ours"),
        ("empty.csv", "no plan of ours"),
        ("plan.xlsx", "Name 'plan.csv'"),
        ("plan", "Name 'plan.csv'"),
        (".", "a folder. Name a file"),
    ],
)
def test_a_plan_replaces_nothing_but_a_plan(home, name, said):
    (home / "bytes.csv").write_bytes(bytes(range(256)))
    (home / "empty.csv").touch()
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert said in refused(2, *TRIAGE, name)
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_an_earlier_plan_is_replaced(home):
    assert run(*TRIAGE, "plan.csv").exit_code == 0
    plan = (home / "plan.csv").read_bytes()
    (home / "plan.csv").write_bytes(plan.splitlines(keepends=True)[0])
    assert run(*TRIAGE, "plan.csv").exit_code == 0
    assert (home / "plan.csv").read_bytes() == plan


@pytest.mark.parametrize("name", ["res/run.json", "res/new.xlsx", "res/new"])
def test_nothing_is_exported_into_a_results_folder(home, name):
    before = bytes_of(home / "res")
    assert "is in a results folder" in refused(2, "export", "res", name)
    assert bytes_of(home / "res") == before


@pytest.mark.parametrize(
    "words",
    [
        ["explain", "res", "E06000001", "--out", "no/x.md"],
        ["init", "no/x.toml"],
        ["validate", "en.csv", "--freeze", "no/x.lock"],
        [*TRIAGE, "no/x.csv"],
        [*FORCED, "no/x.toml"],
        ["neighbours", "areas.csv", "--within", "none", "--out", "no/x.csv"],
    ],
)
def test_a_folder_that_is_not_there_is_named(home, words):
    said = refused(2, *words)
    assert f"'{words[-1]}' cannot be written: there is no folder 'no'. Make it, or name" in said
    assert not (home / "no").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["triage", "res", "--engagements", "nope.csv"],
        ["explain", "res", "X", "--questions", "nope.csv"],
        ["explain", "res", "X", "--challenges", "nope.csv"],
        ["site", "res", "--challenges", "nope.csv"],
        ["reissue", "res", "res", "--challenges", "nope.csv"],
        ["neighbours", "nope.csv"],
    ],
)
def test_a_file_that_is_not_there_is_wrong_usage_in_the_same_words(home, words):
    assert refused(2, *words) == "Error: There is no file 'nope.csv'.\n"


READING = [
    ["explain", "FOLDER", "X"],
    ["site", "FOLDER"],
    ["export", "FOLDER", "new.json"],
    ["sector", "FOLDER"],
    ["reissue", "res", "FOLDER"],
    ["challenge", "FOLDER", "X", "debt", "--reply", "yes"],
    ["triage", "FOLDER", "--engagements", "calendar.csv"],
]


@pytest.mark.parametrize("words", READING)
def test_a_results_folder_that_is_not_there_or_is_a_file_is_wrong_usage(home, words):
    def with_folder(name):
        return [name if word == "FOLDER" else word for word in words]

    assert "There is no results folder 'nope'." in refused(2, *with_folder("nope"))
    said = refused(2, *with_folder("res/flags.csv"))
    assert "'res/flags.csv' is a file. Name the folder that score wrote, such as 'res'." in said


def test_all_that_is_not_there_is_said_at_once(home):
    said = refused(2, "explain", "no", "X", "--questions", "q.csv", "--challenges", "res")
    assert len(said.splitlines()) == 3


def test_results_that_wait_between_two_renamings_are_there(home):
    (home / "res").rename(home / "res.old")
    assert run("explain", "res", "E06000001").exit_code == 0


@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    "words",
    [
        ["triage", "res", "--engagements", "empty.csv"],
        ["neighbours", "empty.csv"],
        ["explain", "res", "X", "--questions", "empty.csv"],
    ],
)
def test_an_empty_file_is_called_empty(home, words, content):
    (home / "empty.csv").write_bytes(content)
    assert refused(3, *words) == "Error: 'empty.csv' is empty. Fill it in.\n"
