"""What did the authority say to its flags? Its replies, beside what is flagged here."""

from typing import Any

import pandas as pd

from earlywarning.explain.sections import Section
from earlywarning.explain.tables import About
from earlywarning.explain.wording import day, in_period, one_line

KEPT = (
    "Replies are kept as they were given; no flag, score or tier is changed by one. What is put "
    "right in the data shows when the run is issued again."
)


def what_the_authority_said(about: About) -> tuple[Section, ...]:
    """Give each reply with the flag it was given to, the newest first; nothing without any."""
    said = about.challenges
    if said.empty:
        return ()
    said = said.assign(title=about.everyone.titles(said["metric"]))
    said = said.sort_values("replied_on", ascending=False, kind="stable")
    items = tuple(_reply(row, about.flags) for row in said.itertuples(index=False))
    return (Section("What the authority said", (KEPT,), items),)


def _reply(said: Any, flags: pd.DataFrame) -> str:
    """Return the flag, what has become of it here, and at the end the reply."""
    same = flags[flags["metric"].eq(said.metric) & flags["kind"].eq(said.kind)]
    flag = (
        f"{said.title}: {said.kind} flagged {in_period(said.period)}, {said.severity}, "
        f"as known on {day(said.as_of)}; {_here(said, same)}."
    )
    by = one_line(said.by)
    who = f", {by}" if by else ""
    return (
        f"{flag} {said.challenge.capitalize()}, {day(said.replied_on)}{who}: "
        f"“{one_line(said.reply)}”"
    )


def _here(said: Any, same: pd.DataFrame) -> str:
    if same.empty:
        return "not flagged here"
    flag = same.iloc[0]
    if (flag["period"], flag["severity"]) == (said.period, said.severity):
        return "flagged here as it was"
    return f"flagged here {in_period(flag['period'])}, {flag['severity']}"
