"""All authorities along a metric's values: everyone can be told apart, and reached."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from drawn import SVG, named, parsed, text_of, words_of
from earlywarning.charts import StripPicture, strip_chart, strip_svg
from earlywarning.errors import UsageError


@pytest.fixture(scope="module")
def sector():
    values = np.random.default_rng(5).normal(96, 1.2, size=317)
    return StripPicture([f"Name {i}" for i in range(317)], values.tolist(), marked=[5, 9, 77])


def drawn(picture, **options):
    return strip_svg(picture, title="Tax collected", unit="percent", **options)


def dots(drawing):
    """Return x, y and radius of every dot: those picked out last."""
    circles = [
        circle
        for kind in ("other", "marked")
        for group in named(drawing, kind)
        for circle in group.iter(f"{SVG}circle")
        if circle.get("stroke") is None
    ]
    return np.array([[float(circle.get(name)) for name in ("cx", "cy", "r")] for circle in circles])


def test_317_authorities_are_drawn_apart_from_each_other(sector):
    at = dots(drawn(sector))
    assert len(at) == 317
    apart = [math.dist(one[:2], other[:2]) for one, other in combinations(at, 2)]
    assert min(apart) > 1.9 * at[0, 2] > 3


def test_dots_stand_where_their_values_are(sector):
    at = dots(drawn(sector))
    order = [i for i in range(317) if i not in sector.marked] + list(sector.marked)
    assert np.corrcoef(at[:, 0], np.array(sector.values)[order])[0, 1] > 0.9999


def test_equal_values_stay_within_their_place():
    at = dots(drawn(StripPicture(["x"] * 317, [1.0] * 317)))
    assert len(np.unique(at[:, 1])) == 317
    assert np.ptp(at[:, 1]) <= 121


def test_an_authority_is_drawn_at_the_same_place_wherever_it_stands_in_the_table(sector, rng):
    order = rng.permutation(317)
    shuffled = StripPicture(
        [sector.names[i] for i in order],
        [sector.values[i] for i in order],
        marked=[order.tolist().index(i) for i in sector.marked],
    )
    one, other = drawn(sector), drawn(shuffled)
    assert sorted(dots(one).tolist()) == sorted(dots(other).tolist())
    assert sorted(words_of(one)) == sorted(words_of(other))
    assert one.description == other.description


def test_those_marked_are_ringed_and_named_and_peers_have_a_shape_of_their_own(sector):
    drawing = drawn(StripPicture(sector.names, sector.values, (), [5, 9], range(20, 30)))
    assert [len(named(drawing, kind)[0]) for kind in ("other", "peer", "marked")] == [305, 10, 2]
    (marked,), (peers,) = named(drawing, "marked"), named(drawing, "peer")
    assert sum(circle.get("stroke") is not None for circle in marked.iter(f"{SVG}circle")) == 2
    assert not list(peers.iter(f"{SVG}circle"))
    assert {"Name 5", "Name 9", "one of its peers"} <= set(words_of(drawing))
    assert "Name 6" not in words_of(drawing)
    assert f"Picked out: Name 5 {sector.values[5]:.1f}%" in drawing.description


def test_no_name_is_written_over_another():
    values = [90.0, 90.1, 90.2, 90.3, 94.0, 96.0, 96.1, 96.2]
    names = [f"Borough number {i}" for i in range(8)]
    drawing = drawn(StripPicture(names, values, marked=range(8)))
    at = {
        (round(float(text.get("x"))), float(text.get("y")))
        for text in parsed(drawing).iter(f"{SVG}text")
        if text.text in names
    }
    assert len(at) == 8
    for (x, y), (other, height) in combinations(sorted(at), 2):
        assert y != height or abs(x - other) > 100


def test_a_link_leads_to_its_page_and_can_be_reached_and_named():
    picture = StripPicture(["A & B", "C"], [1.0, 2.0], ["a/b.html?x=1&y=2", ""])
    drawing = drawn(picture)
    (link,) = parsed(drawing).iter(f"{SVG}a")
    assert link.get("href") == "a/b.html?x=1&y=2"
    assert link[0].tag == f"{SVG}title"
    assert link[0].text == "A & B: 1.0%"
    assert parsed(drawing).get("role") == "group"
    assert parsed(drawn(StripPicture(["C"], [2.0]))).get("role") == "img"


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "//elsewhere.example", "https://a.example", "java\nscript:x", "a b"],
)
def test_a_link_that_leads_elsewhere_is_refused(href):
    with pytest.raises(UsageError, match="1 links lead elsewhere"):
        drawn(StripPicture(["A", "B"], [1.0, 2.0], [href, "b.html"]))


@pytest.mark.parametrize("values", [[], [math.nan], [3.0], [math.nan, 3.0], [1e300, -1e300]])
def test_next_to_nobody_can_be_drawn_and_who_is_left_out_is_counted(values):
    drawing = drawn(StripPicture(["x"] * len(values), values, marked=range(len(values))))
    missing = sum(map(math.isnan, values))
    assert (f"{missing} without a value." in text_of(drawing)) == bool(missing)


def test_a_table_is_drawn_by_its_codes_and_left_as_it_was():
    points = pd.DataFrame(
        {
            "authority": ["E1", "E2"],
            "name": ["Ash", None],
            "value": [95.0, np.nan],
            "href": ["a", None],
        }
    )
    before = points.copy()
    drawing = strip_chart(
        points, title="Tax", unit="percent", marked=["E1"], peers=["E2"], period="2023/24",
        as_of=pd.Timestamp("2024-09-01"), source="returns",
    )  # fmt: skip
    assert {"Ash", "2023/24"} <= set(words_of(drawing))
    assert "1 without a value. As known on 1 September 2024. Source: returns." in words_of(drawing)
    assert [link.get("href") for link in parsed(drawing).iter(f"{SVG}a")] == ["a"]
    pd.testing.assert_frame_equal(points, before)
