"""Do authorities differ by more than one of them wavers about its own trend?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from earlywarning.models.robust import mad

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

LINE = 2  # what a straight line takes of the degrees of freedom


def signal_to_noise(x: Array, times: Array, kinds: Labels, *, fewest: int = 5) -> float:
    """Compare the variance between authorities with that of one about its own trend.

    Parameters
    ----------
    x : ndarray of shape (n_authorities, n_periods)
        NaN where nothing is published.
    times : ndarray of shape (n_periods,)
        When the periods end.
    kinds : ndarray of int of shape (n_authorities,)
        Each authority's type: the differences between types are no signal.
    fewest : int, default=5
        Values that a series must have to take part, 3 or more.

    Returns
    -------
    float
        A ratio of variances, 0 or more; NaN where no series is long enough or none wavers.

    Notes
    -----
    Noise: the variance about each series' least-squares line on m - 2 degrees of freedom, each
    over the share of it that half of all normal samples of its length stay below, and of these the
    median. Signal: the squared scaled median absolute deviation of the series' means from
    the middle of their type, less the part of it that is noise, noise times the mean of 1 / m.
    The ratio is that of Cronbach, L. J. and Gleser, G. C. (1964), The signal/noise ratio in
    the comparison of reliability coefficients, Educational and Psychological Measurement 24,
    467-480, with robust variances.

    Examples
    --------
    >>> waver = np.array([0.0, 1.0, -1.0, -1.0, 1.0, 0.0])
    >>> x = np.array([[0.0], [10.0], [20.0]]) + waver
    >>> round(signal_to_noise(x, np.arange(6.0), np.zeros(3, dtype=int)))
    184
    """
    known = np.isfinite(x)
    rows = np.flatnonzero(known.sum(axis=1) >= max(fewest, LINE + 1))
    if not rows.size:
        return float("nan")
    x, known, kinds = x[rows], known[rows], kinds[rows]
    n = known.sum(axis=1)
    level, about_line = _lines(x, known, times)
    freedom = n - LINE
    noise = float(np.median(about_line / chdtri(freedom, 0.5)))
    if not noise > 0:
        return float("nan")
    middle = np.array([np.median(level[kinds == kind]) for kind in range(kinds.max() + 1)
                       if (kinds == kind).any()])  # fmt: skip
    _, which = np.unique(kinds, return_inverse=True)
    between = mad(level - middle[which]) ** 2
    return max(0.0, between - noise * float((1 / n).mean())) / noise


def _lines(x: Array, known: NDArray[np.bool_], times: Array) -> tuple[Array, Array]:
    """Return each series' mean, and its sum of squares about its straight line."""
    n = known.sum(axis=1)
    level = np.where(known, x, 0.0).sum(axis=1) / n
    middle = (known @ times) / n
    t = np.where(known, times - middle[:, None], 0.0)
    y = np.where(known, x - level[:, None], 0.0)
    along = (t * y).sum(axis=1) / (t * t).sum(axis=1)
    left = y - along[:, None] * t
    squares = (left * left).sum(axis=1)
    rounding = 1e-24 * (np.where(known, x, 0.0) ** 2).sum(axis=1)
    return level, np.where(squares > rounding, squares, 0.0)
