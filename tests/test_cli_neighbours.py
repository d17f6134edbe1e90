import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from typer.testing import CliRunner

from earlywarning import find_neighbours, read_neighbours
from earlywarning.cli import app
from earlywarning.output.cells import read_table

AREAS = """code,name,population,density
E06000001,Ash,90000,900
E06000002,Oak,140000,2600
E06000003,Elm,137000,560
E06000004,"=1+1",197000,960
"""


@pytest.fixture
def areas(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "areas.csv"
    path.write_text(AREAS)
    return path


def run(*words, status=0):
    result = CliRunner().invoke(app, ["neighbours", *map(str, words)])
    assert result.exit_code == status, result.output
    return result.output if status == 0 else result.stderr


def test_the_command_writes_what_score_takes(areas, tmp_path):
    out, pairs = tmp_path / "n.csv", tmp_path / "p.csv"
    weight = ["--weight", "population=2", "--weight", "density=0.5"]
    said = run(areas, "--out", out, "--pairs", pairs, "--k", 2, *weight)
    assert "4 authorities, 8 pairs" in " ".join(said.split())
    found = find_neighbours(areas, k=2, weights={"population": 2, "density": 0.5})
    assert_frame_equal(read_neighbours(out), found.neighbours)
    assert read_table(pairs)["reason"].to_list() == found.pairs["reason"].to_list()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["areas.csv", "n.csv", "p.csv"]


def test_who_has_no_neighbours_is_told(areas):
    said = run(areas, "--k", 9, "--log", "none", "--within", "none", "--characteristics", "density")
    assert "Fewer than asked, 4 authorities: E06000001, E06000002" in " ".join(said.split())


def test_codes_that_look_like_formulas_come_back_as_they_were(areas, tmp_path):
    areas.write_text(AREAS.replace("E06000001", "=1").replace("E06000002", "@2"))
    run(areas, "--within", "none")
    assert "\n=1" not in (tmp_path / "neighbours.csv").read_text()
    assert set(read_neighbours("neighbours.csv")["authority"]) >= {"=1", "@2"}


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["nowhere.csv"], 2, "no file 'nowhere.csv'"),
        (["areas.csv", "--out", "areas.csv", "--force"], 2, "is what is read"),
        (["areas.csv", "--out", "."], 2, "is there already"),
        (["areas.csv", "--out", "n.csv", "--pairs", "n.csv"], 2, "the same file"),
        (["areas.csv", "--out", "no/n.csv"], 2, "cannot be written"),
        (["areas.csv", "--weight", "population"], 2, "not written as NAME=NUMBER"),
        (["areas.csv", "--weight", "=2"], 2, "not written as NAME=NUMBER"),
        (["areas.csv", "--characteristics", "popolation"], 2, "did you mean 'population'"),
        (["twice.csv"], 3, "twice.csv: Authorities listed twice"),
    ],
)
def test_a_wrong_call_is_refused_in_a_line(areas, words, status, said):
    pd.concat([pd.read_csv(areas)] * 2).to_csv("twice.csv", index=False)
    assert said in run(*words, status=status)
    assert not list(areas.parent.glob("*.part"))


def test_a_file_that_is_there_is_kept_unless_forced(areas, tmp_path):
    (tmp_path / "neighbours.csv").write_text("mine")
    assert "--force" in run(areas, status=2)
    run(areas, "--force")
    assert len(read_neighbours("neighbours.csv")) == 12
