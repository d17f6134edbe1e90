"""On which scale does chance move a share, a rate or a ratio equally far, and how far?

A share on the arcsine of its root, a rate or ratio on its root, or on its logarithm:
there the standard error depends on the denominator alone (or nearly), so authorities
of all sizes can be set side by side.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError

Array = NDArray[np.float64]
Scale = Literal["arcsine", "root", "log", "log of counts"]

HALF_A_CASE = 0.5  # added to both counts of a ratio, so that none is a number too
ANSCOMBE = 0.375  # of a case added to either side: keeps the error of few cases what it should be


class Effects(NamedTuple):
    """Values on a scale, and by how much chance moves each."""

    value: Array
    error: Array


def as_effects(numerators: ArrayLike, denominators: ArrayLike, *, scale: Scale) -> Effects:
    """Bring shares, rates or ratios to a scale on which chance moves them equally far.

    Parameters
    ----------
    numerators, denominators : array-like
        Cases, and whole, exposed or expected; of shapes that broadcast.
    scale : {"arcsine", "root", "log", "log of counts"}
        "arcsine" for shares; "root" for rates and for observed over expected; "log" for
        observed over expected, its error that of an authority on target; "log of
        counts" for the ratio of two counts, both of them up to chance.

    Returns
    -------
    Effects
        Value and standard error on the scale; NaN where either number is missing or
        infinite, the denominator not above 0, the cases fewer than none or, of a share,
        more than the whole; on "log" also without cases.

    Raises
    ------
    UsageError
        If the scale is none of these.

    Notes
    -----
    Spiegelhalter, D. J. (2005), Funnel plots for comparing institutional performance,
    Statistics in Medicine 24, 1185-1202, appendix A.

    Examples
    --------
    >>> found = as_effects([406.0], [523.7], scale="log")
    >>> found.value.round(4), found.error.round(4)
    (array([-0.2546]), array([0.0437]))
    """
    refuse_unknown(scale)
    x, n = np.broadcast_arrays(np.asarray(numerators, float), np.asarray(denominators, float))
    usable = np.isfinite(x) & np.isfinite(n) & (x >= 0) & (n > 0)
    if scale == "arcsine":
        usable &= x <= n
    if scale == "log":
        usable &= x > 0
    x, n = np.where(usable, x, np.nan), np.where(usable, n, np.nan)
    if scale == "log of counts":
        x, n = x + HALF_A_CASE, n + HALF_A_CASE
        error = np.sqrt((x - HALF_A_CASE) / x**2 + (n - HALF_A_CASE) / n**2)
        return Effects(np.log(x / n), error)
    return Effects(forward(x / n, scale=scale), (1.0 if scale == "log" else 0.5) / np.sqrt(n))


def as_steady_effects(
    numerators: ArrayLike, denominators: ArrayLike, *, scale: Literal["arcsine", "root"]
) -> Effects:
    """Bring shares or rates to a scale whose errors hold down to a few cases.

    Parameters
    ----------
    numerators, denominators : array-like
        As for `as_effects`.
    scale : {"arcsine", "root"}
        For shares, and for rates and ratios.

    Returns
    -------
    Effects
        As of `as_effects`; `steady_back` brings values back.

    Raises
    ------
    UsageError
        If the scale is neither.

    Notes
    -----
    Anscombe, F. J. (1948), The transformation of Poisson, binomial and
    negative-binomial data, Biometrika 35, 246-254.

    Examples
    --------
    >>> as_steady_effects([20.0], [100.0], scale="arcsine").error.round(4)
    array([0.0499])
    """
    if scale not in ("arcsine", "root"):
        raise UsageError(f"scale={scale!r}: give 'arcsine' or 'root'.")
    plain = as_effects(numerators, denominators, scale=scale)
    n = np.where(np.isnan(plain.value), np.nan, np.asarray(denominators, dtype=float))
    x = np.where(np.isnan(plain.value), np.nan, np.asarray(numerators, dtype=float))
    if scale == "root":
        return Effects(np.sqrt((x + ANSCOMBE) / n), plain.error)
    return Effects(np.arcsin(np.sqrt((x + ANSCOMBE) / (n + 2 * ANSCOMBE))), 0.5 / np.sqrt(n + 0.5))


def steady_back(
    values: ArrayLike, denominators: ArrayLike, *, scale: Literal["arcsine", "root"]
) -> Array:
    """Return the shares or rates that `as_steady_effects` brings to these values.

    Examples
    --------
    >>> effects = as_steady_effects([20.0], [100.0], scale="root")
    >>> steady_back(effects.value, [100.0], scale="root").round(6)
    array([0.2])
    """
    n = np.asarray(denominators, dtype=float)
    if scale == "root":
        return np.asarray(np.maximum(back(values, scale=scale) - ANSCOMBE / n, 0.0))
    share = back(values, scale=scale) * (1 + 2 * ANSCOMBE / n) - ANSCOMBE / n
    return np.asarray(np.clip(share, 0.0, 1.0))


def forward(values: ArrayLike, *, scale: Scale) -> Array:
    """Return shares, rates or ratios on a scale.

    Examples
    --------
    >>> forward([0.25, 1.0], scale="root")
    array([0.5, 1. ])
    """
    x = np.asarray(values, dtype=float)
    if scale == "arcsine":
        return np.asarray(np.arcsin(np.sqrt(x)))
    return np.asarray(np.sqrt(x) if scale == "root" else np.log(x))


def back(values: ArrayLike, *, scale: Scale) -> Array:
    """Return values on a scale as shares, rates or ratios; what lies beyond its end, as the end.

    Examples
    --------
    >>> back([-0.1, 0.5], scale="root")
    array([0.  , 0.25])
    """
    x = np.asarray(values, dtype=float)
    if scale == "arcsine":
        return np.asarray(np.sin(np.clip(x, 0.0, np.pi / 2)) ** 2)
    return np.asarray(np.maximum(x, 0.0) ** 2 if scale == "root" else np.exp(x))


def refuse_unknown(scale: str) -> None:
    """Raise where a scale is not known here."""
    if scale not in get_args(Scale):
        known = ", ".join(repr(name) for name in get_args(Scale))
        raise UsageError(f"scale={scale!r}: give one of {known}.")
