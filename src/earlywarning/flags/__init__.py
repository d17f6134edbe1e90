"""Which signals are worth a conversation?

`raise_flags` controls the share of false flags (Benjamini-Hochberg) over all
authorities and metrics of a kind and theme at once. `recheck` asks of each flag whether it
stood a release earlier, what would clear it, and how many re-scorings keep it; `grade`
says how severe it is. None of them knows how a flag is worded (`earlywarning.explain`).
"""

from earlywarning.flags.grade import (
    at_most,
    expected_false_flags,
    false_shares,
    families,
    grade,
    gravest_first,
    raise_flags,
    raised,
    tests_of,
)
from earlywarning.flags.recheck import recheck

__all__ = [
    "at_most", "expected_false_flags", "false_shares", "families", "grade", "gravest_first",
    "raise_flags", "raised", "recheck", "tests_of",
]  # fmt: skip
