"""The structural contrasts as a scikit-learn estimator, which knows no calendar and no groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.models.contrasts import Contrasts, as_z
from earlywarning.models.estimator import MatrixTransformer
from earlywarning.models.structural import contrasts, learn

Array = NDArray[np.float64]


class StructuralBank(MatrixTransformer):
    """Scikit-learn's view of the bank: one group of peers, periods one interval apart.

    Attributes
    ----------
    fit_ : BankFit
        The weights, variances and movements learnt.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 10))
    >>> X[0, -1] += 6
    >>> StructuralBank().fit_transform(X)[:, 0].argmax().item()
    0
    """

    def fit(self, X: ArrayLike, y: None = None) -> StructuralBank:
        """Learn from the authorities of one metric, (n_authorities, n_periods)."""
        matrix = self._as_fitted(X)
        times = np.arange(matrix.shape[1], dtype=np.float64)
        self.fit_ = learn(matrix, times, np.zeros(len(matrix), dtype=np.intp))
        return self

    def contrasts(self, X: ArrayLike) -> Contrasts:
        """Judge authorities by what was learnt; those that were fitted are not their own peers."""
        matrix = self._as_judged(X)
        return contrasts(matrix, np.zeros(len(matrix), dtype=np.intp), self.fit_)

    def transform(self, X: ArrayLike) -> Array:
        """Return z of the three contrasts, (n_authorities, 3); above 0 is higher than expected."""
        judged = self.contrasts(X)
        return as_z(judged.above, judged.below)
