"""How long do a million rows take, and how much memory, from a CSV file to flags?

Writes a made-up file, reads and scores it in a process of its own, and prints a table
for docs/benchmarks.md:

    python benchmarks/million_rows.py
"""

import platform
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

AUTHORITIES, METRICS, YEARS = 400, 125, 20  # a million values
SEED = 1


def write_panel(path: Path) -> None:
    """Write noise around a level for each series, with 2% of values missing."""
    rng = np.random.default_rng(SEED)
    codes = [f"E0600{i:04d}" for i in range(AUTHORITIES)]
    metrics = [f"metric {i:03d}" for i in range(METRICS)]
    years = [f"{year}/{(year + 1) % 100:02d}" for year in range(2004, 2004 + YEARS)]
    index = pd.MultiIndex.from_product(
        [metrics, codes, years], names=["metric", "authority_code", "period"]
    )
    shape = (METRICS * AUTHORITIES, YEARS)
    values = 100 + 10 * rng.standard_normal((shape[0], 1)) + rng.standard_normal(shape)
    table = pd.DataFrame({"value": values.round(3).ravel()}, index=index)
    table[rng.random(len(table)) < 0.02] = np.nan
    table.to_csv(path)


def read_and_score(path: Path) -> None:
    """Read and score the file, and print each step's seconds and the peak of memory."""
    from earlywarning import EarlyWarning, read_panel

    start = time.perf_counter()
    panel = read_panel(path)
    read = time.perf_counter()
    result = EarlyWarning().fit(panel).score(panel)
    scored = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows, series = len(panel.frame), len(panel.series)
    print(
        "| rows | series | flags | read, s | fit and score, s | series a second | peak memory, MB |"
    )
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {rows:,} | {series:,} | {len(result.flags):,} | {read - start:.1f} "
        f"| {scored - read:.1f} | {series / (scored - read):,.0f} | {peak:,.0f} |"
    )


def main() -> None:
    """Make the file, and measure in a fresh process, so that making it does not count."""
    if len(sys.argv) > 1:
        read_and_score(Path(sys.argv[1]))
        return
    names = ("numpy", "pandas", "scipy", "scikit-learn")
    print(
        f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in names)
        + f"; {platform.machine()}, one process.\n",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.csv"
        write_panel(path)
        subprocess.run([sys.executable, __file__, str(path)], check=True)


if __name__ == "__main__":
    main()
