"""Is this a download of Fingertips, the public health profiles?

Columns as in the header that Fingertips' own tests hold its download to (repository
ukhsa-collaboration/fingertips-open, `DataControllerTest`), in later files with `Time period
range`. The last columns' names differ by profile, so only the first are asked for.
An area stands in the file once for each of its parents: the panel keeps one.
"""

import pandas as pd

from earlywarning.panel.rows import Places, recoded, words
from earlywarning.readers.files import Issues, Table
from earlywarning.readers.shapes.areas import of_authorities
from earlywarning.readers.shapes.counting import counted
from earlywarning.readers.shapes.naming import bracketed, combined, where_several, with_parts
from earlywarning.readers.shapes.windows import spelt_out

NAME = "a download of Fingertips"
LEFT_OUT = "Trends and comparisons with England are computed anew; parents are not used."
HEADER = frozenset(
    ("Indicator ID", "Indicator Name", "Area Code", "Area Name", "Area Type", "Sex", "Age",
     "Category Type", "Category", "Time period", "Value", "Value note")
)  # fmt: skip
OPTIONAL = {
    "Lower CI 95.0 limit": "lower", "Upper CI 95.0 limit": "upper", "Count": "numerator",
    "Denominator": "denominator",
}  # fmt: skip
NOTES = {  # how a note begins, in small letters: what it says of a value that is not there
    "value suppressed": "suppressed",
    "value missing": "not available",
    "value not published": "not available",
    "value cannot be calculated": "not available",
}


def recognise(columns: frozenset[str]) -> bool:
    """Say whether these are its columns.

    Examples
    --------
    >>> recognise(HEADER | {"Recent Trend"}), recognise(frozenset(["Area Code", "Value"]))
    (True, False)
    """
    return columns >= HEADER


def tidy(table: Table) -> tuple[pd.DataFrame, Issues]:
    """Return the authorities' rows; sex, age and category in the name where there are several.

    Examples
    --------
    >>> import numpy as np
    >>> row = {"Indicator ID": "1", "Indicator Name": "Falls", "Area Code": "E06000001",
    ...        "Area Name": "Hartlepool", "Area Type": "UA", "Age": "65+ yrs",
    ...        "Category Type": "", "Category": "", "Time period": "2019 - 21", "Value note": ""}
    >>> frame = pd.DataFrame([{**row, "Sex": sex, "Value": "5"} for sex in ("Female", "Male")])
    >>> tidy(Table("a.csv", frame, np.array([2, 3])))[0]["metric"].tolist()
    ['Falls (Female)', 'Falls (Male)']
    """
    codes, levels = words(table.frame["Area Code"]), words(table.frame["Area Type"])
    kept, issues = of_authorities(codes, levels, file=table.name, rows=table.rows)
    frame, rows = table.frame[kept], table.rows[kept]
    notes = words(frame["Value note"])
    columns = {role: frame[name].array for name, role in OPTIONAL.items() if name in frame}
    long = pd.DataFrame(
        {
            "authority": codes[kept],
            "name": frame["Area Name"].array,
            "metric": _metrics(frame),
            "period": _periods(frame),
            "value": frame["Value"].array,
            "status": _statuses(notes),
            **columns,
            "row": rows,
        }
    )
    return long, issues + _noted(notes, table.name, rows)


def _metrics(frame: pd.DataFrame) -> pd.Categorical:
    names, numbers = words(frame["Indicator Name"]), words(frame["Indicator ID"])
    named = combined([names, where_several(names, numbers)], _numbered)
    category = combined([words(frame["Category Type"]), words(frame["Category"])], _category)
    parts = [words(frame["Sex"]), words(frame["Age"])]
    return combined([with_parts(named, parts), category], bracketed)


def _numbered(name: str, number: str) -> str:
    return f"{name} [{number}]" if number else name


def _category(kind: str, category: str) -> str:
    return ": ".join(part for part in (kind, category) if part)


def _periods(frame: pd.DataFrame) -> pd.Categorical:
    labels = words(frame["Time period"])
    spelt, distinct = pd.factorize(pd.Index(spelt_out([*labels.categories]), dtype="str"))
    return recoded(labels.codes, [*spelt, -1], distinct)


def _statuses(notes: pd.Categorical) -> pd.Categorical:
    """Return the notes, those that say why there is no value in our words."""
    return combined([notes], _in_our_words)


def _in_our_words(note: str) -> str:
    plain = note.lower()
    return next((word for start, word in NOTES.items() if plain.startswith(start)), note)


def _noted(notes: pd.Categorical, file: str, rows: Places) -> Issues:
    """Say once a note how many values carry it."""
    there = notes.codes >= 0
    return counted(
        notes[there], rows[there], lambda note, n, _: f"{n:,} values carry the note '{note}'.",
        code="value_note", remedy="Nothing: it is in their status.", file=file,
    )  # fmt: skip
