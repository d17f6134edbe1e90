"""One timed run of the library, in a process of its own; prints what it took as JSON.

`python -m benchmarks.speed.run frame|parquet FILE SIZE CORES`: from the long table in
memory, or from the file, to flags. A tiny panel goes first, so that imports and caches
take no part in the time.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import joblib
import pandas as pd

from benchmarks.speed.sizes import SIZES, Size, catalogue_of, long_frame
from earlywarning import Catalogue, EarlyWarning, Panel, Result, as_panel, read_panel

KIB_A_MB = 1024


def from_frame(frame: pd.DataFrame, catalogue: Catalogue) -> Result:
    """Check, fit and score a long table."""
    return _scored(as_panel(frame, catalogue=catalogue), catalogue)


def from_parquet(path: Path, catalogue: Catalogue) -> Result:
    """Read, fit and score a Parquet file."""
    return _scored(read_panel(path, catalogue=catalogue), catalogue)


def _scored(panel: Panel, catalogue: Catalogue) -> Result:
    return EarlyWarning(catalogue=catalogue).fit_score(panel)


def timed(how: str, path: Path, size: Size) -> dict[str, float]:
    """Return the seconds a run takes, how many series it has and flags it gives."""
    catalogue = catalogue_of(size)
    if how == "frame":
        frame = pd.read_parquet(path)
        start = time.perf_counter()
        result = from_frame(frame, catalogue)
    else:
        start = time.perf_counter()
        result = from_parquet(path, catalogue)
    flags = len(result.flags)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "series": size.n_series, "flags": flags}


def main() -> None:
    """Warm up, run, and print seconds and the peak of memory, its input included."""
    how, path, size, cores = sys.argv[1:]
    warm = SIZES["tiny"]
    from_frame(long_frame(warm), catalogue_of(warm))
    with joblib.parallel_config(n_jobs=int(cores)):
        told = timed(how, Path(path), SIZES[size])
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    workers = int(cores) * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps(told | {"peak_mb": (own + workers) / KIB_A_MB}))


if __name__ == "__main__":
    main()
