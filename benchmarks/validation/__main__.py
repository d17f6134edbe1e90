"""Reprint docs/validation_results.md: `python -m benchmarks.validation`.

It needs the folder of real data, `EARLYWARNING_SHARED`, and takes some minutes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from benchmarks.page import machine, versions, write
from benchmarks.peers.ask import ROOT
from benchmarks.references import SHARED
from benchmarks.validation import debt, told
from benchmarks.validation.looks import ASKED, frozen, looked, newest_periods, otherwise, read
from earlywarning.validation.lock import Lock, verdict
from earlywarning.validation.story import story_of

PAGE = ROOT / "docs" / "validation_results.md"
HEAD = """# What looking back finds on real English data

Written by `python -m benchmarks.validation`, where `EARLYWARNING_SHARED` names the folder of
data: three finance returns (revenue outturn, capital and prudential, borrowing and investments),
judged by the built-in catalogue `finance`, and a public record of outcomes to February 2026. What
is measured is told in
[validation metrics](validation_metrics.md), the [outcomes](outcomes.md) and the
[baselines](baselines.md) on pages of their own."""


def main() -> None:
    """Freeze, look back, look back otherwise, and write the page."""
    asked = _arguments()
    start = time.perf_counter()
    inputs = read(asked.shared)
    lock = frozen(inputs, dt.datetime.now(tz=dt.UTC).date())
    _show(f"frozen {lock.frozen}: {lock.fingerprint}", 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        given = {"store": Path(folder) / "days", "jobs": asked.jobs, "progress": _show}
        found = looked(inputs, asked.shared, ASKED, **given)
        others = dict(otherwise(inputs, asked.shared, **given))
    newest = newest_periods(inputs, found.days[-1])
    parts = [
        *told.plain_words(found, newest),
        *told.froze(lock),
        *told.as_text(part for part, _ in story_of(found, verdict(lock, lock), _day(lock))),
        *told.sensitivity(found, others),
        *told.reference(*_reference(asked.shared)),
    ]
    minutes = (time.perf_counter() - start) / 60
    took = f"{machine()}, {asked.jobs} at a time: {minutes:.1f} minutes. {versions()}"
    write(asked.page, [HEAD, took, *parts])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validation", description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--page", type=Path, default=PAGE)
    return parser.parse_args()


def _day(lock: Lock) -> pd.Timestamp:
    return pd.Timestamp(lock.frozen)


def _show(what: str, done: int, total: int) -> None:
    print(what if not total else f"{what}: {done} of {total}", file=sys.stderr, flush=True)


def _reference(shared: Path) -> tuple[dict[str, debt.Found], dict[str, debt.Found]]:
    """Return the areas of all councils, and of those in the published table."""
    distance = debt.debt_for_class(shared)
    there = distance.index.isin(debt.in_oracle(shared).index)
    return debt.areas(shared, distance), debt.areas(shared, distance[there])


if __name__ == "__main__":
    main()
