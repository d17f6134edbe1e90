"""A back-test as one web page that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from earlywarning.charts import Drawing
from earlywarning.explain.sections import Section
from earlywarning.report.columns import columns_of_words
from earlywarning.report.fragments import fill


def backtest_html(
    title: str, parts: Sequence[tuple[Section, Sequence[str]]], pictures: Mapping[str, Drawing]
) -> str:
    """Return a whole page.

    Parameters
    ----------
    title : str
        What it is called.
    parts : sequence of (Section, sequence of str)
        What it says, and the names of the pictures below each part.
    pictures : mapping of str to Drawing
        By name.

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
        parts=[(section, [pictures[name] for name in names]) for section, names in parts],
        columns_of_words=columns_of_words,
    )
