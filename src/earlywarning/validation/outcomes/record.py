"""Which outcomes are on record, when can each have come, and since when is it known?"""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from earlywarning.authorities.register import NAMES as REGISTER_NAMES
from earlywarning.authorities.tables import (
    HEADER,
    Source,
    as_text,
    listed,
    named,
    naming_the_file,
    opened,
    refuse,
)
from earlywarning.errors import OutcomesError, UsageError
from earlywarning.schema import OUTCOMES
from earlywarning.validation.outcomes.dates import PRECISIONS, Dated, as_dated

# The usual names of columns, in small letters, likeliest first.
NAMES = {
    "authority": REGISTER_NAMES["authority"],
    "outcome": ("outcome", "outcome_type", "kind", "event"),
    "date": ("date", "outcome_date", "event_date"),
    "date_precision": ("date_precision", "precision"),
    "severity": ("severity", "gravity"),
    "published": ("published", "known", "known_from", "published_date"),
}
WHEN = ("earliest", "latest", "published")
REMEDIES = {
    "is no date": "Write it as 2018, 2018-01 or 2018-01-05.",
    "is no precision": f"Use one of {', '.join(PRECISIONS)}.",
    "is finer than its date": "Write the date in full, or leave the precision empty.",
    "is not the 1 April of its financial year": "Write the 1 April on which the year began.",
}


@naming_the_file
def read_outcomes(source: Source, *, delay_days: int = 0) -> pd.DataFrame:
    """Read a record of outcomes from a CSV file or a DataFrame, and check it.

    Parameters
    ----------
    source : path or DataFrame
        One row an outcome, columns by their usual names (`authority_code`, `outcome_type`,
        `date`, `date_precision`, ...); authority, outcome and date are needed. A date is a year, a
        month or a day; a day with precision `month`, `year` or `financial_year` stands for all of
        it. Without a precision, it follows from how the date is written.
    delay_days : int, default=0
        Days from the last day on which an outcome can have come until it was known, where the
        table does not say itself (`published`).

    Returns
    -------
    DataFrame
        Columns `schema.OUTCOMES`, then `earliest` and `latest`, the first and last day on which
        it can have come, and `published`, the day from which it was known. `date` is `earliest`.
        By date, authority and outcome. What is known on a day cannot come after it: `latest` is
        `published` at most.

    Raises
    ------
    OutcomesError
        Naming everything that is wrong: a row without an authority, an outcome or a date; a date
        or a precision that is none, or do not fit; a severity that is no number; an outcome
        published before it can have come; a row repeated.
    UsageError
        If `delay_days` is below 0.

    Examples
    --------
    >>> record = pd.DataFrame({"authority_code": ["E10000021"], "outcome_type": ["section_114"],
    ...                        "date": ["2018-02"]})
    >>> row = read_outcomes(record).loc[0]
    >>> row["date_precision"], str(row["earliest"].date()), str(row["latest"].date())
    ('month', '2018-02-01', '2018-02-28')
    """
    if delay_days < 0:
        raise UsageError(
            f"delay_days is {delay_days}. An outcome is known once it came: 0 or more."
        )
    table = opened(source, error=OutcomesError)
    given = named(table, NAMES, needed=["authority", "outcome", "date"], error=OutcomesError)
    given = given.reindex(columns=list(NAMES)).apply(as_text)
    dated = as_dated(given["date"], given["date_precision"])
    own = as_dated(given["published"])
    severity = pd.to_numeric(given["severity"], errors="coerce").astype(float)
    known = own.latest.fillna(dated.latest + pd.Timedelta(days=delay_days))
    record = given.assign(
        date=dated.earliest, date_precision=dated.precision, severity=severity,
        earliest=dated.earliest, latest=dated.latest.where(dated.latest <= known, known),
        published=known,
    )  # fmt: skip
    refuse([*_undated(given, dated, own), *_problems(given, record)], error=OutcomesError)
    record = record.sort_values(["date", "authority", "outcome", "latest"], ignore_index=True)
    return record[[*OUTCOMES, *WHEN]]


def _undated(given: pd.DataFrame, dated: Dated, own: Dated) -> list[str]:
    """Name the dates that cannot be read, or do not fit what is said of them."""
    precision = {text for text in REMEDIES if "precision" in text or "finer" in text}
    wrong: list[tuple[str, str, Iterable[object]]] = [
        ("date_precision" if text in precision else "date", text, _shown(given, where, text))
        for text, where in dated.problems.items()
    ]
    no_day = own.problems["is no date"]
    wrong.append(("published", "is no date", given.loc[no_day, "published"]))
    return [
        f"{column} {text}: {shown}. {REMEDIES[text]}"
        for column, text, values in wrong
        if (shown := listed(values))
    ]


def _shown(given: pd.DataFrame, where: "pd.Series[bool]", text: str) -> list[str]:
    """Return what stands there: the word, the date, or the two that do not fit."""
    rows = given.loc[where, ["date_precision", "date"]].astype(str)
    if text == "is no precision":
        return rows["date_precision"].to_list()
    if text == "is finer than its date":
        return (rows["date_precision"] + " of " + rows["date"]).to_list()
    return rows["date"].to_list()


def _problems(given: pd.DataFrame, record: pd.DataFrame) -> list[str]:
    """Name everything else that is wrong."""
    early = record["published"] < record["earliest"]
    key = ["authority", "outcome", "date", "date_precision"]
    again = record.duplicated(key) & record["date"].notna()
    names = given["authority"].astype(str) + " " + given["outcome"].astype(str)
    severity: pd.Series[Any] = given.loc[
        given["severity"].notna() & record["severity"].isna(), "severity"
    ]
    checks: dict[str, Iterable[object]] = {
        **{
            f"no {name} in rows {{}}. Fill it in, or drop them.": given.index[given[name].isna()]
            + HEADER
            for name in ("authority", "outcome", "date")
        },
        "severity is no number: {}. Leave it empty where it is not known.": severity,
        "published before it can have come: {}. Correct one of the days.": names[early],
        "repeated: {}. Keep one row of each.": names[again],
    }
    shown = {text: listed(found) for text, found in checks.items()}
    return [text.format(found) for text, found in shown.items() if found]
