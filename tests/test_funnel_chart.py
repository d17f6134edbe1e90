"""A picture of a funnel draws what its tables hold: nothing lost, nothing added."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from drawn import SVG, named, number, parsed, places, text_of, upwards, words_of
from earlywarning.charts.funnel import funnel_chart
from earlywarning.models.funnel.limits import COVERAGES, pooled_target, share_limits

HOSTILE = "$x_{$ <b>\u202eevil\n\x1b[0m"


@pytest.fixture
def tables(rng):
    """Return 30 authorities' percentages and sizes, and the limits about their target."""
    n = np.round(np.exp(rng.normal(7, 1, size=30)))
    x = rng.binomial(n.astype(int), 0.2).astype(float)
    points = pd.DataFrame(
        {"name": [f"Place {i}" for i in range(30)], "value": 100 * x / n, "denominator": n}
    )
    target = pooled_target(x[:, None], n[:, None])[0]
    sizes = np.geomspace(n.min(), n.max(), 50)
    limits = pd.concat(
        pd.DataFrame(dict(zip(("lower", "upper"), found, strict=True)))
        .mul(100)
        .assign(coverage=coverage, denominator=sizes)
        for coverage in COVERAGES
        for found in [share_limits(target, sizes, coverage=coverage)]
    )
    return points, limits, 100 * target


def chart_of(points, limits, **options):
    return funnel_chart(points, limits, title="Repairs late", unit="percent", **options)


def sizes_at(drawing, values):
    """Return where these sizes stand across, read off the axis by its logarithm."""
    texts = [text for text in parsed(drawing).iter(f"{SVG}text") if text.get("text-anchor")]
    below = [text for text in texts if re.fullmatch(r"[\d,]+", text.text)]
    known = [(np.log10(number(text.text)), float(text.get("x"))) for text in below]
    slope, start = np.polyfit(*zip(*known, strict=True), 1)
    return start + slope * np.log10(values)


def test_every_authority_and_every_limit_is_drawn_where_it_is(tables):
    points, limits, target = tables
    drawing = chart_of(points, limits, target=target)
    at, up = places(named(drawing, "authorities")[0]), upwards(drawing)
    assert_allclose(up(at[:, 1]), points["value"], atol=0.1)
    assert_allclose(at[:, 0], sizes_at(drawing, points["denominator"]), atol=1)
    narrow = limits[limits["coverage"] == 0.95]
    drawn = places(named(drawing, "lower")[0])
    assert_allclose(up(drawn[:, 1]), narrow["lower"], atol=0.1)
    assert_allclose(drawn[:, 0], sizes_at(drawing, narrow["denominator"]), atol=1)
    words = words_of(drawing)
    assert {"95% expected within", "99.8% expected within"} <= set(words)
    (line,) = named(drawing, "target")
    assert up(float(re.search(r" ([\d.]+)H", line.get("d"))[1])) == pytest.approx(target, abs=0.1)


def test_who_cannot_be_drawn_is_counted_in_words(tables):
    points, limits, _ = tables
    points.loc[:2, "value"] = np.nan
    points.loc[5, "denominator"] = np.nan
    drawing = chart_of(points, limits)
    assert len(places(named(drawing, "authorities")[0])) == 26
    assert "4 without a value or a denominator." in words_of(drawing)


def test_only_those_marked_are_ringed_and_named(tables):
    points, limits, _ = tables
    drawing = chart_of(points, limits, marked=["Place 3", "Place 8", "Nowhere"])
    rings = [float(ring.get("cy")) for ring in named(drawing, "flagged")]
    assert_allclose(upwards(drawing)(rings), points.loc[[3, 8], "value"], atol=0.1)
    names = {title.text for title in parsed(drawing).iter(f"{SVG}title")}
    assert {"Place 3", "Place 8"} == names - {drawing.title}
    assert "Flagged: Place 3" in drawing.description
    assert not named(chart_of(points, limits), "flagged")


def test_no_name_is_written_over_another(tables):
    points, limits, _ = tables
    points[["value", "denominator"]] = [20.0, 500.0]
    drawing = chart_of(points, limits, marked=points["name"])
    assert len(named(drawing, "flagged")) == 30
    assert 1 <= sum(words.startswith("Place") for words in words_of(drawing)) <= 4


def test_sizes_that_differ_much_are_drawn_by_their_logarithm(tables):
    points, limits, _ = tables

    def even(drawing):
        at = places(named(drawing, "authorities")[0])[:, 0]
        return np.ptp(np.diff(at)) < 0.3

    doubling = points.assign(denominator=2.0 ** np.arange(30))
    assert even(chart_of(doubling, limits.iloc[:0]))
    alike = points.assign(denominator=np.linspace(100, 200, 30))
    assert even(chart_of(alike, limits.iloc[:0]))
    with_zero = points.assign(denominator=np.arange(30.0))
    assert even(chart_of(with_zero, limits.iloc[:0]))


def test_words_of_the_data_are_written_as_they_are(tables):
    points, limits, _ = tables
    points.loc[0, "name"] = HOSTILE
    words = text_of(
        funnel_chart(
            points, limits, title=HOSTILE, unit="percent", size="$x$", period="2023/24",
            marked=[HOSTILE],
        )
    )  # fmt: skip
    assert words.count("$x_{$ <b>evil [0m") == 2
    assert "$x$" in words


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_or_one_alone_can_be_drawn(tables, n):
    points, limits, _ = tables
    for some in (limits, limits.iloc[:0]):
        drawing = chart_of(points.iloc[:n], some)
        assert len(named(drawing, "authorities")) == n


def test_the_tables_are_left_as_they_were(tables):
    points, limits, target = tables
    before = points.copy(), limits.copy()
    chart_of(points, limits, target=target, marked=["Place 1"])
    pd.testing.assert_frame_equal(points, before[0])
    pd.testing.assert_frame_equal(limits, before[1])
