"""The icons of Making Data Count, drawn small: what they say stands in words beside them."""

from earlywarning.charts.look import BLUE, GREY, INK, ORANGE, PALE, PURPLE
from earlywarning.charts.marks import along, path, text

RADIUS = 12.0
COLOURS = {"improvement": BLUE, "concern": ORANGE, "neither": PURPLE}
LETTERS = {"high": "H", "low": "L"}
ARROWS = {"high": "M0 7V-6M-5 -1L0 -7L5 -1", "low": "M0 -7V6M-5 1L0 7L5 1"}
TARGETS = {
    "consistently passing": ("P", BLUE),
    "consistently failing": ("F", ORANGE),
    "inconsistent": ("?", GREY),
}
WAVE = along((-8, -4.5, -1, 2.5, 6, 8), (2, -4, 3, -3, 4, 0))


def variation_icon(word: str) -> str:
    """Return the icon of a word of `point_types`, about 0, 0; another word has an empty one.

    Examples
    --------
    >>> ">H</text>" in variation_icon("concern high")
    True
    """
    judgement, _, height = word.partition(" ")
    colour = COLOURS.get(judgement, GREY)
    if word == "common cause":
        return _circle(GREY) + path(WAVE, colour=PALE, width=1.6)
    if judgement == "neither" and height in ARROWS:
        return _circle(colour) + path(ARROWS[height], colour=colour, width=2)
    return _circle(colour) + _letter(LETTERS.get(height, ""))


def assurance_icon(word: str) -> str:
    """Return the icon of a word of `assurance_icons`, about 0, 0; another word has an empty one.

    Examples
    --------
    >>> ">P</text>" in assurance_icon("consistently passing")
    True
    """
    letter, colour = TARGETS.get(word, ("", GREY))
    return _circle(colour) + _letter(letter)


def _circle(colour: str) -> str:
    return f'<circle r="{RADIUS:g}" stroke="{colour}" stroke-width="2.5" fill="#fff"/>'


def _letter(letter: str) -> str:
    return text(0, 4.6, letter, size=13, colour=INK, anchor="middle", weight="bold") * bool(letter)
