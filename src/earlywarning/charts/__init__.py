"""What do a series, a score and a sector look like?

Each chart is a matplotlib `Figure` of its own, made without pyplot: it draws without a
screen, shows itself in a notebook, and leaves nothing open. Tables come in as they are;
nothing is measured here. Matplotlib is imported only once a chart is asked for.
"""

from earlywarning.charts.contributions import contributions_chart
from earlywarning.charts.control import control_chart
from earlywarning.charts.funnel import funnel_chart
from earlywarning.charts.lookback import (
    benefit_chart,
    calibration_chart,
    lead_time_chart,
    precision_chart,
    timeline_chart,
)
from earlywarning.charts.series import series_chart
from earlywarning.charts.tiers import tiers_chart

__all__ = [
    "benefit_chart",
    "calibration_chart",
    "contributions_chart",
    "control_chart",
    "funnel_chart",
    "lead_time_chart",
    "precision_chart",
    "series_chart",
    "tiers_chart",
    "timeline_chart",
]
