"""The tables of the whole sector, as a `Result` has them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import pandas as pd

from earlywarning.panel import Panel, values_at
from earlywarning.sector.metrics import metrics_review
from earlywarning.sector.movement import sector_movement
from earlywarning.sector.returns import returns_review
from earlywarning.sector.themes import sector_themes
from earlywarning.settings import Settings
from earlywarning.signals import Measured
from earlywarning.signals.breaks import breaks_table
from earlywarning.signals.company import UNKNOWN
from earlywarning.signals.missing import missing_by_authority
from earlywarning.signals.returns import returns_table


class SectorReviews:
    """Returns, breaks, movements and reviews, each worked out when it is first asked for."""

    as_of: pd.Timestamp
    flags: pd.DataFrame
    metrics: pd.DataFrame
    register: pd.DataFrame
    panel: Panel
    source: Panel
    settings: Settings
    measured: Mapping[str, Measured]

    @cached_property
    def values(self) -> pd.DataFrame:
        """Each value as known that day, and as first published, columns `schema.VALUES`."""
        return values_at(self.source, self.as_of)

    @cached_property
    def breaks(self) -> pd.DataFrame:
        """Where metrics may have been defined anew, columns `schema.BREAKS`; none is applied."""
        return breaks_table(self.measured.values())

    @cached_property
    def returns(self) -> pd.DataFrame:
        """Whose returns are late or missing, columns `schema.RETURNS`, a row a series."""
        return returns_table(
            self.measured.values(), self.panel, self._known, self.as_of, settings=self.settings
        )

    @cached_property
    def returns_by_authority(self) -> pd.DataFrame:
        """Who lacks more returns than its peers, columns `schema.RETURNS_BY_AUTHORITY`."""
        return missing_by_authority(self.returns)

    @cached_property
    def returns_review(self) -> pd.DataFrame:
        """Each authority's late, missing and revised returns, columns `schema.RETURNS_REVIEW`."""
        known = self.register.dropna(subset=["name"])
        names = dict(zip(known["authority"].astype(str), known["name"].astype(str), strict=True))
        return returns_review(
            self.returns, self.returns_by_authority, self.values, self.measured, names=names
        )

    @cached_property
    def metrics_review(self) -> pd.DataFrame:
        """What each metric is worth, columns `schema.METRICS_REVIEW`; no proposal is applied."""
        tables = (self.flags, self.breaks, self.values)
        return metrics_review(self.measured.values(), self._known, tables, settings=self.settings)

    @cached_property
    def sector_movement(self) -> pd.DataFrame:
        """How far each group moved in each metric, columns `schema.SECTOR_MOVEMENT`."""
        return sector_movement(self.measured.values(), self.register, settings=self.settings)

    @cached_property
    def sector_themes(self) -> pd.DataFrame:
        """How the metrics of each theme moved, by group, columns `schema.SECTOR_THEMES`."""
        return sector_themes(self.sector_movement, self.metrics)

    @property
    def _known(self) -> pd.DataFrame:
        """Each authority's type and last day, as far as the register says."""
        known = self.register
        types = known["type"].fillna(UNKNOWN).astype(str)
        return known[["authority"]].assign(type=types, end=pd.to_datetime(known["end"]))
