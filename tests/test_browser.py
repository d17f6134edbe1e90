"""Does a site work in a real browser: searched, sorted, printed, read aloud, without a script?

Needs Debian's chromium and the dependency group `browser`; run by `pytest -m browser`.
"""

import re
import shutil
from itertools import pairwise

import pytest
from tests.site_pages import files_of, hostile_tables
from typer.testing import CliRunner

from earlywarning.cli import app

pytestmark = pytest.mark.browser
sync_api = pytest.importorskip("playwright.sync_api", reason="needs the group 'browser'")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
KINDS = {
    "overview": "index.html", "authority": "authority-zzm008.html",
    "metric": "metric-care-assessment-late-pct.html", "theme": "theme-adult-social-care.html",
    "authorities": "authorities.html", "metrics": "metrics.html", "issues": "issues.html",
    "method": "method.html",
}  # fmt: skip
A4 = (595, 842)  # points
NARROW = {"width": 360, "height": 740}
GRAVE = ("serious", "critical")
TIERS = ["priority", "concern", "watch", "in no tier"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Return the folder that the demo writes."""
    out = tmp_path_factory.mktemp("demo") / "demo"
    done = CliRunner().invoke(app, ["demo", "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="module")
def brief(demo):
    file = demo / "brief.html"
    told = ["explain", str(demo / "results"), "ZZM008", "--out", str(file)]
    assert CliRunner().invoke(app, told).exit_code == 0
    return file


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("needs chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


class Tab:
    """A tab, and whatever it complains of or asks for outside of the files."""

    def __init__(self, browser, folder, **options):
        self.context, self.folder = browser.new_context(**options), folder
        self.page = self.context.new_page()
        self.complaints, self.asked = [], []
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda line: self.complaints.append(f"{line.type}: {line.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._refuse)

    def open(self, name):
        self.page.goto((self.folder / name).as_uri())
        return self.page

    @property
    def here(self):
        return self.page.url.rpartition("/")[2]

    def close(self):
        self.context.close()
        inside = self.folder.as_uri()
        assert not self.complaints
        assert [url for url in self.asked if not url.startswith(inside)] == []

    def _refuse(self, dialog):
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def tab(browser, demo):
    made = Tab(browser, demo / "site")
    yield made
    made.close()


def column(page, place, table="main table"):
    """Return the words in a column of the first table, those of its rows that can be seen."""
    rows = page.locator(f"{table} >> nth=0").locator("tbody tr:visible")
    return [row.locator("th, td").nth(place).inner_text().strip() for row in rows.all()]


def widest(page):
    """Return by how much the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def faults(page):
    """Return what axe-core calls serious or critical; it is not let fetch the style again."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options={"preload": False}).response["violations"]
    return [
        (one["id"], one["help"], node["html"])
        for one in found if one["impact"] in GRAVE for node in one["nodes"]
    ]  # fmt: skip


def test_an_authority_is_searched_for_opened_and_left_for_a_peer(tab):
    page = tab.open("index.html")
    page.get_by_role("searchbox").fill("heskelmar")
    page.get_by_role("link", name="Heskelmarch", exact=False).first.wait_for()
    assert page.locator("#search [role=status]").inner_text() == "1 found"
    page.keyboard.press("Enter")
    page.wait_for_url("**/authority-zzm008.html")
    assert page.locator("h1").inner_text() == "Heskelmarch"
    peer = page.locator("section[aria-labelledby=peers] a").first
    name = peer.inner_text()
    peer.click()
    page.wait_for_url("**/authority-*.html")
    assert tab.here != "authority-zzm008.html"
    assert page.locator("h1").inner_text() == name


def test_what_is_searched_for_is_found_by_keys_alone(tab):
    page = tab.open("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.get_by_role("searchbox").focus()
    page.keyboard.type("wesk")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    first, second = page.locator("#found a").all()[:2]
    assert page.evaluate("document.activeElement.href") == second.evaluate("a => a.href")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.href") == first.evaluate("a => a.href")
    page.keyboard.press("Escape")
    assert page.evaluate("[document.activeElement.id, document.activeElement.value]") == [
        "search-for", "",
    ]  # fmt: skip
    assert page.locator("#found a").count() == 0


def test_a_table_sorts_both_ways_and_says_so(tab):
    page = tab.open("authorities.html")
    header = page.locator("main table th", has_text="Flags").first
    for order in ("ascending", "descending"):
        header.get_by_role("button").click()
        assert header.get_attribute("aria-sort") == order
        assert header.get_by_role("button", name="Flags", exact=True).count() == 1
        numbers = [int(words) for words in column(page, 4)]
        assert len(numbers) == 120
        steps = [after - before for before, after in pairwise(numbers)]
        assert all(step >= 0 for step in steps) if order == "ascending" else max(steps) <= 0
    page.locator("main table th", has_text="Authority").first.get_by_role("button").click()
    names = column(page, 0)
    assert names == sorted(names)
    assert header.get_attribute("aria-sort") is None


def test_tiers_stand_and_sort_by_what_they_mean(tab):
    page = tab.open("authorities.html")
    assert list(dict.fromkeys(column(page, 3))) == TIERS
    page.locator("main table th", has_text="Tier").first.get_by_role("button").click()
    assert list(dict.fromkeys(column(page, 3))) == TIERS


def test_a_table_filters_by_words_and_by_choice(tab):
    page = tab.open("authorities.html")
    page.get_by_label("Tier").select_option("watch")
    assert set(column(page, 3)) == {"watch"}
    said = page.locator(".filter [role=status]").inner_text()
    assert said == f"{len(column(page, 0))} of 120 rows"
    page.get_by_label("Rows with the words").fill("weskin")
    assert column(page, 0) == ["Weskinmere"]
    page.get_by_label("Tier").select_option("all")
    assert sorted(column(page, 0)) == sorted(n for n in column(page, 0) if "eskin" in n)
    assert len(column(page, 0)) > 1
    page.get_by_label("Rows with the words").fill("")
    assert len(column(page, 0)) == 120


def test_a_sorted_table_keeps_its_filter(tab):
    page = tab.open("authorities.html")
    page.get_by_label("Tier").select_option("priority")
    before = column(page, 0)
    page.locator("main table th", has_text="Flags").first.get_by_role("button").click()
    assert sorted(column(page, 0)) == sorted(before)


def test_the_waterfall_and_its_table_add_up_to_the_score(tab):
    page = tab.open("authority-zzm008.html")
    score = float(page.locator("dl.numbers dd", has_text="points").inner_text().split()[0])
    section = page.locator("section", has=page.get_by_role("heading", name="adds up"))
    points = [float(cell) for cell in column(section, -1 % 5, "table")]
    *parts, total = points
    assert total == score
    assert sum(parts) == pytest.approx(score, abs=1e-9)
    drawn = section.locator("svg").first.locator("text").all_text_contents()
    assert f"{score:.1f}" in " ".join(drawn)


def test_a_metric_reached_from_an_authority_picks_it_and_its_peers_out(tab):
    page = tab.open(KINDS["authority"])
    page.locator(".card h3 a").first.click()
    assert tab.here == "metric-care-assessment-late-pct.html#authority-zzm008"
    strip = page.locator("section[data-pick]")
    choice = strip.get_by_label("Pick out, with its peers")
    assert choice.input_value() == "authority-zzm008"
    told = strip.get_by_role("status")
    assert told.inner_text().startswith("Heskelmarch: 84.9%; 23 more of its type (metropolitan")
    assert strip.locator("svg a.own").get_attribute("href") == "authority-zzm008.html"
    assert strip.locator("svg a.peer").count() == 23
    page.wait_for_function("scrollY === 0")
    choice.select_option("Pellorshire")
    assert strip.locator("svg a.own").get_attribute("href") != "authority-zzm008.html"
    assert strip.locator("svg a.peer").count() == 17
    choice.select_option("nobody")
    assert strip.locator("svg a.own, svg a.peer").count() == 0
    assert told.inner_text() == ""


def test_without_scripts_a_metric_reached_from_an_authority_shows_its_row(browser, demo):
    made = Tab(browser, demo / "site", java_script_enabled=False)
    page = made.open(KINDS["authority"])
    page.locator(".card h3 a").first.click()
    row = page.locator("tr:target")
    assert row.locator("th").inner_text() == "Heskelmarch"
    assert -1 < row.bounding_box()["y"] < page.viewport_size["height"]
    made.close()


def test_a_flagged_series_opens_as_a_control_chart_and_among_its_peers_by_keys(tab):
    page = tab.open(KINDS["authority"])
    card = page.locator(".card").first
    for words, seen in (("Among all authorities", "one of its peers"),
                        ("As a control chart", "Variation: concern high")):  # fmt: skip
        summary = card.get_by_text(words, exact=False)
        assert not card.locator("text").get_by_text(seen, exact=True).is_visible()
        summary.focus()
        page.keyboard.press("Enter")
        assert card.locator("text").get_by_text(seen, exact=True).is_visible()
    assert faults(page) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_has_a_serious_fault_for_who_does_not_see_it(tab, kind):
    assert faults(tab.open(KINDS[kind])) == []


def test_the_brief_has_no_serious_fault_either(browser, brief):
    made = Tab(browser, brief.parent)
    assert faults(made.open(brief.name)) == []
    made.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_whole_on_a_narrow_screen_and_with_large_letters(browser, demo, kind):
    for options in ({"viewport": NARROW}, {"viewport": {"width": 640, "height": 900}}):
        made = Tab(browser, demo / "site", **options)
        page = made.open(KINDS[kind])
        if options["viewport"] != NARROW:  # as on a screen of 1,280 at 200%
            page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert widest(page) <= 0
        made.close()


def test_the_brief_is_whole_on_a_narrow_screen(browser, brief):
    made = Tab(browser, brief.parent, viewport=NARROW)
    assert widest(made.open(brief.name)) <= 0
    made.close()


@pytest.mark.parametrize("kind", KINDS)
def test_with_scripts_off_all_is_there_but_search_sorting_and_filters(browser, demo, kind):
    made = Tab(browser, demo / "site", java_script_enabled=False)
    page = made.open(KINDS[kind])
    assert page.get_by_role("searchbox").count() == 0
    assert page.locator("main button, main input, main select").count() == 0
    assert len(page.locator("main").inner_text()) > 500
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Metrics").click()
    assert made.here == "metrics.html"
    page.locator("main table a").first.click()
    assert made.here.startswith(("metric-", "theme-"))
    made.close()


@pytest.mark.parametrize("kind", ["overview", "authority", "metric", "theme"])
def test_pages_print_on_a4_without_menus(tab, kind):
    page = tab.open(KINDS[kind])
    page.emulate_media(media="print")
    assert page.get_by_role("navigation", name="Pages").count() == 0
    assert page.get_by_role("searchbox").count() == 0
    assert sizes(page.pdf(prefer_css_page_size=True)) == {A4}


def test_the_brief_prints_on_three_a4_pages_at_most(browser, brief):
    made = Tab(browser, brief.parent)
    printed = made.open(brief.name).pdf(prefer_css_page_size=True)
    assert sizes(printed) == {A4}
    assert len(boxes(printed)) <= 3
    made.close()


def boxes(pdf):
    return re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)


def sizes(pdf):
    return {(round(float(width)), round(float(height))) for width, height in boxes(pdf)}


def test_hostile_words_are_shown_as_text_and_do_nothing(browser, few, tmp_path):
    for name, text in files_of(hostile_tables(few)).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    made = Tab(browser, tmp_path, viewport=NARROW)
    for file in sorted(path.name for path in tmp_path.glob("*.html")):
        page = made.open(file)
        assert widest(page) <= 0, file
        assert (
            page.evaluate("document.querySelectorAll('script:not([src]), img, b, i').length") == 0
        )
    shown = made.open("authorities.html").locator("main").inner_text()
    assert "<script>" in shown
    page = made.open("index.html")
    page.get_by_role("searchbox").fill("script")
    assert "<script>" in page.locator("#found").inner_text()
    made.close()
