"""What if only those who were reviewed could be found out?

`reviewed_within` says who was. `selection_bounds` gives the worst and the best that
unreviewed authorities could hide, and `weighted_measures` lets reviewed ones stand for
others like them: that holds only if, among those alike, reviews did not follow risk.
"""

from earlywarning.validation.selection.bounds import selection_bounds
from earlywarning.validation.selection.calendar import reviewed_within
from earlywarning.validation.selection.weights import review_chances, weighted_measures

__all__ = ["review_chances", "reviewed_within", "selection_bounds", "weighted_measures"]
