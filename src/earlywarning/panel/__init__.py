"""What was known of each authority, metric and period, on which day?

`as_panel` checks a long table once and makes a `Panel` of it; `Panel.known_at`
is the only thing in the library that cuts time; `Panel.matrix` hands one metric
to the estimators. It knows no files (`earlywarning.readers` does), and not which
way is worse (`earlywarning.catalogue` does).
"""

from earlywarning.panel.checks import as_panel, concat
from earlywarning.panel.day import day_among, day_known, newest_day
from earlywarning.panel.hashed import hash_of
from earlywarning.panel.matrix import Matrix
from earlywarning.panel.table import Panel
from earlywarning.panel.vintages import values_at

__all__ = [
    "Matrix",
    "Panel",
    "as_panel",
    "concat",
    "day_among",
    "day_known",
    "hash_of",
    "newest_day",
    "values_at",
]
