"""How far do real metrics move in a year, where nothing is wrong?

Prints the figures behind the thresholds of drift (docs/models.md), from the folder of real data:

    EARLYWARNING_SHARED=../shared python benchmarks/drift_years.py
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from earlywarning import Settings, as_panel
from earlywarning.catalogue import match_built_in
from earlywarning.models.orientation import as_oriented
from earlywarning.panel import Matrix, Panel
from earlywarning.signals import Seen, seen_of

SHARED = Path(os.environ.get("EARLYWARNING_SHARED", "../shared"))
COLUMNS = ["authority", "metric", "period", "value"]
MOST_METRICS = 40  # of a panel, drawn by chance
LAST = 6  # releases whose year before is looked at
FEWEST = 20  # authorities with a value
EARLIER = {"annual": 1, "quarterly": 4, "monthly": 12, "irregular": 1}  # periods a year


def up_to(matrix: Matrix, column: int) -> Matrix:
    """Return a metric as it was when a period was its newest one."""
    cut = slice(column + 1)
    return replace(
        matrix, values=matrix.values[:, cut], periods=matrix.periods[cut], ends=matrix.ends[cut],
        published=matrix.published[:, cut], numerator=None, denominator=None,
    )  # fmt: skip


def pairs(panel: Panel) -> Iterator[tuple[Seen, Seen]]:
    """Yield what each metric looked like in a period and a year before, on the scale of then."""
    catalogue = match_built_in(panel.metrics)
    for name in panel.metrics:
        matrix, metric = panel.matrix(name), catalogue.metric(name)
        enough = np.isfinite(matrix.values).sum(axis=0) >= FEWEST
        year, n_periods = EARLIER[matrix.frequency], len(matrix.periods)
        for now in range(max(LAST, n_periods - LAST, 5 + year), n_periods):
            if not (enough[now] and enough[now - year]):
                continue
            then = up_to(matrix, now - year)
            scale = as_oriented(then.values, metric.transform, metric.unit, metric.higher_is)
            yield seen_of(then, scale), seen_of(up_to(matrix, now), scale)


def main() -> None:
    """Print how many of all pairs each threshold names."""
    found: list[tuple[Seen, Seen]] = []
    n_metrics = 0
    for path in sorted((SHARED / "data" / "panels").glob("*.csv.gz")):
        rows = pd.read_csv(path).rename(columns={"authority_code": "authority"})[COLUMNS]
        names = rows["metric"].unique()
        drawn = np.random.default_rng(0).permutation(names)[:MOST_METRICS]
        panel = as_panel(rows[rows["metric"].isin(drawn)])
        before = len(found)
        found += pairs(panel)
        print(f"{path.name:32} {len(drawn):4} metrics  {len(found) - before:6} pairs")
        n_metrics += len(drawn)
    limits = Settings()
    coverage, gaps, level, then, now = np.array(
        [
            (a.coverage - b.coverage, b.gaps - a.gaps, b.level - a.level, a.spread, b.spread)
            for a, b in found
        ]
    ).T
    apart = then > 0
    shift, ratio = np.abs(level[apart] / then[apart]), now[apart] / then[apart]
    wide = (ratio > limits.drift_spread) | (ratio < 1 / limits.drift_spread)
    print(f"{n_metrics} metrics, {len(found)} pairs of years; named:")
    print(f"coverage fell   {(coverage > limits.drift_coverage).mean():7.2%}")
    print(f"more gaps       {(gaps > limits.drift_coverage).mean():7.2%}")
    print(f"level moved     {(shift > limits.drift_level).mean():7.2%}")
    print(f"spread changed  {wide.mean():7.2%}")
    print(f"median shift {np.median(shift):.2f} spreads")


if __name__ == "__main__":
    main()
