"""What happened to everyone, period by period?

Each series is set against its own centre, and the median of what is left, over the
others of its group, is the movement they share. A median is a noisy thing, so the
movement is believed only as far as it stands out from its own sampling error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.robust import (
    MEDIAN_VARIANCE,
    QUARTILES,
    QUARTILES_TO_SIGMA,
    SAME,
    place_in,
    quantiles_of_others,
)

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

NOBODY = np.array([-1])


@dataclass(frozen=True, slots=True)
class CommonMovement:
    """One group of authorities, from which a movement is read.

    Attributes
    ----------
    residuals : ndarray of shape (n_authorities, n_periods)
        Each series less its own centre, in the units of the series.
    error : ndarray of shape (n_periods,)
        Sampling variance of each period's median.
    """

    residuals: Array
    error: Array

    @classmethod
    def of(cls, X: Array) -> CommonMovement:
        """Return the movement of these series, each less the median of its earlier half.

        Only the earlier half: the periods that are tested must not move the centre.
        """
        residuals = less_own_centre(X)
        n = np.maximum(np.isfinite(residuals).sum(axis=0), 1)
        low, high = quantiles_of_others(residuals, NOBODY, QUARTILES)[:, 0]
        spread = QUARTILES_TO_SIGMA * np.nan_to_num(high - low)
        return cls(residuals, MEDIAN_VARIANCE * spread**2 / n)

    def seen_by(self, own: Labels) -> Array:
        """Return the movement of the peers of each of these members, -1 for a stranger.

        The shape is (n_own, n_periods), NaN where there are no peers.
        """
        return np.asarray(quantiles_of_others(self.residuals, own, (0.5,))[0])

    def members(self, X: Array) -> Labels:
        """Return which member each series is, by its values; -1 where it is none."""
        residuals = less_own_centre(X)
        if not len(self.residuals):
            return np.full(len(X), -1)
        weight = np.random.default_rng(0).normal(size=X.shape[1])
        seen, known = (np.nan_to_num(r) @ weight for r in (residuals, self.residuals))
        order = np.argsort(known)
        place = np.append(order, -1)[place_in(seen, known[order])]
        scale = SAME * np.abs(np.nan_to_num(self.residuals)).max()
        near = np.isclose(residuals, self.residuals[place], rtol=0, atol=scale, equal_nan=True)
        return np.where(near.all(axis=1), place, -1)

    def believed(self, movement: Array, lengths: Sequence[int]) -> list[Array]:
        """Return a movement as far as it is reliable, judged by its first periods, so many each.

        That is the share of its variance over time that is not sampling error; over
        those periods what is returned averages nothing. A movement nobody has seen is
        returned as nothing, and says nothing about the rest.
        """
        known = np.isfinite(movement)
        moved = np.where(known, movement, 0.0)
        past = np.arange(movement.shape[1])[:, None] < np.asarray(lengths)
        n = known.astype(float) @ past
        centre = moved @ past / np.maximum(n, 1)
        seen = (np.square(moved) @ past - n * centre**2) / np.maximum(n - 1, 1)
        error = known @ (self.error[:, None] * past) / np.maximum(n, 1)
        share = np.where(n > 1, np.maximum(0.0, 1 - error / np.maximum(seen, 1e-300)), 0.0)
        return [
            known * ((moved - middle[:, None]) * part[:, None])
            for middle, part in zip(centre.T, share.T, strict=True)
        ]


def less_own_centre(X: Array) -> Array:
    """Return each series less the median of its known values in the earlier half of the window."""
    early = X[:, : X.shape[1] - X.shape[1] // 2]
    ordered = np.sort(early, axis=1)  # NaN last
    n = np.isfinite(early).sum(axis=1)
    rows = np.arange(len(X))
    last = max(ordered.shape[1] - 1, 0)
    low = ordered[rows, np.clip((n - 1) // 2, 0, last)]
    high = ordered[rows, np.clip(n // 2, 0, last)]
    return np.asarray(X - (0.5 * (low + high))[:, None])


def movement_of_others(sample: Array, own: Labels) -> tuple[Array, Array]:
    """Compute the median effect among the others, as far as it is reliable, and its variance.

    A James-Stein estimate with its positive part: a median that is no further from
    nothing than its own error would take it counts as nothing.

    Parameters
    ----------
    sample : ndarray of shape (n_sample, n_effects)
        What each authority shows; NaN are passed over.
    own : ndarray of shape (n_rows,)
        Which of them each row is, -1 for none: it is left out.

    Returns
    -------
    movement, variance : ndarray of shape (n_rows, n_effects)

    Examples
    --------
    >>> import numpy as np
    >>> sample = np.array([[5.0], [5.1], [4.9], [5.2], [4.8], [9.0]])
    >>> movement_of_others(sample, np.array([5]))[0].round(2)
    array([[5.]])
    """
    low, middle, high = np.nan_to_num(quantiles_of_others(sample, own, (0.25, 0.5, 0.75)))
    n = np.maximum(np.isfinite(sample).sum(axis=0) - 1, 1)
    error = MEDIAN_VARIANCE * (QUARTILES_TO_SIGMA * (high - low)) ** 2 / n
    belief = np.maximum(0.0, 1 - error / np.maximum(middle**2, 1e-300))
    return belief * middle, belief * error


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
