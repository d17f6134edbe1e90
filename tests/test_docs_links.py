"""Can a reader of the pages find their way: all pages listed, all links good, all parts there?"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
BESIDE = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")]
FENCED = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,3} (.+)$", re.MULTILINE)
DETECTORS = ("position", "change", "flags", "risk", "trend", "breaks", "joint", "funnel",
             "control_charts", "counts", "trend_tests")  # fmt: skip
PARTS = ("Formula", "Source", "How far to trust ", "When (it|they) mislead")
QUOTES = {"change": "**What it finds.**", "position": "**What it finds.**",
          "flags": "A tenth may be false.", "control_charts": "At an equal 1%"}  # fmt: skip
PRINTER = re.compile(r"(?:tests|benchmarks)/\w+\.py|benchmarks\.\w+")


def prose(page):
    """Return what a page says outside its blocks of code."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def listed(page):
    """Return the pages that a page's tables of contents name."""
    lines = "\n".join(TOCTREE.findall(page.read_text(encoding="utf-8"))).splitlines()
    names = [line for line in lines if line and not line.startswith(":")]
    return [re.sub(r".*<(\w+)>$", r"\1", name) for name in names]


def anchors(text):
    """Return the places of a page that can be linked to, named as the web pages name them."""
    said = (re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading) for heading in HEADING.findall(text))
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in said}


def broken(page):
    """Return the links of a page that lead nowhere."""
    lost = []
    for link in LINK.findall(re.sub(r"`[^`\n]*`", "", prose(page))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(prose(target))):
            lost.append(link)
    return lost


def section(text, title):
    """Return what stands under a heading, up to the next of its level."""
    return re.split(r"^## ", text.split(f"## {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def test_every_page_is_in_one_table_of_contents_and_no_other():
    names = [name for page in DOCS for name in listed(page)]
    assert sorted([*names, "index"]) == [page.stem for page in DOCS]


@pytest.mark.parametrize("page", [*DOCS, *BESIDE], ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file_and_heading_that_are_there(page):
    assert broken(page) == []


def test_a_link_that_leads_nowhere_is_seen(tmp_path):
    page = tmp_path / "a.md"
    page.write_text(
        "# A `b` (c)\n[1](a.md#a-b-c) [2](b.md) [3](#no)\n```\n[4](c.md)\n```\n", "utf-8"
    )
    assert broken(page) == ["b.md", "#no"]


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detectors_page_has_question_formula_source_trust_and_limits(name):
    text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    headings = HEADING.findall(FENCED.sub("", text))
    assert headings[0].endswith("?")
    assert [part for part in PARTS if not any(re.match(part, h) for h in headings)] == []


def test_all_detectors_are_listed_as_such():
    assert set(DETECTORS) <= set(listed(ROOT / "docs" / "detectors.md"))


# Where numbers come from.


def measured():
    """Return the rows of the table of the README's numbers: what, where shown, reprinted by."""
    text = (ROOT / "docs" / "measured.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [row for row in rows if len(row) == 3]


def test_every_number_of_the_comparison_is_listed_with_its_page_and_what_reprints_it():
    text = section((ROOT / "README.md").read_text(encoding="utf-8"), "How it compares")
    bullets = [b for b in re.split(r"^- |\n\n", text, flags=re.MULTILINE) if re.search(r"\d", b)]
    assert len(bullets) >= 6
    table = "\n".join(" | ".join(row) for row in measured())
    for bullet in bullets:
        pages = re.findall(r"\]\(docs/(\w+\.md)\)", bullet)
        tests = re.findall(r"`(tests/\w+\.py)`", bullet)
        lost = [name for name in [*pages, *tests] if name not in table and name != "benchmarks.md"]
        assert pages or tests, bullet
        assert lost == []
        lead = re.match(r"\[([^\]]+)\]\(", bullet)
        assert lead is None or lead[1] in table


def test_what_reprints_a_number_is_there():
    found = {name for *_, printer in measured() for name in PRINTER.findall(printer)}
    assert len(found) > 15
    paths = {name: ROOT / name.removesuffix(".py").replace(".", "/") for name in found}
    lost = [n for n, p in paths.items() if not (p.is_dir() or p.with_suffix(".py").is_file())]
    assert lost == []


@pytest.mark.parametrize("name", QUOTES)
def test_what_a_page_quotes_of_the_laboratories_is_what_they_print(name):
    said = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8").split(QUOTES[name])[1]
    numbers = re.findall(r"\d+\.\d", said.split("\n## ")[0])
    power = (ROOT / "docs" / "benchmarks_power.md").read_text(encoding="utf-8")
    cases = (ROOT / "docs" / "benchmarks_coverage.md").read_text(encoding="utf-8")
    false = next(line for line in power.splitlines() if line.startswith("| change | 0 | 10 |"))
    found = section(power, "Every detector, by event") + section(cases, "Every case")
    assert numbers
    assert [number for number in numbers if not re.search(rf"\b{number}\b", found + false)] == []


def test_the_page_on_performance_quotes_what_the_pages_it_names_print():
    table = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in table.splitlines() if re.search(r"\d.*\]\(", line)]
    assert len(rows) >= 5
    for _, answer, page, *_ in (row for row in rows if len(row) == 4):
        shown = (ROOT / "docs" / re.search(r"\((\w+\.md)", page)[1]).read_text(encoding="utf-8")
        numbers = re.findall(r"\d[\d,]+", answer)
        assert numbers
        assert [number for number in numbers if number not in shown] == []
