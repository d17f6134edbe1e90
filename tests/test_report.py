"""Fragments of HTML show what the tables hold, and nothing from the data can act in them."""

from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlywarning import schema
from earlywarning.errors import UsageError
from earlywarning.explain import Explained, Page, Section
from earlywarning.report import Brief, page_box, result_html

AS_OF = pd.Timestamp("2025-03-01")
COUNTS = {
    "authorities": 317, "metrics": 24, "series": 7608, "series_assessed": 7001, "flags": 1234,
    "expected_false_flags": 12.34,
}  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>", "</td></tr></table>", '" onmouseover="alert(1)', "' x='",
    "{{ 7 * 7 }}", "&lt;b&gt;", "\u202egnp.exe", "\x1b[31m\x00", "line\nbreak",
]  # fmt: skip
VOID = {"br", "hr", "img", "input", "link", "meta"}


class Shape(HTMLParser):
    """Reads tags, attributes and text, and refuses tags that do not nest."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], set(), []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def sector(n, *, tier="watch", name="Name {:02d}"):
    table = schema.empty(schema.AUTHORITIES).reindex(range(n))
    return table.assign(
        authority=[f"E{i:02d}" for i in range(n)],
        name=[name.format(i) for i in range(n)],
        tier=tier,
    )


def flags_of(rows):
    table = pd.DataFrame(rows, columns=["authority", "severity", "p", "reason"])
    return table.reindex(columns=list(schema.FLAGS))


def box(authorities, flags=None):
    flags = schema.empty(schema.FLAGS) if flags is None else flags
    return result_html(authorities, flags, as_of=AS_OF, counts=COUNTS)


def test_the_box_says_the_day_what_was_assessed_and_how_many_flags_to_expect_false():
    words = Shape(box(sector(2))).words
    assert "as known on 1 March 2025" in words
    assert "317 authorities, 24 metrics; 7,001 of 7,608 series assessed." in words
    assert "1,234 flags, of which 13 at most are expected to be false." in words
    assert "Authorities by tier: priority 0, concern 0, watch 2." in words


def test_the_box_never_says_that_no_flag_is_expected_to_be_false():
    few = {**COUNTS, "flags": 3, "expected_false_flags": 0.3}
    nothing = {**COUNTS, "flags": 0, "expected_false_flags": 0.0}
    boxes = [
        Shape(result_html(sector(2), flags_of([]), as_of=AS_OF, counts=counts)).words
        for counts in (few, nothing)
    ]
    assert "3 flags, of which 1 at most is expected to be false." in boxes[0]
    assert "No flags." in boxes[1]


def test_authorities_stand_by_tier_then_name_with_the_reason_for_their_gravest_flag():
    table = sector(3).assign(
        name=["birch", "Ash", "Cedar"], tier=["watch", "watch", "priority"]
    )  # fmt: skip
    flags = flags_of([("E00", "watch", 1e-9, "mild"), ("E00", "concern", 1e-3, "grave")])
    words = Shape(box(table, flags)).words
    assert words.index("Cedar") < words.index("Ash") < words.index("birch") < words.index("grave")
    assert "mild" not in words
    assert "Cedar E02 No flag of its own" in words


def test_at_most_ten_rows_are_shown_and_the_rest_are_counted():
    words = Shape(box(sector(13))).words
    assert words.count("Name ") == 10
    assert "And 3 more." in words
    assert "more." not in Shape(box(sector(10))).words


def test_no_authority_in_a_tier_is_said_in_words():
    html = box(sector(3, tier="none"))
    assert "No authority is in a tier." in html
    assert "<table" not in html


def test_an_authority_without_a_name_is_called_by_its_code():
    assert "E00 E00" in Shape(box(sector(1).assign(name=None))).words


def test_a_missing_count_is_named():
    with pytest.raises(UsageError, match=r"lack \['series'\]"):
        result_html(sector(1), schema.empty(schema.FLAGS), as_of=AS_OF,
                    counts={k: v for k, v in COUNTS.items() if k != "series"})  # fmt: skip


def harmless(html, tags):
    """Assert that a fragment has only our tags and attributes, and no hidden characters."""
    shape = Shape(html)
    assert set(shape.tags) <= tags
    assert shape.attributes <= {"style"}
    assert not set(html) & {"\u202e", "\x1b", "\x00"}
    assert "http" not in html
    return shape


BOX = {"div", "p", "table", "tr", "th", "td", "span"}


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_from_the_data_can_act_in_the_box(text):
    table = sector(1).assign(authority=text, name=text)
    plain = Shape(box(sector(1), flags_of([("E00", "watch", 0.1, "why")])))
    shape = harmless(box(table, flags_of([(text, "watch", 0.1, text)])), BOX)
    assert shape.tags == plain.tags


@settings(max_examples=25)
@given(text=st.text())
def test_whatever_the_data_say_the_box_keeps_its_shape(text):
    shape = harmless(box(sector(1).assign(name=text)).replace("http", ""), BOX)
    assert shape.tags == Shape(box(sector(1))).tags


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_from_the_data_can_act_in_an_explanation(text):
    def page(word):
        part = Section(word, (word,), (word, word), ((word, word, "1"), (word, word, "2")))
        return Page(word, (part, part))

    tags = BOX | {"ul", "li"}
    shape = harmless(page_box(page(text)), tags)
    assert shape.tags == Shape(page_box(page("plain"))).tags


def test_what_is_escaped_is_still_shown_as_it_was_written():
    assert "<b>Ash & Co</b>" in Shape(page_box(Page("<b>Ash & Co</b>", ()))).words


@pytest.fixture
def explanation():
    columns = [schema.AUTHORITIES, schema.FLAGS, schema.SIGNALS, schema.CONTRIBUTIONS,
               schema.ISSUES, schema.CATALOGUE]  # fmt: skip
    tables = [schema.empty(names) for names in columns]
    tables[0].loc[0, ["authority", "name", "score", "tier"]] = ["E1", "Ash", 3.0, "none"]
    part = ["E1", "Finance", "tax", "change", 3.0]
    tables[3].loc[0, ["authority", "theme", "metric", "kind", "contribution"]] = part
    return Brief("ash", Explained(*tables, as_of=AS_OF))


def test_an_explanation_says_the_same_as_text_and_as_html(explanation):
    words = Shape(explanation._repr_html_()).words
    text = str(explanation).replace("=", "").replace("--", "").replace("\n- ", "\n")
    for line in filter(None, (line.strip(" -") for line in text.splitlines())):
        assert " ".join(line.split()) in words


def test_numbers_stand_to_the_right_and_words_to_the_left(explanation):
    html = explanation._repr_html_()
    cells = html.split("<td")[1:6]
    assert [("right" if "text-align:right" in cell else "left") for cell in cells] == [
        "left", "left", "right", "right", "right",
    ]  # fmt: skip


def test_an_unknown_authority_is_refused_at_once_not_when_it_is_shown(explanation):
    with pytest.raises(UsageError, match="no authority 'Oak'"):
        Brief("Oak", explanation.tables)


def test_fragments_set_no_colours_that_fail_on_dark_or_light(explanation):
    for html in (explanation._repr_html_(), box(sector(2))):
        assert "background" not in html
        assert "color:" not in html
