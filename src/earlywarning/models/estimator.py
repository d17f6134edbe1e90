"""What do all estimators here share? A matrix with gaps, checked the way scikit-learn does it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data


class MatrixTransformer(TransformerMixin, BaseEstimator):
    """A transformer of authorities by periods, NaN where nothing is published."""

    def _as_fitted(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the matrix to learn from, its number of periods noted."""
        matrix = validate_data(self, X, ensure_all_finite="allow-nan", dtype=float)
        return np.asarray(matrix, dtype=float)

    def _as_judged(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the matrix to judge by what was learnt, of the same number of periods."""
        check_is_fitted(self)
        matrix = validate_data(self, X, reset=False, ensure_all_finite="allow-nan", dtype=float)
        return np.asarray(matrix, dtype=float)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
