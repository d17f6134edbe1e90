"""How often do limits of an area under the ROC hold the true one, where events are few?

Simulates normal scores of 300 authorities, seen once or at eight days, and prints the table
of docs/validation_metrics.md:

    python -m benchmarks.metric_coverage
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from benchmarks.page import table
from earlywarning.validation.metrics import (
    Interval,
    bootstrap_interval,
    roc_auc,
    roc_auc_interval,
)

Array = NDArray[np.float64]
Limits = Callable[["Sample", int], Interval]

SEED = 8_080
AUTHORITIES = 300
DAYS = 8
EVENT_DAYS = 4  # of an authority with an event
MEMORY = 0.8  # of a score's variance, the authority's own at all days
REPETITIONS = 1_000  # a cell: a standard error of 0.7 points at 95%
DRAWS = 400


class Cell(NamedTuple):
    """What is simulated: authorities with an event, the true area, and the events' spread."""

    n_events: int
    area: float
    spread: float
    n_days: int


class Sample(NamedTuple):
    """Scores, events, and the authority of each."""

    score: Array
    event: NDArray[np.bool_]
    authority: NDArray[np.intp]


CELLS = [
    Cell(n, area, spread, 1)
    for n in (6, 20)
    for area in (0.6, 0.75, 0.85, 0.95)
    for spread in (1.0, 1.5)
] + [Cell(n, area, 1.0, DAYS) for n in (6, 20) for area in (0.6, 0.75, 0.85)]


def _bootstrap(sample: Sample, seed: int, strata: NDArray[np.bool_] | None) -> Interval:
    def area(weight: Array) -> Array:
        return roc_auc(sample.score, sample.event, weight=weight)

    return bootstrap_interval(area, sample.authority, draws=DRAWS, seed=seed, strata=strata)


def delong(sample: Sample, _: int) -> Interval:
    """Return DeLong's limits."""
    return roc_auc_interval(*sample[:2], groups=sample.authority, method="delong")


def logit(sample: Sample, _: int) -> Interval:
    """Return DeLong's on the scale of logits."""
    return roc_auc_interval(*sample[:2], groups=sample.authority, method="logit")


def shrunk(sample: Sample, _: int) -> Interval:
    """Return the library's."""
    return roc_auc_interval(*sample[:2], groups=sample.authority)


def ungrouped(sample: Sample, _: int) -> Interval:
    """Return the library's, each row taken for an authority."""
    return roc_auc_interval(*sample[:2])


def bootstrap(sample: Sample, seed: int) -> Interval:
    """Return percentiles of authorities drawn again."""
    return _bootstrap(sample, seed, None)


def stratified(sample: Sample, seed: int) -> Interval:
    """Return percentiles, authorities with an event drawn apart."""
    return _bootstrap(sample, seed, sample.event)


LIMITS: tuple[Limits, ...] = (delong, logit, shrunk, ungrouped, bootstrap, stratified)


def draw(cell: Cell, rng: np.random.Generator) -> Sample:
    """Simulate scores whose true area is the cell's."""
    own = rng.normal(size=(AUTHORITIES, 1)) if cell.n_days > 1 else 0.0
    memory = MEMORY if cell.n_days > 1 else 0.0
    noise = rng.normal(size=(AUTHORITIES, cell.n_days))
    score = np.sqrt(memory) * own + np.sqrt(1 - memory) * noise
    event = np.zeros(score.shape, dtype=bool)
    event[: cell.n_events, : EVENT_DAYS if cell.n_days > 1 else 1] = True
    shift = ndtri(cell.area) * np.sqrt(1 + cell.spread**2)
    score = np.where(event, cell.spread * score + shift, score)
    return Sample(score.ravel(), event.ravel(), np.repeat(np.arange(AUTHORITIES), cell.n_days))


def coverage(cell: Cell, limits: Limits, *, repetitions: int = REPETITIONS) -> tuple[float, float]:
    """Return how often limits hold the true area, and how wide they are in the mean."""
    rng = np.random.default_rng(SEED)
    found = [limits(draw(cell, rng), seed) for seed in range(repetitions)]
    held = np.mean([one.lower <= cell.area <= one.upper for one in found])
    return float(held), float(np.mean([one.upper - one.lower for one in found]))


def main() -> None:
    """Print the table."""
    rows = []
    for cell in CELLS:
        told = [coverage(cell, limits) for limits in LIMITS]
        cells = [f"{100 * held:.1f} / {width:.2f}" for held, width in told]
        rows.append(
            [str(cell.n_events), f"{cell.area}", f"{cell.spread}", str(cell.n_days), *cells]
        )
    names = [limits.__name__ for limits in LIMITS]
    print(table(["events", "true area", "spread", "days", *names], rows))


if __name__ == "__main__":
    main()
