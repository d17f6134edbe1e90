"""Who does well, for long enough that it is not luck, and who could learn from them?

`good` finds those who do well in a metric, `themes` puts metrics together for a webinar, and
`pairs` names for a flagged authority those like it who do well in what it is flagged on.
"""

from earlywarning.practice.good import good_practice
from earlywarning.practice.pairs import practice_pairs
from earlywarning.practice.themes import practice_by_theme

__all__ = ["good_practice", "practice_by_theme", "practice_pairs"]
