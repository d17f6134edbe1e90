"""Reprint docs/benchmarks_coverage.md: `python -m benchmarks.coverage FILES --peers PYTHON`.

The files are panels that the library reads. Takes the better part of an hour for the six
that the page tells of.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.coverage.replay import Cases, replay
from benchmarks.page import machine, table, versions, write
from benchmarks.peers.ask import ROOT, Peers, add_arguments, peers_of
from benchmarks.power.tables import percent
from benchmarks.power.trials import COVERAGES
from earlywarning import Settings, read_panel

Flags = NDArray[np.bool_]

PAGE = ROOT / "docs" / "benchmarks_coverage.md"
SAMPLE = 4_000  # cases a panel that the peers are asked about: half a point at 80%
SEED = 1
FEWEST_PAST = 7  # values before the newest: AutoETS refuses fewer
NAMES = ("AutoETS", "AutoTheta")
SEASONS = {1: "", 4: ", quarters", 12: ", months"}  # what a peer is called that fits a season
GIVEN = {"judged": "the series as the library judges them", "published": "the values as published"}


def main() -> None:
    """Replay each panel, ask the peers, and write the page."""
    asked = _arguments()
    peers = peers_of(asked)
    assert peers is not None
    lines: dict[str, list[list[str]]] = {given: [] for given in GIVEN}
    everything = []
    for path in asked.files:
        name = path.name.split(".")[0]
        with threadpool_limits(limits=1, user_api="blas"):
            cases = replay(read_panel(path), _shown(name), settings=Settings())
        sample = _sample(cases)
        everything.append([name, f"{len(cases):,}", *_releases(cases), *_shares(cases.inside())])
        for given, rows in lines.items():
            rows.append([name, *_compared(sample, given, peers)])
    write(asked.page, _text(everything, lines, asked.peers))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    add_arguments(parser)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    if asked.peers is None:
        parser.error("say where the peers are, with --peers or EARLYWARNING_PEERS")
    return asked


def _shown(name: str) -> Callable[[pd.Timestamp], None]:
    return lambda day: print(f"{name}, {day:%Y-%m-%d}", file=sys.stderr, flush=True)


def _sample(cases: Cases) -> Cases:
    """Return cases for the peers, drawn at random from those whose history they take."""
    long = np.flatnonzero(cases.history() >= FEWEST_PAST)
    return cases.take(np.sort(np.random.default_rng(SEED).permutation(long)[:SAMPLE]))


def _compared(cases: Cases, given: str, peers: Peers) -> list[str]:
    """Return the coverages of the cases in which every contestant has an interval."""
    series = getattr(cases, given)
    answers = [np.full((len(cases), 5), np.nan) for _ in NAMES]
    for season in np.unique(cases.season):
        rows = cases.season == season
        names = [name + SEASONS[int(season)] for name in NAMES]
        told = peers.ask(series[None, rows], names)
        for answer, name in zip(answers, names, strict=True):
            answer[rows] = told[name][0]
    common = np.all([np.isfinite(answer).all(axis=1) for answer in answers], axis=0)
    cells = [f"{common.sum():,}", *_shares(cases.inside()[common])]
    for answer in answers:
        cells += _shares(_held(series[common, -1], answer[common]))
    return cells


def _held(newest: NDArray[np.float64], answer: NDArray[np.float64]) -> Flags:
    """Return whether a peer's intervals hold the newest value, a column a coverage."""
    low, high = answer[:, [1, 3]], answer[:, [2, 4]]
    return np.asarray((low <= newest[:, None]) & (newest[:, None] <= high))


def _releases(cases: Cases) -> list[str]:
    """Return how many releases of a metric there were, and how many of them were rough."""
    counted = (cases.release, cases.release[cases.rough])
    return [f"{np.unique(releases).size:,}" for releases in counted]


def _shares(inside: Flags) -> list[str]:
    if not len(inside):
        return ["–"] * len(COVERAGES)
    return [percent(share) for share in inside.mean(axis=0)]


def _distances(rows: list[list[str]]) -> list[str]:
    """Return how far the panels' coverages are from what was asked, on average."""
    shares = np.array([[float(cell) for cell in row[2:]] for row in rows])
    asked = np.tile(100 * np.array(COVERAGES), 1 + len(NAMES))
    far = np.abs(shares - asked).mean(axis=0)
    return ["mean distance from what was asked", "", *(f"{points:.1f}" for points in far)]


def _text(
    everything: list[list[str]], lines: dict[str, list[list[str]]], python: Path
) -> list[str]:
    """Return the page's parts."""
    asked = [percent(coverage, 0) + "%" for coverage in COVERAGES]
    header = ["panel", "cases", *(f"`last` {c}" for c in asked)]
    versus = [*header, *(f"{name} {c}" for name in NAMES for c in asked)]
    parts = [
        "# Coverage: how often the interval holds the next value, on real panels",
        "Written by `python -m benchmarks.coverage FILES --peers PYTHON`; what it does is told in "
        "[benchmarks](benchmarks.md). A case is one series on one day a value of it came out; "
        "what is expected comes from what was known that day. Shares in %.",
        f"{machine()}. {versions(python)}",
        "## Every case",
        table(["panel", "cases", "releases of a metric", "rough ones", *header[2:]], everything),
    ]
    for given, words in GIVEN.items():
        parts += [
            f"## Beside the peers: {words}",
            f"At most {SAMPLE:,} cases a panel, drawn at random (seed {SEED}) from those with at "
            f"least {FEWEST_PAST} values before; of these, the ones in which all three have an "
            "interval.",
            table(versus, [*lines[given], _distances(lines[given])]),
        ]
    return parts


if __name__ == "__main__":
    main()
