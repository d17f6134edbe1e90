"""Which columns of a table hold figures, which stand on the right, and which hold words?"""

import re
from collections.abc import Sequence

ONE = r"[-−+£]?[\d,.]\S*"
FIGURE = re.compile(
    # alone; with its limits; out of so many; a range, whose decimals tell it from one of years
    rf"{ONE}|{ONE} \({ONE} to {ONE}\)|{ONE} of {ONE}|[-−+]?\d+\.\d+ to {ONE}"
    "|not known|not listed|not ranked"
)


def columns_of_words(table: Sequence[Sequence[str]]) -> list[bool]:
    """Say of each column of a table, its header left out, whether it holds words.

    Parameters
    ----------
    table : sequence of sequences of str
        The header, then the rows.

    Returns
    -------
    list of bool
        The first column names the rows, and counts as words. An empty cell is neither.

    Examples
    --------
    >>> columns_of_words([("Metric", "Points"), ("Debt", "1.2"), ("Tax", "")])
    [True, False]
    """
    return [
        place == 0 or not all(FIGURE.fullmatch(text) for text in column if text)
        for place, column in enumerate(zip(*table[1:], strict=True))
    ]
