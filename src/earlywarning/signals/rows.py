"""How is a table laid out that has a row for every series of every metric?

`series_table` adds whose row it is to what was found, and makes words categorical.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.schema import empty
from earlywarning.signals.measure import Measured
from earlywarning.signals.prepare import Prepared

Cells = Mapping[str, NDArray[Any]]


def series_table(
    measured: Sequence[Measured],
    found: Sequence[Cells],
    columns: Sequence[str],
    words: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Lay out what was found of each series.

    Parameters
    ----------
    measured : sequence of Measured
        The metrics.
    found : sequence of mapping of str to ndarray of shape (n_authorities,)
        What was found of each, by column; `n_periods` is counted where it is not among them.
    columns : sequence of str
        The columns of the table, in order.
    words : mapping of str to sequence of str
        Which words may stand in which column.

    Returns
    -------
    DataFrame
        One row an authority and metric; authority, metric, period and `words` are categorical.
    """
    if not measured:
        return empty(columns)
    metrics = [one.prepared.matrix.metric for one in measured]
    parts = [_whose(one.prepared) | dict(cells) for one, cells in zip(measured, found, strict=True)]
    sizes = [len(one.prepared.x) for one in measured]
    table: dict[str, Any] = {"metric": np.repeat(np.array(metrics, dtype=object), sizes)}
    table |= {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    known: dict[str, Sequence[str]] = {"metric": metrics, **words}
    for name in ("authority", "metric", "period", *words):
        table[name] = _words(table[name], known.get(name, ()))
    return pd.DataFrame(table)[list(columns)]


def _words(cells: NDArray[Any], known: Sequence[str]) -> pd.Categorical:
    """Return words as categories, those that are not foreseen behind the others."""
    new = sorted(set(pd.unique(cells)) - set(known))
    return pd.Categorical(cells, categories=[*known, *new])


def _whose(prepared: Prepared) -> dict[str, NDArray[Any]]:
    """Return whose rows they are."""
    return {
        "authority": np.array(prepared.matrix.authorities, dtype=object),
        "period": prepared.newest_periods,
        "n_periods": np.isfinite(prepared.matrix.values).sum(axis=1),
    }
