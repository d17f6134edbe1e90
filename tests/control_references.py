"""Published reference values of control charts: where they are, and to which digit they hold.

R prints 15 significant digits and drops zeros at the end. A value of ours agrees if it
differs by no more than half of the fifteenth digit, and what rounding in double precision
adds, which grows with the size of the data.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyarrow import csv

BESIDE = Path(__file__).resolve().parents[2] / "shared"
RANGE_TO_SIGMA = 2.326  # of five normal values, as tabled
ROUNDING = 16 * np.finfo(float).eps  # of sums of up to a hundred values, by their size


@dataclass(frozen=True)
class Agreement:
    """How many values were compared, the largest difference, and that in allowed ones."""

    reference: str
    n_values: int
    largest: float
    worst: float


def read(name: str) -> pd.DataFrame:
    """Return a file of reference values."""
    folder = Path(os.environ.get("EARLYWARNING_SHARED", BESIDE)) / "oracles"
    return csv.read_csv(folder / name).to_pandas()  # to the last bit, whatever the pandas


def agreement(reference: str, ours, theirs, *, size: float = 0.0) -> Agreement:
    """Compare values of ours with printed ones; `size` is that of the data behind them."""
    ours, theirs = (np.ravel(np.asarray(values, dtype=float)) for values in (ours, theirs))
    assert ours.shape == theirs.shape
    assert np.isfinite(theirs).all()
    apart = np.abs(ours - theirs)
    magnitude = np.abs(theirs)
    exponent = np.floor(np.log10(np.where(magnitude > 0, magnitude, 1.0)))
    allowed = np.where(magnitude > 0, 0.5 * 10.0 ** (exponent - 14), 0.0)
    allowed += ROUNDING * np.maximum(magnitude, size)
    worst = np.max(apart / np.where(allowed > 0, allowed, np.finfo(float).tiny))
    return Agreement(reference, theirs.size, float(apart.max()), float(worst))


def pistonrings() -> tuple[np.ndarray, float, float]:
    """Return the means of five rings, and centre and standard deviation of such a mean, by qcc."""
    rings = read("qcc_data_pistonrings.csv")
    trial = rings[rings["trial"]].groupby("sample")["diameter"]
    spread = (trial.max() - trial.min()).mean() / RANGE_TO_SIGMA
    means = rings.groupby("sample")["diameter"].mean()
    return means.to_numpy()[None], float(trial.mean().mean()), float(spread / np.sqrt(5))


def with_memory(rng: np.random.Generator, shape: tuple[int, int], memory: float) -> np.ndarray:
    """Return stationary noise of variance 1 in which each value remembers the one before."""
    X = rng.normal(size=shape)
    for t in range(1, shape[1]):
        X[:, t] = memory * X[:, t - 1] + np.sqrt(1 - memory**2) * X[:, t]
    return X


def extremes(rng: np.random.Generator, n: int = 200) -> np.ndarray:
    """Return series of very large, very small and equal values, and gaps."""
    values = [0, 0, 1, 0.1, 0.3, -5, 1e99, -1e99, 1e-300, 1e-99, np.nan, np.nan]
    return rng.choice(values, size=(n, 16))


def as_rows(found: list[Agreement]) -> list[tuple[str, int, float]]:
    """Return what the table of references in the documentation needs."""
    return [(one.reference, int(one.n_values), float(one.largest)) for one in found]
