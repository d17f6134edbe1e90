"""What stands in a Parquet file?

It is read piece by piece. Text never becomes one string a row: a cell is its text's
place in a list, in as few bytes as the list needs.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from earlywarning.errors import ReadError
from earlywarning.panel.rows import Places
from earlywarning.readers.files import MOST_BYTES, Issues, Table

ROWS_A_PIECE = 1 << 20


class Texts:
    """A column of text, as it is read: places in lists, and one list for all in the end.

    Examples
    --------
    >>> texts = Texts()
    >>> for piece in (["b", None, "b"], ["a", "b"]):
    ...     texts.add(pa.array(piece).dictionary_encode())
    >>> texts.series(pa.string()).to_list()
    ['b', nan, 'b', 'a', 'b']
    """

    def __init__(self) -> None:
        self._lists: list[pa.Array] = []
        self._pieces: list[tuple[Places, int]] = []  # places, and in which list

    def add(self, cells: pa.DictionaryArray) -> None:
        """Take in the next piece."""
        if not self._lists or not self._lists[-1].equals(cells.dictionary):
            self._lists.append(cells.dictionary)
        kind = np.min_scalar_type(-max(len(cells.dictionary), 1))
        self._pieces.append((_numbers(cells.indices).astype(kind), len(self._lists) - 1))

    def series(self, kind: pa.DataType) -> pd.Series:
        """Return the column as categories, in order of appearance."""
        every = pa.chunked_array(self._lists, type=kind).combine_chunks().dictionary_encode()
        n_texts = len(every.dictionary)
        places = _numbers(every.indices).astype(np.min_scalar_type(-max(n_texts, 1)))
        ends = np.cumsum([len(texts) for texts in self._lists])
        lists = [np.append(part, -1) for part in np.split(places, ends[:-1])]
        codes = [lists[which][piece] for piece, which in self._pieces]
        joined = np.concatenate([places[:0], *codes])
        labels = pd.Index(every.dictionary.to_pandas())
        return pd.Series(pd.Categorical.from_codes(joined, categories=labels))


def read_parquet(path: Path) -> tuple[Table, Issues]:
    """Read a file's columns, but for nested ones.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Table
        Text as categories.
    list of dict
        Rows of issues: none.

    Raises
    ------
    ReadError
        If the file unpacks to more than `MOST_BYTES`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.parquet")
    ...     pd.DataFrame({"Area Code": ["E06000001", None], "Value": [5, 6]}).to_parquet(path)
    ...     table, _ = read_parquet(path)
    >>> table.frame["Area Code"].cat.codes.to_list(), table.frame["Value"].to_list()
    ([0, -1], [5, 6])
    """
    with pq.ParquetFile(path) as file:
        groups = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
        size = sum(group.total_byte_size for group in groups)
        if size > MOST_BYTES:
            raise ReadError(f"{path.name} holds {size / 1024**3:.1f} GB. Read it in parts.")
        text = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)
                or pa.types.is_large_string(field.type)]  # fmt: skip
    with pq.ParquetFile(path, read_dictionary=text) as file:
        frame = _frame(file)
    return Table(path.name, frame, np.arange(2, len(frame) + 2, dtype=np.int32)), []


def _frame(file: pq.ParquetFile) -> pd.DataFrame:
    kinds = dict(enumerate(file.schema_arrow.types))
    texts = {i: Texts() for i, kind in kinds.items() if pa.types.is_dictionary(kind)}
    others: dict[int, list[pa.Array]] = {
        i: [] for i, kind in kinds.items() if i not in texts and not pa.types.is_nested(kind)
    }
    for piece in file.iter_batches(ROWS_A_PIECE, use_threads=False):
        for i, column in texts.items():
            column.add(piece.column(i))
        for i, cells in others.items():
            cells.append(piece.column(i))
    series = {i: column.series(kinds[i].value_type) for i, column in texts.items()}
    series |= {i: pa.chunked_array(cells, type=kinds[i]).to_pandas() for i, cells in others.items()}
    frame = pd.DataFrame({i: series[i] for i in sorted(series)}, copy=False)
    frame.columns = pd.Index([file.schema_arrow.names[i] for i in frame])
    return frame


def _numbers(indices: pa.Array) -> npt.NDArray[np.int32]:
    """Return places as numbers, -1 for a missing one."""
    numbers: npt.NDArray[np.int32] = (
        indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
    )
    return numbers
