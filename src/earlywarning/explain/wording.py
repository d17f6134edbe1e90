"""How are names, days, chances and lists written in a sentence?"""

import math
import re
import unicodedata
from collections.abc import Sequence

import pandas as pd

from earlywarning.units import UNITS, format_value

RAREST = 10_000  # series: a rarer chance is no surer, as with `Settings.points_cap`
UNSEEN = {"Cc", "Cf", "Cs"}  # control, formatting (such as right-to-left override), surrogate

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def one_line(text: object) -> str:
    r"""Return a text from the data as one plain line, without characters that cannot be seen.

    Examples
    --------
    >>> one_line("Council\n  tax\u202e collected\x1b")
    'Council tax collected'
    """
    line = str(text)
    if line.isprintable():  # holds nothing that cannot be seen: what almost all texts are
        return " ".join(line.split())
    spaced = (" " if letter.isspace() else letter for letter in line)
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in UNSEEN).split())


def folded(text: object) -> str:
    """Return what a name is found by: it on one line, whatever its case.

    Examples
    --------
    >>> folded("Ash  Council") == folded("ASH COUNCIL")
    True
    """
    return one_line(text).casefold()


def rarity(p: float) -> str:
    """Say how often something of that chance happens.

    Examples
    --------
    >>> rarity(0.000412), rarity(1e-9), rarity(0.7)
    ('about once in 2,400', 'less than once in 10,000', 'more than once in 2')
    """
    if p < 1 / RAREST:
        return f"less than once in {RAREST:,}"
    if p > 0.5:
        return "more than once in 2"
    often = 1 / p
    digits = min(0, 1 - math.floor(math.log10(often)))
    return f"about once in {int(round(often, digits)):,}"


def once_in(p: float) -> str:
    """Say how often chance alone would do this to a series.

    Examples
    --------
    >>> once_in(0.000412)
    'chance alone would do this about once in 2,400 series'
    """
    if math.isnan(p):
        return "how often chance alone would do this is not known"
    return f"chance alone would do this {rarity(p)} series"


def bare(value: float, unit: str) -> str:
    """Write a value without the words of its unit, which the sentence has already said.

    Examples
    --------
    >>> bare(4.12, "per_1000"), bare(91.2, "percent")
    ('4.1', '91.2%')
    """
    suffix = UNITS.get(unit, UNITS[""]).suffix
    text = format_value(value, unit)
    return text.removesuffix(suffix) if suffix.startswith(" ") else text


def day(when: pd.Timestamp) -> str:
    """Write a day for people.

    Examples
    --------
    >>> day(pd.Timestamp("2025-03-01"))
    '1 March 2025'
    """
    return f"{when.day} {when:%B %Y}"


def in_period(period: object) -> str:
    """Write a period with its preposition.

    Examples
    --------
    >>> in_period("2023/24"), in_period("2024-03-31")
    ('in 2023/24', 'on 2024-03-31')
    """
    label = one_line(period)
    return f"{'on' if _DAY.fullmatch(label) else 'in'} {label}"


def counted(n: int, one: str, many: str) -> str:
    """Write a number of things.

    Examples
    --------
    >>> counted(1, "flag", "flags"), counted(2000, "flag", "flags")
    ('1 flag', '2,000 flags')
    """
    return f"{n:,} {one if n == 1 else many}"


def first_few(names: Sequence[str], most: int) -> str:
    """Write the first names, and how many there are beside.

    Examples
    --------
    >>> first_few(["Ash", "Birch", "Cedar"], 2)
    'Ash; Birch; and 1 more'
    """
    shown = list(names[:most])
    return "; ".join(shown + ([f"and {len(names) - most:,} more"] if len(names) > most else []))
