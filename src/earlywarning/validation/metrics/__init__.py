"""How good were scores and flags, and how sure is that? Pure functions on arrays.

Scores (higher is riskier), events (whether the outcome came) and, where useful, weights:
multiplicities of one draw of a bootstrap, or of many at once. None knows where the
arrays come from.
"""

from earlywarning.validation.metrics.bootstrap import bootstrap_interval
from earlywarning.validation.metrics.delong import Comparison, compare_roc_auc, roc_auc_interval
from earlywarning.validation.metrics.discrimination import (
    average_precision,
    partial_auc,
    roc_auc,
)
from earlywarning.validation.metrics.intervals import Interval

__all__ = [
    "Comparison",
    "Interval",
    "average_precision",
    "bootstrap_interval",
    "compare_roc_auc",
    "partial_auc",
    "roc_auc",
    "roc_auc_interval",
]
