"""How else could one rank authorities? A score worth having is better than these.

Each scorer gives columns `scores.BASELINES`, higher riskier, one row an authority that it can
score; `coverage` counts the others. `metrics` takes each metric by itself, `plain` chance and the
list of those in trouble before, `areas` size and deprivation, and the `points_` modules systems of
points that others have published; `every_scorer` has them all. None knows
what came of anybody after its as-of date.
"""

from earlywarning.validation.baselines.areas import area_scores, read_areas
from earlywarning.validation.baselines.every import every_scorer
from earlywarning.validation.baselines.metrics import metric_scores
from earlywarning.validation.baselines.plain import chance, last_list
from earlywarning.validation.baselines.points_scores import indicator_values, points_scores
from earlywarning.validation.baselines.points_system import (
    POINTS_SYSTEMS,
    Indicator,
    PointsSystem,
    built_in_system,
    read_points_system,
)
from earlywarning.validation.baselines.scores import BASELINES, coverage

__all__ = [
    "BASELINES",
    "POINTS_SYSTEMS",
    "Indicator",
    "PointsSystem",
    "area_scores",
    "built_in_system",
    "chance",
    "coverage",
    "every_scorer",
    "indicator_values",
    "last_list",
    "metric_scores",
    "points_scores",
    "read_areas",
    "read_points_system",
]
