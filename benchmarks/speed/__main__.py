"""Reprint docs/benchmarks_speed.md: `python -m benchmarks.speed S M --peers PYTHON`.

Only the sections of the sizes asked for are replaced. `python -m benchmarks.peers.install
FOLDER` makes the peers' interpreter; without it the library runs alone.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.page import machine, table, versions, write
from benchmarks.peers.ask import ROOT, add_arguments
from benchmarks.speed.rounds import QUARTER, SAMPLE, Run, name_of, rounds
from benchmarks.speed.sizes import GAPS, SIZES, Size

PAGE = ROOT / "docs" / "benchmarks_speed.md"
USUAL_ROUNDS = {"S": 5}
FEWEST_ROUNDS = 3
CLEAR = 10  # a ratio above it has no decimals
HEAD = (
    "# Speed: from a table to flags, beside the peers on the same series\n\n"
    "Written by `python -m benchmarks.speed`; what it does is told in [benchmarks](benchmarks.md). "
    "Each row is a process of its own; in each round all run once, one after another. Series a "
    "second: median [lowest – highest] of the rounds. Ratio: the library's first row over this "
    "one, round by round. Peak memory is the process' own, its input and its imports included."
)


def main() -> None:
    """Run the rounds of the sizes asked for, and replace their sections."""
    asked = _arguments()
    sections = _kept(asked.page)
    with tempfile.TemporaryDirectory() as folder:
        for size in (SIZES[name] for name in asked.sizes):
            how_many = asked.rounds or USUAL_ROUNDS.get(size.name, FEWEST_ROUNDS)
            runs = rounds(
                size, how_many, cores=asked.cores, python=asked.peers, folder=Path(folder),
                show=lambda line: print(line, file=sys.stderr, flush=True),
            )  # fmt: skip
            told = f"{how_many} rounds, {asked.cores} core{'s'[: asked.cores > 1]} for the library."
            sections[size.name] = _section(size, runs, told, asked.peers)
    known = [sections[name] for name in SIZES if name in sections]
    write(asked.page, [HEAD, *known])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("sizes", nargs="+", choices=[name for name in SIZES if name != QUARTER])
    add_arguments(parser)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--page", type=Path, default=PAGE)
    return parser.parse_args()


def _kept(page: Path) -> dict[str, str]:
    """Return the sections of a page that is there already, by the name of their size."""
    if not page.exists():
        return {}
    _, *parts = page.read_text(encoding="utf-8").split("\n## ")
    return {part.split(":", 1)[0]: f"## {part.strip()}" for part in parts}


def _section(size: Size, runs: dict[str, list[Run]], told: str, python: Path | None) -> str:
    """Return the section of one size."""
    first = next(iter(runs.values()))
    ours = {name for name in runs if runs[name][0].flags >= 0}
    lines = []
    for name, each in runs.items():
        if QUARTER in name:
            continue
        ratios = [a.per_second / b.per_second for a, b in zip(first, each, strict=True)]
        flags = f"{each[0].flags:,}" if name in ours else "–"
        lines.append([
            name, spread([run.per_second for run in each], ",.0f"),
            spread(ratios, ",.0f" if min(ratios) > CLEAR else ".2f"),
            f"{max(run.peak_mb for run in each):,.0f}", flags,
        ])  # fmt: skip
    header = ["what", "series a second", "ratio", "peak memory, MB", "flags"]
    parts = [
        f"## {size.told()}",
        f"{told} A share of {GAPS:.0%} of values is missing at random. The peers are given the "
        f"series of the first {SAMPLE} metrics.",
        f"{machine()}. {versions(python)}",
        table(header, lines),
    ]
    return "\n\n".join([*parts, *_growth(size, runs)])


def _growth(size: Size, runs: dict[str, list[Run]]) -> list[str]:
    """Return what a series costs in M, over what it costs in a quarter of it."""
    if size.name != "M":
        return []
    told = []
    for way in ("frame", "parquet"):
        small, large = runs[name_of(way, SIZES[QUARTER])], runs[name_of(way, size)]
        cost = [s.per_second / m.per_second for s, m in zip(small, large, strict=True)]
        told.append(f"{spread(cost, '.2f')} ({name_of(way, size).split(', ')[1]})")
    return [f"Time a series in M over that in a quarter of M: {'; '.join(told)}."]


def spread(values: Sequence[float], form: str) -> str:
    """Return the median, the lowest and the highest.

    Examples
    --------
    >>> spread([3.0, 1.0, 2.0], ".0f")
    '2 [1 – 3]'
    """
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:{form}} [{low:{form}} – {high:{form}}]"


if __name__ == "__main__":
    main()
