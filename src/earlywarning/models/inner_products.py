"""What does each structure make of many series at once, whichever values they lack?

Everything that a structure says of a series is made of inner products under its
precision: of the series with itself, with a straight line, with the periods that are
tested. A missing value is taken out of them by elimination, so that series with as
many gaps go together wherever their gaps are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.bank import Precision

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
SERIES, LINE = 0, 1  # places of a series, and of the straight line, among the vectors


class Gaps:
    """The values that series lack, and what lacking them costs each basis."""

    def __init__(self, precision: Precision, known: Flags):
        missing = (~known).sum(axis=1)
        first = np.argsort(known, axis=1, kind="stable")  # the missing ones
        self.precision = precision
        self.log_det = np.tile(precision.log_det, (len(known), 1))
        self.groups = []
        for n in np.unique(missing[missing > 0]):
            rows = np.flatnonzero(missing == n)
            columns = np.ascontiguousarray(first[rows, :n].T)
            root = _root(precision.matrix[columns[:, None], columns[None]])
            self.log_det[rows] += 2 * np.log(root[range(n), range(n)]).sum(axis=0)
            self.groups.append((rows, columns, root))


def _root(matrix: Array) -> Array:
    """Return Cholesky's root of matrices (n, n, rows, B), in place; what is above is not used."""
    for j in range(len(matrix)):
        if j:
            matrix[j:, j] -= np.einsum("iab,jiab->jab", matrix[j, :j], matrix[j:, :j])
        matrix[j, j] = np.sqrt(matrix[j, j])
        matrix[j + 1 :, j] /= matrix[j, j]
    return matrix


def _solve(root: Array, right: Array) -> Array:
    """Solve root @ x = right for vectors (v, n, rows, B), in place."""
    for j in range(len(root)):
        if j:
            right[:, j] -= np.einsum("iab,viab->vab", root[j, :j], right[:, :j])
        right[:, j] /= root[j, j]
    return right


@dataclass(frozen=True, eq=False)
class InnerProducts:
    """Inner products of one series of each authority, and of vectors that all series share.

    Call it with the places of two vectors; `SERIES` is the series, `LINE` a straight line,
    and what was asked for follows. Under the bases, the straight line's slope still unknown:

    Attributes
    ----------
    own : ndarray of shape (n_series, B)
        Of the series with itself.
    cross : ndarray of shape (n_vectors, n_series, B)
        Of the series with the vectors.
    fixed : ndarray of shape (n_vectors, n_vectors, n_series, B)
        Of the vectors with each other.
    share : ndarray of shape (n_series, B, n_slopes)
        How far each slope takes the straight line out.
    log_det : ndarray of shape (n_series, K)
        Of the restricted covariance under each structure.
    """

    own: Array
    cross: Array
    fixed: Array
    share: Array
    log_det: Array

    def __call__(self, u: int, v: int) -> Array:
        """Return <u, v> of each series under each structure, (n_series, K)."""
        line = self._under_bases(u, LINE) * self._under_bases(v, LINE)
        found = self._under_bases(u, v)[..., None] - self.share * line[..., None]
        return np.asarray(found.reshape(len(found), -1))

    def _under_bases(self, u: int, v: int) -> Array:
        if u == v == SERIES:
            return self.own
        if SERIES in (u, v):
            return np.asarray(self.cross[u + v - 1])
        return np.asarray(self.fixed[u - 1, v - 1])


def inner_products(series: Sequence[Array], vectors: Array, gaps: Gaps) -> list[InnerProducts]:
    """Return the inner products of each of several series, with the same gaps, of each authority.

    Each of `series` is (n_series, n_periods), 0 in gaps; `vectors` are (n_periods, n_vectors).
    """
    precision = gaps.precision
    lined = np.column_stack([precision.times, vectors])
    own, cross, fixed = _products(np.stack(series), lined, gaps)
    slopes = np.square(precision.bank.slopes)
    length = 1 + slopes * fixed[0, 0][..., None]
    log_det = (gaps.log_det[..., None] + np.log(length)).reshape(len(length), -1)
    share = slopes / length
    return [InnerProducts(o, c, fixed, share, log_det) for o, c in zip(own, cross, strict=True)]


def _products(y: Array, vectors: Array, gaps: Gaps) -> tuple[Array, Array, Array]:
    """Return the products under the bases, of y (n_kinds, n_series, n_periods) and vectors."""
    matrix = gaps.precision.matrix
    periods, _, b = matrix.shape
    weighed = (y.reshape(-1, periods) @ matrix.reshape(periods, -1)).reshape(*y.shape, b)
    vectors_weighed = np.einsum("tub,uf->ftb", matrix, vectors)
    own = np.einsum("knt,kntb->knb", y, weighed)
    cross = np.stack([y @ weight for weight in vectors_weighed], axis=1)
    fixed = np.einsum("uf,gub->fgb", vectors, vectors_weighed)
    fixed = np.repeat(fixed[:, :, None], y.shape[1], axis=2)
    for rows, columns, root in gaps.groups:
        of_series = weighed[:, rows, columns]
        of_vectors = vectors_weighed[:, columns]
        at = _solve(root, np.concatenate([of_series, of_vectors]))
        of_series, of_vectors = at[: len(y)], at[len(y) :]
        own[:, rows] -= np.square(of_series).sum(axis=1)
        cross[:, :, rows] -= np.einsum("kgab,fgab->kfab", of_series, of_vectors)
        fixed[:, :, rows] -= np.einsum("fgab,hgab->fhab", of_vectors, of_vectors)
    return own, cross, fixed
