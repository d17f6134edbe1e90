"""How worried should one be about an authority, and what does that consist of?

`points_of` turns signals into points, and points into contributions that add up to
each authority's score exactly. `assess` sets the scores against what healthy
authorities would get by chance, and says how far the ranks can be trusted.
"""

from earlywarning.risk.assess import assess
from earlywarning.risk.points import Points, points_of, weighed

__all__ = ["Points", "assess", "points_of", "weighed"]
