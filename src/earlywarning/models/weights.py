"""Which mixture of structures makes all series of a metric most likely?

The log-likelihood is concave in the weights, so that its maximum can be had exactly: a
few steps of EM come near it, and Newton's method on it and its dual, as for interior
points, ends there. One series' worth of doubt, spread evenly, keeps every structure in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

EM_STEPS = 6  # from even weights to where Newton's method is quick
OVER_RELAXED = 1.9  # the power of a step; from 2 on it may not settle (Salakhutdinov & Roweis 2003)
NEWTON_STEPS = 4  # they leave less than 0.1 of the log-likelihood: see tests/test_weights.py
TO_THE_EDGE = 0.95  # share of the way to where a weight would be nothing


def mixture_weights(likelihood: Array, counts: Flags) -> Array:
    """Compute the weights under which the series are most likely, a little doubt added.

    Parameters
    ----------
    likelihood : ndarray of shape (m, K, n_series)
        Of each series under each structure, up to a factor a series; m questions at once.
    counts : ndarray of shape (m, n_series)
        Which series are learnt from.

    Returns
    -------
    ndarray of shape (m, K)
        They add up to 1, and maximise the sum of the logs of the mixtures' likelihoods
        and of 1 / K times the logs of the weights; even ones where no series counts.

    Notes
    -----
    Kim, Y., Carbonetto, P., Stephens, M. and Anitescu, M. (2020), A fast algorithm for
    maximum likelihood estimation of mixture proportions using sequential quadratic
    programming, Journal of Computational and Graphical Statistics 29, 261-273, has the
    problem; the steps here are those of a primal-dual interior point method (Wright 1997).

    Examples
    --------
    >>> likelihood = np.array([[[0.9, 0.8, 0.1], [0.1, 0.2, 0.9]]])
    >>> mixture_weights(likelihood, np.ones((1, 3), dtype=bool)).round(3)
    array([[0.611, 0.389]])
    """
    likelihood = np.where(counts[:, None], likelihood, 1.0)
    m, k, _ = likelihood.shape
    weight, n = np.full((m, k), 1 / k), counts.sum(axis=1, keepdims=True)
    if not n.any():
        return weight
    for _ in range(EM_STEPS):
        gain = _gain(likelihood, weight, counts)[0]
        weight = weight * ((gain + 1 / k / weight) / (n + 1)) ** OVER_RELAXED
        weight /= weight.sum(axis=1, keepdims=True)
    weight = _by_newton(likelihood, weight, counts)
    weight = weight * _gain(likelihood, weight, counts)[0] + 1 / k
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _gain(likelihood: Array, weight: Array, counts: Flags) -> tuple[Array, Array]:
    """Return the gradient of the log-likelihood, (m, K), and each series' 1 / mixture."""
    each = counts[:, None] / np.matmul(weight[:, None], likelihood)
    return np.matmul(likelihood, each.transpose(0, 2, 1))[..., 0], each


def _by_newton(likelihood: Array, weight: Array, counts: Flags) -> Array:
    """Solve weight * price = doubt, where price is what a weight costs beyond what it gains."""
    k = weight.shape[1]
    doubt, total = 1 / k, counts.sum(axis=1, keepdims=True) + 1.0
    diagonal = np.arange(k)
    price = np.maximum(total - _gain(likelihood, weight, counts)[0], doubt / weight)
    for _ in range(NEWTON_STEPS):
        gain, each = _gain(likelihood, weight, counts)
        share = likelihood * each
        hessian = np.matmul(share, share.transpose(0, 2, 1))
        hessian[:, diagonal, diagonal] += price / weight
        step = np.linalg.solve(hessian, (gain - total + doubt / weight)[..., None])[..., 0]
        price_step = (doubt - price * step) / weight - price
        weight, price = _within(weight, step), _within(price, price_step)
    return weight


def _within(values: Array, step: Array) -> Array:
    """Take a step, or as much of it as leaves all values above 0."""
    furthest = np.max(-step / values, axis=1, keepdims=True)
    return np.asarray(values + step * np.minimum(1, TO_THE_EDGE / np.maximum(furthest, 1e-300)))
