"""In which releases did everybody move more than they used to, so that limits are wider?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from earlywarning.models.roughness import roughness_of_all
from earlywarning.schema import issue_row
from earlywarning.signals.measure import Measured

SEEN = 1.05  # times as wide: less nobody sees in a limit
TEXT = (
    "In {period} authorities moved further than they used to, each in its own way: limits of "
    "their changes are up to {times:.1f} times as wide."
)
REMEDY = "Find out what befell all of them then, and whether what is counted has changed."


def rough_releases(measured: Iterable[Measured]) -> list[dict[str, object]]:
    """Return a row of issues for each release whose limits are wider for everybody."""
    return [
        issue_row(
            "release", "rough_release", TEXT.format(period=period, times=times), REMEDY,
            metric=found.prepared.matrix.metric, period=period, n_rows=len(learnt.authorities),
        )
        for found in measured
        for period, learnt in found.learnt.items()
        if (times := float(np.max(roughness_of_all(learnt.fit.tails)))) > SEEN
    ]  # fmt: skip
