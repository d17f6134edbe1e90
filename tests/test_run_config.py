import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlywarning.batch.config import Config, schema_text
from earlywarning.batch.config_file import read_config
from earlywarning.batch.example import example
from earlywarning.errors import UsageError
from earlywarning.settings import Settings

SCHEMA = Path(__file__).resolve().parents[1] / "docs" / "run_schema.json"
LEAST = '[inputs]\nfiles = ["*.csv"]\n'


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a configuration, and gives its path."""

    def written(content):
        path = tmp_path / "earlywarning.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def refused(path):
    """Return what is said of a configuration that is refused."""
    with pytest.raises(UsageError) as caught:
        read_config(path)
    return str(caught.value)


def test_the_least_that_can_be_said_is_which_files(write):
    config = read_config(write(LEAST))
    assert config.inputs.files == ["*.csv"]
    assert (config.output.folder, config.output.keep) == ("runs", 12)
    assert config.settings == Settings()


def test_settings_are_those_of_the_library(write):
    config = read_config(write(LEAST + "[settings]\nmin_periods = 6\nmax_unassessed = 0.5\n"))
    assert config.settings == Settings(min_periods=6, max_unassessed=0.5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("[setings]\n", "line 3: setings: no such key (did you mean 'settings'?)."),
        ("fles = []\n", "line 3: inputs.fles: no such key (did you mean 'files'?)."),
        ("[output]\nkep = 3\n", "line 4: output.kep: no such key (did you mean 'keep'?)."),
        ("[settings]\nmin_perods = 6\n", "(did you mean 'min_periods'?)."),
        ("[output]\nkeep = 0\n", "line 4: output.keep: input should be greater than or equal to 1"),
        ("[output]\nkeep = '3'\n", "line 4: output.keep: input should be a valid integer"),
        ("[output]\nkeep = true\n", "line 4: output.keep: input should be a valid integer"),
        ("columns = { autority = 'LA' }\n", "no such role (did you mean 'authority'?)"),
        ("authorities = 'no.csv'\n", "line 3: inputs.authorities: there is no file 'no.csv'."),
        ("model = 'x'\n", "line 3: inputs.model: there is no folder 'x'."),
        (
            "catalogue = ['finance']\nmodel = '.'\n",
            "inputs: the model brings its own catalogue: leave one of both out.",
        ),
        (
            "model = '.'\n[settings]\nmin_periods = 7\n",
            "settings: the model brings its own settings: leave one of both out.",
        ),
        ("[triage]\ncapacity = 3\n", "triage: needs the file of engagements: name it in [inputs]."),
        ("engagements = '..'\n", "line 3: inputs.engagements: '..' is a folder"),
        ("catalogue = ['oflogg']\n", "nor a built-in catalogue (did you mean 'oflog'?)."),
        ("sheet = ''\n", "line 3: inputs.sheet: string should have at least 1 character"),
        ('sheet = "a\\u0000b"\n', "characters that cannot be printed"),
        ('authorities = "a\\u0000b"\n', "characters that cannot be printed"),
        ("[settings]\nmin_periods = nan\n", "line 4: settings.min_periods"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_the_nearest_word(write, wrong, said):
    assert said in refused(write(LEAST + wrong))


def test_all_that_is_wrong_is_said_at_once_in_the_files_order(write):
    lines = refused(
        write("[settings]\nmin_perods = 6\n[output]\nkeep = 0\n[inputs]\nauthorities = 'x'\n")
    ).splitlines()
    assert [line.split(":")[0] for line in lines[1:]] == ["line 2", "line 4", "line 5", "line 6"]
    assert lines[3] == "line 5: inputs.files: is missing. Write it."


def test_toml_that_is_none_is_refused_with_the_line(write):
    assert "line 3" in refused(write(LEAST + "files = 2022-\n"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        (b"\x00\xff\xfe\x89PNG" * 100, "is not UTF-8 text"),
        (b"\x00" * 100, "cannot be read as TOML"),
        (b"#" * 10_000_000, "more than 64 KB"),
        ("a = " + "[\n" * 30_000, "cannot be read as TOML"),
        ("a = " + "[" * 60_000, "line 1 has more than 2,000 letters"),
        (("a." * 990 + "b = 1\n") * 30, "cannot be read as TOML"),
        (LEAST + "[output]\nkeep." + "a." * 900 + "b = 1\n", "should be a valid integer"),
    ],
    ids=["empty", "blank", "binary", "nul", "10 MB", "nested", "long", "dotted", "deep"],
)
def test_what_is_no_configuration_is_refused_in_a_few_words(write, content, said):
    told = refused(write(content))
    assert said in told
    assert len(told) < 2000


def test_a_folder_a_pipe_and_nothing_are_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "is a folder" in refused(tmp_path)
    assert "no ordinary file" in refused(tmp_path / "pipe")
    assert "earlywarning init" in refused(tmp_path / "none.toml")


@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_no_bytes_make_reading_a_configuration_fail_otherwise(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "earlywarning.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError):
        read_config(path)


words = st.text("abc_.[]=\"'{}#\n 01", max_size=60)


@given(head=st.sampled_from(["[inputs]\n", "[output]\n", "[settings]\n", "[inputs.columns]\n"]),
       body=words)  # fmt: skip
def test_what_looks_like_a_configuration_is_read_or_refused(tmp_path_factory, head, body):
    path = tmp_path_factory.mktemp("fuzz") / "earlywarning.toml"
    path.write_text(head + body, encoding="utf-8", newline="\n")
    assert "put right" in (told := refused(path)) or "cannot be read as TOML" in told


def test_the_schema_of_the_documentation_is_the_configurations():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text()


def test_the_schema_knows_every_setting():
    tables = Config.model_json_schema()["$defs"]
    assert set(tables["Settings"]["properties"]) == set(Settings.model_fields)


def test_the_example_without_files_says_where_to_name_them(write, tmp_path):
    text, found = example(tmp_path)
    assert found == []
    assert read_config(write(text)).inputs.files == ["data/*.csv"]


def test_the_example_names_the_files_that_lie_in_a_folder_beside_it(write, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("a.csv", "b.xlsx", "neighbours.csv", "catalogue.csv"):
        (tmp_path / "data" / name).touch()
    text, found = example(tmp_path)
    config = read_config(write(text)).inputs
    assert config.files == found == ["data/*.csv", "data/*.xlsx"]
    assert (config.neighbours, config.catalogue) == ("data/neighbours.csv", ["data/catalogue.csv"])
    assert config.authorities is None


def test_what_the_example_shows_as_comments_can_be_said(write, tmp_path):
    (tmp_path / "panel.csv").touch()
    for role in ("authorities", "neighbours", "engagements", "challenges"):
        (tmp_path / f"{role}.csv").touch()
    (tmp_path / "catalogue.toml").touch()
    text, _ = example(tmp_path)
    shown = [
        line.removeprefix("# ") if " = " in line or line.startswith("# [") else line
        for line in text.splitlines()
        if not line.startswith("# model = ")  # it brings its own catalogue
    ]
    config = read_config(write("\n".join(shown)))
    assert config.triage.capacity == {"Improvement body": 6, "Audit": 4}
    assert config.inputs.columns == {"authority": "LA code", "value": "Figure"}
    assert config.settings == Settings()


def test_the_configuration_in_the_documentation_can_be_used(write):
    page = SCHEMA.with_name("cron.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert read_config(write(block)).output.keep == 24


def test_a_name_too_long_for_the_system_is_refused(tmp_path):
    path = tmp_path / "earlywarning.toml"
    path.write_text(f'[inputs]\nfiles = ["*.csv"]\ncatalogue = ["{"1" * 400}"]\n')
    with pytest.raises(UsageError, match="cannot be looked up"):
        read_config(path)
