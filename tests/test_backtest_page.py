"""Can the page on a back-test be read, also by who does not see it?"""

import re

import pandas as pd
import pytest

from earlywarning.charts import Drawing
from earlywarning.explain.sections import Section
from earlywarning.report import backtest_html
from earlywarning.validation.story import tables
from earlywarning.validation.story.wording import percent, with_limits

TABLE = (
    ("ranking", "area", "flags on"),
    ("ours", "0.50 (0.40 to 0.60)", ""),
    ("size", "0.70", "x"),
)
PART = (Section("notice: how well", ("Text.",), table=TABLE), ("precision_1.svg",))
PICTURE = Drawing("<svg><title>notice</title></svg>", "notice", "A line.")


@pytest.fixture(scope="module")
def page():
    return backtest_html(
        "Was it right?", [PART, (Section("Last", ()), ())], {"precision_1.svg": PICTURE}
    )


def test_each_row_and_column_of_a_table_has_a_header(page):
    assert re.findall(r'<th scope="(\w+)"', page) == ["col"] * 3 + ["row"] * 2


def test_columns_of_words_stand_left_and_figures_right(page):
    assert '<td>0.70</td><td class="words">x</td>' in page
    assert "<td>0.50 (0.40 to 0.60)</td>" in page


def test_a_picture_stands_in_the_page_and_is_not_told_by_its_file(page):
    assert f'<p class="picture">{PICTURE.svg}</p>' in page
    assert ".svg" not in page


def test_every_part_can_be_gone_to_from_the_top(page):
    links, places = (re.findall(rf'{name}="#?(part-\d)"', page) for name in ("href", " id"))
    assert links == places == ["part-1", "part-2"]


def test_limits_that_are_one_number_are_not_shown_as_if_they_were_certain():
    same = {"hits": 0.0, "hits_lower": 0.0, "hits_upper": 0.0}
    assert with_limits(same, "hits") == "0.00"


def test_a_large_share_has_its_thousands_marked():
    assert percent(-16.84, 0) == "-1,684%"


def test_an_authority_without_a_place_at_the_last_look_is_said_not_to_be_ranked():
    day = pd.Timestamp("2020-12-31")
    rows = pd.DataFrame(
        {"authority": ["A", "B"], "name": ["Ash", None], "date": day + pd.Timedelta(days=9),
         "last_look": day, "place": [float("nan"), 3.0], "tier": "none", "listed": [False, True],
         "since": day, "grounds": ""}
    )  # fmt: skip
    header, first, second = tables.episodes(rows)
    place = header.index("place then")
    assert (first[0], first[place]) == ("Ash", "not ranked")
    assert (second[0], second[place]) == ("B", "3")
