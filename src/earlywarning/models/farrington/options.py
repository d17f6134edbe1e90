"""What does the surveillance of counts depend on? Its options, checked together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from earlywarning.errors import UsageError

Threshold = Literal["predictive", "delta", "nbPlugin", "muan"]
Power = Literal["2/3", "1/2", "none"]
Arithmetic = Literal["exact", "surveillance"]

FEWEST_YEARS = 2  # of reference: a season seen once says nothing of its years


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveillance:
    """Options of `farrington`; in brackets what the R package surveillance calls them.

    Parameters
    ----------
    frequency : int
        Periods a year: 52, 13, 12 or 4 (`freq`).
    years : int, default=5
        Years looked back on; as many as there are, from 2 on (`b`).
    window : int, default=1
        Periods before and after the same time of earlier years that count as that time (`w`).
    seasons : int, default=1
        Parts of a year with a level of their own, the window one of them; with 1, only the
        windows are looked at (`noPeriods`).
    left_out : int, optional
        Periods before the newest that are left out, so that a rise under way does not hide
        itself; `window` if not given (`pastWeeksNotIncluded`).
    reweight_above : float, default=2.58
        Anscombe residuals beyond which an old outbreak loses weight; infinity for none
        (`weightsThreshold`, `reweight`).
    trend_level : float, default=0.05
        Level at which a trend must be significant to be kept; above 1 any is kept that does not
        lead beyond what was ever seen, and 0 keeps none (`pThresholdTrend`, `trend`).
    threshold : {"predictive", "delta", "nbPlugin", "muan"}, default="predictive"
        The law of the newest count. "delta": normal after a power transformation, the error
        of the expected count allowed for (Farrington 1996). "nbPlugin": negative binomial,
        the expected count taken to be known. "muan": negative binomial about the expected
        count's own limit. "predictive": negative binomial with the variance of "delta", the
        tails widened from normal to t since the dispersion is estimated too.
    alpha : float, default=0.01
        One-sided share of healthy counts beyond a limit.
    power : {"2/3", "1/2", "none"}, default="2/3"
        The transformation of "delta" (`powertrans`).
    fewest_counts, in_periods : int, default=5, 4
        No alarm where there were fewer counts in so many newest periods (`limit54`).
    arithmetic : {"exact", "surveillance"}, default="exact"
        "surveillance" stops where R's glm does, and takes the scale of standard errors from
        working residuals weighted by Anscombe weights alone, as the package does.

    Raises
    ------
    UsageError
        If options cannot be, or not together; all that is wrong is said at once.

    Examples
    --------
    >>> Surveillance(frequency=12, seasons=4).window
    1
    """

    frequency: int
    years: int = 5
    window: int = 1
    seasons: int = 1
    left_out: int | None = None
    reweight_above: float = 2.58
    trend_level: float = 0.05
    threshold: Threshold = "predictive"
    alpha: float = 0.01
    power: Power = "2/3"
    fewest_counts: int = 5
    in_periods: int = 4
    arithmetic: Arithmetic = "exact"

    def __post_init__(self) -> None:
        """Refuse options that cannot be."""
        between = self.frequency - 2 * self.window - 1
        rules = {
            "frequency is 2 or more periods a year": self.frequency >= 2,
            f"years is {FEWEST_YEARS} or more": self.years >= FEWEST_YEARS,
            "window is 0 or more": self.window >= 0,
            "window leaves no part of the year out twice": between >= 0,
            "seasons is 1, or no more than the window and the periods between windows": (
                1 <= self.seasons <= max(between, 0) + 1
            ),
            "left_out is 0 or more": self.left_out is None or self.left_out >= 0,
            "reweight_above is above 0": self.reweight_above > 0,
            "trend_level is 0 or more": self.trend_level >= 0,
            "alpha is between 0 and 0.5": 0 < self.alpha < 0.5,
            "fewest_counts and in_periods are 0 and 1 or more": (
                self.fewest_counts >= 0 and self.in_periods >= 1
            ),
            f"threshold is one of {get_args(Threshold)}": self.threshold in get_args(Threshold),
            f"power is one of {get_args(Power)}": self.power in get_args(Power),
            f"arithmetic is one of {get_args(Arithmetic)}": self.arithmetic in get_args(Arithmetic),
        }
        broken = [rule for rule, holds in rules.items() if not holds]
        if broken:
            raise UsageError(f"Options that cannot be used. It must hold: {'; '.join(broken)}.")
