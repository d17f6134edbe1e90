"""Run the detectors over all panels: one row a panel, detector and measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.peers.ask import Peers
from benchmarks.power.detectors import Verdict, judged, ours, verdicts
from benchmarks.power.measures import false_share, power, size
from benchmarks.power.panels import EVENTS, PERIODS, SCENARIOS, Panel, panel
from earlywarning.models.contrasts import Contrasts

Array = NDArray[np.float64]
Rows = list[dict[str, object]]

RATES = (0.01, 0.05)  # true rates of false alarms, and nominal levels
FALSE_SHARES = (0.05, 0.10)  # q asked of Benjamini–Hochberg
COVERAGES = (0.80, 0.95)


@dataclass(frozen=True)
class Plan:
    """Which panels are made."""

    seeds: Sequence[int]
    scenarios: Sequence[str] = SCENARIOS
    periods: Sequence[int] = PERIODS
    gaps: Sequence[float] = (0.0, 0.2)
    n_metrics: int = 16

    def panels(self, planted: float) -> Iterator[Panel]:
        """Yield the panels of the plan, with that share of series gone wrong."""
        for gaps, seed, n_periods, scenario in product(
            self.gaps, self.seeds, self.periods, self.scenarios
        ):
            yield panel(
                scenario, n_periods, seed=seed, gaps=gaps, planted=planted,
                n_metrics=self.n_metrics,
            )  # fmt: skip


def planted_trials(plan: Plan, peers: Peers | None, show: Callable[[Panel], None]) -> pd.DataFrame:
    """Return what each detector finds, calls and gets wrong on panels with planted events."""
    rows: Rows = []
    for made in plan.panels(planted=0.15):
        show(made)
        for (detector, given), verdict in verdicts(made.values, peers).items():
            head = _head(made) | {"detector": detector, "given": given}
            rows += [head | row for row in _measured(verdict, made.events)]
    return pd.DataFrame(rows)


def flagged_trials(plan: Plan, show: Callable[[Panel], None]) -> pd.DataFrame:
    """Return the shares of false ones among what the library's tests flag, a row a panel."""
    rows: Rows = []
    for made in plan.panels(planted=0.15):
        show(made)
        for detector, verdict in ours(judged(made.values)).items():
            assert verdict.p is not None
            head = _head(made) | {"detector": detector, "given": "library"}
            rows += [head | row for row in _false_shares(verdict.p, made.events)]
    return pd.DataFrame(rows)


def healthy_trials(plan: Plan, show: Callable[[Panel], None]) -> pd.DataFrame:
    """Return size and coverage of the library's tests where nothing was planted."""
    rows: Rows = []
    for made in plan.panels(planted=0.0):
        show(made)
        found = judged(made.values)
        for detector, verdict in ours(found).items():
            head = _head(made) | {"detector": detector, "given": "library"}
            assert verdict.p is not None
            rows += [head | row for row in _sizes(verdict.p, made.events)]
        head = _head(made) | {"detector": "last", "given": "library"}
        rows += [head | _covered(found, coverage) for coverage in COVERAGES]
    return pd.DataFrame(rows)


def _head(made: Panel) -> dict[str, object]:
    return {
        "scenario": made.scenario,
        "n_periods": made.values.shape[-1],
        "gaps": made.gaps,
        "seed": made.seed,
    }


def _measured(verdict: Verdict, events: NDArray[np.int8]) -> Rows:
    """Return the power at each true rate, and what the p-values make of themselves."""
    rows: Rows = []
    planted = np.bincount(events.ravel(), minlength=len(EVENTS))
    for rate in RATES:
        found = power(verdict.score, events, rate)
        rows += [
            {"measure": f"found: {event}", "level": rate, "share": share, "n": n}
            for event, share, n in zip(EVENTS[1:], found, planted[1:], strict=True)
        ]
    if verdict.p is None:
        return rows
    return rows + _false_shares(verdict.p, events) + _sizes(verdict.p, events)


def _false_shares(p: Array, events: NDArray[np.int8]) -> Rows:
    shares = [(level, *false_share(p, events, level)) for level in FALSE_SHARES]
    names = ("level", "share", "n")
    return [{"measure": "false"} | dict(zip(names, row, strict=True)) for row in shares]


def _sizes(p: Array, events: NDArray[np.int8]) -> Rows:
    n = int(((events == 0) & np.isfinite(p)).sum())
    return [
        {"measure": "size", "level": nominal, "share": size(p, events, nominal), "n": n}
        for nominal in RATES
    ]


def _covered(found: list[Contrasts], coverage: float) -> dict[str, object]:
    """Return how often the newest value lies in the interval of what was expected of it."""
    apart = np.stack([one.value[:, 0] - one.expected[:, 0] for one in found])
    half = np.stack([one.half_width(coverage)[:, 0] for one in found])
    known = np.isfinite(apart) & np.isfinite(half)
    inside = np.abs(apart[known]) <= half[known]
    return {"measure": "covered", "level": coverage, "share": inside.mean(), "n": inside.size}
