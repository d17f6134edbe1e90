"""Flags of change asked again: other newest values, one period less, a release earlier.

All of it is scored at once, by what was learnt of each metric.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from earlywarning.flags.cases import Case
from earlywarning.models.blocks import FEWEST_PERIODS
from earlywarning.models.contrasts import Contrasts
from earlywarning.models.structural import Yardsticks
from earlywarning.models.tails import student_tails
from earlywarning.signals import Prepared, p_of_changes

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

PARTS = (0.0, 0.5, 1.0)  # of the way to the farthest value: where a parabola is known by
SEARCH_STEPS = 16  # each halves what is left
FARTHEST = 8.0  # times the largest effect: no series is asked to improve by more


def recheck_changes(
    cases: Sequence[Case], then: Mapping[str, Prepared]
) -> Iterator[tuple[Array, Array, Mask]]:
    """Yield what each case's flags say when asked again.

    Parameters
    ----------
    cases : sequence of Case
        Flags of change.
    then : mapping of str to Prepared
        Each metric as it was known a release earlier.

    Yields
    ------
    clears, stability : ndarray of shape (n_flags,)
        The newest values at which the flags pass, oriented; the share of re-scorings with
        one past period less that keep them, NaN without any.
    stood : ndarray of bool of shape (n_flags,)
        Whether they would have been raised a release earlier.
    """
    if not cases:
        return
    again = [_Again.asked(case, then[case.metric]) for case in cases]
    yardsticks = Yardsticks.of([case.asked for case in cases])
    judged = yardsticks.again([one.of for one in again]).contrasts([one.series for one in again])
    found = judged.apart([len(one.of) for one in again])
    cleared = _cleared(again, found)
    for case, one, contrasts, clears in zip(cases, again, found, cleared, strict=True):
        p = case.measured.p_change(contrasts)
        yield clears, one.stability(p), p[one.earlier] <= case.cut


@dataclass(frozen=True, eq=False)
class _Again:
    """The series of one case, altered in every way that is asked about, one after the other."""

    case: Case
    of: Rows  # which of the case's flags each series is
    series: Array
    side: Array  # which way each flag's series would improve, by 1 or -1
    far: Array  # and how far at the most
    n_gaps: int  # series with one past period less

    @classmethod
    def asked(cls, case: Case, then: Prepared) -> _Again:
        """Return the series of one case in the ways that are asked about."""
        n, x = len(case.rows), case.x
        side, far = _way_out(case)
        shifted = []
        for part in PARTS:
            shifted.append(x.copy())
            shifted[-1][:, case.newest] -= side * far * part
        past = np.isfinite(x)
        past &= past.sum(axis=1, keepdims=True) > FEWEST_PERIODS
        past[:, case.newest] = False
        flag, gap = np.nonzero(past)
        lacking = x[flag]
        lacking[np.arange(len(flag)), gap] = np.nan
        earlier = then.x[case.rows, : case.judged_at + 1]
        everyone = np.arange(n)
        of = np.concatenate([np.tile(everyone, len(PARTS)), flag, everyone])
        return cls(case, of, np.concatenate([*shifted, lacking, earlier]), side, far, len(flag))

    @property
    def earlier(self) -> slice:
        """The series as they were known a release earlier."""
        return slice(len(self.of) - len(self.case.rows), None)

    def at_part(self, number: int) -> slice:
        """Return the series whose newest values are so much of the way improved."""
        n = len(self.case.rows)
        return slice(number * n, (number + 1) * n)

    @property
    def search(self) -> tuple[Array, Mask, Array, Array]:
        """Return each flag's cut, context, way to the farthest value, and newest value."""
        case = self.case
        return case.cut, case.context, self.side * self.far, case.x[:, case.newest]

    def stability(self, p: Array) -> Array:
        """Return the share of series with one past period less that keep each flag."""
        n, start = len(self.case.rows), len(PARTS) * len(self.case.rows)
        of, p = self.of[start : start + self.n_gaps], p[start : start + self.n_gaps]
        total = np.bincount(of, minlength=n)
        kept = np.bincount(of, weights=p <= self.case.cut[of], minlength=n)
        return np.where(total > 0, kept / np.maximum(total, 1), np.nan)


def _way_out(case: Case) -> tuple[Array, Array]:
    """Return which way each series would improve, and how far at the most."""
    change = case.measured.change
    effect = (change.value - change.expected)[case.rows]
    largest = np.abs(effect).max(axis=1)
    if not case.measured.prepared.context:
        return np.ones(len(case.rows)), FARTHEST * largest
    strongest = np.abs(effect / change.spread[case.rows]).argmax(axis=1)
    # No farther than to what was expected: beyond it is as unusual, on the other side.
    own = effect[np.arange(len(case.rows)), strongest]
    return np.sign(own), np.abs(own)


def _cleared(again: Sequence[_Again], found: Sequence[Contrasts]) -> list[Array]:
    """Return the newest values at which the combined p-values pass the cuts: what is told passes.

    A newest value feeds no expectation. So the effect of every contrast is a straight line in
    it, and the square of the error a parabola: three scorings give both, and the rest is search.
    """
    scored = []
    for number in range(len(PARTS)):
        pairs = zip(again, found, strict=True)
        scored.append(Contrasts.together([one.of(each.at_part(number)) for each, one in pairs]))
    cut, context, way, newest = (
        np.concatenate(part) for part in zip(*(each.search for each in again), strict=True)
    )

    def passes(part: Array) -> Mask:
        """Whether the series pass, so much of the way improved."""
        return np.asarray(p_of_changes(_between(scored, part[:, None]), context) > cut)

    low, high = np.zeros(len(cut)), np.ones(len(cut))
    clears = passes(high)
    for _ in range(SEARCH_STEPS):
        middle = (low + high) / 2
        enough = passes(middle)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    counts = np.cumsum([len(each.case.rows) for each in again])[:-1]
    return np.split(np.where(clears, newest - way * high, np.nan), counts)


def _between(scored: Sequence[Contrasts], part: Array) -> Contrasts:
    """Return the contrasts so much of the way from the first scoring to the last."""
    start, middle, end = scored
    effect = start.effect + part * (end.effect - start.effect)
    squares = [np.square(one.error) for one in (start, middle, end)]
    weights = ((1 - part) * (1 - 2 * part), 4 * part * (1 - part), part * (2 * part - 1))
    error = np.sqrt(sum(w * square for w, square in zip(weights, squares, strict=True)))
    above, below = student_tails(effect / error, start.df)
    return replace(start, effect=effect, error=error, above=above, below=below)
