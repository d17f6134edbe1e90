"""The parts of the page on a back-test, in their order."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from earlywarning.explain.sections import Section
from earlywarning.explain.wording import counted
from earlywarning.validation.backtest import Backtest
from earlywarning.validation.lock import FROZEN
from earlywarning.validation.metrics import LeadTimeSummary
from earlywarning.validation.rankings import OURS
from earlywarning.validation.story import tables
from earlywarning.validation.story.wording import (
    horizon_of,
    months,
    number,
    percent,
    with_limits,
)

Part = tuple[Section, tuple[str, ...]]  # with the names of its pictures

HUMBLE = (
    "A flag is an invitation to a conversation. That an outcome followed does not show that the "
    "flag was right, nor that none did that it was wrong: a conversation may have helped."
)
LIMITS = (
    "Limits of the area hold where few had the outcome too; the others come from drawing "
    "authorities again, with all their looks, and are too narrow where fewer than about twenty "
    "had it. None says anything of other years, other outcomes or other countries."
)
HINDSIGHT_METRICS = (
    "Each single metric was ranked by its level, by its level among authorities of the type, and "
    "by its last change, up being worse as the catalogue says. The best of so many is best by "
    "hindsight: nobody knew before which it would be. It is shown to keep the library modest."
)
METHOD = (
    "On each day everything was learnt anew from what had been published by then.",
    "An authority is at risk on a day if it stands and is in no episode of the outcome. Outcomes "
    "of one kind that follow each other within {within} days are one episode.",
    "A look is judged where the record of outcomes, which ends on {until}, covers its whole "
    "horizon, and some outcome of the kind was on record by the end of it.",
    "Where an outcome is dated to a month or year only, its first day counts, so that lead times "
    "are not overstated; looks between its first and last possible day are not judged.",
    "An outcome of a successor counts for those who went into it as a whole. Where an authority "
    "was divided nothing is guessed.",
    "The list of a day are the authorities at risk in the order of their tier, then of p, as many "
    "as the capacity allows. Whoever a ranking has no score for comes last.",
)


def story_of(found: Backtest, standing: tuple[str, str], frozen: pd.Timestamp | None) -> list[Part]:
    """Return what a back-test says, part by part.

    Parameters
    ----------
    found : Backtest
        All tables.
    standing : tuple of str
        "frozen" or "chosen with hindsight", and the sentence that goes with it.
    frozen : Timestamp, optional
        The day on which the configuration was frozen.

    Returns
    -------
    list of (Section, tuple of str)
        Each part, and the names of the pictures that belong to it.
    """
    parts: list[Part] = [(_in_short(found, standing, frozen), ())]
    for number_, outcome in enumerate(found.outcomes, start=1):
        parts += _of_outcome(found, outcome, number_)
    parts.append((_method(found), ()))
    return parts


def _in_short(found: Backtest, standing: tuple[str, str], frozen: pd.Timestamp | None) -> Section:
    plan = found.plan
    word, sentence = standing
    first, last = found.days[0], found.days[-1]
    looks = counted(len(found.days), "look", "looks")
    asked = (
        f"{looks}, one each {plan.every}, from {first:%d %B %Y} to "
        f"{last:%d %B %Y}, at {len(found.authorities):,} authorities. Each time {plan.capacity} "
        f"are listed, and what came within {horizon_of(plan)} is set against the list."
    )
    after = _after_the_lock(found, word, frozen)
    items = [_verdict(found, outcome) for outcome in found.outcomes]
    return Section(
        "In short", (asked, f"{word.capitalize()}. {sentence}{after}", HUMBLE), tuple(items)
    )


def _after_the_lock(found: Backtest, word: str, frozen: pd.Timestamp | None) -> str:
    """Say how many episodes nobody can have known of when the configuration was frozen."""
    if word != FROZEN or frozen is None:
        return ""
    later = int((found.episodes["start_earliest"] > frozen).sum())
    return (
        f" Of the {len(found.episodes):,} episodes on record {later:,} began after that day; the "
        "others could have been known when it was frozen."
    )


def _verdict(found: Backtest, outcome: str) -> str:
    """Say in one sentence how the lists did, and whether chance does as well."""
    ours = tables.measured(found, outcome, OURS)
    if not ours["n_events"]:
        return (
            f"{outcome}: nobody at risk had it within {horizon_of(found.plan)} of a look that can "
            "be judged."
        )
    null = found.null[found.null["outcome"].eq(outcome)].set_index("measure")
    by_chance, auc = (null.loc[name].astype(object).to_dict() for name in ("hits", "auc"))
    better = "more than" if auc["p"] <= 0.05 else "no more than"
    who = counted(int(ours["n_authorities"]), "authority", "authorities")
    return (
        f"{outcome}: {who} had it. Of the "
        f"{found.plan.capacity} listed, {with_limits(ours, 'hits')} had it within "
        f"{horizon_of(found.plan)}, on an average look that can be judged; with outcomes shuffled "
        f"{number(by_chance['shuffled'])} ({number(by_chance['lower'])} to "
        f"{number(by_chance['upper'])}). The area under the ROC is {with_limits(ours, 'auc')}: "
        f"{better} chance gives (p = {number(auc['p'], 3)})."
    )


def _of_outcome(found: Backtest, outcome: str, place: int) -> Iterator[Part]:
    """Yield the parts on one outcome."""
    pictures = tuple(f"{name}_{place}.svg" for name in ("precision", "timeline", "lead_time"))
    yield _how_well(found, outcome), pictures[:1]
    yield _metrics(found, outcome), ()
    yield _null(found, outcome), ()
    yield _how_early(found, outcome), pictures[1:]
    yield _cost(found, outcome), ()
    told = () if found.chances(outcome).empty else ("calibration", "benefit")
    yield _chances(found, outcome), tuple(f"{name}_{place}.svg" for name in told)
    yield _subgroups(found, outcome), ()
    if outcome in (found.plan.reviews or {}):
        yield _reviewed(found, outcome), ()


def _how_well(found: Backtest, outcome: str) -> Section:
    ours = tables.measured(found, outcome, OURS)
    days = counted(int(ours["n_days"]), "day", "days")
    text = (
        f"{int(ours['n_known']):,} authorities and looks can be judged, on {days}; "
        f"{int(ours['n_events']):,} of them had the outcome within "
        f"{horizon_of(found.plan)}, which is {percent(ours['base_rate'])}. {LIMITS}"
    )
    return Section(f"{outcome}: how well", (text,), table=tables.rankings(found, outcome))


def _metrics(found: Backtest, outcome: str) -> Section:
    rows = tables.best_metrics(found, outcome)
    texts = (HINDSIGHT_METRICS,) if rows else ("No single metric was ranked.",)
    return Section(f"{outcome}: single metrics, with hindsight", texts, table=rows)


def _null(found: Backtest, outcome: str) -> Section:
    text = (
        "The same back-test with each authority given another's outcomes, "
        f"{found.plan.shuffles} times: what no signal looks like."
    )
    return Section(
        f"{outcome}: with outcomes shuffled", (text,), table=tables.shuffled(found, outcome)
    )


def _how_early(found: Backtest, outcome: str) -> Section:
    told = found.lead_times[outcome]
    rows = found.timeline[found.timeline["outcome"].eq(outcome)]
    horizon = pd.DateOffset(months=found.plan.months)
    soon = int((rows["date"] <= rows["last_look"] + horizon).sum())
    before = int(rows["last_look"].isna().sum())
    text = (
        f"Episodes after a look, one row an authority: {told.n_events:,}. Within "
        f"{horizon_of(found.plan)} of the last look before them came {soon:,}; for the "
        f"others there was no look so near. Listed at the last look: {told.n_flagged:,}."
    )
    more = f"Before the first look began {before:,} more." if before else ""
    return Section(
        f"{outcome}: how early, and on what", (text, _listed_for(told), more),
        table=tables.episodes(rows),
    )  # fmt: skip


def _listed_for(told: LeadTimeSummary) -> str:
    """Say for how long those on the list had been on it."""
    if not told.n_flagged:
        return ""
    return (
        f"These had been listed, without a break, for {months(told.median.estimate)} (median; "
        f"{months(told.median.lower)} to {months(told.median.upper)}). Of all, "
        f"{percent(told.long.estimate, 0)} ({percent(told.long.lower, 0)} to "
        f"{percent(told.long.upper, 0)}) had been listed for 12 months or more."
    )


def _cost(found: Backtest, outcome: str) -> Section:
    rows = found.decisions[found.decisions["outcome"].eq(outcome)]
    if rows.empty:
        return Section(f"{outcome}: what the lists cost", ("Nothing can be judged.",))
    row = rows.iloc[0]
    text = (
        "A false alarm that begins a run of lists: "
        f"{number(row['false_alarms_a_year'], 3)} an authority and year, {row['first_alarms']:,} "
        "in all. Usefulness is the share of what a perfect list would save somebody who minds a "
        "missed outcome so much and a needless visit the rest (Sarlin 2013); below 0 it were "
        "better to list nobody, or everybody."
    )
    return Section(f"{outcome}: what the lists cost", (text,), table=tables.decisions(row))


def _chances(found: Backtest, outcome: str) -> Section:
    learnt = found.learning[outcome]
    chances = found.chances(outcome)
    told = tables.chances(chances)
    texts = (
        f"Used: {learnt.used}. {learnt.why}",
        "Chances are learnt from the score alone, on each day from what was known by then."
        if told
        else "So few outcomes were known by the days looked at that no chance could be learnt.",
    )
    return Section(f"{outcome}: chances, and what outcomes teach", texts, table=told)


def _subgroups(found: Backtest, outcome: str) -> Section:
    rows = tables.subgroups(found, outcome)
    text = "Where fewer than two authorities had the outcome, or had not, there are no limits."
    return Section(f"{outcome}: by type and region", (text,) if rows else (), table=rows)


def _reviewed(found: Backtest, outcome: str) -> Section:
    kinds = ", ".join((found.plan.reviews or {})[outcome]).replace("_", " ")
    text = (
        f"Only a {kinds} can find this outcome. By those reviewed alone; at the worst and at the "
        "best that the others could hide, if they have it at most as often; and with the reviewed "
        "standing for others of their type. That holds only where reviews did not follow risk."
    )
    rows = tables.reviewed(found, outcome)
    return Section(f"{outcome}: of the reviewed alone", (text,), table=rows)


def _method(found: Backtest) -> Section:
    until = f"{found.until.day} {found.until:%B %Y}"
    items = [text.format(within=found.plan.within_days, until=until) for text in METHOD]
    told = found.issues[["message", "remedy"]].astype(str).to_numpy()
    issues = [f"{what} To do: {remedy[:1].lower()}{remedy[1:]}" for what, remedy in told]
    return Section("How it was done, and what was left out", (), (*items, *issues))
