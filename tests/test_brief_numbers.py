"""Every number of a brief follows from the tables, worked out here a second time."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from earlywarning.explain import as_page
from earlywarning.units import UNITS, format_change, format_value

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
UNKIND = re.compile(r"\b(fail\w*|worst|bottom|rank(?!le)\w*|league|laggard\w*)\b", re.IGNORECASE)
ALIKE = re.compile(
    r"(\d+|None) of (\d+) peers? of its type lies? (above|below) the limits too, where chance "
    r"alone would put about ([\d.]+); (\d+) lie \w+ what was expected, and (\d+|none) (?:is|are) "
)


@pytest.fixture(scope="module")
def tables(sample):
    return replace(sample.result.tables, breaks=sample.result.flagged_breaks)


@pytest.fixture(scope="module")
def pages(tables):
    """Return each authority's page."""
    return {code: as_page(tables.about(code)) for code in tables.authorities["authority"]}


def test_these_pages_are_the_briefs_of_the_result(sample, pages):
    code = sample.result.flags["authority"].iloc[0]
    assert sample.result.brief(code).page == sample.result.explain(code).page == pages[code]


def of(table, code):
    return table[table["authority"].eq(code)]


def numbers(*texts):
    return set(NUMBER.findall(" ".join(map(str, texts))))


def words_of(section):
    return [*section.paragraphs, *section.items, *(cell for row in section.table for cell in row)]


def said(page, heading):
    """Return what stands in a section, in one line; nothing where there is no such section."""
    found = [part for part in page.sections if part.heading == heading]
    return " ¶ ".join(text for part in found for text in words_of(part))


@pytest.fixture(scope="module")
def stripped(sample):
    """Return a function that takes the data's own texts, with their numbers, out of a text."""
    result = sample.result
    own = {
        *result.metrics["title"], *result.metrics["theme"], *result.authorities["name"],
        *result.authorities["authority"], *result.values["period"].astype(str),
        *result.flags["reason"], *result.practice["reason"], *result.metrics["source"],
        *result.issues["message"],
        *result.flagged_breaks["evidence"].map(lambda told: told.partition(". ")[0]),
    }  # fmt: skip
    parts = re.compile("|".join(map(re.escape, sorted(own, key=len, reverse=True))))
    return lambda text: parts.sub(" ", text)


def rarity(p):
    if p < 1e-4:
        return "10,000"
    often = f"{1 / p:.2g}" if p < 0.1 else f"{1 / p:.0f}"
    return f"{int(float(often)):,}" if p <= 0.5 else "2"


def whole_values(values, code, metric, period):
    series = of(values, code).query("metric == @metric").sort_values("end")
    at = series.index.get_loc(series.index[series["period"].eq(period)][0])
    return series.iloc[: at + 1]


def doubts(result, code):
    """Return the numbers that may stand among other explanations."""
    told, earlier_of_steady = set(), 0
    for _, flag in of(result.flags, code).drop_duplicates("metric").iterrows():
        unit = result.metrics.set_index("metric").loc[flag["metric"], "unit"]
        series = whole_values(result.values, code, flag["metric"], flag["period"])
        newest, before = series.iloc[-1], series.iloc[:-1]
        revised = before[before["value"] != before["first_value"]]
        told |= numbers(len(before), len(revised), f"{newest['denominator']:,.0f}")
        told |= numbers(*(format_value(newest[name], unit) for name in ("value", "first_value")))
        told |= numbers(newest["published"].day, newest["published"].year)
        change = (revised["value"] - revised["first_value"]).to_list()
        told |= numbers(*(format_change(step, unit) for step in change))
        told |= numbers(format_change((UNITS[unit].per or 0) / newest["denominator"], unit))
        steady = revised.empty and newest["value"] == newest["first_value"]
        earlier_of_steady += len(before) * steady
    return told | numbers(earlier_of_steady)


def allowed(result, code):
    """Return, by section, the numbers that may be said of an authority."""
    who = of(result.authorities, code).iloc[0]
    flags, signals = of(result.flags, code), of(result.signals, code)
    units = result.metrics.set_index("metric")["unit"]
    position = signals[signals["signal"].eq("position")]
    n_type = int(result.authorities["type"].eq(who["type"]).sum()) - 1
    good = signals[signals["direction"].eq("better")]
    practice = result.practice[result.practice["type"].eq(who["type"])]
    status = signals[signals["signal"].isin(["position", "change"])]
    counts = Counter(zip(status["signal"].astype(str), status["status"].astype(str), strict=True))
    return {
        "": numbers(f"{who['score']:.1f}", rarity(who["p"]), len(flags)),
        "Since when": numbers(
            *flags["runs"], *(day for d in flags["published"] for day in (d.day, d.year))
        ),
        "Against whom": numbers(
            f"{position['n_peers'].min():.0f}", f"{position['n_peers'].max():.0f}", n_type,
            n_type - 6,
        ),
        "How sure": numbers(
            len(result.flags), len(result.authorities), -(-len(result.flags) // 10), "0.001",
            *(f"{q:.2g}" for q in flags["q"]), *(f"{kept:.0%}" for kept in flags["stability"]),
            *(format_value(v, units[m])
              for v, m in zip(flags["would_clear_at"], flags["metric"], strict=True)),
        ),
        "What else could explain it": doubts(result, code),
        "What goes well": numbers(
            "95", "2", *good["n_peers"], len(of(result.practice, code)) + good["metric"].nunique(),
            *range(1, 24),
            *(format_value(row[name], units[row["metric"]])
              for _, row in good.iterrows() for name in ("value", "expected", "lower", "upper")),
        ),
        "Who to learn from": numbers(
            *practice["n_good"], *practice["n_recent"],
            *(format_value(v, units[m])
              for v, m in zip(practice["value"], practice["metric"], strict=True)),
        ),
        "What is not known": numbers(
            f"{who['coverage']:.0%}", len(of(result.issues, code)), *counts.values()
        ) | numbers(*(max(n - 5, 0) for n in [*counts.values(), len(of(result.issues, code))])),
        "Data and method": numbers(
            "0.1.0", "10%", "95%", len(result.metrics), result.as_of.day, result.as_of.year
        ),
    }  # fmt: skip


def test_every_number_of_every_brief_of_the_sample_is_in_the_tables(sample, pages, stripped):
    for code, page in pages.items():
        for heading, known in allowed(sample.result, code).items():
            told = numbers(stripped(said(page, heading)))
            assert told <= known, (code, heading, told - known)


def test_the_reasons_shown_are_those_of_the_flags_and_no_other_number_is(sample, pages, stripped):
    for code, flags in sample.result.flags.groupby("authority"):
        seen = said(pages[code], "What we see")
        assert all(seen.count(reason) == 1 for reason in flags["reason"])
        assert not numbers(stripped(seen))


def test_how_many_peers_do_alike_is_counted_anew(sample, pages):
    result = sample.result
    types = result.authorities.set_index("authority")["type"]
    for code, flags in result.flags.groupby("authority"):
        others = types.index[types.eq(types[code]) & (types.index != code)]
        items = next(p for p in pages[code].sections if p.heading.startswith("Sector")).items
        titles = sample.result.metrics.set_index("metric")["title"]
        for _, flag in flags.iterrows():
            (item,) = [
                i for i in items if i.startswith(f"“{titles[flag['metric']]}”, {flag['kind']}")
            ]
            mine = of(result.signals, code).query("metric == @flag.metric")
            wanted = ["position"] if flag["kind"] == "position" else ["last", "step", "drift"]
            mine = mine[mine["signal"].isin(wanted)].sort_values("p").iloc[0]
            there = result.signals.query(
                "metric == @mine.metric and signal == @mine.signal and period == @mine.period"
            )
            there = there[there["authority"].isin(others) & there["status"].eq("ok")]
            sign = np.sign(mine["value"] - mine["expected"])
            limit = there["upper"] if sign > 0 else there["lower"]
            beyond = int((sign * (there["value"] - limit) > 0).sum())
            side = int((sign * (there["value"] - there["expected"]) > 0).sum())
            flagged = result.flags.query("metric == @flag.metric and kind == @flag.kind")
            n_flagged = int(flagged["authority"].isin(others).sum())
            *counts, by_chance, told_side, told_flagged = ALIKE.search(item).groups()
            way = "above" if sign > 0 else "below"
            assert counts == [str(beyond or "None"), str(len(there)), way]
            assert (told_side, told_flagged) == (str(side), str(n_flagged or "none"))
            assert float(by_chance) == pytest.approx(len(there) * 0.025, abs=0.0501)


def test_how_many_moved_the_same_way_is_counted_anew(sample, pages):
    result = sample.result
    types = result.authorities.set_index("authority")["type"]
    form = re.compile(r"From (\S+(?: Q\d)?) to .* it (rose|fell), as did (\d+) of (\d+) peers?\.")
    told = 0
    for code, flags in result.flags.groupby("authority"):
        text = said(pages[code], "Sector-wide or theirs alone")
        for metric in flags["metric"].unique():
            values = result.values[result.values["metric"].eq(metric)]
            wide = values.pivot(index="authority", columns="period", values="value")
            ends = values.groupby("period", observed=True)["end"].first()
            wide = wide[ends.sort_values().index]
            own = wide.loc[code].dropna()
            steps = wide[own.index[-1]] - wide[own.index[-2]]
            others = steps[types.reindex(steps.index).eq(types[code])].drop(code).dropna()
            alike = int((np.sign(others) == np.sign(steps[code])).sum())
            way = "rose" if steps[code] > 0 else "fell"
            found = (own.index[-2], way, str(alike), str(len(others)))
            told += found in form.findall(text.replace(" ¶ ", "\n"))
    assert told == sample.result.flags.drop_duplicates(["authority", "metric"]).shape[0]


def test_the_points_shown_add_up_and_are_the_contributions_within_a_tenth(sample, pages):
    result = sample.result
    titles = result.metrics.set_index("metric")["title"]
    for code, page in pages.items():
        (part,) = [part for part in page.sections if part.heading == "How the score adds up"]
        body = part.table[1:]
        if not body:
            assert not of(result.contributions, code)["contribution"].any()
            continue
        shown = np.array([[float(cell) for cell in row[2:]] for row in body])
        np.testing.assert_allclose(shown[:-1].sum(axis=0), shown[-1], atol=1e-9)
        np.testing.assert_allclose(shown[:, :2].sum(axis=1), shown[:, 2], atol=1e-9)
        mine = of(result.contributions, code)
        mine = mine.assign(title=mine["metric"].map(titles), other=mine["kind"].ne("position"))
        truth = mine.pivot_table(index="title", columns="other", values="contribution",
                                 aggfunc="sum", fill_value=0.0, observed=True)  # fmt: skip
        for row, amounts in zip(body, shown, strict=True):
            if row[1] in truth.index:
                np.testing.assert_allclose(amounts[:2], truth.loc[row[1]], atol=0.1 + 1e-9)


def test_no_brief_of_the_sample_calls_anybody_failing_or_ranks_them(pages):
    for code, page in pages.items():
        assert not UNKIND.search(str(page)), (code, UNKIND.search(str(page)))


def test_the_words_that_are_not_said_would_be_found():
    assert all(map(UNKIND.search, ("failing", "the worst", "Bottom", "ranked 3rd", "a rank")))
    assert not UNKIND.search("Frankly, a franker word")


def test_each_example_does_well_and_is_of_the_same_type(sample, pages):
    result = sample.result
    types = result.authorities.set_index("authority")["type"]
    for code in result.flags["authority"].unique():
        named = re.findall(r"\((ZZ\w+)\), ", said(pages[code], "Who to learn from"))
        assert len(named)
        assert set(named) <= set(result.practice["authority"])
        assert {types[name] for name in named} == {types[code]}
        assert code not in named


def test_what_is_told_of_revisions_changes_when_the_first_value_does(sample, tables):
    flag = sample.result.flags.iloc[0]
    values = tables.values.copy()
    at = (values["authority"].eq(flag["authority"]) & values["metric"].eq(flag["metric"])
          & values["period"].eq(flag["period"]))  # fmt: skip
    values.loc[at, "first_value"] = 1.0
    page = as_page(replace(tables, values=values).about(flag["authority"]))
    assert re.search(
        r"was first 1\.0%, and is [\d.]+% since", said(page, "What else could explain it")
    )
