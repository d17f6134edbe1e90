"""Points and weights: what each signal adds to its authority's score.

20 points: chance does this once in 100. Points count from what the median healthy
series gets, and good news adds none. Themes weigh equally; metrics of a theme that say
the same share their weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from earlywarning.schema import ASSESSED, CONTRIBUTIONS, FLAG_KINDS
from earlywarning.settings import Settings

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

MEDIAN_POINTS = -10 * np.log10(0.5)  # of a healthy series


@dataclass(frozen=True, eq=False)
class Points:
    """Points of every authority, metric and kind; n authorities, M columns (metric, kind).

    Attributes
    ----------
    authorities : list of str
        The n rows.
    columns : DataFrame
        M rows: `metric, kind, theme`.
    z : ndarray of shape (n, M)
        Normal scores, above 0 is worse; NaN where not assessed.
    points : ndarray of shape (n, M)
        Points, 0 where not assessed.
    weight : ndarray of shape (n, M)
        Each authority's weights; of each kind they add up to 1, or 0 with nothing assessed.
    share : ndarray of shape (M,)
        How much of a metric is its own, 1 where no other metric of the theme says the same.
    cap : float
        What points were capped at.
    """

    authorities: list[str]
    columns: pd.DataFrame
    z: Array
    points: Array
    weight: Array
    share: Array
    cap: float

    @cached_property
    def blocks(self) -> dict[tuple[str, str], Labels]:
        """The columns of each (kind, theme)."""
        pairs = pd.MultiIndex.from_frame(self.columns[["kind", "theme"]])
        return {pair: np.flatnonzero(pairs == pair) for pair in pairs.unique()}

    @property
    def themes(self) -> list[str]:
        """The themes, sorted."""
        return sorted({theme for _, theme in self.blocks})

    def contributions(self) -> pd.DataFrame:
        """Return one row an assessed signal: columns `schema.CONTRIBUTIONS`."""
        row, column = np.nonzero(np.isfinite(self.z))
        about = self.columns.iloc[column].reset_index(drop=True)
        points, weight = self.points[row, column], self.weight[row, column]
        found = about.assign(
            authority=np.array(self.authorities, dtype=object)[row],
            signal=about["kind"],
            points=points,
            weight=weight,
            contribution=points * weight,
        )
        return found[list(CONTRIBUTIONS)]


def as_points(p: Array, cap: float) -> Array:
    """Turn p-values into points above the median's; NaN gives none.

    Examples
    --------
    >>> as_points(np.array([0.5, 0.01, 1e-30]), cap=40).round(1)
    array([ 0., 17., 37.])
    """
    known = np.where(np.isfinite(p), np.maximum(p, 1e-300), 1.0)
    points = np.minimum(-10 * np.log10(known), cap) - MEDIAN_POINTS
    return np.asarray(np.maximum(points, 0.0))


def points_of(signals: pd.DataFrame, metrics: pd.DataFrame, *, settings: Settings) -> Points:
    """Turn the signals of one as-of date into points; metrics without a worse side have none.

    `signals` has columns `schema.SIGNALS`, `metrics` those of `schema.CATALOGUE`.
    """
    scored = metrics[metrics["higher_is"] != "context"]
    theme = scored.set_index("metric")["theme"].astype(str)
    authorities = sorted(signals["authority"].astype(str).unique())
    used = signals[signals["signal"].isin(FLAG_KINDS) & signals["metric"].isin(theme.index)]
    pairs = [(metric, kind) for metric in theme.index for kind in FLAG_KINDS]
    columns = pd.DataFrame(pairs, columns=["metric", "kind"])
    columns["theme"] = columns["metric"].map(theme).astype(str)
    z, p = np.full((2, len(authorities), len(pairs)), np.nan)
    used = used[used["status"].eq(ASSESSED)]
    row = pd.Index(authorities).get_indexer(pd.Index(used["authority"].astype(str)))
    keys = pd.MultiIndex.from_arrays([used["metric"].astype(str), used["signal"].astype(str)])
    column = pd.MultiIndex.from_frame(columns[["metric", "kind"]]).get_indexer(keys)
    z[row, column], p[row, column] = used["z"], used["p"]
    return weighed(authorities, columns, (z, p), settings=settings)


def weighed(
    authorities: list[str], columns: pd.DataFrame, z_and_p: tuple[Array, Array], *,
    settings: Settings,
) -> Points:  # fmt: skip
    """Turn signals that stand in arrays (n, M) into points: NaN where not assessed.

    `columns` has the M rows `metric, kind, theme`.
    """
    z, p = z_and_p
    seen = np.isfinite(z).any(axis=0)  # what nobody has yet must not change what is known
    z, p = z[:, seen], p[:, seen]
    columns = columns.iloc[np.flatnonzero(seen)].reset_index(drop=True)
    share = _own_share(z, columns)
    weight = _weights(np.isfinite(z), columns, share)
    cap = settings.points_cap
    return Points(authorities, columns, z, as_points(p, cap), weight, share, cap)


def normal_scores(z: Array) -> Array:
    """Replace each column by the normal scores of its ranks, 0 where unknown.

    Every column becomes standard normal, whatever its tails; what stays is how columns
    go together.
    """
    ranks = pd.DataFrame(z).rank().to_numpy()
    n = np.isfinite(z).sum(axis=0)
    uniform = (ranks - 0.5) / np.maximum(n, 1)
    return np.asarray(np.nan_to_num(ndtri(uniform)))


def _own_share(z: Array, columns: pd.DataFrame) -> Array:
    """Return 1 over the number of metrics of the theme that each says the same as, by r squared."""
    scores = normal_scores(z)
    known = np.isfinite(z).astype(float)
    share = np.ones(len(columns))
    for _, group in columns.groupby(["theme", "kind"]):
        at = group.index.to_numpy()
        cross = scores[:, at].T @ scores[:, at]
        size = np.sqrt((scores[:, at] ** 2).T @ known[:, at])
        r = cross / np.maximum(size * size.T, 1e-300)
        np.fill_diagonal(r, 1.0)
        share[at] = 1 / (r**2).sum(axis=1)
    return share


def _weights(known: NDArray[np.bool_], columns: pd.DataFrame, share: Array) -> Array:
    """Divide each kind's weight over the themes an authority has, then over their metrics."""
    weight = known * share
    themes = np.zeros((len(known), len(FLAG_KINDS)))
    kind = columns["kind"].map(FLAG_KINDS.index).to_numpy(dtype=int)
    for _, group in columns.groupby(["theme", "kind"]):
        at = group.index.to_numpy()
        total = weight[:, at].sum(axis=1, keepdims=True)
        weight[:, at] /= np.maximum(total, 1e-300)
        themes[:, kind[at[0]]] += total[:, 0] > 0
    return np.asarray(weight / np.maximum(themes[:, kind], 1))
