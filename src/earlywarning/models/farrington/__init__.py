"""Is the newest count more than its past leads one to expect? Farrington's flexible algorithm.

`farrington` judges the newest count of all series of a metric; `Surveillance` holds its
options.
"""

from earlywarning.models.farrington.detector import CountAlarms, farrington
from earlywarning.models.farrington.options import Surveillance

__all__ = ["CountAlarms", "Surveillance", "farrington"]
