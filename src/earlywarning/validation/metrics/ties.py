"""How many rows, and how many events, lie at each score? Rows of one score stay together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from earlywarning.validation.metrics.rows import Array, Rows


class Ladder(NamedTuple):
    """Weight of events and of all others at each different score, the highest score first."""

    event: Array
    other: Array


def ladder(rows: Rows) -> Ladder:
    """Add up the weights at each different score.

    Parameters
    ----------
    rows : Rows
        Checked rows; with weights of shape (..., n) each draw has its own sums.

    Returns
    -------
    Ladder
        Two arrays of shape (..., n_scores).

    Examples
    --------
    >>> from earlywarning.validation.metrics.rows import as_rows
    >>> ladder(as_rows([1.0, 2.0, 2.0], [0, 1, 0])).event
    array([1., 0.])
    """
    order = np.argsort(-rows.score, kind="stable")
    if not order.size:
        return Ladder(rows.weight, rows.weight)
    falling = rows.score[order]
    starts = np.flatnonzero(np.r_[True, falling[1:] != falling[:-1]])
    weight = rows.weight[..., order]
    event = weight * rows.event[order]
    other = weight - event
    if starts.size < order.size:
        event = np.add.reduceat(event, starts, axis=-1)
        other = np.add.reduceat(other, starts, axis=-1)
    return Ladder(event, other)
