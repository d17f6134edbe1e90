"""Are two panels' values the same? Equal values, whatever file they came in, have one hash."""

import hashlib

import numpy as np

from earlywarning.panel.rows import encoded, present
from earlywarning.panel.table import Panel
from earlywarning.schema import KEY

NUMBERS = ("value", "numerator", "denominator")


def hash_of(panel: Panel) -> str:
    """Return the sha256 of all that a panel's rows say: who, what, when, how much, since when.

    Parameters
    ----------
    panel : Panel
        As from `known_at`, where only what was known then is to count.

    Returns
    -------
    str
        64 hexadecimal digits; the same on any machine.

    Examples
    --------
    >>> import pandas as pd
    >>> from earlywarning.panel import as_panel
    >>> rows = pd.DataFrame({"authority": "E06000001", "metric": "debt", "value": [5.0, 7.0],
    ...                      "period": ["2020-21", "2021-22"]})
    >>> hash_of(as_panel(rows)) == hash_of(as_panel(rows[::-1]))
    True
    """
    found = hashlib.sha256()
    for name in KEY:
        codes, words = encoded(panel.frame[name])
        occur = present(codes, len(words))  # a word that no row has says nothing
        found.update("\n".join(map(str, words[occur])).encode())
        found.update((np.cumsum(occur) - 1).astype("<i4")[codes].tobytes())
    for name in NUMBERS:
        numbers = (panel.frame[name].to_numpy() + 0.0).astype("<f8", copy=False)  # -0 is 0
        missing = np.isnan(numbers)
        if not missing.all():
            numbers[missing] = np.nan
            found.update(name.encode() + numbers.tobytes())
    days = panel.frame["published"].to_numpy().astype("datetime64[D]")
    found.update(days.astype("<i8").tobytes())
    return found.hexdigest()
