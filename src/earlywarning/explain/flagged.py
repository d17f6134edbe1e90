"""What is said of an authority's flags: what we see, since when, and how sure that is."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from earlywarning.explain.sections import Section
from earlywarning.explain.tables import About
from earlywarning.explain.wording import counted, day, one_line
from earlywarning.flags import at_most, expected_false_flags
from earlywarning.schema import ASSESSED
from earlywarning.units import format_value

SMALLEST_Q = 0.001  # written in figures
SEEN = "What we see"
NOT_FLAGGED = "No series of this authority is flagged. That is not a clean bill of health."
NOT_ASSESSED = (
    "None of its series could be assessed: that nothing is flagged says nothing about it."
)
FALSE_ONES = (
    "Of all {flags} of {authorities}, at most {false} are expected to be false; which ones is "
    "not known."
)
COLUMNS = (
    "q is the share of false ones to expect among flags as clear as this one or clearer. Kept is "
    "the share of re-scorings that keep the flag, each without one past period or a tenth of the "
    "peers. The last column is the newest value that would not have been flagged."
)


def rows_of(about: About) -> Iterator[Any]:
    """Return the flags, the gravest first, row by row."""
    return about.flags.itertuples(index=False)


def what_we_see(about: About) -> Section:
    """Give each flag its severity, theme and reason."""
    if about.flags.empty:
        assessed = about.signals["status"].eq(ASSESSED).any()
        return Section(SEEN, (NOT_FLAGGED if assessed else NOT_ASSESSED,))
    return Section(
        SEEN,
        items=tuple(
            f"{str(flag.severity).capitalize()}, {one_line(flag.theme)}: {one_line(flag.reason)}"
            for flag in rows_of(about)
        ),
        labelled=True,
    )


def since_when(about: About) -> Section:
    """Say since which period each flag stands, and when its newest value came out."""
    header = ("Flagged metric", "Kind", "Since", "Standing", "Newest value of", "Published")
    rows = [
        (
            one_line(flag.title),
            str(flag.kind),
            one_line(flag.since),
            "new" if flag.runs <= 1 else f"for {counted(flag.runs, 'release', 'releases')}",
            one_line(flag.period),
            "not known" if pd.isna(flag.published) else day(flag.published),
        )
        for flag in rows_of(about)
    ]
    return Section("Since when", table=(header, *rows), words=len(header))


def how_sure(about: About) -> Section:
    """Say how clear and how stable each flag is, what would clear it, and how many are false."""
    everyone = about.everyone
    false = expected_false_flags(everyone.flags, settings=everyone.settings)
    overall = FALSE_ONES.format(
        flags=counted(len(everyone.flags), "flag", "flags"),
        authorities=counted(len(everyone.authorities), "authority", "authorities"),
        false=f"{at_most(false):,}",
    )
    header = ("Flagged metric", "Kind", "q", "Kept", "Would clear it")
    rows = [
        (one_line(flag.title), str(flag.kind), _q(flag.q), _kept(flag.stability), _clears(flag))
        for flag in rows_of(about)
    ]
    return Section("How sure", (overall, COLUMNS), table=(header, *rows))


def _q(q: float) -> str:
    return f"{q:.2g}" if q >= SMALLEST_Q else f"< {SMALLEST_Q}"


def _kept(stability: float) -> str:
    return "not measured" if pd.isna(stability) else f"{stability:.0%}"


def _clears(flag: Any) -> str:
    clear = format_value(flag.would_clear_at, flag.unit)
    return "none found" if clear == "no value" else clear
