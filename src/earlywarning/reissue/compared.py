"""What differs between two issues, in flags, in tiers, and in values?

What is the same has no row. Why something differs is said in `differences`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from earlywarning.reissue.edition import Edition
from earlywarning.schema import DIFFERENCES, KEY

FLAG = ["authority", "metric", "kind"]
_WORD = {"left_only": "gone", "right_only": "come", "both": "changed"}


def flags_compared(old: Edition, new: Edition) -> pd.DataFrame:
    """Return flags that are gone or come, and those of another severity, period or value.

    Parameters
    ----------
    old, new : Edition
        The two issues.

    Returns
    -------
    DataFrame
        Columns `schema.DIFFERENCES`, a row a flag; a grade is a severity.
    """
    both = _both(old.flagged, new.flagged, FLAG, ["period", "severity", "value"])
    grades = {"severity_before": "grade_before", "severity": "grade"}
    same = _same(both, "period") & _same(both, "severity") & _same(both, "value")
    return _told("flag", both[~same].rename(columns=grades))


def tiers_compared(old: Edition, new: Edition) -> pd.DataFrame:
    """Return authorities of another tier, or in one issue alone; as `flags_compared`.

    A grade is a tier.
    """
    both = _both(old.authorities, new.authorities, ["authority"], ["tier"])
    return _told(
        "tier", both[~_same(both, "tier")].rename(columns={"tier_before": "grade_before",
                                                           "tier": "grade"})
    )  # fmt: skip


def values_compared(old: Edition, new: Edition) -> pd.DataFrame:
    """Return values that differ; of series' newest alone where an issue has no others.

    Parameters and result are those of `flags_compared`. Of the newest values alone, those of one
    period in both issues are compared: what is not newest any more may be there still.
    """
    if old.values is not None and new.values is not None:
        both = _both(old.values, new.values, list(KEY), ["value"])
    else:
        both = _both(old.newest, new.newest, list(KEY), ["value"])
        both = both[both["_merge"].eq("both")]
    found = both[~_same(both, "value")]
    before = found["period"].where(found["_merge"].ne("right_only"))
    return _told("value", found.assign(period_before=before))


def _both(old: pd.DataFrame, new: pd.DataFrame, key: list[str], of: list[str]) -> pd.DataFrame:
    """Return both tables side by side, of the columns to be compared."""
    table = old[[*key, *of]].merge(
        new[[*key, *of]], on=key, how="outer", suffixes=("_before", ""), indicator=True
    )
    return table.assign(change=table["_merge"].astype(str).map(_WORD))


def _same(both: pd.DataFrame, name: str) -> pd.Series:
    """Return which rows are of both issues and say the same; nothing is the same as nothing."""
    before, now = both[f"{name}_before"], both[name]
    return both["_merge"].eq("both") & (before.eq(now) | (before.isna() & now.isna()))


def _told(about: str, found: pd.DataFrame) -> pd.DataFrame:
    """Return what was found in the columns of the table of differences."""
    table = found.assign(about=about).reindex(columns=list(DIFFERENCES))
    numbers = {name: table[name].astype(float) for name in ("value_before", "value")}
    texts = table.drop(columns=[*numbers]).astype(object)
    texts = texts.where(texts.notna(), "").replace({np.nan: ""})
    return texts.assign(**numbers)[list(DIFFERENCES)].reset_index(drop=True)
