"""What one worker does with one block of a store's metrics: measure it, and word its flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import parallel_config
from numpy.typing import NDArray

from earlywarning.catalogue import Metric
from earlywarning.explain import reasons, with_signals
from earlywarning.flags import grade, raised, recheck, tests_of
from earlywarning.panel import Panel
from earlywarning.schema import ASSESSED, FLAG_KINDS
from earlywarning.settings import Settings
from earlywarning.signals import (
    Company,
    Measured,
    measure_all,
    prepare,
    rough_releases,
    signals_table,
)
from earlywarning.store import Lot

Array = NDArray[np.float64]
Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Block:
    """Some metrics of a store, and what it takes to measure them."""

    lot: Lot
    metrics: Sequence[Metric]
    about: pd.DataFrame  # the same as a table, columns `schema.CATALOGUE`
    company: Company
    as_of: pd.Timestamp
    settings: Settings


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of each position and change that was assessed; arrays, a place a signal."""

    authority: Codes  # its place among the store's
    metric: Codes  # its place among the store's, or the block's
    change: Mask
    z: Array
    p: Array
    asked: Codes  # how many positions and changes each authority of the store has
    assessed: Codes  # and of how many it could be said
    doubts: list[dict[str, object]]  # rows of issues

    @classmethod
    def together(cls, parts: Sequence[Kept], starts: Sequence[int]) -> Kept:
        """Return blocks one after the other; their metrics begin at these places."""
        shifted = [part.metric + start for part, start in zip(parts, starts, strict=True)]
        names = ("authority", "change", "z", "p")
        columns = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
        counts = {
            name: np.sum([getattr(p, name) for p in parts], axis=0)
            for name in ("asked", "assessed")
        }
        doubts = [doubt for part in parts for doubt in part.doubts]
        return cls(metric=np.concatenate(shifted), **columns, **counts, doubts=doubts)


def measure_block(block: Block) -> Kept:
    """Measure some metrics, and keep little of it."""
    measured = _measured(block, block.lot.panel())
    signals = _signals(block, measured)
    judged = signals["signal"].isin(FLAG_KINDS).to_numpy()
    ok = judged & signals["status"].eq(ASSESSED).to_numpy()
    places = pd.Index(block.lot.authorities).get_indexer(signals["authority"].cat.categories)
    authority = places[signals["authority"].cat.codes.to_numpy()]
    n = len(block.lot.authorities)
    return Kept(
        authority=authority[ok].astype(np.int32),
        metric=signals["metric"].cat.codes.to_numpy()[ok].astype(np.int32),
        change=signals["signal"].eq("change").to_numpy()[ok],
        z=signals["z"].to_numpy()[ok],
        p=signals["p"].to_numpy()[ok],
        asked=np.bincount(authority[judged], minlength=n).astype(np.int32),
        assessed=np.bincount(authority[ok], minlength=n).astype(np.int32),
        doubts=rough_releases(measured),
    )


def flag_block(block: Block, shares: tuple[Array, Array]) -> pd.DataFrame:
    """Measure some metrics again, and return their flags, graded and worded.

    `shares` are the `false_shares` of the block's tests among those of all blocks.
    """
    panel = block.lot.panel()
    measured = _measured(block, panel)
    signals = _signals(block, measured)
    flags = raised(tests_of(signals), block.about, shares, settings=block.settings)
    by_metric = {found.prepared.metric.metric: found for found in measured}
    flags = recheck(flags, by_metric, panel, settings=block.settings)
    flags = grade(flags, settings=block.settings)
    told = with_signals(flags, signals, block.about)
    return flags.assign(reason=reasons(told, limits=block.settings.limits))


def _measured(block: Block, panel: Panel) -> list[Measured]:
    known = panel.known_at(block.as_of)
    ready = [
        prepare(known.matrix(name), metric, block.company, block.as_of, settings=block.settings)
        for name, metric in zip(known.metrics, block.metrics, strict=True)
    ]
    with parallel_config("sequential"):  # the blocks are what is shared out
        return measure_all(ready, [None] * len(ready), settings=block.settings)


def _signals(block: Block, measured: Sequence[Measured]) -> pd.DataFrame:
    return signals_table(measured, settings=block.settings)
