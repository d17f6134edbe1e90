"""Which metrics has the sample, and by which law does each of them come about?

A `Law` says what a catalogue says (title, theme, unit, which way is worse) and how
values are drawn. Spreads, trends and noise are on the working scale: natural
logarithms for "log", log odds for "logit", the unit itself for "identity". The
figures were set from what such metrics look like in the published returns.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from earlywarning import schema
from earlywarning.sample.chance import Floats

ALL = ("unitary", "district", "county", "metropolitan district")
CARE = ("unitary", "county", "metropolitan district")  # social care, roads
LOCAL = ("unitary", "district", "metropolitan district")  # housing, planning, bins, tax


@dataclass(frozen=True, kw_only=True)
class Law:
    """One metric: what it is, and how its values are drawn."""

    metric: str
    title: str
    theme: str
    unit: str
    higher_is: str
    types: tuple[str, ...]
    lag: int  # days from a period's end to its publication
    scale: str  # the working scale
    centre: float  # the median authority in 2018, in the unit
    between: float  # standard deviation between authorities
    slope: float  # standard deviation of authorities' own trends, a year
    noise: float  # standard deviation of a usual authority's noise
    memory: float = 0.4  # the noise's correlation from one period to the next
    drift: float = 0.0  # what everyone moves a year
    deprived: float = 0.0  # correlation of the level with deprivation
    district: float = 0.0  # how far districts' level is from the others'
    pandemic: float = 0.0  # what the shocks do, in standard deviations of noise
    inflation: float = 0.0
    season: float = 0.0  # the same for the time of year
    wild: float = 0.0  # share of periods with three times the noise
    frequency: str = "annual"
    first: int | None = None  # first financial year, where the history is short
    twin: str = ""  # the metric it nearly repeats
    likeness: float = 0.0  # correlation with the twin, for everything drawn
    base: float = 0.0  # denominator for each resident and period; 0: no parts published
    per: float = 100.0  # numerator over denominator times this is the value
    decimals: int = 1
    small_counts_hidden: int = 0  # numerators below this are published as [c]
    transform: str = ""  # as the catalogue has it; empty: left to the unit
    target: float = np.nan

    def to_working(self, value: float) -> float:
        """Return a value of the unit on the working scale."""
        if self.scale == "log":
            return float(np.log(value))
        return float(np.log(value / (100 - value))) if self.scale == "logit" else value

    def to_unit(self, working: Floats) -> Floats:
        """Return values of the working scale in the unit."""
        if self.scale == "log":
            return np.exp(working)
        return 100 / (1 + np.exp(-working)) if self.scale == "logit" else working

    @property
    def worse(self) -> int:
        """Which way is worse, on any scale: 1 is up."""
        return -1 if self.higher_is == "better" else 1


def catalogue_table(laws: tuple[Law, ...]) -> pd.DataFrame:
    """Return the sample's catalogue (`schema.CATALOGUE`); NaN where there is no target.

    Examples
    --------
    >>> from earlywarning.sample.laws import LAWS
    >>> catalogue_table(LAWS)["higher_is"].value_counts().to_dict()["context"]
    3
    """
    rows = [
        (law.metric, law.title, law.theme, law.unit, law.higher_is, law.frequency,
         law.lag, law.transform, law.target, "fictional")
        for law in laws
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(schema.CATALOGUE))
