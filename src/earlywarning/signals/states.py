"""Why a signal could not be assessed, as a number: its place among `schema.STATUSES`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earlywarning.schema import STATUSES

States = NDArray[np.int8]

(
    READY, NO_VALUE, STALE, FEW_PERIODS, CONSTANT, CONSTANT_SO_FAR, FEW_PEERS, PEERS_ALIKE,
) = np.arange(len(STATUSES), dtype=np.int8)  # fmt: skip
WORDS = np.array(STATUSES, dtype=str)


def spelt_out(states: States) -> NDArray[np.str_]:
    """Return states as words."""
    words: NDArray[np.str_] = WORDS[states]
    return words
