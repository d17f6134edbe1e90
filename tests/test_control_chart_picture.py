"""A control chart draws what the table holds: values, limits, and what calls for a cause."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from drawn import named, stretches, text_of, upwards, values_of, words_of
from earlywarning.charts.control import control_chart
from earlywarning.models.control.icons import assurance_icons, control_points, variation_icons
from earlywarning.models.control.making_data_count import RULES, special_causes
from earlywarning.models.control.xmr import xmr_limits

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


@given(known=st.lists(st.booleans(), min_size=2, max_size=15))
@settings(max_examples=8)
def test_every_value_is_drawn_and_a_gap_stays_a_gap(known):
    values = np.where(known, 50 + np.arange(len(known), dtype=float), np.nan)
    drawing = chart_of(values)
    lengths = [len(s) for line in named(drawing, "values") for s in stretches(line)]
    assert lengths == [len(run) for run in "".join(" *"[each] for each in known).split()]
    if sum(known) > 1:
        assert_allclose(values_of(drawing, "values"), values[known], atol=0.1)


def test_the_limits_and_centre_line_are_those_of_the_table():
    points = points_of(UP_AND_OUT, baseline=12)
    drawing = chart_of(UP_AND_OUT)
    for column in ("centre", "lower", "upper"):
        assert_allclose(values_of(drawing, column), points[column], atol=0.1)


def test_limits_are_broken_where_they_begin_anew():
    values = [*UP_AND_OUT[:12], 20.0, 21, 19, 20, 21, 19]
    drawing = chart_of(values, rebase=np.arange(18) == 12)
    for line in ("centre", "lower", "upper"):
        assert [len(stretch) for stretch in stretches(named(drawing, line)[0])] == [12, 6]
    assert words_of(drawing).count("centre line") == words_of(drawing).count("limits") == 1


@pytest.mark.parametrize(
    ("better", "judgement"), [("up", "improvement"), ("down", "concern"), ("neither", "neither")]
)
def test_a_point_that_calls_for_a_cause_says_whether_it_is_good_news_and_why(better, judgement):
    drawing = chart_of(UP_AND_OUT, better=better)
    (special,) = named(drawing, judgement)
    middle = upwards(drawing)(float(re.findall(r"[ML][\d.]+ ([\d.]+)", special.get("d"))[1]))
    assert middle == pytest.approx(30.0, abs=0.1)
    assert f"{judgement}: beyond a limit" in words_of(drawing)
    assert f"2012/13 ({judgement}: beyond a limit)" in drawing.description


def test_good_and_bad_news_and_every_rule_look_different():
    table = points_of(np.arange(12.0))
    table["rule"] = list(RULES) * 3
    judgements = ["improvement high"] * 4 + ["concern low"] * 4 + ["neither high"] * 4
    drawing = control_chart(table.assign(point=judgements), title="Tax", unit="percent")
    marks = [
        mark for word in ("improvement", "concern", "neither") for mark in named(drawing, word)
    ]
    assert len(marks) == 12
    assert len({mark.get("fill") for mark in marks}) == 3
    assert sum(words.partition(": ")[2] in RULES for words in words_of(drawing)) == 12
    assert len({re.sub(r"[\d. -]", "", mark.get("d")) for mark in marks}) == 3  # diamond as square
    diamond, square = (re.findall(r"[ML]([\d.]+)", mark.get("d")) for mark in marks[:4:2])
    assert diamond[0] == diamond[2]
    assert square[0] == square[3]


def test_common_cause_is_not_coloured():
    drawing = chart_of(UP_AND_OUT[:12])
    assert not [word for word in ("improvement", "concern", "neither") if named(drawing, word)]


def test_icons_target_and_trial_limits_are_said_in_words():
    X = np.array([UP_AND_OUT])
    limits = xmr_limits(X, baseline=12)
    variation = variation_icons(X, special_causes(X, limits), better="up")[0]
    assurance = assurance_icons(X, limits, target=95.0, better="up")[0]
    drawing = chart_of(
        UP_AND_OUT, variation=variation, assurance=assurance, target=95.0, name="Ash"
    )
    words = text_of(drawing)
    for word in (
        "Ash: Tax collected",
        "Variation: improvement high",
        "Assurance: consistently failing",
        "Target: 95.0%.",
    ):
        assert word in words
        assert word.partition(": ")[2] in drawing.title + drawing.description
    assert {"H", "F"} <= set(words_of(drawing))  # the icons' letters
    assert "Trial" not in words
    assert "Trial limits: fewer than 13 values." in text_of(chart_of(UP_AND_OUT[:9]))
    assert "All values behind the limits are equal." in text_of(chart_of([3.0] * 14))
    assert "Too few values for limits." in text_of(chart_of([3.0]))


@pytest.mark.parametrize("target", [None, np.nan])
def test_no_target_is_no_line(target):
    drawing = chart_of(UP_AND_OUT, target=target)
    assert not named(drawing, "target")
    assert "arget" not in text_of(drawing)


def test_the_target_is_drawn_where_it_is():
    drawing = chart_of(UP_AND_OUT, target=7.5)
    (line,) = named(drawing, "target")
    height = float(re.search(r" ([\d.]+)H", line.get("d"))[1])
    assert upwards(drawing)(height) == pytest.approx(7.5, abs=0.1)


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [97.0]])
def test_a_series_with_next_to_nothing_can_be_drawn(values):
    assert chart_of(values).description


def test_rows_may_come_in_any_order_and_the_table_stays_as_it_was():
    points = points_of(UP_AND_OUT, baseline=12)
    before = points.copy()
    backwards = control_chart(points.iloc[::-1], title="Tax collected", unit="percent")
    assert backwards == chart_of(UP_AND_OUT)
    pd.testing.assert_frame_equal(points, before)
