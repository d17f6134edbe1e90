"""Which columns come in, and as what?

`Rows` is a table on its way into a panel: words as categories, numbers and days as
arrays, and nothing where a column was not given. `typed_rows` makes it of a user's
table, `table_of` makes the panel's frame of it. Which rows may stay is not known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from earlywarning.errors import PanelError
from earlywarning.schema import KEY, PANEL, PANEL_REQUIRED

NUMBERS = ("value", "numerator", "denominator", "lower", "upper")
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
Places = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a table, column by column; a column that was not given takes no room."""

    authority: pd.Categorical
    metric: pd.Categorical
    period: pd.Categorical
    numbers: Mapping[str, Floats]  # those of `NUMBERS` that were given
    status: pd.Categorical  # missing where there is nothing to say
    published: Days | None  # to the microsecond, as the frame has them
    file: pd.Categorical | None = None
    row: Places | None = None  # as a spreadsheet counts

    def __len__(self) -> int:
        return len(self.metric)

    def take(self, at: Places) -> "Rows":
        """Return the rows at these places."""
        parts: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        numbers = {name: column.take(at) for name, column in parts.pop("numbers").items()}
        parts = {name: None if part is None else part.take(at) for name, part in parts.items()}
        return replace(self, numbers=numbers, **parts)

    def key(self, *columns: str) -> npt.NDArray[np.int64]:
        """Return one whole number a row that orders the rows by these columns of words."""
        key = np.zeros(len(self), dtype=np.int64)
        for column in columns:
            words = getattr(self, column)
            key *= max(len(words.categories), 1)
            key += words.codes
        return key

    def where(self, at: int) -> dict[str, Any]:
        """Return the file and the row of one place, for an issue."""
        file = None if self.file is None or self.file.codes[at] < 0 else str(self.file[at])
        row = None if self.row is None or self.row[at] <= 0 else int(self.row[at])
        return {"file": file, "row": row}


def typed_rows(frame: pd.DataFrame) -> Rows:
    """Return a table's rows with the panel's own types, `published` left out.

    The frame given is not changed, and shares no numbers with the rows.
    """
    missing = [column for column in PANEL_REQUIRED if column not in frame]
    if missing:
        raise PanelError(
            f"No column {', '.join(missing)} among {', '.join(map(str, frame.columns))}. "
            f"Rename the columns, or use read_panel with columns={{'{missing[0]}': …}}."
        )
    twice = {str(name) for name in frame.columns[frame.columns.duplicated()]}
    if shared := sorted(twice.intersection([*PANEL, "name", "file", "row"])):
        raise PanelError(f"Two columns have one name: {', '.join(shared)}. Keep one of each.")
    authority, metric, period = (words(frame[key]) for key in KEY)
    return Rows(
        authority=authority,
        metric=metric,
        period=period,
        numbers={name: _floats(frame[name], name) for name in NUMBERS if name in frame},
        status=words(frame["status"]) if "status" in frame else unsaid(len(frame)),
        published=None,
        file=words(frame["file"]) if "file" in frame else None,
        row=frame["row"].to_numpy(np.int64) if "row" in frame else None,
    )


def rows_of(table: pd.DataFrame) -> Rows:
    """Return the rows of a panel's frame; a number that no row has is left out."""
    authority, metric, period = (pd.Categorical(table[key]) for key in KEY)
    numbers = {name: table[name].to_numpy() for name in NUMBERS}
    given = {name: c for name, c in numbers.items() if name == "value" or not np.isnan(c).all()}
    published = table["published"].to_numpy()
    status = words(table["status"])
    return Rows(authority, metric, period, numbers=given, status=status, published=published)


def table_of(rows: Rows) -> pd.DataFrame:
    """Return the columns `schema.PANEL`; those that were not given take no room there either."""
    nothing = np.broadcast_to(np.nan, len(rows))
    columns: dict[str, Any] = {name: rows.numbers.get(name, nothing) for name in NUMBERS}
    columns |= {key: getattr(rows, key) for key in KEY}
    columns |= {"published": rows.published, "status": spelt_out(rows.status)}
    return pd.DataFrame({name: columns[name] for name in PANEL}, copy=False)


def taken(frame: pd.DataFrame, at: Places) -> pd.DataFrame:
    """Return the rows of a panel's frame at these places; what takes no room still takes none."""
    columns: dict[str, Any] = {}
    for name in PANEL:
        column = frame[name].array
        numbers = column.to_numpy() if name in NUMBERS else None
        if numbers is not None and len(numbers) and not any(numbers.strides):
            columns[name] = np.broadcast_to(numbers[0], len(at))
        else:
            columns[name] = column.take(at)
    return pd.DataFrame(columns, copy=False)


def encoded(column: pd.Series) -> tuple[Places, pd.Index]:
    """Return each cell's place in a list of labels, -1 where it is missing, and that list."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories
    codes, labels = pd.factorize(column)
    return codes, pd.Index(labels)


def present(codes: Places, n_codes: int) -> npt.NDArray[np.bool_]:
    """Say for each code whether there is one; -1 is none."""
    there = np.zeros(n_codes + 1, dtype=bool)
    there[codes] = True
    return there[:-1]


def words(column: pd.Series) -> pd.Categorical:
    """Return a column as categories of stripped text, sorted; blanks are missing."""
    codes, labels = encoded(column)
    used = present(codes, len(labels))  # a category that no cell has is none here
    texts = [_text(label) if there else "" for label, there in zip(labels, used, strict=True)]
    distinct = sorted({text for text in texts if text})
    place = {text: code for code, text in enumerate(distinct)}
    return recoded(codes, [*(place.get(text, -1) for text in texts), -1], distinct)


def recoded(codes: Places, places: Any, categories: Any) -> pd.Categorical:
    """Return categories by each code's new place, as a copy; the last place is for code -1."""
    if not isinstance(categories, pd.Index):
        categories = pd.Index(categories, dtype="str")
    small = np.min_scalar_type(-max(len(categories), 1))
    lookup = np.asarray(places).astype(small)
    same = lookup[-1] == -1 and np.array_equal(lookup[:-1], np.arange(len(lookup) - 1))
    codes = codes.astype(small) if same else lookup[codes]
    return pd.Categorical.from_codes(codes, categories=categories)


def unsaid(n: int) -> pd.Categorical:
    """Return a column of words in which nothing is said."""
    return recoded(np.full(n, -1, dtype=np.int8), [-1], [])


def said(status: pd.Categorical, at: npt.NDArray[Any], word: str) -> pd.Categorical:
    """Return the statuses with one word at these places."""
    if not at.any():
        return status
    status = status.copy() if word in status.categories else status.add_categories([word])
    status[at] = word
    return status


def spelt_out(status: pd.Categorical) -> "pd.Series[str]":
    """Return statuses as text, '' where nothing is said."""
    n = len(status)
    if (status.codes < 0).all():  # as many empty texts: their offsets are nought, their bytes none
        offsets = pa.py_buffer(np.zeros(n + 1, dtype=np.int64))
        texts = pa.LargeStringArray.from_buffers(n, offsets, pa.py_buffer(b""))
    else:
        places = np.where(status.codes < 0, len(status.categories), status.codes)
        labels = pa.array([*map(str, status.categories), ""], type=pa.large_string())
        texts = pa.DictionaryArray.from_arrays(places, labels).dictionary_decode()
    spelt: pd.Series[str] = texts.to_pandas().astype("str")
    return spelt


def _text(label: Any) -> str:
    """Return a label as a person writes it: 2022.0 is 2022, midnight is the day."""
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    if isinstance(label, pd.Timestamp) and label == label.normalize():
        return label.date().isoformat()
    return str(label).strip()


def _floats(column: pd.Series, name: str) -> Floats:
    if column.dtype == np.float64:
        return np.array(column)
    numbers = pd.to_numeric(column, errors="coerce")
    text = numbers.isna() & column.notna()
    if text.any():
        raise PanelError(
            f"Column '{name}' holds {int(text.sum()):,} values that are no numbers, the first "
            f"{column[text].iloc[0]!r}. Read them with read_panel, which knows the usual markers."
        )
    return np.array(numbers.to_numpy(dtype=float, na_value=np.nan))
