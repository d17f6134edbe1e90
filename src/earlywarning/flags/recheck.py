"""What would clear a flag, and does it hang on one period or on a few peers?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.structural import Asked, Contrasts, Yardsticks, both_tails
from earlywarning.models.tested import FEWEST_PERIODS
from earlywarning.signals import Measured, p_of_changes
from earlywarning.signals.cases import effects_at, judged_by_cases
from earlywarning.signals.position import tails_by_distance

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

PARTS = (0.0, 0.5, 1.0)  # of the way to the farthest value: where a parabola is known by
SEARCH_STEPS = 16  # each halves what is left
FARTHEST = 8.0  # times the largest effect: no series is asked to improve by more
PEER_SHARES = 10  # the peers are left out a tenth at a time


def recheck(flags: pd.DataFrame, measured: Mapping[str, Measured]) -> pd.DataFrame:
    """Fill in `would_clear_at`, `stability` and `published`.

    Parameters
    ----------
    flags : DataFrame
        Flags, with `cut`.
    measured : mapping of str to Measured
        The metrics as they were measured.

    Returns
    -------
    DataFrame
        The same flags, filled in. `would_clear_at` is the newest value, in the metric's
        units, at which the flag would not have been raised; NaN where none would do.
        `stability` is the share of re-scorings that keep it: one past period left out at
        a time for a change, a tenth of the peers at a time for a position.
    """
    published = np.full(len(flags), np.datetime64("NaT"), dtype="datetime64[ns]")
    numbers = {name: np.full(len(flags), np.nan) for name in ("would_clear_at", "stability")}
    changes = []
    for case in _cases(flags, measured):
        published[case.place] = case.published
        if case.kind == "change":
            changes.append(case)
        else:
            numbers["would_clear_at"][case.place] = case.in_units(_position_clears(case))
            numbers["stability"][case.place] = _position_stability(case)
    for case, x, stable in zip(
        changes, _change_clears(changes), _change_stability(changes), strict=True
    ):
        numbers["would_clear_at"][case.place] = case.in_units(x)
        numbers["stability"][case.place] = stable
    return flags.assign(published=published, **numbers)


@dataclass(frozen=True, eq=False)
class _Case:
    """Flags of one kind on one metric, of authorities that end and are judged alike."""

    measured: Measured
    kind: str
    place: Rows  # among the flags
    rows: Rows  # among the metric's authorities
    newest: int  # their newest period
    judged_at: int  # the newest period of those they are judged with
    cut: Array

    @property
    def x(self) -> Array:
        """The series up to the period they are judged at."""
        return self.measured.prepared.x[self.rows, : self.judged_at + 1]

    @property
    def published(self) -> NDArray[Any]:
        """When the newest values came out."""
        published: NDArray[Any] = self.measured.prepared.matrix.published
        return np.asarray(published[self.rows, self.newest])

    def in_units(self, x: Array) -> Array:
        """Return oriented values in the metric's units."""
        return self.measured.prepared.in_units(x, self.rows)

    @property
    def asked(self) -> Asked:
        """How to ask what other values of these authorities would show."""
        return self.measured.asked(self.rows, self.judged_at)


def _cases(flags: pd.DataFrame, measured: Mapping[str, Measured]) -> Iterator[_Case]:
    for (metric, kind), group in flags.reset_index(drop=True).groupby(["metric", "kind"]):
        found = measured[str(metric)]
        authorities = pd.Index(found.prepared.matrix.authorities)
        rows = authorities.get_indexer(pd.Index(group["authority"].astype(str)))
        cut = group["cut"].to_numpy()
        ends = np.stack([found.prepared.newest[rows], found.judged_at[rows]], axis=1)
        for newest, judged_at in np.unique(ends, axis=0).tolist():
            here = (ends == (newest, judged_at)).all(axis=1)
            place = group.index.to_numpy()[here]
            yield _Case(found, str(kind), place, rows[here], newest, judged_at, cut[here])


def _position_clears(case: _Case) -> Array:
    """Return how far from its peers an authority may be at that p-value."""
    found, prepared = case.measured.position, case.measured.prepared
    cut = np.full(len(found.value), np.nan)
    cut[case.rows] = case.cut
    if not prepared.context:
        return found.limit(prepared, cut, side=1.0)[case.rows]
    side = np.sign(found.value - found.median)
    return found.limit(prepared, cut / 2, side=side)[case.rows]


def _position_stability(case: _Case) -> Array:
    """Leave out a tenth of the peers at a time, and count how often the flag stands."""
    prepared, x = case.measured.prepared, case.measured.prepared.x[:, case.newest]
    by_cases = case.measured.position.made_of_cases[case.rows]
    kept = np.full(len(case.rows), np.nan)
    kept[~by_cases] = _position_kept(case, ~by_cases, x, partial(tails_by_distance, x))
    effects = effects_at(prepared, case.newest)
    if effects is not None and by_cases.any():

        def tails(rows: Rows, company: Mask) -> tuple[Array, Array]:
            found = judged_by_cases(prepared, effects, rows, company)
            return found.above, found.below

        kept[by_cases] = _position_kept(case, by_cases, effects.value, tails)
    return kept


def _position_kept(
    case: _Case, here: Mask, values: Array, tails: Callable[[Rows, Mask], tuple[Array, Array]]
) -> Array:
    """Return the share of re-scorings, all peers but a tenth, that keep each of some flags."""
    rows = case.rows[here]
    peers = case.measured.prepared.peers_at(case.newest, rows) & np.isfinite(values)
    tenth = (np.cumsum(peers, axis=1) - 1)[:, None] % PEER_SHARES
    left_in = peers[:, None] & (tenth != np.arange(PEER_SHARES)[:, None])
    found = tails(np.repeat(rows, PEER_SHARES), left_in.reshape(-1, peers.shape[1]))
    p = case.measured.p(*found).reshape(len(rows), PEER_SHARES)
    return np.asarray((p <= case.cut[here][:, None]).mean(axis=1))


def _change_clears(cases: Sequence[_Case]) -> list[Array]:
    """Return the newest values at which the combined p-values pass the cuts: what is told passes.

    A newest value feeds no expectation. So the effect of every contrast is a straight line in
    it, and the square of the error a parabola: three scorings give both, and the rest is search.
    """
    if not cases:
        return []
    side, far = (np.concatenate(part) for part in zip(*map(_way_out, cases), strict=True))
    counts = np.cumsum([len(case.rows) for case in cases])[:-1]
    newest = np.concatenate([case.x[:, case.newest] for case in cases])
    yardsticks = Yardsticks.of([case.asked for case in cases])
    scored = []
    for part in PARTS:
        values = np.split(newest - side * far * part, counts)
        pairs = zip(cases, values, strict=True)
        scored.append(yardsticks.contrasts([_with_newest(*pair) for pair in pairs]))
    cut, context = (np.concatenate(part) for part in zip(*map(_asks, cases), strict=True))

    def passes(part: Array) -> NDArray[np.bool_]:
        """Whether the series pass, so much of the way improved."""
        return np.asarray(p_of_changes(_between(scored, part[:, None]), context) > cut)

    low, high = np.zeros(len(far)), np.ones(len(far))
    clears = passes(high)
    for _ in range(SEARCH_STEPS):
        middle = (low + high) / 2
        enough = passes(middle)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.split(np.where(clears, newest - side * far * high, np.nan), counts)


def _asks(case: _Case) -> tuple[Array, NDArray[np.bool_]]:
    """Return each series' cut, and whether both sides are asked about."""
    return case.cut, np.full(len(case.rows), case.measured.prepared.context)


def _between(scored: Sequence[Contrasts], part: Array) -> Contrasts:
    """Return the contrasts so much of the way from the first scoring to the last."""
    start, middle, end = scored
    effect = start.effect + part * (end.effect - start.effect)
    squares = [np.square(one.error) for one in (start, middle, end)]
    weights = ((1 - part) * (1 - 2 * part), 4 * part * (1 - part), part * (2 * part - 1))
    error = np.sqrt(sum(w * square for w, square in zip(weights, squares, strict=True)))
    above, below = both_tails(effect / error, start.df)
    return replace(start, effect=effect, error=error, above=above, below=below)


def _way_out(case: _Case) -> tuple[Array, Array]:
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


def _with_newest(case: _Case, values: Array) -> Array:
    altered = case.x.copy()
    altered[:, case.newest] = values
    return altered


def _change_stability(cases: Sequence[_Case]) -> list[Array]:
    """Leave out one past period at a time, and count how often the flags stand."""
    altered, which, asked = [], [], []
    for case in cases:
        past = np.isfinite(case.x)
        past &= past.sum(axis=1, keepdims=True) > FEWEST_PERIODS
        past[:, case.newest] = False
        of, gap = np.nonzero(past)
        x = case.x[of].copy()
        x[np.arange(len(of)), gap] = np.nan
        altered.append(x)
        which.append(of)
        every = case.asked
        asked.append(Asked(every.groups[of], every.fit, every.fitted[of]))
    kept = _rescored(cases, Yardsticks.of(asked), altered)
    return [_shares(*each) for each in zip(cases, kept, which, strict=True)]


def _shares(case: _Case, p: Array, which: Rows) -> Array:
    """Return the share of re-scorings that keep each flag; NaN without any."""
    kept, n = p <= case.cut[which], len(case.rows)
    total = np.bincount(which, minlength=n)
    share = np.bincount(which, weights=kept, minlength=n) / np.maximum(total, 1)
    return np.where(total > 0, share, np.nan)


def _rescored(
    cases: Sequence[_Case], yardsticks: Yardsticks, altered: Sequence[Array]
) -> list[Array]:
    """Return the combined p-values of altered series, by what was learnt of their metrics."""
    judged, ends = yardsticks.contrasts(altered), np.cumsum([0, *map(len, altered)])
    found = []
    for case, start, end in zip(cases, ends, ends[1:], strict=False):
        parts = (getattr(judged, name)[start:end] for name in Contrasts.__slots__)
        found.append(case.measured.p_change(Contrasts(*parts)))
    return found
