"""What came out of a store, into a folder: the tables asked for, and what was run."""

import json
from collections.abc import Sequence
from pathlib import Path

from earlywarning import __version__
from earlywarning.output.cells import write_table
from earlywarning.output.place import Place
from earlywarning.output.run import sha256
from earlywarning.stored import StoredResult

FLAGS_ONLY = ("flags", "metrics", "issues")
STORED_TABLES = (*FLAGS_ONLY, "authorities", "contributions")
RUN = "store_run.json"


def place_of_stored(out: Path | str) -> Place:
    """Return the place for the results of a store; `check` refuses where something else stands.

    Examples
    --------
    >>> place_of_stored("results").part.name
    'results.part'
    """
    names = frozenset({RUN, *(f"{name}.csv" for name in STORED_TABLES)})
    return Place(Path(out), names, RUN, b'{\n "earlywarning_stored":')


def write_stored(
    result: StoredResult, out: Path | str, *, tables: Sequence[str] = STORED_TABLES
) -> Path:
    """Write tables of a result into a folder, whole or not at all; an earlier one is replaced.

    Parameters
    ----------
    result : StoredResult
        As from `score_store`.
    out : path
        The folder.
    tables : sequence of str
        Some of `STORED_TABLES`; the scores are worked out only where they are asked for.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UsageError
        If something else stands there, or it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> from earlywarning import EarlyWarning, as_panel
    >>> from earlywarning.store import append
    >>> from earlywarning.stored import score_store
    >>> panel = as_panel(pd.DataFrame({"authority": ["E06000001"], "metric": "debt",
    ...                                "period": "2021-22", "value": 5.0}))
    >>> with TemporaryDirectory() as folder:
    ...     result = score_store(append(Path(folder, "store"), [panel]), EarlyWarning())
    ...     out = write_stored(result, Path(folder, "out"), tables=FLAGS_ONLY)
    ...     sorted(path.name for path in out.iterdir())
    ['flags.csv', 'issues.csv', 'metrics.csv', 'store_run.json']
    """
    with place_of_stored(out).replaced() as part:
        for name in tables:
            write_table(getattr(result, name), part / f"{name}.csv")
        told = {
            "earlywarning_stored": __version__,
            "as_of": f"{result.as_of:%Y-%m-%d}",
            "counts": result.counts,
            "expected_false_flags": result.expected_false_flags,
            "settings": result.settings.model_dump(mode="json"),
            "files": {path.name: sha256(path) for path in sorted(part.iterdir())},
        }
        (part / RUN).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8", newline="\n")
    return Path(out)
