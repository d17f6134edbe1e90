"""Which days does a period cover, what is it called, and which one comes next?

`Period` holds one period; a function per kind builds it, and gives it its one
canonical label: within a kind, two different periods never share a label.
Nothing here reads a label: that is `labels`.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from earlywarning.errors import UsageError

KINDS = (
    "financial year", "calendar year", "academic year", "quarter", "financial quarter",
    "month", "date", "range", "interval",
)  # fmt: skip
DAY = timedelta(days=1)
MONTHS_APART = {"annual": 12, "quarterly": 3, "monthly": 1}  # from one period to the next
DAYS_A_MONTH = 365.25 / 12  # on average
# Days between two releases; nothing is known of irregular ones, so as long as a year.
GAPS = {"annual": 365, "quarterly": 91, "monthly": 30, "irregular": 365}


@dataclass(frozen=True, slots=True)
class Period:
    """One period: its canonical label, its first and last day, its kind and frequency.

    Parameters
    ----------
    label : str
        The canonical label, such as '2022/23', '2022/23 Q1', '2024-03'.
    start, end : datetime.date
        The first and the last day.
    kind : str
        One of `KINDS`.
    frequency : {'annual', 'quarterly', 'monthly', 'irregular'}
        How often such a period is released.
    status : str
        What a suffix said: '', 'provisional', 'revised', ...

    Examples
    --------
    >>> financial_year(2022).end
    datetime.date(2023, 3, 31)
    """

    label: str
    start: date
    end: date
    kind: str
    frequency: str
    status: str = ""


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last of that month where it has no such day.

    Examples
    --------
    >>> add_months(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def whole_months(start: date, end: date) -> int:
    """Count the months from `start` up to and with `end`; 0 where they are not whole.

    Examples
    --------
    >>> whole_months(date(2019, 4, 1), date(2020, 3, 31))
    12
    """
    after = end + DAY
    months = (after.year - start.year) * 12 + after.month - start.month
    return months if months > 0 and add_months(start, months) == after else 0


def year_name(year: int) -> str:
    """Return the name of the year that starts in `year` and ends in the next: '1999/00'."""
    return f"{year}/{(year + 1) % 100:02d}"


def financial_year(year: int) -> Period:
    """Return 1 April of `year` to 31 March of the next."""
    start, end = date(year, 4, 1), date(year + 1, 3, 31)
    return Period(year_name(year), start, end, "financial year", "annual")


def academic_year(year: int) -> Period:
    """Return 1 September of `year` to 31 August of the next."""
    start, end = date(year, 9, 1), date(year + 1, 8, 31)
    return Period(year_name(year), start, end, "academic year", "annual")


def calendar_year(year: int) -> Period:
    """Return 1 January to 31 December."""
    return Period(str(year), date(year, 1, 1), date(year, 12, 31), "calendar year", "annual")


def quarter(year: int, number: int) -> Period:
    """Return a quarter of the calendar year: number 1 is January to March."""
    start = date(year, 3 * number - 2, 1)
    return Period(f"{year} Q{number}", start, add_months(start, 3) - DAY, "quarter", "quarterly")


def financial_quarter(year: int, number: int) -> Period:
    """Return a quarter of the financial year that starts in `year`: number 1 is April to June."""
    start = add_months(date(year, 4, 1), 3 * number - 3)
    label, end = f"{year_name(year)} Q{number}", add_months(start, 3) - DAY
    return Period(label, start, end, "financial quarter", "quarterly")


def month(year: int, number: int) -> Period:
    """Return a calendar month."""
    start = date(year, number, 1)
    return Period(f"{year}-{number:02d}", start, add_months(start, 1) - DAY, "month", "monthly")


def single_day(day: date) -> Period:
    """Return a single date."""
    return Period(day.isoformat(), day, day, "date", "irregular")


def long_range(start: date, end: date) -> Period:
    """Return a range, named by years where it is made of whole ones, else by its days."""
    edges = (start.month, start.day, end.month, end.day)
    if edges == (1, 1, 12, 31):
        label = f"{start.year} to {end.year}"
    elif edges == (4, 1, 3, 31):
        label = f"{year_name(start.year)} to {year_name(end.year - 1)}"
    else:
        label = f"{start} to {end}"
    return Period(label, start, end, "range", _frequency(whole_months(start, end)))


def interval(start: date, end: date) -> Period:
    """Return an ISO 8601 interval, its length in years, else months, else days."""
    months = whole_months(start, end)
    if months:
        length = f"{months // 12}Y" if months % 12 == 0 else f"{months}M"
    else:
        length = f"{(end - start).days + 1}D"
    return Period(f"{start}/P{length}", start, end, "interval", _frequency(months))


def plainest(start: date, end: date) -> Period:
    """Return the year, quarter or month that covers exactly these days, else a range."""
    candidates = [calendar_year(start.year), quarter(start.year, (start.month + 2) // 3)]
    candidates += [financial_year(start.year), month(start.year, start.month)]
    exact = [period for period in candidates if (period.start, period.end) == (start, end)]
    return exact[0] if exact else long_range(start, end)


def release_gap_days(frequency: str) -> int:
    """Return the usual number of days between two releases.

    Parameters
    ----------
    frequency : {'annual', 'quarterly', 'monthly', 'irregular'}

    Returns
    -------
    int
        Days. For 'irregular' as long as for 'annual': nothing better is known.

    Raises
    ------
    UsageError
        If the frequency is none of the four.

    Examples
    --------
    >>> release_gap_days("quarterly")
    91
    """
    if frequency not in GAPS:
        raise UsageError(f"Unknown frequency {frequency!r}. Use one of {', '.join(GAPS)}.")
    return GAPS[frequency]


def next_label(period: Period) -> str:
    """Return the label of the next period of the same kind, for a forecast.

    Parameters
    ----------
    period : Period

    Returns
    -------
    str
        A rolling range moves on by one release, so that it overlaps; after an
        irregular period comes 'next', because nothing says when.

    Examples
    --------
    >>> next_label(financial_quarter(2022, 4))
    '2023/24 Q1'
    >>> next_label(long_range(date(2016, 1, 1), date(2018, 12, 31)))
    '2017 to 2019'
    """
    if period.frequency not in MONTHS_APART:
        return "next"
    step = MONTHS_APART[period.frequency]
    start, after = add_months(period.start, step), add_months(period.end + DAY, step)
    if period.kind in ("range", "interval"):
        build = long_range if period.kind == "range" else interval
        return build(start, after - DAY).label
    return _named_from(start, period.kind).label


def _named_from(start: date, kind: str) -> Period:
    """Return the period of a kind of fixed length that starts on this day."""
    if kind == "financial quarter":
        april = add_months(start, -3)
        return financial_quarter(april.year, (april.month + 2) // 3)
    if kind == "quarter":
        return quarter(start.year, (start.month + 2) // 3)
    if kind == "month":
        return month(start.year, start.month)
    years = {"financial year": financial_year, "academic year": academic_year}
    return years.get(kind, calendar_year)(start.year)


def _frequency(months: int) -> str:
    """Return how often a span of so many whole months is released."""
    if months and months % 12 == 0:
        return "annual"
    return {3: "quarterly", 1: "monthly"}.get(months, "irregular")
