"""On which scale are differences of a metric alike, and which way is worse?

`Orientation` turns published values into `x`, on which equal steps mean equally much
and up is worse, and turns limits and expectations back. Zeros and ones of a share are
drawn in a little first, by the half of a case where the denominator is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHARE_MARGIN = 0.001  # share of the whole: how far 0 % and 100 % are drawn in, denominator unknown
WHOLE = {"percent": 100.0}  # what a share is out of; 1 otherwise


@dataclass(frozen=True, slots=True)
class Orientation:
    """A monotone transform of a metric's values, up is worse.

    Parameters
    ----------
    transform : {"identity", "log", "logit", "asinh"}
        The scale; `as_oriented` replaces a log by asinh where the metric is not positive.
    sign : {1, -1}
        -1 where a higher value is better.
    whole : float, default=1
        For logit: the value that stands for all, 100 in percent.
    size : float, default=1
        For asinh: below this size differences count as they are, above it in proportion.

    Examples
    --------
    >>> share = Orientation("logit", sign=-1, whole=100.0)
    >>> share.back(share.forward(np.array([91.2]))).round(1)
    array([91.2])
    """

    transform: str = "identity"
    sign: int = 1
    whole: float = 1.0
    size: float = 1.0

    def forward(self, values: Array, denominator: Array | None = None) -> Array:
        """Return x for values of any shape, in units of the scale; NaN stays NaN."""
        if self.transform == "log":
            x = np.log(values)
        elif self.transform == "logit":
            margin = share_margin(denominator)
            share = (values / self.whole + margin) / (1 + 2 * margin)
            x = np.log(share / (1 - share))
        elif self.transform == "asinh":
            x = np.arcsinh(values / self.size)
        else:
            x = values
        return np.asarray(self.sign * x, dtype=float)

    def back(self, x: Array, denominator: Array | None = None) -> Array:
        """Return values in the metric's units for x; `denominator` as for `forward`."""
        y = self.sign * x
        if self.transform == "log":
            y = np.exp(y)
        elif self.transform == "logit":
            margin = share_margin(denominator)
            drawn_out = (1 + 2 * margin) / (1 + np.exp(-y)) - margin
            y = self.whole * np.clip(drawn_out, 0, 1)
        elif self.transform == "asinh":
            y = self.size * np.sinh(y)
        return np.asarray(y, dtype=float)


def share_margin(denominator: Array | None) -> Array:
    """Return how far 0 % and 100 % are drawn in: half a case, or a set margin where unknown.

    Examples
    --------
    >>> share_margin(np.array([50.0, np.nan]))
    array([0.01 , 0.001])
    """
    if denominator is None:
        return np.asarray(SHARE_MARGIN)
    half_a_case = 0.5 / np.maximum(denominator, 1)
    return np.asarray(np.where(np.isfinite(half_a_case), half_a_case, SHARE_MARGIN))


def as_oriented(values: Array, transform: str, unit: str, higher_is: str) -> Orientation:
    """Choose the orientation of a metric's values.

    A scale the values do not fit (a log of nothing, a share above the whole) is replaced
    by asinh, which takes any number: no value is lost to a transform.

    Examples
    --------
    >>> as_oriented(np.array([0.0, 5.0]), "log", "count", "worse").transform
    'asinh'
    """
    known = values[np.isfinite(values)]
    whole = WHOLE.get(unit, 1.0)
    misfit = (transform == "log" and (known <= 0).any()) or (
        transform == "logit" and ((known < 0) | (known > whole)).any()
    )
    if misfit:
        transform = "asinh"
    away = np.abs(known[known != 0])
    size = float(np.quantile(away, 0.25)) if transform == "asinh" and away.size else 1.0
    return Orientation(transform, -1 if higher_is == "better" else 1, whole, size)
