"""Is it rising, and how fast? The tests of trend that people know, on whole matrices.

`theil_sen` gives slope and limits, `mann_kendall` says how surely it is one; `count_trend`
and `value_trend` are the five-point marker of Fingertips. None knows which way is worse.
"""

from earlywarning.models.trends.five_points import TrendMarker, count_trend, value_trend
from earlywarning.models.trends.mann_kendall import KendallTest, MannKendall, mann_kendall
from earlywarning.models.trends.theil_sen import Line, TheilSen, theil_sen

__all__ = [
    "KendallTest",
    "Line",
    "MannKendall",
    "TheilSen",
    "TrendMarker",
    "count_trend",
    "mann_kendall",
    "theil_sen",
    "value_trend",
]
