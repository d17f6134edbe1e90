"""What do a series, a score and a sector look like?

Each chart is a `Drawing`: SVG that shows itself in a notebook, goes into a web page, and can be
saved. `series_svg` and `strip_svg` draw from plain sequences, the other functions from tables
as they come in; nothing is measured here.
"""

from earlywarning.charts.contributions import contributions_chart
from earlywarning.charts.control import control_chart
from earlywarning.charts.drawing import Drawing
from earlywarning.charts.funnel import funnel_chart
from earlywarning.charts.lookback import (
    benefit_chart,
    calibration_chart,
    lead_time_chart,
    precision_chart,
)
from earlywarning.charts.picture import Expected, Peers, SeriesPicture
from earlywarning.charts.series import series_chart
from earlywarning.charts.series_svg import series_svg
from earlywarning.charts.strip import strip_chart
from earlywarning.charts.strip_svg import StripPicture, strip_svg
from earlywarning.charts.tiers import tiers_chart
from earlywarning.charts.timeline import timeline_chart

__all__ = [
    "Drawing",
    "Expected",
    "Peers",
    "SeriesPicture",
    "StripPicture",
    "benefit_chart",
    "calibration_chart",
    "contributions_chart",
    "control_chart",
    "funnel_chart",
    "lead_time_chart",
    "precision_chart",
    "series_chart",
    "series_svg",
    "strip_chart",
    "strip_svg",
    "tiers_chart",
    "timeline_chart",
]
