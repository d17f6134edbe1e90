"""How much of standing out will still be there next time?

Whoever stands out was lucky as well as good. How much of the mean of some periods is found
again in the next one is learnt from all authorities and all periods of a metric.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.robust import mad

Array = NDArray[np.float64]

FEWEST_PAIRS = 30  # of a mean and what came next, to learn from
FURTHEST = 5.0  # spreads: what is further counts as that far


class Foretold(NamedTuple):
    """What to expect of the next period.

    Each series' `expected` and `n_recent`, (n,); of all the `share` of the recent mean that is
    found again, and the `spread` about it.
    """

    expected: Array
    n_recent: NDArray[np.intp]
    share: float
    spread: float


def foretold(z: Array, *, recent: int = 4) -> Foretold:
    """Expect the next period from the mean of the recent ones, drawn to the middle.

    Parameters
    ----------
    z : ndarray of shape (n_authorities, n_periods)
        How far each value is from its peers' middle, in their spreads, the newest last; NaN in
        gaps.
    recent : int, default=4
        Periods whose mean counts; of those at least half must be known.

    Returns
    -------
    Foretold
        `share` and `spread` are NaN, and so is what is expected, where there are too few
        pairs of a mean and a next period to learn from.

    Notes
    -----
    The slope of the next value on the mean, through 0, from 0 to 1: Galton, F. (1886), Regression
    towards mediocrity in hereditary stature, Journal of the Anthropological Institute 15,
    246-263. What remembers the period before is allowed for, as it is in the pairs.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> z = rng.normal(size=(500, 1)) + rng.normal(size=(500, 9))
    >>> round(foretold(z).share, 1)  # 1 / (1 + 1 / 4)
    0.8
    """
    known = np.isfinite(z)
    x = np.where(known, np.clip(np.nan_to_num(z), -FURTHEST, FURTHEST), 0.0)
    n_known, total = (np.cumsum(np.pad(part, ((0, 0), (1, 0))), axis=1) for part in (known, x))
    window = min(recent, z.shape[1])
    count = n_known[:, window:] - n_known[:, : n_known.shape[1] - window]
    enough = count >= max(1, -(-window // 2))
    mean = (total[:, window:] - total[:, : total.shape[1] - window]) / np.maximum(count, 1)
    pairs = enough[:, :-1] & known[:, window:]
    before, after = mean[:, :-1][pairs], x[:, window:][pairs]
    n_recent = np.where(enough[:, -1], count[:, -1], 0).astype(np.intp)
    if len(before) < FEWEST_PAIRS or not (before**2).sum() > 0:
        return Foretold(np.full(len(z), np.nan), n_recent, float("nan"), float("nan"))
    share = float(np.clip((before * after).sum() / (before**2).sum(), 0.0, 1.0))
    expected = np.where(enough[:, -1], share * mean[:, -1], np.nan)
    return Foretold(expected, n_recent, share, float(mad(after - share * before)))
