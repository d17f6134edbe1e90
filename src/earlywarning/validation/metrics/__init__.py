"""How good were scores and flags, and how sure is that? Pure functions on arrays.

Scores (higher is riskier), events (whether the outcome came) and, where useful, weights:
multiplicities of one draw of a bootstrap, or of many at once. None knows where the
arrays come from.
"""

from earlywarning.validation.metrics.bootstrap import bootstrap_interval
from earlywarning.validation.metrics.calibration import (
    BINS,
    CalibrationLine,
    brier_score,
    brier_skill,
    calibration_bins,
    calibration_line,
)
from earlywarning.validation.metrics.capacity import (
    AtCapacity,
    at_capacity,
    false_alarms_per_year,
    precision_at_each,
)
from earlywarning.validation.metrics.decision import (
    Counts,
    NetBenefit,
    Usefulness,
    count,
    net_benefit,
    noise_to_signal,
    usefulness,
)
from earlywarning.validation.metrics.delong import Comparison, compare_roc_auc, roc_auc_interval
from earlywarning.validation.metrics.discrimination import (
    average_precision,
    partial_auc,
    roc_auc,
)
from earlywarning.validation.metrics.intervals import Interval
from earlywarning.validation.metrics.lead_time import (
    LeadTimes,
    LeadTimeSummary,
    lead_time_summary,
    lead_times,
)
from earlywarning.validation.metrics.nab import nab_score, nab_sigmoid
from earlywarning.validation.metrics.nearness import Affiliation, affiliation, as_intervals

__all__ = [
    "BINS",
    "Affiliation",
    "AtCapacity",
    "CalibrationLine",
    "Comparison",
    "Counts",
    "Interval",
    "LeadTimeSummary",
    "LeadTimes",
    "NetBenefit",
    "Usefulness",
    "affiliation",
    "as_intervals",
    "at_capacity",
    "average_precision",
    "bootstrap_interval",
    "brier_score",
    "brier_skill",
    "calibration_bins",
    "calibration_line",
    "compare_roc_auc",
    "count",
    "false_alarms_per_year",
    "lead_time_summary",
    "lead_times",
    "nab_score",
    "nab_sigmoid",
    "net_benefit",
    "noise_to_signal",
    "partial_auc",
    "precision_at_each",
    "roc_auc",
    "roc_auc_interval",
    "usefulness",
]
