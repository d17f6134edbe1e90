"""What else could explain the flags, and what is not known?"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from earlywarning.explain.record import Record, record
from earlywarning.explain.sections import Section
from earlywarning.explain.tables import About
from earlywarning.explain.wording import counted, day, first_few, one_line
from earlywarning.schema import ASSESSED, FLAG_KINDS
from earlywarning.units import format_change, format_value

Known = Sequence[tuple[Any, Record | None]]  # rows of flags, and what is known of their values
MOST_NAMES = 5  # metrics named a status, or issues told
BREAK = (
    "Definition change: “{title}” may have been defined anew, or everyone struck by a shock, in "
    "{periods}. {strongest}."
)
NO_BREAK = (
    "Definition change: the data propose none for {titles}. Has what is counted, or how, changed?"
)
REVISED = "Revision: “{title}” for {period} was first {first}, and is {now} since {day}."
AS_FIRST = "Revision: “{title}” for {period} stands as first published."
EARLIER = " Of its {earlier} {revised} revised later, the furthest by {furthest}."
NEVER = "Revision: {titles} stand as first published, as do all {earlier} before."
UNKNOWN_RECORD = "Revision: could the newest value of “{title}” be provisional, or corrected later?"
CASES = "Small numbers: “{title}” for {period} is out of {cases}{step}."
UNKNOWN_CASES = (
    "Small numbers: how many cases stand behind {titles} is not known here; would a few more or "
    "less, or one large item, move this much?"
)
SECTOR = (
    "Sector-wide move: what its peers share has been taken out as far as it could be told from "
    "chance, and limits are wider where all moved more than they used to; an event that struck "
    "only some places has not. How many moved alike is said below."
)
ROUGH = "Rough release, “{title}”: {message}"
RECORDING = "Recording: does it count the same things as its peers?"
CIRCUMSTANCES = "Circumstances: does need, place or structure set it apart from these peers?"


def what_else(about: About) -> Section:
    """Say what else could explain the flags, by what the tables know of each flagged metric."""
    kinds = set(about.flags["kind"])
    once: Iterator[Any] = about.flags.drop_duplicates("metric").itertuples(index=False)
    found = [(row, record(about.values, row.metric, row.period, unit=row.unit)) for row in once]
    general = [SECTOR] * ("change" in kinds) + [RECORDING, CIRCUMSTANCES] * ("position" in kinds)
    items = (
        *_definitions(about),
        *_revisions(found),
        *_small_numbers(found),
        *_rough(about),
        *general,
    )
    return Section("What else could explain it", items=items, labelled=True)


def _definitions(about: About) -> Iterator[str]:
    """Say which flagged metrics may have been defined anew, when, and what speaks most for it."""
    breaks = about.everyone.breaks
    told = breaks[breaks["metric"].isin(about.flags["metric"])]
    newest = told.drop_duplicates("metric", keep="last")
    periods = newest["metric"].map(told.groupby("metric")["period"].agg(" and ".join))
    titles = about.everyone.titles(newest["metric"])
    for title, when, evidence in zip(titles, periods, newest["evidence"], strict=True):
        strongest = one_line(evidence).partition(". ")[0].rstrip(".")
        yield BREAK.format(title=title, periods=one_line(when), strongest=strongest)
    rest = about.flags.loc[~about.flags["metric"].isin(told["metric"]), "metric"]
    if len(rest):
        yield NO_BREAK.format(titles=_quoted(about.everyone.titles(rest.drop_duplicates())))


def _rough(about: About) -> Iterator[str]:
    """Say in which flagged changes everybody moved more than they used to."""
    issues = about.everyone.issues
    flagged = about.flags.loc[about.flags["kind"].eq("change"), "metric"]
    told = issues[issues["code"].eq("rough_release") & issues["metric"].isin(flagged)]
    titles = about.everyone.titles(told["metric"])
    for title, message in zip(titles, told["message"], strict=True):
        yield ROUGH.format(title=title, message=one_line(message))


def _revisions(found: Known) -> Iterator[str]:
    """Say which flagged values were revised, how often earlier ones were, and which never were."""
    steady = [(row, known) for row, known in found if known and known.steady]
    for row, known in found:
        title, period = one_line(row.title), one_line(row.period)
        if known is None:
            yield UNKNOWN_RECORD.format(title=title)
        elif not known.steady:
            yield _revised(row, known, title, period)
    if steady:
        told = [f"“{one_line(row.title)}” for {one_line(row.period)}" for row, _ in steady]
        earlier = sum(known.earlier for _, known in steady)
        yield NEVER.format(titles=" and ".join(told), earlier=counted(earlier, "value", "values"))


def _revised(row: Any, known: Record, title: str, period: str) -> str:
    """Say how a value was revised, and how often earlier ones of the series were."""
    text = AS_FIRST.format(title=title, period=period)
    if known.was_revised:
        text = REVISED.format(
            title=title,
            period=period,
            first=format_value(known.first_value, row.unit),
            now=format_value(known.value, row.unit),
            day=day(known.published),
        )
    if not known.revised:
        return text
    return text + EARLIER.format(
        earlier=counted(known.earlier, "earlier value", "earlier values"),
        revised=f"{known.revised:,} {'were' if known.revised > 1 else 'was'}",
        furthest=format_change(known.furthest, row.unit),
    )


def _small_numbers(found: Known) -> Iterator[str]:
    """Say out of how many cases the flagged values are, and what one more or less does."""
    unknown = []
    for flag, known in found:
        if known is None or not np.isfinite(known.cases):
            unknown.append(one_line(flag.title))
            continue
        step = format_change(known.one_case, flag.unit).removeprefix("+")
        moves = any(digit in step for digit in "123456789")
        yield CASES.format(
            title=one_line(flag.title),
            period=one_line(flag.period),
            cases=f"{known.cases:,.0f}",
            step=f": one case more or less moves it by {step}" if moves else "",
        )
    if unknown:
        yield UNKNOWN_CASES.format(titles=_quoted(unknown))


def what_is_not_known(about: About) -> Section:
    """Count and name what could not be assessed, and what is doubted in the data."""
    titles = about.everyone.titles
    signals = about.signals[about.signals["signal"].isin(FLAG_KINDS)]
    missing = signals[signals["status"].ne(ASSESSED)].astype({"signal": str, "status": str})
    items = [
        f"{str(kind).capitalize()} not assessed, {one_line(status)} ({len(group):,}): "
        f"{first_few(titles(group['metric']).to_list(), MOST_NAMES)}."
        for (kind, status), group in (missing.groupby(["signal", "status"]) if len(missing) else ())
    ]
    doubts = about.issues["message"].map(one_line).to_list()
    if doubts:
        items.append(
            f"{counted(len(doubts), 'issue', 'issues')} with its data: "
            f"{first_few(doubts, MOST_NAMES)}"
        )
    coverage = float(about.who["coverage"])
    assessed = f"Assessed: {coverage:.0%} of its positions and changes."
    share = [] if np.isnan(coverage) else [assessed]
    nothing = [] if items else ["Nothing that came in was left out."]
    return Section("What is not known", (" ".join(share + nothing),), tuple(items))


def _quoted(titles: Any) -> str:
    return " and ".join(f"“{title}”" for title in titles)
