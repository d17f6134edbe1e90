"""A corrected issue lists what differs, all of it and no more, and what became of challenges."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from earlywarning import schema
from earlywarning.catalogue import as_catalogue
from earlywarning.cli import app
from earlywarning.output import read_result, write_result
from earlywarning.output.cells import read_table
from earlywarning.output.run import Input
from earlywarning.panel import as_panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.reissue import as_letter, differences_of
from earlywarning.reissue.differences import between
from earlywarning.reissue.edition import Edition
from earlywarning.settings import Settings

RUN = "0" * 64
DAY = pd.Timestamp("2025-03-01")
NAMES = {"A": "Ash", "B": "Birch"}
DEBT, TAX = ("A", "debt", "change"), ("B", "tax", "position")


def edition(flags=None, *, values=None, tiers=None, every=False):
    """Two authorities and two metrics: flags to severity, values of 2023/24, tiers."""
    newest = {(a, m): 5.0 for a in NAMES for m in ("debt", "tax")} | (values or {})
    rows = pd.DataFrame([(*key, "2023/24", value) for key, value in newest.items()],
                        columns=["authority", "metric", "period", "value"])  # fmt: skip
    averaged = {"step": 1.0, "change": 1.0}  # a mean of two periods is no newest value
    signals = pd.concat(
        [rows.assign(signal=s, status="ok", value=rows["value"] - averaged.get(s, 0.0))
         for s in schema.SIGNAL_NAMES]
    )  # fmt: skip
    raised = [
        {"authority": a, "metric": m, "kind": k, "severity": severity, "period": "2023/24",
         "theme": "T", "reason": "High."} for (a, m, k), severity in (flags or {}).items()
    ]  # fmt: skip
    who = pd.DataFrame({"authority": [*NAMES], "name": [*NAMES.values()], "tier": "none"})
    who["tier"] = [(tiers or {}).get(code, "none") for code in NAMES]
    metrics = {"metric": ["debt", "tax"], "title": ["Debt", "Tax collected"], "unit": "percent"}
    return Edition(
        pd.DataFrame(raised, columns=list(schema.FLAGS)),
        signals.reindex(columns=list(schema.SIGNALS)),
        who,
        pd.DataFrame(metrics).reindex(columns=list(schema.CATALOGUE)),
        rows if every else None,
    )


def challenged(*keys, reply="That figure was corrected."):
    rows = [
        (*key, DAY, "2023/24", "2023/24", 5.0, 0.01, "watch", "correction", reply, "", DAY, RUN)
        for key in keys
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(schema.CHALLENGES))


NONE = challenged()


def differing(old, new, challenges=NONE):
    found = between(old, new, challenges)
    assert [*found] == list(schema.DIFFERENCES)
    return found


def words(found, about):
    rows = found[found["about"].eq(about)]
    keys = zip(rows["authority"], rows["metric"], rows["kind"], strict=True)
    return dict(zip(keys, rows["change"], strict=True))


def test_every_flag_that_differs_has_one_row_and_every_challenge_its_answer():
    """All that can become of a flag, one authority for each; all of them are challenged."""
    grades = ("", *schema.SEVERITIES)
    then, now, expected = {}, {}, {}
    for place, (before, after) in enumerate(product(grades, grades)):
        key = (f"X{place:02d}", "debt", "change")
        then |= {key: before} if before else {}
        now |= {key: after} if after else {}
        differs = "changed" if before and after else "gone" if before else "come"
        same = "stands" if before else "in neither"
        expected[key] = same if before == after else differs
    found = differing(edition(then), edition(now), challenged(*expected))
    assert words(found, "challenge") == expected
    told = {key: word for key, word in expected.items() if word in schema.DIFFERENT}
    assert words(found, "flag") == told
    assert found["about"].value_counts().to_dict() == {"challenge": 16, "flag": 12}


def test_the_same_issue_twice_differs_in_nothing():
    same = edition({DEBT: "watch"}, values={("A", "tax"): np.nan}, tiers={"A": "watch"})
    assert differing(same, same).empty


def test_a_flag_whose_value_alone_differs_is_changed_and_told_with_both_values():
    found = differing(edition({DEBT: "watch"}), edition({DEBT: "watch"}, values={DEBT[:2]: 5.5}))
    flag, value = found.to_dict("records")
    assert (flag["change"], flag["value_before"], flag["value"]) == ("changed", 5.0, 5.5)
    assert flag["why"] == "its value in 2023/24 was 5.0%, and is 5.5%"
    assert (value["about"], value["change"], value["value"]) == ("value", "changed", 5.5)


def test_a_flag_that_went_though_its_own_values_stand_says_so():
    found = differing(edition({DEBT: "watch"}), edition(values={("B", "debt"): 9.0}))
    assert found.loc[found["about"].eq("flag"), "why"].item() == (
        "no value of its own differs; others' do"
    )


def test_a_flag_that_went_with_its_series_says_what_is_said_of_the_series_now():
    new = edition()
    new.signals.loc[new.signals["authority"].eq("A"), "status"] = "stale"
    found = differing(edition({DEBT: "watch"}), new)
    assert found["why"].item() == "what is said of its series now: stale"


def test_tiers_that_differ_are_listed_with_both():
    found = differing(edition(tiers={"A": "watch"}), edition(tiers={"A": "none", "B": "concern"}))
    assert found[["name", "change", "grade_before", "grade"]].to_numpy().tolist() == [
        ["Ash", "changed", "watch", "none"], ["Birch", "changed", "none", "concern"],
    ]  # fmt: skip


def test_an_authority_of_one_issue_alone_is_gone_or_come():
    old, new = edition(), edition()
    new.authorities.loc[0, ["authority", "name"]] = ["C", "Cedar"]
    found = differing(old, new)
    assert dict(zip(found["name"], found["change"], strict=True)) == {
        "Ash": "gone",
        "Cedar": "come",
    }


def test_where_both_have_every_value_those_of_one_alone_are_gone_or_come():
    old, new = edition(every=True), edition(every=True)
    later = old.values.head(1).assign(period="2024/25")
    new = Edition(new.flags, new.signals, new.authorities, new.metrics,
                  pd.concat([new.values.iloc[1:], later]))  # fmt: skip
    found = differing(old, new)
    assert dict(zip(found["period"], found["change"], strict=True)) == {
        "2023/24": "gone", "2024/25": "come",
    }  # fmt: skip


def test_where_one_lacks_them_newest_values_of_another_period_are_not_called_gone():
    new = edition()
    new.signals["period"] = "2024/25"
    assert differing(edition(every=True), new).empty


def test_a_reply_stands_beside_what_became_of_its_flag():
    found = differing(edition({DEBT: "watch"}), edition(), challenged(DEBT, reply="a\nb\u202e"))
    row = found.iloc[0]
    assert (row["about"], row["change"], row["grade_before"], row["grade"]) == (
        "challenge", "gone", "watch", "",
    )  # fmt: skip
    assert row["why"] == "correction, 2025-03-01: a b"


# From folder to folder, by the command.


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    """Two results folders: one with a wrong figure, one in which it is put right."""
    folder = tmp_path_factory.mktemp("issued")
    rng = np.random.default_rng(7)
    codes = [f"E060000{i:02d}" for i in range(1, 21)]
    rows = [
        (code, f"=Name <b>{code}", metric, f"{year}-{year - 1999:02d}", 50 + rng.normal())
        for code in codes
        for metric in ("debt", "@tax")
        for year in range(2012, 2023)
    ]
    right = pd.DataFrame(rows, columns=["authority", "name", "metric", "period", "value"])
    bad = right["authority"].eq(codes[3]) & right["period"].eq("2022-23")
    wrong = right.assign(value=right["value"].where(~bad | right["metric"].eq("@tax"), 80.0))
    long_ago = right["authority"].eq(codes[5]) & right["period"].eq("2013-14")
    wrong.loc[long_ago & right["metric"].eq("debt"), "value"] = 50.5
    catalogue = as_catalogue(pd.DataFrame({"metric": ["debt", "@tax"], "higher_is": "worse"}))
    quick = Settings(null_draws=200, tail_draws=400, rank_draws=50)
    for name, frame in (("old", wrong), ("new", right)):
        panel = as_panel(frame, catalogue=catalogue)
        result = EarlyWarning(catalogue=catalogue, settings=quick).fit_score(panel)
        read = Input(role="panel", name="figures.csv", size=1, sha256=name)
        write_result(result, folder / name, inputs=[read])
    return folder


@pytest.fixture
def home(issued, tmp_path, monkeypatch):
    """A folder to stand in, with both results in it."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        for path in (issued / name).iterdir():
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


REPLY = ("challenge", "old", "E06000004", "debt", "--flag", "change", "--on", "2024-03-01")


def test_a_reply_is_kept_shown_and_answered_by_the_corrected_issue(home):
    said = "=cmd()\n<script>"
    assert command(*REPLY, "--reply", said, "--by", "Ann").stdout.startswith("Kept in ")
    assert "Nothing was changed" in command(*REPLY, "--reply", said, "--by", "Ann").stdout
    assert "“=cmd() <script>”" in command("explain", "old", "E06000004").stdout
    assert "“=cmd() <script>”" not in command(
        "explain", "old", "E06000004", "--challenges", _empty(home)
    ).stdout  # fmt: skip
    assert command("reissue", "old", "new").exit_code == 0
    table = read_table(home / "reissue" / "differences.csv")
    row = table[table["about"].eq("challenge")].iloc[0]
    assert (row["change"], row["value_before"]) == ("gone", 80.0)
    letter = " ".join((home / "reissue" / "corrected.txt").read_text("utf-8").split())
    assert "what is different, and why" in letter
    assert "Changed: figures.csv." in letter
    assert "no longer flagged. Replied: context, 2024-03-01, Ann: =cmd() <script>" in letter


def _empty(folder):
    path = folder / "none.csv"
    path.write_text(",".join(schema.CHALLENGES))
    return path


def test_the_differences_read_back_as_they_were_and_come_out_the_same_each_time(home):
    command("reissue", "old", "new")
    was = {path.name: path.read_bytes() for path in (home / "reissue").iterdir()}
    command("reissue", "old", "new")
    assert was == {path.name: path.read_bytes() for path in (home / "reissue").iterdir()}
    found = differences_of(read_result("old"), read_result("new"), NONE)
    back = read_table(home / "reissue" / "differences.csv")
    pd.testing.assert_frame_equal(back, found, check_dtype=False, check_exact=True)
    assert found["name"].str.startswith("=Name").all()


def test_a_value_put_right_long_ago_is_listed_as_well_as_the_newest(home):
    found = differences_of(read_result("old"), read_result("new"), NONE)
    values = found[found["about"].eq("value")]
    assert values["value_before"].to_list() == [80.0, 50.5]
    assert values["period"].to_list() == ["2022/23", "2013/14"]
    assert values["change"].eq("changed").all()


def test_an_issue_set_against_itself_says_that_nothing_differs(home):
    told = command("reissue", "old", "old", "--out", "same").stdout
    assert "No flag, tier or value differs." in told


def test_issues_of_different_days_are_not_called_a_correction(home):
    old = read_result("old").run
    later = old.model_copy(update={"as_of": old.as_of.replace(year=old.as_of.year + 1)})
    letter = str(as_letter(schema.empty(schema.DIFFERENCES), old, later))
    assert letter.startswith("Issues of ")
    assert "The two are of different days" in " ".join(letter.split())


def test_other_settings_and_versions_are_told(home):
    old = read_result("old").run
    log = Input(role="challenges", name="said.csv", size=1, sha256="0")  # no data to judge by
    other = old.model_copy(
        update={"settings": Settings(null_draws=300), "earlywarning": "9.9", "inputs": [log]}
    )
    letter = " ".join(str(as_letter(schema.empty(schema.DIFFERENCES), old, other)).split())
    assert "null_draws 200 before, 300 now" in letter
    assert "9.9 now" in letter
    assert "No longer read: figures.csv." in letter
    assert "said.csv" not in letter


def test_a_folder_of_something_else_is_not_replaced(home):
    (home / "reissue").mkdir()
    (home / "reissue" / "mine.txt").touch()
    result = CliRunner().invoke(app, ["reissue", "old", "new"])
    assert (result.exit_code, "mine.txt" in result.stderr) == (2, True)


def test_a_reply_of_a_day_to_come_or_to_no_flag_is_refused_and_nothing_is_written(home):
    for words in ((*REPLY[:-1], "2999-01-01"), ("challenge", "old", "E06000001", "debt")):
        assert command(*words, "--reply", "x").exit_code == 2
    assert not (home / "challenges.csv").exists()


def test_no_day_is_today(home):
    command(*REPLY[:-2], "--reply", "We know.")
    kept = read_table(home / "challenges.csv")
    today = pd.Timestamp.now().normalize()
    assert abs(pd.Timestamp(kept["replied_on"].item()) - today) <= pd.Timedelta(days=1)


def test_the_log_knows_the_results_by_the_hash_of_their_run(home):
    command(*REPLY, "--reply", "We know.")
    assert read_table(home / "challenges.csv")["run"].item() == read_result("old").id
    assert read_result("old").id != read_result("new").id
