"""Position and change of every series of one metric, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.combination import cauchy_combination
from earlywarning.models.structural import (
    Asked,
    BankFit,
    Contrasts,
    Yardsticks,
    learn_and_judge,
)
from earlywarning.schema import ASSESSED
from earlywarning.settings import Settings
from earlywarning.signals.position import Position, position_of
from earlywarning.signals.prepare import Prepared

Array = NDArray[np.float64]
Labels = NDArray[np.intp]
Words = NDArray[np.str_]

MANY = 0.1  # share of a metric's series: so many that end in one period are judged at it


@dataclass(frozen=True, eq=False)
class Learnt:
    """What the authorities of one metric taught about it, up to one of its periods."""

    periods: tuple[str, ...]
    groups: tuple[str, ...]  # the names of the fit's groups, in its order
    authorities: tuple[str, ...]  # whose series were fitted, in their order
    fit: BankFit

    def asked(self, groups: Words, authorities: Words) -> Asked:
        """Return how to ask what series of these authorities show, of groups learnt from."""
        place = np.searchsorted(self.groups, groups).astype(np.intp)
        fitted = pd.Index(self.authorities).get_indexer(pd.Index(authorities))
        return Asked(place, self.fit, fitted)

    def n_peers(self, groups: Words) -> Labels:
        """Return how many others each group has; 0 for a group it does not know."""
        size = dict(
            zip(self.groups, (len(m.residuals) for m in self.fit.peers.movement), strict=True)
        )
        return np.array([max(size.get(str(group), 0) - 1, 0) for group in groups], dtype=np.intp)

    def knows(self, periods: tuple[str, ...], groups: Words) -> bool:
        """Whether series of these periods and groups can be judged by it."""
        return self.periods == periods and set(groups) <= set(self.groups)


@dataclass(frozen=True, eq=False)
class Measured:
    """All that is measured of one metric, and what was learnt: one `Learnt` a newest period."""

    prepared: Prepared
    position: Position
    change: Contrasts
    n_peers: Labels  # (n,) with whom a change is compared
    learnt: dict[str, Learnt]
    judged_at: Labels  # (n,) the period of the `learnt` that judged each series, -1 for none

    def p(self, above: Array, below: Array) -> Array:
        """Return the p-value the metric's polarity asks for: towards worse, or of both sides."""
        return 2 * np.minimum(above, below) if self.prepared.context else above

    def p_change(self, found: Contrasts) -> Array:
        """Return the combined p-value of contrasts of this metric that its polarity asks for."""
        if self.prepared.context:
            return cauchy_combination(self.p(found.above, found.below))
        return found.combined(found.above)

    @property
    def change_status(self) -> Words:
        """Why each change could not be assessed, or "ok"."""
        judged = np.isfinite(self.change.above).all(axis=1)
        status = self.prepared.status
        return np.where((status == ASSESSED) & ~judged, "constant until now", status)


def measure(
    prepared: Prepared, before: Mapping[str, Learnt] | None = None, *, settings: Settings
) -> Measured:
    """Measure position and change of every series of a metric.

    Parameters
    ----------
    prepared : Prepared
        The metric, made ready.
    before : mapping of str to Learnt, optional
        What was learnt earlier, by newest period; used where it fits, else learnt anew.
    settings : Settings
        The thresholds.
    """
    change, learnt, judged_at = _change(prepared, before or {})
    n_peers = np.zeros(len(prepared.x), dtype=np.intp)
    for period, known in learnt.items():
        here = judged_at == prepared.matrix.periods.index(period)
        n_peers[here] = known.n_peers(prepared.groups[here])
    return Measured(
        prepared, position_of(prepared, settings=settings), change, n_peers, learnt, judged_at
    )


def _change(
    prepared: Prepared, before: Mapping[str, Learnt]
) -> tuple[Contrasts, dict[str, Learnt], Labels]:
    """Judge each series at its own newest period, against all that have that period too."""
    found = Contrasts.unknown(len(prepared.x))
    ready = prepared.status == ASSESSED
    together = _judged_at(prepared.newest)
    learnt = {}
    for column in np.unique(together[ready]):
        rows = ready & (together == column)
        periods = tuple(prepared.matrix.periods[: column + 1])
        known = before.get(periods[-1])
        if known is not None and known.knows(periods, prepared.groups[rows]):
            asked = known.asked(prepared.groups[rows], prepared.authorities[rows])
            judged = Yardsticks.of([asked]).contrasts([prepared.x[rows, : column + 1]])
        else:
            known, judged = _learn(prepared, int(column), together == column, rows)
        learnt[periods[-1]] = known
        for name in Contrasts.__slots__:
            getattr(found, name)[rows] = getattr(judged, name)
    return found, learnt, np.where(ready, together, -1)


def _judged_at(newest: Labels) -> Labels:
    """Return the period at which each series is judged with the others; -1 without a value.

    Its own newest one, where many end in it; a few late ones are judged with those that
    come next, by what they published themselves. Only what is known decides, not the day.
    """
    columns, count = np.unique(newest[newest >= 0], return_counts=True)
    if not columns.size:
        return newest
    many = columns[(count >= MANY * count.sum()) | (columns == columns.max())]
    return np.where(newest >= 0, many[np.searchsorted(many, newest)], -1).astype(np.intp)


def _learn(
    prepared: Prepared, column: int, late: NDArray[np.bool_], rows: NDArray[np.bool_]
) -> tuple[Learnt, Contrasts]:
    """Learn from all that have a value in a period, and from late ones, and judge some of them."""
    peers = np.isfinite(prepared.x[:, column]) | late
    names, groups = np.unique(prepared.groups[peers], return_inverse=True)
    x, times = prepared.x[peers, : column + 1], prepared.times[: column + 1]
    fit, judged = learn_and_judge(x, times, groups.astype(np.intp), rhythm=prepared.rhythm)
    here = {name: getattr(judged, name)[rows[peers]] for name in Contrasts.__slots__}
    periods = tuple(prepared.matrix.periods[: column + 1])
    codes = prepared.matrix.authorities
    fitted = tuple(codes[i] for i in np.flatnonzero(peers))
    return Learnt(periods, tuple(names), fitted, fit), Contrasts(**here)
