"""Reprint docs/benchmarks_power.md: `python -m benchmarks.power --peers PYTHON`.

Without the peers' interpreter (`python -m benchmarks.peers.install FOLDER` makes it) the
page has the library's detectors and XmR only, and takes minutes.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.page import machine, versions, write
from benchmarks.peers.ask import ROOT, add_arguments, peers_of
from benchmarks.power import tables
from benchmarks.power.panels import PERIODS, Panel
from benchmarks.power.trials import Plan, flagged_trials, healthy_trials, planted_trials

SEEDS = (101,)  # of panels with events: the standard error of a mean is half a point
HEALTHY_SEEDS = (101, 102, 103)  # of panels without: a tenth of a point at a nominal 1%
FLAGGED_SEEDS = tuple(range(101, 117))  # of panels whose few flags are judged by the mean
PAGE = ROOT / "docs" / "benchmarks_power.md"


def main() -> None:
    """Run the trials and write the page."""
    asked = _arguments()
    plan = Plan(asked.seeds, periods=asked.periods, gaps=asked.gaps, n_metrics=asked.metrics)
    well, more = replace(plan, seeds=asked.healthy_seeds), replace(plan, seeds=asked.flagged_seeds)
    with threadpool_limits(limits=1, user_api="blas"):
        planted = planted_trials(plan, peers_of(asked), _show)
        healthy = healthy_trials(well, _show)
        flagged = flagged_trials(more, _show)
    if asked.rows is not None:
        planted.to_csv(asked.rows / "planted.csv", index=False)
        healthy.to_csv(asked.rows / "healthy.csv", index=False)
    write(asked.page, _page((plan, well, more), (planted, healthy, flagged), asked.peers))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--healthy-seeds", type=int, nargs="+", default=HEALTHY_SEEDS)
    parser.add_argument("--flagged-seeds", type=int, nargs="+", default=FLAGGED_SEEDS)
    parser.add_argument("--periods", type=int, nargs="+", default=PERIODS)
    parser.add_argument("--gaps", type=float, nargs="+", default=(0.0, 0.2))
    parser.add_argument("--metrics", type=int, default=16)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--rows", type=Path, help="folder for the rows behind the tables")
    return parser.parse_args()


def _show(made: Panel) -> None:
    shape = f"{made.values.shape[-1]} periods, gaps {made.gaps}, seed {made.seed}"
    print(f"{made.scenario}, {shape}", file=sys.stderr, flush=True)


def _page(
    plans: tuple[Plan, Plan, Plan],
    trials: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    python: Path | None,
) -> list[str]:
    """Return the page's parts: of panels with events, without, and of more with."""
    (plan, well, more), (planted, healthy, flagged) = plans, trials
    n = plan.n_metrics * 317
    command = "python -m benchmarks.power" + ("" if python is None else " --peers PYTHON")
    return [
        "# Power: what each detector finds, at the same rate of false alarms",
        f"Written by `{command}`; what it does is told in [benchmarks](benchmarks.md). "
        f"Simulated panels, seeds {', '.join(map(str, plan.seeds))}: {n:,} series a panel, "
        f"{len(plan.scenarios)} scenarios × {', '.join(map(str, plan.periods))} periods; an "
        "adverse event in 15% of the series. One-sided: which way is worse is known. All figures "
        "in %; ± is one standard error, of the events drawn.",
        f"{machine()}. {versions(python)}",
        "## In short",
        "Mean over scenarios, lengths and the five events.",
        tables.in_short(planted),
        "## Every detector, by event",
        "At a true 1% of false alarms, set on the null series of the same panel; without gaps.",
        tables.by_event(planted),
        "## By scenario",
        "Mean of the five events at a true 1%, the best detectors only.",
        tables.by("scenario", planted),
        "## By length",
        tables.by("n_periods", planted),
        "## How often a null series is called",
        "In panels with events; without gaps. `cells`: the lowest and the highest of scenarios × "
        "lengths. The intervals of the forecasters and the limits of XmR are taken as normal.",
        tables.sizes(planted),
        "## How often a null series is called: the library's tests, cell by cell",
        f"In panels without any event, seeds {', '.join(map(str, well.seeds))}.",
        tables.sizes_by_cell(healthy),
        "## The share of false ones among what is flagged",
        "Benjamini–Hochberg over all series of a panel; a panel without a flag has none that is "
        f"false. The library's tests, mean of seeds {more.seeds[0]} to {more.seeds[-1]}:",
        tables.false_shares_over_seeds(flagged),
        "Every detector, in the panels of the tables above:",
        tables.false_shares(planted),
        "## How often the expectation's interval holds the newest value",
        "`last`, one step ahead, in the same panels.",
        tables.coverage(healthy),
    ]


if __name__ == "__main__":
    main()
