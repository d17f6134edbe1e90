"""What table is in a JSON file?

Two forms are read: a list of records, each a flat object; and `columns` with `rows` of
`values`, as LG Inform's API answers. Text stays as it stands, numbers too. Anything else is
refused with the place at which it is wrong.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from earlywarning.errors import ReadError
from earlywarning.readers.files import Issues, Table, column_names

MOST_BYTES = 64 * 1024**2  # some 500,000 values with their labels
DEEPEST = 16  # objects in objects; LG Inform's answers have 5
MOST_CELLS = 2_000_000
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
Record = dict[str, Any]


def read_json(path: Path) -> tuple[Table, Issues]:
    """Read the table of one file; a row's number is its place in the file's list.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Table
        Parts of parts have names joined by a dot: `area.label`.
    list of dict
        Rows of issues: none.

    Raises
    ------
    ReadError
        Naming the place: a line and column, or an entry such as `rows[3].values`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> answer = {"columns": [{"period": {"identifier": "fin_2022_23", "label": "2022/23"}}],
    ...           "rows": [{"area": {"identifier": "E06000001"}, "values": [{"value": 5.0}]}]}
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.json")
    ...     _ = path.write_text(json.dumps(answer))
    ...     table, _ = read_json(path)
    >>> table.frame.iloc[0].to_dict()  # doctest: +NORMALIZE_WHITESPACE
    {'period.identifier': 'fin_2022_23', 'period.label': '2022/23',
     'area.identifier': 'E06000001', 'value': '5.0'}
    """
    content = _parsed(path)
    if isinstance(content, dict) and "errors" in content:
        said = json.dumps(content["errors"])[:200]
        raise ReadError(f"{path.name} holds an error in place of data: {said}. Ask for it again.")
    found: Iterable[tuple[int, Record]]
    if isinstance(content, list):
        found = ((at, _flat(one, f"[{at - 1}]", path)) for at, one in enumerate(content, start=1))
    elif isinstance(content, dict) and {"columns", "rows"} <= set(content):
        found = _crossed(content, path)
    else:
        _refuse(path, "its top", "neither a list of records nor an object of columns and rows")
    numbers, records = _bounded(found, path)
    frame = pd.DataFrame(records, dtype=object)
    frame.columns = pd.Index(column_names([*frame]))
    return Table(path.name, frame, np.array(numbers)), []


def _bounded(found: Iterable[tuple[int, Record]], path: Path) -> tuple[list[int], list[Record]]:
    """Return the records and their numbers, if a table of them has not too many cells."""
    numbers: list[int] = []
    records: list[Record] = []
    names: set[str] = set()
    for number, record in found:
        names.update(record)
        numbers.append(number)
        records.append(record)
        if len(records) * max(len(names), 1) > MOST_CELLS:
            _refuse(path, "its table", f"of more than {MOST_CELLS:,} cells")
    if not names:
        _refuse(path, "its top", "without any row")
    return numbers, records


def _refuse(path: Path, place: str, what: str) -> NoReturn:
    raise ReadError(
        f"{path.name}: {place} is {what}. A list of flat records is read, and an answer of the "
        "LG Inform API; save anything else as CSV."
    )


def _parsed(path: Path) -> Any:
    """Return what the file says, if it is JSON in earnest, and neither too long nor too deep."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ReadError(
            f"{path.name} holds {size / 1024**2:,.0f} MB of JSON, more than "
            f"{MOST_BYTES / 1024**2:,.0f}. Ask for it in parts, or as CSV."
        )
    data = path.read_bytes()
    marks = np.frombuffer(_STRING.sub(b"", data), dtype=np.uint8)
    steps = np.isin(marks, (91, 123)).astype(np.int64) - np.isin(marks, (93, 125))
    if steps.size and int(steps.cumsum().max()) > DEEPEST:
        raise ReadError(f"{path.name} is nested more than {DEEPEST} deep. Save the table as CSV.")
    try:
        text = data.decode("utf-8-sig")
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_number,
                          object_pairs_hook=_object)  # fmt: skip
    except UnicodeDecodeError as error:
        raise ReadError(f"{path.name} is not in UTF-8, byte {error.start}. Save it so.") from error
    except json.JSONDecodeError as error:
        raise ReadError(
            f"{path.name} is no JSON: {error.msg}, line {error.lineno}, column {error.colno}. "
            "Download it again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{path.name} is no JSON: {error}. Download it again.") from error


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"'{word}' is no number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> Record:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the name {json.dumps(twice[:60])} stands twice in one object")
    return found


def _flat(record: Any, place: str, path: Path) -> Record:
    """Return an object's plain members, and those of the objects in it, their names joined."""
    if not isinstance(record, dict):
        _refuse(path, place, "no object")
    flat: Record = {}
    for name, member in record.items():
        if isinstance(member, dict):
            inner = {f"{name}.{part}": said for part, said in member.items()}
            flat |= {part: said for part, said in inner.items() if _is_plain(said)}
        elif _is_plain(member):
            flat[name] = member
    return flat


def _is_plain(member: Any) -> bool:
    return member is None or isinstance(member, str | bool)


def _crossed(content: Record, path: Path) -> Iterator[tuple[int, Record]]:
    """Yield one record a row and column, with the row's number."""
    columns, rows = content["columns"], content["rows"]
    for name, part in (("columns", columns), ("rows", rows)):
        if not isinstance(part, list):
            _refuse(path, name, "no list")
    heads = [_flat(column, f"columns[{i}]", path) for i, column in enumerate(columns)]
    for number, row in enumerate(rows, start=1):
        place = f"rows[{number - 1}]"
        about = _flat(row, place, path)
        values = row.get("values")
        if not isinstance(values, list) or len(values) != len(heads):
            _refuse(path, f"{place}.values", f"not a list of {len(heads)}, one a column")
        for i, (head, value) in enumerate(zip(heads, values, strict=True)):
            if isinstance(value, dict):
                yield number, {**head, **about, **_flat(value, f"{place}.values[{i}]", path)}
            elif _is_plain(value):
                yield number, {**head, **about, "value": value}
            else:
                _refuse(path, f"{place}.values[{i}]", "neither a value nor an object")
