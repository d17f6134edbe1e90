"""How large does a cumulative sum (CUSUM) grow by chance, and how long until it signals?

The sum's distribution after each value, by its own recursion (Lindley 1952) on the nodes of
a quadrature; where mean and standard deviation come from a baseline, averaged over what that
baseline may have been. Nothing is simulated, and no series is seen here.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import chdtri, ndtr

from earlywarning.models.control.limits import Array, Index

SMALLEST = 1e-15  # p-values below are not told apart
LOWEST = -600.0  # logarithm of a chance; below, there are no digits
FARTHEST = 1000.0  # standard deviations; a larger sum has the p-value of this one
SHORTEST = 24  # steps that a table is kept for at least; then twice as many, and so on
N_LEVELS = 160  # sums at which the tail is kept
SIDES = 6.5  # standard errors of the baseline's mean, to each side
SPACING = 0.35  # standard errors between two means that the baseline may have had
N_SPREADS = 60  # standard deviations that the baseline may have had


def cusum_tail(sums: Array, step: Index, *, allowance: float, n_baseline: int = 0) -> Array:
    """Compute how often chance takes a one-sided CUSUM to so large a sum.

    Parameters
    ----------
    sums : ndarray
        Sums S, in standard deviations, S = max(0, S + z - allowance) from 0 on.
    step : ndarray of int, of the same shape
        After how many values, 1 or more.
    allowance : float
        What each value must exceed the centre by to add to the sum, in standard deviations.
    n_baseline : int, default=0
        Of how many values mean and standard deviation were estimated; 0: they are known.

    Returns
    -------
    ndarray of the same shape
        P(S at that step is as large or larger), for independent normal values. 1 for a sum of
        0; not below 1e-15.

    Notes
    -----
    Given a baseline whose mean is u standard errors low and whose standard deviation is q
    times the true one, the sum is 1/q times that of standard normal values with an allowance
    of q * allowance - u / sqrt(n): a normal and a chi distribution over one family of tails.

    Examples
    --------
    >>> cusum_tail(np.array([0.0, 4.0]), np.array([8, 8]), allowance=0.5).round(4)
    array([1.    , 0.0058])
    >>> cusum_tail(np.array([4.0]), np.array([8]), allowance=0.5, n_baseline=8).round(4)
    array([0.0625])
    """
    p = np.ones(np.shape(sums))
    u = np.arcsinh(np.minimum(sums, FARTHEST))
    steps = np.unique(step[sums > 0])
    if steps.size:
        levels, log_tails = _table(float(allowance), _length(steps[-1]), int(n_baseline))
    for one in steps:
        here = (step == one) & (sums > 0)
        p[here] = np.exp(CubicSpline(levels, log_tails[one - 1])(u[here]))
    return np.clip(p, SMALLEST, 1.0)


def cusum_at(p: Array, step: Index, *, allowance: float) -> Array:
    """Return the sum that standard normal values pass with that chance: the inverse of the tail.

    Parameters
    ----------
    p : ndarray
        Chances, above 0 and at most 1.
    step : ndarray of int, of the same shape
        After how many values, 1 or more.
    allowance : float
        In standard deviations.

    Returns
    -------
    ndarray of the same shape
        0 where a sum above 0 is less likely than `p`.

    Examples
    --------
    >>> cusum_at(np.array([1.0, 0.00575]), np.array([8, 8]), allowance=0.5).round(2)
    array([0., 4.])
    """
    sums = np.zeros(np.shape(p))
    steps = np.unique(step)
    if steps.size:
        levels, log_tails = _table(float(allowance), _length(steps[-1]), 0)
    for one in steps:
        tail = log_tails[one - 1]
        known = tail > LOWEST
        here = (step == one) & (np.log(p) < tail[0])
        sums[here] = np.sinh(CubicSpline(tail[known][::-1], levels[known][::-1])(np.log(p[here])))
    return np.maximum(sums, 0.0)


def _length(n_steps: int) -> int:
    """Return for how many steps to keep a table: one serves series of many lengths."""
    return int(SHORTEST * 2 ** np.ceil(np.log2(max(n_steps / SHORTEST, 1))))


@lru_cache(maxsize=64)
def _table(allowance: float, n_steps: int, n_baseline: int) -> tuple[Array, Array]:
    """Return levels of arcsinh(sum), and the logarithm of the tail for each step and level."""
    levels = np.linspace(0.0, np.arcsinh(FARTHEST), N_LEVELS)
    if n_baseline:
        log_tails = _over_baselines(allowance, n_steps, n_baseline, levels)
    else:
        log_tails = _log(normal_tails(allowance, n_steps, np.sinh(levels)))
    log_tails.flags.writeable = False
    return levels, log_tails


def _log(tails: Array) -> Array:
    return np.asarray(np.log(np.maximum(tails, 1e-300)))


def normal_tails(allowance: float, n_steps: int, sums: Array) -> Array:
    """Return P(S > sum) after each of so many steps, for standard normal values.

    Parameters
    ----------
    allowance : float
        Of any sign.
    n_steps : int
        How many.
    sums : ndarray of shape (n_sums,)
        Not below 0.

    Returns
    -------
    ndarray of shape (n_steps, n_sums)

    Examples
    --------
    >>> normal_tails(0.5, 2, np.array([0.0, 1.0])).round(4)
    array([[0.3085, 0.0668],
           [0.3808, 0.1139]])
    """
    top = max(-allowance, 0.0) * n_steps + 9 * np.sqrt(n_steps)
    if allowance > 0:
        top = min(top, 20 / allowance + 9)  # in the long run the tail falls by exp(-2 allowance)
    nodes, weights = np.polynomial.legendre.leggauss(int(40 + 1.2 * top))
    nodes, weights = top / 2 * (nodes + 1), top / 2 * weights
    onto = _density(nodes[:, None] - nodes + allowance) * weights
    from_zero = _density(nodes + allowance)
    to_zero = weights * ndtr(allowance - nodes)
    beyond = ndtr(nodes - sums[:, None] - allowance) * weights
    beyond_from_zero = ndtr(-sums - allowance)
    at_zero, density = 1.0, np.zeros(nodes.size)
    tails = np.empty((n_steps, sums.size))
    for step in range(n_steps):
        tails[step] = at_zero * beyond_from_zero + beyond @ density
        at_zero, density = (
            at_zero * ndtr(allowance) + to_zero @ density,
            at_zero * from_zero + onto @ density,
        )
    return tails


def _density(x: Array) -> Array:
    return np.asarray(np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi))


def _over_baselines(allowance: float, n_steps: int, n_baseline: int, levels: Array) -> Array:
    """Return the logarithm of the tail, averaged over the baselines that there may have been."""
    spreads, chance = _spreads(n_baseline)
    error = n_baseline**-0.5
    ends = allowance * spreads[[0, -1]] + SIDES * error * np.array([-1, 1])
    allowances = np.arange(ends[0], ends[1] + SPACING * error, SPACING * error)
    sums = np.sinh(levels)
    family = np.stack([normal_tails(one, n_steps, sums) for one in allowances], axis=1)
    smooth = CubicSpline(levels, _log(family), axis=2)
    tails = np.zeros((n_steps, levels.size))
    for spread, share in zip(spreads, chance, strict=True):
        means = np.exp(-0.5 * ((allowances - allowance * spread) / error) ** 2)
        there = np.exp(smooth(np.arcsinh(np.minimum(spread * sums, FARTHEST))))
        tails += share * np.einsum("k,tkl->tl", means / means.sum(), there)
    return _log(tails)


def _spreads(n_baseline: int) -> tuple[Array, Array]:
    """Return standard deviations that a baseline may have, by the true one, and their chances."""
    df = n_baseline - 1
    ends = 0.5 * np.log(chdtri(df, [1 - 1e-12, 1e-12]) / df)
    log_spread = np.linspace(ends[0], ends[1], N_SPREADS)
    log_density = df * log_spread - 0.5 * df * np.exp(2 * log_spread)
    chance = np.exp(log_density - log_density.max())
    return np.exp(log_spread), chance / chance.sum()


def one_sided_arl(allowance: float, decision: float, shift: float) -> float:
    """Compute the average run length of a one-sided CUSUM that starts from 0.

    Parameters
    ----------
    allowance, decision : float
        What a value must exceed, and the sum that signals, in standard deviations.
    shift : float
        By how many standard deviations the values have moved to the side that is summed.

    Returns
    -------
    float
        Values until the sum first passes the decision.

    Notes
    -----
    The integral equation of Page, E. S. (1954), Continuous inspection schemes, Biometrika 41,
    100-115, by Gauss-Legendre quadrature.

    Examples
    --------
    >>> round(one_sided_arl(0.5, 4.0, 0.0), 1), round(one_sided_arl(0.5, 4.0, 1.0), 2)
    (335.4, 8.38)
    """
    nodes, weights = np.polynomial.legendre.leggauss(int(np.ceil(60 + 10 * decision)))
    nodes, weights = decision / 2 * (nodes + 1), decision / 2 * weights
    drop = allowance - shift - np.append(0.0, nodes)  # the value that takes the sum to just 0
    inner = weights * _density(nodes + drop[:, None])
    # What the nodes of a row add up to is known exactly: the chance to stay above 0 and below.
    within = np.where(
        drop > 0, ndtr(-drop) - ndtr(-drop - decision), ndtr(drop + decision) - ndtr(drop)
    )
    inner *= (within / inner.sum(axis=1))[:, None]
    kernel = np.column_stack([ndtr(drop), inner])
    return float(np.linalg.solve(np.eye(drop.size) - kernel, np.ones(drop.size))[0])
