"""Which series can be tested together, and in which periods?

`last` tests the newest period, `step` the last two, `drift` the later half. Series that
begin, end and are cut in the same periods are a `Block`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Labels = NDArray[np.intp]

FEWEST_PERIODS = 5  # three to learn from, two to test
FEWEST_PAST = 3  # periods to learn from
AT_ONCE = 1500  # series: what is worked out of so many stays near the processor
LAST, STEP, DRIFT = range(3)


@dataclass(frozen=True, slots=True)
class Block:
    """Series that begin, end and are cut in the same periods."""

    rows: Labels
    first: int  # the first period looked at
    newest: int
    cut: int  # the first period of the later half
    in_step: bool  # whether the newest period is that of the window
    usual: bool  # whether the later half is that of the window
    teaches: bool  # whether what comes before it is nobody's later half

    def holds(self, rows: slice) -> Flags:
        """Return which of these series are of the block."""
        return np.isin(np.arange(rows.start, rows.stop), self.rows)


def most_tested(contrast: int, n_periods: int) -> int:
    """Return how many of the newest periods a contrast tests."""
    return (1, 2, n_periods // 2)[contrast]


def blocks(known: Flags) -> Iterator[Block]:
    """Yield the series that can be assessed, together with those that are cut alike.

    The later half is that of the time up to the newest value. Whoever has too little
    before it is cut in the middle of its own values.
    """
    n_periods = known.shape[1]
    n = known.sum(axis=1)
    count = known.cumsum(axis=1)
    newest = n_periods - 1 - np.argmax(known[:, ::-1], axis=1)
    middle = n_periods - most_tested(DRIFT, n_periods)
    cut = newest + 1 - (newest + 1) // 2
    few = count[np.arange(len(known)), np.maximum(cut - 1, 0)] < FEWEST_PAST
    cut = np.where(few, 1 + np.argmax(count >= (n - n // 2)[:, None], axis=1), cut)
    own = few | (newest < n_periods - 1)
    # Long silences at the start are cut off, which changes nothing but the cost.
    first = np.argmax(known, axis=1)
    first = np.where(4 * first >= n_periods, first, 0)
    sizes = (n_periods, n_periods, n_periods + 1, 2)
    key = np.ravel_multi_index((first, newest, cut, own), sizes)
    key[n < FEWEST_PERIODS] = -1
    for kind in np.unique(key[key >= 0]):
        a, b, c, apart = (int(part) for part in np.unravel_index(kind, sizes))
        rows = np.flatnonzero(key == kind)
        yield Block(rows, a, b, c, b == n_periods - 1, not apart, c <= middle)


def most_and_others(known: Flags) -> tuple[Block | None, list[Block]]:
    """Return the block that most series are of, None where none is, and the other blocks."""
    every = sorted(blocks(known), key=lambda block: len(block.rows))
    if every and 2 * len(every[-1].rows) > len(known):
        return every[-1], every[:-1]
    return None, every


def at_once(start: int, stop: int) -> Iterator[slice]:
    """Yield the places from one to another, so many at a time as are worked out at once."""
    for first in range(start, stop, AT_ONCE):
        yield slice(first, min(first + AT_ONCE, stop))
