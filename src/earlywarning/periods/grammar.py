"""What do the words and digits of a label say, in each of the ways they may be meant?

One rule for each form of label: a pattern, and a function that gives the readings.
A way is named by the kind of period it gives, unless it is an unusual way to that kind.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from earlywarning.periods import spans
from earlywarning.periods.spans import DAY, Period, add_months

IF_ASKED = ", if asked"  # ends the name of a way that is taken only on request
MONTH_FIRST = "date with the month first"  # named, never taken: British dates put the day first
LAST_YEAR = 2200  # no period ends later
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_YEAR = r"((?:1[89]|2[01])\d\d)"
_SECOND = r"((?:1[89]|2[0-2])\d\d|\d\d)"
_PAIR = _YEAR + "([-/]?)" + _SECOND  # 2022/23, 2022-2023, 202223
_SHORT = _SECOND + "[-/]" + _SECOND  # the second of two: 18/19
_MON = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ISO_DAY = _YEAR + r"-(\d\d)-(\d\d)(?:[t ]00:00(?::00(?:\.0+)?)?z?)?"
_SPELT_DAY = r"(\d\d?)(?:st|nd|rd|th)?[- ]" + _MON + r",?[- ]" + _YEAR
_UNTIL = r"(?: to |-)"


class Reading(NamedTuple):
    """One way to read a label: the way's name (mostly the kind), and the period it gives."""

    way: str
    period: Period


Rule = Callable[..., Iterator[Reading]]


def readings(plain: str) -> Iterator[Reading]:
    """Yield every way to read a label in small letters, without markers; the usual one first."""
    for pattern, rule in _RULES:
        match = pattern.fullmatch(plain)
        if match:
            with suppress(ValueError):  # no such day: 30 February
                yield from (r for r in rule(*match.groups()) if r.period.end.year <= LAST_YEAR)


def _as(period: Period, way: str = "") -> Reading:
    return Reading(way or period.kind, period)


def _month_number(name: str) -> int:
    return MONTHS.index(name[:3]) + 1


def _second_year(first: int, second: str) -> int:
    """Return the year meant by '23' after 2022, or by '2023'."""
    return int(second) if len(second) == 4 else first + (int(second) - first) % 100


def _one_year(year: str) -> Iterator[Reading]:
    yield _as(spans.calendar_year(int(year)))


def _two_years(year: str, dash: str, second: str) -> Iterator[Reading]:
    first = int(year)
    last = _second_year(first, second)
    if last == first + 1 and (dash or len(second) == 2):
        yield _as(spans.financial_year(first))
    if dash == "-" and (len(second) == 4 or last <= first + 10) and last > first + 1:
        yield _as(spans.long_range(date(first, 1, 1), date(last, 12, 31)))
    if dash != "/" and len(second) == 2 and 1 <= int(second) <= 12:
        yield _as(spans.month(first, int(second)))
    if last == first + 1 and (dash or len(second) == 2):
        yield _as(spans.academic_year(first), "academic year" + IF_ASKED)


def _years_in_words(year: str, second: str) -> Iterator[Reading]:
    first, last = int(year), int(second)
    if last == first + 1:  # '2022 to 2023' is how GOV.UK writes 2022/23
        yield _as(spans.financial_year(first))
    if last > first:
        yield _as(spans.long_range(date(first, 1, 1), date(last, 12, 31)))
    if last == first + 1:
        yield _as(spans.academic_year(first), "academic year" + IF_ASKED)


def _pairs(year: str, dash: str, after: str, second: str, end: str) -> Iterator[Reading]:
    first, last = int(year), _second_year(int(year), second)
    whole = _second_year(first, after) == first + 1 and _second_year(last, end) == last + 1
    if whole and last > first:
        yield _as(spans.long_range(date(first, 4, 1), date(last + 1, 3, 31)))
    if dash == "-" and len(after) == len(end) == 2 and len(second) == 4:  # 2010-11 to 2011-12
        start, until = spans.month(first, int(after)), spans.month(last, int(end))
        yield from _days(start.start, until.end, "range of months" if whole else "")


def _quarter(number: str, year: str, second: str | None) -> Iterator[Reading]:
    first = int(year)
    if second is None:
        yield _as(spans.quarter(first, int(number)))
    elif _second_year(first, second) == first + 1:
        yield _as(spans.financial_quarter(first, int(number)))


def _quarter_last(year: str, second: str | None, number: str) -> Iterator[Reading]:
    yield from _quarter(number, year, second)


def _month(name: str, year: str) -> Iterator[Reading]:
    century = 0 if len(year) == 4 else 2000 if int(year) < 70 else 1900
    yield _as(spans.month(century + int(year), _month_number(name)))


def _month_last(year: str, name: str) -> Iterator[Reading]:
    yield from _month(name, year)


def _month_in_digits(number: str, year: str) -> Iterator[Reading]:
    yield _as(spans.month(int(year), int(number)))


def _day(year: str, month: str, day: str) -> Iterator[Reading]:
    when = date(int(year), int(month), int(day))
    yield _as(spans.single_day(when))
    if when.day == 1:  # how a spreadsheet keeps 'Mar-24'
        yield _as(spans.month(when.year, when.month), "month" + IF_ASKED)


def _day_first(day: str, month: str, year: str) -> Iterator[Reading]:
    first, second = int(day), int(month)
    if second <= 12:
        yield _as(spans.single_day(date(int(year), second, first)))
    if first <= 12 and first != second:
        yield _as(spans.single_day(date(int(year), first, second)), MONTH_FIRST)


def _spelt_day(day: str, name: str, year: str) -> Iterator[Reading]:
    yield _as(spans.single_day(date(int(year), _month_number(name), int(day))))


def _days(start: date, end: date, way: str = "") -> Iterator[Reading]:
    if start <= end:
        yield _as(spans.plainest(start, end), way)


def _month_range(name: str, year: str | None, last: str, until: str) -> Iterator[Reading]:
    start, end = _month_number(name), _month_number(last)
    first = int(year) if year else int(until) - (start > end)
    yield from _days(date(first, start, 1), spans.month(int(until), end).end)


def _spelt_days(*parts: str) -> Iterator[Reading]:
    (start,), (end,) = _spelt_day(*parts[:3]), _spelt_day(*parts[3:])
    yield from _days(start.period.start, end.period.end)


def _iso_days(*parts: str) -> Iterator[Reading]:
    numbers = [int(part) for part in parts]
    yield from _days(date(*numbers[:3]), date(*numbers[3:]))


def _year_ending(day: str | None, name: str, year: str) -> Iterator[Reading]:
    last = spans.month(int(year), _month_number(name)).end
    if day is None or int(day) == last.day:
        yield _as(spans.plainest(add_months(last + DAY, -12), last))


def _interval_length(year: str, month: str, day: str, size: str, unit: str) -> Iterator[Reading]:
    start, number = date(int(year), int(month), int(day)), int(size)
    if not 1 <= number <= {"y": 100, "m": 1200, "w": 5300, "d": 36600}[unit]:
        return
    months = {"y": 12, "m": 1}.get(unit)
    after = add_months(start, number * months) if months else start + number * DAY * _DAYS[unit]
    yield _as(spans.interval(start, after - DAY))


def _interval_ends(*parts: str) -> Iterator[Reading]:
    numbers = [int(part) for part in parts]
    start, end = date(*numbers[:3]), date(*numbers[3:])
    if start <= end:
        yield _as(spans.interval(start, end))
    if start < end and spans.whole_months(start, end - DAY) and not spans.whole_months(start, end):
        yield _as(spans.interval(start, end - DAY), "interval without its last day")


_DAYS = {"w": 7, "d": 1}
_QUARTER = r"(?:q|qtr ?|quarter ?)([1-4])"
_QUARTER_YEAR = _YEAR + "(?:[-/]?" + _SECOND + ")?"
_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple(
    (re.compile(pattern, re.ASCII), rule)
    for pattern, rule in (
        (_YEAR, _one_year),
        (_PAIR, _two_years),
        (_YEAR + " to " + _YEAR, _years_in_words),
        (_YEAR + "([-/])" + _SECOND + _UNTIL + _SHORT, _pairs),
        (_QUARTER + r"[-,; ]*" + _QUARTER_YEAR, _quarter),
        (_QUARTER_YEAR + r"[-,; ]*" + _QUARTER, _quarter_last),
        (_MON + r"[-/ ]?" + _YEAR, _month),
        (_MON + r"[-'](\d\d)", _month),
        (_YEAR + r"[- ]?" + _MON, _month_last),
        (r"(\d\d?)/" + _YEAR, _month_in_digits),
        (r"(?:(?:as )?at )?" + _ISO_DAY, _day),
        (_YEAR + r"/(\d\d)/(\d\d)", _day),
        (_YEAR + r"(\d\d)(\d\d)", _day),
        (r"(\d\d?)[-/.](\d\d?)[-/.]" + _YEAR + r"(?: 00:00(?::00)?)?", _day_first),
        (r"(?:(?:as )?at )?" + _SPELT_DAY, _spelt_day),
        (_MON + r"(?: ?" + _YEAR + r")?" + _UNTIL + _MON + r"[- ]" + _YEAR, _month_range),
        (_SPELT_DAY + _UNTIL + _SPELT_DAY, _spelt_days),
        (_ISO_DAY + " to " + _ISO_DAY, _iso_days),
        (
            r"(?:ye|(?:(?:year|12 months) )?(?:ending|ended)|(?:year|12 months) to) (?:(\d\d) )?"
            + (_MON + r"[- ]" + _YEAR),
            _year_ending,
        ),
        (_ISO_DAY + r"/p(\d{1,5})([ymwd])", _interval_length),
        (_ISO_DAY + "/" + _ISO_DAY, _interval_ends),
    )
)
