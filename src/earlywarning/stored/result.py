"""What came out of a store: flags and scores, without the signals of every series."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from earlywarning.flags import expected_false_flags
from earlywarning.risk import Points, assess, weighed
from earlywarning.schema import FLAG_KINDS, SIGNALS, empty
from earlywarning.settings import Settings
from earlywarning.stored.blocks import Kept


@dataclass(frozen=True, eq=False)
class StoredResult:
    """What `score_store` found on one as-of date.

    Attributes
    ----------
    as_of : Timestamp
        The day; nothing published later took part.
    flags, issues, metrics, register : DataFrame
        Columns as in `earlywarning.schema`, and as in `Result`.
    settings : Settings
        The thresholds used.
    kept : Kept
        What is kept of each position and change.
    """

    as_of: pd.Timestamp
    flags: pd.DataFrame
    issues: pd.DataFrame
    metrics: pd.DataFrame
    register: pd.DataFrame
    settings: Settings
    kept: Kept

    @cached_property
    def authorities(self) -> pd.DataFrame:
        """Every authority's score, tier and rank, columns `schema.AUTHORITIES` and its themes'."""
        table = assess(
            self._points, self.register, empty(SIGNALS), self.flags, settings=self.settings
        )
        return table.assign(coverage=self.kept.assessed / self.kept.asked)

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """What adds up to the scores, columns `schema.CONTRIBUTIONS`."""
        return self._points.contributions()

    @property
    def expected_false_flags(self) -> float:
        """How many of the flags to expect to be false, at the most."""
        return expected_false_flags(self.flags, settings=self.settings)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many authorities, metrics, series, assessed series, and flags."""
        return {
            "authorities": len(self.register),
            "metrics": len(self.metrics),
            "series": int(self.kept.asked.sum()) // len(FLAG_KINDS),
            "series_assessed": int(self.kept.change.sum()),
            "flags": len(self.flags),
        }

    @cached_property
    def _points(self) -> Points:
        kept, scored = self.kept, self.metrics["higher_is"].ne("context").to_numpy()
        about = self.metrics[scored]
        pairs = [(metric, kind) for metric in about["metric"] for kind in FLAG_KINDS]
        columns = pd.DataFrame(pairs, columns=["metric", "kind"])
        theme = about.set_index("metric")["theme"].astype(str)
        columns["theme"] = columns["metric"].map(theme).astype(str)
        place = np.cumsum(scored) - 1
        at = np.flatnonzero(scored[kept.metric])
        column = len(FLAG_KINDS) * place[kept.metric[at]] + kept.change[at]
        z, p = np.full((2, len(self.register), len(columns)), np.nan)
        z[kept.authority[at], column] = kept.z[at]
        p[kept.authority[at], column] = kept.p[at]
        authorities = self.register["authority"].astype(str).to_list()
        return weighed(authorities, columns, (z, p), settings=self.settings)
