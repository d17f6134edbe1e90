"""The differences into a folder, as a table and as a page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from earlywarning.explain import Page
from earlywarning.output import Place
from earlywarning.output.cells import write_table

TABLE, LETTER = "differences.csv", "corrected.txt"


def write_reissue(differences: pd.DataFrame, letter: Page, out: Path) -> None:
    """Write the table and the page, whole or not at all; an earlier folder of them is replaced.

    Parameters
    ----------
    differences : DataFrame
        As from `differences_of`.
    letter : Page
        As from `as_letter`.
    out : Path
        The folder.

    Raises
    ------
    UsageError
        If something else stands there, or it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning import schema
    >>> nothing = schema.empty(schema.DIFFERENCES)
    >>> with TemporaryDirectory() as folder:
    ...     write_reissue(nothing, Page("No difference", ()), Path(folder, "out"))
    ...     sorted(path.name for path in Path(folder, "out").iterdir())
    ['corrected.txt', 'differences.csv']
    """
    with Place(out, frozenset({TABLE, LETTER}), TABLE, b"about,change,").replaced() as part:
        write_table(differences, part / TABLE)
        (part / LETTER).write_text(str(letter), encoding="utf-8", newline="\n")
