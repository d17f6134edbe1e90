"""Has each series become worse than expected? Metrics with the same periods are judged at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.bank import Rhythm
from earlywarning.models.contrasts import Contrasts
from earlywarning.models.structural import Asked, BankFit, Yardsticks, learn_and_judge_each
from earlywarning.signals.prepare import Prepared
from earlywarning.signals.states import READY

Labels = NDArray[np.intp]
Flags = NDArray[np.bool_]
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
        fitted = [self._places.get(code, -1) for code in authorities.tolist()]
        return Asked(place, self.fit, np.array(fitted, dtype=np.intp))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {code: place for place, code in enumerate(self.authorities)}

    def n_peers(self, groups: Words) -> Labels:
        """Return how many others each group has; 0 for a group it does not know."""
        size = np.array([len(m.residuals) for m in self.fit.peers.movement], dtype=np.intp)
        place = np.minimum(np.searchsorted(self.groups, groups), len(size) - 1)
        known = np.asarray(self.groups)[place] == groups
        return np.where(known, np.maximum(size[place] - 1, 0), 0)

    def knows(self, periods: tuple[str, ...], groups: Words) -> bool:
        """Whether series of these periods and groups can be judged by it."""
        return self.periods == periods and set(groups) <= set(self.groups)


Before = Mapping[str, Learnt] | None  # by newest period; None where nothing was learnt earlier


@dataclass(frozen=True, eq=False)
class Change:
    """What was found of the series of one metric, and by what they were judged."""

    contrasts: Contrasts
    n_peers: Labels  # (n,) with whom a change is compared
    learnt: dict[str, Learnt]  # by newest period
    judged_at: Labels  # (n,) the period of the `learnt` that judged each series, -1 for none


def changes_of(ready: Sequence[Prepared], before: Sequence[Before]) -> list[Change]:
    """Judge each series at its own newest period, against all that have that period too.

    Parameters
    ----------
    ready : sequence of Prepared
        Metrics, made ready.
    before : sequence of mapping of str to Learnt, or None
        What was learnt of each earlier; used where it fits, else the metric is learnt anew.
    """
    found = [_nothing(prepared) for prepared in ready]
    cases = [
        case
        for number, (prepared, known) in enumerate(zip(ready, before, strict=True))
        for case in _cases(number, prepared, known or {})
    ]
    for case, learnt, contrasts in chain(_judged(cases), _learnt(cases)):
        _write(found[case.number], case, learnt, contrasts)
    return found


@dataclass(frozen=True, eq=False)
class _Case:
    """The series of one metric that are judged at one of its periods."""

    number: int  # of the metric
    prepared: Prepared
    column: int  # the period
    late: Flags  # (n,) whose own newest period it is, or who are judged with those
    rows: Flags  # (n,) of them those that can be assessed
    known: Learnt | None  # what they are judged by, where that was learnt earlier

    @property
    def periods(self) -> tuple[str, ...]:
        """The labels up to the period."""
        return tuple(self.prepared.matrix.periods[: self.column + 1])

    @property
    def times(self) -> NDArray[np.float64]:
        """When they ended."""
        return self.prepared.times[: self.column + 1]

    @property
    def peers(self) -> Labels:
        """Who is learnt from: all that have a value in the period, and the late ones."""
        return np.flatnonzero(np.isfinite(self.prepared.x[:, self.column]) | self.late)

    def groups(self, peers: Labels) -> tuple[tuple[str, ...], Labels]:
        """Return the names of their groups, in order, and each one's place among them."""
        names, place = np.unique(self.prepared.groups[peers], return_inverse=True)
        return tuple(names.tolist()), place.astype(np.intp)

    def series(self, peers: Labels) -> NDArray[np.float64]:
        """Return their series up to the period."""
        return np.asarray(self.prepared.x[peers, : self.column + 1])


def _nothing(prepared: Prepared) -> Change:
    n = len(prepared.x)
    unknown = np.full(n, -1, dtype=np.intp)
    return Change(Contrasts.unknown(n), np.zeros(n, dtype=np.intp), {}, unknown)


def _cases(number: int, prepared: Prepared, before: Mapping[str, Learnt]) -> Iterator[_Case]:
    ready = prepared.state == READY
    together = _judged_at(prepared.newest)
    for column in np.unique(together[ready]):
        late = together == column
        case = _Case(number, prepared, int(column), late, ready & late, None)
        known = before.get(case.periods[-1])
        if known is not None and known.knows(case.periods, prepared.groups[case.rows]):
            case = replace(case, known=known)
        yield case


def _judged_at(newest: Labels) -> Labels:
    """Return the period at which each series is judged with the others; -1 without a value.

    Its own newest one, where many end in it; a few late ones are judged with those that
    come next, by what they published themselves. Only what is known decides, not the day.
    """
    count = np.bincount(newest[newest >= 0])
    columns = np.flatnonzero(count)
    if not columns.size:
        return newest
    many = columns[(count[columns] >= MANY * count.sum()) | (columns == columns[-1])]
    return np.where(newest >= 0, many[np.searchsorted(many, newest)], -1).astype(np.intp)


def _judged(cases: Sequence[_Case]) -> Iterator[tuple[_Case, Learnt, Contrasts]]:
    """Judge series by what was learnt earlier."""
    pairs = [(case, case.known) for case in cases if case.known is not None]
    if not pairs:
        return
    asked, series = [], []
    for case, known in pairs:
        of = case.prepared
        asked.append(known.asked(of.groups[case.rows], of.authorities[case.rows]))
        series.append(of.x[case.rows, : case.column + 1])
    parts = Yardsticks.of(asked).contrasts(series).apart([len(x) for x in series])
    for (case, known), judged in zip(pairs, parts, strict=True):
        yield case, known, judged


def _learnt(cases: Sequence[_Case]) -> Iterator[tuple[_Case, Learnt, Contrasts]]:
    """Learn from metrics with the same periods together, and judge them."""
    alike: dict[tuple[bytes, Rhythm], list[_Case]] = {}
    for case in cases:
        if case.known is None:
            alike.setdefault((case.times.tobytes(), case.prepared.rhythm), []).append(case)
    for (_, rhythm), together in alike.items():
        peers = [case.peers for case in together]
        groups = [case.groups(rows) for case, rows in zip(together, peers, strict=True)]
        series = [case.series(rows) for case, rows in zip(together, peers, strict=True)]
        places = [place for _, place in groups]
        metrics = list(zip(series, places, strict=True))
        found = learn_and_judge_each(metrics, together[0].times, rhythm=rhythm)
        for case, rows, (names, _), (fit, judged) in zip(
            together, peers, groups, found, strict=True
        ):
            codes = case.prepared.matrix.authorities
            fitted = tuple(codes[row] for row in rows.tolist())
            yield case, Learnt(case.periods, names, fitted, fit), judged.of(case.rows[rows])


def _write(change: Change, case: _Case, learnt: Learnt, judged: Contrasts) -> None:
    """Write down what was found of one case."""
    change.learnt[learnt.periods[-1]] = learnt
    change.judged_at[case.rows] = case.column
    change.n_peers[case.rows] = learnt.n_peers(case.prepared.groups[case.rows])
    for name in Contrasts.__slots__:
        getattr(change.contrasts, name)[case.rows] = getattr(judged, name)
