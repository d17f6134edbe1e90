"""Whatever the data say, a site keeps its shape, its file names and its links."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.site_pages import files_of, hostile_tables, pages_of, put

from earlywarning.report.site.names import file_names
from earlywarning.report.site.search import HARMLESS

SAFE = re.compile(r"[a-z]+-[a-z0-9-]{1,75}\.html")


@pytest.fixture(scope="module")
def plain(few):
    """Return the pages of harmless words, all authorities of one type as they are of hostile."""
    alike = dict.fromkeys(few.authorities["type"], "district")
    return pages_of(files_of(put(few, {"type": alike})))


@pytest.fixture(scope="module")
def hostile(few):
    return files_of(hostile_tables(few))


def test_hostile_words_make_no_tag_and_no_attribute(hostile, plain):
    def kinds(pages):
        tags = {tag for page in pages.values() for tag in page.tags}
        return tags, {(tag, key) for page in pages.values() for tag, key, _ in page.attributes}

    tags, attributes = kinds(pages_of(hostile))
    assert tags <= kinds(plain)[0]
    assert attributes <= kinds(plain)[1]
    for page in pages_of(hostile).values():
        assert page.tags.count("script") == 2


def test_what_cannot_be_seen_is_on_no_page(hostile):
    for name, text in hostile.items():
        assert not set(text) & {"\u202e", "\u2028", "\x00"}, name


def test_hostile_codes_have_safe_names_and_every_link_still_leads_somewhere(hostile):
    for name, page in pages_of(hostile).items():
        if "-" in name:
            assert SAFE.fullmatch(name), name
        for link in page.values("href", "src"):
            file, _, place = link.partition("#")
            assert file in hostile or (not file and place in page.ids), (name, link)


def test_hostile_words_are_shown_as_they_were_written(hostile):
    words = pages_of(hostile)["authorities.html"].words
    assert "<script>alert(1)</script>" in words
    assert "../../etc/passwd" in words
    assert "{{ 7 * 7 }}" in words


def test_the_search_index_is_data_alone(hostile):
    text = hostile["search.js"]
    assert not set(text) & set("<>&'\u2028\u2029")
    body = re.fullmatch(r"window\.EARLYWARNING_PAGES=(\[.*\]);\n", text)
    entries = json.loads(body[1])
    assert {href for _, _, href in entries} <= set(hostile)
    assert any(name == "<script>alert(1)</script>" for name, _, _ in entries)
    assert set(HARMLESS) == {ord(letter) for letter in "<>&'\u2028\u2029"}


@settings(max_examples=25)
@given(codes=st.lists(st.text(max_size=70), max_size=4, unique=True))
def test_any_codes_have_different_safe_names(codes):
    names = file_names("authority", codes)
    assert list(names) == codes
    assert len({name.casefold() for name in names.values()}) == len(codes)
    assert all(SAFE.fullmatch(name) for name in names.values())


def test_a_name_does_not_depend_on_what_else_there_is_unless_they_read_alike():
    alone = file_names("metric", ["debt_total"])
    assert alone["debt_total"] == "metric-debt-total.html"
    assert file_names("metric", ["tax", "debt_total"])["debt_total"] == alone["debt_total"]
    both = file_names("metric", ["debt_total", "Debt Total"])
    assert len(set(both.values())) == 2


def test_a_code_that_looks_like_anothers_hashed_name_does_not_take_it():
    taken = file_names("metric", ["a/b"])["a/b"].removeprefix("metric-").removesuffix(".html")
    names = file_names("metric", ["a/b", taken])
    assert len(set(names.values())) == 2
