"""What do peers of many sizes lead one to expect, and how far from that is a value?

Chance moves a value on one scale (`scales.as_steady_effects`), authorities may differ on
another: log odds, or a logarithm. A distance is taken on both, and put together.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtr

from earlywarning.models.robust import mad

Array = NDArray[np.float64]
Peers = NDArray[np.bool_]
Between = Literal["same", "logit", "log"]

BOUND = 2.0  # standard deviations: what a peer further away counts for
TOO_ALIKE = 0.01  # chance makes peers as much alike as this in so many cases; no more is believed
MOST_STEPS = 100
SETTLED = 1e-8  # relative step of the variance, and step of the target in usual errors
LONGEST_STEP = np.log(4)  # of the logarithm of the variance
ROOM = 2 * ndtr(BOUND) - 1  # of a normal distribution within the bound
# The mean of a normal value squared, no square beyond the bound's.
SQUARE = ROOM - 2 * BOUND * np.exp(-(BOUND**2) / 2) / np.sqrt(2 * np.pi) + BOUND**2 * (1 - ROOM)
# How much of what values say of a variance is left where none counts beyond the bound.
EFFICIENCY = 0.885
FEWEST_DF = 1.0  # with fewer a t distribution has no use
TINY = 1e-9  # on the scale of chance: two values closer than this are one
END = {"same": np.inf, "logit": np.pi / 2, "log": np.inf}  # of the scale of chance


class PeerTarget(NamedTuple):
    """What each authority's peers say; arrays of shape (n_rows,).

    Attributes
    ----------
    centre : ndarray
        What to expect, on the scale of chance.
    error2, tau2 : ndarray
        The squared error of that, and the peers' variance, on the scale of differences.
    chance : ndarray
        Factor on the variance by chance, 1 or below.
    n_peers : ndarray
        From how many it was learnt.
    between : str
        On which scale authorities differ.
    """

    centre: Array
    error2: Array
    tau2: Array
    chance: Array
    n_peers: Array
    between: Between

    def df(self, errors: Array) -> Array:
        """Return the degrees of freedom of a distance, (n_rows,).

        One fewer than there are peers, where one more has a variance like theirs. Where it
        has less, chance in theirs hides how much authorities differ: fewer, in the square
        of its variance over theirs, of which the harmonic mean counts (Satterthwaite 1946),
        and in what the bound leaves.
        """
        slope = _slope(self.centre, self.centre, self.between)
        own = self.chance * (slope * errors) ** 2 + self.tau2
        share = np.where(self.tau2 > 0, own / (self.n_peers * self.error2), np.inf)
        part = np.minimum(EFFICIENCY * share**2, 1.0)
        return np.asarray(np.maximum((self.n_peers - 1) * part, FEWEST_DF))

    def distance(self, values: Array, errors: Array) -> Array:
        """Return how far values are from the target, in standard deviations, (n_rows,).

        Parameters
        ----------
        values, errors : ndarray of shape (n_rows,)
            One more peer in each row, and what chance does to it, on the scale of chance.
        """
        apart = _forward(values, self.between) - _forward(self.centre, self.between)
        slope = _slope(values, self.centre, self.between)
        return np.asarray(
            apart / np.sqrt(self.chance * (slope * errors) ** 2 + self.tau2 + self.error2)
        )

    def value_at(self, distance: Array, errors: Array) -> Array:
        """Return the values that far from the target, on the scale of chance; by Newton's method.

        Beyond the end of the scale there is nothing: the end, then.
        """
        between, centre = self.between, self.centre
        by_chance, other = self.chance * errors**2, self.tau2 + self.error2
        side, far = np.sign(distance), np.abs(distance)
        step = far * np.sqrt(by_chance + other / _slope(centre, centre, between) ** 2)
        if between == "same":
            return np.asarray(centre + side * step)
        room = np.where(side < 0, centre, END[between] - centre)
        step = np.clip(step, TINY, room / 2)
        for _ in range(MOST_STEPS):
            value = centre + side * step
            slope = _slope(value, centre, between)
            there = step / np.sqrt(by_chance + other / slope**2)
            rise = by_chance + other * _slope(value, value, between) / slope**3
            further = step + (far - there) * (step / there) ** 3 / rise
            further = np.clip(further, step / 4, (step + room) / 2)
            moving = np.abs(further - step) > SETTLED * step
            step = further
            if not moving.any():
                break
        return np.asarray(centre + side * step)


def peer_target(
    values: Array, variances: Array, company: Peers, *, between: Between = "same"
) -> PeerTarget:
    """Learn target and variance from each row of peers, by Huber's second proposal.

    Parameters
    ----------
    values, variances : ndarray of shape (n_peers,) or (n_rows, n_peers)
        On the scale of chance, and what chance does there; the same for all rows, or of
        each row its own.
    company : ndarray of bool of shape (n_rows, n_peers)
        Who counts in which row: two with a value at the least.
    between : {"same", "logit", "log"}, default="same"
        On which scale authorities differ alike: that of chance, the log odds of what is an
        arcsine of a root, or the logarithm of what is a root.

    Returns
    -------
    PeerTarget

    Notes
    -----
    Both variances are one number `s`: below 1 it is the factor on chance; above 1, tau
    squared is `s - 1` typical variances by chance. So the search never leaves its range.
    Chance is brought to the other scale by each value's own slope: between it and the target.

    Examples
    --------
    >>> values, variances = np.array([0.4, 0.5, 0.6, 0.5]), np.full(4, 0.01)
    >>> peer_target(values, variances, np.ones((1, 4), dtype=bool)).centre
    array([0.5])
    """
    count, known = company.astype(float), values[np.isfinite(values)]
    n = count.sum(axis=1)
    y = np.broadcast_to(np.where(np.isfinite(values), values, known[0]), company.shape)
    v = np.broadcast_to(np.nan_to_num(variances, nan=1.0), company.shape)
    usual = np.einsum("ij,ij->i", count, v) / n
    start, sample = _forward(known, between), _Sample(y, _forward(y, between), v, usual, between)
    target = np.full(len(company), np.median(start))
    s = np.maximum(1.0, mad(start) ** 2 / (usual * _slope_at(target, between) ** 2))
    least = chdtri(n - 1, 1 - TOO_ALIKE) / (n - 1)
    before, pace = np.zeros(len(company)), np.ones(len(company))
    for _ in range(MOST_STEPS):
        apart, variance, at_target = sample.apart(target, s)
        weight = count / (variance if between == "same" else np.sqrt(variance * at_target))
        weight *= BOUND / np.sqrt(np.maximum(apart**2 / variance, BOUND**2))
        moved = np.einsum("ij,ij->i", weight, apart) / weight.sum(axis=1)
        target = target + moved
        apart, variance, _ = sample.apart(target, s)
        square = apart**2 / variance * count
        total = np.maximum(np.minimum(square, BOUND**2).sum(axis=1), np.finfo(float).tiny)
        free = np.where(square < BOUND**2, square, 0.0)
        typical = usual * _slope_at(target, between) ** 2
        rise = np.where(s < 1, free.sum(axis=1), s * typical * (free / variance).sum(axis=1))
        step = np.log(total / ((n - 1) * SQUARE)) / np.maximum(rise / total, 0.3)
        step = np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        # Where it goes to and fro between two sides of a bound, by half as much each time.
        pace = np.where((step * before < 0) & (2 * np.abs(step) > np.abs(before)), pace / 2, pace)
        further, before = np.maximum(s * np.exp(pace * step), least), step
        still = (np.abs(further - s) > SETTLED * s) | (moved**2 > SETTLED**2 * typical)
        s = further
        if not still.any():
            break
    error2 = 1 / (count / sample.apart(target, s)[2]).sum(axis=1)
    tau2 = np.maximum(s - 1, 0) * usual * _slope_at(target, between) ** 2
    return PeerTarget(_back(target, between), error2, tau2, np.minimum(s, 1), n, between)


class _Sample(NamedTuple):
    """Peers of each row on both scales, (n_rows, n_peers), and what chance usually does."""

    y: Array
    there: Array  # on the scale of differences
    v: Array
    usual: Array  # mean of v, (n_rows,)
    between: Between

    def apart(self, target: Array, s: Array) -> tuple[Array, Array, Array]:
        """Return distances from each row's target, their variances, and those on target."""
        centre = _back(target, self.between)[:, None]
        steep = _slope(centre, centre, self.between) ** 2
        tau2 = np.maximum(s - 1, 0)[:, None] * self.usual[:, None] * steep
        chance = np.minimum(s, 1)[:, None] * self.v
        far, at_target = self.there - target[:, None], chance * steep + tau2
        if self.between == "same":
            return far, at_target, at_target
        step = self.y - centre
        near = np.abs(step) < TINY
        slope2 = np.where(near, steep, (far / np.where(near, 1.0, step)) ** 2)
        return far, chance * slope2 + tau2, at_target


def _forward(values: Array, between: Between) -> Array:
    """Return values of the scale of chance on that of differences."""
    if between == "logit":
        return np.asarray(2 * np.log(np.tan(values)))
    return np.asarray(2 * np.log(values) if between == "log" else values)


def _back(values: Array, between: Between) -> Array:
    if between == "logit":
        return np.asarray(np.arctan(np.exp(values / 2)))
    return np.asarray(np.exp(values / 2) if between == "log" else values)


def _slope_at(values: Array, between: Between) -> Array:
    """Return how fast the scale of differences rises at values on it, that of chance being even."""
    centre = _back(values, between)
    return _slope(centre, centre, between)


def _slope(values: Array, centre: Array, between: Between) -> Array:
    """Return how fast the scale of differences rises between values and a target."""
    if between == "same":
        return np.ones(np.broadcast_shapes(values.shape, centre.shape))
    at = 4 / np.sin(2 * centre) if between == "logit" else 2 / centre
    apart = values - centre
    near = np.abs(apart) < TINY
    rise = _forward(values, between) - _forward(centre, between)
    return np.asarray(np.where(near, at, rise / np.where(near, 1.0, apart)))
