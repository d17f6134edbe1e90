"""Is this a data file of Explore Education Statistics, of the Department for Education?

Columns as the department's own screener asks for them (repository
dfe-analytical-services/ees-data-screener, `pre-defined_variables.r`): time, place, then
filters and indicators, which the file itself does not tell apart. Here a column whose cells
are mostly numbers or marks is an indicator, any other a filter.
"""

import numpy as np
import pandas as pd

from earlywarning.errors import ReadError
from earlywarning.panel.rows import words
from earlywarning.readers.files import Issues, Table
from earlywarning.readers.markers import mostly_numbers
from earlywarning.readers.shapes.areas import of_authorities
from earlywarning.readers.shapes.counting import MOST, shown
from earlywarning.readers.shapes.naming import bracketed, combined
from earlywarning.readers.shapes.school_time import name_part, period_label
from earlywarning.readers.stacked import stacked
from earlywarning.schema import issue_row

NAME = "a data file of Explore Education Statistics"
LEFT_OUT = "Only the level 'Local authority' is taken."
HEADER = frozenset(("time_period", "time_identifier", "geographic_level"))
LEVEL = "local authority"
PLACES = (
    "country", "region", "la", "old_la", "new_la", "lad", "pcon", "ward", "school", "trust",
    "sponsor", "provider", "institution", "opportunity_area", "local_enterprise_partnership",
    "mayoral_combined_authority", "english_devolved_area", "local_skills_improvement_plan_area",
    "rsc_region_lead", "planning_area",
)  # fmt: skip
ENDINGS = ("code", "name", "id", "urn", "ukprn", "upin", "laestab", "estab", "postcode")


def recognise(columns: frozenset[str]) -> bool:
    """Say whether these are its columns.

    Examples
    --------
    >>> recognise(HEADER | {"new_la_code", "headcount"}), recognise(HEADER)
    (True, False)
    """
    return columns >= HEADER | {"new_la_code"}


def tidy(table: Table) -> tuple[pd.DataFrame, Issues]:
    """Return one row a local authority, period, indicator and set of filters.

    Examples
    --------
    >>> frame = pd.DataFrame({"time_period": ["202223"], "time_identifier": "Academic year",
    ...     "geographic_level": "Local authority", "new_la_code": "E06000001",
    ...     "absence_rate": "7.1"})
    >>> tidy(Table("a.csv", frame, np.array([2])))[0].drop(columns="row").to_numpy().tolist()
    [['E06000001', 'absence_rate', '2022/23 academic year', '7.1']]
    """
    kept, issues = _of_level(table)
    frame = table.frame[kept].reset_index(drop=True)
    if frame.empty:
        raise ReadError(
            f"{table.name}: no row is of the level 'Local authority' with a council's code. "
            "Download the file that has this level."
        )
    filters, indicators = _sorts(frame)
    time = [words(frame[name]) for name in ("time_period", "time_identifier")]
    parts = [words(frame[name]) for name in filters if frame[name].nunique(dropna=False) > 1]
    parts.append(combined([time[1]], name_part))
    rows = Table(table.name, frame.assign(
        period=combined(time, period_label),
        parts=combined(parts, lambda *said: ", ".join(filter(None, said))),
    ), table.rows[kept])  # fmt: skip
    keys = {"authority": "new_la_code", "period": "period", "parts": "parts"}
    keys |= {"name": "la_name"} if "la_name" in frame else {}
    long = stacked(rows, keys, indicators, "metric")
    named = [pd.Categorical(long[column]) for column in ("metric", "parts")]
    long = long.drop(columns="parts").assign(metric=combined(named, bracketed))
    order = ["authority", "metric", "period", "value", *[c for c in ("name",) if c in long], "row"]
    return long[order], [*issues, *_taken(table, frame, filters, indicators)]


def _of_level(table: Table) -> tuple[np.ndarray, Issues]:
    levels = words(table.frame["geographic_level"])
    of_level = np.append(levels.categories.str.lower() == LEVEL, False)[levels.codes]
    codes = words(table.frame["new_la_code"])
    shown = pd.Categorical.from_codes(np.where(of_level, codes.codes, -1), codes.categories)
    return of_authorities(shown, levels, file=table.name, rows=table.rows)


def _sorts(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return which columns are filters and which indicators, those of time and place left out."""
    free = [str(c) for c in frame if c not in HEADER and not _of_place(str(c))]
    indicators = [column for column in free if mostly_numbers(frame[column])]
    return [column for column in free if column not in indicators], indicators


def _of_place(column: str) -> bool:
    place, _, ending = column.rpartition("_")
    return place in PLACES and ending in ENDINGS


def _taken(table: Table, frame: pd.DataFrame, filters: list[str], indicators: list[str]) -> Issues:
    """Say which columns were taken for what, and which time has no fixed days."""
    if not indicators:
        raise ReadError(f"{table.name}: no column holds figures. Is this a file of metadata?")
    said = f"Filters: {_listed(filters) or 'none'}. Indicators: {_listed(indicators)}."
    remedy = "Leave out of the file a column of numbers that is a filter."
    issues = [issue_row("read", "columns_taken", said, remedy, file=table.name)]
    vague = frame["time_identifier"].astype(str).str.strip().str.lower() == "reporting year"
    if vague.any():
        text = f"{int(vague.sum()):,} rows are of a 'Reporting year': read as the year it names."
        remedy = "Check which days it has; else give period_kind=."
        issues.append(issue_row("read", "period_doubted", text, remedy, file=table.name,
                                n_rows=int(vague.sum())))  # fmt: skip
    return issues


def _listed(columns: list[str]) -> str:
    """Return the first columns' names, and how many more there are."""
    more = f" and {len(columns) - MOST} more" if len(columns) > MOST else ""
    return ", ".join(map(shown, columns[:MOST])) + more
