"""Is this a CSV of the Nomis API?

Columns as its answers have them (documented in the README of repository ropensci/nomisr):
`DATE_NAME`, `GEOGRAPHY_CODE`, `OBS_VALUE`, and for each dimension a column that ends in `_NAME`.
A query with `select=` may leave out any but those three.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.panel.rows import recoded, words
from earlywarning.readers.files import Issues, Table
from earlywarning.readers.shapes.areas import of_authorities
from earlywarning.readers.shapes.naming import bracketed, combined, with_parts
from earlywarning.readers.shapes.windows import spelt_out
from earlywarning.schema import issue_row

NAME = "a CSV of the Nomis API"
LEFT_OUT = "Codes, types and sort orders of dimensions are not used."
DATES = ("DATE_NAME", "DATE")
STATUSES = ("OBS_STATUS_NAME", "OBS_STATUS")
NOT_DIMENSIONS = ("DATE_NAME", "GEOGRAPHY_NAME", "OBS_STATUS_NAME", "OBS_CONF_NAME")
SUBJECTS = ("MEASURE_NAME", "VARIABLE_NAME", "ITEM_NAME", "CELL_NAME", "PAY_NAME")
UNCERTAINTY = ("confidence", "standard error", "coefficient of variation")
NORMAL = ("a", "normal value")  # statuses that say nothing
NOTES = {"these figures are missing": "not available", "these figures are suppressed": "suppressed"}


def recognise(columns: frozenset[str]) -> bool:
    """Say whether these are its columns; the answers have them in either case of letters.

    Examples
    --------
    >>> recognise(frozenset(["DATE_NAME", "GEOGRAPHY_CODE", "OBS_VALUE"]))
    True
    """
    names = {column.upper() for column in columns}
    return names >= {"GEOGRAPHY_CODE", "OBS_VALUE"} and bool(names.intersection(DATES))


def tidy(table: Table) -> tuple[pd.DataFrame, Issues]:
    """Return the authorities' rows; dimensions go into the name where they have several words.

    Examples
    --------
    >>> frame = pd.DataFrame({"DATE_NAME": ["May 2024"] * 2, "GEOGRAPHY_CODE": "E06000001",
    ...     "MEASURE_NAME": "Claimant count", "GENDER_NAME": ["Male", "Female"], "OBS_VALUE": 5})
    >>> tidy(Table("a.csv", frame, np.array([2, 3])))[0]["metric"].tolist()
    ['Claimant count (Male)', 'Claimant count (Female)']
    """
    frame = table.frame.rename(columns=str.upper)
    frame = frame.loc[:, ~frame.columns.duplicated()]
    levels = words(frame["GEOGRAPHY_TYPE"]) if "GEOGRAPHY_TYPE" in frame else None
    codes = words(frame["GEOGRAPHY_CODE"])
    kept, issues = of_authorities(codes, levels, file=table.name, rows=table.rows)
    uncertain, doubts = _uncertainty(frame, kept, table)
    kept &= ~uncertain
    frame = frame[kept]
    date = next(name for name in DATES if name in frame)
    long = pd.DataFrame({"authority": codes[kept], "period": _periods(frame[date]),
                         "value": frame["OBS_VALUE"].array, "row": table.rows[kept]})  # fmt: skip
    if "GEOGRAPHY_NAME" in frame:
        long["name"] = frame["GEOGRAPHY_NAME"].array
    status = next((name for name in STATUSES if name in frame), None)
    if status is not None:
        long["status"] = combined([words(frame[status])], _in_our_words)
    metric = _metrics(frame)
    return (long if metric is None else long.assign(metric=metric)), issues + doubts


def _uncertainty(
    frame: pd.DataFrame, kept: npt.NDArray[np.bool_], table: Table
) -> tuple[npt.NDArray[np.bool_], Issues]:
    """Say which rows are no figures, but how sure figures are."""
    if "MEASURES_NAME" not in frame:
        return np.zeros(len(frame), dtype=bool), []
    measures = words(frame["MEASURES_NAME"])
    said = np.append(measures.categories.str.lower().isin(UNCERTAINTY), False)[measures.codes]
    n = int((said & kept).sum())
    if not n:
        return said, []
    text = f"{n:,} rows say how sure a figure is: they are left out."
    row = int(table.rows[(said & kept).argmax()])
    return said, [issue_row("read", "not_a_figure", text, "Nothing.", file=table.name, row=row,
                            n_rows=n)]  # fmt: skip


def _periods(column: pd.Series) -> pd.Categorical:
    labels = words(column)
    spelt, distinct = pd.factorize(pd.Index(spelt_out([*labels.categories]), dtype="str"))
    return recoded(labels.codes, [*spelt, -1], distinct)


def _metrics(frame: pd.DataFrame) -> pd.Categorical | None:
    """Return the metrics' names, or None where no dimension says what is measured."""
    names = [str(c) for c in frame if str(c).endswith("_NAME") and c not in NOT_DIMENSIONS]
    subject = next((name for name in SUBJECTS if name in names), None)
    several = [name for name in names if frame[name].nunique() > 1]
    if subject is None and not several:
        return None
    base = [subject] if subject is not None else several
    named = combined([words(frame[name]) for name in base], _listed)
    return with_parts(named, [words(frame[name]) for name in names if name not in base])


def _listed(*said: str) -> str:
    first, *rest = [text for text in said if text] or [""]
    return bracketed(first, *rest)


def _in_our_words(status: str) -> str:
    plain = status.lower()
    if plain in NORMAL:
        return ""
    return next((word for start, word in NOTES.items() if plain.startswith(start)), status)
