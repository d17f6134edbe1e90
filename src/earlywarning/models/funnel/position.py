"""Is it far from its peers now, its own size and theirs taken into account?

Each authority is held against a target and a variance between authorities learnt from
its peers alone. No peer counts for more than one two standard errors away, and peers
that agree better than chance lets them are not taken at their word entirely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from earlywarning.errors import UsageError
from earlywarning.models.funnel.intervals import Limits, tail_of
from earlywarning.models.funnel.limits import Kind
from earlywarning.models.funnel.scales import as_steady_effects, steady_back
from earlywarning.models.funnel.target import Peers, peer_target

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FunnelPosition:
    """Each authority against its peers; arrays of shape (n_authorities,).

    Attributes
    ----------
    z : ndarray
        Distance from the peers' target, in standard deviations of what is to be expected
        of one more peer of this size: chance, the variance between authorities, and the
        target's own error.
    above, below : ndarray
        p-values against "no higher" and "no lower than its peers": t, one degree of freedom
        fewer than there are peers.
    value, centre, spread : ndarray
        What z consists of, on the scale: arcsine of the root for shares, else the root.
    tau2 : ndarray
        The variance between peers, in squared units of the scale.
    n_peers : ndarray of int
        With how many it is compared.
    status : ndarray of str
        "ok", or why it cannot be assessed.
    denominators : ndarray
        As given.
    scale : str
        "arcsine" or "root".
    """

    z: Array
    above: Array
    below: Array
    value: Array
    centre: Array
    spread: Array
    tau2: Array
    n_peers: NDArray[np.intp]
    status: NDArray[np.str_]
    denominators: Array
    scale: Literal["arcsine", "root"]

    @property
    def expected(self) -> Array:
        """The share, rate or ratio to expect, (n_authorities,)."""
        return steady_back(self.centre, self.denominators, scale=self.scale)

    def interval(self, coverage: float = 0.95) -> Limits:
        """Return the limits within which that share of peers of this size lie, (n_authorities,)."""
        df = np.maximum(self.n_peers - 1, 1)
        half = -stdtrit(df, tail_of(coverage)) * self.spread
        lower, upper = (
            steady_back(self.centre + side * half, self.denominators, scale=self.scale)
            for side in (-1, 1)
        )
        return lower, upper


def funnel_position(
    numerators: ArrayLike,
    denominators: ArrayLike,
    *,
    kind: Kind,
    groups: ArrayLike | None = None,
    peers: Peers | None = None,
    min_peers: int = 5,
) -> FunnelPosition:
    """Set each authority against its peers, its size and theirs taken into account.

    Parameters
    ----------
    numerators, denominators : array-like of shape (n_authorities,)
        One period: cases, and whole, exposed or expected; NaN where nothing is published.
    kind : {"proportion", "rate", "ratio"}
        What cases over denominator are. More cases are up.
    groups : array-like of shape (n_authorities,), optional
        Labels; the peers of an authority are the others of its group. All others, if
        neither groups nor peers are given.
    peers : ndarray of bool of shape (n_authorities, n_authorities), optional
        Row i is true where a column's authority is a peer of i; in place of groups.
    min_peers : int, default=5
        With fewer peers that have a value an authority is not assessed.

    Returns
    -------
    FunnelPosition

    Raises
    ------
    UsageError
        If the kind is unknown, both groups and peers are given, shapes differ, or
        `min_peers` is below 2.

    Notes
    -----
    The variance between authorities is that at which the peers' squared distances, none
    counted beyond two standard errors, sum to what they should (Paule and Mandel 1982;
    Huber's proposal 2, 1964). Where chance alone would make peers differ more than they
    do, it is 0, and chance is reduced by a factor instead (Hartung and Knapp 2001);
    that keeps the size of the test where there is no variance between authorities.
    Spiegelhalter, D. J. (2005), Handling over-dispersion of performance indicators,
    Quality and Safety in Health Care 14, 347-351.

    Examples
    --------
    >>> late = np.array([12.0, 13.0, 22.0, 19.0, 5.0, 51.0, 110.0])
    >>> found = funnel_position(late, [100, 80, 300, 120, 90, 400, 500], kind="proportion")
    >>> found.z.round(1)
    array([-0.1,  0.5, -1.3,  0.5, -1.5, -0. ,  2.1])
    >>> found.above[-1].round(4)
    np.float64(0.0436)
    """
    if kind not in get_args(Kind):
        raise UsageError(f"kind={kind!r}: give 'proportion', 'rate' or 'ratio'.")
    if min_peers < 2:
        raise UsageError(f"min_peers={min_peers}: no spread can be learnt from fewer than 2 peers.")
    scale: Literal["arcsine", "root"] = "arcsine" if kind == "proportion" else "root"
    x, n = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    sets = _sets(x, n, groups, peers)
    value, error = as_steady_effects(x, n, scale=scale)
    known = np.isfinite(value)
    centre, spread, tau2 = np.full((3, x.size), np.nan)
    n_peers = np.zeros(x.size, dtype=np.intp)
    for rows, columns, members in sets:
        company = members & known[columns]
        n_peers[rows] = company.sum(axis=1)
        judged = known[rows] & (n_peers[rows] >= min_peers)
        if judged.any():
            here = rows[judged]
            fit = peer_target(value[columns], error[columns] ** 2, company[judged])
            centre[here], tau2[here] = fit.centre, fit.tau2
            spread[here] = np.sqrt(fit.chance * error[here] ** 2 + fit.tau2 + fit.error2)
    z = (value - centre) / spread
    df = np.maximum(n_peers - 1, 1)
    return FunnelPosition(
        z, stdtr(df, -z), stdtr(df, z), value, centre, spread, tau2, n_peers,
        _status(x, n, kind, known & (n_peers < min_peers)), n, scale,
    )  # fmt: skip


def _sets(
    x: Array, n: Array, groups: ArrayLike | None, peers: Peers | None
) -> list[tuple[NDArray[np.intp], NDArray[np.intp], Peers]]:
    """Return who is judged against whom: rows, the columns they look at, and their peers there."""
    if x.ndim != 1 or x.shape != n.shape:
        raise UsageError(f"One period each: numerators {x.shape} and denominators {n.shape}.")
    if groups is not None and peers is not None:
        raise UsageError("Give groups or peers, not both.")
    everyone = np.arange(x.size)
    if peers is not None:
        if peers.shape != (x.size, x.size):
            raise UsageError(f"peers has the shape {peers.shape}, not {(x.size, x.size)}.")
        return [(everyone, everyone, peers.astype(bool) & ~np.eye(x.size, dtype=bool))]
    labels = np.zeros(x.size) if groups is None else np.asarray(groups)
    if labels.shape != x.shape:
        raise UsageError(f"groups has the shape {labels.shape}, not {x.shape}.")
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return [(rows, rows, ~np.eye(rows.size, dtype=bool)) for rows in members]


def _status(x: Array, n: Array, kind: Kind, few: NDArray[np.bool_]) -> NDArray[np.str_]:
    """Return why an authority cannot be assessed, the most telling reason first, or "ok"."""
    more = (x > n) & (kind == "proportion")
    return np.select(
        [~np.isfinite(x), ~(np.isfinite(n) & (n > 0)), x < 0, more, few],
        ["no value", "no denominator", "fewer cases than none", "more cases than the whole",
         "too few peers"],
        "ok",
    )  # fmt: skip
