"""Which flags are new, worse, better or cleared since the last complete run?

A flag is the same if its authority, metric and kind are. Worse and better are its severity's.
A flag that is gone says why: what its signal's status is now. Why a status is what it is, is not
known here.
"""

import pandas as pd

from earlywarning.schema import ASSESSED, CHANGE_WORDS, CHANGES, FLAG_KINDS, SEVERITIES

KEY = ["authority", "metric", "kind"]
GONE = "no longer in the inputs"  # the status of a series that did not come in
_BEFORE = ["theme", "severity", "period", "reason"]


def changes_of(flags: pd.DataFrame, before: pd.DataFrame, signals: pd.DataFrame) -> pd.DataFrame:
    """Compare the flags of two runs.

    Parameters
    ----------
    flags, before : DataFrame
        Columns `schema.FLAGS`: of this run and of the one before, which may have none.
    signals : DataFrame
        Columns `schema.SIGNALS`, of this run.

    Returns
    -------
    DataFrame
        Columns `schema.CHANGES`; new ones first, then worse, better and cleared. What stayed
        as it was has no row. The reason of a cleared flag is the one it had.

    Examples
    --------
    >>> from earlywarning.schema import FLAGS, SIGNALS
    >>> flag = {"authority": "E06000001", "metric": "debt", "kind": "change", "reason": "high"}
    >>> then = pd.DataFrame([flag | {"severity": "watch"}], columns=list(FLAGS))
    >>> now = pd.DataFrame([flag | {"severity": "concern"}], columns=list(FLAGS))
    >>> signals = pd.DataFrame(columns=list(SIGNALS))
    >>> changes_of(now, then, signals)["change"].to_list()
    ['worse']
    >>> changes_of(then.head(0), then, signals)[["change", "status"]].values.tolist()
    [['cleared', 'no longer in the inputs']]
    """
    both = _texts(flags).merge(
        _texts(before), on=KEY, how="outer", suffixes=("", "_before"), indicator=True
    )
    rank = {severity: place for place, severity in enumerate(SEVERITIES)}
    step = both["severity"].map(rank) - both["severity_before"].map(rank)
    word = pd.Series("", index=both.index, dtype=object)
    word[step.gt(0)], word[step.lt(0)] = "worse", "better"
    word[both["_merge"].eq("left_only")] = "new"
    gone = both["_merge"].eq("right_only")
    word[gone] = "cleared"
    both["change"] = word
    both["status"] = _status(both, signals).where(gone, ASSESSED)
    for name in ("theme", "reason"):
        both[name] = both[name].where(~gone, both[f"{name}_before"])
    table = both.loc[word.ne(""), list(CHANGES)]
    order = table["change"].map({name: place for place, name in enumerate(CHANGE_WORDS)})
    table = table.assign(order=order).sort_values(["order", *KEY], kind="stable")
    return table[list(CHANGES)].fillna("").reset_index(drop=True)


def _texts(flags: pd.DataFrame) -> pd.DataFrame:
    return flags[[*KEY, *_BEFORE]].astype(object)


def _status(both: pd.DataFrame, signals: pd.DataFrame) -> pd.Series:
    """Return what is now said of the signal that each flag is of."""
    now = signals[signals["signal"].isin(FLAG_KINDS)]
    keys = pd.MultiIndex.from_frame(now[["authority", "metric", "signal"]].astype(str))
    status = pd.Series(now["status"].astype(object).to_numpy(), index=keys)
    found = status.reindex(pd.MultiIndex.from_frame(both[KEY].astype(str)))
    return pd.Series(found.to_numpy(), index=both.index).fillna(GONE)
