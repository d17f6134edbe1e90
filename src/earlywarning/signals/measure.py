"""Position and change of every series of one metric, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.combination import cauchy_combination
from earlywarning.models.contrasts import Contrasts
from earlywarning.models.structural import Asked
from earlywarning.settings import Settings
from earlywarning.signals.change import Before, Learnt, changes_of
from earlywarning.signals.position import Position, position_of
from earlywarning.signals.prepare import Prepared
from earlywarning.signals.states import CONSTANT_SO_FAR, READY, States

Array = NDArray[np.float64]
Labels = NDArray[np.intp]


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
        return p_of_changes(found, np.full(len(found.above), self.prepared.context))

    def asked(self, rows: Labels, column: int) -> Asked:
        """Return how to ask what these authorities would show, judged at one of the periods."""
        known = self.learnt[self.prepared.matrix.periods[column]]
        codes = self.prepared.matrix.authorities
        authorities = np.array([codes[row] for row in rows.tolist()], dtype=str)
        return known.asked(self.prepared.groups[rows], authorities)

    @property
    def change_state(self) -> States:
        """Why each change could not be assessed, as in `states`."""
        judged = np.isfinite(self.change.above).all(axis=1)
        state = self.prepared.state
        return np.where((state == READY) & ~judged, CONSTANT_SO_FAR, state)


def p_of_changes(found: Contrasts, context: NDArray[np.bool_]) -> Array:
    """Return the combined p-values of contrasts: towards worse, of both sides for `context`."""
    worse = found.combined(found.above)
    if not context.any():
        return worse
    unusual = cauchy_combination(2 * np.minimum(found.above, found.below))
    return np.where(context, unusual, worse)


def measure_each(
    ready: Sequence[Prepared], before: Sequence[Before] = (), *, settings: Settings
) -> list[Measured]:
    """Measure position and change of every series of several metrics.

    Parameters
    ----------
    ready : sequence of Prepared
        The metrics, made ready.
    before : sequence of mapping of str to Learnt, or None, optional
        What was learnt of each of them earlier, by newest period; used where it fits.
    settings : Settings
        The thresholds.
    """
    changes = changes_of(ready, before or [None] * len(ready))
    return [
        Measured(
            prepared, position_of(prepared, settings=settings),
            change.contrasts, change.n_peers, change.learnt, change.judged_at,
        )
        for prepared, change in zip(ready, changes, strict=True)
    ]  # fmt: skip


def measure(prepared: Prepared, before: Before = None, *, settings: Settings) -> Measured:
    """Measure one metric; parameters as for `measure_each`."""
    return measure_each([prepared], [before], settings=settings)[0]
