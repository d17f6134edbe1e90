"""Is it rising, and how fast? The tests of trend that people know, on whole matrices.

`count_trend` and `value_trend` are the five-point marker of Fingertips. Neither knows which
way is worse.
"""

from earlywarning.models.trends.five_points import TrendMarker, count_trend, value_trend

__all__ = ["TrendMarker", "count_trend", "value_trend"]
