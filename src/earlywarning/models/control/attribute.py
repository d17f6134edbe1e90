"""Between which limits do a share, a rate or a count stay, given how many they are of?

Charts of counts with their denominators. p, u and c take chance to be binomial or Poisson;
Laney's p' and u' widen that by what is seen from one period to the next, and i' takes
nothing for granted but that the variance falls with the denominator. Limits differ by period.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from earlywarning.errors import UsageError
from earlywarning.models.control.limits import (
    Array,
    Limits,
    as_matrix,
    as_segments,
    in_baseline,
    limit_status,
    segment_means,
)
from earlywarning.models.control.xmr import Screening, mean_step

Chart = Literal["p", "u", "c", "p'", "u'", "i'"]
CHARTS = ("p", "u", "c", "p'", "u'", "i'")

RANGE_TO_SIGMA = 1.128  # mean moving range of normal values, in standard deviations, as tabled
STEP_TO_SIGMA = np.sqrt(np.pi / 2)  # standard deviation of a normal step, over its mean size


def attribute_chart(
    counts: ArrayLike,
    denominators: ArrayLike | None = None,
    *,
    chart: Chart,
    baseline: int | None = None,
    moving_ranges: Screening = "screened",
    rebase: ArrayLike | None = None,
) -> tuple[Array, Limits]:
    """Compute what a chart of counts shows: shares, rates or counts, and their limits.

    Parameters
    ----------
    counts : array-like of shape (n_authorities, n_periods)
        Whole numbers, oldest period first, NaN where nothing is published; for i' any amount.
    denominators : array-like of the same shape, optional
        What they are of: cases for p and p', opportunities or person-years for u and u'. None
        for c. Where a denominator is 0 or missing there is no value and no limit.
    chart : {"p", "u", "c", "p'", "u'", "i'"}
        Which variance: binomial (p), Poisson (u, and c without denominators), either times that
        of the standardised values (p', u'), or in inverse proportion to the denominator (i').
    baseline : int, optional
        Limits are set by so many first values of a stretch; without it by all.
    moving_ranges : {"screened", "all"}, default="screened"
        For p', u' and i': whether unusually long steps are left out.
    rebase : array-like of bool, of shape (n_periods,) or (n_authorities, n_periods), optional
        True where limits begin anew.

    Returns
    -------
    values : ndarray of shape (n_authorities, n_periods)
        Counts over denominators.
    limits : Limits
        In the same units; cut at 0, and those of p and p' at 1.

    Raises
    ------
    UsageError
        If counts are not whole or negative, exceed their cases, or have no denominator.

    Notes
    -----
    Montgomery, D. C. (2013), Introduction to Statistical Quality Control, 7th edition, chapter
    7. Laney, D. B. (2002), Improved control charts for attributes, Quality Engineering 14,
    531-537. Taylor, W. A. (2017), Normalized individuals control chart.

    Examples
    --------
    >>> values, limits = attribute_chart([[12, 8, 6, 9]], [[100, 80, 80, 100]], chart="p")
    >>> values.round(3)
    array([[0.12 , 0.1  , 0.075, 0.09 ]])
    >>> limits.upper.round(3)
    array([[0.186, 0.197, 0.197, 0.186]])
    """
    amounts, cases = _checked(counts, denominators, chart)
    segment = as_segments(rebase, amounts.shape)
    with np.errstate(all="ignore"):
        values = amounts / cases
    published = np.isfinite(values)
    values = np.where(published, values, np.nan)
    counted = in_baseline(published, segment, baseline)
    total, n_values = segment_means(np.nan_to_num(amounts), counted, segment)
    centre = total / segment_means(np.nan_to_num(cases), counted, segment)[0]
    sigma = _expected_sigma(centre, cases, chart)
    if chart.endswith("'"):
        step = _steps(values, centre, sigma, chart)
        sigma = sigma * mean_step(step, counted, segment, moving_ranges)
    centre = np.where(np.isnan(sigma), np.nan, centre)
    status = limit_status(n_values, segment_means(values, published, segment)[1], sigma)
    lowest, highest = -np.inf if chart == "i'" else 0.0, 1.0 if chart[0] == "p" else np.inf
    lower, upper = (np.clip(centre + k * sigma, lowest, highest) for k in (-3, 3))
    return values, Limits(centre, lower, upper, sigma, segment, n_values, status)


def _expected_sigma(centre: Array, cases: Array, chart: Chart) -> Array:
    """Return the standard deviation that chance gives a value with that many cases."""
    if chart == "i'":
        variance = np.ones_like(centre)
    else:
        variance = centre * np.maximum(1 - centre, 0) if chart[0] == "p" else centre
    with np.errstate(all="ignore"):
        sigma = np.sqrt(variance / cases)
    return np.where((cases > 0) & np.isfinite(sigma), sigma, np.nan)


def _steps(values: Array, centre: Array, sigma: Array, chart: Chart) -> Array:
    """Return each step from the period before, in expected standard deviations of a value.

    Laney standardises each value by itself; i' holds a step against its own variance.
    """
    step = np.zeros(values.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        if chart == "i'":
            spread = np.sqrt(sigma[:, 1:] ** 2 + sigma[:, :-1] ** 2)
            step[:, 1:] = STEP_TO_SIGMA * np.abs(np.diff(values, axis=1)) / spread
        else:
            z = np.where(sigma > 0, (values - centre) / sigma, 0.0)
            step[:, 1:] = np.abs(np.diff(z, axis=1)) / RANGE_TO_SIGMA
    return step


def _checked(counts: ArrayLike, denominators: ArrayLike | None, chart: str) -> tuple[Array, Array]:
    """Return counts and denominators as matrices, or say all that is wrong with them."""
    if chart not in CHARTS:
        raise UsageError(f"chart={chart!r}: give one of {', '.join(CHARTS)}.")
    if (denominators is None) != (chart == "c"):
        raise UsageError(
            "A c chart has no denominators, every other has: choose the chart by them."
        )
    amounts = as_matrix(counts, "counts")
    cases = (
        np.ones_like(amounts) if denominators is None else as_matrix(denominators, "denominators")
    )
    if amounts.shape != cases.shape:
        raise UsageError(f"counts are {amounts.shape}, denominators {cases.shape}.")
    problems = list(_problems(amounts, cases, chart))
    if problems:
        raise UsageError(" ".join(problems))
    return amounts, cases


def _problems(amounts: Array, cases: Array, chart: str) -> Iterator[str]:
    whole = chart != "i'"
    found = {
        "negative denominators": cases < 0,
        "negative counts": whole & (amounts < 0),
        "counts that are not whole numbers": whole & (amounts != np.rint(amounts))
        & np.isfinite(amounts),
        "counts above their denominators": (chart[0] == "p") & (amounts > cases),
        "counts whose denominator is 0": (cases == 0) & (np.nan_to_num(amounts) != 0),
    }  # fmt: skip
    for what, where in found.items():
        if where.any():
            row, column = np.argwhere(where)[0]
            yield f"{what}: {where.sum()}, the first in row {row}, period {column}."
