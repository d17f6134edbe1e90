"""What does each detector say of each series of a panel?

A detector takes a panel's values, (n_metrics, n_authorities, n_periods), and gives each
series a `Verdict`: a p-value against "not worse" where it claims one, else a score.
The peers' answers are turned into the same here: their interval's distance in normal
terms, or their own score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from benchmarks.peers.ask import Peers
from earlywarning.models.contrasts import Contrasts
from earlywarning.models.control.cusum import cusum_chart
from earlywarning.models.control.ewma import ewma_chart
from earlywarning.models.movement import CommonMovement
from earlywarning.models.peers import PeerComparison, position_tails
from earlywarning.models.structural import learn_and_judge_each
from earlywarning.models.trends import mann_kendall
from earlywarning.schema import CONTRASTS

Array = NDArray[np.float64]

MOVING_RANGE_TO_SIGMA = 1.128  # d2 of a range of two; 3 sigma are 2.66 mean moving ranges
Z_95 = 1.959964
OURS = ("change", *CONTRASTS)


@dataclass(frozen=True, eq=False)
class Verdict:
    """What one detector says of a panel; arrays (n_metrics, n_authorities), NaN if nothing.

    `score` is higher the worse. `claims` says whether `p` is a p-value that the detector, or
    the normal law of its limits, stands for.
    """

    score: Array
    p: Array | None = None

    @classmethod
    def of_p(cls, p: Array) -> Verdict:
        """Return the verdict of a p-value: the smaller, the worse."""
        return cls(-p, p)


def judged(values: Array) -> list[Contrasts]:
    """Return what the library makes of each metric of a panel."""
    n_authorities, n_periods = values.shape[1:]
    times, groups = np.arange(float(n_periods)), np.zeros(n_authorities, dtype=np.intp)
    metrics = [(metric, groups) for metric in values]
    return [found for _, found in learn_and_judge_each(metrics, times)]


def ours(found: list[Contrasts]) -> dict[str, Verdict]:
    """Return the verdicts of the three contrasts and of their combination, from `judged`."""
    p = {"change": np.stack([one.combined(one.above) for one in found])}
    for j, contrast in enumerate(CONTRASTS):
        p[contrast] = np.stack([one.above[:, j] for one in found])
    return {name: Verdict.of_p(p[name]) for name in OURS}


def position(values: Array) -> Verdict:
    """Return how far each newest value is above its peers', the level and nothing else."""
    p = []
    for newest in values[:, :, -1:]:
        distance = PeerComparison().fit(newest).transform(newest)[:, 0]
        p.append(position_tails(distance, np.full(len(distance), len(distance) - 1))[0])
    return Verdict.of_p(np.stack(p))


def charts(values: Array) -> dict[str, Verdict]:
    """Return the verdicts of the library's charts and test of trend; none flags anything.

    The charts' baseline is the earlier half of the periods; the test allows for memory.
    """
    n_metrics, n_authorities, n_periods = values.shape
    series = values.reshape(-1, n_periods)
    baseline = n_periods - n_periods // 2
    found = {
        "EWMA chart": ewma_chart(series, baseline=baseline).above[:, -1],
        "CUSUM chart": cusum_chart(series, baseline=baseline).above[:, -1],
        "Mann–Kendall, with memory": mann_kendall(series, method="ar1").above,
    }
    shape = (n_metrics, n_authorities)
    return {name: Verdict.of_p(p.reshape(shape)) for name, p in found.items()}


def xmr(values: Array) -> Verdict:
    """Return how far the newest value is above the XmR chart of the values before."""
    history, newest = values[..., :-1], values[..., -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        sigma = _mean(np.abs(_moves(history))) / MOVING_RANGE_TO_SIGMA
        z = (newest - _mean(history)) / sigma
    return Verdict(z, ndtr(-z))


def _mean(values: Array) -> Array:
    """Return the mean of each series' known values; NaN, after a division by 0, without any."""
    known = np.isfinite(values)
    return np.asarray(np.where(known, values, 0.0).sum(axis=-1) / known.sum(axis=-1))


def _moves(values: Array) -> Array:
    """Return each value less the newest known before it, NaN where there is either none."""
    moves, before = np.full(values.shape, np.nan), values[..., 0]
    for t in range(1, values.shape[-1]):
        moves[..., t] = values[..., t] - before
        before = np.where(np.isfinite(values[..., t]), values[..., t], before)
    return moves[..., 1:]


def peer_relative(values: Array) -> Array:
    """Return the series less the movement of their peers, as the library believes it."""
    everyone, n_periods = np.arange(values.shape[1]), values.shape[2]
    found = []
    for metric in values:
        movement = CommonMovement.of(metric)
        found.append(metric - movement.believed(movement.seen_by(everyone), [n_periods])[0])
    return np.stack(found)


def _of_interval(values: Array, told: Array) -> Verdict:
    """Return how far the newest value is above a forecast, by the upper half of its interval."""
    mean, upper = told[..., 0], told[..., 4]
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (values[..., -1] - mean) / ((upper - mean) / Z_95)
    return Verdict(z, ndtr(-z))


def _of_z(values: Array, told: Array) -> Verdict:  # noqa: ARG001
    return Verdict(told, ndtr(-told))


def _of_score(values: Array, told: Array) -> Verdict:  # noqa: ARG001
    return Verdict(told)


PEERS: dict[str, Callable[[Array, Array], Verdict]] = {
    "AutoETS": _of_interval,
    "AutoTheta": _of_interval,
    "Mann–Kendall": _of_z,
    "Mann–Kendall, Yue–Wang": _of_z,
    "ECOD": _of_score,
    "Isolation forest": _of_score,
    "ADTK PersistAD": _of_score,
    "ADTK LevelShiftAD": _of_score,
}

# Those that come near the best on raw series are given the peer-relative ones too.
GIVEN_RELATIVE = ["AutoETS", "AutoTheta", "ECOD", "Isolation forest"]


def verdicts(values: Array, peers: Peers | None) -> dict[tuple[str, str], Verdict]:
    """Return every detector's verdict, by its name and the series it was given."""
    found = {(name, "library"): verdict for name, verdict in ours(judged(values)).items()}
    found["position", "library"] = position(values)
    found |= {(name, "library"): verdict for name, verdict in charts(values).items()}
    relative = peer_relative(values)
    found["XmR", "raw"], found["XmR", "peer-relative"] = xmr(values), xmr(relative)
    if peers is not None:
        found |= _asked(peers, values, "raw", list(PEERS))
        found |= _asked(peers, relative, "peer-relative", GIVEN_RELATIVE)
    return found


def _asked(
    peers: Peers, series: Array, given: str, names: list[str]
) -> dict[tuple[str, str], Verdict]:
    told = peers.ask(series, names)
    return {(name, given): PEERS[name](series, told[name]) for name in names}
