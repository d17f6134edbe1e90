"""Who shares what happens, and what does each authority's group show without it?

`PeerGroups` are those of one metric; `PeersOfEach` works out those of several metrics with
the same periods at once, everyone left out of its own group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.movement import (
    CommonMovement,
    believed,
    less_own_centre,
    median_error,
    movement_of_others,
    movement_without,
)
from earlywarning.models.robust import in_order, quantiles_without

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

ALIKE = 1.3  # times the size of the smallest: groups that are worked out side by side
AT_ONCE = 50_000  # numbers of groups side by side: what stays near the processor


@dataclass(frozen=True, slots=True)
class PeerGroups:
    """The groups in which the authorities of one metric share what happens to them.

    Attributes
    ----------
    groups : ndarray of shape (n_authorities,)
        The number of each authority's group, from 0 without gaps.
    movement : tuple of CommonMovement
        One a group.
    """

    groups: Labels
    movement: tuple[CommonMovement, ...]

    @classmethod
    def of(cls, X: Array, groups: Labels) -> PeerGroups:
        """Return the groups of these series, (n_authorities, n_periods)."""
        numbers = range(int(groups.max(initial=-1)) + 1)
        return cls(groups, tuple(CommonMovement.of(X[groups == g]) for g in numbers))

    def places(self, groups: Labels, fitted: Labels) -> Labels:
        """Return the place in its group of each of these authorities, -1 for a stranger."""
        same = (fitted >= 0) & (self.groups[fitted] == groups)
        return np.where(same, _places(self.groups)[fitted], -1)

    def recognised(self, X: Array, groups: Labels) -> Labels:
        """Return which authority each series is, by its values; -1 for none."""
        fitted = np.full(groups.shape, -1)
        for g in np.unique(groups):
            place = self.movement[g].members(X[groups == g])
            fitted[groups == g] = np.append(np.flatnonzero(self.groups == g), -1)[place]
        return fitted

    def believed(self, groups: Labels, own: Labels, n_past: Sequence[int]) -> list[Array]:
        """Return what each authority's peers did, as far as pasts of these lengths bear it out."""
        moved = [np.zeros((len(groups), len(self.movement[0].error))) for _ in n_past]
        for g in np.unique(groups):
            here = groups == g
            group = self.movement[g]
            parts = group.believed(group.seen_by(own[here]), n_past)
            for found, part in zip(moved, parts, strict=True):
                found[here] = part
        return moved

    def shared(self, effects: Array, groups: Labels, own: Labels) -> tuple[Array, Array]:
        """Return what each authority's peers show too, and its variance, (n_effects, n_rows) each.

        `effects`, (n_authorities, n_effects), are what the authorities of these groups show.
        """
        found = np.zeros((2, effects.shape[1], len(groups)))
        for g in np.unique(groups):
            here = groups == g
            pair = movement_of_others(effects[self.groups == g], own[here])
            found[:, :, here] = np.stack(pair).transpose(0, 2, 1)
        return found[0], found[1]


def _places(groups: Labels) -> Labels:
    """Return each authority's place in its group."""
    place = np.empty(groups.shape, dtype=np.intp)
    for g in range(int(groups.max(initial=-1)) + 1):
        here = groups == g
        place[here] = np.arange(here.sum())
    return place


@dataclass(frozen=True, slots=True)
class _Group:
    """One group of one metric."""

    metric: int
    number: int
    rows: Labels


class PeersOfEach:
    """The groups of metrics with the same periods.

    Parameters
    ----------
    series : sequence of ndarray of shape (n_authorities, n_periods)
        One a metric, NaN in gaps.
    groups : sequence of ndarray of shape (n_authorities,)
        The number of each authority's group, from 0 without gaps.
    lengths : sequence of int
        The pasts by which a movement is to be believed.

    Attributes
    ----------
    peers : list of PeerGroups
        One a metric.
    moved : list of list of ndarray
        What each authority's peers did, a metric and a length each.
    """

    def __init__(self, series: Sequence[Array], groups: Sequence[Labels], lengths: Sequence[int]):
        ends = np.cumsum([len(x) for x in series])[:-1]
        residuals = np.split(less_own_centre(np.concatenate(series)), ends)
        self._groups = [
            _Group(metric, number, np.flatnonzero(of == number))
            for metric, of in enumerate(groups)
            for number in range(int(of.max(initial=-1)) + 1)
        ]
        movements: dict[tuple[int, int], CommonMovement] = {}
        self.moved = [[np.zeros(x.shape) for _ in lengths] for x in series]
        for some in _side_by_side(self._groups, series[0].shape[1]):
            table = _tables([residuals[one.metric][one.rows] for one in some])
            flat, of_each = table.reshape(len(table), -1), table.shape[1:]
            ordered, n = in_order(flat)
            error = median_error(ordered, n).reshape(of_each)
            seen = quantiles_without(flat, ordered, n, (0.5,))[0].reshape(table.shape)
            parts = believed(seen.transpose(1, 0, 2), error, lengths)
            for place, one in enumerate(some):
                mine = residuals[one.metric][one.rows]
                movements[one.metric, one.number] = CommonMovement(mine, error[place].copy())
                for moved, part in zip(self.moved[one.metric], parts, strict=True):
                    moved[one.rows] = part[place, : len(one.rows)]
        self.peers = [
            PeerGroups(of, tuple(movements[i, g] for g in range(int(of.max(initial=-1)) + 1)))
            for i, of in enumerate(groups)
        ]

    def shared(self, effects: Sequence[Array], first: int) -> list[Array]:
        """Return what each authority's peers show too, and its variance, (2, n_effects, n) each.

        `effects`, (n_authorities, n_effects), are those of as many metrics, from the `first` on.
        """
        last = first + len(effects)
        found = [np.zeros((2, *mine.T.shape)) for mine in effects]
        groups = [one for one in self._groups if first <= one.metric < last]
        for some in _side_by_side(groups, effects[0].shape[1]):
            table = _tables([effects[one.metric - first][one.rows] for one in some])
            flat = table.reshape(len(table), -1)
            both = np.stack(movement_without(flat, *in_order(flat))).reshape(2, *table.shape)
            for place, one in enumerate(some):
                part = both[:, : len(one.rows), place]
                found[one.metric - first][:, :, one.rows] = part.transpose(0, 2, 1)
        return found


def _side_by_side(groups: Sequence[_Group], columns: int) -> Iterator[list[_Group]]:
    """Yield groups of about the same size, so many as are worked out at once."""
    some: list[_Group] = []
    for one in sorted(groups, key=lambda group: len(group.rows)):
        size = len(one.rows)
        full = (len(some) + 1) * size * columns > AT_ONCE
        if some and (full or size > ALIKE * len(some[0].rows)):
            yield some
            some = []
        some.append(one)
    if some:
        yield some


def _tables(parts: Sequence[Array]) -> Array:
    """Return tables beside each other, (most_rows, n_tables, n_columns), NaN where one ends."""
    found = np.full((max(map(len, parts)), len(parts), parts[0].shape[1]), np.nan)
    for place, part in enumerate(parts):
        found[: len(part), place] = part
    return found
