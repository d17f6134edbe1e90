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
from scipy.optimize import lsq_linear
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from earlywarning.errors import UsageError

Array = NDArray[np.float64]

NEAR = 1e-12  # of the mean loss, still to be won: the step taken from here is the last
SURE = 1e-12  # p (1 - p), of one row: below, its curvature is taken for this
ENOUGH = 0.1  # of the fall a step promises, that it must bring, or half of it is tried
MOST_STEPS = 100  # of Newton's; five to ten are usual
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
        Steps of Newton's.

    Notes
    -----
    Solved by Newton steps, each a least squares problem under the same bounds, halved until
    the loss falls enough (Boyd, S. and Vandenberghe, L. 2004, Convex Optimization, sections
    9.2, 9.5 and 10.2, whose decrement also tells the end). Where no bound binds and
    `towards="zero"`, it is scikit-learn's `LogisticRegression` on features divided by `scale_`.

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
        pull = self._pull(scaled, share) / np.sqrt(total)
        rows = np.column_stack([np.ones(len(scaled)), scaled])
        free = np.zeros(len(pull))  # the intercept is not pulled
        start = np.zeros(rows.shape[1])
        start[0] = logit(share @ event)
        problem = _Problem(rows, event, share, np.column_stack([free, pull]))
        found, self.n_iter_ = _newton(problem, start)
        self.coef_ = found[None, 1:] / self.scale_
        self.intercept_ = found[:1] - self.coef_ @ mean

    def _pull(self, scaled: Array, share: Array) -> Array:
        """Return the root of the penalty, (any, n_features), against a weight of one in all.

        Half the sum of squares of it times the coefficients is the penalty.
        """
        each = np.eye(scaled.shape[1])
        plain = scaled.sum(axis=1)
        together = (share * plain) @ scaled
        variance = together.sum()
        if self.towards == "zero" or variance <= 0:
            return np.asarray(each / np.sqrt(self.C))
        part = together / variance
        apart = (each - part) / np.sqrt(self.C)
        return np.vstack([apart, part * np.sqrt(variance / COMMON_C)])

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True  # where fewer points go with the event
        return tags


@dataclass(frozen=True, slots=True)
class _Problem:
    """The mean loss and the penalty, of an intercept and coefficients.

    `rows` begin with a 1 for the intercept, rows of `pull` with a 0.
    """

    rows: Array
    event: Array
    share: Array
    pull: Array

    def value(self, at: Array) -> float:
        """Return what is to be made small."""
        log_odds = self.rows @ at
        loss = self.share @ (np.logaddexp(0.0, log_odds) - self.event * log_odds)
        return float(loss + 0.5 * ((self.pull @ at) ** 2).sum())

    def slope(self, at: Array) -> Array:
        """Return the gradient."""
        residual = self.share * (expit(self.rows @ at) - self.event)
        return np.asarray(residual @ self.rows + (self.pull @ at) @ self.pull)

    def aim(self, at: Array) -> Array:
        """Return where the quadratic that touches here is smallest, coefficients of 0 or more."""
        log_odds = self.rows @ at
        chance = expit(log_odds)
        weight = np.maximum(chance * (1 - chance), SURE)
        root = np.sqrt(self.share * weight)
        working = log_odds + (self.event - chance) / weight
        q, r = np.linalg.qr(np.vstack([root[:, None] * self.rows, self.pull]))
        wanted = q[: len(root)].T @ (root * working)
        lowest = np.where(np.arange(at.size) == 0, -np.inf, 0.0)
        return np.asarray(lsq_linear(r, wanted, (lowest, np.inf), method="bvls").x)


def _newton(problem: _Problem, at: Array) -> tuple[Array, int]:
    """Return where the problem is smallest, and the steps taken; warn if it was not found."""
    for step in range(1, MOST_STEPS + 1):
        aim = problem.aim(at)
        promised = problem.slope(at) @ (at - aim)
        if promised < NEAR:
            return aim, step
        here, share = problem.value(at), 1.0
        while problem.value(at + share * (aim - at)) > here - ENOUGH * share * promised:
            share /= 2
        at = at + share * (aim - at)
    warnings.warn("The solver stopped early.", ConvergenceWarning, stacklevel=4)
    return at, MOST_STEPS
