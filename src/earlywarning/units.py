"""In which unit is a metric, and how is a value of it written for people?

`UNITS` is the list of words a catalogue may use. A unit says three things: which
transform makes differences comparable, where the catalogue does not say; how a value or
a change is written; and whether it is so many cases out of so many. It does not know
which way is worse.
"""

import math
from typing import NamedTuple


class Unit(NamedTuple):
    """What one unit word means."""

    meaning: str
    transform: str  # where the catalogue leaves it out
    digits: int | None = None  # after the decimal point; None: as many as the size asks for
    suffix: str = ""  # after a value
    change_suffix: str | None = None  # after a change, where it differs
    pounds: float | None = None  # how many pounds one unit is; None: not money
    per: float | None = None  # the value, where all are cases; None: perhaps not made of cases


UNITS = {
    "": Unit("not said", "identity"),
    "percent": Unit("share of a whole, 0 to 100", "logit", 1, "%", " percentage points", per=100),
    "percent_ratio": Unit(
        "percentage that may pass 100 or fall below 0", "identity", 1, "%", " percentage points"
    ),
    "proportion": Unit("share of a whole, 0 to 1", "logit", 2, per=1),
    "ratio": Unit("one amount over another, any size", "identity"),
    "rate": Unit("amount for each of something, above 0", "log"),
    "per_1000": Unit("for each 1,000, above 0", "log", None, " per 1,000", per=1000),
    "per_10000": Unit("for each 10,000, above 0", "log", None, " per 10,000", per=10000),
    "per_100000": Unit("for each 100,000, above 0", "log", None, " per 100,000", per=100000),
    "count": Unit("number of people, things or events, above 0", "log"),
    "gbp": Unit("pounds, above 0", "log", pounds=1),
    "gbp_thousand": Unit("thousands of pounds, above 0", "log", pounds=1e3),
    "gbp_thousand_signed": Unit("thousands of pounds, any sign or 0", "asinh", pounds=1e3),
    "score": Unit("points on a fixed scale", "identity"),
    "index": Unit("set to a base, such as 100", "identity", 1),
    "days": Unit("length of time", "identity", 1, " days"),
    "weeks": Unit("length of time", "identity", 1, " weeks"),
    "years": Unit("length of time", "identity", 1, " years"),
    "kg": Unit("weight, above 0", "log", None, " kg"),
}

# Pounds: from where a shorter form is written, what it counts in, digits, letter.
_LARGE = ((1e9, 1e9, 1, "bn"), (1e6, 1e6, 1, "m"), (1e4, 1e3, 0, "k"))
_ROUNDS_UP = 0.9995  # of a size: from here on, one digit fewer says the same


def format_value(value: float, unit: str) -> str:
    """Write a value for people.

    Parameters
    ----------
    value : float
        In the unit, as published.
    unit : str
        A key of `UNITS`; any other word counts as "not said".

    Returns
    -------
    str
        The value rounded, with its unit; "no value" where it is not a finite number.

    Examples
    --------
    >>> format_value(12345.0, "gbp_thousand"), format_value(91.24, "percent")
    ('£12.3m', '91.2%')
    >>> format_value(3.42, "per_1000"), format_value(0.41, "proportion")
    ('3.4 per 1,000', '0.41')
    """
    if not math.isfinite(value):
        return "no value"
    known = UNITS.get(unit, UNITS[""])
    amount = _amount(abs(value), known)
    return f"{_sign(value, amount, positive='')}{amount}{known.suffix}"


def format_change(effect: float, unit: str) -> str:
    """Write a change for people, always with its sign.

    Parameters
    ----------
    effect : float
        A difference of two values, in the unit.
    unit : str
        A key of `UNITS`; any other word counts as "not said".

    Returns
    -------
    str
        The change rounded; "no value" where it is not a finite number.

    Examples
    --------
    >>> format_change(2.13, "percent"), format_change(-1234.0, "gbp_thousand")
    ('+2.1 percentage points', '-£1.2m')
    """
    if not math.isfinite(effect):
        return "no value"
    known = UNITS.get(unit, UNITS[""])
    amount = _amount(abs(effect), known)
    suffix = known.suffix if known.change_suffix is None else known.change_suffix
    return f"{_sign(effect, amount, positive='+')}{amount}{suffix}"


def _sign(value: float, amount: str, *, positive: str) -> str:
    """Return the sign to print; a value that rounds to nothing has none."""
    if not any(digit in amount for digit in "123456789"):
        return ""
    return "-" if value < 0 else positive


def _amount(size: float, unit: Unit) -> str:
    """Return a number that is not negative, rounded as its unit and size ask for."""
    if unit.pounds is not None:
        return f"£{_pounds(size * unit.pounds)}"
    if unit.digits is not None:
        return f"{size:,.{unit.digits}f}"
    return _rounded(size)


def _pounds(size: float) -> str:
    for start, scale, digits, letter in _LARGE:
        if size >= start * _ROUNDS_UP:
            return f"{size / scale:,.{digits}f}{letter}"
    return f"{size:,.0f}" if size >= 100 or size == round(size) else f"{size:,.2f}"


def _rounded(size: float) -> str:
    """Return about three digits: 1,234 and 12.3 and 0.41 and 0.034; whole numbers stay whole."""
    if size >= 100 * _ROUNDS_UP or size == round(size):
        return f"{size:,.0f}"
    if size >= 1:
        return f"{size:.1f}"
    return f"{size:.2f}" if size >= 0.1 else f"{size:.3f}"
