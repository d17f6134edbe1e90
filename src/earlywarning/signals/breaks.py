"""Which metrics may have been defined anew, and in which period?

`breaks_table` lays out what `models.breaks` proposes, all metrics in one table.
No proposal is applied: whether a definition changed is for people to find out.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from earlywarning.models.breaks import Break, find_breaks
from earlywarning.schema import BREAKS
from earlywarning.signals.measure import Measured

AS_THEY_ARE = BREAKS[BREAKS.index("p") : -1]  # columns that a proposal has by the same name


def breaks_table(measured: Iterable[Measured]) -> pd.DataFrame:
    """Propose the periods at which metrics may have been defined anew.

    Parameters
    ----------
    measured : iterable of Measured
        The metrics.

    Returns
    -------
    DataFrame
        Columns `schema.BREAKS`, one row a proposal; `before` is the period it is compared
        with. `jump` and `usual` are on the metric's `scale` (a jump of 0.1 on "log" is one of
        a tenth), up where published values are higher, whichever way is worse.
    """
    rows = [
        _row(found, proposed)
        for found in measured
        for proposed in find_breaks(found.prepared.orientation.sign * found.prepared.x)
    ]
    return pd.DataFrame(rows, columns=list(BREAKS))


def _row(found: Measured, proposed: Break) -> dict[str, object]:
    """Return one proposal, its periods by their labels."""
    labels = found.prepared.matrix.periods
    return {
        "metric": found.prepared.matrix.metric,
        "period": labels[proposed.period],
        "before": labels[proposed.before],
        "scale": found.prepared.orientation.transform,
        **{name: getattr(proposed, name) for name in AS_THEY_ARE},
        "evidence": proposed.evidence(labels),
    }
