"""What each part of a page says, from the tables of one authority alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.explain.reasons import SAID, seen
from earlywarning.explain.rounding import tenths
from earlywarning.explain.tables import Explained
from earlywarning.explain.wording import counted, day, first_few, one_line, rarity
from earlywarning.schema import ASSESSED, SEVERITIES
from earlywarning.units import format_value

MOST_ROWS = 12  # of the table of contributions; the rest are added up in one row
MOST_GOOD = 3  # good things said
SMALLEST_Q = 0.001  # written in figures
MOST_NAMES = 5  # metrics named a status, or issues told

CONVERSATION = "A flag is an invitation to a conversation, not a verdict."
NOT_FLAGGED = "No series of this authority is flagged. That is not a clean bill of health."
NOT_ASSESSED = (
    "None of its series could be assessed: that nothing is flagged says nothing about it."
)
CHANGE_DOUBTS = (
    "Definition change: has what is counted, or how, changed in these periods?",
    "Revision: could the newest value be provisional, or corrected later?",
    "Small numbers: do a few cases more or less move this much?",
    "Sector-wide move: what its peers share has been taken out as far as it could be told from "
    "chance; an event that struck only some places has not.",
)
BREAK = (
    "Definition change: “{title}” may have been defined anew, or everyone struck by a shock, in "
    "{periods}. {strongest}."
)
POSITION_DOUBTS = (
    "Recording: does it count the same things as its peers?",
    "Circumstances: does need, place or structure set it apart from these peers?",
    "Revision: could the newest value be provisional, or corrected later?",
    "Small numbers: do a few cases more or less move this much?",
)
QUESTIONS = {
    "change": "{theme}: what has changed behind “{title}”, was it expected, and will it last?",
    "position": "{theme}: what sets “{title}” apart from its peers', and is it by choice?",
}


@dataclass(frozen=True)
class Section:
    """One part of a page; any of its forms may be empty. A table's first row is its header."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


def title(about: Explained) -> str:
    """Return who the page is about, and on which day."""
    who = about.authorities.iloc[0]
    return f"{_name(who)}, as known on {day(about.as_of)}"


def headline(about: Explained) -> Section:
    """Say the tier, the score, and what a flag is."""
    who, n = about.authorities.iloc[0], len(about.flags)
    tier = f"Tier: {who['tier']}." if who["tier"] != "none" else "In no tier."
    chance = ""
    if pd.notna(who["p"]):
        as_much = "; a healthy authority stands out as much, as a whole or in a part of it,"
        chance = f"{as_much} {rarity(who['p'])} times, by chance alone"
    flags = f"{counted(n, 'flag', 'flags')}." if n else "No flags."
    score = f"Score: {who['score']:.1f} points{chance}."
    return Section("", (f"{tier} {score} {flags} {CONVERSATION}",))


def what_we_see(about: Explained) -> Section:
    """Give each flag its reason, and what there is to say about the flag itself."""
    if about.flags.empty:
        assessed = about.signals["status"].eq(ASSESSED).any()
        nothing = NOT_FLAGGED if assessed else NOT_ASSESSED
        return Section("What we see", (nothing,))
    units = dict(zip(about.metrics["metric"], about.metrics["unit"], strict=True))
    rows = gravest_first(about.flags).itertuples(index=False)
    return Section("What we see", items=tuple(_flag(row, units) for row in rows))


def how_the_score_adds_up(about: Explained) -> Section:
    """Lay out contributions by theme and metric; the printed numbers add up as printed."""
    parts = about.contributions[about.contributions["contribution"].astype(float) != 0]
    heading = "How the score adds up"
    if parts.empty:
        return Section(heading, ("Nothing adds to the score.",))
    wide = _by_metric(parts)
    shown, rest = wide.iloc[:MOST_ROWS], wide.iloc[MOST_ROWS:]
    words = [*zip(shown["theme"].map(one_line), about.titles(shown["metric"]), strict=True)]
    numbers = shown[["position", "change"]].to_numpy()
    if len(rest):
        words.append(("other", counted(len(rest), "metric", "metrics")))
        numbers = np.vstack([numbers, rest[["position", "change"]].sum().to_numpy()])
    header = ("Theme", "Metric", "Position", "Change", "Points")
    return Section(heading, table=(header, *_adding_up([*words, ("score", "")], numbers)))


def what_goes_well(about: Explained) -> Section:
    """Name the strongest signals beyond their limits on the better side."""
    signals = about.signals[about.signals["signal"].ne("change")]
    good = signals[signals["direction"].eq("better") & signals["status"].eq(ASSESSED)]
    good = good[(good["value"] < good["lower"]) | (good["value"] > good["upper"])]
    good = good.sort_values("z", kind="stable").drop_duplicates("metric").head(MOST_GOOD)
    good = good.merge(about.metrics[["metric", *SAID]], on="metric")
    said = [f"{seen(row, 'better', limits=about.limits)}." for row in good.itertuples(index=False)]
    nothing = () if said else ("No signal stands out on the better side.",)
    return Section("What is going well", nothing, tuple(said))


def what_is_not_known(about: Explained) -> Section:
    """Count and name what could not be assessed, and what is doubted in the data."""
    signals = about.signals[about.signals["signal"].isin(["position", "change"])]
    missing = signals[signals["status"].ne(ASSESSED)].astype({"signal": str, "status": str})
    items = [
        f"{str(kind).capitalize()} not assessed, {one_line(status)} ({len(group):,}): "
        f"{first_few(about.titles(group['metric']).to_list(), MOST_NAMES)}."
        for (kind, status), group in missing.groupby(["signal", "status"])
    ]
    doubts = about.issues["message"].map(one_line).to_list()
    if doubts:
        items.append(
            f"{counted(len(doubts), 'issue', 'issues')} with its data: "
            f"{first_few(doubts, MOST_NAMES)}"
        )
    coverage = about.authorities["coverage"].iloc[0]
    share = [] if pd.isna(coverage) else [f"Assessed: {coverage:.0%} of its positions and changes."]
    nothing = [] if items else ["Nothing that came in was left out."]
    return Section("What is not known", (" ".join(share + nothing),), tuple(items))


def what_to_ask(about: Explained) -> tuple[Section, ...]:
    """Say what else could explain the flags, and one question a flagged theme."""
    if about.flags.empty:
        return ()
    kinds = set(about.flags["kind"])
    general = (*CHANGE_DOUBTS * ("change" in kinds), *POSITION_DOUBTS * ("position" in kinds))
    doubts = (*_new_definitions(about), *general)
    first = gravest_first(about.flags).drop_duplicates("theme")
    questions = [
        QUESTIONS[kind].format(theme=one_line(theme), title=name)
        for kind, theme, name in zip(
            first["kind"], first["theme"], about.titles(first["metric"]), strict=True
        )
    ]
    return (
        Section("What else could explain it", items=tuple(dict.fromkeys(doubts))),
        Section("Questions to ask", items=tuple(questions)),
    )


def _new_definitions(about: Explained) -> list[str]:
    """Say which flagged metrics may have been defined anew, when, and what speaks most for it."""
    told = about.breaks[about.breaks["metric"].isin(about.flags["metric"])]
    newest = told.drop_duplicates("metric", keep="last")
    periods = newest["metric"].map(told.groupby("metric")["period"].agg(" and ".join))
    return [
        BREAK.format(
            title=title,
            periods=one_line(when),
            strongest=one_line(evidence).partition(". ")[0].rstrip("."),
        )
        for title, when, evidence in zip(
            about.titles(newest["metric"]), periods, newest["evidence"], strict=True
        )
    ]


def against_whom(about: Explained) -> Section:
    """Say who the peers are, and how many."""
    n = about.signals.loc[about.signals["signal"].eq("position"), "n_peers"].dropna()
    if n.empty:
        return Section("Against whom", ("It was compared with nobody.",))
    least, most = int(n.min()), int(n.max())
    many = f"{most:,}" if least == most else f"{least:,} to {most:,}, by metric"
    kind = about.authorities["type"].iloc[0]
    like = "" if pd.isna(kind) else f" ({one_line(kind)})"
    text = f"Peers: {many}; those named as its neighbours, or else authorities of its type{like}."
    return Section("Against whom", (text,))


def gravest_first(flags: pd.DataFrame) -> pd.DataFrame:
    """Return the flags by severity, the surest first within it."""
    gravity = flags["severity"].map({word: -i for i, word in enumerate(SEVERITIES)})
    return flags.assign(gravity=gravity).sort_values(["gravity", "p"], kind="stable")


def _name(who: pd.Series) -> str:
    code = one_line(who["authority"])
    return code if pd.isna(who["name"]) else f"{one_line(who['name'])} ({code})"


def _flag(flag: Any, units: dict[str, str]) -> str:
    """Return a flag's reason, severity, age, doubt, what would clear it and how stable it is."""
    age = f"new with {flag.since}"
    if flag.runs > 1:
        age = f"standing since {flag.since}, for {counted(flag.runs, 'release', 'releases')}"
    clear = format_value(flag.would_clear_at, units.get(flag.metric, ""))
    clears = "No newest value found that would clear it."
    if clear != "no value":
        clears = f"A newest value of {clear} would not have been flagged."
    stable = "How stable it is was not measured."
    if pd.notna(flag.stability):
        stable = f"{flag.stability:.0%} of re-scorings keep it."
    q = f"= {flag.q:.2g}" if flag.q >= SMALLEST_Q else f"< {SMALLEST_Q}"
    grade = f"{str(flag.severity).capitalize()}, {one_line(age)} (q {q})."
    return f"{one_line(flag.reason)} {grade} {clears} {stable}"


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
