import os
import re
import subprocess
import sys
import zipfile
from itertools import islice

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from earlywarning import __version__
from earlywarning.catalogue import read_catalogue
from earlywarning.cli import app
from earlywarning.cli.check import severity
from earlywarning.cli.inputs import columns_of, one_catalogue
from earlywarning.errors import UsageError
from earlywarning.report import site
from earlywarning.schema import SIGNAL_NAMES
from earlywarning.settings import Settings

CODES = [f"E060000{i:02d}" for i in range(1, 21)]
EVIL = "=<b>[red]Evil[/red]</b>\x1b[31m"
CATALOGUE = """
[[metric]]
metric = "debt"
higher_is = "worse"
theme = "Money"
"""


def run(*words):
    """Run the command inside this process; anything but an exit is raised."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def refused(status, *words):
    """Run the command, and return what it says on stderr, once it is seen to be short."""
    result = run(*words)
    assert result.exit_code == status, result.output
    assert 1 <= len(result.stderr.strip().splitlines()) <= 5
    assert "Traceback" not in result.stderr
    return result.stderr


def command(*words, **more):
    """Run the command as a process of its own."""
    words = [sys.executable, "-c", "from earlywarning.cli import main; main()", *map(str, words)]
    return subprocess.run(words, capture_output=True, text=True, check=False, **more)


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def figures():
    """Twenty authorities, eleven years; the fourth has gone wrong."""
    rng = np.random.default_rng(11)
    rows = [
        (code, f"Place {code[-2:]}", "debt", f"{year}-{year - 1999:02d}", 50 + rng.normal())
        for code in CODES
        for year in range(2012, 2023)
    ]
    frame = pd.DataFrame(rows, columns=["authority", "name", "metric", "period", "value"])
    frame.loc[frame["authority"].eq(CODES[3]) & frame["period"].eq("2022-23"), "value"] += 25
    return frame.round(3)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty folder, to stand in; chance is drawn less often than usual, to be quick."""
    quick = Settings(null_draws=200, tail_draws=400, rank_draws=50)
    monkeypatch.setattr("earlywarning.pipeline.Settings", lambda: quick)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def good(home):
    figures().to_csv(home / "good.csv", index=False)
    (home / "mine.toml").write_text(CATALOGUE)
    return home / "good.csv"


# What is asked of the command as such.


def test_help_names_the_commands():
    done = command("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("demo", "check", "catalogue", "score", "explain"))


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from earlywarning.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('numpy', 'pandas', 'pydantic', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_version_is_that_of_the_package():
    assert run("--version").stdout == f"earlywarning {__version__}\n"


@pytest.mark.parametrize("name", ["demo", "check", "catalogue", "score", "explain"])
def test_every_command_has_help_with_an_example_or_a_promise(name):
    assert len(run(name, "--help").stdout) > 200


def test_an_unknown_command_is_wrong_usage():
    assert "No such command 'scor'" in refused(2, "scor")


# score


def test_score_writes_the_folder_and_says_what_it_found(good):
    result = run("score", good, "--catalogue", "mine.toml", "--out", "out")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "As known on 2023-11-26" in result.stdout
    assert "20 authorities, 1 metrics, 20 series." in result.stdout
    assert "Assessed for change: 20 of 20; for position: 20 of 20." in result.stdout
    assert re.search(r"Flags: \d+ \(\d+ priority, \d+ concern, \d+ watch\); expect up to 1 to be "
                     "false", result.stdout)  # fmt: skip
    assert f"Place 04 ({CODES[3]})" in result.stdout
    assert "lag_assumed" in result.stdout
    assert f'earlywarning explain "out" "{CODES[3]}"' in result.stdout
    signals = pd.read_csv("out/signals.csv")
    assert signals.groupby("signal")["authority"].apply(sorted).to_dict() == dict.fromkeys(
        SIGNAL_NAMES, CODES
    )


def test_the_same_files_give_the_same_bytes_in_another_folder_and_process(good, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "good.csv").write_bytes(good.read_bytes())
    first = command("score", "good.csv", "--out", "out", cwd=tmp_path)
    second = command("score", elsewhere / "good.csv", "--out", "again", cwd=elsewhere)
    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    assert bytes_of(elsewhere / "again") == bytes_of(tmp_path / "out")


def test_as_of_leaves_out_what_was_published_later(good):
    assert run("score", good, "--as-of", "2022-06-30", "--out", "then").exit_code == 0
    frame = figures()
    frame[frame["period"] < "2021"].to_csv("earlier.csv", index=False)
    run("score", "earlier.csv", "--as-of", "2022-06-30", "--out", "before")
    for name in ("signals.csv", "flags.csv", "authorities.csv"):
        assert bytes_of(good.parent / "then")[name] == bytes_of(good.parent / "before")[name]


def test_several_files_are_one_panel(good):
    frame = figures()
    frame.iloc[:100].to_csv("first.csv", index=False)
    frame.iloc[100:].to_csv("second.csv", index=False)
    run("score", good, "--out", "one")
    run("score", "first.csv", "second.csv", "--out", "two")
    assert (good.parent / "one/signals.csv").read_bytes() == (
        good.parent / "two/signals.csv"
    ).read_bytes()


def test_a_register_carries_history_and_settles_strange_codes(good):
    frame = figures()
    frame["authority"] = frame["authority"].str.replace("E06", "Z")
    frame[["authority", "name"]].drop_duplicates().assign(type="unitary").to_csv(
        "register.csv", index=False
    )
    frame.to_csv("strange.csv", index=False)
    assert "unknown_authority" in run("score", "strange.csv").stdout
    assert (
        "unknown_authority"
        not in run("score", "strange.csv", "--authorities", "register.csv").stdout
    )
    types = pd.read_csv("earlywarning-out/authorities.csv")["type"]
    assert set(types) == {"unitary"}


def test_one_set_of_neighbours_is_taken(good):
    pairs = [(name, a, b) for name in ("near", "far") for a in CODES for b in CODES[:10] if a != b]
    pd.DataFrame(pairs, columns=["set", "authority", "neighbour"]).to_csv("n.csv", index=False)
    assert "2 sets: far, near" in refused(3, "score", good, "--neighbours", "n.csv")
    run("score", good, "--neighbours", "n.csv", "--neighbour-set", "near")
    signals = pd.read_csv("earlywarning-out/signals.csv")
    assert signals.loc[signals["signal"].eq("position"), "n_peers"].max() == 10


def test_columns_may_be_named(good):
    figures().rename(columns={"value": "Wert", "authority": "wer"}).to_csv("de.csv", index=False)
    words = ["score", "de.csv", "--column", "authority=wer", "--column", "value=Wert"]
    assert run(*words).exit_code == 0


def test_a_metric_in_no_catalogue_is_named_with_what_to_do(good):
    out = " ".join(run("score", good).stdout.split())
    assert "nobody has said which way is worse: 1 (" in out
    assert "debt" in out
    assert "earlywarning catalogue FILE" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nope.csv", "--catalogue", "financ"], "nope.csv.*did you mean 'finance'"),
        (["."], "is a folder"),
        *[
            (["good.csv", "--as-of", day], f"--as-of.*'{day}' is no day: write it as 2025-02-28")
            for day in ("2024-13-01", "2025-02-31", "31/02/2025", "20240331", "")
        ],
        (["good.csv", "--column", "valu=x"], "did you mean 'value'"),
        (["good.csv", "--column", "value"], "ROLE=NAME"),
        (["good.csv", "--neighbour-set", "near"], "needs --neighbours"),
        (["good.csv", "--out", "good.csv"], "no folder"),
        (["good.csv", "--out", "good.csv/deeper"], "cannot be written"),
        (["good.csv", "--out", "."], "the folder you are in"),
        (["good.csv", "--metric", "deb\udcff"], r"Not in UTF-8: 'deb\\udcff'"),
        (["deb\udcff.csv"], "Not in UTF-8"),
        ([], "FILE"),
    ],
)
def test_wrong_usage_is_status_2_and_a_few_lines(good, words, said):
    assert re.search(said, refused(2, "score", *words), flags=re.DOTALL)
    assert {path.name for path in good.parent.iterdir()} == {"good.csv", "mine.toml"}


def test_all_that_is_typed_wrongly_is_said_at_once(good):
    assert len(refused(2, "score", "no.csv", ".", "--catalogue", "none").splitlines()) == 3


def changed(**columns):
    return figures().assign(**columns)


def write_empty(path):
    path.write_bytes(b"")


def write_header(path):
    figures().head(0).to_csv(path, index=False)


def write_without_value(path):
    figures().drop(columns="value").to_csv(path, index=False)


def write_binary(path):
    path.write_bytes(bytes(range(256)) * 20)


def write_all_text(path):
    changed(value="twelve").to_csv(path, index=False)


@pytest.mark.parametrize("name", ["score", "check"])
@pytest.mark.parametrize(
    ("write", "said"),
    [
        (write_empty, "0 bytes"),
        (write_header, "no rows"),
        (write_without_value, "No column for value"),
        (write_binary, "not text"),
        (write_all_text, "not one value"),
    ],
)
def test_data_that_cannot_be_used_are_status_3_and_a_few_lines(home, name, write, said):
    write(home / "bad.csv")
    assert re.search(said, refused(3, name, "bad.csv"))
    assert [path.name for path in home.iterdir()] == ["bad.csv"]


def test_nothing_published_by_the_day_is_refused(good):
    assert "2013-11-26" in refused(3, "score", good, "--as-of", "2001-01-01")


@pytest.mark.parametrize("option", ["--authorities", "--neighbours", "--catalogue"])
def test_a_side_table_that_is_no_table_is_refused(good, option):
    write_binary(good.parent / "bad.csv")
    assert "bad.csv" in refused(3, "score", good, option, "bad.csv")


def text_in_a_value(path):
    frame = figures().astype({"value": str})
    frame.loc[5, "value"] = "twelve"
    frame.to_csv(path, index=False)


def rows_that_disagree(path):
    frame = figures()
    pd.concat([frame, frame.head(2).assign(value=1.0)]).to_csv(path, index=False)


def two_frequencies(path):
    frame = figures()
    frame.loc[:3, "period"] = "2012-13 Q1"
    pd.concat([frame, changed(metric="other")]).to_csv(path, index=False)


def unknown_code(path):
    frame = figures()
    frame.loc[frame["authority"] == CODES[2], "authority"] = "QQQ"
    frame.to_csv(path, index=False)


def wrong_encoding(path):
    changed(name="Plâce £").to_csv(path, index=False, encoding="cp1252")


def evil_names(path):
    changed(name=EVIL, metric="[bold]=1+1|calc</script>\u202e\x1b[2J").to_csv(path, index=False)


def one_row(path):
    figures().head(1).to_csv(path, index=False)


def one_authority(path):
    figures().head(11).to_csv(path, index=False)


def all_stale(path):
    changed(published="2013-01-01").to_csv(path, index=False)


def no_spread(path):
    changed(value=7.0).to_csv(path, index=False)


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (text_in_a_value, "unreadable"),
        (rows_that_disagree, "values_disagree"),
        (two_frequencies, "two_frequencies"),
        (unknown_code, "unknown_authority"),
        (wrong_encoding, "encoding"),
        (evil_names, "lag_assumed"),
        (one_row, "lag_assumed"),
        (one_authority, "lag_assumed"),
        (all_stale, "not_in_catalogue"),
        (no_spread, "lag_assumed"),
    ],
)
def test_awkward_data_are_scored_and_every_series_comes_out(home, write, code):
    write(home / "odd.csv")
    result = run("score", "odd.csv", "--out", "out")
    assert (result.exit_code, result.stderr) == (0, "")
    assert code in result.stdout
    given = pd.read_csv("odd.csv", encoding_errors="replace").drop_duplicates(
        ["authority", "metric"]
    )
    signals = pd.read_csv("out/signals.csv")
    assert not signals.duplicated(["authority", "metric", "signal"]).any()
    assert len(signals) == len(given) * len(SIGNAL_NAMES)


def test_an_excel_file_that_lies_about_its_size_is_read_whole(home):
    figures().to_excel("true.xlsx", index=False)
    with zipfile.ZipFile("true.xlsx") as true, zipfile.ZipFile("lie.xlsx", "w") as lie:
        for name in true.namelist():
            content = true.read(name)
            if name.endswith("sheet1.xml"):
                content = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', content)
                assert b'<dimension ref="A1"' in content
            lie.writestr(name, content)
    assert "20 authorities, 1 metrics, 20 series." in run("score", "lie.xlsx").stdout


@pytest.mark.parametrize("name", ["score", "check"])
def test_names_from_the_data_can_do_nothing_to_the_screen(home, name):
    evil_names(home / "odd.csv")
    shown = run(name, "odd.csv").stdout
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "[bold]=1+1|calc</script>" in shown


def test_a_failure_while_writing_leaves_the_old_results_as_they_were(good, monkeypatch):
    run("score", good, "--out", "out")
    was = bytes_of(good.parent / "out")

    def fail(table, path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("earlywarning.output.results.write_table", fail)
    assert "No space left" in refused(2, "score", good, "--out", "out", "--as-of", "2022-12-31")
    assert bytes_of(good.parent / "out") == was


def test_a_place_taken_is_refused_before_any_file_is_read(home):
    (home / "out").mkdir()
    (home / "out" / "thesis.docx").write_text("mine")
    write_binary(home / "bad.csv")
    assert "thesis.docx" in refused(2, "score", "bad.csv", "--out", "out")


def test_a_bug_keeps_its_traceback_and_status_1(good):
    code = (
        "import earlywarning.pipeline as p, sys\n"
        "p.EarlyWarning.fit_score = lambda *_, **__: 1 / 0\n"
        "sys.argv = ['earlywarning', 'score', 'good.csv']\n"
        "from earlywarning.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=good.parent
    )
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert not (good.parent / "earlywarning-out").exists()


def test_stopping_it_is_no_bug(good, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("earlywarning.pipeline.EarlyWarning.fit_score", stop)
    assert refused(130, "score", good) == "Stopped.\n"


def test_on_a_pipe_there_is_no_colour_no_bar_and_no_long_line(good):
    done = command("score", good, cwd=good.parent, env={**os.environ, "COLUMNS": "40"})
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert 80 < max(map(len, done.stdout.splitlines())) <= 100


def test_a_screen_that_knows_only_ascii_is_no_error(home):
    changed(metric="£ spent").to_csv("pounds.csv", index=False)
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = command("check", "pounds.csv", cwd=home, env=env)
    assert (done.returncode, done.stderr) == (0, "")


# explain


def test_explain_says_from_the_folder_alone_what_was_found(good):
    run("score", good, "--catalogue", "mine.toml", "--out", "out")
    good.unlink()
    page = run("explain", "out", "place 04").stdout
    assert page == run("explain", "out", CODES[3]).stdout
    assert page.startswith(f"Place 04 ({CODES[3]})")
    assert pd.read_csv("out/flags.csv")["reason"][0][:30] in page
    assert "Place 04 (E06000004)" in refused(2, "explain", "out", "Plac 04")
    (good.parent / "out/contributions.csv").unlink()
    assert "contributions.csv is missing" in refused(3, "explain", "out", CODES[3])


def test_explain_writes_a_brief_with_the_users_questions_into_a_file(good):
    run("score", good, "--catalogue", "mine.toml", "--out", "out")
    code = pd.read_csv("out/flags.csv")["authority"][0]
    ours = good.parent / "ours.csv"
    ours.write_text("theme,kind,question\n,,What now?\n")
    done = run("explain", "out", code, "--out", "brief.md", "--questions", "ours.csv")
    assert done.stdout.startswith("brief.md: ")
    assert "What now?" in (good.parent / "brief.md").read_text(encoding="utf-8")
    assert "What now?" not in run("explain", "out", code).stdout
    assert "neither in .html" in refused(2, "explain", "out", code, "--out", "brief.pdf")
    ours.write_text("theme,kind,question\n,,What {now}?\n")
    assert "{now} is not known" in refused(3, "explain", "out", code, "--questions", "ours.csv")


def test_explain_without_results_is_wrong_usage(home):
    assert "no results folder 'out'" in refused(2, "explain", "out", CODES[0])


# check


def test_check_says_what_is_in_a_file(good):
    out = run("check", good, "--catalogue", "mine.toml").stdout
    assert re.search(r"debt +20 +2012/13 +2022/23 +annual +0% +higher", out)
    assert "in no catalogue" in run("check", good).stdout


def test_check_sorts_issues_by_what_became_of_the_data(home):
    rows_that_disagree(home / "odd.csv")
    one = " ".join(run("check", "odd.csv").stdout.split())
    every = " ".join(run("check", "odd.csv", "--all").stdout.split())
    assert "refused: values_disagree, 4 rows, the first in odd.csv, row 2:" in one
    assert one.index("refused: values_disagree") < one.index("doubted: lag_assumed")
    assert (one.count("values_disagree"), every.count("values_disagree")) == (1, 2)


def test_check_doubts_an_authority_that_is_written_in_two_ways(home):
    (home / "odd.csv").write_text("authority,metric,period,value\nA 1,debt,2021-22,5\n"
                                  "a 1,debt,2022-23,6\n")  # fmt: skip
    out = " ".join(run("check", "odd.csv").stdout.split())
    assert "doubted: spelt_twice, 2 rows, the first: 'A 1' and 'a 1' differ only in case" in out


def test_check_shows_a_metric_that_is_refused_whole(home):
    two_frequencies(home / "odd.csv")
    assert re.search(r"debt +20 +100% +not used", run("check", "odd.csv").stdout)


def test_check_shows_long_names_that_differ_at_their_ends_apart(home):
    long = "share of people who find it easy to find what they need: "
    frames = [changed(metric=long + who) for who in ("carers", "users")]
    pd.concat(frames).to_csv("long.csv", index=False)
    shown = run("check", "long.csv").stdout
    assert "carers" in shown
    assert "users" in shown


def test_an_issue_nobody_has_sorted_counts_as_refused():
    assert severity("something_new") == "refused"


# catalogue


def test_a_draft_is_filled_in_where_metrics_are_known_and_reads_back(home):
    known = changed(metric="borrowing_total_k")
    pd.concat([figures(), known]).to_csv("good.csv", index=False)
    result = run("catalogue", "good.csv")
    assert "2 metrics, 1 filled in" in " ".join(result.stdout.split())
    drafted = read_catalogue("catalogue.toml")
    assert drafted.metric("debt").higher_is == "context"
    assert drafted.metric("borrowing_total_k").higher_is == "worse"
    assert run("score", "good.csv", "--catalogue", "catalogue.toml").exit_code == 0


def test_a_catalogue_that_is_there_is_replaced_only_by_force(good):
    assert "--force" in refused(2, "catalogue", good, "--out", "mine.toml")
    assert (good.parent / "mine.toml").read_text() == CATALOGUE
    assert run("catalogue", good, "--out", "mine.toml", "--force").exit_code == 0
    assert (good.parent / "mine.toml").read_text() != CATALOGUE
    assert "cannot be written" in refused(2, "catalogue", good, "--out", "no/where.toml")


# What is typed


def test_a_column_may_hold_an_equals_sign():
    assert columns_of(["value=a=b"]) == {"value": "a=b"}


def test_a_role_given_twice_is_refused():
    with pytest.raises(UsageError, match="twice"):
        columns_of(["value=a", "value=b"])


def test_of_two_catalogues_the_first_counts(good):
    (good.parent / "mine.toml").write_text(CATALOGUE.replace('"debt"', '"Borrowing total K"'))
    joined = one_catalogue(["mine.toml", "finance"])
    assert joined.metric("borrowing_total_k").theme == "Money"
    assert joined.metric("Usable reserves to NRE, pct").higher_is == "better"
    assert one_catalogue([]) is None


# The sample and the real data


def test_the_demo_finds_most_planted_troubles_and_explains_three_flags(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pages = site.site_pages  # the first few: test_site holds the others
    monkeypatch.setattr(site, "site_pages", lambda *told: islice(pages(*told), 4))
    done = run("demo")
    assert 'Open "earlywarning-demo/site/index.html" in a browser' in done.stdout
    assert (tmp_path / "earlywarning-demo/site/index.html").exists()
    found = re.search(r"Of 15 authorities in planted trouble, (\d+) stand", done.stdout)
    assert int(found[1]) >= 11
    explained = done.stdout.split("Three flags, and why")[1].split("The planted troubles")[0]
    assert len(re.findall(r"^- (?:priority|concern|watch), ", explained, re.MULTILINE)) == 3
    assert explained.count("chance") == 3
    assert (tmp_path / "earlywarning-demo/sample/panel.csv").exists()
    issues = pd.read_csv("earlywarning-demo/results/issues.csv")
    assert "history_carried" in set(issues["code"])
    named = re.search(r'explain "(.*)" (\S+)', done.stdout)
    assert run("explain", named[1], named[2]).exit_code == 0


def every_series_once(path, out):
    """Score a file, and hold its signals against its series."""
    result = run("score", path, "--out", out)
    assert (result.exit_code, result.stderr) == (0, "")
    signals = pd.read_csv(f"{out}/signals.csv", keep_default_na=False)
    assert not signals.duplicated(["authority", "metric", "signal"]).any()
    pairs = signals[signals["signal"] == "change"][["authority", "metric"]]
    assert len(signals) == len(pairs) * len(SIGNAL_NAMES)
    return set(pairs.itertuples(index=False, name=None))


def test_the_download_from_oflog_is_scored_and_every_series_comes_out_once(shared, home):
    path = shared / "data/raw/oflog_asc_download.csv"
    given = pd.read_csv(path)[["Local authority code", "Measure"]].dropna().drop_duplicates()
    given = given[given["Local authority code"].str.match("E(06|08|09|10)")]
    assert every_series_once(path, "out") == set(given.itertuples(index=False, name=None))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["capital_prudential_cor", "debt_investment", "homelessness_hclic", "oflog_asc",
     "ons_explore_local", "revenue_outturn_rs"],
)  # fmt: skip
def test_each_real_panel_is_scored_and_every_series_comes_out_once(shared, home, name):
    path = shared / f"data/panels/{name}.csv.gz"
    given = pd.read_csv(path)[["authority_code", "metric"]].drop_duplicates()
    assert every_series_once(path, "out") == set(given.itertuples(index=False, name=None))
