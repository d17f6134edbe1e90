"""A control chart draws what the table holds: values, limits, and what calls for a cause."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from earlywarning.charts.control import control_chart
from earlywarning.models.control.icons import assurance_icons, control_points, variation_icons
from earlywarning.models.control.making_data_count import RULES, special_causes
from earlywarning.models.control.xmr import xmr_limits

HOSTILE = "$x_{$ <b>\u202eevil\n\x1b[0m"
UP_AND_OUT = [5.0, 6, 4, 5, 6, 4, 5, 6, 4, 5, 6, 4, 30]


def points_of(values, *, better="up", **options):
    X = np.array([values], dtype=float)
    table = control_points(X, xmr_limits(X, **options), better=better)
    years = range(2000, 2000 + len(values))
    return table.assign(
        period=[f"{year}/{(year + 1) % 100:02d}" for year in years],
        end=pd.to_datetime([f"{year + 1}-03-31" for year in years]),
    )


def chart_of(values, *, better="up", baseline=12, rebase=None, **options):
    points = points_of(values, better=better, baseline=baseline, rebase=rebase)
    return control_chart(points, title="Tax collected", unit="percent", **options)


def drawn(figure):
    """Return the figure as PNG, which fails where a text cannot be drawn."""
    png = figure._repr_png_()
    assert png.startswith(b"\x89PNG")
    return png


def lines(figure, label):
    return [line for line in figure.axes[0].lines if line.get_label() == label]


def labels(figure):
    return [line.get_label() for line in figure.axes[0].lines]


def words_of(figure):
    legend = figure.axes[0].get_legend()
    texts = [
        *figure.texts,
        *figure.axes[0].get_xticklabels(),
        *(legend.get_texts() if legend else []),
    ]
    return " ".join(" | ".join(text.get_text() for text in texts).split())


@given(known=st.lists(st.booleans(), min_size=1, max_size=15))
@settings(max_examples=10, deadline=None)
def test_every_value_is_drawn_and_a_gap_stays_a_gap(known):
    values = np.where(known, np.arange(len(known), dtype=float), np.nan)
    (line,) = lines(chart_of(values), "value")
    assert_array_equal(np.asarray(line.get_ydata(), dtype=float), values)


def test_the_limits_and_centre_line_are_those_of_the_table():
    points = points_of(UP_AND_OUT, baseline=12)
    axes = chart_of(UP_AND_OUT).axes[0]
    ys = {tuple(np.asarray(line.get_ydata(), dtype=float)) for line in axes.lines}
    for column in ("centre", "lower", "upper"):
        assert tuple(points[column]) in ys


def test_limits_are_broken_where_they_begin_anew():
    values = [*UP_AND_OUT[:12], 20.0, 21, 19, 20, 21, 19]
    figure = chart_of(values, rebase=np.arange(18) == 12)
    flat = [line for line in figure.axes[0].lines if line.get_label() != "value"]
    assert [len(line.get_xdata()) for line in flat] == [12] * 3 + [6] * 3
    assert labels(figure).count("centre line") == labels(figure).count("limits") == 1


@pytest.mark.parametrize(
    ("better", "judgement"), [("up", "improvement"), ("down", "concern"), ("neither", "neither")]
)
def test_a_point_that_calls_for_a_cause_says_whether_it_is_good_news_and_why(better, judgement):
    figure = chart_of(UP_AND_OUT, better=better)
    (special,) = lines(figure, f"{judgement}: beyond a limit")
    assert list(special.get_ydata()) == [30.0]
    assert f"{judgement}: beyond a limit" in words_of(figure)


def test_good_and_bad_news_and_every_rule_look_different():
    table = points_of(np.arange(12.0))
    table["rule"] = list(RULES) * 3
    judgements = ["improvement high"] * 4 + ["concern low"] * 4 + ["neither high"] * 4
    figure = control_chart(table.assign(point=judgements), title="Tax", unit="percent")
    special = [line for line in figure.axes[0].lines if ": " in line.get_label()]
    assert len(special) == 12
    assert len({line.get_color() for line in special}) == 3
    assert len({line.get_marker() for line in special}) == 4
    drawn(figure)


def test_common_cause_is_not_coloured():
    assert not [label for label in labels(chart_of(UP_AND_OUT[:12])) if ": " in label]


def test_icons_target_and_trial_limits_are_said_in_words():
    X = np.array([UP_AND_OUT])
    limits = xmr_limits(X, baseline=12)
    variation = variation_icons(X, special_causes(X, limits), better="up")[0]
    assurance = assurance_icons(X, limits, target=95.0, better="up")[0]
    figure = chart_of(UP_AND_OUT, variation=variation, assurance=assurance, target=95.0, name="Ash")
    words = words_of(figure)
    for word in (
        "Ash: Tax collected",
        "Variation: improvement high.",
        "Assurance: consistently failing.",
        "Target: 95.0%.",
    ):
        assert word in words
    assert "Trial" not in words
    assert "Trial limits: fewer than 13 values." in words_of(chart_of(UP_AND_OUT[:9]))
    assert "All values behind the limits are equal." in words_of(chart_of([3.0] * 14))
    assert "Too few values for limits." in words_of(chart_of([3.0]))


@pytest.mark.parametrize("target", [None, np.nan])
def test_no_target_is_no_line(target):
    figure = chart_of(UP_AND_OUT, target=target)
    assert "target" not in labels(figure)
    assert "Target" not in words_of(figure)


def test_the_target_is_drawn_where_it_is():
    (line,) = lines(chart_of(UP_AND_OUT, target=7.5), "target")
    assert_allclose(line.get_ydata(), 7.5)


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [97.0]])
def test_a_series_with_next_to_nothing_can_be_drawn(values):
    drawn(chart_of(values))


def test_a_chart_is_900_pixels_wide_and_leaves_its_input_alone():
    points = points_of(UP_AND_OUT, baseline=12)
    before = points.copy()
    png = drawn(control_chart(points.iloc[::-1], title="Tax", unit="percent", source="returns"))
    assert int.from_bytes(png[16:20], "big") == 900
    pd.testing.assert_frame_equal(points, before)


def test_rows_may_come_in_any_order():
    points = points_of(UP_AND_OUT, baseline=12)
    (line,) = lines(control_chart(points.iloc[::-1], title="Tax", unit="percent"), "value")
    assert list(line.get_ydata()) == UP_AND_OUT


def test_no_name_can_break_a_chart():
    figure = chart_of(UP_AND_OUT, name=HOSTILE, variation=HOSTILE, source=HOSTILE)
    drawn(figure)
    assert "\u202e" not in words_of(figure)
    assert "\x1b" not in words_of(figure)
