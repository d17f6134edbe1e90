"""What if each reviewed authority stands for those that were as likely to be reviewed?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from earlywarning.errors import UsageError
from earlywarning.settings import Settings
from earlywarning.validation.metrics import bootstrap_interval
from earlywarning.validation.metrics.rows import share
from earlywarning.validation.selection.rows import Array, Reviewed, as_reviewed, measures

LEAST_CHANCE = 0.05  # of a review: a smaller one counts as this, so that none stands for over 20
LENT = 5.0  # authorities' worth of its type's share that a band of a type is given
BANDS = (3 * 365, 5 * 365)  # days since the last review; five years is how often one is due
WEIGHTED = (
    "measure", "estimate", "lower", "upper", "n_reviewed", "effective_n", "n_truncated",
    "share_uncovered", "n_undefined",
)  # fmt: skip


def review_chances(
    reviewed: ArrayLike, types: ArrayLike, *, days_since_last: ArrayLike | None = None
) -> Array:
    """Return how likely a review was, by type, and by how long ago the last one was.

    Parameters
    ----------
    reviewed : array-like of bool of shape (n,)
        Who was reviewed.
    types : array-like of str of shape (n,)
        The type of each.
    days_since_last : array-like of shape (n,), optional
        Days since the review before, NaN where there was none. Within a type those under
        three years, three to five, over five and never are taken apart, each band drawn to
        its type by five authorities' worth.

    Returns
    -------
    ndarray of shape (n,)
        From 0 to 1.

    Examples
    --------
    >>> review_chances([True, False, True, True], ["district", "district", "county", "county"])
    array([0.5, 0.5, 1. , 1. ])
    """
    seen = pd.Series(np.asarray(reviewed, dtype=float))
    of_type = np.asarray(types).astype(str)
    chance = seen.groupby(of_type).transform("mean")
    if days_since_last is None:
        return chance.to_numpy(dtype=float)
    band = np.digitize(np.nan_to_num(np.asarray(days_since_last, dtype=float), nan=np.inf), BANDS)
    band = np.where(np.isnan(np.asarray(days_since_last, dtype=float)), len(BANDS) + 1, band)
    cells = seen.groupby([of_type, band])
    drawn = (cells.transform("sum") + LENT * chance) / (cells.transform("size") + LENT)
    return drawn.to_numpy(dtype=float)


def weighted_measures(
    score: ArrayLike,
    event: ArrayLike,
    reviewed: ArrayLike,
    chance: ArrayLike,
    *,
    authorities: ArrayLike,
    capacity: float,
    draws: int = 1000,
    coverage: float = 0.95,
    seed: int = Settings().seed,
) -> pd.DataFrame:
    """Estimate each measure with the reviewed standing for all that were as likely to be.

    Parameters
    ----------
    score, event, reviewed : array-like of shape (n,)
        As `selection_bounds` takes them.
    chance : array-like of shape (n,)
        How likely each was to be reviewed, such as `review_chances` gives. A chance below
        0.05 counts as 0.05.
    authorities : array-like of str of shape (n,)
        Whose rows they are; limits are by a bootstrap over them.
    capacity : float
        How many of the highest scores are taken, of all.
    draws, coverage, seed : int, float, int
        Of the bootstrap, in which the chances stay as they are.

    Returns
    -------
    DataFrame
        Columns `WEIGHTED`; a row for precision, recall and AUC. `effective_n` is Kish's:
        how many rows of one weight would be as good. `share_uncovered` is of rows whose
        like was never reviewed: nobody stands for them. `n_undefined` draws gave no value.

    Raises
    ------
    UsageError
        As `selection_bounds`, or if a chance is not from 0 to 1, or 0 for one reviewed.

    Notes
    -----
    Weights 1 / chance, divided by their sum (Hajek 1971). Kish, L. (1965), Survey Sampling.

    Examples
    --------
    >>> table = weighted_measures(
    ...     [4, 3, 2, 1], [1, 0, 0, 0], [1, 1, 1, 0], [1, 0.5, 0.5, 0.5],
    ...     authorities=list("ABCD"), capacity=2, draws=100,
    ... )
    >>> table["estimate"].round(2).to_list(), table["effective_n"][0].round(2)
    ([0.33, 1.0, 1.0], np.float64(2.78))
    """
    rows = as_reviewed(score, event, reviewed, capacity)
    likely = np.asarray(chance, dtype=float)
    if likely.shape != rows.score.shape or not ((likely >= 0) & (likely <= 1)).all():
        raise UsageError("Chances of a review: give one a row, from 0 to 1.")
    if (likely[rows.reviewed] == 0).any():
        raise UsageError("Reviewed rows have a chance of 0: what happened was possible.")
    weight = np.where(rows.reviewed, 1 / np.maximum(likely, LEAST_CHANCE), 0.0)
    counted = {
        "n_reviewed": int(rows.reviewed.sum()),
        "effective_n": float(share(weight.sum() ** 2, (weight**2).sum())),
        "n_truncated": int((rows.reviewed & (likely < LEAST_CHANCE)).sum()),
        "share_uncovered": float((likely == 0).mean()),
    }
    table = []
    for measure in ("precision", "recall", "roc_auc"):
        found = bootstrap_interval(
            _weighted(rows, weight, measure), authorities, draws=draws, coverage=coverage, seed=seed
        )
        table.append({"measure": measure, **found._asdict(), **counted})
    return pd.DataFrame(table)[list(WEIGHTED)]


def _weighted(rows: Reviewed, weight: Array, measure: str) -> Callable[[Array], Array]:
    return lambda drawn: measures(rows, drawn * weight)[measure]
