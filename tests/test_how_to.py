"""Do the commands that the pages tell a reader to type work, as they stand there?"""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from tests.how_to_files import write_files
from typer.testing import CliRunner

from earlywarning.cli import app
from earlywarning.settings import Settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
RUN = ("bash", "text")
OVERVIEW = "earlywarning demo    "  # the list of all commands, in none of these languages
ONLY = {"cron": {"figures.csv", "catalogue.toml"}}  # where a command takes whatever is there
MADE = {"catalogue": {"catalogue.toml"}, "neighbours": {"neighbours.csv"}}  # by the page itself


def blocks(page):
    """Return (language, text) of each fenced block of a page."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def commands(page):
    """Return the commands of a page, as the words that are typed."""
    text = "".join(t for lang, t in blocks(page) if lang in RUN and t.startswith("earlywarning "))
    lines = text.replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines]


PAGES = [page for page in sorted(DOCS.glob("*.md")) if commands(page)]
SLOW = ("store", "validation")  # other processes; every year learnt anew
BY_COST = [pytest.param(page, marks=[pytest.mark.slow] * (page.stem in SLOW)) for page in PAGES]
PYTHON = [page for page in PAGES if page.stem == "start" or page.stem.startswith("read_")]


@pytest.fixture(scope="module")
def quick():
    """Draw chance less often than usual."""
    with pytest.MonkeyPatch.context() as patch:
        few = Settings(null_draws=200, tail_draws=400, rank_draws=50)
        patch.setattr("earlywarning.pipeline.Settings", lambda: few)
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory, quick):
    """A folder with every file that the pages name, and the results of a run."""
    folder = tmp_path_factory.mktemp("how_to") / "files"
    folder.mkdir()
    write_files(folder)
    sample = folder / "data" / "sample"
    run(["score", sample / "panel.csv", "--catalogue", sample / "catalogue.toml", "--authorities",
         sample / "authorities.csv", "--out", folder / "results", "--sector"])  # fmt: skip
    return folder


@pytest.fixture
def home(files, tmp_path, monkeypatch, request):
    """A copy of that folder, to stand in: what one page writes, no other sees."""
    here = tmp_path / "here"
    page = request.node.callspec.params["page"].stem
    kept = ONLY.get(page, {path.name for path in files.iterdir()}) - MADE.get(page, set())
    shutil.copytree(
        files, here, ignore=lambda at, names: set(names) - kept if at == str(files) else ()
    )
    monkeypatch.chdir(here)


def run(words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, f"{shlex.join(map(str, words))}: {result.output}"


@pytest.mark.parametrize("page", BY_COST, ids=lambda page: page.stem)
@pytest.mark.usefixtures("home")
def test_the_commands_of_a_page_work_one_after_the_other(page):
    for words in commands(page):
        run(words)


@pytest.mark.parametrize("page", PYTHON, ids=lambda page: page.stem)
@pytest.mark.usefixtures("home")
def test_the_python_of_a_page_works_on_the_files_it_names(page):
    if page.stem == "start":
        run(["catalogue", "figures.csv", "--out", "mine.toml"])
    for text in (text for lang, text in blocks(page) if lang == "python"):
        exec("from earlywarning import read_panel\n" + text, {})  # the project's own text


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_no_command_of_a_page_stands_where_it_is_not_run(page):
    unrun = [
        text for lang, text in blocks(page) if lang not in RUN and "earlywarning " in text[:13]
    ]
    assert [text for text in unrun if not text.startswith(OVERVIEW)] == []


def test_every_page_of_the_how_to_that_reads_a_file_has_a_command():
    readers = {page.stem for page in DOCS.glob("read_*.md")}
    assert readers <= {page.stem for page in PAGES}
