"""How sure is an estimate? An estimate with the limits that hold the truth so often."""

from __future__ import annotations

from typing import NamedTuple


class Interval(NamedTuple):
    """An estimate, its lower and upper limit, and how many draws gave no value (bootstrap only)."""

    estimate: float
    lower: float
    upper: float
    n_undefined: int = 0
