"""Is an authority odd in the combination of its metrics?

`combinations_table` gives each authority's joint distance, once over its positions and
once over its newest changes; `contributions_table` says what each metric adds to it.
The distance itself is `models.joint`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from earlywarning.models.joint import Joint, JointDistance
from earlywarning.schema import ASSESSED, COMBINATION_CONTRIBUTIONS, COMBINATIONS

Array = NDArray[np.float64]

SIGNAL_OF = {"position": "position", "change": "last"}  # by kind: whose z is combined
FEWEST_AUTHORITIES = 20  # that have a metric; what goes together with it is unknown for fewer
FARTHEST = 38.0  # normal score: beyond, a tail is below the smallest number there is


@dataclass(frozen=True, eq=False)
class Combined:
    """The joint distances of one kind, authorities down and metrics across."""

    kind: str
    metrics: pd.Index
    z: Array
    joint: Joint


def combine(signals: pd.DataFrame, authorities: pd.Index) -> list[Combined]:
    """Measure how odd each authority is in the combination of its metrics.

    Parameters
    ----------
    signals : DataFrame
        Columns `schema.SIGNALS`.
    authorities : Index
        Who has a row, in order.

    Returns
    -------
    list of Combined
        One a kind, `position` first; metrics that 20 authorities or more have.
        Each pattern of missing metrics takes time as the cube of the number of metrics.
    """
    found = []
    for kind, signal in SIGNAL_OF.items():
        rows = signals[signals["signal"].eq(signal) & signals["status"].eq(ASSESSED)]
        rows = rows[["authority", "metric", "z"]].astype({"authority": str, "metric": str})
        wide = rows.pivot(index="authority", columns="metric", values="z").reindex(authorities)
        wide = wide.loc[:, wide.notna().sum() >= FEWEST_AUTHORITIES]
        z = np.clip(wide.to_numpy(dtype=float), -FARTHEST, FARTHEST)
        found.append(Combined(kind, wide.columns, z, _joint(z)))
    return found


def combinations_table(combined: Sequence[Combined], authorities: pd.Index) -> pd.DataFrame:
    """Lay out how odd each authority is.

    Parameters
    ----------
    combined : sequence of Combined
        As from `combine`.
    authorities : Index
        As given to `combine`.

    Returns
    -------
    DataFrame
        Columns `schema.COMBINATIONS`, one row an authority and kind. `squared` is about
        `n_metrics` where nothing is unusual; `q` is p's false discovery rate within the
        kind (Benjamini and Hochberg).
    """
    parts = [
        pd.DataFrame(
            {
                "authority": authorities,
                "kind": one.kind,
                "n_metrics": one.joint.n_metrics,
                "squared": one.joint.squared,
                "p": one.joint.p,
                "q": _q(one.joint.p),
                "status": one.joint.status,
            }
        )
        for one in combined
    ]
    return pd.concat(parts, ignore_index=True)[list(COMBINATIONS)]


def contributions_table(combined: Sequence[Combined], authorities: pd.Index) -> pd.DataFrame:
    """Lay out what each metric adds to the squared distances; parameters as above.

    Returns
    -------
    DataFrame
        Columns `schema.COMBINATION_CONTRIBUTIONS`; `z` is above 0 on the worse side, and
        `contribution` adds up to `squared` over the metrics of an authority and kind.
    """
    parts = []
    for one in combined:
        row, column = np.nonzero(np.isfinite(one.joint.contributions))
        parts.append(
            pd.DataFrame(
                {
                    "authority": authorities[row],
                    "kind": one.kind,
                    "metric": one.metrics[column],
                    "z": one.z[row, column],
                    "contribution": one.joint.contributions[row, column],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)[list(COMBINATION_CONTRIBUTIONS)]


def _joint(z: Array) -> Joint:
    """Return the joint distances; nobody has one where there is no metric."""
    if z.size:
        return JointDistance().fit(z).judge(z)
    nothing, n = np.full(len(z), np.nan), np.zeros(len(z), dtype=np.intp)
    return Joint(nothing, np.full(z.shape, np.nan), nothing, n, np.full(len(z), "no metric"))


def _q(p: Array) -> Array:
    """Return false discovery rates, NaN where nothing was assessed."""
    q, judged = np.full(p.shape, np.nan), np.isfinite(p)
    if judged.any():
        q[judged] = multipletests(p[judged], method="fdr_bh")[1]
    return q
