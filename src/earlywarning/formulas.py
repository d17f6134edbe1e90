"""Which texts would a spreadsheet take for a formula, and how are they kept from it?

An apostrophe is put before them where they are written, and taken away where they are read.
"""

import pandas as pd

_FORMULA = r"('*[=+\-@\t\r])"


def made_safe(texts: pd.Series) -> pd.Series:
    """Return texts of which a spreadsheet runs none.

    Examples
    --------
    >>> made_safe(pd.Series(["=1+1", "'tis"])).to_list()
    ["'=1+1", "'tis"]
    """
    return texts.str.replace(f"^{_FORMULA}", r"'\1", regex=True)


def as_was(texts: pd.Series) -> pd.Series:
    """Return texts as they were before they were made safe.

    Examples
    --------
    >>> as_was(pd.Series(["'=1+1", "'tis"])).to_list()
    ['=1+1', "'tis"]
    """
    return texts.str.replace(f"^'{_FORMULA}", r"\1", regex=True)
