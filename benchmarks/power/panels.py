"""What do councils' series look like, when one knows which of them went wrong?

`panel` makes one simulated panel: metrics × authorities × periods, up is worse. Each
series is a level, noise of its own scale, a slope and a share in what happens to all;
in some of them an adverse event is planted. The same seed gives the same noise whether
events and gaps are asked for or not.

How steep and how shaken a scenario is was chosen so that simple detectors (XmR, a
straight line's prediction interval, the change against the peers' changes) find in it
what they found in the measurements that the design quotes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SCENARIOS = ("base", "shock", "ar", "heavy", "rw", "trend")
PERIODS = (8, 12, 20)
EVENTS = ("none", "shift 2", "shift 3", "shift 4", "shift 3 two ago", "drift 3")

CENTRE = 50.0  # units of the median authority's noise: positive, as published metrics are
LEVEL_SD = 3.0  # between authorities, same units
SIGMA_LOG_SD = 0.35  # of the noise's sd, between series
# Common to all authorities of a metric, a period; same units, not scaled by a series' sigma.
SHOCK_SD = {"base": 0.0, "shock": 1.0, "ar": 0.6, "heavy": 0.6, "rw": 0.6, "trend": 0.6}
LOADING_SD = 0.3  # of a shock's share in an authority; mean 1
SLOPE_SD = 0.1  # sigmas a period, between series, every scenario but trend
STEEP_SD = 0.4  # the same in trend: over 20 periods, most of what moves
MEMORY = 0.5  # correlation with the period before, scenario ar
HEAVY_DF = 4.0  # degrees of freedom of t, scenario heavy
STEP_SD = 0.6  # sigmas: of the level's random walk, a period, scenario rw


@dataclass(frozen=True, eq=False)
class Panel:
    """One simulated panel; `values` and what was put into them.

    Attributes
    ----------
    values : ndarray of shape (n_metrics, n_authorities, n_periods)
        Newest period last, up is worse, NaN in gaps.
    events : ndarray of shape (n_metrics, n_authorities)
        What was planted, as a place in `EVENTS`; 0 is nothing.
    sigma : ndarray of shape (n_metrics, n_authorities)
        Each series' noise, as a standard deviation; events are in this unit.
    """

    scenario: str
    seed: int
    gaps: float
    values: Array
    events: NDArray[np.int8]
    sigma: Array


def panel(
    scenario: str,
    n_periods: int,
    *,
    seed: int,
    gaps: float = 0.0,
    n_authorities: int = 317,
    n_metrics: int = 16,
    planted: float = 0.15,
) -> Panel:
    """Make one panel.

    Parameters
    ----------
    scenario : str
        One of `SCENARIOS`: independent noise and no shocks; large common shocks; noise with
        memory; heavy tails (t with 4 degrees of freedom); a drifting level; steep slopes.
    n_periods : int
        Length of every series.
    seed : int
        The same seed gives the same panel.
    gaps : float, default=0.0
        Share of values missing at random; never the newest.
    planted : float, default=0.15
        Share of series with an adverse event, each of the five alike.

    Examples
    --------
    >>> made = panel("base", 8, seed=1, n_metrics=2)
    >>> made.values.shape
    (2, 317, 8)
    """
    key = [seed, SCENARIOS.index(scenario), n_periods]
    noise, fate, holes = (np.random.default_rng([*key, stream]) for stream in range(3))
    shape = (n_metrics, n_authorities)
    level = CENTRE + LEVEL_SD * noise.normal(size=shape)
    sigma = np.exp(SIGMA_LOG_SD * noise.normal(size=shape))
    values = level[..., None] + sigma[..., None] * _noise(scenario, (*shape, n_periods), noise)
    loading = 1 + LOADING_SD * noise.normal(size=(*shape, 1))
    values += loading * SHOCK_SD[scenario] * noise.normal(size=(n_metrics, 1, n_periods))
    events = np.where(fate.random(shape) < planted, fate.integers(1, len(EVENTS), shape), 0)
    values += sigma[..., None] * event_shapes(n_periods)[events]
    missing = holes.random(values.shape) < gaps
    missing[..., -1] = False
    values[missing] = np.nan
    return Panel(scenario, seed, gaps, values, events.astype(np.int8), sigma)


def event_shapes(n_periods: int) -> Array:
    """Return what each of `EVENTS` adds to a series, in sigmas: (n_events, n_periods)."""
    shapes = np.zeros((len(EVENTS), n_periods))
    shapes[1:4, -1] = 2.0, 3.0, 4.0
    shapes[4, -2:] = 3.0
    later = n_periods // 2
    shapes[5, -later:] = 3.0 * np.arange(1, later + 1) / later
    return shapes


def _noise(scenario: str, shape: tuple[int, int, int], rng: np.random.Generator) -> Array:
    """Return what a scenario's series do by themselves, in sigmas: noise, walk and slope."""
    if scenario == "heavy":
        x: Array = rng.standard_t(HEAVY_DF, size=shape) / np.sqrt(HEAVY_DF / (HEAVY_DF - 2))
    else:
        x = rng.normal(size=shape)
    if scenario == "ar":
        for t in range(1, shape[-1]):
            x[..., t] = MEMORY * x[..., t - 1] + np.sqrt(1 - MEMORY**2) * x[..., t]
    elif scenario == "rw":
        x += STEP_SD * rng.normal(size=shape).cumsum(axis=-1)
    slope = (STEEP_SD if scenario == "trend" else SLOPE_SD) * rng.normal(size=(*shape[:2], 1))
    return x + slope * np.arange(shape[-1])
