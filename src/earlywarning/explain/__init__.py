"""Why was this flagged, against whom, how sure is it, and what is not known?

`reason` words one flag, from its row alone; `page` says all that the tables say of one
authority. Nothing is computed here: every number was measured elsewhere.
"""

from earlywarning.explain.page import Page, as_page, page
from earlywarning.explain.reasons import reason, reasons, with_signals
from earlywarning.explain.sections import Section
from earlywarning.explain.tables import Explained
from earlywarning.explain.wording import one_line

__all__ = [
    "Explained", "Page", "Section", "as_page", "one_line", "page", "reason", "reasons",
    "with_signals",
]  # fmt: skip
