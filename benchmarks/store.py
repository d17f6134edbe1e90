"""Reprint docs/benchmarks_store.md: `python -m benchmarks.store`.

Makes stores of 0.25, 1 and 4 million series under `--folder`, which it removes afterwards, and
scores each to flags, in a process of its own. The peak of memory is that of the whole tree of
processes, each one's resident pages added up, looked at ten times a second.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np

from benchmarks.page import machine, table, versions, write
from benchmarks.peers.ask import ONE_THREAD, ROOT
from benchmarks.power.panels import panel
from benchmarks.speed.sizes import GAPS, PLANTED, SEED, Size, catalogue_of, long_table
from earlywarning import EarlyWarning, Panel, as_panel
from earlywarning.store import append, open_store
from earlywarning.stored import score_store

PAGE = ROOT / "docs" / "benchmarks_store.md"
AUTHORITIES, YEARS = 400, 15
METRICS = {"0.25": 625, "1": 2500, "4": 10_000}  # by millions of series
AT_ONCE = 125  # metrics that are made and appended together
EVERY = 0.1  # seconds between two looks at the memory
BYTES_A_SERIES = 200  # on the disk, at the most: what room is asked for
CORES = 2
GIB, MIB = 2**30, 2**20


@dataclass(frozen=True)
class Run:
    """What it took to make a store, or to score it."""

    seconds: float
    cpu: float  # seconds of all processes together
    peak: int  # bytes, of all processes together
    told: dict[str, float]


def size_of(millions: str) -> Size:
    """Return a size by its millions of series."""
    return Size(millions, AUTHORITIES, METRICS[millions], YEARS)


def panels_of(size: Size) -> Iterator[Panel]:
    """Yield a size's panel, some metrics at a time."""
    catalogue = catalogue_of(size)
    for start in range(0, size.n_metrics, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, size.n_metrics))
        made = [
            panel("base", size.n_periods, seed=SEED + number, planted=PLANTED,
                  n_authorities=size.n_authorities, n_metrics=1).values
            for number in numbers
        ]  # fmt: skip
        values = np.concatenate(made)
        values[np.random.default_rng([SEED, start]).random(values.shape) < GAPS] = np.nan
        yield as_panel(long_table(size, values, numbers), catalogue=catalogue)


def make(folder: Path, size: Size) -> dict[str, float]:
    """Write a store of one size."""
    store = append(folder, panels_of(size))
    total = sum(path.stat().st_size for path in folder.iterdir())
    return {"rows": store.n_rows, "files": len(store.manifest.rows), "bytes": total}


def score(folder: Path, size: Size) -> dict[str, float]:
    """Score a store to flags."""
    model = EarlyWarning(catalogue=catalogue_of(size))
    with joblib.parallel_config(n_jobs=CORES):
        result = score_store(open_store(folder), model)
    return {"series": result.counts["series"], "flags": result.counts["flags"]}


def timed(step: str, folder: Path, size: Size) -> Run:
    """Do one step in a process of its own, and look at the memory of it and its children."""
    command = [sys.executable, "-m", "benchmarks.store", "--step", step, size.name]
    start, before = time.perf_counter(), _cpu()
    with subprocess.Popen(
        [*command, "--folder", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, **ONE_THREAD},
    ) as process:  # fmt: skip
        peak, ended = [0], threading.Event()
        watch = threading.Thread(target=_watch, args=(process.pid, peak, ended))
        watch.start()
        told, _ = process.communicate()
        seconds = time.perf_counter() - start
        ended.set()
        watch.join()
    if process.returncode:
        raise SystemExit(f"{step} of {size.told()} ended with status {process.returncode}")
    return Run(seconds, _cpu() - before, peak[0], json.loads(told.splitlines()[-1]))


def _cpu() -> float:
    """Return the processor's seconds of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(root: int, peak: list[int], ended: threading.Event) -> None:
    while not ended.wait(EVERY):
        peak[0] = max(peak[0], resident(root))


def resident(root: int) -> int:
    """Return the bytes in memory of a process and all that it started."""
    parents: dict[int, list[int]] = {}
    size: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
            size[int(entry.name)] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    total, waiting = 0, [root]
    while waiting:
        one = waiting.pop()
        total += size.get(one, 0)
        waiting += parents.get(one, [])
    return total


def measured(millions: str, above: Path) -> list[str]:
    """Make, score and remove a store, and return its row of the table."""
    size = size_of(millions)
    room, need = shutil.disk_usage(above).free, BYTES_A_SERIES * size.n_series
    if room < 2 * need:
        raise SystemExit(f"{above} has {room / GIB:.1f} GB; {2 * need / GIB:.1f} are wanted.")
    with tempfile.TemporaryDirectory(dir=above, prefix="store-") as folder:
        made = timed("make", Path(folder), size)
        load = os.getloadavg()[0]
        found = timed("score", Path(folder), size)
    row = [
        f"{size.n_series:,}", f"{made.told['rows']:,}", f"{made.told['bytes'] / MIB:,.0f}",
        f"{made.seconds:,.0f}", f"{made.peak / MIB:,.0f}", f"{found.seconds:,.0f}",
        f"{size.n_series / found.seconds:,.0f}", f"{1e6 * found.cpu / size.n_series:.1f}",
        f"{found.peak / MIB:,.0f}",
        f"{found.told['flags']:,}", f"{load:.1f}",
    ]  # fmt: skip
    print(" | ".join(row), file=sys.stderr, flush=True)
    return row


def main() -> None:
    """Measure the sizes asked for and write the page, or do one step of one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("sizes", nargs="*", default=list(METRICS), metavar="MILLIONS")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--step", choices=["make", "score"])
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    if asked.step:
        step = make if asked.step == "make" else score
        print(json.dumps(step(asked.folder, size_of(asked.sizes[0]))))
        return
    rows = [measured(millions, asked.folder) for millions in asked.sizes]
    header = [
        "series", "rows", "store, MB", "made in, s", "its peak of memory, MB", "scored in, s",
        "series a second", "CPU s a million series", "peak of memory, MB", "flags",
        "load before",
    ]  # fmt: skip
    write(asked.page, [HEAD, f"{machine()}. {versions()}", table(header, rows)])


HEAD = (
    "# Store: from Parquet files of millions of series to flags\n\n"
    "Written by `python -m benchmarks.store`; what a store is, is told in [store](store.md). "
    f"{AUTHORITIES} authorities × {YEARS} years × as many metrics as it takes; {GAPS:.0%} of "
    f"values missing at random, events in {PLANTED:.0%} of series, ten metrics a theme. Made and "
    f"scored once each, in a process of its own; scored on {CORES} cores, starting the "
    "processes and the library included. Memory: the resident pages of all processes added up, "
    f"{1 / EVERY:.0f} looks a second, what they share counted in each. Load before: how many "
    "processes wanted a core in the minute before the scoring; where others were at work, CPU "
    "seconds say better than the clock how time grows."
)


if __name__ == "__main__":
    main()
