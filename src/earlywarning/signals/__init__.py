"""What does each series show? All metrics' signals, measured and not yet judged.

`Prepared` is one metric made ready for the estimators: oriented, cut to its window,
its authorities grouped with their peers, each with the reason if it cannot be
assessed. `Measured` holds what was learnt and found, and `signals_table` lays it out:
every series that goes in comes out, once a signal.
"""

from earlywarning.signals.change import Before, Learnt
from earlywarning.signals.company import Company
from earlywarning.signals.measure import Measured, measure, measure_each, p_of_changes
from earlywarning.signals.position import position_of
from earlywarning.signals.prepare import Prepared, as_known, known_by, prepare
from earlywarning.signals.rough import rough_releases
from earlywarning.signals.seen import Seen, seen_of
from earlywarning.signals.table import signals_table
from earlywarning.signals.workers import BLOCK, measure_all, one_thread

__all__ = [
    "BLOCK",
    "Before",
    "Company",
    "Learnt",
    "Measured",
    "Prepared",
    "Seen",
    "as_known",
    "known_by",
    "measure",
    "measure_all",
    "measure_each",
    "one_thread",
    "p_of_changes",
    "position_of",
    "prepare",
    "rough_releases",
    "seen_of",
    "signals_table",
]
