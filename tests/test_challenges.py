"""A log of challenges is kept whole, read back as it was said, and refused where it is no log."""

import threading
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlywarning import schema
from earlywarning.challenges import LONGEST, as_challenges
from earlywarning.errors import ChallengesError, UsageError
from earlywarning.explain import Explained, page
from earlywarning.output.cells import write_table
from earlywarning.replies import (
    Reply,
    challenge_of,
    find_flag,
    keep_challenge,
    log_beside,
    read_challenges,
)
from earlywarning.report import Brief

DAY = pd.Timestamp("2025-03-01")
RUN = "0f" * 32
HOSTILE = (
    "=cmd()", "'=cmd()", "+1", "@SUM(A1)", "-2", "<script>alert(1)</script>", "a\u202egnp.exe",
    "x" * 300, "one\ntwo\r\nthree\rfour", 'say "no", then; go', "tab\there", "£ is no ASCII",
)  # fmt: skip


def tables(*flags, titles=("Debt for each resident", "Waste recycled")):
    """Two authorities, two metrics, and flags as (authority, metric, kind)."""
    rows = [
        {"authority": a, "metric": m, "kind": k, "severity": "watch", "p": 0.01, "q": 0.05,
         "theme": "T", "period": "2023/24", "since": "2022/23", "runs": 2, "reason": "High."}
        for a, m, k in flags
    ]  # fmt: skip
    who = {"authority": ["E1", "E2"], "name": ["Ash", "Birch"], "tier": "none", "score": 0.0}
    signals = pd.DataFrame(
        [(a, m, "2023/24", "last", 5.25) for a in ("E1", "E2") for m in ("debt", "recycled")],
        columns=["authority", "metric", "period", "signal", "value"],
    )
    metrics = pd.DataFrame({"metric": ["debt", "recycled"], "title": titles, "unit": ""})
    metrics["higher_is"] = "worse"
    return Explained(
        pd.DataFrame(who).reindex(columns=list(schema.AUTHORITIES)),
        pd.DataFrame(rows, columns=list(schema.FLAGS)),
        signals.reindex(columns=list(schema.SIGNALS)),
        schema.empty(schema.CONTRIBUTIONS),
        schema.empty(schema.ISSUES),
        metrics.reindex(columns=list(schema.CATALOGUE)),
        as_of=DAY,
    )


FLAGGED = (("E1", "debt", "change"), ("E2", "debt", "change"), ("E2", "debt", "position"))


def challenge(text="We know.", *, by="", kind="context", on=DAY):
    found = tables(*FLAGGED)
    flag = find_flag(found, "E1", "debt")
    return challenge_of(found, flag, Reply(text, on, kind, by), run=RUN)


ONE = challenge()


def texts(path):
    """Return the cells of a log as texts, for one of them to be spoilt."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


# Which flag is meant.


@pytest.mark.parametrize("authority", ["E1", "ash", " ASH "])
@pytest.mark.parametrize("metric", ["debt", "DEBT", "debt for each resident"])
def test_a_flag_is_found_by_code_or_name_and_by_name_or_title(authority, metric):
    flag = find_flag(tables(*FLAGGED), authority, metric)
    assert (flag["authority"], flag["metric"], flag["kind"]) == FLAGGED[0]


def test_who_or_what_is_not_known_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"Did you mean Ash \(E1\)"):
        find_flag(tables(*FLAGGED), "Ashe", "debt")
    with pytest.raises(UsageError, match=r"no metric 'deb'. Did you mean debt"):
        find_flag(tables(*FLAGGED), "E1", "deb")
    with pytest.raises(UsageError, match=r"Give a name or title from metrics.csv"):
        find_flag(tables(*FLAGGED), "E1", "zzzzzz")


def test_a_series_that_is_not_flagged_is_refused_and_the_authoritys_flags_are_listed():
    with pytest.raises(UsageError, match=r"not flagged for recycled. Its flags: debt for change"):
        find_flag(tables(*FLAGGED), "E1", "recycled")
    with pytest.raises(UsageError, match=r"for debt for position. Its flags"):
        find_flag(tables(*FLAGGED), "E1", "debt", kind="position")
    with pytest.raises(UsageError, match="It has no flags"):
        find_flag(tables(FLAGGED[0]), "E2", "debt")


def test_of_two_flags_of_a_metric_the_one_that_is_meant_has_to_be_said():
    with pytest.raises(UsageError, match="--flag position or --flag change"):
        find_flag(tables(*FLAGGED), "E2", "debt")
    assert find_flag(tables(*FLAGGED), "E2", "debt", kind="position")["kind"] == "position"


def test_a_title_that_two_metrics_share_is_refused():
    with pytest.raises(UsageError, match="names 2 metrics: debt, recycled"):
        find_flag(tables(*FLAGGED, titles=("Same", "Same")), "E1", "same")


def test_a_row_has_the_flag_as_it_was_seen_and_what_was_said():
    (row,) = challenge("Wrong.", by="The director", kind="dispute").to_dict("records")
    assert row == {
        "authority": "E1", "metric": "debt", "kind": "change", "as_of": DAY, "period": "2023/24",
        "since": "2022/23", "value": 5.25, "p": 0.01, "severity": "watch", "challenge": "dispute",
        "reply": "Wrong.", "by": "The director", "replied_on": DAY, "run": RUN,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"text": "  \n"}, "The reply is empty"),
        ({"text": "x" * (LONGEST + 1)}, "has 2,001 characters: keep to 2,000"),
        ({"text": "\x1b[31m"}, "holds characters that cannot be printed"),
        ({"text": "a\x00b"}, "holds characters that cannot be printed"),
        ({"text": "a\udcffb"}, "holds characters that cannot be printed"),
        ({"text": "a", "by": "\x07"}, "name of who replied holds characters"),
        ({"text": "a", "kind": "corection"}, r"'corection' \(did you mean 'correction'\?\)"),
    ],
)
def test_a_reply_that_cannot_be_kept_is_refused(said, told):
    with pytest.raises(UsageError, match=told):
        Reply(on=DAY, **said)


# The log.


@pytest.mark.parametrize("text", HOSTILE)
def test_a_reply_reads_back_as_it_was_said_and_is_no_formula(tmp_path, text):
    log = tmp_path / "challenges.csv"
    assert keep_challenge(log, challenge(text, by=text))
    keep_challenge(log, challenge("another"))
    back = read_challenges(log)
    assert back["reply"].to_list() == [text, "another"]
    assert back["by"].iloc[0] == text
    pd.testing.assert_frame_equal(
        back.head(1), challenge(text, by=text), check_dtype=False, check_exact=True
    )
    assert not texts(log)["reply"].str.match(r"[=+\-@\t\r]").any()


letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
replies = st.text(letters | st.sampled_from("'=+-@\t\r\n"), min_size=1)


@given(said=st.lists(replies.map(str.strip).filter(bool), min_size=1))
@settings(max_examples=12)
def test_any_replies_read_back_as_they_were_said(tmp_path_factory, said):
    log = tmp_path_factory.getbasetemp() / "any.csv"
    rows = pd.concat([ONE] * len(said), ignore_index=True).assign(reply=said)
    write_table(rows, log)
    assert read_challenges(log)["reply"].to_list() == said


def test_the_same_reply_is_kept_once_whenever_it_comes_and_changes_no_byte(tmp_path):
    log = tmp_path / "challenges.csv"
    assert keep_challenge(log, challenge("=We know.", by="A"))
    was = log.read_bytes()
    assert not keep_challenge(log, challenge("=We know.", by="A"))
    assert not keep_challenge(log, challenge("=We know.", by="A", on=DAY + pd.Timedelta(days=1)))
    assert log.read_bytes() == was
    assert keep_challenge(log, challenge("=We know.", by="B"))
    assert keep_challenge(log, challenge("=We know.", by="A", kind="dispute"))
    assert log.read_bytes().startswith(was)


@pytest.mark.parametrize("content", ["", ",".join(schema.CHALLENGES), "\ufeff\n\n"])
def test_an_empty_log_has_no_challenges_and_takes_one(tmp_path, content):
    log = tmp_path / "challenges.csv"
    log.write_text(content, encoding="utf-8")
    assert list(read_challenges(log)) == list(schema.CHALLENGES)
    assert read_challenges(log).empty
    assert keep_challenge(log, challenge())
    assert len(read_challenges(log)) == 1


def test_a_log_saved_again_by_a_spreadsheet_is_read(tmp_path):
    log = tmp_path / "challenges.csv"
    keep_challenge(log, challenge("=cmd()"))
    log.write_bytes(b"\xef\xbb\xbf" + log.read_bytes().replace(b"\n", b"\r\n"))
    assert read_challenges(log)["reply"].to_list() == ["=cmd()"]


def test_a_log_with_foreign_columns_is_refused_and_left_as_it_is(tmp_path):
    log = tmp_path / "challenges.csv"
    write_table(challenge().assign(note="mine").drop(columns="run"), log)
    was = log.read_bytes()
    for of in (lambda: read_challenges(log), lambda: keep_challenge(log, challenge("more"))):
        with pytest.raises(ChallengesError, match=r"No column run\. .* Unknown column note\."):
            of()
    assert log.read_bytes() == was
    assert [path.name for path in tmp_path.iterdir()] == ["challenges.csv"]


def test_all_that_is_wrong_is_named_at_once(tmp_path):
    log = tmp_path / "challenges.csv"
    keep_challenge(log, challenge())
    wrong = {
        "kind": "level", "as_of": "01/03/2025", "replied_on": "soon", "value": "much", "p": "7",
        "severity": "grave", "challenge": "moan", "run": "latest", "authority": " ",
        "by": "\x07", "reply": "x" * (LONGEST + 1),
    }  # fmt: skip
    with pytest.raises(ChallengesError) as told:
        as_challenges(texts(log).assign(**wrong))
    said = str(told.value)
    for word in (
        "No authority in rows 2", "as_of 01/03/2025 is no day", "replied_on soon is no day",
        "Value much is no number", "P 7.0 is not from 0 to 1", "No kind: level", "grave", "moan",
        "Run latest is no hash", "By in rows 2 holds", "Reply in rows 2 has 2,001",
    ):  # fmt: skip
        assert word.lower() in said.lower()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda text: text + b"E1,debt\n", "rows 3 have not as many cells"),
        (lambda text: text + b'"open', "cannot be read as CSV"),
        (lambda text: text + b"\xff", "not UTF-8"),
        (lambda text: text.replace(b"p,", b"value,", 1), "Column twice: value"),
    ],
)
def test_a_damaged_log_is_refused(tmp_path, spoil, told):
    log = tmp_path / "challenges.csv"
    keep_challenge(log, challenge())
    log.write_bytes(spoil(log.read_bytes()))
    was = log.read_bytes()
    with pytest.raises(ChallengesError, match=told):
        keep_challenge(log, challenge("more"))
    assert log.read_bytes() == was


def test_a_log_that_is_not_there_or_cannot_be_written_is_said(tmp_path):
    with pytest.raises(ChallengesError, match="cannot be opened"):
        read_challenges(tmp_path / "none.csv")
    with pytest.raises(ChallengesError, match="cannot be opened"):
        keep_challenge(tmp_path, challenge())
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        keep_challenge(tmp_path / "file" / "challenges.csv", challenge())


def test_of_many_writers_at_once_none_loses_a_reply(tmp_path):
    log = tmp_path / "challenges.csv"
    said = [f"Reply {number}." for number in range(6)]
    writers = [threading.Thread(target=keep_challenge, args=(log, challenge(s))) for s in said]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(read_challenges(log)["reply"]) == sorted(said)


@pytest.mark.parametrize("step", ["replies.log.write_table", "store.disk.to_disk"])
def test_killed_half_way_the_log_is_as_it_was_and_the_next_reply_is_kept(
    tmp_path, monkeypatch, step
):
    log = tmp_path / "challenges.csv"
    keep_challenge(log, challenge())
    was = log.read_bytes()

    def killed(*args):
        log.with_name("challenges.csv.part").write_bytes(b"authority,met")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"earlywarning.{step}", killed)
        with pytest.raises(KeyboardInterrupt):
            keep_challenge(log, challenge("more"))
    assert log.read_bytes() == was
    assert keep_challenge(log, challenge("more"))
    assert read_challenges(log)["reply"].to_list() == ["We know.", "more"]
    assert [path.name for path in tmp_path.iterdir()] == ["challenges.csv"]


def test_a_link_where_the_log_is_written_leads_to_no_other_file(tmp_path):
    log, other = tmp_path / "challenges.csv", tmp_path / "other.txt"
    other.write_text("mine")
    (tmp_path / "challenges.csv.part").symlink_to(other)
    keep_challenge(log, challenge())
    assert other.read_text() == "mine"
    assert not log.is_symlink()


def test_what_goes_in_is_not_changed(tmp_path):
    row = challenge("=cmd()")
    was = row.copy()
    keep_challenge(tmp_path / "challenges.csv", row)
    pd.testing.assert_frame_equal(row, was)


def test_the_log_is_beside_the_folder_also_when_one_stands_in_it(tmp_path, monkeypatch):
    (tmp_path / "results").mkdir()
    monkeypatch.chdir(tmp_path / "results")
    assert log_beside(".") == log_beside(tmp_path / "results") == tmp_path / "challenges.csv"


# On the page.


def shown(*challenges, flags=FLAGGED, of="E1"):
    found = replace(tables(*flags), challenges=pd.concat(challenges, ignore_index=True))
    return page(of, found)


def test_the_page_has_the_reply_with_the_flag_that_it_is_to_the_newest_first():
    later = challenge("Now corrected.", kind="correction", by="Ann", on=pd.Timestamp("2025-04-02"))
    text = " ".join(shown(challenge(), later).split())
    assert (
        "Debt for each resident: change flagged in 2023/24, watch, as known on 1 March 2025; "
        "flagged here as it was. Correction, 2 April 2025, Ann: “Now corrected.”"
    ) in text
    assert text.index("Now corrected.") < text.index("We know.")


def test_the_page_says_what_has_become_of_the_flag_here():
    assert "not flagged here" in " ".join(shown(challenge(), flags=()).split())
    graver = challenge().assign(severity="concern")
    assert "flagged here in 2023/24, watch." in " ".join(shown(graver).split())


def test_the_page_of_who_did_not_reply_says_nothing_of_replies():
    assert "What the authority said" not in shown(challenge(), of="E2")
    assert shown(challenge().head(0)) == page("E1", tables(*FLAGGED))


def test_a_reply_cannot_break_out_of_its_line_in_text_nor_of_its_text_in_html():
    rows = pd.concat([challenge(text, by=text) for text in HOSTILE], ignore_index=True)
    brief = Brief("E1", replace(tables(*FLAGGED), challenges=rows))
    (section,) = [one for one in brief.page.sections if one.heading == "What the authority said"]
    assert len(section.items) == len(HOSTILE)
    assert not {"\n", "\r", "\u202e"} & {letter for item in section.items for letter in item}
    assert "<script>" not in brief.html


def test_a_result_shows_on_the_brief_what_was_replied_to_its_flag(sample):
    flag = sample.result.flags.iloc[0]
    said = Reply("The form was sent late.", pd.Timestamp("2024-09-12"), by="Director of finance")
    kept = challenge_of(sample.result.tables, flag, said, run="0" * 64)
    assert "The form was sent late." not in str(sample.result.brief(flag["authority"]))
    assert "The form was sent late." in str(sample.result.brief(flag["authority"], challenges=kept))
