"""The flags of one kind on one metric that are asked the same questions again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.models.structural import Asked
from earlywarning.signals import Measured

Array = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Case:
    """Flags of one kind on one metric, of authorities that end and are judged alike."""

    measured: Measured
    metric: str
    kind: str
    place: Rows  # among the flags
    rows: Rows  # among the metric's authorities
    newest: int  # their newest period
    judged_at: int  # the newest period of those they are judged with
    cut: Array

    @property
    def x(self) -> Array:
        """The series up to the period they are judged at."""
        return self.measured.prepared.x[self.rows, : self.judged_at + 1]

    @property
    def published(self) -> NDArray[Any]:
        """When the newest values came out."""
        published: NDArray[Any] = self.measured.prepared.matrix.published
        return np.asarray(published[self.rows, self.newest])

    @property
    def context(self) -> NDArray[np.bool_]:
        """Whether both sides are asked about, a flag each."""
        return np.full(len(self.rows), self.measured.prepared.context)

    @property
    def asked(self) -> Asked:
        """How to ask what other values of these authorities would show."""
        return self.measured.asked(self.rows, self.judged_at)

    def in_units(self, x: Array) -> Array:
        """Return oriented values in the metric's units."""
        return self.measured.prepared.in_units(x, self.rows)


def cases_of(flags: pd.DataFrame, measured: Mapping[str, Measured]) -> Iterator[Case]:
    """Yield the cases of flags with `authority, metric, kind` and `cut`."""
    cut = flags["cut"].to_numpy(float)
    columns = (flags[name].astype(str) for name in ("metric", "kind", "authority"))
    places: dict[tuple[str, str, int, int], list[tuple[int, int]]] = {}
    lines = {name: _lines(measured[name]) for name in set(flags["metric"].astype(str))}
    for place, (name, kind, authority) in enumerate(zip(*columns, strict=True)):
        row = lines[name][authority]
        ends = int(measured[name].prepared.newest[row]), int(measured[name].judged_at[row])
        places.setdefault((name, kind, *ends), []).append((place, row))
    for (name, kind, newest, judged_at), pairs in sorted(places.items()):
        at, rows = np.array(pairs, dtype=np.intp).T
        yield Case(measured[name], name, kind, at, rows, newest, judged_at, cut[at])


def _lines(found: Measured) -> dict[str, int]:
    """Return each authority's row."""
    return {code: row for row, code in enumerate(found.prepared.matrix.authorities)}
