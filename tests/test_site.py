"""Does a site say what the tables say, and does each of its pages lead to the others?"""

import re
from collections import Counter
from itertools import pairwise

import pytest
from tests.site_pages import RAN, files_of, pages_of

from earlywarning.explain import one_line
from earlywarning.report.site import SITE_FILES
from earlywarning.report.site.authority import sections_of
from earlywarning.report.site.book import book_of
from earlywarning.report.site.comparisons import peers_drawing
from earlywarning.report.site.names import file_names
from earlywarning.report.site.overview import unassessed
from earlywarning.report.site.pictures import control_drawing

PAGES = ("authority", "metric", "theme")
NAMES = re.compile(r"\b(failing|worst|bottom|rank(s|ed|ing)?|league)\b", re.IGNORECASE)
NUMBER = re.compile(r"-?[\d,]+\.\d")


@pytest.fixture(scope="module")
def pages(site):
    return pages_of(site)


def of(kind, codes):
    return file_names(kind, codes)


def test_every_authority_metric_and_theme_has_a_page_and_every_list_is_there(few, site):
    wanted = {name for name in SITE_FILES if "*" not in name}
    wanted |= set(of("authority", few.authorities["authority"]).values())
    wanted |= set(of("metric", few.metrics["metric"]).values())
    wanted |= set(of("theme", few.metrics["theme"]).values())
    assert set(site) == wanted


def test_every_link_leads_to_a_file_of_the_site_or_a_place_on_the_page(pages, site):
    for name, page in pages.items():
        for link in page.values("href", "src"):
            file, _, place = link.partition("#")
            assert file in site or (not file and place in page.ids), (name, link)


def test_no_page_asks_for_anything_else_and_nothing_acts_in_it(pages):
    for name, page in pages.items():
        for tag, attribute, value in page.attributes:
            assert not attribute.startswith("on"), (name, attribute)
            assert attribute != "style", (name, tag)
            assert attribute == "xmlns" or "//" not in value, (name, value)
        assert page.values("src") == ["search.js", "site.js"]
        assert any("default-src 'none'" in value for value in page.values("content"))
        assert "script" not in page.words


def test_each_page_has_one_main_heading_a_language_and_no_id_twice(pages):
    for name, page in pages.items():
        tags = Counter(page.tags)
        assert tags["h1"] == tags["main"] == tags["header"] == tags["footer"] == 1, name
        assert ("html", "lang", "en-GB") in page.attributes
        assert len(set(page.ids)) == len(page.ids), name
        named = page.values("aria-labelledby")
        assert set(named) <= set(page.ids), name


def test_every_table_has_a_caption_and_headers(pages):
    for name, page in pages.items():
        tags = Counter(page.tags)
        assert tags["table"] == tags["caption"] == tags["thead"], name
        scopes = [value for tag, key, value in page.attributes if (tag, key) == ("th", "scope")]
        assert len(scopes) == tags["th"], name


def test_no_heading_leaves_a_level_out(pages):
    for name, page in pages.items():
        levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert all(b <= a + 1 for a, b in pairwise(levels)), name


def test_each_flag_is_on_the_page_of_its_authority_its_metric_and_its_theme(few, pages):
    themes = few.metrics.set_index("metric")["theme"]
    assert len(few.flags) > 8
    for flag in few.flags.itertuples():
        keys = (flag.authority, flag.metric, themes[flag.metric])
        for kind, key in zip(PAGES, keys, strict=True):
            assert one_line(flag.reason) in pages[of(kind, [key])[key]].words


def test_an_authoritys_page_says_all_that_the_explanation_says_and_nothing_twice(few, pages):
    for code, href in of("authority", few.authorities["authority"]).items():
        words = pages[href].words
        for section in sections_of(few, code):
            for text in (*section.paragraphs, *section.items, section.heading):
                assert text in words
        for reason in few.flags.loc[few.flags["authority"].eq(code), "reason"]:
            assert words.count(one_line(reason)) == 1


def test_what_is_drawn_of_the_score_adds_up_as_printed(few, site):
    for row in few.authorities.itertuples():
        text = site[of("authority", [row.authority])[row.authority]]
        drawn = re.search(r'<svg[^>]*aria-label="What adds up.*?</svg>', text, re.DOTALL)
        if row.coverage == 0:
            assert drawn is None
            continue
        words = re.findall(r"<text[^>]*>([^<]*)</text>", drawn[0])
        rows = words[words.index("points") + 1 :]
        *amounts, score = [word for word in rows if NUMBER.fullmatch(word)]
        assert sum(round(10 * float(amount)) for amount in amounts) == round(10 * float(score))


def test_every_series_is_drawn_once_small_and_the_flagged_ones_in_three_ways(few, site):
    book = book_of(few, RAN)
    for code, href in of("authority", few.authorities["authority"]).items():
        mine = few.values[few.values["authority"].eq(code) & few.values["value"].notna()]
        who = book.rows.authorities[code]
        flagged = [book.rows.metrics[what] for owner, what in book.rows.of_series if owner == code]
        ways = sum(
            way(book, who, what) is not None
            for what in flagged for way in (peers_drawing, control_drawing)
        ) + len(flagged)  # fmt: skip
        drawn = re.findall(r'<svg[^>]*role="img"', site[href])
        waterfall = int(few.contributions["authority"].eq(code).any())
        assert len(drawn) == mine["metric"].nunique() + ways + waterfall, code


def test_a_metrics_page_has_the_newest_value_of_each_authority(few, pages):
    from earlywarning.units import format_value

    newest = few.signals[few.signals["signal"].eq("position")]
    newest = newest[newest["metric"].eq("budget_overspend_pct")]
    words = pages["metric-budget-overspend-pct.html"].words
    for row in newest.itertuples():
        assert format_value(row.value, "percent_ratio") in words


def test_no_page_ranks_anybody_or_calls_them_names(pages):
    for page in pages.values():
        words = page.words.replace("there is no league table", "")
        assert not re.search(
            r"\b(failing|worst|bottom|rank(s|ed|ing)?|league)\b", words, re.IGNORECASE
        )


def test_authorities_stand_by_tier_then_name(few, pages):
    tiers = ("priority", "concern", "watch", "none")
    table = few.authorities.assign(place=few.authorities["tier"].map(tiers.index))
    names = table.sort_values(["place", "name"])["name"].to_list()
    words = pages["authorities.html"].words
    assert [words.index(name) for name in names] == sorted(words.index(name) for name in names)


def test_the_overview_says_how_many_flags_are_expected_to_be_false(few, pages):
    n = len(few.flags)
    assert f"Of the {n} flags, up to 2 are expected to be false" in pages["index.html"].words


def test_the_method_has_the_settings_versions_and_hashes(pages):
    words = pages["method.html"].words
    for text in ("false_flag_share 0.1", "numpy 2.0", "ab" * 32, "How to challenge it"):
        assert text in words


def test_what_was_not_assessed_is_counted_by_reason(few, pages):
    judged = few.signals[few.signals["signal"].isin(["change", "position"])]
    missing = judged[judged["status"].ne("ok")]
    found = unassessed(few.signals)
    assert sum(change + position for _, change, position in found) == len(missing) > 0
    for why, change, position in found:
        assert f"{why} {change} {position}" in pages["index.html"].words


def test_the_same_tables_give_the_same_bytes(few, site):
    assert files_of(few, RAN) == site


def test_a_page_of_a_series_stays_small(few, site):
    code = "ZZM008"
    n = few.values[few.values["authority"].eq(code)]["metric"].nunique()
    assert len(site[f"authority-{code.lower()}.html"]) < 12_000 + 9_000 * n
