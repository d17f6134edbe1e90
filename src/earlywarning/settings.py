"""Which thresholds does the library use, in which unit, and why?

Every number of a judgement that users may set has its one home here; constants of a method
stand where the method does. `Settings` is frozen, refuses unknown names, and is written whole
into each run.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]


class Settings(BaseModel):
    """All thresholds; each may be set by name.

    Examples
    --------
    >>> Settings(false_flag_share=0.05).false_flag_share
    0.05
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # What can be assessed at all.
    min_periods: int = Field(5, ge=4)  # periods: four to learn from, one to test
    max_periods: int = Field(40, ge=8)  # periods: ten years of quarters; older ones say little
    min_peers: int = Field(5, ge=3)  # authorities: a median of fewer is one authority's whim
    stale_after: Positive = 1.5  # release intervals without a new value until a flag expires
    max_unassessed: Share = 0.10  # share of series; a batch run above it fails

    # When a value became known, where neither the file nor the catalogue says.
    # Long on purpose: a value taken as known too early would be hindsight.
    lag_days_annual: int = Field(240, ge=0)  # days: revenue outturn's revised release
    lag_days_quarterly: int = Field(140, ge=0)  # days: homelessness statistics
    lag_days_monthly: int = Field(60, ge=0)  # days
    lag_days_irregular: int = Field(90, ge=0)  # days: borrowing and investment

    # What is flagged, and how high. A share of false ones is controlled among all that are.
    false_flag_share: Share = 0.10  # of flags, and of authorities from the tier `concern` up
    watch_share: Share = (
        0.20  # of authorities from the tier `watch` up: to be looked at, not called
    )
    priority_share: Share = 0.01  # of flags and of authorities that are a `priority`
    smallest_effect: Positive = 0.5  # spreads of the peers: less is watched, not worth a call
    limits: Share = 0.95  # coverage of expected values' limits and of trend intervals

    # Who is talked to.
    cooling_off_days: int = Field(365, ge=0)  # days after a conversation until the next one
    silent_years: Positive = 5.0  # without a peer challenge, that is longer than its usual cycle

    practice_periods: int = Field(4, ge=2)  # that must be good, all but one, to be an example

    # What is proposed of a metric; nothing is applied.
    review_coverage: Share = 0.5  # of who could give it: with fewer, most peers cannot be compared
    review_correlation: Share = 0.9  # of ranks, on average: four fifths of one metric is the other
    review_signal: Positive = 1.0  # variances: below, a period's noise is as large as differences

    # How an authority's score adds up.
    points_cap: Positive = 40.0  # points: chance once in 10,000; more is no surer
    null_draws: int = Field(4_000, ge=200)  # resampled healthy authorities
    tail_draws: int = Field(20_000, ge=200)  # of them for authorities that few of those reach
    rank_draws: int = Field(400, ge=50)  # resampled scores for rank intervals
    seed: int = 20240401  # of both: the same panel gives the same bytes

    # When data are no longer like those that a saved model learnt from. From a year to the next,
    # one or two in a hundred of 166 real metrics pass each of these (benchmarks/drift_years.py).
    drift_coverage: Share = 0.10  # of a metric's authorities missing, or of values, beyond before
    drift_level: Positive = 1.0  # spreads of the authorities: how far their middle moved
    drift_spread: float = Field(2.0, gt=1)  # times as far apart as before, or as near together
