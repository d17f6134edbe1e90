"""Read a drawing back: its words, its ways, and the values that they stand for."""

import re
import xml.etree.ElementTree as ET

import numpy as np

from earlywarning.charts.look import GRID

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "desc", "rect", "path", "circle", "text", "g", "a"}
STEP = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)")


def parsed(drawing):
    """Return the drawing's root; fails where it is no XML or asks for anything from outside."""
    root = ET.fromstring(drawing.svg)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ALLOWED
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name != "style"
            if name in ("d", "x", "y", "cx", "cy", "width", "height", "points", "viewBox"):
                assert not re.search(r"\.\d\d|nan|inf|e", value)
    assert root.attrib["role"] in ("img", "group")
    assert "width" not in root.attrib
    assert root[0].tag == f"{SVG}title"
    assert (root[0].text or "") == drawing.title == root.attrib["aria-label"]
    assert (root[1].text or "") == drawing.description
    return root


def words_of(drawing):
    """Return everything that is written on a drawing, in the order in which it is."""
    return [element.text or "" for element in parsed(drawing).iter(f"{SVG}text")]


def text_of(drawing):
    return " | ".join(words_of(drawing))


def named(drawing, name):
    """Return the elements of a class."""
    return [element for element in parsed(drawing).iter() if element.get("class") == name]


def stretches(element):
    """Return the unbroken stretches of a path's way, each an array of x and y."""
    found = []
    for pen, x, y in STEP.findall(element.get("d")):
        if pen == "M":
            found.append([])
        found[-1].append((float(x), float(y)))
    return [np.array(stretch) for stretch in found]


def places(element):
    return np.concatenate(stretches(element))


def number(words):
    return float(re.sub(r"[^\d.-]", "", words))


def upwards(drawing):
    """Return the function from heights to values, read off the numbers at the axis."""
    root = parsed(drawing)
    grid = next(path for path in root.iter(f"{SVG}path") if path.get("stroke") == GRID)
    heights = [float(y) for _, _, y in STEP.findall(grid.get("d"))]
    beside = [text for text in root.iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    values = [number(text.text) for text in beside[: len(heights)]]
    slope, start = np.polyfit(heights, values, 1)
    return lambda y: start + slope * np.asarray(y, dtype=float)


def values_of(drawing, name):
    """Return the values for which the places of a class stand."""
    to_value = upwards(drawing)
    return [float(value) for each in named(drawing, name) for value in to_value(places(each)[:, 1])]
