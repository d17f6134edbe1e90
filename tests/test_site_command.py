"""Does the command write a site whole, from a results folder alone, and nothing but that?"""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from earlywarning import EarlyWarning, as_panel
from earlywarning.cli import app
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.output import write_result, write_site
from earlywarning.settings import Settings


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A results folder of authorities without names, two of them alike but in case."""
    codes = ["Ash", "ash", "../etc", *(f"Place {i}" for i in range(5))]
    years = [f"{year}-{year - 1999:02d}" for year in range(2012, 2023)]
    rng = np.random.default_rng(5)
    index = pd.MultiIndex.from_product([codes, ["debt"], years])
    table = index.to_frame(index=False, name=["authority", "metric", "period"])
    table["value"] = 50 + rng.standard_normal(len(table)).round(2)
    settings = Settings(null_draws=200, tail_draws=400, rank_draws=50)
    result = EarlyWarning(settings=settings).fit_score(as_panel(table))
    return write_result(result, tmp_path_factory.mktemp("run") / "results")


def run(*words):
    return CliRunner().invoke(app, ["site", *map(str, words)])


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def made(results):
    return write_site(results, results.parent / "made")


@pytest.fixture
def written(made, tmp_path):
    """A site that a test may do something to."""
    return Path(shutil.copytree(made, tmp_path / "site"))


def test_the_command_writes_beside_the_results_and_says_what_to_open(results):
    done = run(results)
    beside = results.with_name("results-site")
    assert done.exit_code == 0, done.output
    assert f'Open "{beside / "index.html"}" in a browser' in done.output
    assert (beside / "authority-place-3.html").is_file()


def test_codes_alike_but_in_case_have_pages_of_their_own(made):
    names = [path.name for path in made.iterdir()]
    assert len({name.casefold() for name in names}) == len(names)
    assert sum(name.startswith("authority-ash") for name in names) == 2
    texts = [path.read_text("utf-8") for path in made.glob("authority-ash*")]
    assert sorted(re.search("<h1>(.*)</h1>", text)[1] for text in texts) == ["Ash", "ash"]


def test_run_twice_it_writes_the_same_bytes(results, written):
    before = bytes_of(written)
    write_site(results, written)
    assert bytes_of(written) == before


def test_stopped_half_way_it_leaves_the_site_before_as_it_was(results, written, monkeypatch):
    before = bytes_of(written)

    def stopped(told, ran):
        yield "index.html", "half"
        raise KeyboardInterrupt

    monkeypatch.setattr("earlywarning.report.site.site_pages", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_site(results, written)
    assert bytes_of(written) == before
    assert [path.name for path in written.parent.iterdir()] == ["site"]


def test_what_a_killed_run_left_is_cleaned_up_and_replaced(results, written):
    part = written.with_name("site.part")
    part.mkdir()
    (part / "index.html").write_text("half")
    before = bytes_of(written)
    written.rename(written.with_name("site.old"))
    write_site(results, written)
    assert bytes_of(written) == before
    assert [path.name for path in written.parent.iterdir()] == ["site"]


def test_nothing_that_is_not_a_site_is_replaced(results, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.html").write_text("mine")
    with pytest.raises(UsageError, match=r"letter\.html"):
        write_site(results, tmp_path / "mine")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.html").write_text("<!DOCTYPE html>\n<p>mine</p>")
    with pytest.raises(UsageError, match=r"no index\.html of ours"):
        write_site(results, tmp_path / "other")
    assert run(results, "--out", tmp_path / "mine").exit_code == 2


def test_a_damaged_results_folder_is_refused_and_nothing_written(results, tmp_path):
    with pytest.raises(DataRefusedError, match="no results folder"):
        write_site(tmp_path / "nowhere", tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_results_without_values_still_have_a_site(results, tmp_path, monkeypatch):
    monkeypatch.setattr("earlywarning.output.results.Written.table", without_values)
    out = write_site(results, tmp_path / "site")
    assert "not assessed" not in (out / "authority-place-3.html").read_text("utf-8")
    assert "<svg" in (out / "authority-place-3.html").read_text("utf-8")


def without_values(self, name):
    from earlywarning.output.cells import read_table
    from earlywarning.schema import VALUES, empty

    return empty(VALUES) if name == "values" else read_table(self.folder / f"{name}.csv")
