"""Do the pictures of a back-test say what the tables say, and can they be read?"""

import math

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from drawn import named, parsed, places, stretches, text_of, values_of, words_of
from earlywarning.charts import (
    benefit_chart,
    calibration_chart,
    lead_time_chart,
    precision_chart,
    timeline_chart,
)

DAYS = pd.to_datetime(["2018-12-31", "2019-12-31"])
EVIL = '<script>alert("x")</script>\n\u202e & notice'


def curve_of(precision, lower=0.0, upper=0.5):
    rows = {"k": range(1, len(precision) + 1), "precision": precision, "lower": lower}
    return pd.DataFrame({**rows, "upper": upper, "base_rate": 0.1})


def bins_of(expected, observed):
    rows = {"expected": expected, "observed": observed, "n": 9}
    return pd.DataFrame({**rows, "lower": 0.0, "upper": [2 * share for share in observed]})


def benefit_of(flagged, everyone):
    thresholds = np.linspace(0.0, 0.5, len(flagged))
    rows = {"threshold": thresholds, "flagged": flagged, "everyone": everyone, "nobody": 0.0}
    return pd.DataFrame(rows)


def precision(curve, capacity=1, outcome="notice"):
    return precision_chart(curve, outcome=outcome, capacity=capacity, horizon="24 months")


def timeline(n=1, **changed):
    """Return so many episodes, three of them listed, each looked at on both days before."""
    episodes = pd.DataFrame(
        {
            "authority": [f"A{i:02d}" for i in range(n)],
            "name": [f"Name {i}" for i in range(n)],
            "listed": [i < 3 for i in range(n)],
            "date": DAYS[1] + pd.to_timedelta(range(1, n + 1), unit="D"),
            "last_look": DAYS[1],
        }
    ).assign(**changed)
    looks = episodes[["authority", "listed"]].merge(pd.DataFrame({"as_of": DAYS}), how="cross")
    return episodes, looks


def number_of_dots(drawing, name):
    return sum(len(stretches(each)) for each in named(drawing, name))


@pytest.mark.parametrize("top", [0.004, 0.03, 0.5, 1.0])
def test_no_two_numbers_at_an_axis_of_shares_read_the_same(top):
    drawn = [precision(curve_of([0.0, top], upper=top)), calibration_chart(
        bins_of([0.0, top], [top, top]), outcome="x")]  # fmt: skip
    for drawing in drawn:
        shares = [words for words in words_of(drawing) if words.endswith("%")]
        beside = [
            text.text for text in parsed(drawing).iter()
            if text.get("text-anchor") == "end" and text.text.endswith("%")
        ]  # fmt: skip
        assert len(beside) == len(set(beside)) > 2
        assert len(shares) > 2


def test_the_list_is_drawn_at_its_shares_beside_chance():
    drawing = precision(curve_of([0.8, 0.6, 0.4], lower=0.05, upper=0.3), capacity=2)
    assert_allclose(values_of(drawing, "list"), [80, 60, 40], atol=0.3)
    assert_allclose(values_of(drawing, "random"), [10] * 3, atol=0.3)
    assert_allclose(values_of(drawing, "shuffled"), [30] * 3 + [5] * 3, atol=0.3)
    xs = places(named(drawing, "list")[0])[:, 0]
    (asked,) = named(drawing, "asked")
    assert float(asked.get("d")[1:].split()[0]) == pytest.approx(xs[1], abs=0.1)
    assert drawing.description.startswith("Of the first 2: 60.0%; picked at random: 10.0%;")


def test_a_length_that_is_longer_than_the_list_is_not_marked():
    drawing = precision(curve_of([0.8, 0.6]), capacity=9)
    assert not named(drawing, "asked")
    assert "Of the first 2: 60.0%" in drawing.description


def test_chance_that_is_not_known_is_left_out_and_breaks_no_picture():
    drawing = precision(curve_of([math.nan] * 3, lower=math.nan, upper=math.nan))
    assert not named(drawing, "list")[0].get("d")
    assert parsed(precision(curve_of([0.2, 0.4], upper=[math.nan, 0.5]))) is not None


def test_lead_times_fall_in_steps_at_the_month():
    warned = pd.DataFrame({"months": [0, 6, 12, 18], "share": [0.75, 0.5, 0.5, 0.25]})
    drawing = lead_time_chart(warned, outcome="notice")
    assert_allclose(values_of(drawing, "listed"), [75, 75, 50, 50, 50, 50, 25], atol=0.3)
    assert drawing.description == "Listed at all: 75.0%; for a year or longer: 50.0%."


def test_what_came_is_drawn_at_the_chance_that_was_told_with_its_limits():
    drawing = calibration_chart(bins_of([0.1, 0.3], [0.05, 0.4]), outcome="notice")
    assert_allclose(values_of(drawing, "came"), [5, 40], atol=0.4)
    assert_allclose(values_of(drawing, "limits"), [0, 10, 0, 80], atol=0.4)
    told, came = (places(named(drawing, name)[0]) for name in ("told", "came"))
    slope = (told[1, 0] - told[0, 0]) / 80
    assert_allclose((came[:, 0] - told[0, 0]) / slope, [10, 30], atol=0.4)
    assert "10.0% told, 5.0% came; 30.0% told, 40.0% came." in drawing.description


def test_what_is_worth_far_less_than_nothing_is_left_out():
    drawing = benefit_chart(benefit_of([0.02, 0.01, 0.0], [0.02, -0.005, -4.0]), outcome="notice")
    assert_allclose(values_of(drawing, "flagged"), [0.02, 0.01, 0], atol=2e-4)
    assert_allclose(values_of(drawing, "everyone"), [0.02, -0.005], atol=2e-4)
    assert "worth more than visiting everyone or nobody at 1 of 3 thresholds" in drawing.description


@pytest.mark.parametrize("chart", [calibration_chart, benefit_chart])
def test_without_chances_it_says_so(chart):
    drawing = chart(pd.DataFrame(), outcome="notice")
    assert "Too few outcomes to learn a chance from." in words_of(drawing)
    assert "%" not in text_of(drawing)


def test_the_timeline_counts_all_episodes_and_says_when_it_draws_only_some():
    drawing = timeline_chart(*timeline(50), outcome="notice")
    assert drawing.title == "notice: 3 of 50 on the list at the last look before"
    assert "The newest 40 are drawn." in text_of(drawing)
    assert sum(words.startswith("Name") for words in words_of(drawing)) == 40
    assert len(named(drawing, "date")) == 40
    assert number_of_dots(drawing, "off") == 80
    assert not named(drawing, "on")  # the three that were listed are the earliest


def test_a_look_after_the_day_is_not_drawn_and_a_listed_one_is_full():
    episodes, looks = timeline(2)
    episodes["date"] = [DAYS[1], DAYS[1] + pd.Timedelta(days=1)]
    drawing = timeline_chart(episodes, looks, outcome="notice")
    assert number_of_dots(drawing, "on") == 3
    assert {"2019", "2020"} <= set(words_of(drawing))


def test_without_an_episode_the_timeline_says_so():
    episodes, looks = timeline(1, last_look=pd.NaT)
    drawing = timeline_chart(episodes, looks, outcome="notice")
    assert "No outcome came after the first look." in words_of(drawing)


def test_texts_from_the_data_are_shown_as_text():
    drawn = [
        timeline_chart(*timeline(1, name=EVIL), outcome=EVIL), precision(curve_of([1.0]), 1, EVIL),
        lead_time_chart(pd.DataFrame({"months": [0], "share": [0.5]}), outcome=EVIL),
        calibration_chart(bins_of([0.1], [0.1]), outcome=EVIL),
        benefit_chart(benefit_of([0.1], [0.1]), outcome=EVIL),
        benefit_chart(pd.DataFrame(), outcome=EVIL),
    ]  # fmt: skip
    for drawing in drawn:
        assert "<script>" not in drawing.svg
        assert "\u202e" not in drawing.svg
        parsed(drawing)


def test_an_authority_without_a_name_is_called_by_its_code():
    drawing = timeline_chart(*timeline(1, name=None), outcome="notice")
    assert "A00" in words_of(drawing)
