"""A brief says the same as text, Markdown and HTML, and nothing from the data acts in any."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.explained_tables import breaks_of, made_tables, signals_of
from tests.test_brief_numbers import UNKIND
from tests.test_report import Shape

from earlywarning import schema
from earlywarning.errors import UsageError
from earlywarning.explain import Page, Section, as_page, one_line
from earlywarning.explain.against import lying
from earlywarning.explain.peers import Moved, Shared, moved, shared
from earlywarning.explain.record import record
from earlywarning.report import Brief, page_html, page_markdown
from earlywarning.report.markdown import escaped

HOSTILE = [
    "<script>alert(1)</script>", "=cmd('calc')!A1", "a|b|c", "*a* _b_ `c` ~~d~~", "\u202egnp.exe",
    "# h\n\n- x\n\n1. y\n---\n", "[x](http://a.b) www.a.b", "x" * 300, "{{ 7 * 7 }} {title}",
    "&lt;b&gt; \\| \\", "\x1b[31m\x00", "</td></tr></table></style>",
]  # fmt: skip
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
FORMS = ("markdown", "html", "__str__")


def values_of(*rows):
    """Return rows of `schema.VALUES` of tax: authority, year, value, first value, denominator."""
    table = pd.DataFrame(rows, columns=["authority", "year", "value", "first_value", "denominator"])
    ends = pd.to_datetime(table["year"].astype(str) + "-03-31")
    period = [f"{year - 1}/{year % 100}" for year in table["year"]]
    table = table.assign(
        metric="tax", period=period, end=ends, published=ends + pd.Timedelta("70D")
    )
    return table[list(schema.VALUES)]


def full_tables():
    """Return tables in which every section has something to say: three counties, one flagged."""
    tables = made_tables()
    more = [("E3", "Cedarham", "county"), ("E4", "Dunby", "county")]
    rows = pd.DataFrame(more, columns=["authority", "name", "type"]).assign(tier="none", score=0.0)
    everyone = pd.concat([tables.authorities, rows.reindex(columns=tables.authorities.columns)])
    theirs = signals_of("E3", "tax", value=90.0, expected=95.0, lower=93.0, upper=97.0)
    theirs += signals_of("E4", "tax", value=94.0, expected=95.0, lower=93.0, upper=97.0)
    practice = pd.DataFrame(
        [("E4", "tax", "Finance", "2023/24", 99.1, 4, 4, -1.2, 0.9, "county", "Good."),
         ("E2", "tax", "Finance", "2023/24", 99.9, 4, 4, -9.9, 0.9, "district", "Good.")],
        columns=list(schema.PRACTICE),
    )  # fmt: skip
    values = values_of(
        ("E1", 2022, 95.0, 94.0, 900), ("E1", 2023, 95.5, 95.5, 900), ("E1", 2024, 91.2, 90.1, 800),
        ("E3", 2023, 92.0, 92.0, 500), ("E3", 2024, 90.0, 90.0, 500),
        ("E4", 2023, 93.0, 93.0, 500), ("E4", 2024, 94.0, 94.0, 500),
    )  # fmt: skip
    return replace(
        tables,
        authorities=everyone,
        signals=pd.concat([tables.signals, pd.DataFrame(theirs)]),
        values=values,
        practice=practice,
        breaks=breaks_of("tax"),
        metrics=tables.metrics.assign(source="A return"),
    )


@pytest.fixture(scope="module")
def brief():
    return Brief("E1", full_tables())


def said(brief, heading):
    (part,) = [part for part in brief.page.sections if part.heading == heading]
    return " ".join([*part.paragraphs, *part.items, *(" ".join(row) for row in part.table)])


# What is said


def test_the_sections_stand_in_their_order(brief):
    assert [part.heading for part in brief.page.sections] == [
        "", "What we see", "Since when", "Against whom", "How sure", "What else could explain it",
        "Sector-wide or theirs alone", "What goes well", "Who to learn from", "Questions to ask",
        "What is not known", "How the score adds up", "Data and method",
    ]  # fmt: skip


def test_the_peers_are_named_and_it_is_said_where_they_all_are(brief):
    told = said(brief, "Against whom")
    assert "2 others: Cedarham (E3); Dunby (E4)." in told
    assert "authorities.csv" in told


def test_whether_the_peers_are_its_type_is_said_only_where_the_numbers_agree():
    tables = full_tables()
    two = replace(tables, signals=tables.signals.assign(n_peers=2))
    assert "Peers: 2: the other authorities of its type (county)" in str(Brief("E1", two))
    assert "35; those named as its neighbours, or else" in str(Brief("E1", tables))


def test_a_revised_value_is_told_with_both_values_and_the_earlier_revisions_are_counted(brief):
    assert (
        "Revision: “Council tax collected” for 2023/24 was first 90.1%, and is 91.2% since 9 June "
        "2024. Of its 2 earlier values 1 was revised later, the furthest by +1.0 percentage points."
    ) in said(brief, "What else could explain it")


def test_a_value_never_revised_is_said_to_stand(brief):
    values = brief.tables.values
    steady = replace(brief.tables, values=values.assign(first_value=values["value"]))
    told = said(Brief("E1", steady), "What else could explain it")
    assert "“Council tax collected” for 2023/24 stand as first published, as do all 2" in told


def test_what_one_case_does_is_told_where_the_cases_are_known(brief):
    told = said(brief, "What else could explain it")
    assert "is out of 800: one case more or less moves it by 0.1 percentage points." in told
    unknown = replace(brief.tables, values=brief.tables.values.assign(denominator=np.nan))
    told = said(Brief("E1", unknown), "What else could explain it")
    assert "how many cases stand behind “Council tax collected” is not known here" in told


def test_it_is_told_how_many_of_its_type_lie_and_moved_alike(brief):
    assert (
        "“Council tax collected”, change: shared by some. 1 of 2 peers of its type lies below the "
        "limits too, where chance alone would put about 0.1; 2 lie below what was expected, and "
        "none is flagged. From 2022/23 to 2023/24 it fell, as did 1 of 2 peers."
    ) in said(brief, "Sector-wide or theirs alone")


@pytest.mark.parametrize(
    ("beyond", "peers", "word"),
    [(0, 40, "theirs alone."), (2, 40, "theirs, but for what chance does."),
     (5, 40, "shared by some."), (21, 40, "sector-wide."), (20, 40, "shared by some.")],
)  # fmt: skip
def test_the_word_for_how_far_it_is_shared_follows_from_the_count(beyond, peers, word):
    found = Shared(peers, peers, beyond, 1.0, 0)
    assert lying(SimpleNamespace(value=1, expected=0), found).startswith(word)


def test_examples_are_of_the_same_type_in_the_metric_or_else_in_the_theme(brief):
    assert "“Council tax collected”: Dunby (E4), 99.1% in 2023/24 (4 of 4)." in said(
        brief, "Who to learn from"
    )
    other = replace(brief.tables, practice=brief.tables.practice.assign(metric="people"))
    told = said(Brief("E1", other), "Who to learn from")
    assert "Dunby (E4), 99 in 2023/24, “Population” (4 of 4)" in told.replace("99.1", "99")
    nobody = replace(brief.tables, practice=brief.tables.practice.iloc[1:])
    assert "Nobody of its type" in said(Brief("E1", nobody), "Who to learn from")


def test_what_has_been_good_for_some_time_comes_first(brief):
    assert said(Brief("E4", brief.tables), "What goes well").startswith("Good.")


def test_data_and_method_name_sources_version_and_changed_settings(brief):
    told = said(brief, "Data and method")
    assert "Source of “Council tax collected”: A return." in told
    assert "settings as they come." in told
    loud = replace(brief.tables, settings=brief.tables.settings.model_copy(update={"limits": 0.9}))
    told = said(Brief("E1", replace(loud, version="9.9")), "Data and method")
    assert "earlywarning 9.9; settings as they come but for limits 0.9." in told
    assert "limits hold 90%" in told


# What is counted


def test_peers_are_counted_on_its_side_and_beyond_their_limits_of_the_same_period_alone():
    rows = [("B", 9, "2023", "ok"), ("C", 6, "2023", "ok"), ("D", 4, "2023", "ok"),
            ("E", 9, "2022", "ok"), ("F", 9, "2023", "stale"), ("Z", 9, "2023", "ok")]  # fmt: skip
    signals = pd.DataFrame(rows, columns=["authority", "value", "period", "status"]).assign(
        metric="tax", signal="last", expected=5.0, lower=3.0, upper=7.0
    )
    flags = pd.DataFrame({"authority": ["B", "C", "Z"], "metric": "tax",
                          "kind": ["change", "position", "change"]})  # fmt: skip
    flag = SimpleNamespace(
        metric="tax", kind="change", signal="last", period="2023", value=8, expected=5
    )
    found = shared(flag, signals, flags, peers=pd.Series(list("BCDEF")), limits=0.9)
    assert found == Shared(peers=3, same_side=2, beyond=1, by_chance=0.15, flagged=1)


def test_who_moved_the_same_way_needs_a_value_in_both_periods():
    values = values_of(
        ("A", 2023, 5.0, 5.0, 1), ("A", 2024, 4.0, 4.0, 1), ("B", 2023, 5.0, 5.0, 1),
        ("B", 2024, 3.0, 3.0, 1), ("C", 2024, 3.0, 3.0, 1), ("D", 2023, 5.0, 5.0, 1),
        ("D", 2024, 5.0, 5.0, 1),
    )  # fmt: skip
    flag = SimpleNamespace(metric="tax", period="2023/24")
    own = values[values["authority"].eq("A")]
    found = moved(flag, values, own=own, peers=pd.Series(["B", "C", "D"]))
    assert found == Moved(before="2022/23", rose=False, peers=2, same_way=1)
    assert moved(flag, values, own=own.iloc[1:], peers=pd.Series(["B"])) is None
    assert moved(flag, values, own=own.assign(value=1.0), peers=pd.Series(["B"])) is None


def test_a_record_knows_revisions_of_earlier_values_and_not_of_later_ones():
    values = values_of(
        ("A", 2021, 5.0, 5.0, 4), ("A", 2022, 5.0, 7.0, 4), ("A", 2023, 6.0, 6.5, 50),
        ("A", 2024, 9.0, 1.0, 4),
    )  # fmt: skip
    found = record(values, "tax", "2022/23", unit="percent")
    assert (found.earlier, found.revised, found.furthest) == (2, 1, -2.0)
    assert (found.was_revised, found.cases, found.one_case) == (True, 50, 2.0)
    assert record(values, "debt", "2022/23") is None
    assert np.isnan(record(values, "tax", "2022/23", unit="gbp").one_case)


# Its forms


def test_all_forms_say_the_same(brief):
    told = [text for part in brief.page.sections for text in (*part.paragraphs, *part.items)]
    shown = Shape(brief.html).words
    plain = " ".join(str(brief).replace("\n- ", "\n").split())
    for text in told:
        assert text in shown
        assert text in plain
        assert escaped(text) in brief.markdown


def test_the_page_prints_on_a4_with_numbers_and_needs_nothing_from_outside(brief):
    html = brief.html
    assert "@page { size: A4" in html
    assert "counter(page)" in html
    assert "tr { break-inside: avoid; }" in html
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")
    assert not re.search("<script|<link|<img|@import|url\\(", html)


def test_each_flagged_metric_is_drawn_once_and_the_score_row_by_row(brief):
    assert brief.html.count("<figure>") == 1
    rows = next(part.table for part in brief.page.sections if "score" in part.heading)[1:]
    assert brief.html.count('<td class="bar">') == len(rows) == 3
    without = Brief("E1", replace(brief.tables, values=brief.tables.values.iloc[:0]))
    assert "<figure>" not in without.html


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_from_the_data_acts_in_any_form(text):
    tables = full_tables()
    evil = replace(
        tables,
        authorities=tables.authorities.assign(name=text, type=text),
        flags=tables.flags.assign(reason=text, theme=text, since=text),
        metrics=tables.metrics.assign(title=text, source=text),
        issues=tables.issues.assign(message=text),
        contributions=tables.contributions.assign(theme=text),
        signals=tables.signals.assign(status=tables.signals["status"].replace("stale", text)),
        practice=tables.practice.assign(type=text, reason=text, theme=text),
        breaks=tables.breaks.assign(evidence=text),
        version=text,
    )
    found = Brief("E1", evil)
    shape = Shape(found.html)
    assert "script" not in shape.tags
    assert not {name for name in shape.attributes if name.startswith(("on", "href", "src"))}
    tokens = MARKDOWN.parse(found.markdown)
    inline = {kid.type for token in tokens for kid in token.children or ()}
    assert inline <= {"text", "text_special"}
    assert {t.type for t in tokens} <= {
        f"{name}{end}"
        for name in ("heading", "paragraph", "bullet_list", "list_item", "table", "thead", "tbody",
                     "tr", "th", "td")
        for end in ("_open", "_close")
    } | {"inline"}  # fmt: skip
    assert next(t.content for t in tokens if t.type == "inline") == escaped(found.page.title)
    for form in (str(found), found.markdown, found.html):
        assert not set(form) & {"\u202e", "\x1b", "\x00"}


@settings(max_examples=150)
@given(text=st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_a_text_markdown_shows_it_as_it_is(text):
    line = one_line(text) or "x"
    section = Section("H", (line,), (line,), (("h", "g"), (line, line)))
    tokens = MARKDOWN.parse(page_markdown(Page("T", (section,))))
    shown = ["".join(kid.content for kid in t.children) for t in tokens if t.type == "inline"]
    assert shown == ["T", "H", line, "h", "g", line, line, line]


amounts = st.one_of(st.floats(-1e9, 1e9), st.just(np.nan))


@settings(max_examples=20)
@given(data=st.data())
def test_whatever_the_tables_hold_no_brief_ranks_anybody_and_its_page_is_whole(data):
    tables = full_tables()
    values, flags, signals = tables.values.copy(), tables.flags.copy(), tables.signals.copy()
    for table, names in ((values, ["value", "first_value", "denominator"]),
                         (flags, ["would_clear_at", "stability"]),
                         (signals, ["value", "expected", "lower", "upper"])):  # fmt: skip
        for name in names:
            table[name] = data.draw(st.lists(amounts, min_size=len(table), max_size=len(table)))
    made = replace(
        tables, values=values, flags=flags.assign(runs=data.draw(st.integers(1, 9))),
        signals=signals, practice=tables.practice.iloc[: data.draw(st.integers(0, 2))],
        metrics=tables.metrics.assign(unit=data.draw(st.sampled_from(["", "percent", "gbp"]))),
    )  # fmt: skip
    for code in ("E1", "E2"):
        found = as_page(made.about(code))
        assert not UNKIND.search(str(found))
        assert Shape(page_html(found)).tags.count("h1") == 1


# Saved


@pytest.mark.parametrize(("ending", "form"), [(".html", 1), (".md", 0), (".txt", 2), (".HTML", 1)])
def test_the_ending_says_the_form(brief, tmp_path, ending, form):
    wanted = getattr(brief, FORMS[form])
    path = brief.save(tmp_path / f"brief{ending}")
    assert path.read_text(encoding="utf-8") == (wanted() if callable(wanted) else wanted)
    assert [entry.name for entry in tmp_path.iterdir()] == [f"brief{ending}"]


def test_another_ending_or_place_is_refused_and_nothing_written(brief, tmp_path):
    with pytest.raises(UsageError, match=r"neither in \.html, \.md nor \.txt"):
        brief.save(tmp_path / "brief.pdf")
    with pytest.raises(UsageError, match="cannot be written"):
        brief.save(tmp_path / "nowhere" / "brief.md")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_could_not_be_written_leaves_the_one_before(brief, tmp_path, monkeypatch):
    path = brief.save(tmp_path / "brief.md")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(UsageError, match="cannot be written"):
        Brief("E2", brief.tables).save(path)
    assert path.read_text(encoding="utf-8") == brief.markdown
