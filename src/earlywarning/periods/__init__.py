"""Which days does '2022/23', '2022-23 Q1' or '2019-01-01/P1Y' mean?

Every label in public English data is read to one canonical form, or refused
with the reason. `spans` knows the calendar, `grammar` and `labels` the ways to write a
period, and `columns` how the labels of a column settle each other. None of them knows
when a period's figures are published: that is the catalogue's lag.
"""

from earlywarning.periods.columns import as_labels, as_period, as_periods
from earlywarning.periods.spans import (
    DAYS_A_MONTH,
    KINDS,
    MONTHS_APART,
    Period,
    next_label,
    release_gap_days,
)

__all__ = [
    "DAYS_A_MONTH",
    "KINDS",
    "MONTHS_APART",
    "Period",
    "as_labels",
    "as_period",
    "as_periods",
    "next_label",
    "release_gap_days",
]
