"""What goes wrong, for whom, from when, and how badly?

Fifteen authorities get into trouble, each in its own way. The stories were written
from what councils' failures have looked like (reserves fall and borrowing rises,
budgets overspend, collection falls, temporary accommodation climbs, planning
decisions stall), without sight of what looks for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from earlywarning.sample.axis import PER_YEAR
from earlywarning.sample.chance import Floats, pick, stream
from earlywarning.sample.places import Places
from earlywarning.sample.series import Series

COLUMNS = ("authority", "kind", "metric", "start_period", "size_in_noise_sds")
SIZES = (3.0, 6.0)  # standard deviations of the series' own noise, drawn evenly
FAR = (3.0, 4.0)  # standard deviations between authorities, drawn evenly

SUDDEN = "sudden deterioration"
TWICE = "deterioration two periods running"
DRIFT = "slow drift"
SQUEEZE = "financial squeeze"
SERVICE = "service failure"
FAR_WORSE = "far worse than peers"


@dataclass(frozen=True)
class Plan:
    """One authority's trouble, and the outcome it ends in, if any."""

    kind: str
    type: str
    metrics: tuple[str, ...]
    outcome: str = ""


PLANS = (
    Plan(SUDDEN, "district",
         ("major_applications_on_time_pct", "minor_applications_on_time_pct"),
         "best_value_notice"),
    Plan(SUDDEN, "metropolitan district",
         ("care_assessment_wait_days", "care_assessment_late_pct", "care_home_admissions_rate")),
    Plan(SUDDEN, "unitary",
         ("missed_bins_rate", "recycling_pct", "residual_waste_per_household"),
         "peer_challenge_finding"),
    Plan(TWICE, "district",
         ("temporary_accommodation_rate", "temporary_accommodation_cost_per_household",
          "homelessness_prevented_pct", "budget_overspend_pct"),
         "exceptional_financial_support"),
    Plan(TWICE, "county", ("child_assessment_late_pct", "child_visit_late_pct")),
    Plan(DRIFT, "unitary",
         ("temporary_accommodation_rate", "temporary_accommodation_cost_per_household",
          "council_tax_collected_pct"),
         "exceptional_financial_support"),
    Plan(DRIFT, "district",
         ("council_tax_collected_pct", "budget_overspend_pct", "recycling_pct")),
    Plan(DRIFT, "county",
         ("care_home_admissions_rate", "care_assessment_wait_days", "roads_poor_pct"),
         "peer_challenge_finding"),
    Plan(SQUEEZE, "unitary",
         ("general_reserves_pct", "total_reserves_pct", "borrowing_per_resident",
          "budget_overspend_pct", "council_tax_collected_pct"),
         "section_114"),
    Plan(SQUEEZE, "district",
         ("general_reserves_pct", "borrowing_per_resident", "budget_overspend_pct"),
         "statutory_intervention"),
    Plan(SQUEEZE, "metropolitan district",
         ("general_reserves_pct", "total_reserves_pct", "budget_overspend_pct",
          "council_tax_collected_pct"),
         "exceptional_financial_support"),
    Plan(SERVICE, "unitary",
         ("child_assessment_late_pct", "child_visit_late_pct", "child_plan_repeat_pct"),
         "statutory_intervention"),
    Plan(SERVICE, "metropolitan district",
         ("temporary_accommodation_rate", "temporary_accommodation_cost_per_household",
          "homelessness_prevented_pct", "homes_decent_pct")),
    Plan(FAR_WORSE, "unitary", ("missed_bins_rate", "roads_poor_pct")),
    Plan(FAR_WORSE, "county",
         ("care_assessment_wait_days", "care_assessment_late_pct"),
         "peer_challenge_finding"),
)  # fmt: skip


@dataclass(frozen=True)
class Troubles:
    """What was planted: the truth, a row a series, and by how much to move each metric."""

    table: pd.DataFrame
    shifts: Mapping[str, Floats]  # metric: (n_authorities, n_periods) on the working scale
    plans: Mapping[str, Plan]  # authority: its plan


def plant(series: Mapping[str, Series], places: Places, seed: int) -> Troubles:
    """Draw who gets which trouble, from when, and how large.

    Examples
    --------
    >>> from earlywarning.sample.laws import LAWS
    >>> from earlywarning.sample.places import make_places
    >>> from earlywarning.sample.series import make_series
    >>> places = make_places(1)
    >>> troubles = plant({law.metric: make_series(law, places, 1) for law in LAWS}, places, 1)
    >>> len(troubles.plans)
    15
    """
    rng = stream(seed, "troubles")
    shifts = {metric: np.zeros_like(one.working) for metric, one in series.items()}
    free = ~places.ended & ~places.new
    plans, rows = {}, []
    for plan in PLANS:
        (place,) = pick(rng, np.flatnonzero(free & places.of_type(plan.type)), 1)
        free[place] = False
        code = str(places.codes.iloc[place])
        plans[code] = plan
        back = int(rng.random() < 0.5)  # sudden: in the newest period, or the one before
        for metric in plan.metrics:
            one = series[metric]
            start = _start(plan.kind, one, back)
            size = _size(plan.kind, one, place, float(rng.random()))
            move = size * one.noise[place] * _course(plan.kind, one.axis.size, start)
            shifts[metric][place] = one.law.worse * move
            rows.append((code, plan.kind, metric, one.axis.labels[start], round(size, 2)))
    return Troubles(pd.DataFrame(rows, columns=list(COLUMNS)), shifts, plans)


def _start(kind: str, one: Series, back: int) -> int:
    """Return the first period in trouble."""
    year, size = PER_YEAR[one.law.frequency], one.axis.size
    length = {
        SUDDEN: 1 + back,
        TWICE: 2,
        DRIFT: max(3, size // 3),
        SQUEEZE: 3 * year,
        SERVICE: year,
        FAR_WORSE: size,
    }
    return size - length[kind]


def _size(kind: str, one: Series, place: int, draw: float) -> float:
    """Return how far the newest period is moved, in standard deviations of noise."""
    low, high = FAR if kind == FAR_WORSE else SIZES
    unit = one.law.between / one.noise[place] if kind == FAR_WORSE else 1.0
    return float((low + (high - low) * draw) * unit)


def _course(kind: str, size: int, start: int) -> Floats:
    """Return the share of the move reached in each period: a step, two steps or a slope."""
    since = np.arange(size) - start + 1.0
    if kind in (SUDDEN, SERVICE, FAR_WORSE):
        return (since > 0).astype(float)
    return np.clip(since / (size - start), 0, 1)
