"""How an authority's score adds up, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from earlywarning.explain import one_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_STEPS = 15  # steps drawn; the rest are added up in one
LONGEST = 52  # characters of a metric's or theme's name


def contributions_chart(
    contributions: pd.DataFrame,
    authority: str,
    *,
    name: str = "",
    titles: Mapping[str, str] | None = None,
    as_of: pd.Timestamp | None = None,
    source: str = "",
) -> Figure:
    r"""Draw what each metric adds to an authority's score, as a waterfall.

    Parameters
    ----------
    contributions : DataFrame
        Columns `schema.CONTRIBUTIONS`.
    authority : str
        Whose score.
    name : str, optional
        What to call the authority; else its code.
    titles : mapping of str to str, optional
        What to call the metrics.
    as_of : Timestamp, optional
        The day whose knowledge is drawn.
    source : str, optional
        Where the values are from.

    Returns
    -------
    Figure
        900 pixels wide; the largest steps first, the score last.

    Examples
    --------
    >>> parts = pd.DataFrame({
    ...     "authority": "E1", "theme": "Finance", "metric": ["tax", "debt"],
    ...     "kind": ["change", "position"], "contribution": [12.0, 3.0],
    ... })
    >>> [label.get_text() for label in contributions_chart(parts, "E1").axes[0].get_yticklabels()]
    ['tax\nFinance', 'debt\nFinance', 'Score']
    """
    from earlywarning.charts import canvas

    steps = _steps(contributions[contributions["authority"].eq(authority)], titles or {})
    score = steps["contribution"].sum()
    figure, axes = canvas.new_chart(
        0.9 + 0.42 * (len(steps) + 1),
        title=f"What adds up to the score of {one_line(name or authority)}: {score:.1f} points",
        subtitle="The largest steps first; good news takes nothing off",
        note=canvas.note_of(as_of, source),
    )
    start = steps["contribution"].cumsum() - steps["contribution"]
    for kind, part in steps.groupby("kind", sort=False):
        axes.barh(
            part.index, part["contribution"], left=start[part.index], height=0.62,
            color=canvas.KIND_COLOURS.get(str(kind), canvas.GREY),
            label=canvas.KIND_WORDS.get(str(kind), "both kinds"),
        )  # fmt: skip
    axes.barh(len(steps), score, height=0.62, color=canvas.INK)
    ends = [*(start + steps["contribution"]), score]
    for row, end in enumerate(ends):
        amount = score if row == len(steps) else steps["contribution"].iloc[row]
        axes.annotate(f"{amount:.1f}", (end, row), (4, 0), textcoords="offset points", va="center")
        if row < len(steps):
            axes.plot([end, end], [row, row + 1], color=canvas.PALE, lw=0.8, zorder=0)
    axes.set_yticks(range(len(ends)), [*steps["label"], "Score"], parse_math=False)
    axes.invert_yaxis()
    axes.margins(x=0.08, y=0.02)
    axes.set_xlim(left=min(0.0, *ends))
    axes.set_xlabel("points", size=canvas.MIDDLE, color=canvas.INK)
    axes.grid(axis="x", color=canvas.GRID, linewidth=0.8)
    canvas.write_key(axes, columns=2)
    return figure


def _steps(parts: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return label, kind and contribution of each step, the largest first, the rest as one."""
    from earlywarning.charts.canvas import shortened

    parts = parts.astype({"contribution": float})
    parts = parts[parts["contribution"] != 0].sort_values(
        "contribution", ascending=False, kind="stable"
    )
    label = [
        f"{shortened(titles.get(metric, metric), LONGEST)}\n{shortened(theme, LONGEST)}"
        for metric, theme in zip(parts["metric"], parts["theme"], strict=True)
    ]
    steps = parts.assign(label=label)
    steps = steps[["label", "kind", "contribution"]].astype({"kind": str}).reset_index(drop=True)
    rest = steps.iloc[MOST_STEPS:]
    if rest.empty:
        return steps
    other = pd.DataFrame(
        {
            "label": [f"{len(rest):,} smaller steps"],
            "kind": ["other"],
            "contribution": [rest["contribution"].sum()],
        }
    )
    return pd.concat([steps.iloc[:MOST_STEPS], other], ignore_index=True)
