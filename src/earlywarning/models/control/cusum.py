"""Has a series moved a little, and stayed there? The cumulative sum (CUSUM).

`cusum` adds up what exceeds an allowance, on each side; `cusum_chart` does so for a matrix
in published units and says how often chance would come so far; `cusum_arl` how long a chart
runs until it signals; `Cusum` gives each sum in limits. What chance does is in `cusum_null`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError
from earlywarning.models.control.cusum_null import cusum_at, cusum_tail, one_sided_arl
from earlywarning.models.control.limits import Array, Index, as_matrix
from earlywarning.models.control.residuals import standardised
from earlywarning.models.estimator import MatrixTransformer

ALLOWANCE = 0.5  # standard deviations: half of the shift that is to be found soonest
DECISION = 4.0  # standard deviations: a false alarm in 168 values, a shift of 1 found in 8


@dataclass(frozen=True, slots=True)
class CusumChart:
    """The sums after each period, and what chance would do.

    Attributes
    ----------
    high, low : ndarray of shape (n_authorities, n_periods)
        What has added up above and below the centre, in standard deviations, both 0 or more;
        NaN in gaps and where nothing is tested.
    above, below : ndarray of the same shape
        p-values of that period's sums against "no higher" and "no lower than the centre".
    step : ndarray of int, of the same shape
        How many values had been tested by then, this one included.
    status : ndarray of str, of shape (n_authorities,)
        "ok", "too few values" or "constant".
    """

    high: Array
    low: Array
    above: Array
    below: Array
    step: Index
    status: NDArray[np.str_]


def cusum(Z: ArrayLike, *, allowance: float = ALLOWANCE) -> tuple[Array, Array]:
    """Add up what standardised values exceed an allowance by, on each side, never below 0.

    Parameters
    ----------
    Z : array-like of shape (n_authorities, n_periods)
        Values in standard deviations from their centre, oldest period first, NaN in gaps.
    allowance : float, default=0.5
        In standard deviations.

    Returns
    -------
    high, low : ndarray of shape (n_authorities, n_periods)
        NaN in gaps, after which the sums go on from where they were.

    Notes
    -----
    Page, E. S. (1954), Continuous inspection schemes, Biometrika 41, 100-115.

    Examples
    --------
    >>> high, low = cusum([[1.0, 2.0, np.nan, -1.0, -3.0]])
    >>> high.tolist(), low.tolist()
    ([[0.5, 2.0, nan, 0.5, 0.0]], [[0.0, 0.0, nan, 0.5, 3.0]])
    """
    matrix = as_matrix(Z, "Z")
    _check(allowance, DECISION)
    published = np.isfinite(matrix)
    sums = np.full((2, *matrix.shape), np.nan)
    now = np.zeros((2, len(matrix)))
    for period in range(matrix.shape[1]):
        known = published[:, period]
        z = np.where(known, matrix[:, period], 0.0)
        added = np.maximum(now + np.stack([z, -z]) - allowance, 0.0)
        now = np.where(known, added, now)
        sums[:, :, period] = np.where(known, now, np.nan)
    return sums[0], sums[1]


def cusum_chart(
    X: ArrayLike,
    *,
    allowance: float = ALLOWANCE,
    baseline: int | None = None,
    centre: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
) -> CusumChart:
    """Compute the CUSUM of each series with its p-values.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        Values in the units of the metric, oldest period first, NaN where nothing is published.
    allowance : float, default=0.5
        In standard deviations.
    baseline : int, optional
        The first so many published values set centre and sigma, and are not added up.
    centre, sigma : array-like of shape () or (n_authorities,), optional
        Known beforehand, instead of a baseline.

    Returns
    -------
    CusumChart
        Matrices of the same shape.

    Raises
    ------
    UsageError
        If the allowance is not above 0, or there is neither baseline nor centre and sigma.

    Notes
    -----
    The p-values are exact for independent normal values, and allow for what a baseline does not
    know of mean and standard deviation. Each is that of one period by itself, and one-sided; of
    two sides, twice the smaller.

    Examples
    --------
    >>> chart = cusum_chart([[10.0, 11.0, 12.0, 12.0, 12.0]], centre=10.0, sigma=1.0)
    >>> chart.high[0, -1].item(), chart.above[0, -1].round(4).item()
    (5.0, 0.0006)
    """
    _check(allowance, DECISION)
    residuals = standardised(X, baseline=baseline, centre=centre, sigma=sigma)
    high, low = cusum(residuals.z, allowance=allowance)
    step, n = residuals.step, residuals.n_baseline
    above, below = (_tail(sums, step, allowance, n) for sums in (high, low))
    return CusumChart(high, low, above, below, step, residuals.status)


def _tail(sums: Array, step: Index, allowance: float, n_baseline: int) -> Array:
    p, tested = np.full(sums.shape, np.nan), np.isfinite(sums)
    p[tested] = cusum_tail(sums[tested], step[tested], allowance=allowance, n_baseline=n_baseline)
    return p


def _check(allowance: float, decision: float) -> None:
    if not 0 < allowance < np.inf or not 0 < decision < np.inf:
        raise UsageError(
            f"allowance={allowance!r}, decision={decision!r}: both are above 0, in standard "
            "deviations."
        )


def cusum_arl(
    allowance: float,
    decision: float,
    shift: float = 0.0,
    *,
    sides: Literal["one", "two"] = "two",
) -> float:
    """Compute how many values a CUSUM takes on average until it passes its decision.

    Parameters
    ----------
    allowance, decision : float
        In standard deviations.
    shift : float, default=0.0
        By how many standard deviations the values have moved, from the first on; with 0 it
        is how long the chart runs until a false alarm.
    sides : {"one", "two"}, default="two"
        Whether the sum of the shift's side signals, or either.

    Returns
    -------
    float
        The average run length, in values.

    Examples
    --------
    >>> round(cusum_arl(0.5, 4.0), 1), round(cusum_arl(0.5, 4.0, sides="one"), 1)
    (167.7, 335.4)
    """
    _check(allowance, decision)
    if sides not in ("one", "two"):
        raise UsageError(f"sides={sides!r}: give 'one' or 'two'.")
    towards = one_sided_arl(allowance, decision, shift)
    if sides == "one":
        return towards
    return 1 / (1 / towards + 1 / one_sided_arl(allowance, decision, -shift))


class Cusum(MatrixTransformer):
    """What has added up to one side in each series, in decisions.

    Parameters
    ----------
    allowance : float, default=0.5
        In standard deviations.
    decision : float, default=4.0
        The sum that signals, in standard deviations.
    baseline : int or None, default=8
        The first so many published values set centre and sigma, and are not added up.
    centre, sigma : float or None, default=None
        Known beforehand, with `baseline=None`.

    Attributes
    ----------
    chart_ : CusumChart
        That of the series fitted.

    Notes
    -----
    A series that is transformed is held against its own baseline, whether it was fitted or
    not. With a baseline, a sum counts as the one that chance reaches as often where centre and
    sigma are known: 8 values are no excuse for more false alarms.

    Examples
    --------
    >>> X = np.array([[10.0, 11.0, 12.0, 12.0, 12.0]])
    >>> Cusum(baseline=None, centre=10.0, sigma=1.0).fit_transform(X).round(2)
    array([[0.  , 0.12, 0.5 , 0.88, 1.25]])
    """

    def __init__(
        self,
        *,
        allowance: float = ALLOWANCE,
        decision: float = DECISION,
        baseline: int | None = 8,
        centre: float | None = None,
        sigma: float | None = None,
    ):
        self.allowance = allowance
        self.decision = decision
        self.baseline = baseline
        self.centre = centre
        self.sigma = sigma

    def fit(self, X: ArrayLike, y: None = None) -> Cusum:
        """Learn the chart of each series."""
        _check(self.allowance, self.decision)
        self.chart_ = self._chart(self._as_fitted(X))
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Return the scores, (n_authorities, n_periods): 0 expected, 1 and -1 at the decision.

        That of the larger of the two sums. NaN in gaps, over the baseline, and without limits.
        """
        chart = self._chart(self._as_judged(X))
        high, low = chart.high, chart.low
        if self.baseline is not None:
            high, low = (self._as_known(p, chart.step) for p in (chart.above, chart.below))
        return np.where(chart.below < chart.above, -low, high) / self.decision

    def _as_known(self, p: Array, step: Index) -> Array:
        """Return the sums that would have these p-values, were centre and sigma known."""
        sums = np.full(p.shape, np.nan)
        tested = np.isfinite(p)
        sums[tested] = cusum_at(p[tested], step[tested], allowance=self.allowance)
        return sums

    def _chart(self, matrix: Array) -> CusumChart:
        return cusum_chart(
            matrix,
            allowance=self.allowance,
            baseline=self.baseline,
            centre=self.centre,
            sigma=self.sigma,
        )
