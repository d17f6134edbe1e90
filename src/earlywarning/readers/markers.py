"""What number does a cell hold, and what do its marks say?

`read_numbers` reads a whole column by its distinct texts. Marks follow the
Government Statistical Service's shorthand ([c], [x], [p], …), older symbols
(*, .., :, -) and words. A mark is never a number: `-` is missing, not 0.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from earlywarning.panel.rows import Places, encoded, recoded

UNREADABLE = "unreadable"
MISSING = "missing"
_WORDS = {
    "suppressed": ("c", "*", "**", "suppressed", "confidential", "s", "disclosive", "$"),
    "not available": (
        "x",
        "..",
        "...",
        "…",
        ":",
        "n/a",
        "na",
        "#n/a",
        "not available",
        "tbc",
        "unknown",
    ),
    "not applicable": ("z", ".", "not applicable"),
    "no data recorded": ("w", "no data", "no return", "not recorded"),
    "low": ("low", "~", "k"),
    "low reliability": ("u",),
    MISSING: ("", "-", "--", "–", "—", "null", "none", "nan", "nil return", "missing", "blank"),
    "error in the spreadsheet": ("#div/0!", "#ref!", "#value!", "#name?", "#num!", "#null!"),
}
NO_VALUE = {mark: words for words, marks in _WORDS.items() for mark in marks}
NOTES = {
    "b": "break in series", "e": "estimated", "f": "forecast", "p": "provisional", "r": "revised",
    "u": "low reliability", "provisional": "provisional", "revised": "revised",
    "estimated": "estimated", "estimate": "estimated", "forecast": "forecast",
}  # fmt: skip
MOSTLY = 0.5  # share of filled cells; a column with more that are unreadable holds no figures
_PLAIN = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?"
_GROUPED = r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"
_NOTE = re.compile(r"\s*(?:\[([a-z]+)\]|\(([a-z]+)\)|(?<=[\d%\s])([befpru]))$", re.IGNORECASE)
_NUMBER = re.compile(
    rf"(?P<open>\()?(?P<sign>[-+])?£?(?P<minus>-)?"
    rf"(?P<digits>\d{{1,3}}(?:[, ]\d{{3}})+(?:\.\d+)?|{_PLAIN[5:]})\s*%?(?P<close>\))?",
    re.ASCII,
)


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column read: per row the number and the place in `texts`, per text what it said."""

    values: npt.NDArray[np.float64]
    text: Places  # place in `texts`
    texts: list[str]
    statuses: npt.NDArray[np.object_]  # per text; '' for a plain number

    @property
    def status(self) -> npt.NDArray[np.object_]:
        """The status of each row, in words; '' for a plain number."""
        words: npt.NDArray[np.object_] = self.statuses[self.text]
        return words

    @property
    def said(self) -> pd.Categorical:
        """The status of each row as categories; missing for a plain number."""
        places, words = pd.factorize(np.array([said or None for said in self.statuses], object))
        return recoded(self.text, np.append(places, -1), words)


def read_numbers(column: pd.Series) -> Numbers:
    """Read a column of numbers and marks.

    Parameters
    ----------
    column : Series
        Of numbers, text or both.

    Returns
    -------
    Numbers
        NaN where there is no number; the status says why, in words.

    Examples
    --------
    >>> cells = read_numbers(pd.Series(["1,234", "(5)", "12.5%", "[c]", "45 [r]", "plenty"]))
    >>> cells.values.tolist()
    [1234.0, -5.0, 12.5, nan, 45.0, nan]
    >>> cells.status.tolist()
    ['', '', '', 'suppressed', 'revised', 'unreadable']
    """
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = np.array(column.to_numpy(dtype=float, na_value=np.nan))
        missing = np.isnan(values).astype(np.int8)
        return Numbers(values, missing, ["a number", ""], np.array(["", MISSING], dtype=object))
    codes, labels = encoded(column)
    texts = ["" if label is None else str(label) for label in labels.to_numpy(object)]
    numbers, statuses = _distinct(pd.Series([*texts, ""], dtype=object))
    place = np.where(codes < 0, len(texts), codes.astype(np.int32))
    return Numbers(numbers[place], place, [*texts, ""], statuses)


def mostly_numbers(column: pd.Series) -> bool:
    """Say whether the filled cells of a column are mostly numbers or marks.

    Examples
    --------
    >>> mostly_numbers(pd.Series(["5", "[c]", None])), mostly_numbers(pd.Series(["Total", "5"]))
    (True, False)
    """
    cells = read_numbers(column)
    count = np.bincount(cells.text, minlength=len(cells.texts))
    filled = count[cells.statuses != MISSING].sum()
    return bool(count[cells.statuses == UNREADABLE].sum() < MOSTLY * filled)


def status_words(column: pd.Series) -> pd.Categorical:
    """Return a column of notes in words: known marks spelt out, other text as it is.

    Examples
    --------
    >>> status_words(pd.Series(["[c]", "p", "boundary change", None])).tolist()
    ['suppressed', 'provisional', 'boundary change', nan]
    """
    codes, labels = encoded(column)
    spelt = np.array([*(_in_words(str(label).strip()) or None for label in labels), None], object)
    places, words = pd.factorize(spelt)
    return recoded(codes, places, words)


def _in_words(text: str) -> str:
    bare = text.strip("[]() ").lower()
    return "" if not bare else NO_VALUE.get(bare) or NOTES.get(bare) or text


def _distinct(texts: pd.Series) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.object_]]:
    """Read each distinct text: most at once, the odd ones one by one."""
    values = np.full(len(texts), np.nan)
    statuses = np.full(len(texts), "", dtype=object)
    words = pa.array(texts, type=pa.string())
    plain, grouped = (
        pc.match_substring_regex(words, rf"\A(?:{form})\z").to_numpy(zero_copy_only=False)
        for form in (_PLAIN, _GROUPED)
    )
    values[plain] = pd.to_numeric(texts[plain], errors="coerce")
    values[grouped] = pd.to_numeric(texts[grouped].str.replace(",", ""))
    for at in np.flatnonzero(~plain & ~grouped).tolist():
        values[at], statuses[at] = read_text(str(texts.iat[at]))
    endless = (plain | grouped) & ~np.isfinite(values)  # 1e999
    values[endless], statuses[endless] = np.nan, UNREADABLE
    return values, statuses


def read_text(text: str) -> tuple[float, str]:
    """Read one cell: its number, or NaN, and its status in words.

    Examples
    --------
    >>> read_text("£1,234 [e]")
    (1234.0, 'estimated')
    """
    plain = " ".join(re.sub("[\u2212\u2012\u2010\u2011]", "-", text).split())
    bare = plain.lower()
    if bare in NO_VALUE or (bare[:1] in "[(" and bare[1:-1] in NO_VALUE and bare[1:-1] != ""):
        return np.nan, NO_VALUE.get(bare) or NO_VALUE[bare[1:-1]]
    notes: list[str] = []
    while match := _NOTE.search(plain):
        mark = next(group for group in match.groups() if group).lower()
        if mark not in NOTES:
            break
        notes.insert(0, NOTES[mark])
        plain = plain[: match.start()].rstrip()
    status = ", ".join(dict.fromkeys(notes))
    number = _NUMBER.fullmatch(plain)
    if number and bool(number["open"]) == bool(number["close"]):
        negative = bool(number["open"]) + (number["sign"] == "-") + bool(number["minus"])
        size = float(re.sub("[, ]", "", number["digits"]))
        if negative <= 1:
            return (-size if negative else size), status
    return np.nan, status if notes and not plain else UNREADABLE
