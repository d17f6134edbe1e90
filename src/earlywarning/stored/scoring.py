"""A whole store scored, a block of metrics at a time, on the cores that the caller gave joblib."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from earlywarning.about import About, with_doubts
from earlywarning.flags import false_shares, families, gravest_first
from earlywarning.panel import day_among
from earlywarning.pipeline import EarlyWarning
from earlywarning.settings import Settings
from earlywarning.signals import BLOCK
from earlywarning.store import Store
from earlywarning.stored.blocks import Block, Kept, flag_block, measure_block
from earlywarning.stored.result import StoredResult

Array = NDArray[np.float64]
BLOCKS_AT_ONCE = 64  # that are handed out, and reported, together


def score_store(
    store: Store, model: EarlyWarning, *, as_of: str | dt.date | pd.Timestamp | None = None
) -> StoredResult:
    """Learn from a store as it stood on a day, and judge it, a block of metrics at a time.

    Parameters
    ----------
    store : Store
        From `open_store`.
    model : EarlyWarning
        Its catalogue, register, neighbours, settings and progress; it learns nothing.
    as_of : date-like, optional
        The day; that of the store's newest publication by default.

    Returns
    -------
    StoredResult
        Flags and scores, bit for bit those that `model.fit_score(store.panel())` would give.

    Raises
    ------
    UsageError
        If `as_of` is no date.
    DataRefusedError
        If nothing was published by then, or a file of the store is missing or damaged.

    Notes
    -----
    Blocks are shared out by `joblib.Parallel`, under the caller's `joblib.parallel_config`; on
    several machines (Dask) all must see the store's folder under the same path. Each block is
    measured twice where it has a flag: the p-value up to which flags are raised is known only
    when all metrics were measured, and nothing but p-values is kept until then.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> from earlywarning.store import append
    >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    >>> with TemporaryDirectory() as folder:
    ...     result = score_store(append(folder, [panel]), EarlyWarning())
    >>> result.flags.equals(EarlyWarning().fit_score(panel).flags)
    True
    """
    day = day_among(*store.published, as_of)
    about = About.of(store, model.catalogue, register=model.register, neighbours=model.neighbours)
    names = store.metrics
    blocks = [
        Block(
            store.lot(names[start : start + BLOCK]),
            [about.catalogue.metric(name) for name in names[start : start + BLOCK]],
            about.metrics[start : start + BLOCK], about.company, day, model.settings,
        )
        for start in range(0, len(names), BLOCK)
    ]  # fmt: skip
    show = model.progress or (lambda *_: None)
    found = _shared_out(measure_block, [(block,) for block in blocks], "measuring", show)
    kept = Kept.together(found, range(0, len(names), BLOCK))
    flags = _flags(blocks, kept, about.metrics, show)
    return StoredResult(
        as_of=day,
        flags=flags,
        issues=with_doubts(store.issues, about, kept.doubts),
        metrics=about.metrics,
        register=about.register,
        settings=model.settings,
        kept=kept,
    )


def _flags(
    blocks: Sequence[Block], kept: Kept, about: pd.DataFrame, show: Callable[[str, int, int], None]
) -> pd.DataFrame:
    """Judge all tests at once, and have the blocks that have flags word them."""
    settings: Settings = blocks[0].settings
    at = np.flatnonzero(~np.isnan(kept.p))
    p, metric = kept.p[at], kept.metric[at]
    q, cut = false_shares(p, families(kept.change[at], metric, about), settings)
    ends = np.searchsorted(metric, BLOCK * np.arange(len(blocks) + 1))
    flagged = np.unique(metric[q <= settings.false_flag_share] // BLOCK).tolist() or [0]
    jobs = []
    for number in flagged:
        tests = slice(*ends[number : number + 2])
        jobs.append((blocks[number], (q[tests], cut[tests])))
    return gravest_first(pd.concat(_shared_out(flag_block, jobs, "flagging", show)))


def _shared_out(
    work: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], doing: str,
    show: Callable[[str, int, int], None],
) -> list[Any]:  # fmt: skip
    """Do all jobs on the caller's backend, in order."""
    found: list[Any] = []
    with Parallel() as parallel:
        for start in range(0, len(jobs), BLOCKS_AT_ONCE):
            part = jobs[start : start + BLOCKS_AT_ONCE]
            found += parallel(delayed(work)(*job) for job in part)
            show(doing, min(BLOCK * len(found), len(jobs) * BLOCK), len(jobs) * BLOCK)
    return found
