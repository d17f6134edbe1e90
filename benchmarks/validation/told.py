"""The words and tables of the page: what was found, and what it means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from benchmarks.page import table
from benchmarks.validation.debt import PUBLISHED, Found
from benchmarks.validation.looks import ASKED
from earlywarning.explain.sections import Section
from earlywarning.validation.backtest import Backtest
from earlywarning.validation.lock import Lock
from earlywarning.validation.rankings import OURS
from earlywarning.validation.story.tables import measured
from earlywarning.validation.story.wording import number, with_limits

CLEAR = 0.05  # p of the area from which chance does not do as well
MEANS = (
    "In plain words: on these data and these outcomes nobody should call councils in the order of "
    "this list in the belief that it foretells who will be in trouble next. The rankings named "
    "above did better, some of them far simpler. A flag still says what it says, that a figure is "
    "far from those of peers or from its own record; that this comes before failure is not shown "
    "here."
)
WHY = (
    "Few events: {events}. One authority more or less on a list changes every figure, and the "
    "limits are wide; they do not exclude a list that is somewhat useful, nor one that is useless.",
    "Three finance returns only, {metrics} metrics. Culture, governance, demand for care and what "
    "inspectors find are in none of them.",
    "The figures end early. Half of the metrics had nothing new after {half}, the last look is on "
    "{last}, and {later} of the {episodes} episodes told of below began after it.",
    "The score asks who is unusual and worsening over all {metrics} metrics together. How much "
    "debt a council has for its class is one question among them; asked alone, with hindsight, "
    "it tells more of section 114, and nothing of exceptional financial support (below).",
)
NO_EXCUSE = (
    "None of this makes the result better than it is, and none has been tried as a remedy on "
    "these outcomes: no setting was tuned to them, and a remedy has to be judged by others."
)


def plain_words(found: Backtest, newest: pd.Series[pd.Timestamp]) -> list[str]:
    """Return the result as it is, and why it might be so."""
    events = "; ".join(
        f"{measured(found, outcome, OURS)['n_authorities']} authorities with {outcome}"
        for outcome in found.outcomes
    )
    last, met = found.days[-1], found.timeline.dropna(subset=["last_look"])
    facts = {
        "events": events, "metrics": len(newest), "half": day_of(newest.median()),
        "last": day_of(last), "later": (met["date"] > last).sum(), "episodes": len(met),
    }  # fmt: skip
    return [
        "## The result, as it is",
        listed(_as_it_is(found, outcome) for outcome in found.outcomes),
        MEANS,
        "Why it might be so:",
        listed(text.format(**facts) for text in WHY),
        NO_EXCUSE,
    ]


def _as_it_is(found: Backtest, outcome: str) -> str:
    """Say of one outcome what the lists met, and which rankings did better."""
    rows = found.measures[found.measures["outcome"].eq(outcome)]
    ours = measured(found, outcome, OURS)
    others = rows[rows["role"].ne("metric")]
    single = rows.loc[rows["role"].eq("metric"), "auc"].dropna()
    hits = found.decisions.set_index("outcome")["hits"].to_dict()[outcome]
    null = found.null[found.null["outcome"].eq(outcome)]
    p = null.set_index("measure")["p"].to_dict()["auc"]
    chance = "better than chance" if p <= CLEAR else "not to be told from chance"
    return (
        f"**{outcome}.** Of {ours['n_events']} authorities and looks that were followed by it "
        f"within {found.plan.months} months, {hits} were among the {found.plan.capacity} listed. "
        f"The area under the ROC is {with_limits(ours, 'auc')}, {chance} (p = {p:.2f}). "
        f"Other rankings with a larger area: {_better(others, ours, 'auc')}; with more of the "
        f"listed followed by it, an average look: {_better(others, ours, 'hits')}. By hindsight "
        f"{(single > ours['auc']).sum()} of {len(single)} rankings by a single metric have a "
        "larger area."
    )


def _better(others: pd.DataFrame, ours: pd.Series, measure: str) -> str:
    """Name the rankings that did better, the best first."""
    better = others[others[measure] > ours[measure]].sort_values(measure, ascending=False)
    names = zip(better["scorer"], better[measure], strict=True)
    return ", ".join(f"{name} ({number(value)})" for name, value in names) or "none"


def froze(lock: Lock) -> list[str]:
    """Say what was frozen, and what that is worth."""
    return [
        "## What was frozen",
        f"Before an outcome was read the configuration was frozen on {day_of(lock.frozen)}: "
        f"horizon {ASKED.horizon}, {ASKED.capacity} on the list, a look each {ASKED.every}, every "
        "setting as it comes.",
        f"Fingerprint: `{lock.fingerprint}`",
        "That proves little. All these outcomes were public before that day, whoever built the "
        "library could know them, and this was not the first time that it was held against them. "
        "What it does is bind a later look, at newer returns and at outcomes after that day. It "
        "covers the version, the plan, the settings, the catalogue and the register, not the code "
        "within a version.",
    ]


def as_text(sections: Iterable[Section]) -> list[str]:
    """Return sections of the report as Markdown."""
    parts = []
    for section in sections:
        parts += [f"## {section.heading}", *filter(None, section.paragraphs)]
        parts += [listed(section.items)] if section.items else []
        parts += [table(section.table[0], section.table[1:])] if section.table else []
    return parts


def sensitivity(found: Backtest, others: Mapping[str, Backtest]) -> list[str]:
    """Return what a longer horizon and more looks would have given, side by side."""
    asked = {"as asked": found, **others}
    parts = [
        "## Asked otherwise",
        "The same with a longer horizon, and with a look each quarter. This is no choice: what is "
        "reported above is what was asked first. The columns are about the same few authorities: "
        "they do not add up to more evidence.",
    ]
    main = found.measures[found.measures["role"].ne("metric")]
    for outcome in found.outcomes:
        lines = [[label, *(tell(one, outcome) for one in asked.values())]
                 for label, tell in COUNTS.items()]  # fmt: skip
        lines += [
            [f"area of {name}",
             *(with_limits(measured(one, outcome, name), "auc") for one in asked.values())]
            for name in main["scorer"].unique()
        ]  # fmt: skip
        parts += [f"### {outcome}", table(["", *asked], lines)]
    return parts


def _counted(name: str) -> Callable[[Backtest, str], str]:
    return lambda one, outcome: f"{measured(one, outcome, OURS)[name]:,}"


def _hits(one: Backtest, outcome: str) -> str:
    return with_limits(measured(one, outcome, OURS), "hits")


COUNTS = {
    "days that can be judged": _counted("n_days"),
    "authorities and looks judged": _counted("n_known"),
    "of them with the outcome": _counted("n_events"),
    "authorities with the outcome": _counted("n_authorities"),
    "listed with the outcome, a look": _hits,
}


def reference(every: Mapping[str, Found], published: Mapping[str, Found]) -> list[str]:
    """Return the known reference beside what the library finds."""
    rows = [
        [name, f"{PUBLISHED[name]:.3f}" if name in PUBLISHED else "–",
         f"{published[name].area:.3f}", f"{every[name].area:.3f}",
         f"{every[name].n_events} of {every[name].n}"]
        for name in every
    ]  # fmt: skip
    header = ("outcome", "published, 347 councils", "the same councils, from the panels",
              "all in the panels", "with the outcome")  # fmt: skip
    return [
        "## A known reference: one feature, two outcomes",
        "Borrowing on 31 March 2018 beside net revenue expenditure of 2017-18, told apart from "
        "others of the class in scaled median absolute deviations of log(1 + ratio). Computed "
        "from the panels as known on 31 December 2018; `tests/test_validation_real.py` holds the "
        "areas to 0.01 of the published ones.",
        table(header, rows),
        "The feature was chosen with hindsight: it demonstrates how one feature can tell almost "
        "all of one outcome and nothing of another, and is no evidence of either. The section 114 "
        "figure leaves out Northumberland's report of 2022, which is on unlawful spending and not "
        "on insolvency; exceptional financial support is of councils without those. What differs "
        "from the published figures: the vintage of net revenue expenditure of 26 councils, and "
        "four councils that the reference leaves out (Reading, Warwick, Northamptonshire, North "
        "Yorkshire); Spelthorne's net revenue expenditure is below zero and it is in neither.",
    ]


def day_of(day: dt.date) -> str:
    """Write a day."""
    return f"{day.day} {day:%B %Y}"


def listed(items: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {item}" for item in items)
