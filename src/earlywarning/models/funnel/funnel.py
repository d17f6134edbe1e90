"""How far is each authority from a target, in the spread its size and its peers make usual?

`Funnel` is the classical funnel plot as an estimator: each period's target, and how much
authorities differ beyond chance, are learnt with all of them. `position.funnel_position`
leaves each authority out of what it is held against, and gives a p-value.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError
from earlywarning.models.estimator import MatrixTransformer
from earlywarning.models.funnel.intervals import Limits
from earlywarning.models.funnel.limits import pooled_target, widened_limits
from earlywarning.models.funnel.overdispersion import (
    SHARE,
    additive_variance,
    dispersion,
    truncated,
    winsorised,
)
from earlywarning.models.funnel.scales import Effects, Scale, as_effects, forward, refuse_unknown

Array = NDArray[np.float64]

WORDS = {
    "extremes": ("winsorised", "truncated", "kept"),
    "spread": ("additive", "multiplicative", "chance"),
}


class Funnel(MatrixTransformer):
    """Distance from a target in standard errors, these widened by overdispersion.

    Parameters
    ----------
    scale : {"scores", "arcsine", "root", "log", "log of counts"}, default="scores"
        On which values are compared: shares on "arcsine", rates on "root", observed over
        expected on "log" or "root". "scores": X holds distances from the target in
        standard errors already, and takes no denominators.
    target : float, optional
        The share, rate or ratio to expect; all cases over all denominators of a period,
        if none is given. 0 on "scores".
    spread : {"additive", "multiplicative", "chance"}, default="additive"
        What is allowed for: a variance between authorities, a factor, or chance alone.
    extremes : {"winsorised", "truncated", "kept"}, default="winsorised"
        What becomes of the most extreme scores before the spread is learnt.
    share : float, default=0.1
        How many of them there are at either end.

    Attributes
    ----------
    target_ : ndarray of shape (n_periods,)
        In the units of X.
    phi_, tau2_ : ndarray of shape (n_periods,)
        The factor and the variance, in squared units of the scale.
    n_authorities_ : ndarray of shape (n_periods,)
        From how many they were learnt, those truncated left out.

    Notes
    -----
    `denominators` is metadata in the sense of scikit-learn: in a pipeline ask for it by
    `set_fit_request` and `set_transform_request`.

    Examples
    --------
    >>> ratio = np.array([[0.8], [1.1], [1.0], [1.4], [0.7]])
    >>> expected = np.array([[120.0], [90.0], [300.0], [250.0], [80.0]])
    >>> funnel = Funnel(scale="log", target=1.0, extremes="kept")
    >>> funnel.fit_transform(ratio, denominators=expected).ravel().round(2)
    array([-0.82,  0.34,  0.  ,  1.27, -1.27])
    """

    def __init__(
        self,
        *,
        scale: Scale | Literal["scores"] = "scores",
        target: float | None = None,
        spread: Literal["additive", "multiplicative", "chance"] = "additive",
        extremes: Literal["winsorised", "truncated", "kept"] = "winsorised",
        share: float = SHARE,
    ):
        self.scale = scale
        self.target = target
        self.spread = spread
        self.extremes = extremes
        self.share = share

    def fit(self, X: ArrayLike, y: None = None, denominators: ArrayLike | None = None) -> Funnel:
        """Learn each period's target, factor and variance.

        Parameters
        ----------
        X : array-like of shape (n_authorities, n_periods)
            Shares, rates, ratios or scores; NaN where nothing is published.
        y : None
            Not used.
        denominators : array-like of the same shape, optional
            Whole, exposed or expected; needed except on "scores".

        Returns
        -------
        Funnel

        Raises
        ------
        UsageError
            If a word is unknown, or denominators are missing or of another shape.
        """
        self._refuse_unknown_words()
        matrix = self._as_fitted(X)
        whole = self._whole(matrix, denominators)
        self.target_ = self._targets(matrix, whole)
        effects = self._effects(matrix, whole)
        scores = self._drawn_in((effects.value - self._centre()) / effects.error)
        self.phi_ = dispersion(scores)
        self.tau2_ = additive_variance(scores, effects.error)
        self.n_authorities_ = np.isfinite(scores).sum(axis=0)
        return self

    def transform(self, X: ArrayLike, denominators: ArrayLike | None = None) -> Array:
        """Return the distances, (n_authorities, n_periods), NaN in gaps; see `fit`."""
        matrix = self._as_judged(X)
        effects = self._effects(matrix, self._whole(matrix, denominators))
        factor, added = self._widening()
        scores = (effects.value - self._centre()) / np.sqrt(factor * effects.error**2 + added)
        return np.asarray(scores)

    def fit_transform(
        self, X: ArrayLike, y: None = None, denominators: ArrayLike | None = None
    ) -> Array:
        """Return the distances of what is learnt from; see `fit`."""
        return self.fit(X, y, denominators=denominators).transform(X, denominators=denominators)

    def limits(
        self, denominators: ArrayLike, *, period: int = -1, coverage: float = 0.95
    ) -> Limits:
        """Return the limits of one period at these denominators, in the units of X.

        Parameters
        ----------
        denominators : array-like
            Sizes at which to draw the limits; on "scores" only their shape counts.
        period : int, default=-1
            Column of the period.
        coverage : float, default=0.95
            Share of authorities within, if they differ as those fitted do.

        Returns
        -------
        lower, upper : ndarray of the shape of the denominators
        """
        n = np.asarray(denominators, dtype=float)
        factor, added = (float(part[period]) for part in self._widening())
        if self.scale == "scores":
            half = widened_limits(1.0, 1.0, scale="log", coverage=coverage, phi=factor, tau2=added)
            return np.log(half[0]) + 0 * n, np.log(half[1]) + 0 * n
        centre = self.target_[period]
        errors = as_effects(centre * n, n, scale=self.scale).error
        return widened_limits(
            centre, errors, scale=self.scale, coverage=coverage, phi=factor, tau2=added
        )

    def _widening(self) -> tuple[Array, Array]:
        """Return each period's factor on chance, and what is added to it."""
        one, none = np.ones_like(self.phi_), np.zeros_like(self.phi_)
        if self.spread == "additive":
            return one, self.tau2_
        if self.spread == "multiplicative":
            return np.maximum(self.phi_, 1.0), none
        return one, none

    def _targets(self, matrix: Array, whole: Array) -> Array:
        if self.scale == "scores":
            return np.zeros(matrix.shape[1])
        if self.target is not None:
            return np.full(matrix.shape[1], float(self.target))
        return pooled_target(matrix * whole, whole)

    def _centre(self) -> Array:
        """Return the target on the scale."""
        return self.target_ if self.scale == "scores" else forward(self.target_, scale=self.scale)

    def _effects(self, matrix: Array, whole: Array) -> Effects:
        if self.scale == "scores":
            return Effects(matrix, whole)
        return as_effects(matrix * whole, whole, scale=self.scale)

    def _drawn_in(self, scores: Array) -> Array:
        if self.extremes == "kept":
            return scores
        draw = winsorised if self.extremes == "winsorised" else truncated
        return draw(scores, share=self.share)

    def _whole(self, matrix: Array, denominators: ArrayLike | None) -> Array:
        """Return the denominators; on scores those that make every error 1."""
        if self.scale == "scores":
            if denominators is not None:
                raise UsageError("Scores take no denominators: give the scale of the values.")
            return np.where(np.isnan(matrix), np.nan, 1.0)
        if denominators is None:
            raise UsageError(f"scale={self.scale!r} needs denominators, of the shape of X.")
        whole = np.asarray(denominators, dtype=float)
        if whole.shape != matrix.shape:
            raise UsageError(f"Denominators have the shape {whole.shape}, X has {matrix.shape}.")
        return whole

    def _refuse_unknown_words(self) -> None:
        if self.scale != "scores":
            refuse_unknown(self.scale)
        wrong = {name: known for name, known in WORDS.items() if getattr(self, name) not in known}
        if wrong:
            said = ", ".join(f"{name}={getattr(self, name)!r}" for name in wrong)
            known = "; ".join(f"{name} is one of {words}" for name, words in wrong.items())
            raise UsageError(f"{said}: {known}.")
