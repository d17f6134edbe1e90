"""Reprint docs/references.md: `python -m benchmarks.references`.

Each test of a published method keeps its agreement with the reference values; here they
are put into one table. The values themselves are beside the project, not in it.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from pathlib import Path

from benchmarks.page import machine, table, versions, write
from benchmarks.peers.ask import ROOT

PAGE = ROOT / "docs" / "references.md"
TESTS = ROOT / "tests"
SHARED = Path(os.environ.get("EARLYWARNING_SHARED", ROOT.parent / "shared"))
HEAD = """# References: what each method was held against

Written by `python -m benchmarks.references` from the tests, each of which asserts its agreement to
the digits that the reference prints. A difference is that of the values compared, in their own
units; where a reference prints few digits it is up to half the last of them."""


def agreements() -> list[tuple[str, int, float]]:
    """Return reference, number of values, and largest difference, of every test that has some."""
    sys.path.insert(0, str(TESTS))
    found: list[tuple[str, int, float]] = []
    for path in sorted(TESTS.glob("test_*.py")):
        if "\ndef agreements(" in path.read_text(encoding="utf-8"):
            told = importlib.import_module(path.stem).agreements
            found += told(SHARED) if inspect.signature(told).parameters else told()
    return found


def by_source(found: list[tuple[str, int, float]]) -> dict[str, tuple[int, int, float]]:
    """Return data sets, values and largest difference of each source, what stands before a comma.

    >>> by_source([("qcc, p", 4, 1e-9), ("qcc, c", 3, 1e-8)])
    {'qcc': (2, 7, 1e-08)}
    """
    sources: dict[str, tuple[int, int, float]] = {}
    for name, n, difference in found:
        source = name.split(",")[0]
        sets, values, largest = sources.get(source, (0, 0, 0.0))
        sources[source] = (sets + 1, values + n, max(largest, difference))
    return sources


def page() -> list[str]:
    """Return the parts of the page."""
    found = agreements()
    rows = [
        (source, f"{sets:,}", f"{n:,}", f"{difference:.1e}")
        for source, (sets, n, difference) in sorted(by_source(found).items(), key=str)
    ]
    total = f"{len(rows)} sources, {sum(n for _, n, _ in found):,} values."
    header = ("reference", "data sets", "values", "largest difference")
    return [HEAD, total, table(header, rows), f"{machine()}. {versions()}"]


if __name__ == "__main__":
    write(PAGE, page())
