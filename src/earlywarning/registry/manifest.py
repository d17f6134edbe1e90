"""What a saved model says of itself: `manifest.json`.

Everything but numbers that were learnt: when, of what, by which version and settings, what the
metrics looked like, and of each array its kind, size and hash.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from earlywarning.errors import ModelError
from earlywarning.models.bank import WITH_SEASONS, YEARLY
from earlywarning.models.orientation import Orientation
from earlywarning.registry.archive import Kept
from earlywarning.registry.tables import Table
from earlywarning.settings import Settings
from earlywarning.signals import Seen

FORMAT = 2  # raised when a field comes, goes or means another thing; `migrations` has the way
BANK = hashlib.sha256(repr((YEARLY, WITH_SEASONS)).encode()).hexdigest()  # weights are of these


class Look(BaseModel):
    """What one metric looked like: `signals.Seen`, as JSON takes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    frequency: str
    period: str
    n_authorities: int = Field(ge=0)
    coverage: float
    gaps: float
    level: float | None
    spread: float | None
    transform: str
    sign: int
    whole: float
    size: float

    @classmethod
    def of(cls, metric: str, seen: Seen) -> Look:
        """Return what was seen of a metric."""
        scale = seen.orientation
        return cls(
            metric=metric, frequency=seen.frequency, period=seen.period,
            n_authorities=seen.n_authorities, coverage=seen.coverage, gaps=seen.gaps,
            level=_or_none(seen.level), spread=_or_none(seen.spread),
            transform=scale.transform, sign=scale.sign, whole=scale.whole, size=scale.size,
        )  # fmt: skip

    @property
    def seen(self) -> Seen:
        """The same, as the library takes it."""
        return Seen(
            orientation=Orientation(self.transform, self.sign, self.whole, self.size),
            frequency=self.frequency, period=self.period, n_authorities=self.n_authorities,
            coverage=self.coverage, gaps=self.gaps, level=_or_nan(self.level),
            spread=_or_nan(self.spread),
        )  # fmt: skip


class Known(BaseModel):
    """The words that arrays refer to by their place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    authorities: list[str]
    groups: list[str]
    periods: list[str]


class Manifest(BaseModel):
    """All of it; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    earlywarning: str  # the version that wrote it
    format: int
    as_of: dt.date
    data: str  # the hash of all values that were learnt from
    bank: str  # the hash of the structures whose weights were learnt
    settings: Settings
    versions: dict[str, str]
    arrays: dict[str, Kept]
    metrics: list[Look]
    words: Known
    tables: dict[str, Table]  # catalogue, register, neighbours, as far as they were given
    aliases: dict[str, list[str]]

    def to_json(self) -> str:
        """Return it as text, the same for the same model."""
        return self.model_dump_json(indent=2) + "\n"


class Envelope(BaseModel):
    """What a manifest of every format says: enough to refuse it, or to read its arrays."""

    earlywarning: str
    format: int = Field(ge=1)
    arrays: dict[str, Kept]


def as_object(text: bytes) -> dict[str, Any]:
    """Return a manifest's text as plain objects."""
    try:
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"manifest.json is no JSON ({error})") from error
    if not isinstance(found, dict):
        raise ModelError("manifest.json does not hold a manifest")
    return found


def as_envelope(found: dict[str, Any]) -> Envelope:
    """Check what a manifest of every format says."""
    try:
        return Envelope.model_validate(found)
    except ValidationError as error:
        raise ModelError(f"manifest.json: {_first(error)}") from error


def as_manifest(found: dict[str, Any]) -> Manifest:
    """Check a manifest of today's format."""
    try:
        return Manifest.model_validate(found)
    except ValidationError as error:
        raise ModelError(f"manifest.json: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _or_none(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _or_nan(number: float | None) -> float:
    return math.nan if number is None else number
