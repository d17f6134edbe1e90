"""What stands on every page that a laboratory writes: the machine, the versions, tables."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("earlywarning", "numpy", "scipy", "pandas", "scikit-learn", "statsmodels")
PEERS = ("statsforecast", "pymannkendall", "pyod", "adtk", "numpy", "pandas", "numba")
GIB = 2**30


def machine() -> str:
    """Return the processor, the memory and the interpreter, in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return (
        f"{os.cpu_count()} cores of {_processor()}, {memory:.0f} GB of memory, "
        f"Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def versions(peers_python: Path | None = None) -> str:
    """Return the versions of the libraries that took part, and of the peers'."""
    told = "The library's environment: " + ", ".join(f"{n} {version(n)}" for n in LIBRARIES) + "."
    if peers_python is None:
        return told
    code = f"from importlib.metadata import version\nfor n in {PEERS}: print(n, version(n))"
    command = [str(peers_python), "-c", code]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return f"{told} The peers': " + ", ".join(lines) + "."


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table.

    Examples
    --------
    >>> print(table(["what", "share"], [["change", "40.1"]]))
    | what | share |
    |---|---|
    | change | 40.1 |
    """
    lines = [header, ["---"] * len(header), *rows]
    text = ["| " + " | ".join(cells) + " |" for cells in lines]
    text[1] = "|" + "---|" * len(header)
    return "\n".join(text)


def write(path: Path, parts: Iterable[str]) -> None:
    """Write a page whole: readers see the old one or the new."""
    unfinished = path.with_suffix(".part")
    unfinished.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    unfinished.replace(path)
