"""Which authorities are in which tier, and on what grounds?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from earlywarning.schema import TIERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 25  # authorities drawn; of the gravest tiers first
LONGEST = 34  # characters of a name
GRAVEST_FIRST = tuple(reversed(TIERS))[:-1]


def tiers_chart(
    authorities: pd.DataFrame, *, as_of: pd.Timestamp | None = None, source: str = ""
) -> Figure:
    """Draw the authorities in a tier, by tier and name, and what their scores consist of.

    Parameters
    ----------
    authorities : DataFrame
        Columns `schema.AUTHORITIES`.
    as_of : Timestamp, optional
        The day whose knowledge is drawn.
    source : str, optional
        Where the values are from.

    Returns
    -------
    Figure
        900 pixels wide. Within a tier the order is that of the alphabet: it is no league table.

    Examples
    --------
    >>> sector = pd.DataFrame({
    ...     "authority": ["E1", "E2"], "name": ["Ash", "Birch"], "tier": ["none", "watch"],
    ...     "score_position": [0.0, 8.0], "score_change": [1.0, 4.0],
    ... })
    >>> tiers_chart(sector).texts[0].get_text()
    '1 of 2 authorities to talk to'
    """
    from earlywarning.charts import canvas

    there = _by_tier_and_name(authorities)
    shown = there.iloc[:MOST]
    rows, headings = _places(shown, there["place"].value_counts())
    left_out = f" {len(there) - MOST:,} more are not drawn." if len(there) > MOST else ""
    figure, axes = canvas.new_chart(
        0.9 + 0.27 * (len(rows) + len(headings)),
        title=f"{len(there):,} of {len(authorities):,} authorities to talk to",
        subtitle="By tier, then name. A tier says how sure it is that the score is not chance; "
        f"it is an invitation to a conversation, not a verdict.{left_out}",
        note=canvas.note_of(as_of, source),
    )
    if shown.empty:
        axes.set_axis_off()
        axes.text(
            0.5,
            0.5,
            "No authority is in a tier.",
            ha="center",
            size=canvas.MIDDLE,
            color=canvas.INK,
        )
        return figure
    position = shown["score_position"].astype(float)
    for kind, left in (("position", 0.0), ("change", position)):
        axes.barh(
            rows, shown[f"score_{kind}"].astype(float), left=left, height=0.66,
            color=canvas.KIND_COLOURS[kind], label=canvas.KIND_WORDS[kind],
        )  # fmt: skip
    _write_names(axes, dict(zip(rows, shown["shown_name"], strict=True)), headings)
    axes.set_xlabel("points of the score", size=canvas.MIDDLE, color=canvas.INK)
    axes.grid(axis="x", color=canvas.GRID, linewidth=0.8)
    canvas.write_key(axes)
    return figure


def _by_tier_and_name(authorities: pd.DataFrame) -> pd.DataFrame:
    """Return the authorities in a tier, the gravest tier first, then by name."""
    from earlywarning.charts.canvas import shortened

    name = authorities["name"].where(authorities["name"].notna(), authorities["authority"])
    place = authorities["tier"].astype(str).map(dict(zip(GRAVEST_FIRST, range(9), strict=False)))
    table = authorities.assign(
        place=place,
        folded=name.astype(str).str.casefold(),
        shown_name=[shortened(text, LONGEST) for text in name],
    )
    return table[place.notna()].sort_values(["place", "folded"], kind="stable")


def _places(shown: pd.DataFrame, members: pd.Series[int]) -> tuple[list[float], dict[float, str]]:
    """Return each authority's row, and the row of each tier's heading."""
    rows: list[float] = []
    headings: dict[float, str] = {}
    at = 0.0
    for place, tier in enumerate(GRAVEST_FIRST):
        n = int(shown["place"].eq(place).sum())
        if n:
            headings[at] = f"{tier.capitalize()} ({members[place]:,})"
            rows += [at + 1 + i for i in range(n)]
            at += 1.3 + n
    return rows, headings


def _write_names(axes: Axes, names: dict[float, str], headings: dict[float, str]) -> None:
    """Write names and tiers to the left, each tier in bold above its names."""
    labels = {**names, **headings}
    axes.set_yticks(list(labels), list(labels.values()), parse_math=False)
    for label, row in zip(axes.get_yticklabels(), labels, strict=True):
        label.set_fontweight("bold" if row in headings else "normal")
    axes.set_ylim(max(labels) + 0.7, -0.7)
    axes.margins(x=0.02)
