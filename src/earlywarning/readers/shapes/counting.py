"""How is told, in a few rows of issues, how often each of many words occurs?"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from earlywarning.panel.rows import Places
from earlywarning.readers.files import Issues
from earlywarning.schema import issue_row

MOST = 30  # issues of one sort; the rest is counted together
LONGEST = 80  # letters of a word from a file, in a message


def counted(
    words: pd.Categorical, rows: Places, say: Callable[[str, int, Places], str], **issue: str
) -> Issues:
    """Return one issue a word, the most frequent first, and one for all beyond `MOST`.

    Parameters
    ----------
    words : Categorical
        One word a row; a missing one counts as the word ''.
    rows : array of int
        Each row's number in the file.
    say : callable
        Takes the word, how often it occurs and at which places; returns the message.
    **issue
        `code`, `remedy` and `file` of the issues.

    Examples
    --------
    >>> words = pd.Categorical(["b", "a", "b"])
    >>> found = counted(words, np.array([2, 3, 4]), lambda word, n, at: f"{n} of {word}",
    ...                 code="marker", remedy="Nothing.", file="a.csv")
    >>> [(issue["message"], issue["row"]) for issue in found]
    [('2 of b', 2), ('1 of a', 3)]
    """
    codes, first, count = np.unique(words.codes, return_index=True, return_counts=True)
    order = np.argsort(-count, kind="stable")
    issues = []
    for i in order[:MOST]:
        word = "" if codes[i] < 0 else shown(words.categories[codes[i]])
        text = say(word, int(count[i]), np.flatnonzero(words.codes == codes[i]))
        issues.append(_row(text, int(rows[first[i]]), int(count[i]), issue))
    rest = order[MOST:]
    if len(rest):
        n = int(count[rest].sum())
        text = f"{n:,} rows say the like of {len(rest):,} others."
        issues.append(_row(text, int(rows[first[rest].min()]), n, issue))
    return issues


def shown(word: object) -> str:
    """Return a word from a file for a message: on one line, and not too long.

    Examples
    --------
    >>> shown("two" + chr(10) + "lines")
    'two lines'
    """
    text = " ".join(str(word)[: 4 * LONGEST].split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _row(text: str, row: int, n: int, issue: dict[str, str]) -> dict[str, object]:
    code, remedy = issue["code"], issue["remedy"]
    return issue_row("read", code, text, remedy, file=issue["file"], row=row, n_rows=n)
