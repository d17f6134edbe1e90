"""Between which limits does chance leave an authority of this size that is on target?

Limits about a target at each size of denominator: from chance alone, or widened by
what authorities differ in beyond it. `limits_crossed` counts those that a value lies
beyond.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, pdtrik

from earlywarning.errors import UsageError
from earlywarning.models.funnel.intervals import Limits, exact_count, tail_of
from earlywarning.models.funnel.scales import Scale, back, forward, refuse_unknown

Array = NDArray[np.float64]
Kind = Literal["proportion", "rate", "ratio"]

COVERAGES = (0.95, 0.998)  # the two pairs of limits of a funnel: about 2 and 3 sigma


def pooled_target(numerators: ArrayLike, denominators: ArrayLike) -> Array:
    """Compute all cases over all denominators of each period.

    Parameters
    ----------
    numerators, denominators : array-like of shape (n_authorities, n_periods)
        Counted where both are known and the denominator is above 0.

    Returns
    -------
    ndarray of shape (n_periods,)
        NaN where nothing is counted.

    Examples
    --------
    >>> pooled_target([[1.0], [3.0], [np.nan]], [[10.0], [10.0], [10.0]])
    array([0.2])
    """
    x, n = np.broadcast_arrays(np.asarray(numerators, float), np.asarray(denominators, float))
    counted = np.isfinite(x) & np.isfinite(n) & (n > 0)
    whole = np.where(counted, n, 0.0).sum(axis=0)
    cases = np.where(counted, x, 0.0).sum(axis=0)
    return np.where(whole > 0, cases / np.where(whole > 0, whole, 1.0), np.nan)


def share_limits(target: ArrayLike, whole: ArrayLike, *, coverage: float = 0.95) -> Limits:
    """Compute the limits of a share about a target, by the normal approximation.

    Parameters
    ----------
    target : array-like
        The share to expect, from 0 to 1.
    whole : array-like
        Denominators, of a shape that broadcasts with the target's.
    coverage : float, default=0.95
        Share of authorities on target that lie within.

    Returns
    -------
    lower, upper : ndarray
        Shares, cut at 0 and 1; NaN without a denominator above 0 or a target in [0, 1].

    Raises
    ------
    UsageError
        If the coverage is not between 0 and 1.

    Notes
    -----
    As in Public Health England's technical guidance for funnel plots.

    Examples
    --------
    >>> lower, upper = share_limits(0.8, [100, 10_000])
    >>> lower.round(3), upper.round(3)
    (array([0.722, 0.792]), array([0.878, 0.808]))
    """
    share, n = np.asarray(target, dtype=float), np.asarray(whole, dtype=float)
    share = np.where((share >= 0) & (share <= 1), share, np.nan)
    n = np.where((n > 0) & np.isfinite(n), n, np.nan)
    half = -ndtri(tail_of(coverage)) * np.sqrt(share * (1 - share) / n)
    return np.clip(share - half, 0.0, 1.0), np.clip(share + half, 0.0, 1.0)


def count_limits(expected: ArrayLike, *, coverage: float = 0.95) -> Limits:
    """Compute the limits of a Poisson count about its expectation, exactly.

    Parameters
    ----------
    expected : array-like
        Cases to expect: the target times the denominator.
    coverage : float, default=0.95
        Share of authorities on target that lie within.

    Returns
    -------
    lower, upper : ndarray
        Counts, not rounded: so many or fewer (or more) come by chance with just the
        stated probability. A lower limit of 0 where even no cases come more often;
        NaN where nothing above 0 is expected.

    Raises
    ------
    UsageError
        If the coverage is not between 0 and 1.

    Notes
    -----
    The inverse of `exact_count`: an expectation is beyond the interval of a count
    exactly where the count is beyond these limits.

    Examples
    --------
    >>> lower, upper = count_limits(10.0)
    >>> lower.round(2), upper.round(2)
    (np.float64(3.83), np.float64(17.13))
    """
    e = np.asarray(expected, dtype=float)
    usable = np.isfinite(e) & (e > 0)
    e, tail = np.where(usable, e, 1.0), tail_of(coverage)
    lower, upper = pdtrik(tail, e), pdtrik(1 - tail, e) + 1
    return np.where(usable, lower, np.nan), np.where(usable, upper, np.nan)


def widened_limits(
    target: ArrayLike,
    errors: ArrayLike,
    *,
    scale: Scale,
    coverage: float = 0.95,
    phi: float = 1.0,
    tau2: float = 0.0,
) -> Limits:
    """Compute limits about a target that allow for more than chance, brought back from a scale.

    Parameters
    ----------
    target : array-like
        The share, rate or ratio to expect.
    errors : array-like
        Standard errors by chance, in units of the scale; see `as_effects`.
    scale : {"arcsine", "root", "log", "log of counts"}
        On which they hold.
    coverage : float, default=0.95
        Share of authorities on target that lie within.
    phi, tau2 : float, default=1 and 0
        By which factor chance is raised, and what variance is added to it.

    Returns
    -------
    lower, upper : ndarray
        Shares, rates or ratios; what lies beyond the scale's end, at the end.

    Raises
    ------
    UsageError
        If the scale is unknown, the coverage not between 0 and 1, or phi or tau2 below 0.

    Notes
    -----
    Spiegelhalter, D. J. (2005), Funnel plots for comparing institutional performance,
    Statistics in Medicine 24, 1185-1202. Limits on the root scale are squared here;
    FunnelPlotR 0.6.0 draws those of its "CQC" method unsquared.

    Examples
    --------
    >>> lower, upper = widened_limits(1.0, [0.1], scale="log", tau2=0.03)
    >>> lower.round(3), upper.round(3)
    (array([0.676]), array([1.48]))
    """
    refuse_unknown(scale)
    if not (phi >= 0 and tau2 >= 0):
        raise UsageError(f"phi={phi!r}, tau2={tau2!r}: neither can be below 0 or missing.")
    centre = forward(target, scale=scale)
    spread = np.sqrt(phi * np.asarray(errors, dtype=float) ** 2 + tau2)
    half = -ndtri(tail_of(coverage)) * spread
    return back(centre - half, scale=scale), back(centre + half, scale=scale)


def limits_crossed(
    numerators: ArrayLike,
    denominators: ArrayLike,
    *,
    kind: Kind,
    target: ArrayLike | None = None,
    coverages: Sequence[float] = COVERAGES,
) -> Array:
    """Count the limits from chance alone that each value lies beyond.

    Parameters
    ----------
    numerators, denominators : array-like of shape (n_authorities, n_periods)
        Cases, and whole, exposed or expected.
    kind : {"proportion", "rate", "ratio"}
        Which limits: `share_limits`, or `count_limits`.
    target : array-like of shape (n_periods,), optional
        `pooled_target`, or 1 for a ratio, if none is given.
    coverages : sequence of float, default=(0.95, 0.998)
        Of the pairs of limits.

    Returns
    -------
    ndarray of the shape of the numerators
        0 within all limits, 2 above two upper ones, -1 below one lower one, and so
        on; NaN where there is no value.

    Raises
    ------
    UsageError
        If the kind is unknown, or a coverage not between 0 and 1.

    Examples
    --------
    >>> limits_crossed([8.0, 151.0, 0.0], [6.2, 106.4, 240.6], kind="ratio")
    array([ 0.,  2., -2.])
    """
    if kind not in get_args(Kind):
        raise UsageError(f"kind={kind!r}: give 'proportion', 'rate' or 'ratio'.")
    x, n = np.broadcast_arrays(np.asarray(numerators, float), np.asarray(denominators, float))
    if target is None:
        target = 1.0 if kind == "ratio" else pooled_target(x, n)
    known = np.isfinite(x) & np.isfinite(n) & (x >= 0) & (n > 0)
    if kind == "proportion":
        known &= x <= n
    x, n = np.where(known, x, np.nan), np.where(known, n, np.nan)
    crossed = np.where(known, 0.0, np.nan)
    for coverage in coverages:
        if kind == "proportion":
            lower, upper = share_limits(target, n, coverage=coverage)
            crossed += (x / n > upper) * 1.0 - (x / n < lower)
        else:
            expected = np.asarray(target, dtype=float) * n
            lower, upper = exact_count(x, coverage=coverage)
            crossed += (lower > expected) * 1.0 - (upper < expected)
    return crossed
