"""Do outcomes teach anything that the plain score does not know?

`splits` says which rows may be learnt from on a day, `walk` learns on each day from
those and no others, `gains` holds what is learnt against the plain score, and `learn`
puts them together.
"""

from earlywarning.validation.learning.learn import Learning, learn_out_of_time
from earlywarning.validation.learning.splits import time_splits

__all__ = ["Learning", "learn_out_of_time", "time_splits"]
