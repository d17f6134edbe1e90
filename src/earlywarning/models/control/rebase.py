"""Where has a series moved for good, so that new limits may be justified?

`propose_rebase` looks for lasting shifts and returns them with the evidence; `as_rebase`
turns those that a person accepts into what `xmr_limits` takes. Nothing is rebased here:
whether the world has changed, and why, is no question of arithmetic.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from earlywarning.errors import UsageError
from earlywarning.models.control.limits import (
    Array,
    Index,
    Limits,
    Mask,
    as_matrix,
    in_baseline,
    segment_starts,
)
from earlywarning.models.control.making_data_count import side_of_centre
from earlywarning.models.control.streaks import streak
from earlywarning.models.control.xmr import Screening, xmr_limits

COLUMNS = (
    "row", "column", "rule", "direction", "run_length", "mean_before", "mean_after",
    "n_before", "n_after", "status",
)  # fmt: skip
LASTING = 0.75  # of the values that would set the new limits, on that side of the old centre line
CLEAR = 3.0  # standard errors of the difference between the two centre lines


def propose_rebase(
    X: ArrayLike,
    *,
    baseline: int = 12,
    points: Literal[6, 7] = 7,
    moving_ranges: Screening = "screened",
) -> pd.DataFrame:
    """Propose where limits might begin anew, and say on what evidence.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        Values in the units of the metric, oldest period first, NaN where nothing is published.
    baseline : int, default=12
        Limits are set by so many first published values of a stretch, the proposed ones too.
    points : {6, 7}, default=7
        How many values in a row on one side of the centre line make a shift.
    moving_ranges : {"screened", "all"}, default="screened"
        As of `xmr_limits`.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row a proposal: `row` and `column` of the matrix where new limits
        would begin, the `rule`, the `direction` ("up" or "down"), the `run_length` on that
        side, the centre lines `mean_before` and `mean_after`, on how many values they rest
        (`n_before`, `n_after`), and the `status` that the new limits would have.

    Raises
    ------
    UsageError
        If an option is none, or a value infinite.

    Notes
    -----
    A shift is sought after the baseline alone. It lasts if, of the values that would set the
    new limits, at least three in four lie on its side of the old centre line, and their mean
    is three standard errors from it. A second proposal presumes that the first is accepted.

    Examples
    --------
    >>> X = [[5.0, 6, 4, 5, 6, 4, 5, 6, 4, 5, 6, 4, 9, 8, 9, 10, 9, 8, 9, 10]]
    >>> found = propose_rebase(X)
    >>> found[["column", "rule", "run_length", "mean_before", "mean_after"]].values.tolist()
    [[12, 'shift of 7', 8, 5.0, 9.0]]
    """
    matrix = as_matrix(X)
    if baseline is None or points not in (6, 7):
        raise UsageError(
            f"baseline={baseline!r}, points={points!r}: a shift is sought after a baseline of 2 "
            "values or more, and has 6 or 7 points."
        )
    rebase = np.zeros(matrix.shape, dtype=bool)
    tables = []
    while True:
        limits = xmr_limits(matrix, baseline=baseline, moving_ranges=moving_ranges, rebase=rebase)
        rows, columns, side = _lasting_shifts(matrix, limits, (baseline, points))
        if not rows.size:
            break
        rebase[rows, columns] = True
        after = xmr_limits(matrix, baseline=baseline, moving_ranges=moving_ranges, rebase=rebase)
        tables.append(_evidence(rows, columns, (limits, after), side))
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    table = pd.concat(tables) if tables else empty
    table["rule"] = f"shift of {points}"
    return table.sort_values(["row", "column"], ignore_index=True)[list(COLUMNS)]


def as_rebase(proposals: pd.DataFrame, shape: tuple[int, int]) -> Mask:
    """Return the rebasings that are accepted as `xmr_limits` takes them.

    Parameters
    ----------
    proposals : DataFrame
        The accepted rows of `propose_rebase`, or any table with columns `row` and `column`.
    shape : tuple
        That of the matrix.

    Returns
    -------
    ndarray of bool, of that shape

    Raises
    ------
    UsageError
        If a proposal lies outside the matrix.

    Examples
    --------
    >>> as_rebase(pd.DataFrame({"row": [0], "column": [2]}), (1, 4))
    array([[False, False,  True, False]])
    """
    places = proposals[["row", "column"]].to_numpy(dtype=np.intp)
    outside = ((places < 0) | (places >= np.array(shape))).any(axis=1)
    if outside.any():
        raise UsageError(
            f"proposals outside a matrix of {shape}: {outside.sum()}, the first "
            f"{places[outside][0].tolist()}."
        )
    rebase = np.zeros(shape, dtype=bool)
    rebase[places[:, 0], places[:, 1]] = True
    return rebase


def _lasting_shifts(
    matrix: Array, limits: Limits, rule: tuple[int, int]
) -> tuple[Index, Index, Index]:
    """Return row and column of each series' first lasting shift since it was last rebased.

    With them comes the side of the centre line on which each value lies.
    """
    baseline, points = rule
    published = np.isfinite(matrix)
    side = side_of_centre(matrix, limits)
    newest_stretch = limits.segment == limits.segment[:, -1:]
    tested = newest_stretch & published & ~in_baseline(published, limits.segment, baseline)
    distance, n_next = _mean_of_next(np.nan_to_num(matrix - limits.centre), published, baseline)
    error = limits.sigma * np.sqrt(1 / np.maximum(n_next, 1) + 1 / np.maximum(limits.n_values, 1))
    starts = np.zeros(matrix.shape, dtype=bool)
    for way in (1, -1):
        run = run_length_from(tested & (side == way), segment_starts(limits.segment))
        begins = (run >= points) & (run > np.pad(run, ((0, 0), (1, 0)))[:, :-1])
        share, _ = _mean_of_next((side == way).astype(float), published, baseline)
        with np.errstate(invalid="ignore"):
            starts |= begins & (share >= LASTING) & (way * distance > CLEAR * error)
    rows = np.flatnonzero(starts.any(axis=1))
    return rows, starts[rows].argmax(axis=1) if rows.size else rows, side


def run_length_from(holds: Mask, starts: Mask) -> Index:
    """Count the periods in a row, this one the first, for which a condition holds.

    Examples
    --------
    >>> run_length_from(np.array([[True, True, False, True]]), np.zeros((1, 4), dtype=bool))
    array([[2, 1, 0, 1]])
    """
    ends = np.zeros(holds.shape, dtype=bool)
    ends[:, :-1] = starts[:, 1:]
    return streak(holds[:, ::-1], ends[:, ::-1])[:, ::-1]


def _mean_of_next(values: Array, published: Mask, n: int) -> tuple[Array, Index]:
    """Return the mean of the next `n` published values, this one included, and their number."""
    order = np.argsort(~published, axis=1, kind="stable")
    total = np.take_along_axis(np.where(published, values, 0.0), order, axis=1).cumsum(axis=1)
    total = np.pad(total, ((0, 0), (1, 0)))
    first = published.cumsum(axis=1) - published
    last = np.minimum(first + n, published.sum(axis=1, keepdims=True))
    there = np.take_along_axis(total, last, axis=1) - np.take_along_axis(total, first, axis=1)
    return there / np.maximum(last - first, 1), last - first


def _evidence(
    rows: Index, columns: Index, limits: tuple[Limits, Limits], side: Index
) -> pd.DataFrame:
    """Return what speaks for the new limits, one row a proposal."""
    before, after = limits
    way = side[rows, columns]
    run = run_length_from(side[rows] == way[:, None], segment_starts(before.segment)[rows])
    return pd.DataFrame(
        {
            "row": rows,
            "column": columns,
            "direction": np.where(way > 0, "up", "down"),
            "run_length": run[np.arange(len(rows)), columns],
            "mean_before": before.centre[rows, columns],
            "mean_after": after.centre[rows, columns],
            "n_before": before.n_values[rows, columns],
            "n_after": after.n_values[rows, columns],
            "status": after.status[rows, columns],
        }
    )
