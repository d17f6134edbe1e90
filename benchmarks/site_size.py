"""How long does the site of a large run take, and how many bytes is it?

Makes a run of 317 authorities × 60 metrics × 40 quarters, all with denominators, writes its
results folder and then its site in a process of its own, and prints a table for docs/site.md:

    python -m benchmarks.site_size
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.page import machine, table, versions

KINDS = {"E06": 63, "E07": 164, "E08": 36, "E09": 33, "E10": 21}
METRICS, QUARTERS, THEMES = 60, 40, 10
EVENTS, MISSING = 0.01, 0.02  # shares of series that go wrong, and of values that are not there
SEED = 1
MB = 1e6


def write_results(folder: Path) -> None:
    """Score noise around a level for each series, and write the results folder."""
    from earlywarning import EarlyWarning, as_catalogue, as_panel
    from earlywarning.output import write_result

    catalogue = as_catalogue(
        pd.DataFrame(
            {
                "metric": [f"metric_{i:02d}" for i in range(METRICS)],
                "title": [f"Cases of kind {i:02d} not decided in time" for i in range(METRICS)],
                "theme": [f"Theme {i % THEMES + 1}" for i in range(METRICS)],
                "unit": "percent",
                "higher_is": "worse",
                "frequency": "quarterly",
                "lag_days": 60,
                "source": "made up",
            }
        )
    )
    panel = as_panel(values(), catalogue=catalogue)
    write_result(EarlyWarning(catalogue=catalogue).fit_score(panel), folder)


def values() -> pd.DataFrame:
    """Return a long table of noise, its newest value shifted where a series goes wrong."""
    rng = np.random.default_rng(SEED)
    codes = [f"{kind}{i:06d}" for kind, n in KINDS.items() for i in range(1, n + 1)]
    quarters = [f"{2014 + i // 4}/{15 + i // 4} Q{i % 4 + 1}" for i in range(QUARTERS)]
    shape = (METRICS, len(codes), QUARTERS)
    noise = 30 + 5 * rng.standard_normal((*shape[:2], 1)) + rng.standard_normal(shape)
    noise[..., -1] += 6 * (rng.random(shape[:2]) < EVENTS)
    noise[rng.random(shape) < MISSING] = np.nan
    index = pd.MultiIndex.from_product(
        [[f"metric_{i:02d}" for i in range(METRICS)], codes, quarters],
        names=["metric", "authority", "period"],
    )
    table = pd.DataFrame({"value": noise.round(2).ravel()}, index=index).reset_index()
    size = pd.Series(rng.integers(500, 20_000, len(codes)), index=codes)
    return table.assign(denominator=table["authority"].map(size))


def write_and_measure(results: Path, out: Path) -> None:
    """Write the site, and print seconds, bytes and the peak of memory."""
    from earlywarning.output import write_site

    start, worked = time.perf_counter(), time.process_time()
    write_site(results, out)
    took, worked = time.perf_counter() - start, time.process_time() - worked
    sizes = [path.stat().st_size for path in out.iterdir()]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    n = sum(KINDS.values())
    row = (
        f"{n * METRICS:,}", f"{len(sizes):,}", f"{sum(sizes) / MB:.0f}", f"{max(sizes) / MB:.2f}",
        f"{took:.0f}", f"{worked:.0f}", f"{peak / MB:,.0f}",
    )  # fmt: skip
    header = (
        "series", "files", "MB", "largest page, MB", "seconds", "CPU seconds", "peak memory, MB",
    )  # fmt: skip
    print(table(header, [row]))


def main() -> None:
    """Make the run, and measure in a fresh process, so that making it does not count."""
    if len(sys.argv) > 1:
        write_and_measure(Path(sys.argv[1]), Path(sys.argv[2]))
        return
    print(f"{machine()}. {versions()}\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        results, out = Path(folder) / "results", Path(folder) / "site"
        write_results(results)
        command = [sys.executable, "-m", "benchmarks.site_size", str(results), str(out)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
