"""Which signals are worth a conversation?

`raise_flags` controls the share of false flags (Benjamini-Hochberg) over all
authorities and metrics of a kind and theme at once, and grades what is left. `recheck`
then asks of each flag what would clear it, and how many re-scorings keep it. Neither
knows how a flag is worded (`earlywarning.explain`).
"""

from earlywarning.flags.grade import expected_false_flags, raise_flags
from earlywarning.flags.recheck import recheck

__all__ = ["expected_false_flags", "raise_flags", "recheck"]
