"""A back-test as one web page that needs nothing from outside."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence

from earlywarning.explain.sections import Section
from earlywarning.report.fragments import fill

DRAWN = {  # what a picture shows, for who does not see it; by what its file is called
    "precision": "Lines: which share of the first k on the list had the outcome, by the length of "
    "the list, beside the average and what shuffled outcomes give.",
    "timeline": "A row an episode: the looks before it, on the list or not, and its day, as in the "
    "table above.",
    "lead_time": "A falling line: which share of the episodes had been on the list for so many "
    "months.",
    "calibration": "Points: the share that had the outcome against the chance that was told.",
    "benefit": "Lines: the net benefit of visiting by the score, everyone or nobody, by the chance "
    "from which one acts.",
}
NUMERAL = re.compile(r"[-−+]?\d.*|not known|not listed|not ranked|")


def backtest_html(
    title: str, parts: Sequence[tuple[Section, Sequence[str]]], pictures: Mapping[str, bytes]
) -> str:
    """Return a whole page.

    Parameters
    ----------
    title : str
        What it is called.
    parts : sequence of (Section, sequence of str)
        What it says, and the names of the pictures below each part.
    pictures : mapping of str to bytes
        PNG files by name.

    Returns
    -------
    str
        HTML; everything from the data is escaped, pictures are in it.

    Examples
    --------
    >>> "<title>Looking back</title>" in backtest_html("Looking back", [], {})
    True
    """
    return fill(
        "backtest.html",
        title=title,
        parts=[(section, [(name, pictures[name]) for name in names]) for section, names in parts],
        encoded=lambda png: base64.b64encode(png).decode("ascii"),
        columns_of_words=_columns_of_words,
        drawn=lambda name: DRAWN.get(name.rpartition("_")[0], f"{name}."),
    )


def _columns_of_words(table: Sequence[Sequence[str]]) -> list[bool]:
    """Say of each column whether it holds words, which stand on the left."""
    return [
        place == 0 or not all(NUMERAL.fullmatch(text) for text in column)
        for place, column in enumerate(zip(*table[1:], strict=True))
    ]
