"""Which signals are worth a conversation?

`raise_flags` controls the share of false flags (Benjamini-Hochberg) over all
authorities and metrics of a kind and theme at once; `stood_before` asks which of them
would have stood a release earlier, and `grade` says how severe they are. `recheck` asks
what would clear each flag, and how many re-scorings keep it. None of them knows how a
flag is worded (`earlywarning.explain`).
"""

from earlywarning.flags.grade import expected_false_flags, grade, raise_flags
from earlywarning.flags.persistence import stood_before
from earlywarning.flags.recheck import recheck

__all__ = ["expected_false_flags", "grade", "raise_flags", "recheck", "stood_before"]
