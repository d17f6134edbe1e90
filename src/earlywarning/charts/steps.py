"""How a score adds up, as bars that stand in the rows of a table: a waterfall."""

from __future__ import annotations

from collections.abc import Sequence

from earlywarning.charts.bars import bar
from earlywarning.charts.drawing import Drawing
from earlywarning.charts.look import INK
from earlywarning.charts.marks import box, number
from earlywarning.charts.scale import scale_of
from earlywarning.schema import FLAG_KINDS

WIDE, TALL, BAR = 200.0, 14.0, 9.0  # units


def step_bars(amounts: Sequence[Sequence[float]]) -> list[Drawing]:
    """Draw each row of a table of points; a row begins where the one before it ended.

    Parameters
    ----------
    amounts : sequence of (float, float)
        Points of position and of change, row by row; the last row is the sum of the others.

    Returns
    -------
    list of Drawing
        One a row, hidden from who does not see them: the table says the same.

    Examples
    --------
    >>> [bar.svg.count("<g ") for bar in step_bars([(1.0, 2.0), (0.0, 0.5), (1.0, 2.5)])]
    [2, 1, 0]
    """
    if not amounts:
        return []
    scale = scale_of([0.0, sum(amounts[-1]), 0.1], start=1.0, end=WIDE - 1, margin=0.0)
    drawn, at, middle = [], 0.0, TALL / 2
    for row in amounts[:-1]:
        parts = []
        for kind, amount in zip(FLAG_KINDS, row, strict=True):
            if amount > 0:
                parts.append(bar(kind, scale, (at, at + amount), middle, height=BAR))
            at += amount
        drawn.append(_drawing("".join(parts)))
    end = scale.at(sum(amounts[-1]))
    whole = box(scale.start, middle - BAR / 2, width=end - scale.start, height=BAR, fill=INK)
    return [*drawn, _drawing(whole)]


def _drawing(parts: str) -> Drawing:
    opened = f'<svg viewBox="0 0 {number(WIDE)} {number(TALL)}" aria-hidden="true">'
    return Drawing(f"{opened}{parts}</svg>", "Points", "As the row of the table says.")
