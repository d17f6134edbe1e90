"""A drawing is one sound piece of SVG, whatever is written on it, and is saved whole."""

import math
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from drawn import ALLOWED, SVG, parsed, text_of, words_of
from earlywarning.charts import (
    Drawing,
    Expected,
    Peers,
    SeriesPicture,
    StripPicture,
    contributions_chart,
    control_chart,
    funnel_chart,
    series_svg,
    strip_svg,
    tiers_chart,
)
from earlywarning.charts.icons import assurance_icon, variation_icon
from earlywarning.charts.marks import fitted, width_of
from earlywarning.charts.scale import scale_of, ticks
from earlywarning.errors import UsageError
from earlywarning.report.fragments import _environment

HOSTILE = "<script>alert(1)</script>\u202e\" onload='x' & \x00\n\ufffe ]]> --> $x_{$"
NAN = math.nan


def control_rows(label):
    return pd.DataFrame(
        {
            "period": [label, "b"],
            "end": pd.to_datetime(["2020-03-31", "2021-03-31"]),
            "value": [1.0, 9.0],
            "centre": 1.0,
            "lower": 0.0,
            "upper": 2.0,
            "segment": 0,
            "rule": ["", "beyond a limit"],
            "point": ["common cause", "concern high"],
            "status": "ok",
        }
    )


def every_drawing(words):
    """Return one drawing of each kind in which everything that can be written is these words."""
    picture = SeriesPicture(
        [words, words], [0, 365], [1.0, 2.0], Peers([0.0] * 2, [1.0] * 2, [2.0] * 2),
        Expected("step", 1.0, 0.0, 2.0, 1.5), [1], [1], [NAN, 1.0],
    )  # fmt: skip
    about = {"title": words, "unit": words}
    strip = StripPicture([words, words], [1.0, NAN], ["a/b.html", ""], [0])
    parts = pd.DataFrame(
        {
            "authority": "E1",
            "theme": words,
            "metric": words,
            "kind": ["position", "change"],
            "contribution": [3.0, 1.0],
        }
    )
    sector = pd.DataFrame(
        {
            "authority": ["E1"],
            "name": [words],
            "tier": ["watch"],
            "score_position": [1.0],
            "score_change": [2.0],
        }
    )
    funnel = pd.DataFrame({"name": [words], "value": [1.0], "denominator": [5.0]})
    no_limits = pd.DataFrame(columns=["coverage", "denominator", "lower", "upper"])
    return [
        series_svg(picture, name=words, note=words, **about),
        series_svg(picture, name=words, size="small", **about),
        strip_svg(strip, period=words, note=words, **about),
        contributions_chart(parts, "E1", name=words, source=words),
        tiers_chart(sector, source=words),
        funnel_chart(funnel, no_limits, size=words, period=words, marked=[words], **about),
        control_chart(
            control_rows(words), name=words, variation=words, assurance=words, target=3, **about
        ),
    ]


@given(words=st.text(max_size=400))
@example(words=HOSTILE)
@example(words="W" * 300)
@example(words="\u200fاسم المجلس\u200f" * 20)
@settings(max_examples=8)
def test_whatever_is_written_on_a_drawing_it_is_sound_and_shows_nothing_unseen(words):
    for drawing in every_drawing(words):
        root = parsed(drawing)
        assert root.attrib["viewBox"].startswith("0 0 ")
        assert not re.search("[\u200e\u200f\u202a-\u202e\x00\x1b\ufffe\n]", drawing.svg)


def test_hostile_words_are_shown_as_words():
    for drawing in every_drawing("<script>alert(1)</script>"):
        assert "<script" not in drawing.svg
        shown = text_of(drawing)
        assert "<script>" in shown or "<scri" in shown


@pytest.mark.parametrize("letter", ["a", "W", "木", "ї"])
def test_a_long_text_is_cut_to_its_place(letter):
    words = fitted(letter * 300, 200, 10)
    assert words.endswith("…")
    assert 100 < width_of(words, 10) <= 205
    assert fitted("short", 200, 10) == "short"


def test_a_long_title_takes_three_lines_at_most():
    words = words_of(series_svg(SeriesPicture([], [], []), title="word " * 60, unit=""))
    lines = [line for line in words if line.startswith("word")]
    assert len(lines) == 3
    assert [line.endswith("…") for line in lines] == [False, False, True]


def test_a_drawing_goes_into_a_page_as_it_is_and_into_a_notebook():
    drawing = Drawing("<svg>&amp;</svg>", "t", "d")
    page = Environment(autoescape=True).from_string("<p>{{ chart }}</p>")
    assert page.render(chart=drawing) == "<p><svg>&amp;</svg></p>"
    assert "<svg>&amp;</svg>" in drawing._repr_html_()


def test_a_drawing_that_cannot_be_finished_leaves_the_file_before(tmp_path, monkeypatch):
    def full(path, content):
        with path.open("wb") as file:
            file.write(content[:3])
        raise OSError(28, "No space left on device")

    file = tmp_path / "chart.svg"
    file.write_text("before")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError, match="No space left"):
        Drawing("<svg></svg>", "t", "d").save(file)
    assert file.read_text() == "before"


def test_a_drawing_is_saved_whole_and_only_as_svg(tmp_path):
    drawing = Drawing("<svg>é</svg>", "t", "d")
    file = tmp_path / "chart.svg"
    file.write_text("before")
    assert drawing.save(file) == file
    assert drawing.save(str(file)) == file
    assert file.read_text(encoding="utf-8") == "<svg>é</svg>"
    assert [entry.name for entry in tmp_path.iterdir()] == ["chart.svg"]
    with pytest.raises(UsageError, match=r"does not end in \.svg"):
        drawing.save(tmp_path / "chart.png")
    with pytest.raises(UsageError, match="cannot be written"):
        drawing.save(tmp_path / "nowhere" / "chart.svg")


@pytest.mark.parametrize(
    "values",
    [
        [], [NAN], [0.0], [5.0, 5.0], [1e308, -1e308], [1e-320, 2e-320], [1.0, 1.0 + 1e-15],
        [math.inf, 1.0], [0.0, 1.7e308], [-3.0, 7.0],
    ],
)  # fmt: skip
def test_a_scale_holds_every_number_and_marks_no_two_alike(values):
    scale = scale_of(values, start=200, end=100)
    for value in filter(math.isfinite, values):
        assert 100 <= scale.at(value) <= 200
    for unit in ("", "percent", "gbp", "count"):
        marks = ticks(scale, unit, 5)
        assert len({label for _, label in marks}) == len(marks) <= 6
        assert all(100 <= scale.at(value) <= 200 for value, _ in marks)
        assert all(len(label) <= 20 for _, label in marks)


def test_a_scale_is_a_straight_line():
    scale = scale_of([-3.0, 7.0], start=0, end=100, margin=0)
    assert [scale.at(value) for value in (-3, 2, 7)] == pytest.approx([0, 50, 100])
    assert [label for _, label in ticks(scale, "count", 5)] == ["-2", "0", "2", "4", "6"]


def test_every_icon_of_making_data_count_has_its_own_picture():
    words = ["common cause"]
    words += [f"{word} {way}" for word in ("improvement", "concern", "neither")
              for way in ("high", "low")]  # fmt: skip
    icons = [*map(variation_icon, words)]
    icons += map(assurance_icon, ("consistently passing", "consistently failing", "inconsistent"))
    assert len(set(icons)) == 10
    assert variation_icon(HOSTILE) == assurance_icon(HOSTILE)


def test_what_a_drawing_may_consist_of_leaves_out_whatever_could_run():
    assert {element.tag.removeprefix(SVG) for drawing in every_drawing("x")
            for element in parsed(drawing).iter()} == ALLOWED  # fmt: skip


def test_a_template_of_the_library_takes_a_drawing_as_it_is_and_cleans_all_else():
    template = _environment().from_string("{{ chart }}{{ words }}")
    page = template.render(chart=Drawing("<svg>&amp;</svg>", "t", "d"), words="<b>\u202e")
    assert page == "<svg>&amp;</svg>&lt;b&gt;"
