"""Do the pages say what the code does?"""

import doctest
import re
from pathlib import Path

import pytest
from typer.main import get_command

import earlywarning
from earlywarning import Settings
from earlywarning.cli import app
from earlywarning.output.results import SINCE, TABLES

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
QUOTED = re.compile(r"`(\w+)` \(([\d.]+)\)")


def blocks(page, language):
    """Return the fenced blocks of one language."""
    fenced = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return fenced.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "pycon")], ids=lambda p: p.name)
def test_the_examples_of_a_page_give_what_it_shows(page):
    source = "\n".join(blocks(page, "pycon"))
    examples = doctest.DocTestParser().get_doctest(source, {}, page.name, str(page), 0)
    told = []
    doctest.DocTestRunner().run(examples, out=told.append)
    assert not told, "".join(told)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_a_setting_that_a_page_quotes_is_the_default(page):
    defaults = Settings().model_dump()
    quoted = QUOTED.findall(page.read_text(encoding="utf-8"))
    said = {name: float(value) for name, value in quoted if name in defaults}
    assert said == {name: float(defaults[name]) for name in said}


def test_some_pages_quote_settings():
    assert sum(len(QUOTED.findall(page.read_text(encoding="utf-8"))) for page in PAGES) > 10


def test_the_page_of_public_names_has_them_all_and_no_other():
    listed = re.findall(r"^   (\w+)$", (ROOT / "docs" / "api.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(earlywarning.__all__)


def test_the_page_of_the_command_has_every_command_and_every_table():
    page = ROOT / "docs" / "command.md"
    listed = re.findall(r"^earlywarning ([\w-]+) ", blocks(page, "")[0], re.MULTILINE)
    assert sorted(listed) == sorted(get_command(app).commands)
    folder = page.read_text(encoding="utf-8").partition("## The results folder")[2]
    assert set(re.findall(r"`(\w+)\.csv`", folder)) >= {*TABLES, *SINCE}


@pytest.mark.slow
def test_the_notebook_example_of_the_readme_runs(monkeypatch):
    example, _on_ones_own_file = blocks(ROOT / "README.md", "python")
    monkeypatch.chdir(ROOT)
    found = {}
    exec(example, found)  # the project's own text
    assert found["result"].counts["flags"] > 0
