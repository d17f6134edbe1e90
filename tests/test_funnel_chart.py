"""A picture of a funnel draws what its tables hold: nothing lost, nothing added."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

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


def lines(figure):
    return {line.get_label(): line for line in figure.axes[0].lines}


def words(figure):
    axes = figure.axes[0]
    legend = axes.get_legend()
    texts = [*figure.texts, *axes.texts, axes.xaxis.label, axes.yaxis.label]
    return " | ".join(text.get_text() for text in [*texts, *legend.get_texts()])


def test_every_authority_and_every_limit_is_drawn_where_it_is(tables):
    points, limits, target = tables
    figure = chart_of(points, limits, target=target)
    found = lines(figure)
    assert_array_equal(found["authority"].get_xydata(), points[["denominator", "value"]])
    narrow = limits[limits["coverage"] == 0.95]
    drawn = found["95% of authorities on target"].get_xydata()
    assert_array_equal(drawn, narrow[["denominator", "lower"]])
    assert "99.8% of authorities on target" in found
    assert found["target"].get_ydata()[0] == target
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_who_cannot_be_drawn_is_counted_in_words(tables):
    points, limits, _ = tables
    points.loc[:2, "value"] = np.nan
    points.loc[5, "denominator"] = np.nan
    figure = chart_of(points, limits)
    assert len(lines(figure)["authority"].get_xydata()) == 26
    assert "4 without a value or a denominator." in words(figure)


def test_only_those_marked_are_ringed_and_named(tables):
    points, limits, _ = tables
    figure = chart_of(points, limits, marked=["Place 3", "Place 8", "Nowhere"])
    assert_array_equal(
        lines(figure)["flagged"].get_xydata(), points.loc[[3, 8], ["denominator", "value"]]
    )
    assert [text.get_text() for text in figure.axes[0].texts] == ["Place 3", "Place 8"]
    assert "flagged" not in lines(chart_of(points, limits))


def test_sizes_that_differ_much_are_drawn_by_their_logarithm(tables):
    points, limits, _ = tables
    assert chart_of(points, limits).axes[0].get_xscale() == "log"
    alike = points.assign(denominator=np.linspace(100, 200, 30))
    assert chart_of(alike, limits.iloc[:0]).axes[0].get_xscale() == "linear"
    with_zero = points.assign(denominator=[0.0, *points["denominator"][1:]])
    assert chart_of(with_zero, limits).axes[0].get_xscale() == "linear"


def test_words_of_the_data_are_written_as_they_are(tables):
    points, limits, _ = tables
    points.loc[0, "name"] = HOSTILE
    figure = funnel_chart(
        points, limits, title=HOSTILE, unit=HOSTILE, size="$x$", period="2023/24", marked=[HOSTILE]
    )
    assert "\u202e" not in words(figure)
    assert "\x1b" not in words(figure)
    assert "$x$" in words(figure)
    assert figure._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_or_one_alone_can_be_drawn(tables, n):
    points, limits, _ = tables
    for some in (limits, limits.iloc[:0]):
        assert chart_of(points.iloc[:n], some)._repr_png_().startswith(b"\x89PNG")


def test_the_tables_are_left_as_they_were(tables):
    points, limits, target = tables
    before = points.copy(), limits.copy()
    chart_of(points, limits, target=target, marked=["Place 1"])
    pd.testing.assert_frame_equal(points, before[0])
    pd.testing.assert_frame_equal(limits, before[1])
