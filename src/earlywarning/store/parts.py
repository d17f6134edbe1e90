"""How do rows of a panel stand in a file, a group of rows a metric, and how do they come back?

A series of which no row is left has one without a period, whose status says why.
"""

from __future__ import annotations

import io
from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from earlywarning.errors import DataRefusedError
from earlywarning.panel.rows import NUMBERS, Rows, recoded
from earlywarning.store.disk import sha256
from earlywarning.store.manifest import Part

WORDS = ("authority", "metric", "period", "status")
KNOWN = {
    **dict.fromkeys(WORDS, pa.dictionary(pa.int32(), pa.string())),
    **dict.fromkeys(NUMBERS, pa.float64()),
    "published": pa.timestamp("us"),
}
REQUIRED = {*WORDS, "value", "published"}
Codes = npt.NDArray[Any]


def content_of(rows: Rows) -> tuple[bytes, list[str]]:
    """Return a file of rows sorted by metric, and the metric of each of its groups of rows."""
    codes = rows.metric.codes
    starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])).tolist()
    names = (*WORDS, *rows.numbers, "published")
    schema = pa.schema([(name, KNOWN[name]) for name in names])
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, schema, compression="zstd", write_statistics=False) as writer:
        for start, end in pairwise([*starts, len(codes)]):
            table = _table(rows, slice(start, end), schema)
            writer.write_table(table, row_group_size=end - start)
    return buffer.getvalue(), [str(rows.metric.categories[codes[at]]) for at in starts]


def rows_in(
    folder: Path, parts: Sequence[Part], metrics: Sequence[str], words: Mapping[str, pd.Index]
) -> Rows:
    """Return some metrics' rows of all files, in no order.

    `words` are all authorities and periods there are, in their order.
    """
    wanted = set(metrics)
    tables = [_groups(folder, part, wanted) for part in parts]
    table = pa.concat_tables(tables, promote_options="default")
    known = {**words, "metric": pd.Index(sorted(wanted), dtype="str")}
    texts: dict[str, Any] = {name: _words(table.column(name), known.get(name)) for name in WORDS}
    numbers = {
        name: table.column(name).to_numpy().astype(np.float64, copy=False)
        for name in NUMBERS
        if name in table.column_names
    }
    published = table.column("published").to_numpy().astype("datetime64[us]")
    return Rows(**texts, numbers=numbers, published=published)


def _groups(folder: Path, part: Part, wanted: Container[str]) -> pa.Table:
    """Return the groups of rows of some metrics."""
    groups = [place for place, name in enumerate(part.metrics) if name in wanted]
    try:
        with pq.ParquetFile(checked(folder, part), read_dictionary=list(WORDS)) as file:
            there = [name for name in file.schema_arrow.names if name in KNOWN]
            table = file.read_row_groups(groups, columns=there, use_threads=False)
        types = [(name, KNOWN[name]) for name in there]
        if set(there) >= REQUIRED:
            return table.cast(pa.schema(types))
    except (pa.ArrowException, KeyError, IndexError) as error:
        raise _damaged(folder, part) from error
    raise _damaged(folder, part)


def checked(folder: Path, part: Part) -> pa.BufferReader:
    """Return a file's content, if it is what was written."""
    try:
        content = (folder / part.file).read_bytes()
    except FileNotFoundError as error:
        raise DataRefusedError(
            f"'{part.file}' is gone from '{folder}'. If the store was compacted meanwhile, "
            "open it again; else take it from a backup."
        ) from error
    if sha256(content) != part.sha256:
        raise _damaged(folder, part)
    return pa.BufferReader(content)


def _damaged(folder: Path, part: Part) -> DataRefusedError:
    return DataRefusedError(
        f"'{part.file}' in '{folder}' is damaged or was changed. "
        "Take the store from a backup, or make it anew."
    )


def _table(rows: Rows, at: slice, schema: pa.Schema) -> pa.Table:
    """Return some of the rows, with the words that they have and no others."""
    columns: dict[str, Any] = {}
    for name in WORDS:
        words: pd.Categorical = getattr(rows, name)
        codes = words.codes[at]
        used, places = np.unique(codes[codes >= 0], return_inverse=True)
        there = np.zeros(len(codes), dtype=np.int32)
        there[codes >= 0] = places
        texts = pa.array([str(words.categories[code]) for code in used], type=pa.string())
        columns[name] = pa.DictionaryArray.from_arrays(pa.array(there, mask=codes < 0), texts)
    columns |= {name: pa.array(numbers[at]) for name, numbers in rows.numbers.items()}
    columns["published"] = pa.array(np.asarray(rows.published)[at], type=KNOWN["published"])
    return pa.table(columns, schema=schema)


def _words(column: pa.ChunkedArray, known: pd.Index | None) -> pd.Categorical:
    """Return a column as categories: those that are known, or all that occur, sorted."""
    column = column.unify_dictionaries()
    occurring = pd.Index(column.chunk(0).dictionary.to_pylist(), dtype="str")
    categories = occurring.sort_values() if known is None else known
    codes: Codes = column.combine_chunks().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return recoded(codes, np.append(categories.get_indexer(occurring), -1), categories)
