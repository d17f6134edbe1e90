"""Which days do `202223` and `Spring term` mean in the Department for Education's files?

The identifiers are those of Explore Education Statistics (`TimeIdentifier` in its code, and
repository dfe-analytical-services/ees-data-screener, `pre-defined_variables.r`).
Terms have no fixed days: they are read as four months each. Quarters of an academic year
count from August.
"""

import re

TERMS = {  # first and last month; a month before September is in the academic year's second half
    "autumn term": (9, 12),
    "spring term": (1, 4),
    "summer term": (5, 8),
    "autumn and spring term": (9, 4),
}
HALF_TERMS = ("five half terms", "six half terms")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
FIRST_MONTH = {"academic": 8, "financial": 4, "tax": 4, "calendar": 1}
_YEAR = re.compile(r"(academic|financial|tax|calendar) year(?: q([1-4])(?:-q([1-4]))?)?")


def period_label(time_period: str, identifier: str) -> str:
    """Return a label that `earlywarning.periods` reads in one way, or the two texts as they are.

    Examples
    --------
    >>> period_label("202223", "Academic year"), period_label("2023", "Calendar year")
    ('2022/23 academic year', '2023')
    >>> period_label("202223", "Spring term"), period_label("202223", "Financial year Q1")
    ('Jan 2023 to Apr 2023', '2022/23 Q1')
    >>> period_label("2023", "Week 12")
    '2023 Week 12'
    """
    said = " ".join(identifier.lower().split())
    as_it_is = f"{time_period} {identifier}".strip()
    year = re.fullmatch(r"(\d{4})(?:[-/]?(\d\d))?", time_period)
    if year is None:
        return as_it_is
    first, two = int(year[1]), year[2] is not None
    if two and (first + 1) % 100 != int(year[2]):
        return as_it_is
    if said in MONTHS and not two:
        return f"{said[:3].title()} {first}"
    if said == "reporting year":  # which days it has differs by collection
        return f"{first}/{year[2]}" if two else str(first)
    if said in HALF_TERMS and two:
        return f"{first}/{year[2]} academic year"
    if said in TERMS and two:
        start, end = TERMS[said]
        return _months(first + (start < 9), start, first + (end < 9), end)
    match = _YEAR.fullmatch(said)
    if match is None or (match[1] != "calendar") != two:
        return as_it_is
    return _year_or_quarters(match, first, time_period)


def name_part(identifier: str) -> str:
    """Return what of a time identifier belongs into the metric's name: a part of the year.

    Examples
    --------
    >>> name_part("Spring term"), name_part("Academic year"), name_part("Financial year Q1-Q2")
    ('Spring term', '', 'Financial year Q1-Q2')
    """
    said = " ".join(identifier.lower().split())
    match = _YEAR.fullmatch(said)
    parts = match is not None and match[3] is not None and match[2] != match[3]
    return identifier if said in TERMS or said in HALF_TERMS or parts else ""


def _year_or_quarters(match: re.Match[str], first: int, given: str) -> str:
    kind, quarter = match[1], match[2]
    last = match[3] or quarter
    name = str(first) if kind == "calendar" else f"{first}/{given[-2:]}"
    if quarter is None or (quarter, last) == ("1", "4"):
        return f"{name} {kind} year" if kind == "academic" else name
    if kind != "academic" and quarter == last:
        return f"{name} Q{quarter}"
    start = FIRST_MONTH[kind] - 1 + 3 * (int(quarter) - 1)
    end = FIRST_MONTH[kind] - 1 + 3 * int(last) - 1
    return _months(first + start // 12, start % 12 + 1, first + end // 12, end % 12 + 1)


def _months(year: int, month: int, last_year: int, last: int) -> str:
    start, end = MONTHS[month - 1][:3].title(), MONTHS[last - 1][:3].title()
    return f"{start} {year} to {end} {last_year}"
