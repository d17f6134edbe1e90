"""Has a series moved a little, for a while? The exponentially weighted moving average (EWMA).

`ewma_chart` gives the average, its exact limits and the p-values of each period; `ewma_arl`
how long a chart runs until it signals; `Ewma` gives each average's distance in limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, stdtr, stdtrit

from earlywarning.errors import UsageError
from earlywarning.models.control.limits import Array
from earlywarning.models.control.residuals import standardised
from earlywarning.models.estimator import MatrixTransformer


@dataclass(frozen=True, slots=True)
class EwmaChart:
    """The average after each period, its limits, and what chance would do.

    Attributes
    ----------
    average, lower, upper : ndarray of shape (n_authorities, n_periods)
        In the units of the matrix; NaN in gaps and where nothing is tested.
    centre : ndarray of shape (n_authorities, 1)
        In the units of the matrix.
    above, below : ndarray of shape (n_authorities, n_periods)
        p-values of that period's average against "no higher" and "no lower than the centre".
    status : ndarray of str, of shape (n_authorities,)
        "ok", "too few values" or "constant".
    """

    average: Array
    lower: Array
    upper: Array
    centre: Array
    above: Array
    below: Array
    status: NDArray[np.str_]


def ewma_chart(
    X: ArrayLike,
    *,
    weight: float = 0.2,
    width: float = 3.0,
    baseline: int | None = None,
    centre: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
) -> EwmaChart:
    """Compute the EWMA of each series with limits and p-values.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        Values in the units of the metric, oldest period first, NaN where nothing is published.
    weight : float, default=0.2
        Of the newest value, above 0 and at most 1; the average starts from the centre.
    width : float, default=3.0
        Standard deviations from the centre to a limit, if centre and sigma are known; for a
        baseline, that many in probability: the limits are those of Student's t.
    baseline : int, optional
        The first so many published values set centre and sigma, and are not averaged.
    centre, sigma : array-like of shape () or (n_authorities,), optional
        Known beforehand, instead of a baseline.

    Returns
    -------
    EwmaChart
        A gap has no average; the next value continues from the one before it.

    Raises
    ------
    UsageError
        If `weight` or `width` is out of range, or there is neither baseline nor centre and sigma.

    Notes
    -----
    The p-values are exact for independent normal values. With a baseline of n, an average less
    the baseline's mean has the variance of both, and over the baseline's standard deviation it
    follows t with n - 1 degrees of freedom. Each p is that of one period by itself. Roberts, S.
    W. (1959), Control chart tests based on geometric moving averages, Technometrics 1, 239-250.

    Examples
    --------
    >>> chart = ewma_chart([[10.0, 11.0, 12.0, 12.0, 12.0]], centre=10.0, sigma=1.0)
    >>> chart.average.round(2)
    array([[10.  , 10.2 , 10.56, 10.85, 11.08]])
    >>> chart.above[0, -1].round(4)
    np.float64(0.0003)
    """
    _check(weight, width)
    residuals = standardised(X, baseline=baseline, centre=centre, sigma=sigma)
    tested = np.isfinite(residuals.z)
    z = _weighted(np.nan_to_num(residuals.z), tested, weight)
    error = _standard_error(residuals.step, weight, residuals.n_baseline)
    middle, unit = residuals.centre, residuals.sigma
    half = np.where(tested, _in_probability(width, residuals.n_baseline) * error * unit, np.nan)
    average = np.where(tested, middle + unit * z, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(tested, z / error, np.nan)
    above, below = _tails(t, residuals.n_baseline)
    status = residuals.status
    return EwmaChart(average, middle - half, middle + half, middle, above, below, status)


def _check(weight: float, width: float) -> None:
    if not 0 < weight <= 1 or not 0 < width < np.inf:
        raise UsageError(
            f"weight={weight!r}, width={width!r}: a weight is above 0 and at most 1, a width is "
            "above 0."
        )


def _weighted(z: Array, tested: NDArray[np.bool_], weight: float) -> Array:
    """Return the average after each period; a period without a value leaves it as it was."""
    average = np.zeros(z.shape)
    now = np.zeros(len(z))
    for period in range(z.shape[1]):
        now = now + np.where(tested[:, period], weight * (z[:, period] - now), 0.0)
        average[:, period] = now
    return average


def _standard_error(step: NDArray[np.intp], weight: float, n_baseline: int) -> Array:
    """Return the standard deviation of an average of so many values, by that of a value.

    To the variance of the average comes that of the baseline's mean, as far as it is weighed.
    """
    left = (1 - weight) ** step.astype(float)
    variance = weight / (2 - weight) * (1 - left**2)
    if n_baseline:
        variance = variance + (1 - left) ** 2 / n_baseline
    return np.asarray(np.sqrt(variance))


def _tails(t: Array, n_baseline: int) -> tuple[Array, Array]:
    if n_baseline:
        return stdtr(n_baseline - 1, -t), stdtr(n_baseline - 1, t)
    return ndtr(-t), ndtr(t)


def _in_probability(width: float, n_baseline: int) -> float:
    """Return the quantile of t that leaves outside what `width` leaves of a normal value."""
    if not n_baseline:
        return width
    return float(-stdtrit(n_baseline - 1, ndtr(-width)))


def ewma_arl(weight: float, width: float, shift: float = 0.0) -> float:
    """Compute how many values an EWMA chart takes on average until it signals.

    Parameters
    ----------
    weight : float
        Of the newest value.
    width : float
        Of the limits, both sides, in standard deviations of the average in the long run.
    shift : float, default=0.0
        By how many standard deviations the values have moved, from the first on; with 0 it
        is how long the chart runs until a false alarm.

    Returns
    -------
    float
        The average run length, in values.

    Notes
    -----
    Solves the integral equation of Crowder, S. V. (1987), A simple method for studying
    run-length distributions of EWMA charts, Technometrics 29, 401-407, by Gauss-Legendre
    quadrature.

    Examples
    --------
    >>> round(ewma_arl(0.2, 2.962), 1), round(ewma_arl(0.2, 2.962, 1.0), 2)
    (499.7, 10.54)
    """
    _check(weight, width)
    limit = width * np.sqrt(weight / (2 - weight))
    n = int(np.ceil(60 + 2 * width / np.sqrt(weight)))
    nodes, weights = np.polynomial.legendre.leggauss(n)
    nodes, weights = limit * nodes, limit * weights / weight
    stay = (1 - weight) * np.append(nodes, 0.0)[:, None]
    kernel = weights * np.exp(-0.5 * ((nodes - stay) / weight - shift) ** 2)
    # What the nodes of a row add up to is known exactly: the chance to stay within the limits.
    within = ndtr((limit - stay) / weight - shift) - ndtr((-limit - stay) / weight - shift)
    kernel *= within / kernel.sum(axis=1, keepdims=True)
    length = np.linalg.solve(np.eye(n) - kernel[:n], np.ones(n))
    return float(1 + kernel[n] @ length)


class Ewma(MatrixTransformer):
    """Distance of each series' moving average from its centre, in limits.

    Parameters
    ----------
    weight : float, default=0.2
        Of the newest value.
    width : float, default=3.0
        Of the limits, in standard deviations.
    baseline : int or None, default=8
        The first so many published values set centre and sigma, and are not averaged.
    centre, sigma : float or None, default=None
        Known beforehand, with `baseline=None`.

    Attributes
    ----------
    chart_ : EwmaChart
        That of the series fitted.

    Notes
    -----
    A series that is transformed is held against its own baseline, whether it was fitted or not.

    Examples
    --------
    >>> X = np.array([[4.0, 6.0, 5.0, 6.0, 4.0, 9.0, 9.0]])
    >>> Ewma(baseline=5).fit_transform(X).round(2)
    array([[ nan,  nan,  nan,  nan,  nan, 0.55, 0.72]])
    """

    def __init__(
        self,
        *,
        weight: float = 0.2,
        width: float = 3.0,
        baseline: int | None = 8,
        centre: float | None = None,
        sigma: float | None = None,
    ):
        self.weight = weight
        self.width = width
        self.baseline = baseline
        self.centre = centre
        self.sigma = sigma

    def fit(self, X: ArrayLike, y: None = None) -> Ewma:
        """Learn the chart of each series."""
        self.chart_ = self._chart(self._as_fitted(X))
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Return the scores, (n_authorities, n_periods): 0 expected, 1 and -1 at the limits.

        NaN in gaps, over the baseline, and without limits.
        """
        chart = self._chart(self._as_judged(X))
        return (chart.average - chart.centre) / (chart.upper - chart.centre)

    def _chart(self, matrix: Array) -> EwmaChart:
        return ewma_chart(
            matrix,
            weight=self.weight,
            width=self.width,
            baseline=self.baseline,
            centre=self.centre,
            sigma=self.sigma,
        )
