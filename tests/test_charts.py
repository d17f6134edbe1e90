"""Charts draw what the tables hold: nothing lost, nothing added, nothing left open."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from earlywarning.charts import contributions_chart, series_chart, tiers_chart

AS_OF = pd.Timestamp("2024-09-01")
HOSTILE = "$x_{$ <b>\u202eevil\n\x1b[0m"


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


def words_of(figure):
    """Return everything that is written on a figure."""
    axes = figure.axes[0]
    legend = axes.get_legend()
    texts = [*figure.texts, *axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels()]
    texts += [axes.xaxis.label, axes.yaxis.label, *(legend.get_texts() if legend else [])]
    return " | ".join(text.get_text() for text in texts)


def line(figure, label):
    return next(drawn for drawn in figure.axes[0].lines if drawn.get_label() == label)


def drawn(figure):
    """Return the figure as PNG, which fails where a text cannot be drawn."""
    png = figure._repr_png_()
    assert png.startswith(b"\x89PNG")
    return png


def test_a_gap_stays_a_gap_whether_the_row_is_empty_or_missing():
    values = series_of([97, 96, np.nan, 95, 96, 95])
    for table in (values, values.drop(index=2)):
        y = np.asarray(line(chart_of(table), "value").get_ydata(), dtype=float)
        assert np.isnan(y).tolist() == [False, False, True, False, False, False]


@given(known=st.lists(st.booleans(), min_size=1, max_size=12))
@settings(max_examples=10, deadline=None)
def test_every_value_is_drawn_and_only_values(known):
    values = series_of(np.where(known, np.arange(len(known)), np.nan))
    y = np.asarray(line(chart_of(values), "value").get_ydata(), dtype=float)
    assert y[np.isfinite(y)].tolist() == values["value"].dropna().to_list()


@pytest.mark.parametrize("unit_of_time", ["s", "ns"])
def test_an_unbroken_series_is_drawn_as_one_line(unit_of_time):
    values = series_of([97, 96, 95, 94])
    values["end"] = values["end"].astype(f"datetime64[{unit_of_time}]")
    assert np.isfinite(np.asarray(line(chart_of(values), "value").get_ydata(), dtype=float)).all()


@pytest.mark.parametrize(
    ("strongest", "words"),
    [("last", "newest"), ("step", "last two's average"), ("drift", "had it not crept")],
)
def test_the_expected_range_is_that_of_the_strongest_contrast(strongest, words):
    figure = chart_of(series_of([97, 96, 95, 91.2]), signals_of(strongest))
    row = signals_of(strongest).set_index("signal").loc[strongest]
    (bar,) = figure.axes[0].containers
    ends = bar.lines[2][0].get_segments()[0][:, 1]
    assert_allclose(ends, [row["lower"], row["upper"]])
    assert words in words_of(figure)


def test_nothing_is_expected_of_a_series_that_was_not_assessed():
    figure = chart_of(series_of([97, 96]), signals_of(status="too few periods"))
    assert not figure.axes[0].containers
    assert "expected" not in words_of(figure)


def test_flagged_periods_are_ringed_and_others_are_not():
    rings = line(chart_of(series_of([97, 96, 91]), flagged=["2014/15"]), "flagged")
    assert list(rings.get_ydata()) == [91]
    assert "flagged" not in words_of(chart_of(series_of([97, 96, 91])))


def test_peers_are_a_band_at_their_periods():
    values = series_of([97, 96, 95])
    peers = pd.DataFrame(
        {"period": values["period"], "lower": 90.0, "median": 92.0, "upper": [94.0, 94.0, np.nan]}
    )
    figure = chart_of(values, peers=peers)
    (band,) = (part for part in figure.axes[0].collections if part.get_label() != "_nolegend_"
               and "peers" in str(part.get_label()))  # fmt: skip
    y = np.concatenate([path.vertices[:, 1] for path in band.get_paths()])
    assert (y.min(), y.max()) == (90.0, 94.0)
    assert list(line(figure, "their middle").get_ydata()) == [92.0] * 3


def test_a_series_chart_says_title_unit_day_and_source():
    words = words_of(chart_of(series_of([97, 96]), name="Ash", as_of=AS_OF, source="returns"))
    for word in ("Ash: Tax collected", "percent", "1 September 2024", "Source: returns", "2013/14"):
        assert word in words


def test_the_newest_period_is_named_and_names_do_not_overlap():
    values = series_of(np.arange(38.0)).assign(period=[f"{2000 + i}/01 Q4" for i in range(38)])
    figure = chart_of(values, signals_of(status="constant"))
    drawn(figure)
    labels = [label for label in figure.axes[0].get_xticklabels() if label.get_text()]
    boxes = sorted((label.get_window_extent() for label in labels), key=lambda box: box.x0)
    assert "2037/01 Q4" in [label.get_text() for label in labels]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [97.0]])
def test_a_series_with_next_to_nothing_can_be_drawn(values):
    drawn(chart_of(series_of(values), as_of=AS_OF))


def test_a_series_chart_is_900_pixels_wide_and_leaves_its_input_alone():
    values, signals = series_of([97, 96, 95]), signals_of()
    before = values.copy(), signals.copy()
    png = drawn(chart_of(values.iloc[::-1], signals))
    assert int.from_bytes(png[16:20], "big") == 900
    pd.testing.assert_frame_equal(values, before[0])
    pd.testing.assert_frame_equal(signals, before[1])


def parts_of(amounts, authority="E1"):
    n = len(amounts)
    return pd.DataFrame(
        {
            "authority": authority,
            "theme": "Finance",
            "metric": [f"m{i}" for i in range(n)],
            "kind": ["position", "change"] * (n // 2) + ["position"] * (n % 2),
            "contribution": np.asarray(amounts, dtype=float),
        }
    )


@given(amounts=st.lists(st.floats(0, 40), max_size=40))
@settings(max_examples=8, deadline=None)
def test_the_steps_of_a_waterfall_join_and_end_at_the_score(amounts):
    figure = contributions_chart(parts_of(amounts), "E1")
    bars = sorted(figure.axes[0].patches, key=lambda bar: bar.get_y())
    *steps, score = bars
    assert_allclose(score.get_width(), sum(amounts), atol=1e-9)
    assert_allclose(sum(bar.get_width() for bar in steps), sum(amounts), atol=1e-9)
    for first, second in pairwise(steps):
        assert_allclose(first.get_x() + first.get_width(), second.get_x(), atol=1e-9)


def test_a_waterfall_is_of_one_authority_only():
    parts = pd.concat([parts_of([5, 3]), parts_of([20], authority="E2")])
    words = words_of(contributions_chart(parts, "E1", name="Ash", titles={"m0": "Tax"}))
    assert "score of Ash: 8.0 points" in words
    assert "Tax\nFinance" in words
    assert "20.0" not in words


def sector_of(tiers, names=None):
    n = len(tiers)
    return pd.DataFrame(
        {
            "authority": [f"E{i:02d}" for i in range(n)],
            "name": names or [f"Name {i:02d}" for i in range(n)],
            "tier": tiers,
            "score_position": np.arange(n, dtype=float),
            "score_change": 1.0,
        }
    )


def names_down(figure):
    axes = figure.axes[0]
    rows = zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
    return [label.get_text() for _, label in sorted(rows, key=lambda row: row[0])]


def test_authorities_stand_by_tier_then_name_whatever_their_score():
    sector = sector_of(["watch", "priority", "watch", "none"], ["Birch", "Cedar", "ash", "Elm"])
    expected = ["Priority (1)", "Cedar", "Watch (2)", "ash", "Birch"]
    assert names_down(tiers_chart(sector)) == expected


def test_each_bar_is_as_long_as_the_authority_s_score():
    sector = sector_of(["watch", "priority", "concern"])
    bars = tiers_chart(sector).axes[0].patches
    ends = sorted(bar.get_x() + bar.get_width() for bar in bars[len(sector) :])
    assert_allclose(ends, sorted(sector["score_position"] + sector["score_change"]))


def test_at_most_25_are_drawn_the_gravest_and_the_rest_are_counted():
    figure = tiers_chart(sector_of(["watch"] * 30 + ["concern"]))
    names = names_down(figure)
    assert names[:3] == ["Concern (1)", "Name 30", "Watch (30)"]
    assert len(names) == 27
    words = " ".join(words_of(figure).split())
    assert "31 of 31" in words
    assert "6 more are not drawn" in words


def test_no_authority_in_a_tier_is_said_in_words():
    figure = tiers_chart(sector_of(["none", "none"]))
    assert "No authority is in a tier." in words_of(figure)
    drawn(figure)


@pytest.mark.parametrize("name", [HOSTILE, "a" * 500, None])
def test_no_name_can_break_a_chart(name):
    sector = sector_of(["watch"]).assign(name=[name])
    parts = parts_of([3.0]).assign(metric=str(name), theme=str(name))
    charts = [
        tiers_chart(sector, source=str(name)),
        contributions_chart(parts, "E1", name=str(name)),
        chart_of(series_of([1, 2]).assign(period=[str(name), "b"]), name=str(name)),
    ]
    for chart in charts:
        drawn(chart)
        assert "\u202e" not in words_of(chart)
        assert "\x1b" not in words_of(chart)


def test_charts_leave_pyplot_alone_and_are_imported_only_when_drawn():
    code = (
        "import sys, pandas as pd, earlywarning.charts as charts\n"
        "assert 'matplotlib' not in sys.modules\n"
        "charts.tiers_chart(pd.DataFrame({'authority': ['E1'], 'name': ['Ash'],"
        " 'tier': ['watch'], 'score_position': [1.0], 'score_change': [2.0]}))._repr_png_()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
