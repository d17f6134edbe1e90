"""What became of each flag that was challenged?"""

from __future__ import annotations

import pandas as pd

from earlywarning.explain import one_line
from earlywarning.reissue.compared import FLAG
from earlywarning.reissue.edition import Edition
from earlywarning.schema import DIFFERENCES

_WORD = {(True, True): "stands", (True, False): "gone", (False, True): "come",
         (False, False): "in neither"}  # fmt: skip
_SEEN = {"period_before": "period", "grade_before": "severity", "value_before": "value"}


def challenges_answered(
    challenges: pd.DataFrame, flags: pd.DataFrame, old: Edition, new: Edition
) -> pd.DataFrame:
    """Say what became of each challenged flag: gone, stands, changed, come, or in neither.

    Parameters
    ----------
    challenges : DataFrame
        Columns `schema.CHALLENGES`.
    flags : DataFrame
        As from `flags_compared`, of the two issues.
    old, new : Edition
        The two issues.

    Returns
    -------
    DataFrame
        Columns `schema.DIFFERENCES`, a row a challenge. Before is what the challenge was given
        to, which may be an issue older than both.
    """
    then, now = old.flagged.set_index(FLAG), new.flagged.set_index(FLAG)
    keys = pd.MultiIndex.from_frame(challenges[FLAG].astype(object))
    there = zip(keys.isin(then.index), keys.isin(now.index), strict=True)
    words = pd.Series([_WORD[bool(before), bool(after)] for before, after in there], dtype=object)
    other = keys.isin(pd.MultiIndex.from_frame(flags[FLAG])) & words.eq("stands").to_numpy()
    table = challenges[FLAG].reset_index(drop=True).assign(
        about="challenge", change=words.mask(other, "changed"),
        **{name: challenges[seen].to_numpy() for name, seen in _SEEN.items()},
    )  # fmt: skip
    latest = now.reindex(keys)
    for name, seen in (("period", "period"), ("grade", "severity")):
        table[name] = latest[seen].astype(object).where(latest[seen].notna(), "").to_numpy()
    table["value"] = latest["value"].to_numpy(float)
    table["why"] = [_said(row) for row in challenges.itertuples(index=False)]
    return table.reindex(columns=list(DIFFERENCES))


def _said(row: object) -> str:
    """Return the reply on one line, with its kind, day and giver before it."""
    kind, on, by, reply = (
        getattr(row, name) for name in ("challenge", "replied_on", "by", "reply")
    )
    who = f", {one_line(by)}" if one_line(by) else ""
    return f"{kind}, {on:%Y-%m-%d}{who}: {one_line(reply)}"
