"""Do the pages' strips, funnels and control charts show what the tables and the models say?"""

import numpy as np
import pandas as pd
import pytest
from tests.site_pages import RAN

from drawn import named, places, text_of, upwards, words_of
from earlywarning import schema
from earlywarning.explain import Explained
from earlywarning.models.funnel.limits import pooled_target, share_limits
from earlywarning.report.site.book import book_of
from earlywarning.report.site.comparisons import FEWEST, funnel_drawings, peers_drawing
from earlywarning.report.site.pictures import control_drawing

TABLES = ("authorities", "flags", "signals", "contributions", "issues", "catalogue")


def book_with(values, sizes, *, unit="percent", types="district", names=None, flagged=()):
    """Return what pages are made of: one value and denominator an authority, of one metric."""
    tables = {name: schema.empty(getattr(schema, name.upper())) for name in TABLES}
    codes = [f"E{i:03d}" for i in range(len(values))]
    authorities = pd.DataFrame({"authority": codes, "name": names or codes, "type": types})
    tables["authorities"] = authorities.assign(
        score=0.0, score_position=0.0, score_change=0.0, coverage=1.0, tier="none"
    )
    tables["catalogue"] = pd.DataFrame(
        {"metric": ["late"], "title": "Repairs late", "unit": unit, "higher_is": "worse"}
    )
    tables["flags"] = pd.DataFrame(
        {"authority": [codes[i] for i in flagged], "metric": "late", "kind": "position",
         "severity": "watch", "since": "2023", "period": "2023", "reason": "High.", "p": 0.001}
    )  # fmt: skip
    found = pd.DataFrame(
        {"authority": codes, "metric": "late", "period": "2023", "value": values,
         "first_value": values, "denominator": sizes, "published": pd.NaT,
         "end": pd.Timestamp("2023-12-31")}
    )  # fmt: skip
    told = Explained(*tables.values(), as_of=pd.Timestamp("2025-03-01"), values=found)
    return book_of(told, RAN)


def funnels_of(*args, **options):
    book = book_with(*args, **options)
    return funnel_drawings(book, book.rows.metrics["late"])


def percentages(rng, n, *, between):
    """Return so many sizes and percentages, authorities' own differing by so much in log odds."""
    sizes = np.round(np.exp(rng.uniform(np.log(2_000), np.log(50_000), size=n)))
    own = 1 / (1 + np.exp(-rng.normal(-1.4, between, size=n)))
    return 100 * rng.binomial(sizes.astype(int), own) / sizes, sizes


def outside(drawing):
    """Return the share of authorities beyond the widest limits, read off the drawing."""
    at = places(named(drawing, "authorities")[0])
    lower, upper = (places(named(drawing, side)[-1]) for side in ("lower", "upper"))
    below = at[:, 1] > np.interp(at[:, 0], *lower.T)  # down the page is down in value
    above = at[:, 1] < np.interp(at[:, 0], *upper.T)
    return (below | above).mean()


def test_authorities_that_differ_beyond_chance_are_not_called_out_for_their_size(rng):
    values, sizes = percentages(rng, 200, between=0.3)
    centre = pooled_target((values * sizes)[:, None] / 100, sizes[:, None])[0]
    lower, upper = share_limits(centre, sizes, coverage=0.998)
    by_chance = ((values / 100 < lower) | (values / 100 > upper)).mean()
    (drawing,) = funnels_of(values, sizes)
    assert by_chance > 0.7
    assert outside(drawing) < 0.03


def test_where_authorities_differ_by_chance_alone_a_funnel_is_as_narrow_as_chance(rng):
    values, sizes = percentages(rng, 200, between=0.0)
    (drawing,) = funnels_of(values, sizes)
    up = upwards(drawing)
    narrowest, widest = (
        places(named(drawing, "upper")[-1])[i, 1] - places(named(drawing, "lower")[-1])[i, 1]
        for i in (-1, 0)
    )
    lower, upper = share_limits(0.198, [sizes.max(), sizes.min()], coverage=0.998)
    drawn = np.array([up(narrowest) - up(0.0), up(widest) - up(0.0)])
    assert drawn == pytest.approx(100 * (upper - lower), rel=0.15)


def test_each_type_with_enough_authorities_has_a_funnel_of_its_own(rng):
    values, sizes = percentages(rng, 2 * FEWEST - 1, between=0.1)
    types = ["county"] * FEWEST + ["district"] * (FEWEST - 1)
    (drawing,) = funnels_of(values, sizes, types=types)
    assert drawing.title == "Repairs late: county"
    assert len(places(named(drawing, "authorities")[0])) == FEWEST


@pytest.mark.parametrize("unit", ["gbp", "percent_ratio", "count", ""])
def test_what_is_not_made_of_cases_has_no_funnel(rng, unit):
    values, sizes = percentages(rng, 20, between=0.1)
    assert funnels_of(values, sizes, unit=unit) == []
    assert funnels_of(values, sizes * np.nan) == []


@pytest.mark.parametrize("unit", ["percent", "proportion", "per_1000"])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_metric_without_a_case_or_with_nothing_else_is_drawn_too(unit, value):
    (drawing,) = funnels_of([value] * 8, [10.0] * 8, unit=unit)
    assert len(places(named(drawing, "authorities")[0])) == 8


def test_of_two_of_a_name_the_flagged_one_alone_is_ringed(rng):
    values, sizes = percentages(rng, 8, between=0.1)
    (drawing,) = funnels_of(values, sizes, names=["Ash"] * 8, flagged=[3])
    (ring,) = named(drawing, "flagged")
    assert upwards(drawing)(float(ring.get("cy"))) == pytest.approx(values[3], abs=0.1)
    assert "Ash (E003)" in text_of(drawing)


def test_peers_are_those_of_its_type_and_the_authority_itself_is_named(rng):
    values = rng.normal(size=9)
    values[8] = np.nan
    book = book_with(values, values, types=["county"] * 4 + ["district"] * 5)
    what = book.rows.metrics["late"]
    drawing = peers_drawing(book, book.rows.authorities["E001"], what)
    assert "E001" in words_of(drawing)
    drawn = {kind: len(list(named(drawing, kind)[0])) for kind in ("other", "peer", "marked")}
    assert drawn == {"other": 4, "peer": 3, "marked": 1}
    assert peers_drawing(book, book.rows.authorities["E008"], what) is None


def test_a_control_chart_has_the_icons_of_the_results_own_table(sample, few):
    book = book_of(few, RAN)
    charts = sample.result.control_charts.set_index(["authority", "metric"])
    drawn = 0
    for who, what in book.rows.of_series:
        row = charts.loc[(who, what)]
        drawing = control_drawing(book, book.rows.authorities[who], book.rows.metrics[what])
        if drawing is None:
            assert row["status"] == "too few values"
            continue
        drawn += 1
        assert f"Variation: {row['variation']}" in words_of(drawing)
        assert f"Assurance: {row['assurance']}" in words_of(drawing)
    assert drawn > 5
