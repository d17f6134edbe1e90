"""Which readings has one label, and what do its words and markers add?

`read` takes a label apart, with no regard to the labels around it: choosing
between several readings is `columns`' task.
"""

import re
from typing import NamedTuple

from earlywarning.periods.grammar import IF_ASKED, Reading, readings

LONGEST = 80  # characters: a longer text is no label

STATUSES = {  # the words are those of `readers.markers`
    "p": "provisional", "prov": "provisional", "provisional": "provisional",
    "r": "revised", "rev": "revised", "revised": "revised",
    "b": "break in series", "break": "break in series", "break in series": "break in series",
    "break in time series": "break in series",
    "e": "estimated", "est": "estimated", "estimate": "estimated", "estimated": "estimated",
    "f": "forecast", "forecast": "forecast", "budget": "budget", "final": "final",
    "u": "low reliability", "low reliability": "low reliability",
    "c": "suppressed", "confidential": "suppressed", "low": "low",
    "w": "no data recorded", "x": "not available", "z": "not applicable",
}  # fmt: skip

_SUFFIX = re.compile(r" ?(?:\[([a-z0-9 ]+)\]|\(([a-z ]+)\)|(?<=[0-9 ])([pr]))$")
_NOTE = re.compile(r"notes? ?[0-9, ]+")
_SAID = re.compile(  # also in brackets, as LG Inform writes '2022/23 (academic)'
    r"\(?(?<![a-z])(?:(financial|fiscal|tax(?:base)?|fy)|(academic|school|ay)|(calendar|cy))"
    r"(?: years?)?(?![a-z])\)?"
)
_SAID_KINDS = (  # the likeliest first
    ("financial year", "financial quarter", "range"),
    ("academic year",),
    ("calendar year", "quarter", "range"),
)


class Label(NamedTuple):
    """A label taken apart: its readings, and the status that its suffixes gave."""

    readings: tuple[Reading, ...]
    status: str


def read(text: str) -> Label:
    """Return every way to read a label, and its status; no reading where it is no period.

    Parameters
    ----------
    text : str

    Returns
    -------
    Label
        The usual readings come first; those that are taken only on request
        (an academic year that does not say so) are marked in their way's name.

    Examples
    --------
    >>> [reading.way for reading in read("2011-12").readings]
    ['financial year', 'month', 'academic year, if asked']
    """
    if len(text) > LONGEST:
        return Label((), "")
    plain, status = _without_suffixes(_plain(text))
    said = _SAID.search(plain)
    if said:
        plain = re.sub(r"^(\d\d)(?=[-/]\d\d$)", r"20\1", _tidy(_SAID.sub(" ", plain, count=1)))
    found = tuple(readings(plain))
    if said and said.lastindex:
        found = _of_kind_said(found, _SAID_KINDS[said.lastindex - 1])
    return Label(found, status)


def way_kind(way: str) -> str:
    """Return the kind that a way is named after, asked for or not."""
    return way.removesuffix(IF_ASKED)


def _of_kind_said(found: tuple[Reading, ...], kinds: tuple[str, ...]) -> tuple[Reading, ...]:
    """Return the readings of the likeliest kind that the label's own words allow."""
    for kind in kinds:
        same = tuple(Reading(kind, period) for way, period in found if way_kind(way) == kind)
        if same:
            return same
    return ()


def _plain(text: str) -> str:
    """Return the label in small letters, with one sort of dash and single spaces."""
    dashed = re.sub(r"[\u2010-\u2015\u2212_]", "-", text.lower())
    return _tidy(re.sub(r"^([0-9]+)\.0$", r"\1", dashed.strip()))


def _tidy(plain: str) -> str:
    return re.sub(r" ?([-/]) ?", r"\1", " ".join(plain.split())).strip(" ,;:")


def _without_suffixes(plain: str) -> tuple[str, str]:
    """Return the label without its markers, and what they mean, in words."""
    words: list[str] = []
    while match := _SUFFIX.search(plain):
        mark = next(group for group in match.groups() if group)
        if mark not in STATUSES and not _NOTE.fullmatch(mark):
            break
        words[:0] = [STATUSES[mark]] if mark in STATUSES else []
        plain = plain[: match.start()].rstrip()
    return plain, ", ".join(dict.fromkeys(words))
