"""How many of an authority's peers do as it does?

Counting alone: peers are the other authorities of its type, and a peer counts where it was
assessed for the same period. Who is like whom is settled elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.schema import ASSESSED


@dataclass(frozen=True)
class Shared:
    """Of how many peers something is true that is true of an authority."""

    peers: int  # assessed in the same signal for the same period
    same_side: int  # on the same side of what was expected of them
    beyond: int  # beyond their limits on that side
    by_chance: float  # how many of them would be there by chance alone
    flagged: int  # flagged, by the same metric and kind


def shared(
    flag: Any, signals: pd.DataFrame, flags: pd.DataFrame, *, peers: pd.Series, limits: float
) -> Shared:
    """Count the peers that lie where a flagged authority lies.

    Parameters
    ----------
    flag : namedtuple or similar
        A row of `with_signals`.
    signals, flags : DataFrame
        Columns `schema.SIGNALS` and `schema.FLAGS`, of all authorities.
    peers : Series of str
        The peers' codes.
    limits : float
        The share inside `lower` to `upper`.

    Returns
    -------
    Shared
        Counts; all 0 where nothing was measured.

    Examples
    --------
    >>> from types import SimpleNamespace as Row
    >>> signals = pd.DataFrame({"authority": ["B", "C"], "metric": "tax", "signal": "last",
    ...     "period": "2023", "status": "ok", "value": [9.0, 4.0], "expected": 5.0, "lower": 3.0,
    ...     "upper": 7.0})
    >>> flag = Row(metric="tax", kind="change", signal="last", period="2023", value=8, expected=5)
    >>> nobody = pd.DataFrame(columns=["authority", "metric", "kind"])
    >>> shared(flag, signals, nobody, peers=pd.Series(["B", "C"]), limits=0.95)
    Shared(peers=2, same_side=1, beyond=1, by_chance=0.05, flagged=0)
    """
    of_metric = signals["metric"].eq(flag.metric) & signals["signal"].eq(flag.signal)
    there = signals[of_metric & signals["period"].eq(flag.period) & signals["status"].eq(ASSESSED)]
    there = there[there["authority"].isin(peers)]
    value, expected, lower, upper = (
        there[name].to_numpy(float) for name in ("value", "expected", "lower", "upper")
    )
    up = flag.value > flag.expected
    known = flags[flags["metric"].eq(flag.metric) & flags["kind"].eq(flag.kind)]
    return Shared(
        peers=len(there),
        same_side=int(np.sum(value > expected if up else value < expected)),
        beyond=int(np.sum(value > upper if up else value < lower)),
        by_chance=round(len(there) * (1 - limits) / 2, 9),
        flagged=int(known["authority"].isin(peers).sum()),
    )


@dataclass(frozen=True)
class Moved:
    """How many peers moved as an authority did, from one period to the next."""

    before: str  # the period from which
    rose: bool  # which way the authority moved
    peers: int  # with a value in both periods
    same_way: int


def moved(flag: Any, values: pd.DataFrame, *, own: pd.DataFrame, peers: pd.Series) -> Moved | None:
    """Count the peers whose newest value moved the same way as a flagged authority's.

    Parameters
    ----------
    flag : namedtuple or similar
        A row of `schema.FLAGS`.
    values, own : DataFrame
        Columns `schema.VALUES`, of all authorities and of this one alone.
    peers : Series of str
        The peers' codes.

    Returns
    -------
    Moved or None
        None where there is no value before, or it did not move.

    Examples
    --------
    >>> from types import SimpleNamespace as Row
    >>> values = pd.DataFrame({"authority": ["A", "A", "B", "B"], "metric": "tax",
    ...     "period": ["2022", "2023"] * 2, "end": pd.to_datetime(["2022", "2023"] * 2),
    ...     "value": [1.0, 2.0, 5.0, 4.0]})
    >>> moved(Row(metric="tax", period="2023"), values, own=values[:2], peers=pd.Series(["B"]))
    Moved(before='2022', rose=True, peers=1, same_way=0)
    """
    series = own[own["metric"].eq(flag.metric) & own["value"].notna()].sort_values("end")
    at = np.flatnonzero(series["period"].eq(flag.period))
    if not len(at) or at[-1] == 0:
        return None
    before, newest = series["period"].iloc[at[-1] - 1], series["period"].iloc[at[-1]]
    step = series["value"].iloc[at[-1]] - series["value"].iloc[at[-1] - 1]
    if step == 0:
        return None
    theirs = values[values["metric"].eq(flag.metric) & values["authority"].isin(peers)]
    old, new = (
        theirs[theirs["period"].eq(period)].set_index("authority")["value"]
        for period in (before, newest)
    )
    steps = (new - old.reindex(new.index)).dropna()
    alike = int((np.sign(steps) == np.sign(step)).sum())
    return Moved(str(before), bool(step > 0), len(steps), alike)
