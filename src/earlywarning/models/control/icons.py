"""Is it good news or bad, and may a target be relied on? Making Data Count's points and icons.

`point_types` says what each point is, `variation_icons` and `assurance_icons` sum a series up
in one word each, and `control_points` puts all in one table. Values are in published units:
which way is better is an argument, here alone.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError
from earlywarning.models.control.limits import Index, Limits, as_matrix
from earlywarning.models.control.making_data_count import SpecialCauses, special_causes

Words = NDArray[np.str_]
Better = Literal["up", "down", "neither"]
BETTER = {"up": 1, "down": -1, "neither": 0}

COMMON_CAUSE = "common cause"
ASSURANCE = ("consistently passing", "consistently failing", "inconsistent")


def point_types(X: ArrayLike, causes: SpecialCauses, *, better: Better) -> Words:
    """Say what each point is: common cause, or good or bad news, and on which side.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        The values charted.
    causes : SpecialCauses
        What the rules say of them.
    better : {"up", "down", "neither"}
        Which way is better.

    Returns
    -------
    ndarray of str, of the same shape
        "common cause", or "improvement", "concern" or "neither" with "high" or "low"; "" in
        gaps. A trend is high if it rises, wherever its points lie.

    Examples
    --------
    >>> from earlywarning.models.control.xmr import xmr_limits
    >>> X = np.array([[1.0, 2, 1, 2, 10, 1, 2, 1, np.nan, 2, 1, 2]])
    >>> types = point_types(X, special_causes(X, xmr_limits(X)), better="down")
    >>> types[0, [0, 4, 8]].tolist()
    ['common cause', 'concern high', '']
    """
    good = way_of(better)
    judged = np.select(
        [causes.direction * good > 0, causes.direction * good < 0],
        ["improvement", "concern"],
        default="neither",
    )
    height = np.where(causes.direction > 0, " high", " low")
    named = np.where(causes.direction == 0, COMMON_CAUSE, np.char.add(judged, height))
    return np.where(np.isfinite(as_matrix(X)), named, "")


def way_of(better: str) -> int:
    """Return 1 where up is better, -1 where down is, 0 where neither."""
    if better not in BETTER:
        raise UsageError(f"better={better!r}: give 'up', 'down' or 'neither'.")
    return BETTER[better]


def newest(X: ArrayLike) -> Index:
    """Return the column of each series' newest published value, -1 where there is none."""
    published = np.isfinite(as_matrix(X))
    last = published.shape[1] - 1 - np.argmax(published[:, ::-1], axis=1) if published.size else 0
    return np.where(published.any(axis=1), last, -1)


def variation_icons(X: ArrayLike, causes: SpecialCauses, *, better: Better) -> Words:
    """Return the variation icon of each series: what its newest published point is.

    Parameters
    ----------
    X, causes, better
        As of `point_types`.

    Returns
    -------
    ndarray of str, of shape (n_authorities,)
        A word of `point_types`; "" for a series without a value.

    Examples
    --------
    >>> from earlywarning.models.control.xmr import xmr_limits
    >>> X = np.array([[1.0, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 10]])
    >>> causes = special_causes(X, xmr_limits(X, baseline=12))
    >>> variation_icons(X, causes, better="neither").tolist()
    ['neither high']
    """
    types, column = point_types(X, causes, better=better), newest(X)
    empty = np.full((len(types), 1), "", dtype=types.dtype)
    return np.hstack([types, empty])[np.arange(len(types)), column]


def assurance_icons(X: ArrayLike, limits: Limits, *, target: ArrayLike, better: Better) -> Words:
    """Return the assurance icon of each series: does it reach its target by itself?

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        The values charted.
    limits : Limits
        Their limits; those at the newest published value count.
    target : array-like of shape () or (n_authorities,)
        In the units of the values; NaN for none.
    better : {"up", "down", "neither"}
        Which way is better.

    Returns
    -------
    ndarray of str, of shape (n_authorities,)
        "consistently passing" or "consistently failing" where the target lies outside the
        limits, "inconsistent" between or on them; "no target", "no limits" or "no direction"
        where that is what is missing.

    Examples
    --------
    >>> from earlywarning.models.control.xmr import xmr_limits
    >>> X = np.array([[4.0, 6, 5, 6, 4, 5]] * 3)
    >>> assurance_icons(X, xmr_limits(X), target=[0, 5, np.nan], better="up").tolist()
    ['consistently passing', 'inconsistent', 'no target']
    """
    good, column = way_of(better), newest(X)
    n = len(column)
    goal = np.broadcast_to(np.asarray(target, dtype=float), n)
    lines = [np.hstack([line, np.full((n, 1), np.nan)]) for line in (limits.lower, limits.upper)]
    lower, upper = (line[np.arange(n), column] for line in lines)
    with np.errstate(invalid="ignore"):
        above, below = goal < lower, goal > upper  # the series lies above, below its target
    passing, failing = (above, below) if good > 0 else (below, above)
    return np.select(
        [np.full(n, good == 0), np.isnan(goal), np.isnan(lower), passing, failing],
        ["no direction", "no target", "no limits", *ASSURANCE[:2]],
        default=ASSURANCE[2],
    ).astype(str)


def control_points(
    X: ArrayLike, limits: Limits, *, better: Better, points: Literal[6, 7] = 7
) -> pd.DataFrame:
    """Return one row for each authority and period: the value, its limits, and what it is.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        The values charted, in their published units.
    limits : Limits
        Their limits.
    better : {"up", "down", "neither"}
        Which way is better.
    points : {6, 7}, default=7
        How many points make a shift or a trend.

    Returns
    -------
    DataFrame
        Columns `row, column, value, centre, lower, upper, segment, rule, point, status`; a
        gap has a row too. `earlywarning.charts.control` draws one `row` of it.

    Examples
    --------
    >>> from earlywarning.models.control.xmr import xmr_limits
    >>> X = np.array([[1.0, 2, 1, 2, 10, 1, 2, 1, np.nan, 2, 1, 2]])
    >>> table = control_points(X, xmr_limits(X), better="down")
    >>> table.loc[table["rule"] != "", ["row", "column", "value", "rule"]].values.tolist()
    [[0, 4, 10.0, 'beyond a limit']]
    """
    matrix = as_matrix(X)
    causes = special_causes(matrix, limits, points=points)
    row = np.broadcast_to(np.arange(matrix.shape[0])[:, None], matrix.shape)
    column = np.broadcast_to(np.arange(matrix.shape[1]), matrix.shape)
    cells: dict[str, NDArray[Any]] = {
        "row": row, "column": column, "value": matrix, "centre": limits.centre,
        "lower": limits.lower, "upper": limits.upper, "segment": limits.segment,
        "rule": causes.rule, "point": point_types(matrix, causes, better=better),
        "status": limits.status,
    }  # fmt: skip
    return pd.DataFrame({name: cell.ravel() for name, cell in cells.items()})
