"""Which ways of ranking are there, and what did each say on each day?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.validation.board import matrix_of
from earlywarning.validation.outcomes import successions
from earlywarning.validation.replay import Replay
from earlywarning.validation.timeline import listing

Array = NDArray[np.float64]

OURS = "earlywarning"
PARTS = {
    "score": f"{OURS}: score",
    "score_position": f"{OURS}: position",
    "score_change": f"{OURS}: change",
}
LAST_YEAR = f"{OURS}: a year before"
METRIC_SCORERS = ("level: ", "level in type: ", "change: ")  # baselines of a single metric
A_YEAR = pd.Timedelta(days=366)


def rankings_of(
    replay: Replay, days: pd.DatetimeIndex, authorities: pd.Index[str]
) -> dict[str, Array]:
    """Return what each way of ranking said, (days, authorities): ours first, then its parts.

    Ours is the order in which authorities are listed: by tier, then by p; `a year before`
    is ours of a year before.
    """
    scores, codes = replay.scores, list(authorities)
    found = {OURS: matrix_of(listing(scores), "score", days, codes)}
    found |= {name: matrix_of(scores, at, days, codes) for at, name in PARTS.items()}
    found[LAST_YEAR] = _a_year_before(found[OURS], days)
    for name, rows in replay.baselines.groupby("scorer", sort=True):
        found[str(name)] = matrix_of(rows, "score", days, codes)
    return found


def role_of(ranking: str) -> str:
    """Return what a ranking is: ours, a baseline, or a single metric.

    Examples
    --------
    >>> role_of("level: debt"), role_of("size"), role_of("earlywarning: score")
    ('metric', 'baseline', 'earlywarning')
    """
    if ranking.startswith(OURS):
        return OURS
    return "metric" if ranking.startswith(METRIC_SCORERS) else "baseline"


def families_of(register: pd.DataFrame, authorities: pd.Index[str]) -> NDArray[np.intp]:
    """Return a number for each authority, the same for those that went into one."""
    after = successions(register)
    last = after[after["way"].eq("merged")].drop_duplicates("authority", keep="last")
    into = last.set_index("authority")["through"]
    family = [into.get(code, code) for code in authorities]
    return np.unique(family, return_inverse=True)[1]


def _a_year_before(score: Array, days: pd.DatetimeIndex) -> Array:
    """Return what was said a year before each day; nothing where one did not look then."""
    before = days.searchsorted(days - pd.DateOffset(years=1), side="right") - 1
    near = (before >= 0) & (days - days[np.maximum(before, 0)] <= A_YEAR)
    return np.where(near[:, None], score[np.maximum(before, 0)], np.nan)
