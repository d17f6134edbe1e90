"""Why was this flagged, against whom, how sure is it, and what is not known?

`reason` words one flag, from its row alone; `page` says all that the tables say of one
authority. What is counted for it, how many peers do the same and how often values are revised,
stands in `peers` and `record`; every other number was measured elsewhere.
"""

from earlywarning.explain.page import Page, as_page, page
from earlywarning.explain.questions import read_questions
from earlywarning.explain.reasons import reason, reasons, with_signals
from earlywarning.explain.sections import Section
from earlywarning.explain.tables import About, Explained
from earlywarning.explain.wording import one_line

__all__ = [
    "About", "Explained", "Page", "Section", "as_page", "one_line", "page", "read_questions",
    "reason", "reasons", "with_signals",
]  # fmt: skip
