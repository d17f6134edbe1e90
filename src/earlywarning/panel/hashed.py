"""Are two panels' values the same? Equal values, whatever file they came in, have one hash."""

import hashlib

import numpy as np

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
        words = panel.frame[name].cat
        found.update("\n".join(map(str, words.categories)).encode())
        found.update(words.codes.to_numpy().astype("<i4").tobytes())
    for name in NUMBERS:
        numbers = panel.frame[name].to_numpy(dtype="<f8")
        missing = np.isnan(numbers)
        if not missing.all():
            found.update(name.encode() + np.where(missing, np.nan, numbers).tobytes())
    days = panel.frame["published"].to_numpy().astype("datetime64[D]")
    found.update(days.astype("<i8").tobytes())
    return found.hexdigest()
