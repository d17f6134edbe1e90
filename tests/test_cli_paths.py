"""Does the command leave untouched what is not its own to replace?"""

import os

import pytest
from tests.test_cli import bytes_of, figures, refused, run

from earlywarning import EarlyWarning, as_panel
from earlywarning.output import write_result
from earlywarning.settings import Settings

QUICK = Settings(null_draws=200, tail_draws=400, rank_draws=50)
FORCED = ["catalogue", "en.csv", "--force", "--out"]


@pytest.fixture(scope="module")
def result():
    return EarlyWarning(settings=QUICK).fit_score(as_panel(figures()))


@pytest.fixture
def home(result, tmp_path, monkeypatch):
    """A folder to stand in, with results and files that are read."""
    write_result(result, tmp_path / "res")
    figures().to_csv(tmp_path / "en.csv", index=False)
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
