"""The differences in words, as a page in plain text that can be sent out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from earlywarning.explain import Page, Section, one_line
from earlywarning.explain.wording import day, first_few, in_period
from earlywarning.output import Input, Run
from earlywarning.schema import ANSWERED

MOST = 100  # lines of each part; the rest are counted, and stand in the table
SAME_DAY = "It takes the place of the issue of the same day; whoever was told of that is told here."
OTHER_DAY = (
    "The two are of different days: what was published in between differs as well as what was "
    "put right."
)
INVITATION = "A flag is an invitation to a conversation, not a verdict."
_OF_CHALLENGES = {
    "gone": "no longer flagged", "stands": "flagged as before", "changed": "flagged otherwise",
    "come": "not flagged before, and now", "in neither": "flagged in neither issue",
}  # fmt: skip


def as_letter(differences: pd.DataFrame, old: Run, new: Run) -> Page:
    """Say in plain text what is different in a corrected issue, and what is known of the reason.

    Parameters
    ----------
    differences : DataFrame
        As from `differences_of`.
    old, new : Run
        What was run on what, each time.

    Returns
    -------
    Page
        Its text by `str`; all that comes from the data is on one line.
    """
    parts = {about: differences[differences["about"].eq(about)]
             for about in ("challenge", "flag", "tier", "value")}  # fmt: skip
    sections = [
        _headline(parts, old, new),
        _part("What was read and set", list(_read(old, new))),
        _part("What authorities replied", [_challenge(row) for row in _rows(parts["challenge"])]),
        _part("Flags", [_flag(row) for row in _rows(parts["flag"])]),
        _part("Tiers", [_tier(row) for row in _rows(parts["tier"])]),
        _part("Values", [_value(row) for row in _rows(parts["value"])]),
    ]
    return Page(_title(old, new), tuple(one for one in sections if one.paragraphs or one.items))


def _title(old: Run, new: Run) -> str:
    then, now = (day(pd.Timestamp(run.as_of)) for run in (old, new))
    if old.as_of == new.as_of:
        return f"Corrected issue of {now}: what is different, and why"
    return f"Issues of {then} and of {now}: what is different, and why"


def _headline(parts: dict[str, pd.DataFrame], old: Run, new: Run) -> Section:
    """Count what differs, and say whether the two are of one day."""
    days = SAME_DAY if old.as_of == new.as_of else OTHER_DAY
    several = {"flag": "Flags", "tier": "Tiers", "value": "Values", "challenge": "Challenged flags"}
    counts = []
    for about, name in several.items():
        n = parts[about]["change"].value_counts()
        told = ", ".join(f"{n[word]:,} {word}" for word in ANSWERED if word in n.index)
        counts.append(f"{name}: {told or 'none'}.")
    same = all(parts[about].empty for about in ("flag", "tier", "value"))
    nothing = "No flag, tier or value differs. " if same else ""
    return Section("", (f"{days} {INVITATION}", f"{nothing}{' '.join(counts)}"))


def _part(heading: str, items: list[str]) -> Section:
    more = (f"and {len(items) - MOST:,} more, in the table of differences",) * (len(items) > MOST)
    return Section(heading, items=(*items[:MOST], *more))


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples(index=False))


def _read(old: Run, new: Run) -> Iterator[str]:
    """Say which files, settings and versions are not the same."""
    before, now = _files(old.inputs), _files(new.inputs)
    for word, names in (
        ("Changed", [one for one in now if one in before and now[one] != before[one]]),
        ("New", [one for one in now if one not in before]),
        ("No longer read", [one for one in before if one not in now]),
    ):
        if names:
            yield f"{word}: {first_few([one_line(name) for _, name in names], MOST)}."
    if old.options != new.options:
        yield "The options are others: run.json has them."
    then, set_now = old.settings.model_dump(), new.settings.model_dump()
    settings = [f"{name} {then[name]} before, {value} now" for name, value in set_now.items()
                if then[name] != value]  # fmt: skip
    if settings:
        yield f"Settings: {'; '.join(settings)}."
    if (old.earlywarning, old.versions) != (new.earlywarning, new.versions):
        yield f"Versions: {old.earlywarning} before, {new.earlywarning} now; see run.json."


def _files(inputs: list[Input]) -> dict[tuple[str, str], str]:
    return {(one.role, one.name): one.sha256 for one in inputs if one.role != "challenges"}


def _who(row: Any) -> str:
    name, code = one_line(row.name), one_line(row.authority)
    return name if name == code else f"{name} ({code})"


def _challenge(row: Any) -> str:
    flag = f"{one_line(row.title)}, {row.kind} {in_period(row.period_before)}"
    return f"{_who(row)}: {flag}: {_OF_CHALLENGES[row.change]}. Replied: {one_line(row.why)}"


def _flag(row: Any) -> str:
    before = f"{row.grade_before} {in_period(row.period_before)}" if row.grade_before else "no flag"
    now = f"{row.grade} {in_period(row.period)}" if row.grade else "no flag"
    why = f" Beside it: {one_line(row.why)}." if row.why else ""
    return f"{_who(row)}: {one_line(row.title)}, {row.kind}: {before} before, {now} now.{why}"


def _tier(row: Any) -> str:
    before, now = (grade or "not there" for grade in (row.grade_before, row.grade))
    return f"{_who(row)}: {before} before, {now} now."


def _value(row: Any) -> str:
    was, now = (_number(value) for value in (row.value_before, row.value))
    return f"{_who(row)}: {one_line(row.title)} {in_period(row.period)}: {was} before, {now} now."


def _number(value: float) -> str:
    return "no value" if pd.isna(value) else f"{value:,.6g}"
