"""What is asked of a back-test, settled before any outcome is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from earlywarning.validation.days import days_of, months_of

Count = Annotated[int, Field(ge=1)]


class Plan(BaseModel):
    """What is asked of a back-test; each may be set by name.

    Examples
    --------
    >>> Plan(horizon="36M").horizon_days
    1096
    >>> Plan(outcomes={"grave": ["section_114", "statutory_intervention"]}).outcomes["grave"]
    ('section_114', 'statutory_intervention')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    horizon: str = "24M"  # an outcome this soon after a look counts as foreseen
    capacity: Count = 20  # authorities listed each time
    every: Literal["year", "quarter", "month"] = "year"  # how often one looks
    outcomes: Mapping[str, tuple[str, ...]] | None = None  # judged together; each by itself if None
    reviews: Mapping[str, tuple[str, ...]] | None = None  # engagements that can find an outcome
    within_days: Count = 730  # days: an event this soon after another belongs to the same episode
    delay_days: Annotated[int, Field(ge=0)] = 0  # days until an outcome is known, where not said
    draws: Annotated[int, Field(ge=100)] = 1_000  # resampled sets of authorities for the limits
    shuffles: Annotated[int, Field(ge=50)] = 200  # runs with outcomes shuffled
    coverage: Annotated[float, Field(gt=0, lt=1)] = 0.95  # of all limits
    seed: int = 20240401

    @field_validator("horizon")
    @classmethod
    def _is_one(cls, horizon: str) -> str:
        months_of(horizon)
        return horizon

    @property
    def months(self) -> int:
        """The horizon in months."""
        return months_of(self.horizon)

    @property
    def horizon_days(self) -> int:
        """The horizon in days."""
        return days_of(self.months)
