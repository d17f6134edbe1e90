"""How likely is an outcome, given points, if more points may never make it less likely?

`OutcomeLogistic` is a logistic regression whose coefficients are held at 0 or above and
shrunk, towards none or towards one another. It knows nothing of days: which rows it may
learn from is settled in `earlywarning.validation.learning`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, minimize
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from earlywarning.errors import UsageError

Array = NDArray[np.float64]
Vector = np.ndarray[tuple[int], np.dtype[np.float64]]

GRADIENT = 1e-10  # of the mean loss, at which the solver stops
FLAT = 1e-6  # of the mean loss: a steeper end is no end, and is warned of
MOST_STEPS = 10_000  # of the solver; tens are usual
COMMON_C = 1.0  # towards="equal": the common slope's, in log odds a standard deviation of the sum


class OutcomeLogistic(ClassifierMixin, BaseEstimator):
    """Logistic regression with coefficients of 0 or more, and an L2 penalty.

    Parameters
    ----------
    C : float, default=1.0
        How much the data count against the penalty, as in scikit-learn's
        `LogisticRegression`: the sum of the losses is multiplied by it.
    towards : {"zero", "equal"}, default="zero"
        What the penalty draws coefficients to. "zero": each to 0. "equal": to their mean,
        each taken as its feature's part in the variance of the sum of all, so that with a
        small `C` only that plain sum counts. The mean itself has a weak penalty, that of
        the plain sum alone with `C` of 1, whatever `C` is.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels, sorted; the second is the event.
    coef_ : ndarray of shape (1, n_features)
        Log odds a unit of each feature, none below 0.
    intercept_ : ndarray of shape (1,)
        Log odds where all features are 0. It is free, and not penalised.
    scale_ : float
        What all features are divided by before the penalty is taken: the root of the
        mean of their variances, those that do not vary left out. One number, for points
        of one theme are points of another; 1 where none varies.
    n_iter_ : int
        Steps of the solver.

    Notes
    -----
    Solved by L-BFGS-B (Byrd, R. H., Lu, P., Nocedal, J. and Zhu, C. 1995, A limited memory
    algorithm for bound constrained optimization, SIAM Journal on Scientific Computing 16,
    1190-1208). Where no bound binds and `towards="zero"`, it is scikit-learn's
    `LogisticRegression` on features divided by `scale_`.

    Examples
    --------
    >>> points = [[0.0, 3.0], [1.0, 2.0], [4.0, 3.0], [6.0, 2.0]]
    >>> model = OutcomeLogistic().fit(points, [False, False, True, True])
    >>> model.coef_.round(2)
    array([[0.59, 0.05]])
    >>> model.predict_proba([[5.0, 0.0]]).round(2)
    array([[0.22, 0.78]])
    """

    def __init__(self, *, C: float = 1.0, towards: Literal["zero", "equal"] = "zero"):
        self.C = C
        self.towards = towards

    def fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> OutcomeLogistic:
        """Learn from X, (n_rows, n_features), and two kinds of labels; weights count rows."""
        self._check_parameters()
        matrix, labels = validate_data(self, X, y, dtype=float)
        check_classification_targets(labels)
        kind = type_of_target(labels)
        if kind != "binary":
            raise UsageError(
                f"Only binary classification is supported. The type of the target is {kind}."
            )
        weight = _check_sample_weight(sample_weight, matrix, ensure_non_negative=True)
        matrix, labels, weight = (a[weight > 0] for a in (matrix, labels, weight))
        self.classes_, event = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise UsageError("All rows are of one class: give rows with and without the event.")
        self._solve(matrix, event.astype(float), weight / weight.sum(), float(weight.sum()))
        return self

    def decision_function(self, X: ArrayLike) -> Array:
        """Return the log odds of the event, (n_rows,)."""
        check_is_fitted(self)
        matrix = validate_data(self, X, reset=False, dtype=float)
        return np.asarray(matrix @ self.coef_[0] + self.intercept_[0])

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the chance of each class, (n_rows, 2)."""
        event = expit(self.decision_function(X))
        return np.column_stack([1 - event, event])

    def predict(self, X: ArrayLike) -> NDArray[np.generic]:
        """Return the likelier class, (n_rows,)."""
        likely = self.decision_function(X) > 0
        return np.asarray(self.classes_[likely.astype(int)])

    def _check_parameters(self) -> None:
        problems = []
        if not 0 < self.C < np.inf:
            problems.append(f"C is {self.C}: give a number above 0.")
        if self.towards not in ("zero", "equal"):
            problems.append(f"towards is {self.towards!r}: say 'zero' or 'equal'.")
        if problems:
            raise UsageError(" ".join(problems))

    def _solve(self, matrix: Array, event: Array, share: Array, total: float) -> None:
        """Set what is learnt; `share` is each row's weight out of one."""
        mean = share @ matrix
        centred = matrix - mean
        varies = np.ptp(matrix, axis=0) > 0
        self.scale_ = (
            float(np.sqrt((share @ centred[:, varies] ** 2).mean())) if varies.any() else 1.0
        )
        scaled = centred / self.scale_
        penalty = self._penalty(scaled, share) / total
        problem = _Problem(scaled, event, share, penalty)
        start = np.zeros(1 + matrix.shape[1])
        start[0] = logit(share @ event)
        lowest = np.zeros(start.size)
        lowest[0] = -np.inf
        found = minimize(
            problem,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=Bounds(lowest, np.inf),
            options={"gtol": GRADIENT, "ftol": 0.0, "maxiter": MOST_STEPS, "maxfun": MOST_STEPS},
        )
        slope = problem(found.x)[1]
        slope[1:] = np.where(found.x[1:] > 0, slope[1:], np.minimum(slope[1:], 0.0))
        if np.abs(slope).max() > FLAT:
            warnings.warn("The solver stopped early.", ConvergenceWarning, stacklevel=3)
        self.coef_ = found.x[None, 1:] / self.scale_
        self.intercept_ = found.x[:1] - self.coef_ @ mean
        self.n_iter_ = int(found.nit)

    def _penalty(self, scaled: Array, share: Array) -> Array:
        """Return the matrix of the penalty, against a sum of losses of weight one."""
        m = scaled.shape[1]
        if self.towards == "zero":
            return np.eye(m) / self.C
        plain = scaled.sum(axis=1)
        together = (share * plain) @ scaled
        variance = together.sum()
        part = together / variance if variance > 0 else np.full(m, 1 / m)
        apart = np.eye(m) - part
        return np.asarray(apart.T @ apart / self.C + np.outer(part, part) * variance / COMMON_C)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True  # where fewer points go with the event
        return tags


@dataclass(frozen=True, slots=True)
class _Problem:
    """The mean loss and the penalty, as a function of the intercept and the coefficients."""

    features: Array
    event: Array
    share: Array
    penalty: Array

    def __call__(self, at: Vector) -> tuple[float, Array]:
        """Return the value and its gradient."""
        log_odds = at[0] + self.features @ at[1:]
        pull = self.penalty @ at[1:]
        loss = self.share @ (np.logaddexp(0.0, log_odds) - self.event * log_odds)
        residual = self.share * (expit(log_odds) - self.event)
        slope = np.concatenate([[residual.sum()], residual @ self.features + pull])
        return float(loss + 0.5 * at[1:] @ pull), slope
