"""Published reference values of funnels and breaks: how far ours are from what was printed.

A value agrees if it differs by no more than half of the last printed digit, and what rounding
in double precision adds. Files that hold fifteen digits or more hold them significant.
"""

from typing import NamedTuple

import numpy as np

from control_references import read

__all__ = ["Comparison", "as_rows", "compare", "read", "worst"]

SIGNIFICANT = 15
ROUNDING = 64 * np.finfo(float).eps  # of differences of sums and of quantiles, by their size


class Comparison(NamedTuple):
    """How many values were compared, the largest difference, and that in allowed ones."""

    reference: str
    n_values: int
    largest: float
    in_allowed: float


def compare(reference, ours, theirs, *, allowed=None, size=0.0):
    """Compare ours with what was printed; `allowed` is half of its last digit, if not the 15th.

    `size` is that of the numbers whose difference it is. No value of ours may be missing where
    one was printed, nor be given where none was.
    """
    ours, theirs = np.broadcast_arrays(np.asarray(ours, float), np.asarray(theirs, float))
    known = np.isfinite(theirs)
    np.testing.assert_array_equal(np.isfinite(ours), known, err_msg=reference)
    ours, theirs = ours[known], theirs[known]
    apart, magnitude = np.abs(ours - theirs), np.abs(theirs)
    if allowed is None:
        exponent = np.floor(np.log10(np.where(magnitude > 0, magnitude, 1.0)))
        allowed = np.where(magnitude > 0, 0.5 * 10.0 ** (exponent + 1 - SIGNIFICANT), 0.0)
    allowed = allowed + ROUNDING * np.maximum(magnitude, size)
    in_allowed = np.where(apart > 0, apart / np.maximum(allowed, 1e-300), 0.0)
    return Comparison(
        reference, theirs.size, float(apart.max(initial=0)), float(in_allowed.max(initial=0))
    )


def worst(found):
    """Return the largest difference in allowed ones: above 1 something does not agree."""
    return max(found, key=lambda one: one.in_allowed)


def as_rows(found):
    """Return (reference, number of values, largest difference), one row a reference."""
    rows = {}
    for one in found:
        n, largest = rows.get(one.reference, (0, 0.0))
        rows[one.reference] = n + one.n_values, max(largest, one.largest)
    return [(reference, *row) for reference, row in rows.items()]
