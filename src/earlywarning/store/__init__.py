"""A panel on disk, metric by metric: for more series than memory holds.

`append` and `revise` put checked panels in, whole or not at all; `compact` tidies up;
`open_store` gives a `Store`, which hands out the panel of some metrics at a time. What is in
its files is known to `parts`, which files there are to `manifest`, how they change to `writing`
and `disk`. It knows neither what the metrics mean nor how they are scored.
"""

from earlywarning.store.reading import Lot, Store, open_store
from earlywarning.store.writing import append, compact, revise

__all__ = ["Lot", "Store", "append", "compact", "open_store", "revise"]
