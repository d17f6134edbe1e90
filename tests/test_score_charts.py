"""Pictures of scores add up as printed, and list authorities by tier and name."""

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from drawn import SVG, named, number, parsed, text_of, words_of
from earlywarning.charts import contributions_chart, tiers_chart
from earlywarning.charts.look import INK
from earlywarning.charts.tiers import LEFT


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


def bars(drawing, name):
    """Return left and right end of the bars of one kind, but not of the key's, top first."""
    found = []
    for rect in (rect for group in named(drawing, name) for rect in group):
        start, width = float(rect.get("x")), float(rect.get("width"))
        hollow = 0.8 if rect.get("stroke") else 0.0
        found.append((float(rect.get("y")), start - hollow, start + width + hollow))
    return [ends for y, *ends in sorted(found) if y > 0]


@given(amounts=st.lists(st.floats(0.1, 40), min_size=1, max_size=14))
@example(amounts=[1.0, 1.0, 1.0, 1.0, 38.0, 40.0, 40.0, 0.125, 0.25])
@settings(max_examples=8)
def test_the_steps_of_a_waterfall_join_and_end_at_the_score(amounts):
    drawing = contributions_chart(parts_of(amounts), "E1")
    steps = sorted(bars(drawing, "position") + bars(drawing, "change"))
    assert len(steps) == len(amounts)
    for first, second in pairwise(steps):
        assert abs(first[1] - second[0]) < 1
    score = [rect for rect in parsed(drawing).iter(f"{SVG}rect") if rect.get("fill") == INK]
    assert abs(float(score[0].get("x")) + float(score[0].get("width")) - steps[-1][1]) < 1


@given(amounts=st.lists(st.floats(0, 40), min_size=1, max_size=40))
@example(amounts=[2.26] * 20)
@settings(max_examples=10)
def test_the_printed_amounts_add_up_to_the_printed_score(amounts):
    drawing = contributions_chart(parts_of([*amounts, 0.25]), "E1")
    printed = [words for words in words_of(drawing) if re.fullmatch(r"[\d,]+\.\d", words)]
    *steps, score = [round(10 * number(words)) for words in printed]
    axis = len(printed) - 1 - min(sum(amount > 0 for amount in [*amounts, 0.25]), 16)
    assert sum(steps[axis:]) == score
    assert score / 10 == pytest.approx(sum(amounts) + 0.25, abs=0.0501)
    assert f": {printed[-1]} points" in drawing.title


def test_more_than_15_steps_are_added_up_in_one():
    words = words_of(contributions_chart(parts_of([5.0] * 15 + [1.0, 0.5, 0.7]), "E1"))
    assert words[words.index("3 smaller steps") + 1] == "2.2"
    assert words[-1] == "77.2"


def test_a_score_of_nothing_is_said_in_words():
    assert "Nothing adds to the score." in words_of(contributions_chart(parts_of([0.0]), "E1"))


def test_a_waterfall_is_of_one_authority_only():
    parts = pd.concat([parts_of([5, 3]), parts_of([20], authority="E2")])
    words = text_of(contributions_chart(parts, "E1", name="Ash", titles={"m0": "Tax"}))
    assert "score of Ash: 8.0 points" in words
    assert "Tax | Finance" in words
    assert "20.0" not in words


def test_titles_may_come_as_a_column_of_the_table_of_metrics():
    titles = pd.Series({"m0": "Tax collected"})
    assert "Tax collected" in text_of(contributions_chart(parts_of([3.0]), "E1", titles=titles))


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


def names_down(drawing):
    """Return the words left of the bars, from top to bottom."""
    texts = parsed(drawing).iter(f"{SVG}text")
    return [text.text for text in texts if text.get("text-anchor") == "end"]


def test_authorities_stand_by_tier_then_name_whatever_their_score():
    sector = sector_of(["watch", "priority", "watch", "none"], ["Birch", "Cedar", "ash", "Elm"])
    expected = ["Priority (1)", "Cedar", "Watch (2)", "ash", "Birch"]
    assert names_down(tiers_chart(sector)) == expected


def test_each_bar_is_as_long_as_the_authority_s_score():
    sector = sector_of(["watch", "priority", "concern"])
    drawing = tiers_chart(sector)
    position, change = bars(drawing, "position"), bars(drawing, "change")
    scale = (change[0][1] - LEFT) / 2.0  # the priority's: 1 + 1 points
    assert_allclose([end for _, end in change], LEFT + scale * np.array([2, 3, 1]), atol=0.3)
    assert_allclose([end for _, end in position], LEFT + scale * np.array([1, 2]), atol=0.3)


def test_at_most_25_are_drawn_the_gravest_and_the_rest_are_counted():
    drawing = tiers_chart(sector_of(["watch"] * 30 + ["concern"]))
    names = names_down(drawing)
    assert names[:3] == ["Concern (1)", "Name 30", "Watch (30)"]
    assert len(names) == 27
    words = " ".join(words_of(drawing))
    assert "31 of 31" in words
    assert "6 more are not drawn" in words


def test_no_authority_in_a_tier_is_said_in_words():
    drawing = tiers_chart(sector_of(["none", "none"]))
    assert "No authority is in a tier." in words_of(drawing)
    assert drawing.description == "No authority is in a tier."


def test_an_authority_without_a_name_goes_by_its_code():
    assert "E00" in words_of(tiers_chart(sector_of(["watch"]).assign(name=[None])))
