"""Interleaved rounds: in each, the library and every peer once, one process each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.peers.ask import ONE_THREAD, ROOT, run
from benchmarks.power.panels import Array
from benchmarks.speed.sizes import SIZES, Size, long_frame, values_of

PEERS = (
    "AutoETS, long table",
    "AutoETS",
    "AutoTheta",
    "Mann–Kendall",
    "ECOD",
    "Isolation forest",
    "ADTK PersistAD",
)
SAMPLE = 3  # metrics that the peers are given: enough for seconds of work each
WAYS = ("frame", "parquet")
QUARTER = "M/4"  # beside M: does time grow with the number of series, and no faster?


@dataclass(frozen=True)
class Run:
    """One process: how many series a second, its peak of memory, its seconds."""

    per_second: float
    peak_mb: float
    seconds: float
    flags: int = -1  # the library's only


def rounds(
    size: Size, how_many: int, *, cores: int, python: Path | None, folder: Path,
    show: Callable[[str], None],
) -> dict[str, list[Run]]:  # fmt: skip
    """Return each contestant's runs, one a round, by its name."""
    sizes = [size, SIZES[QUARTER]] if size.name == "M" else [size]
    files = {each.name: _written(each, folder) for each in sizes}
    ways = [way for way in WAYS if size.name != "L" or way == "parquet"]
    contest: dict[str, Callable[[], Run]] = {
        name_of(way, each): _library(way, files[each.name], each, cores)
        for each in sizes
        for way in ways
    }
    if python is not None:
        series = values_of(size, metrics=min(SAMPLE, size.n_metrics))
        contest |= {peer: _peer(python, series, peer) for peer in PEERS}
    runs: dict[str, list[Run]] = {name: [] for name in contest}
    for number in range(how_many):
        for name, once in contest.items():
            runs[name].append(once())
            show(f"{size.name}, round {number + 1}, {name}: {runs[name][-1].per_second:,.0f} a s")
    return runs


def name_of(way: str, size: Size) -> str:
    """Return what a run of the library is called in the tables."""
    start = "a table in memory" if way == "frame" else "a Parquet file"
    return f"earlywarning, from {start}" + (f", {size.name}" if size.name == QUARTER else "")


def _written(size: Size, folder: Path) -> Path:
    path = folder / f"{size.name.replace('/', '_of_')}.parquet"
    if not path.exists():
        long_frame(size).to_parquet(path)
    return path


def _library(way: str, path: Path, size: Size, cores: int) -> Callable[[], Run]:
    def once() -> Run:
        module = "benchmarks.speed.run"
        command = [sys.executable, "-m", module, way, str(path), size.name, str(cores)]
        env = {**os.environ, **ONE_THREAD}
        done = subprocess.run(
            command, check=True, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        )
        told = json.loads(done.stdout.splitlines()[-1])
        speed = told["series"] / told["seconds"]
        return Run(speed, told["peak_mb"], told["seconds"], int(told["flags"]))

    return once


def _peer(python: Path, series: Array, name: str) -> Callable[[], Run]:
    def once() -> Run:
        told = run(python, series, [name])
        seconds = told.seconds[name]
        return Run(int(np.prod(series.shape[:2])) / seconds, told.peak_mb, seconds)

    return once
