"""All metrics measured, on as many cores as the caller gave joblib."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from functools import lru_cache
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import ThreadpoolController

from earlywarning.settings import Settings
from earlywarning.signals.change import Before
from earlywarning.signals.measure import Measured, measure_each
from earlywarning.signals.prepare import Prepared

BLOCK = 32  # metrics that one worker takes at a time
KEPT = 31 * 2**20  # bytes: freed once, so that smaller arrays are not handed back one by one


def measure_all(
    ready: Sequence[Prepared], before: Sequence[Before], *, settings: Settings
) -> list[Measured]:
    """Measure metrics, a block of them a worker; the bits are the same on any backend.

    Parameters
    ----------
    ready : sequence of Prepared
        The metrics, made ready.
    before : sequence of mapping of str to Learnt, or None
        What was learnt of each of them earlier.
    settings : Settings
        The thresholds.
    """
    blocks = [slice(start, start + BLOCK) for start in range(0, len(ready), BLOCK)]
    done = Parallel()(
        delayed(_measure_block)(ready[block], before[block], settings) for block in blocks
    )
    parts = [part for block in done for part in block]
    return [Measured(of, **part) for of, part in zip(ready, parts, strict=True)]


def _measure_block(
    ready: Sequence[Prepared], before: Sequence[Before], settings: Settings
) -> list[dict[str, Any]]:
    """Measure some metrics, and return all but what went in."""
    _keep_memory()
    with one_thread():
        found = measure_each(ready, before, settings=settings)
    names = [field.name for field in fields(Measured) if field.name != "prepared"]
    return [{name: getattr(one, name) for name in names} for one in found]


def one_thread() -> AbstractContextManager[object]:
    """Let matrices be multiplied by one thread: they are small, and the bits the same anywhere."""
    limited: AbstractContextManager[object] = _pools().limit(limits=1, user_api="blas")
    return limited


@lru_cache(maxsize=1)
def _keep_memory() -> None:
    """Let the C library keep what arrays free, once a process: a tenth of the time on Linux.

    It hands a freed array back to the system, to be asked for again page by page, unless one as
    large was freed before (mallopt(3), M_MMAP_THRESHOLD). Nothing is written to this one.
    """
    np.empty(KEPT, dtype=np.uint8)


@lru_cache(maxsize=1)
def _pools() -> ThreadpoolController:
    """Return the thread pools of the libraries that are loaded, looked for once a process."""
    return ThreadpoolController()
