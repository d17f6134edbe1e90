"""How far would one metric alone take us: its level, its level among its type, its change?"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.yardstick import peers_of_kind
from earlywarning.result import Result
from earlywarning.signals import Prepared
from earlywarning.validation.baselines.scores import as_scores

Array = NDArray[np.float64]
NOT_NEWS = ("no value", "stale")  # statuses of a series without a value that is still news


def metric_scores(result: Result) -> pd.DataFrame:
    """Score authorities by each metric alone, in three ways.

    Parameters
    ----------
    result : Result
        What was measured on the as-of date.

    Returns
    -------
    DataFrame
        Columns `BASELINES`; for each metric, on the scale on which it is judged and up is worse
        (as published where neither way is):

        - `level: <metric>`: the newest value;
        - `level in type: <metric>`: its distance from the median of the others of its type with
          a value for that period, in their scaled median absolute deviations; with at least
          `settings.min_peers` of them;
        - `change: <metric>`: less the value before it.

        An authority whose newest value is stale has no score.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    >>> scores = metric_scores(EarlyWarning().fit_score(panel))
    >>> sorted(scores["scorer"].unique())
    ['change: roads_poor_pct', 'level in type: roads_poor_pct', 'level: roads_poor_pct']
    """
    tables = [
        as_scores(found.prepared.matrix.authorities,
                  _scores(name, found.prepared, result.settings.min_peers))
        for name, found in result.measured.items()
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True) if tables else as_scores([], {})


def _scores(name: str, prepared: Prepared, min_peers: int) -> dict[str, Array]:
    """Return the three scores of each authority; NaN where there is none."""
    x = prepared.x
    if not x.size:
        return {}
    at = np.where(np.isin(prepared.status, NOT_NEWS), -1, prepared.newest)
    level = _taken(x, at)
    others = peers_of_kind(x, prepared.kinds, at)
    enough = (others.spread > 0) & (others.n_peers >= min_peers)
    spread = np.where(enough, others.spread, np.nan)
    earlier = np.isfinite(x) & (np.arange(x.shape[1]) < at[:, None])
    before = np.where(earlier, np.arange(x.shape[1]), -1).max(axis=1)
    return {
        f"level: {name}": level,
        f"level in type: {name}": (level - others.median) / spread,
        f"change: {name}": level - _taken(x, before),
    }


def _taken(x: Array, at: NDArray[np.intp]) -> Array:
    """Return each row's value in its column; NaN where that is -1."""
    return np.where(at >= 0, x[np.arange(len(x)), at], np.nan)
