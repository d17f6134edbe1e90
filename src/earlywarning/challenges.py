"""What did an authority reply to a flag, and is a table of such replies in order?

A row has the flag as it was seen, and what was said of it. That a reply is right is not known
here; nor where the log of replies is kept.
"""

from __future__ import annotations

import math
import re

import pandas as pd

from earlywarning.authorities.tables import HEADER, listed, refuse
from earlywarning.errors import ChallengesError
from earlywarning.schema import CHALLENGE_WORDS, CHALLENGES, FLAG_KINDS, SEVERITIES

LONGEST = 2_000  # characters of a reply: a page of the log, not the correspondence
DAYS = ("as_of", "replied_on")
NUMBERS = ("value", "p")
MAY_BE_EMPTY = ("since", "by", *NUMBERS)
WORDS = {"kind": FLAG_KINDS, "severity": SEVERITIES, "challenge": CHALLENGE_WORDS}

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_HASH = r"[0-9a-f]{64}"


def as_challenges(table: pd.DataFrame) -> pd.DataFrame:
    """Check a log of challenges, and return its days and numbers as what they are.

    Parameters
    ----------
    table : DataFrame
        Columns `schema.CHALLENGES` and no other, every cell a text; days as 2025-03-01.

    Returns
    -------
    DataFrame
        The rows in their order. `since`, `value`, `p` and `by` may be empty, or NaN.

    Raises
    ------
    ChallengesError
        Naming everything that is wrong: columns, what is missing, days, numbers, words and
        hashes that are none, and texts that are too long or cannot be printed.

    Examples
    --------
    >>> as_challenges(pd.DataFrame({"authority": ["E1"]}))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    earlywarning.errors.ChallengesError: No column metric, kind, as_of, period, since and ...
    """
    refuse(_of_columns(table), error=ChallengesError)
    given = table[list(CHALLENGES)].astype(object)
    days = {day: pd.to_datetime(given[day], format="%Y-%m-%d", errors="coerce") for day in DAYS}
    numbers = {name: given[name].map(_number).astype(float) for name in NUMBERS}
    found = given.assign(**days, **numbers)
    refuse(_of_cells(given, found), error=ChallengesError)
    return found


def wrong_with(text: str) -> str:
    r"""Say why a text is not kept as a reply or a name; nothing if it can be.

    Examples
    --------
    >>> wrong_with("That figure was corrected."), wrong_with("\x1b[31m")
    ('', 'holds characters that cannot be printed: take them out')
    """
    if len(text) > LONGEST:
        return f"has {len(text):,} characters: keep to {LONGEST:,}, and say where the rest is"
    return "holds characters that cannot be printed: take them out" if _UNSEEN.search(text) else ""


def _of_columns(table: pd.DataFrame) -> list[str]:
    given = [str(name) for name in table]
    problems = []
    if missing := [name for name in CHALLENGES if name not in given]:
        problems.append(f"no column {listed(missing)}. A log has {', '.join(CHALLENGES)}.")
    if foreign := [name for name in given if name not in CHALLENGES]:
        problems.append(f"unknown column {listed(foreign)}. Keep it in a file of its own.")
    if twice := {name for name in given if given.count(name) > 1} & {*CHALLENGES}:
        problems.append(f"column twice: {listed(sorted(twice))}. Keep one of each.")
    return problems


def _of_cells(given: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """Name everything that is wrong in the rows."""
    empty = given.map(lambda cell: not str(cell).strip())
    problems = [
        f"no {name} in rows {listed(given.index[empty[name]] + HEADER)}. Fill it in."
        for name in CHALLENGES
        if name not in MAY_BE_EMPTY and empty[name].any()
    ]
    for name in (*DAYS, *NUMBERS):
        wrong = given.loc[~empty[name] & found[name].isna(), name]
        what = "day. Write it as 2025-03-01" if name in DAYS else "number"
        if len(wrong):
            problems.append(f"{name} {listed(wrong)} is no {what}.")
    if len(unlikely := found.loc[(found["p"] < 0) | (found["p"] > 1), "p"]):
        problems.append(f"p {listed(unlikely)} is not from 0 to 1.")
    for name, words in WORDS.items():
        unknown = given.loc[~empty[name] & ~given[name].isin(words), name]
        if len(unknown):
            problems.append(f"no {name}: {listed(unknown)}. Use one of {', '.join(words)}.")
    run = given.loc[~empty["run"] & ~given["run"].str.fullmatch(_HASH), "run"]
    if len(run):
        problems.append(f"run {listed(run)} is no hash of a run.json (64 of 0-9, a-f).")
    for name in ("reply", "by"):
        reasons = given[name].map(wrong_with)
        problems += [
            f"{name} in rows {listed(rows.index + HEADER)} {reason}."
            for reason, rows in reasons[reasons.ne("")].groupby(reasons)
        ]
    return problems


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
