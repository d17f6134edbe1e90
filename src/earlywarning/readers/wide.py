"""How is one table made long: one row an authority, metric and period?

A table is of a shape that is known, or long already, or has a column a period, or a
column a metric. Which it is follows from its columns; where it is none of them,
`long_form` says which columns are missing, which there are, and how to name them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from earlywarning.errors import ReadError
from earlywarning.periods import as_periods
from earlywarning.readers.columns import recognise
from earlywarning.readers.files import Issues, Table
from earlywarning.readers.markers import mostly_numbers
from earlywarning.readers.shapes import shape_of, tidied
from earlywarning.readers.stacked import stacked
from earlywarning.schema import issue_row

FEWEST_PERIODS = 2  # columns named like periods: one may be chance
_OPTIONAL = ("name", "status")  # an ambiguity in these is no reason to refuse a file
# What a row says once is true of each of its figures; the other roles belong to one figure.
_OF_A_ROW = ("authority", "name", "metric", "period", "published", "status")


@dataclass(frozen=True)
class Hints:
    """What the caller says of a file, beside the file itself."""

    columns: Mapping[str, str] | None = None
    metric: str | None = None
    period_kind: str | None = None
    stem: str = ""  # of the file's name: the metric's name, where nothing else is


def long_form(table: Table, hints: Hints) -> tuple[pd.DataFrame, Issues]:
    """Return a table's cells in long form, its columns named by role, and `row`.

    Parameters
    ----------
    table : Table
    hints : Hints

    Returns
    -------
    DataFrame
        Columns `authority`, `metric`, `period`, `value`, `row` and what else was recognised.
    list of dict
        Rows of issues.

    Raises
    ------
    ReadError
        Naming every column that is missing or ambiguous, and the columns found.

    Examples
    --------
    >>> import numpy as np
    >>> frame = pd.DataFrame({"Area Code": ["E06000001"], "2021-22": ["5"], "2022-23": ["6"]})
    >>> long, _ = long_form(Table("debt.csv", frame, np.array([2])), Hints(metric="debt"))
    >>> long[["authority", "metric", "period", "value"]].to_numpy().tolist()
    [['E06000001', 'debt', '2021-22', '5'], ['E06000001', 'debt', '2022-23', '6']]
    """
    frame = table.frame
    shape = shape_of(frame)
    if shape is not None and not hints.columns:
        long, issues = tidied(shape, table)
        return _with_metric(table, long, hints, issues), issues
    roles, problems = recognise(frame, hints.columns)
    issues = [
        issue_row("read", "column_ignored", f"{problems.pop(role)} Neither is used.",
                  f"Name one: columns={{'{role}': …}}.", file=table.name)
        for role in _OPTIONAL
        if role in problems
    ]  # fmt: skip
    if shape is not None:
        text = f"The file looks like {shape.NAME}; it is read by the columns given instead."
        remedy = "Leave columns= out to have it read by its shape."
        issues.append(issue_row("read", "shape_not_used", text, remedy, file=table.name))
    periods = _period_columns(table, roles, hints) if "period" not in roles else []
    if "authority" in roles and len(periods) >= FEWEST_PERIODS:
        problems, doubts = _sorted_out(table, problems, hints)
        issues += doubts + _left_out(table, roles, periods)
        long = stacked(table, _keys(roles), periods, "period")
    elif {"authority", "period"} <= set(roles) and not {"value", "metric"} & {*roles, *problems}:
        metrics = _metric_columns(table, roles, hints)
        issues += _left_out(table, roles, metrics)
        long = _one_column_a_metric(table, roles, metrics)
    else:
        long = frame.rename(columns={column: role for role, column in roles.items()})
        long = long[list(roles)].assign(row=table.rows)
    for role in ("authority", "period", "value"):
        if role not in long and role not in problems:
            problems[role] = f"No column for {role}."
    if problems:
        raise _refusal(table, problems)
    return _with_metric(table, long, hints, issues), issues


def _refusal(table: Table, problems: Mapping[str, str]) -> ReadError:
    found = ", ".join(f"'{column}'" for column in [*table.frame][:40])
    role = next(iter(problems))
    return ReadError(
        f"{table.name}: {' '.join(problems.values())} Its columns are {found}. Say which is which: "
        f"columns={{'{role}': 'the column'}}, or --column {role}='the column'."
    )


def _keys(roles: Mapping[str, str]) -> dict[str, str]:
    return {role: roles[role] for role in _OF_A_ROW if role in roles}


def _period_columns(table: Table, roles: Mapping[str, str], hints: Hints) -> list[str]:
    """Return the columns whose names can be read as periods."""
    taken = _keys(roles).values()
    free = [str(column) for column in table.frame if column not in taken]
    read = as_periods(free, kind=hints.period_kind)
    good = set(read.loc[read["problem"].isna(), "label"])
    return [column for column in free if column in good]


def _metric_columns(table: Table, roles: Mapping[str, str], hints: Hints) -> list[str]:
    """Return the columns of figures, but for those that the caller calls something else."""
    taken = {*_keys(roles).values(), *(hints.columns or {}).values()}
    free = [str(column) for column in table.frame if column not in taken]
    return [column for column in free if mostly_numbers(table.frame[column])]


def _one_column_a_metric(
    table: Table, roles: Mapping[str, str], metrics: list[str]
) -> pd.DataFrame:
    keys = _keys(roles)
    if not metrics:
        return table.frame.rename(columns={c: role for role, c in keys.items()})[list(keys)]
    return stacked(table, keys, metrics, "metric")


def _sorted_out(
    table: Table, problems: Mapping[str, str], hints: Hints
) -> tuple[dict[str, str], Issues]:
    """Return what a file with a column a period is refused for, and what it can do without."""
    needed = {*_OF_A_ROW, *(hints.columns or {})} - {"period"}
    refused = {role: text for role, text in problems.items() if role in needed}
    remedy = "Nothing, if the periods are the columns' names."
    return refused, [
        issue_row("read", "column_ignored", f"{text} None is used.", remedy, file=table.name)
        for role, text in problems.items()
        if role not in needed
    ]


def _left_out(table: Table, roles: Mapping[str, str], figures: list[str]) -> Issues:
    """Say of each column that belongs to one figure what becomes of it beside several."""
    kept, out = "it is read as a metric of its own", "it is left out"
    remedy = (
        "Give each figure a row, with this beside it; of one figure alone, name the column: "
        "columns={'value': …}."
    )
    return [
        issue_row("read", "column_ignored",
                  f"A row has several figures, and '{column}' can be the {role} of one only: "
                  f"{kept if column in figures else out}.", remedy, file=table.name)
        for role, column in roles.items()
        if role not in _OF_A_ROW
    ]  # fmt: skip


def _with_metric(table: Table, long: pd.DataFrame, hints: Hints, issues: Issues) -> pd.DataFrame:
    """Return the rows with a metric: the column's, else the caller's, else the file's name."""
    if "metric" in long:
        if hints.metric is not None:
            text = f"The table has metrics of its own: metric='{hints.metric}' is not used."
            remedy = "Leave metric= out."
            issues.append(issue_row("read", "metric_ignored", text, remedy, file=table.name))
        return long
    if hints.metric is None:
        text = f"No column names the metric: it is called '{hints.stem}', after the file."
        remedy = "Give metric=, or columns={'metric': …}."
        issues.append(issue_row("read", "metric_from_file", text, remedy, file=table.name,
                                metric=hints.stem))  # fmt: skip
    return long.assign(metric=hints.stem if hints.metric is None else hints.metric)
