"""The parts of a page, and those that are about an authority as a whole: who, how much, why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.explain.rounding import tenths
from earlywarning.explain.tables import About
from earlywarning.explain.wording import counted, day, one_line, rarity

MOST_ROWS = 8  # of the table of contributions; the rest are added up in one row
SCORE = "How the score adds up"
CONVERSATION = "A flag is an invitation to a conversation, not a verdict."


@dataclass(frozen=True)
class Section:
    """One part of a page; any of its forms may be empty. A table's first row is its header."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    words: int = 2  # columns of the table that hold words; numbers follow
    labelled: bool = False  # whether each item begins with what it is about, and a colon


def title(about: About) -> str:
    """Return who the page is about, and on which day."""
    (name,) = about.everyone.names(pd.Series([about.code]))
    return f"{name}, as known on {day(about.everyone.as_of)}"


def headline(about: About) -> Section:
    """Say the tier, the score, and what a flag is."""
    who, n = about.who, len(about.flags)
    tier = f"Tier: {who['tier']}." if who["tier"] != "none" else "In no tier."
    chance = ""
    if pd.notna(who["p"]):
        as_much = "; a healthy authority stands out as much, as a whole or in a part of it,"
        chance = f"{as_much} {rarity(who['p'])} times, by chance alone"
    flags = f"{counted(n, 'flag', 'flags')}." if n else "No flags."
    score = f"Score: {who['score']:.1f} points{chance}."
    return Section("", (f"{tier} {score} {flags} {CONVERSATION}",))


def how_the_score_adds_up(about: About) -> Section:
    """Lay out contributions by theme and metric; the printed numbers add up as printed."""
    parts = about.contributions[about.contributions["contribution"].astype(float) != 0]
    if parts.empty:
        return Section(SCORE, ("Nothing adds to the score.",))
    wide = _by_metric(parts)
    shown, rest = wide.iloc[:MOST_ROWS], wide.iloc[MOST_ROWS:]
    titles = about.everyone.titles(shown["metric"])
    words = [*zip(shown["theme"].map(one_line), titles, strict=True)]
    numbers = shown[["position", "change"]].to_numpy()
    if len(rest):
        words.append(("other", counted(len(rest), "metric", "metrics")))
        numbers = np.vstack([numbers, rest[["position", "change"]].sum().to_numpy()])
    header = ("Theme", "Metric", "Position", "Change", "Points")
    return Section(SCORE, table=(header, *_adding_up([*words, ("score", "")], numbers)))


def _by_metric(parts: pd.DataFrame) -> pd.DataFrame:
    """Return columns theme, metric, position, change; the metric that adds most first."""
    amount = parts["contribution"].astype(float)
    position = amount.where(parts["kind"].eq("position"), 0.0)
    parts = parts.assign(position=position, change=amount - position, points=amount)
    by = parts.groupby(["theme", "metric"], observed=True, as_index=False)
    table = by[["position", "change", "points"]].sum()
    return table.sort_values("points", ascending=False, kind="stable")


def _adding_up(
    words: Sequence[tuple[str, str]], numbers: np.ndarray[Any, Any]
) -> tuple[tuple[str, ...], ...]:
    """Return rows and their total, rounded so that rows and columns add up as printed."""
    rows = tenths(numbers)
    table = np.vstack([rows, rows.sum(axis=0)])
    table = np.column_stack([table, table.sum(axis=1)]) / 10 + 0.0
    cells = [[f"{value:,.1f}" for value in row] for row in table]
    return tuple((*said, *row) for said, row in zip(words, cells, strict=True))
