"""`earlywarning sector`: what is on the screen, what is in the folder, and what is refused."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from typer.testing import CliRunner

from earlywarning.cli import app
from earlywarning.output import SECTOR, read_result, write_result
from earlywarning.panel import as_panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.settings import Settings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "sector.md"
CODES = [f"E060000{i:02d}" for i in range(1, 25)]
EVIL = "=<b>[red]Debt[/red]</b>\x1b[31m\nTo drop, proposed (9)"
CATALOGUE = f"""
[[metric]]
metric = "debt"
title = {json.dumps(EVIL)}
unit = "percent_ratio"
higher_is = "worse"
[[metric]]
metric = "tax"
higher_is = "better"
"""


def figures():
    """Debt rises and spreads; tax is debt again; one owes its newest returns, one its tax."""
    rng = np.random.default_rng(2)
    debt = 50 + 4 * rng.normal(size=(24, 1)) + rng.normal(size=(24, 9))
    debt[:, -1] = 3 + debt[:, -2] + 1.5 * (debt[:, -2] - 50)
    tax = 90 - debt + 0.01 * rng.normal(size=(24, 9))
    tax[0] = np.nan
    labels = [f"{year}-{year - 1999}" for year in range(2013, 2022)]
    index = pd.MultiIndex.from_product([CODES, labels], names=["authority", "period"])
    parts = {"debt": debt, "tax": tax, "gone": rng.normal(size=(24, 9))}
    rows = pd.concat(
        [pd.DataFrame({"value": x.ravel()}, index).reset_index().assign(metric=name)
         for name, x in parts.items()]
    )  # fmt: skip
    rows = rows[~(rows["authority"].eq(CODES[3]) & rows["period"].eq("2021-22"))]
    return rows[~(rows["metric"].eq("gone") & rows["authority"].gt(CODES[9]))].dropna()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sector")
    figures().to_csv(folder / "figures.csv", index=False)
    (folder / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    quick = Settings(null_draws=200, tail_draws=400, rank_draws=50)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("earlywarning.pipeline.Settings", lambda: quick)
        done = run("score", folder / "figures.csv", "--catalogue", folder / "catalogue.toml",
                   "--out", folder / "results", "--sector")  # fmt: skip
    assert done.exit_code == 0, done.output
    return folder


def run(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def shown(home):
    return run("sector", home / "results").stdout


def part(text, heading):
    """Return what stands under a heading, on one line."""
    (after,) = text.split(f"\n{heading}")[1:]
    return " ".join(after.split("\n\n")[0].split())


def test_the_screen_says_what_moved_spread_can_go_and_is_owed(shown):
    assert "(2 of 3 metrics)" in part(shown, "Moved in the last period, everyone")
    assert "percentage points from 2020/21 to 2021/22" in part(shown, "Moved in the last period")
    assert "times as far apart as in 2020/21" in part(shown, "Spread wider than a period before")
    assert "gone: 38% of 24 authorities" in part(shown, "To drop, proposed (1)")
    assert f"Tax with {EVIL[:4]}" in part(shown, "To merge, proposed (1)")
    assert "E06000004): Lacks" in part(shown, "Returns late or missing (2 authorities")
    assert "not applied" in " ".join(shown.split())


def test_a_title_from_the_data_is_on_one_line_and_plain(shown):
    assert "\x1b" not in shown
    assert shown.count("\nTo drop, proposed") == 1
    assert "[red]Debt[/red]" in shown
    assert all(len(line) <= 100 for line in shown.splitlines())


def test_a_type_is_shown_alone_and_a_name_that_is_none_is_refused(home):
    assert "last period, unitary" in run("sector", home / "results", "--group", "unitary").stdout
    wrong = run("sector", home / "results", "--group", "unitry")
    assert wrong.exit_code == 2
    assert "did you mean 'unitary'" in wrong.stderr


def test_the_tables_in_the_folder_read_back_as_they_were(tmp_path):
    result = EarlyWarning(
        settings=Settings(null_draws=200, tail_draws=200, rank_draws=50)
    ).fit_score(as_panel(figures()))
    beside = {name: getattr(result, name) for name in SECTOR}
    found = read_result(write_result(result, tmp_path / "out", beside=beside))
    for name, table in beside.items():
        assert_frame_equal(found.table(name), table, check_dtype=False)


def test_a_folder_without_the_tables_is_refused_with_what_to_do(home, tmp_path):
    result = EarlyWarning().fit_score(as_panel(figures().query("metric == 'gone'")))
    refused = run("sector", write_result(result, tmp_path / "out"))
    assert refused.exit_code == 3
    assert "--sector" in refused.stderr
    assert run("sector", tmp_path / "none").exit_code == 2


def test_the_page_shows_what_the_command_prints(sample, tmp_path):
    beside = {name: getattr(sample.result, name) for name in SECTOR}
    printed = run("sector", write_result(sample.result, tmp_path / "out", beside=beside)).stdout
    fenced = re.findall(r"^```\w*\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (block,) = (text for text in fenced if text.startswith("Moved"))
    lines = [line for line in block.splitlines() if line != "…"]
    assert len(lines) > 5
    assert [line for line in lines if line not in printed.splitlines()] == []
