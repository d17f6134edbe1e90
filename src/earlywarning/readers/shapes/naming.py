"""What is a metric called that a file describes in several columns?

A part (a sex, an age, a filter) goes into a metric's name where the metric has several; where
it has one, the name stays short.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from earlywarning.panel.rows import recoded


def combined(parts: Sequence[pd.Categorical], spell: Callable[..., str]) -> pd.Categorical:
    """Return one word a row, spelt from its words in several columns, each combination once.

    Parameters
    ----------
    parts : sequence of Categorical
        At least one, equally long.
    spell : callable
        Takes one text a part, '' where it is missing; returns the word, '' for none.

    Examples
    --------
    >>> sexes, ages = pd.Categorical(["M", "F", "M"]), pd.Categorical(["0-4", None, "0-4"])
    >>> combined([sexes, ages], lambda sex, age: f"{sex} {age}".strip()).tolist()
    ['M 0-4', 'F', 'M 0-4']
    """
    key = np.zeros(len(parts[0]), dtype=np.int64)
    for part in parts:
        key = pd.factorize(key * (len(part.categories) + 1) + part.codes + 1)[0].astype(np.int64)
    _, first = np.unique(key, return_index=True)
    texts = [[_text(part, at) for part in parts] for at in first.tolist()]
    names = np.array([spell(*words) or None for words in texts], dtype=object)
    places, distinct = pd.factorize(names)
    return recoded(key, [*places, -1], pd.Index(distinct, dtype="str"))


def _text(part: pd.Categorical, at: int) -> str:
    code = int(part.codes[at])
    return "" if code < 0 else str(part.categories[code])


def where_several(base: pd.Categorical, part: pd.Categorical) -> pd.Categorical:
    """Return the part's words for those of `base` that have several, and none for the others.

    Examples
    --------
    >>> metrics, sexes = pd.Categorical(["a", "a", "b"]), pd.Categorical(["M", "F", "M"])
    >>> where_several(metrics, sexes).tolist()
    ['M', 'F', nan]
    """
    n = len(part.categories) + 1
    pairs = pd.unique(base.codes.astype(np.int64) * n + part.codes + 1)
    several = np.bincount(pairs[pairs >= 0] // n, minlength=len(base.categories) + 1) > 1
    codes = np.where(several[base.codes], part.codes, -1)
    return pd.Categorical.from_codes(codes, categories=part.categories)


def with_parts(base: pd.Categorical, parts: Sequence[pd.Categorical]) -> pd.Categorical:
    """Return the metrics' names, with the parts that tell them apart in brackets.

    Examples
    --------
    >>> metrics, sexes = pd.Categorical(["a", "a", "b"]), pd.Categorical(["M", "F", "M"])
    >>> with_parts(metrics, [sexes]).tolist()
    ['a (M)', 'a (F)', 'b']
    """
    told = [where_several(base, part) for part in parts]
    return combined([base, *told], bracketed)


def bracketed(name: str, *parts: str) -> str:
    """Return a name and its parts, those that are not empty.

    Examples
    --------
    >>> bracketed("absence", "", "Total")
    'absence (Total)'
    """
    said = ", ".join(part for part in parts if part)
    return f"{name} ({said})" if said and name else name
