"""A series is drawn as the tables hold it: nothing lost, nothing added."""

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from drawn import (
    SVG,
    named,
    parsed,
    places,
    stretches,
    text_of,
    upwards,
    values_of,
    words_of,
)
from earlywarning.charts import (
    Peers,
    SeriesPicture,
    series_chart,
    series_svg,
)

AS_OF = pd.Timestamp("2024-09-01")


def series_of(values):
    years = range(2012, 2012 + len(values))
    return pd.DataFrame(
        {
            "period": [f"{year}/{(year + 1) % 100:02d}" for year in years],
            "value": np.asarray(values, dtype=float),
            "end": pd.to_datetime([f"{year + 1}-03-31" for year in years]),
        }
    )


def signals_of(strongest="last", status="ok"):
    names = ["position", "last", "step", "drift", "change"]
    return pd.DataFrame(
        {
            "signal": names,
            "p": [1e-9 if name == strongest else 0.01 for name in names],
            "status": status,
            "value": [91.2, 91.2, 93.1, 91.2, 91.2],
            "expected": [95.8, 95.0, 95.5, 94.6, 95.0],
            "lower": [93.0, 93.1, 94.0, 92.0, 93.1],
            "upper": [98.0, 96.2, 96.6, 96.5, 96.2],
        }
    )


def chart_of(values, signals=None, **options):
    signals = signals_of() if signals is None else signals
    return series_chart(values, signals, title="Tax collected", unit="percent", **options)


def lengths(drawing):
    """Return how many values each unbroken stretch of the line has."""
    return [len(stretch) for line in named(drawing, "values") for stretch in stretches(line)]


def test_a_gap_stays_a_gap_whether_the_row_is_empty_or_missing():
    values = series_of([97, 96, np.nan, 95, 96, 95])
    for table in (values, values.drop(index=2)):
        assert lengths(chart_of(table)) == [2, 3]


@given(known=st.lists(st.booleans(), min_size=2, max_size=12))
@settings(max_examples=8)
def test_every_value_is_drawn_and_only_values(known):
    values = series_of(np.where(known, 90 + np.arange(len(known)), np.nan))
    drawing = chart_of(values, signals_of(status="constant"))
    assert sum(lengths(drawing)) == sum(known)
    if sum(known) > 1:
        for name in ("values", "points"):
            assert_allclose(values_of(drawing, name), values["value"].dropna(), atol=0.05)


@pytest.mark.parametrize("unit_of_time", ["s", "ns"])
def test_an_unbroken_series_is_drawn_as_one_line(unit_of_time):
    values = series_of([97, 96, 95, 94])
    values["end"] = values["end"].astype(f"datetime64[{unit_of_time}]")
    assert lengths(chart_of(values)) == [4]


@pytest.mark.parametrize(
    ("strongest", "words"),
    [("last", "newest"), ("step", "last two's average"), ("drift", "had it not crept")],
)
def test_the_expected_range_is_that_of_the_strongest_contrast(strongest, words):
    drawing = chart_of(series_of([97, 96, 95, 91.2]), signals_of(strongest))
    row = signals_of(strongest).set_index("signal").loc[strongest]
    (bar,) = named(drawing, "expected")
    ends = upwards(drawing)([float(y) for y in re.findall(r"[\d.]+ ([\d.]+)[HV]", bar.get("d"))])
    assert_allclose([ends.min(), ends.max()], [row["lower"], row["upper"]], atol=0.05)
    assert words in text_of(drawing)
    assert f"{row['lower']:.1f}% to {row['upper']:.1f}%" in drawing.description
    assert bool(named(drawing, "average")) == (strongest == "step")


def test_nothing_is_expected_of_a_series_that_was_not_assessed():
    drawing = chart_of(series_of([97, 96]), signals_of(status="too few periods"))
    assert not named(drawing, "expected")
    assert "expected" not in text_of(drawing) + drawing.description


def test_flagged_periods_are_ringed_and_others_are_not():
    drawing = chart_of(series_of([97, 96, 91]), flagged=["2014/15"])
    (ring,) = named(drawing, "flagged")
    assert_allclose(upwards(drawing)(float(ring.get("cy"))), 91, atol=0.05)
    assert "Flagged: 2014/15." in drawing.description
    assert "flagged" not in text_of(chart_of(series_of([97, 96, 91])))


def test_peers_are_a_band_at_their_periods():
    values = series_of([97, 96, 95])
    peers = pd.DataFrame(
        {"period": values["period"], "lower": 90.0, "median": 92.0, "upper": [94.0, 94.0, np.nan]}
    )
    drawing = chart_of(values, peers=peers)
    assert_allclose(values_of(drawing, "peers"), [94, 94, 90, 90], atol=0.05)
    assert_allclose(values_of(drawing, "median"), [92] * 3, atol=0.05)


def test_the_peers_band_is_broken_where_there_are_none():
    peers = Peers([1.0, np.nan, 1.0, 1.0], [2.0] * 4, [3.0, 3.0, 3.0, 3.0])
    picture = SeriesPicture(["a", "b", "c", "d"], [0, 1, 2, 3], [1.0, 2.0, 3.0, 4.0], peers)
    (band,) = named(series_svg(picture, title="x", unit=""), "peers")
    assert [len(stretch) for stretch in stretches(band)] == [2, 4]


def test_a_break_stands_between_its_period_and_the_one_before():
    drawing = chart_of(series_of([97, 96, 95, 94]), breaks=["2014/15"])
    (line,) = named(drawing, "break")
    xs = places(named(drawing, "values")[0])[:, 0]
    assert float(line.get("d")[1:].split()[0]) == pytest.approx((xs[1] + xs[2]) / 2, abs=0.2)
    assert "break?" in words_of(drawing)
    assert "Perhaps defined anew: 2014/15." in drawing.description


def test_a_revised_value_is_shown_with_what_was_published_first():
    values = series_of([97, 96, 95]).assign(first=[97.0, 91.0, np.nan])
    drawing = chart_of(values)
    (cross,) = named(drawing, "first")
    assert_allclose(places(cross)[:, 1].mean(), _height(drawing, 91.0), atol=0.2)
    assert len(places(cross)) == 4
    assert "first published" in text_of(drawing)
    assert "first published" not in text_of(chart_of(values.assign(first=values["value"])))


def _height(drawing, value):
    low, high = upwards(drawing)([0, 100])
    return (value - low) / (high - low) * 100


def test_a_series_chart_says_title_unit_day_and_source():
    words = text_of(chart_of(series_of([97, 96]), name="Ash", as_of=AS_OF, source="returns"))
    for word in ("Ash: Tax collected", "percent", "1 September 2024", "Source: returns", "2013/14"):
        assert word in words


def test_the_newest_period_is_named_and_names_do_not_overlap():
    values = series_of(np.arange(38.0)).assign(period=[f"{2000 + i}/01 Q4" for i in range(38)])
    drawing = chart_of(values, signals_of(status="constant"))
    labels = [text for text in parsed(drawing).iter(f"{SVG}text") if "Q4" in text.text]
    assert labels[0].text == "2037/01 Q4"
    assert len(labels) > 4
    assert all(
        float(right.get("x")) - float(left.get("x")) > 70 for right, left in pairwise(labels)
    )


@pytest.mark.parametrize(
    "values", [[], [np.nan, np.nan], [97.0], [5.0, 5.0, 5.0], [1e308, -1e308, 0.0], [np.inf, 1.0]]
)
def test_a_series_with_next_to_nothing_or_far_too_much_can_be_drawn(values):
    table = series_of(values)
    assert chart_of(table, as_of=AS_OF).description
    picture = SeriesPicture(table["period"].to_list(), range(len(values)), table["value"].to_list())
    parsed(series_svg(picture, title="Tax", unit="percent", size="small"))


def test_a_series_without_a_value_says_so_and_has_no_numbers():
    assert words_of(chart_of(series_of([np.nan, np.nan]))).count("No value.") == 1
    assert "%" not in text_of(chart_of(series_of([])))


def test_large_numbers_have_the_room_they_need():
    picture = SeriesPicture(["a", "b"], [0, 1], [1_234_567.0, 5_234_567.0])
    drawing = series_svg(picture, title="Residents", unit="count", size="small")
    assert "2,000,000" in words_of(drawing)
    assert places(named(drawing, "values")[0])[0, 0] > 65


def test_a_small_drawing_is_small():
    n = 16
    peers = Peers([93.0] * n, [95.0] * n, [97.0 + 0.01 * i for i in range(n)])
    periods = [f"{2008 + i}/{9 + i:02d}" for i in range(n)]
    values = [95 + np.sin(i) for i in range(n)]
    picture = SeriesPicture(periods, [365 * i for i in range(n)], values, peers, None, [n - 1])
    title = "Council tax collected in the year it was due"
    assert len(series_svg(picture, title=title, unit="percent", name="Ashby Borough Council",
                          size="small").svg.encode()) < 3000  # fmt: skip


def test_a_series_chart_leaves_its_input_alone():
    values, signals = series_of([97, 96, 95]), signals_of()
    before = values.copy(), signals.copy()
    assert chart_of(values.iloc[::-1], signals) == chart_of(values, signals)
    pd.testing.assert_frame_equal(values, before[0])
    pd.testing.assert_frame_equal(signals, before[1])
