"""What does each structure make of many series at once, whichever values they lack?

Everything that a structure says of a series is made of inner products under its
precision: of the series with itself, with a straight line, with the periods that are
tested. A missing value is taken out of them by elimination, so that series with as
many gaps go together wherever their gaps are. Series run along the last axis of every
array here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.bank import Precision

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
SERIES, LINE = 0, 1  # places of a series, and of the straight line, among the vectors


class Gaps:
    """The values that series lack, (n_periods, n_series), and what that costs each basis.

    Attributes
    ----------
    rows : ndarray of int of shape (n_lacking,)
        The series that lack values, those with the fewest first.
    log_det : ndarray of shape (B, n_series)
        Of the restricted covariance of what is there.
    """

    def __init__(self, precision: Precision, known: Flags):
        of, period = np.nonzero(~known.T)
        missing = np.bincount(of, minlength=known.shape[1])
        self.precision, self.basis = precision, np.arange(len(precision.log_det))[:, None]
        self.rows = np.argsort(missing, kind="stable")[known.shape[1] - np.count_nonzero(missing) :]
        self.log_det = np.repeat(precision.log_det[:, None], known.shape[1], axis=1)
        self._groups = []
        numbers, starts = np.unique(missing[self.rows], return_index=True)
        ends = [*starts[1:], len(self.rows)]
        for n, start, end in zip(numbers, starts, ends[: len(starts)], strict=True):
            columns = period[missing[of] == n].reshape(-1, n).T[:, None]
            root = _root(precision.matrix[columns[:, None], self.basis, columns])
            self.log_det[:, self.rows[start:end]] += 2 * np.log(root[range(n), range(n)]).sum(0)
            self._groups.append((slice(start, end), columns, root))

    def groups(self) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Array]]:
        """Yield series with as many gaps, their missing periods, and the root of what those share.

        The shapes are (rows,), (n_missing, 1, rows) and (n_missing, n_missing, B, rows).
        """
        for place, columns, root in self._groups:
            yield self.rows[place], columns, root

    def eliminated(self, series: Array, vectors: Array) -> Array:
        """Return what missing values take from series and vectors, 0 where fewer are missing.

        `series` are (kinds, n_periods, B, n_series) and `vectors` (n_vectors, n_periods, B),
        times the precision. The shape is (kinds + n_vectors, most_missing, B, n_lacking).
        """
        kinds, _, b, _ = series.shape
        most = len(self._groups[-1][1]) if self._groups else 0
        found = np.zeros((kinds + len(vectors), most, b, len(self.rows)))
        for place, columns, root in self._groups:
            at = found[:, : len(root), :, place]
            at[:kinds] = series[:, columns, self.basis, self.rows[place]]
            at[kinds:] = vectors[:, columns, self.basis]
            _solve(root, at)
        return found


def _root(matrix: Array) -> Array:
    """Return Cholesky's root of matrices (n, n, B, rows), in place; what is above is not used."""
    for j in range(len(matrix)):
        if j:
            matrix[j:, j] -= np.einsum("ibr,jibr->jbr", matrix[j, :j], matrix[j:, :j])
        matrix[j, j] = np.sqrt(matrix[j, j])
        matrix[j + 1 :, j] /= matrix[j, j]
    return matrix


def _solve(root: Array, right: Array) -> None:
    """Solve root @ x = right for vectors (v, n, B, rows), in place."""
    for j in range(len(root)):
        if j:
            right[:, j] -= np.einsum("ibr,vibr->vbr", root[j, :j], right[:, :j])
        right[:, j] /= root[j, j]


class Vectors:
    """Inner products of vectors that all series share, (n_periods, n_vectors), a line the first."""

    def __init__(self, vectors: Array, gaps: Gaps):
        lined = np.column_stack([gaps.precision.times, vectors])
        weighed = lined.T @ gaps.precision.matrix.transpose(1, 0, 2)  # (B, n_vectors, n_periods)
        self.gaps, self.weighed = gaps, weighed.transpose(1, 2, 0)
        self._fixed = (weighed @ lined).transpose(1, 2, 0)[..., None]
        self._asked: dict[tuple[int, int], Array] = {}
        self.eliminated = np.empty(0)

    def under_bases(self, u: int, v: int) -> Array:
        """Return <u, v> with the straight line's slope still unknown, (B, n_series)."""
        if (u, v) not in self._asked:
            of_all = np.repeat(self._fixed[u, v], self.gaps.log_det.shape[1], axis=1)
            _less(of_all, self.eliminated[u], self.eliminated[v], self.gaps)
            self._asked[u, v] = of_all
        return self._asked[u, v]

    @cached_property
    def _length(self) -> tuple[Array, Array]:
        slopes = np.square(self.gaps.precision.bank.slopes)[:, None]
        return slopes, 1 + slopes * self.under_bases(0, 0)[:, None]

    @cached_property
    def share(self) -> Array:
        """How far each slope takes the straight line out, (B, n_slopes, n_series)."""
        slopes, length = self._length
        return np.asarray(slopes / length)

    @cached_property
    def log_det(self) -> Array:
        """Of the restricted covariance under each structure, (K, n_series)."""
        found = self.gaps.log_det[:, None] + np.log(self._length[1])
        return found.reshape(-1, found.shape[-1])


class InnerProducts:
    """Inner products of one series of each authority, and of vectors that all series share.

    Call it with the places of two vectors; `SERIES` is the series, `LINE` a straight line,
    and what was asked for follows.
    """

    def __init__(self, own: Array, cross: Array, eliminated: Array, vectors: Vectors):
        self._own, self._cross, self._eliminated = own, cross, eliminated
        self._vectors = vectors
        self._asked: dict[int, Array] = {}

    @property
    def log_det(self) -> Array:
        """Of the restricted covariance under each structure, (K, n_series)."""
        return self._vectors.log_det

    def __call__(self, u: int, v: int) -> Array:
        """Return <u, v> of each series under each structure, (K, n_series)."""
        line = self.under_bases(u, LINE) * self.under_bases(v, LINE)
        found = self._vectors.share * line[:, None]
        np.subtract(self.under_bases(u, v)[:, None], found, out=found)
        return found.reshape(-1, found.shape[-1])

    def under_bases(self, u: int, v: int) -> Array:
        """Return <u, v> with the straight line's slope still unknown, (B, n_series)."""
        if u > v:
            return self.under_bases(v, u)
        if u != SERIES:
            return self._vectors.under_bases(u - 1, v - 1)
        if v not in self._asked:
            of_all = self._own if v == SERIES else self._cross[v - 1]
            other = self._eliminated if v == SERIES else self._vectors.eliminated[v - 1]
            _less(of_all, self._eliminated, other, self._vectors.gaps)
            self._asked[v] = of_all
        return self._asked[v]


def _less(of_all: Array, one: Array, other: Array, gaps: Gaps) -> None:
    """Take what missing values have in two vectors out of their product, in place."""
    if gaps.rows.size:
        of_all[:, gaps.rows] -= np.einsum("mbr,mbr->br", one, other)


def inner_products(series: Sequence[Array], vectors: Array, gaps: Gaps) -> list[InnerProducts]:
    """Return the inner products of each of several series, with the same gaps, of each authority.

    Each of `series` is (n_periods, n_series), 0 in gaps; `vectors` are (n_periods, n_vectors).
    """
    fixed, y = Vectors(vectors, gaps), np.stack(series)
    matrix = gaps.precision.matrix
    periods, b, _ = matrix.shape
    kinds, _, n = y.shape
    weighed = np.matmul(matrix.reshape(-1, periods), y).reshape(kinds, periods, b, n)
    own = np.einsum("ktn,ktbn->kbn", y, weighed)
    lines = fixed.weighed.transpose(0, 2, 1).reshape(-1, periods)
    cross = np.matmul(lines, y).reshape(kinds, -1, b, n)
    eliminated = gaps.eliminated(weighed, fixed.weighed)
    fixed.eliminated = eliminated[kinds:]
    return [InnerProducts(*each, fixed) for each in zip(own, cross, eliminated, strict=False)]
