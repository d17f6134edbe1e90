"""From a store of more series than memory holds to flags.

What is expensive needs one metric alone: a block of metrics is read, measured and forgotten.
What needs all of them (the share of false flags, an authority's score) needs a few numbers a
series, and those are kept. `blocks` does the one, `scoring` the other, `result` holds what
comes out: the same as `EarlyWarning.fit_score` would give of the whole panel.
"""

from earlywarning.stored.result import StoredResult
from earlywarning.stored.scoring import score_store

__all__ = ["StoredResult", "score_store"]
