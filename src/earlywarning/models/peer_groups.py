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
    movement_without,
)
from earlywarning.models.robust import in_order, quantiles_without

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

ALIKE = 1.3  # times the size of the smallest: groups that are worked out side by side
SOME = 16  # groups of which a few members are asked about
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


@dataclass(frozen=True, slots=True)
class Shown:
    """Authorities of one metric, and what the members of its groups show."""

    peers: PeerGroups
    groups: Labels  # (n,) of those who are asked about
    own: Labels  # (n,) their places in their groups, -1 for a stranger
    effects: Array  # (n_members, n_effects)


def shown_without(
    asked: Sequence[Shown], lengths: Sequence[int]
) -> tuple[list[list[Array]], list[Array]]:
    """Return what the peers of these authorities did, and what they show too.

    As `PeersOfEach` has it: `moved`, a metric and a length each, and `shared`. All metrics have
    the same number of periods.
    """
    shape = asked[0].peers.movement[0].residuals.shape[1:]
    moved = [[np.zeros((len(one.groups), *shape)) for _ in lengths] for one in asked]
    shared = [np.zeros((2, one.effects.shape[1], len(one.groups))) for one in asked]
    groups = [
        _Group(metric, int(number), np.flatnonzero(one.groups == number))
        for metric, one in enumerate(asked)
        for number in np.unique(one.groups)
    ]
    for start in range(0, len(groups), SOME):
        some = groups[start : start + SOME]
        of = [asked[one.metric] for one in some]
        movement = [one.peers.movement[group.number] for one, group in zip(of, some, strict=True)]
        own = [one.own[group.rows] for one, group in zip(of, some, strict=True)]
        seen, shape = _without_own([one.residuals for one in movement], own)
        (middle,) = quantiles_without(*seen, (0.5,))
        error = np.stack([one.error for one in movement])
        parts = believed(middle.reshape(shape).transpose(1, 0, 2), error, lengths)
        members = [
            one.effects[one.peers.groups == g.number] for one, g in zip(of, some, strict=True)
        ]
        seen, shape = _without_own(members, own)
        both = np.stack(movement_without(*seen)).reshape(2, *shape)
        for place, group in enumerate(some):
            for found, part in zip(moved[group.metric], parts, strict=True):
                found[group.rows] = part[place, : len(group.rows)]
            part = both[:, : len(group.rows), place]
            shared[group.metric][:, :, group.rows] = part.transpose(0, 2, 1)
    return moved, shared


def _without_own(
    members: Sequence[Array], own: Sequence[Labels]
) -> tuple[tuple[Array, Array, Labels], tuple[int, ...]]:
    """Return what `quantiles_without` takes of groups beside each other, and the values' shape."""
    pairs = zip(members, own, strict=True)
    values = [np.where(of[:, None] >= 0, x[of], np.nan) for x, of in pairs]
    table, mine = _tables(members), _tables(values)
    ordered, n = in_order(table.reshape(len(table), -1))
    return (mine.reshape(len(mine), -1), ordered, n), mine.shape


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
