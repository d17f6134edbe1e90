"""What do labels of windows mean, that read by themselves could mean something else?

Publishers write `2011 - 12` for two years taken together, and `Apr 2022-Mar 2023` beside
`Jul 2022-Jun 2023` for years that roll by the quarter. Both are spelt out here, so that
the grammar of `earlywarning.periods` reads them in one way.
"""

import re
from collections.abc import Sequence

from earlywarning.errors import PeriodError
from earlywarning.periods import as_period
from earlywarning.periods.spans import interval, whole_months

_TWO_YEARS = re.compile(r"\s*(\d{4})\s+[-\u2013]\s+(\d\d)\s*", re.ASCII)
_MONTHS = re.compile(
    r"\s*[a-z]{3,9}\.?\s+\d{4}\s*[-\u2013]\s*[a-z]{3,9}\.?\s+\d{4}\s*", re.ASCII | re.IGNORECASE
)


def spelt_out(labels: Sequence[str]) -> list[str]:
    """Return the labels of one column, its windows spelt out.

    Parameters
    ----------
    labels : sequence of str
        Each distinct label once.

    Returns
    -------
    list of str
        Two years with a dash between spaces become days; windows of a year that begin in
        several months become ISO 8601 intervals, so that all of them are of one kind. Others stay.

    Examples
    --------
    >>> spelt_out(["2011 - 12", "2019 - 21"])
    ['2011-01-01 to 2012-12-31', '2019 - 21']
    >>> spelt_out(["Apr 2022-Mar 2023", "Jul 2022-Jun 2023"])
    ['2022-04-01/P1Y', '2022-07-01/P1Y']
    >>> spelt_out(["Jan 2021-Dec 2021", "Jan 2022-Dec 2022"])
    ['Jan 2021-Dec 2021', 'Jan 2022-Dec 2022']
    """
    texts = [_pooled(label) for label in labels]
    rolling = {text: _year_long(text) for text in texts if _MONTHS.fullmatch(text)}
    starts = {found[1] for found in rolling.values() if found}
    if len(starts) < 2:
        return texts
    named = {text: found[0] for text, found in rolling.items() if found}
    return [named.get(text, text) for text in texts]


def _pooled(label: str) -> str:
    match = _TWO_YEARS.fullmatch(label)
    if match and (int(match[1]) + 1) % 100 == int(match[2]):
        return f"{match[1]}-01-01 to {int(match[1]) + 1}-12-31"
    return label


def _year_long(text: str) -> tuple[str, int] | None:
    """Return a window of twelve months as an interval, and the month it begins in."""
    try:
        period = as_period(text)
    except PeriodError:
        return None
    if whole_months(period.start, period.end) != 12:
        return None
    return interval(period.start, period.end).label, period.start.month
