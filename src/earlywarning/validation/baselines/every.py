"""All other ways of ranking that a back-test holds against the library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from earlywarning.result import Result
from earlywarning.validation.baselines.areas import area_scores
from earlywarning.validation.baselines.metrics import metric_scores
from earlywarning.validation.baselines.plain import chance, last_list
from earlywarning.validation.baselines.points_scores import points_scores
from earlywarning.validation.baselines.points_system import (
    POINTS_SYSTEMS,
    PointsSystem,
    built_in_system,
)


def every_scorer(
    outcomes: pd.DataFrame,
    *,
    seed: int,
    areas: pd.DataFrame | None = None,
    systems: Sequence[PointsSystem] = (),
) -> list[Callable[[Result], pd.DataFrame]]:
    """Return each baseline, ready to be asked about a day.

    Parameters
    ----------
    outcomes : DataFrame
        As from `as_groups`: who was in trouble before; only what was published by the day counts.
    seed : int
        Of chance.
    areas : DataFrame, optional
        As from `read_areas`; without it size and deprivation are not ranked by.
    systems : sequence of PointsSystem
        Systems of points besides the built-in ones.

    Returns
    -------
    list of callable
        Each takes a day's `Result`, and gives columns `BASELINES`.

    Examples
    --------
    >>> nobody = pd.DataFrame({"authority": [], "outcome": [], "published": []})
    >>> areas = pd.DataFrame({"authority": ["A"], "size": [9000.0], "deprivation": [-1.0]})
    >>> len(every_scorer(nobody, seed=1, areas=areas)) - len(every_scorer(nobody, seed=1))
    1
    """
    scorers: list[Callable[[Result], pd.DataFrame]] = [
        metric_scores,
        partial(chance, seed=seed),
        partial(last_list, outcomes=outcomes),
        *(partial(points_scores, system=built_in_system(name)) for name in POINTS_SYSTEMS),
        *(partial(points_scores, system=system) for system in systems),
    ]
    if areas is not None:
        scorers.append(partial(area_scores, areas=areas))
    return scorers
