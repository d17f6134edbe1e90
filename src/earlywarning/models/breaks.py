"""Was a metric defined anew at some period?

A new definition moves most authorities at once, or spreads or orders them anew, and more
than this metric's common movements do. `find_breaks` proposes such periods with what
speaks for them. It changes nothing: whether the definition changed is for people to find out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError
from earlywarning.models.outlying import FEWEST, outlying
from earlywarning.models.steps import Steps, steps_of

Array = NDArray[np.float64]

RAREST = 1e-6  # share of metrics: rarer chances are not told apart in words
# What speaks for a break, and its share of the false proposals allowed. A level that moves is
# what new definitions mostly do.
SHARES = {"level": 0.6, "spread": 0.2, "order": 0.2}


@dataclass(frozen=True, slots=True)
class Break:
    """One proposal: a metric that may have been defined anew.

    Attributes
    ----------
    period : int
        Column of the first period that differs.
    before : int
        Column of the period it is compared with.
    p : float
        How often a metric without a break has a proposal as strong as this, any period.
    shows_in : {"level", "spread", "order"}
        What speaks for it most.
    statistic : float
        That step's distance from the others, in standard deviations of theirs.
    n_authorities : int
        With a value in both periods.
    share_moved : float
        Of these, the share that moved the way of the jump; NaN without one.
    jump : float
        Median change less the median of the other steps' changes, in the metric's units.
    usual : float
        Standard deviation of the other steps' median changes.
    spread_ratio : float
        How many times as far authorities spread afterwards.
    order, usual_order : float
        Rank correlation of the two periods, and the median of the other steps'. Only a loss
        of order speaks for a break.
    kept : float
        Share of the jump that was still there a period later; NaN in the newest.
    """

    period: int
    before: int
    p: float
    shows_in: str
    statistic: float
    n_authorities: int
    share_moved: float
    jump: float
    usual: float
    spread_ratio: float
    order: float
    usual_order: float
    kept: float

    def evidence(self, labels: Sequence[str] | None = None) -> str:
        """Return what speaks for the break in words; `labels` name the columns."""
        named = labels if labels is not None else [f"period {i}" for i in range(self.period + 1)]
        way = "up" if self.jump > 0 else "down"
        often = f"1 in {1 / max(self.p, RAREST):,.0f}"
        often = often if self.p > RAREST else f"fewer than {often}"
        said = {
            "level": f"{self.share_moved:.0%} of them moved {way}, by {abs(self.jump):.3g} more "
            f"than in other periods, where common movements are about {self.usual:.2g}.",
            "spread": f"They spread {self.spread_ratio:.2f} times as far as before.",
            "order": f"They kept their order to {self.order:.2f} (elsewhere "
            f"{self.usual_order:.2f}).",
            "kept": f"A period later {self.kept:.0%} of the jump was still there.",
            "p": f"Chance would show as much in {often} metrics without a break.",
        }
        if not self.jump:
            said["level"] = "In the middle they did not move."
        if not np.isfinite(self.kept):
            del said["kept"]
        between = f"From {named[self.before]} to {named[self.period]} ({self.n_authorities} known):"
        return " ".join([between, said.pop(self.shows_in), *said.values()])


def find_breaks(X: ArrayLike, *, level: float = 0.05) -> list[Break]:
    """Propose the periods at which a whole metric may have been defined anew.

    Parameters
    ----------
    X : array-like of shape (n_authorities, n_periods)
        One metric on the scale on which differences are alike, oldest period first; NaN or
        infinite where nothing is published.
    level : float, default=0.05
        Share of metrics without a break for which one is proposed.

    Returns
    -------
    list of Break
        In the order of the periods; empty where there is none, where there are fewer
        than 4 steps of 10 authorities to judge by, or where nothing ever moves.

    Raises
    ------
    UsageError
        If X is not two-dimensional, or the level not between 0 and 1.

    Notes
    -----
    Each step's median change is compared with the metric's other steps, so a common shock
    of ordinary size proposes nothing; one far beyond the metric's own record does, and no
    statistic can tell it from a new definition. Spread and order are compared beyond what
    a movement of that size usually costs. Outlying steps are taken away one at a time, so
    that two breaks do not hide each other (Rosner 1983, Percentage points for a
    generalized ESD many-outlier procedure, Technometrics 25, 165-172); p is corrected over
    all periods by simulation.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 1)) * 3 + rng.normal(size=(100, 10))
    >>> X[:, 6:] += 2.0
    >>> [(found.period, found.shows_in) for found in find_breaks(X)]
    [(6, 'level')]
    """
    if not 0 < level < 1:
        raise UsageError(f"level={level!r}: give a share between 0 and 1, such as 0.05.")
    matrix = np.asarray(X, dtype=float)
    if matrix.ndim != 2:
        raise UsageError(f"X has {matrix.ndim} dimensions: give authorities down, periods across.")
    matrix = np.where(np.isfinite(matrix), matrix, np.nan)
    steps = steps_of(matrix)
    if len(steps.n) < FEWEST or not (steps.error > 0).any():
        return []
    p, distance = break_p_values(steps)
    weighted = np.minimum(p / np.array(list(SHARES.values()))[:, None], 1.0)
    found = np.flatnonzero(weighted.min(axis=0) <= level)
    evidence = np.stack([weighted, distance])
    return [_proposal(matrix, steps, int(i), evidence[:, :, i]) for i in found]


def break_p_values(steps: Steps) -> tuple[Array, Array]:
    """Compute how often chance sets a step so far apart, for level, spread and order.

    Parameters
    ----------
    steps : Steps
        Of one metric; 4 or more.

    Returns
    -------
    p, distance : ndarray of shape (3, k)
        p-values corrected over the steps of one metric, 1 where a step is not among the
        farthest; and the studentised distances from the other steps, NaN there.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> break_p_values(steps_of(rng.normal(size=(50, 8))))[0].shape
    (3, 7)
    """
    # Half the error there must be: others that happen to agree are not taken at their word.
    least = float(np.sqrt(np.mean(steps.error**2))) / 2
    sampling = float(np.sqrt(np.mean(1.0 / steps.n))) / 2
    movement = (steps.level - np.median(steps.level)) ** 2
    found = [outlying(steps.level, least=least)]
    found.append(outlying(steps.spread, movement, least=sampling))
    found.append(outlying(steps.order, movement, least=sampling, side="below"))
    p, distance = (np.stack(part) for part in zip(*found, strict=True))
    return p, distance


def _proposal(X: Array, steps: Steps, i: int, evidence: Array) -> Break:
    """Gather what speaks for a break at one step."""
    p, distance = evidence
    shows = int(p.argmin())
    others = np.delete(np.arange(len(steps.n)), i)
    drift = float(np.median(steps.level[others]))
    before, after = int(steps.before[i]), int(steps.after[i])
    change = (X[:, after] - X[:, before])[np.isfinite(X[:, after] - X[:, before])] - drift
    jump = float(steps.level[i]) - drift
    return Break(
        period=after,
        before=before,
        p=float(p[shows]),
        shows_in=list(SHARES)[shows],
        statistic=float(distance[shows]),
        n_authorities=int(steps.n[i]),
        share_moved=float(np.mean(np.sign(change) == np.sign(jump))) if jump else np.nan,
        jump=jump,
        usual=float(np.std(steps.level[others], ddof=1)),
        spread_ratio=float(np.exp(steps.spread[i])),
        order=float(np.tanh(steps.order[i])),
        usual_order=float(np.tanh(np.median(steps.order[others]))),
        kept=1 + float(steps.level[i + 1] - drift) / jump
        if i + 1 < len(steps.n) and jump
        else np.nan,
    )
