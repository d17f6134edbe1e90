"""How much do authorities differ beyond what chance does to their size?

As a factor on chance (phi), or as a variance between authorities that comes on top of
it (tau squared). A few far-off authorities must not set either: their scores are drawn
in (winsorised) or left out (truncated) first. All on matrices, each period by itself.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from earlywarning.errors import UsageError

Array = NDArray[np.float64]

SHARE = 0.1  # of the authorities, at either end: what CQC draws in and SHMI leaves out
MOST_STEPS = 200  # of an iteration; it ends when nothing moves any more
SETTLED = 1e-14  # relative step at which it has
FLAT = 1e-100  # a slope below it is none: all agree


def winsorised(scores: Array, *, share: float = SHARE) -> Array:
    """Draw the scores beyond a quantile at either end in to that quantile.

    Parameters
    ----------
    scores : ndarray of shape (n_authorities, n_periods)
        Distances from the target in standard errors; NaN stays NaN.
    share : float, default=0.1
        Of the authorities at either end, from 0 to below 0.5.

    Returns
    -------
    ndarray of the same shape
        Of each period, no score beyond its quantiles.

    Raises
    ------
    UsageError
        If the share is not in [0, 0.5).

    Notes
    -----
    Spiegelhalter, D. J. (2005), Handling over-dispersion of performance indicators,
    Quality and Safety in Health Care 14, 347-351. The quantile interpolates between
    neighbours, as numpy and R do by default.

    Examples
    --------
    >>> winsorised(np.array([[-9.0], [-1.0], [0.0], [1.0], [9.0]]), share=0.25).ravel()
    array([-1., -1.,  0.,  1.,  1.])
    """
    _refuse_share(share)
    ordered = np.sort(scores, axis=0)
    n = np.isfinite(scores).sum(axis=0)
    return np.clip(scores, _quantile(ordered, n, share), _quantile(ordered, n, 1 - share))


def truncated(scores: Array, *, share: float = SHARE) -> Array:
    """Leave the most extreme scores at either end out: NaN in their place.

    Parameters
    ----------
    scores : ndarray of shape (n_authorities, n_periods)
        Distances from the target in standard errors; NaN stays NaN.
    share : float, default=0.1
        Of the authorities at either end, rounded down to whole authorities.

    Returns
    -------
    ndarray of the same shape

    Raises
    ------
    UsageError
        If the share is not in [0, 0.5).

    Notes
    -----
    The rule of the Summary Hospital-level Mortality Indicator (NHS Digital, SHMI
    specification). Of equal scores at the edge those further up in the table go first
    at the lower end, and those further down at the upper.

    Examples
    --------
    >>> truncated(np.array([[-9.0], [-1.0], [0.0], [1.0], [9.0]]), share=0.2).ravel()
    array([nan, -1.,  0.,  1., nan])
    """
    _refuse_share(share)
    rank = np.argsort(np.argsort(scores, axis=0, kind="stable"), axis=0, kind="stable")
    n = np.isfinite(scores).sum(axis=0)
    cut = np.floor(share * n + 1e-9)
    return np.where((rank >= cut) & (rank < n - cut), scores, np.nan)


def dispersion(scores: Array) -> Array:
    """Compute phi: the mean square of the scores, 1 where there is chance alone.

    Parameters
    ----------
    scores : ndarray of shape (n_authorities, n_periods)
        Distances from the target in standard errors, winsorised or truncated or as
        they are; NaN are passed over.

    Returns
    -------
    ndarray of shape (n_periods,)
        NaN where there is no score.

    Examples
    --------
    >>> dispersion(np.array([[-3.0], [0.0], [3.0]]))
    array([6.])
    """
    known = np.isfinite(scores)
    n = known.sum(axis=0)
    total = np.where(known, scores, 0.0) ** 2
    return np.where(n > 0, total.sum(axis=0) / np.maximum(n, 1), np.nan)


def additive_variance(scores: Array, errors: Array) -> Array:
    """Compute tau squared from scores about a target (method of moments).

    Parameters
    ----------
    scores : ndarray of shape (n_authorities, n_periods)
        As for `dispersion`.
    errors : ndarray of the same shape
        The standard errors they were divided by.

    Returns
    -------
    ndarray of shape (n_periods,)
        Variance between authorities in squared units of the errors, 0 where chance
        explains all; NaN below 2 scores.

    Notes
    -----
    Spiegelhalter, D. J. (2005), Handling over-dispersion of performance indicators,
    Quality and Safety in Health Care 14, 347-351; with scores about the weighted mean
    it is the estimate of DerSimonian and Laird (1986).

    Examples
    --------
    >>> additive_variance(np.array([[-3.0], [0.0], [3.0]]), np.full((3, 1), 0.1)).round(3)
    array([0.08])
    """
    known = np.isfinite(scores) & (errors > 0)
    weight = np.where(known, 1 / np.where(known, errors, 1.0) ** 2, 0.0)
    n = known.sum(axis=0)
    excess = (np.where(known, scores, 0.0) ** 2).sum(axis=0) - (n - 1)
    total = np.maximum(weight.sum(axis=0), np.finfo(float).tiny)
    room = total - (weight**2).sum(axis=0) / total
    usable = (n > 1) & (room > 0)
    return np.where(usable, np.maximum(0.0, excess / np.where(usable, room, 1.0)), np.nan)


def heterogeneity(effects: Array, variances: Array, tau2: Array | float = 0.0) -> Array:
    """Compute Cochran's Q: squared distances from the weighted mean, over their variance.

    Parameters
    ----------
    effects, variances : ndarray of shape (n_authorities, n_periods)
        Values on a scale, and their variances by chance; NaN are passed over.
    tau2 : ndarray of shape (n_periods,) or float, default=0
        What the variances are raised by.

    Returns
    -------
    ndarray of shape (n_periods,)

    Examples
    --------
    >>> heterogeneity(np.array([[-1.0], [0.0], [1.0]]), np.ones((3, 1)))
    array([2.])
    """
    weight, centred = _weighted(effects, variances, tau2)
    return np.asarray((weight * centred**2).sum(axis=0))


def between_variance(
    effects: Array, variances: Array, *, method: Literal["DL", "PM", "REML"] = "DL"
) -> Array:
    """Estimate the variance between authorities (tau squared) about their weighted mean.

    Parameters
    ----------
    effects, variances : ndarray of shape (n_authorities, n_periods)
        Values on a scale, and their variances by chance; NaN are passed over.
    method : {"DL", "PM", "REML"}, default="DL"
        DerSimonian and Laird (1986), Paule and Mandel (1982), or restricted maximum
        likelihood.

    Returns
    -------
    ndarray of shape (n_periods,)
        0 where chance explains all; NaN below 2 values.

    Raises
    ------
    UsageError
        If the method is none of these.

    Notes
    -----
    Veroniki, A. A. et al. (2016), Methods to estimate the between-study variance and
    its uncertainty in meta-analysis, Research Synthesis Methods 7, 55-79.

    Examples
    --------
    >>> effects = np.array([[-3.0], [0.0], [3.0]])
    >>> between_variance(effects, np.ones((3, 1)), method="PM").round(6)
    array([8.])
    """
    if method not in ("DL", "PM", "REML"):
        raise UsageError(f"method={method!r}: give 'DL', 'PM' or 'REML'.")
    weight, centred = _weighted(effects, variances, 0.0)
    known = weight > 0
    scores = np.where(known, np.sqrt(weight) * centred, np.nan)
    tau2 = additive_variance(scores, np.sqrt(np.where(known, variances, np.nan)))
    if method == "DL":
        return tau2
    step = _towards_expected_q if method == "PM" else _towards_likelihood
    usable = np.isfinite(tau2)
    # From 0 for Paule and Mandel: their equation is convex, and Newton rises to its root.
    tau2 = np.where(usable & (method == "REML"), tau2, 0.0)
    pace, last = np.ones_like(tau2), np.zeros_like(tau2)
    for _ in range(MOST_STEPS):
        move = step(effects, variances, tau2)
        pace = np.where(move * last < 0, pace / 2, pace)  # it stepped over the root
        further = np.maximum(0.0, tau2 + pace * move)
        settled = np.abs(further - tau2) <= SETTLED * further
        tau2, last = further, move
        if settled.all():
            break
    return np.where(usable, tau2, np.nan)


def _weighted(effects: Array, variances: Array, tau2: Array | float) -> tuple[Array, Array]:
    """Return the weights, 0 where nothing is known, and the effects less their weighted mean."""
    known = np.isfinite(effects) & np.isfinite(variances) & (variances > 0)
    weight = np.where(known, 1 / (np.where(known, variances, 1.0) + tau2), 0.0)
    values = np.where(known, effects, 0.0)
    mean = (weight * values).sum(axis=0) / np.maximum(weight.sum(axis=0), np.finfo(float).tiny)
    return weight, np.where(known, values - mean, 0.0)


def _towards_expected_q(effects: Array, variances: Array, tau2: Array) -> Array:
    """Return Newton's step towards a Q of one less than there are authorities."""
    weight, centred = _weighted(effects, variances, tau2)
    n = (weight > 0).sum(axis=0)
    slope = (weight**2 * centred**2).sum(axis=0)
    gap = (weight * centred**2).sum(axis=0) - (n - 1)
    return _ratio(gap, slope)


def _towards_likelihood(effects: Array, variances: Array, tau2: Array) -> Array:
    """Return the scoring step of the restricted likelihood."""
    weight, centred = _weighted(effects, variances, tau2)
    one, two, three = ((weight**power).sum(axis=0) for power in (1, 2, 3))
    one = np.maximum(one, np.finfo(float).tiny)
    information = two - 2 * three / one + (two / one) ** 2
    gap = (weight**2 * centred**2).sum(axis=0) - (one - two / one)
    return _ratio(gap, information)


def _ratio(gap: Array, slope: Array) -> Array:
    return np.where(slope > FLAT, gap / np.where(slope > FLAT, slope, 1.0), 0.0)


def _quantile(ordered: Array, n: NDArray[np.intp], share: float) -> Array:
    """Return a quantile of each column's known values, which come first; NaN without any."""
    if not len(ordered):
        return np.full(ordered.shape[1], np.nan)
    place = share * np.maximum(n - 1, 0)
    low = np.floor(place).astype(np.intp)
    high = np.minimum(low + 1, np.maximum(n - 1, 0))
    columns = np.arange(ordered.shape[1])
    below, above = ordered[low, columns], ordered[high, columns]
    return np.where(n > 0, below + (place - low) * (above - below), np.nan)


def _refuse_share(share: float) -> None:
    if not 0 <= share < 0.5:
        raise UsageError(f"share={share!r}: give a share from 0 to below 0.5, such as {SHARE}.")
