"""What does the whole sector do, what are its metrics worth, and whose returns lack?

`movement` says how far each group moved in each metric and whether it spread out (`group` does
one of them), `themes` sums that up; `metrics` reviews the metrics, with what is alike
(`redundancy`) and what is proposed (`proposals`); `returns` reviews the returns.
`SectorReviews` hands all of it to a `Result`. Pure functions from tables to tables: nothing is
changed, and what is proposed is not applied.
"""

from earlywarning.sector.metrics import metrics_review
from earlywarning.sector.movement import sector_movement
from earlywarning.sector.returns import returns_review
from earlywarning.sector.reviews import SectorReviews
from earlywarning.sector.themes import sector_themes

__all__ = [
    "SectorReviews", "metrics_review", "returns_review", "sector_movement", "sector_themes",
]  # fmt: skip
