"""A site of a few authorities of the sample, whose words may be put in the place of its own."""

from dataclasses import replace
from html.parser import HTMLParser

from earlywarning.report.site import Ran, site_pages

AUTHORITIES = ["ZZD025", "ZZM008", "ZZU001", "ZZU013", "ZZU036", "ZZC001", "ZZD040", "ZZD028"]
METRICS = [
    "budget_overspend_pct", "care_assessment_late_pct", "care_assessment_wait_days",
    "child_visit_late_pct", "homes_added_count", "temporary_accommodation_rate",
]  # fmt: skip
RAN = Ran(
    version="0.1.0",
    expected_false_flags=1.4,
    settings={"false_flag_share": 0.1, "seed": 20240401},
    versions={"numpy": "2.0"},
    inputs=[("panel", "panel.csv", 12, "ab" * 32)],
    options={"catalogue": ["mine.toml"]},
)
WORDS = [
    "<script>alert(1)</script>", "../../etc/passwd", "=cmd()", "\u202egnp.exe", "CON", "con",
    "Long " * 60, "a'b\"c&lt;d\u2028e\n</title></svg>{{ 7 * 7 }}",
]  # fmt: skip
VOID = {"br", "hr", "img", "input", "link", "meta"}


def cut(result):
    """Return the tables of a result, cut to a few authorities and metrics."""
    told = replace(result.tables, breaks=result.flagged_breaks)

    def few(table, name, kept):
        return table[table[name].isin(kept)].reset_index(drop=True)

    both = {
        name: few(few(getattr(told, name), "authority", AUTHORITIES), "metric", METRICS)
        for name in ("flags", "signals", "contributions", "values", "practice")
    }
    of_metric = {
        name: few(getattr(told, name), "metric", METRICS) for name in ("metrics", "breaks")
    }
    authorities = few(told.authorities, "authority", AUTHORITIES)
    return replace(told, authorities=authorities, **both, **of_metric)


def put(told, columns):
    """Return the tables with other words in some columns: a mapping a column."""

    def said(table):
        new = {
            name: table[name].astype(object).map(lambda word, to=to: to.get(word, word))
            for name, to in columns.items()
            if name in table
        }
        return table.assign(**new)

    tables = ("authorities", "flags", "signals", "contributions", "issues", "metrics", "breaks",
              "values", "practice")  # fmt: skip
    return replace(told, **{name: said(getattr(told, name)) for name in tables})


def hostile_tables(few):
    """Return the tables with every word of the data another, and a bad one."""
    themes = few.metrics["theme"].unique()
    periods = few.values["period"].astype(str).unique()
    shifted = WORDS[1:] + WORDS[:1]
    words = {
        "authority": dict(zip(AUTHORITIES, WORDS, strict=True)),
        "name": dict(zip(few.authorities["name"], shifted, strict=True)),
        "type": dict.fromkeys(few.authorities["type"], WORDS[0]),
        "metric": dict(zip(METRICS, WORDS, strict=False)),
        "title": dict(zip(few.metrics["title"], shifted, strict=False)),
        "theme": dict(zip(themes, WORDS[::-1], strict=False)),
        "source": {"fictional": WORDS[0]},
        "period": {period: f"{period}{WORDS[0]}" for period in periods},
        "message": dict.fromkeys(few.issues["message"], WORDS[-1]),
        "code": dict.fromkeys(few.issues["code"], WORDS[0]),
    }
    return put(few, words)


def files_of(told, ran=RAN):
    return dict(site_pages(told, ran))


def pages_of(files):
    """Return the pages among the files, read."""
    return {name: Page(text) for name, text in files.items() if name.endswith(".html")}


class Page(HTMLParser):
    """Reads a page, and refuses tags that do not nest."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.attributes, self.text, self.ids = [], [], [], [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())

    def values(self, *names):
        return [value for _, name, value in self.attributes if name in names]
