"""An authority's score, its p-value, its tier and how far its rank can be trusted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr
from statsmodels.stats.multitest import multipletests

from earlywarning.models.combination import cauchy_combination
from earlywarning.risk.points import Points, as_points, normal_scores
from earlywarning.schema import ASSESSED, AUTHORITIES, FLAG_KINDS, THEME
from earlywarning.settings import Settings

Array = NDArray[np.float64]
Labels = NDArray[np.intp]

RANK_COVERAGE = 0.90  # share of resampled ranks inside rank_low to rank_high
RARE = 8  # healthy authorities that reach a score: with fewer, more are drawn
IN_TAIL = 100  # healthy authorities from which the rest of the tail is judged
BLOCK = 2000  # resampled authorities at a time, where they have not very many metrics
ROOM = 2**25  # numbers that are held at once: bounds memory, to some 100 MB an array


def assess(
    points: Points,
    register: pd.DataFrame,
    signals: pd.DataFrame,
    flags: pd.DataFrame,
    *,
    settings: Settings,
) -> pd.DataFrame:
    """Score every authority and set the scores against chance.

    Parameters
    ----------
    points : Points
        Every authority's points and weights.
    register : DataFrame
        Columns `schema.REGISTER`, for names and types.
    signals, flags : DataFrame
        Columns `schema.SIGNALS` and `schema.FLAGS`: what was assessed, and what was flagged.
    settings : Settings
        The draws, the shares and the seed.

    Returns
    -------
    DataFrame
        Columns `schema.AUTHORITIES`, and `theme:<theme>` for what each theme adds; those
        add up to `score`, as do `score_position` and `score_change`. `p` is the chance
        that a healthy authority with the same metrics stands out as much, as a whole or
        in any part.
    """
    contribution = points.points * points.weight
    kind = points.columns["kind"].to_numpy()
    score = contribution.sum(axis=1)
    p = _chance(points, settings)
    q, judged = np.ones(len(p)), points.weight.any(axis=1)
    if judged.any():  # who has nothing to be judged by makes nobody else less remarkable
        q[judged] = multipletests(p[judged], method="fdr_bh")[1]
    low, high = _rank_limits(points, settings)
    about = register.set_index("authority").reindex(points.authorities)
    table = pd.DataFrame(
        {
            "authority": points.authorities,
            "name": about["name"].to_numpy(),
            "type": about["type"].to_numpy(),
            "score": score,
            **{f"score_{k}": contribution[:, kind == k].sum(axis=1) for k in FLAG_KINDS},
            "tier": _tiers(q, _flagged(points, flags), settings),
            "p": p,
            "q": q,
            "rank": _ranks(score[:, None])[:, 0].astype(int),
            "rank_low": low,
            "rank_high": high,
            "coverage": _coverage(signals).reindex(points.authorities).to_numpy(),
        }
    )[list(AUTHORITIES)]
    for theme, columns in points.columns.groupby("theme"):
        table[f"{THEME}{theme}"] = contribution[:, columns.index].sum(axis=1)
    return table


def _coverage(signals: pd.DataFrame) -> pd.Series[float]:
    """Return the share of each authority's positions and changes that could be assessed."""
    judged = signals[signals["signal"].isin(FLAG_KINDS)]
    assessed = judged["status"].eq(ASSESSED).astype(float)
    share: pd.Series[float] = assessed.groupby(judged["authority"].astype(str)).mean()
    return share


def _flagged(points: Points, flags: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which authorities have a flag that says worse, not just unusual."""
    scored = flags["metric"].isin(points.columns["metric"])
    return np.isin(points.authorities, flags.loc[scored, "authority"].astype(str))


def _tiers(q: Array, flagged: NDArray[np.bool_], settings: Settings) -> NDArray[np.str_]:
    """Grade authorities by the share of false ones among those graded as high.

    Whoever has a flag is watched at least, so that no flag stands without its authority.
    """
    shares = (settings.priority_share, settings.false_flag_share, settings.watch_share)
    grades = [*(q <= share for share in shares), flagged]
    return np.select(grades, ["priority", "concern", "watch", "watch"], "none")


def _chance(points: Points, settings: Settings) -> Array:
    """Return how often a healthy authority stands out as much, as a whole or in any part.

    The score, each kind, each theme and each theme's kind have a p-value of their own;
    Cauchy's combination makes one of them, for an authority can fail in one service alone.
    """
    n, m = points.points.shape
    if not n or not m:
        return np.ones(n)
    everyone = np.arange(n)
    p = _part_chances(points, settings)
    weighed = _parts(np.ones((1, m)), points, everyone)[:, 0] > 0
    # A part without trouble says nothing; it does not excuse another.
    p = np.where(weighed, np.minimum(p, 0.5), np.nan)
    return np.nan_to_num(cauchy_combination(p.T), nan=1.0)


def _part_chances(points: Points, settings: Settings) -> Array:
    """Return how often healthy authorities reach each part of each authority's score."""
    n, draws = len(points.points), settings.null_draws
    scores = np.concatenate([_own_parts(points, rows) for rows in _some(points, n)], axis=1)
    as_high = np.zeros_like(scores)
    for healthy in _healthy(points, draws, settings.seed):
        for rows in _some(points, n):
            reached = _parts(healthy, points, rows) >= scores[:, None, rows]
            as_high[:, rows] += reached.sum(axis=1)
    p = (1 + as_high) / (1 + draws)
    rare = np.flatnonzero((as_high < RARE).any(axis=0))
    if rare.size:
        p[:, rare] = _rare_chances(points, rare, scores[:, rare], settings)
    return p


def _own_parts(points: Points, rows: Labels) -> Array:
    """Return the parts of these authorities' own scores, (parts, n_rows)."""
    own = np.arange(len(rows))
    return _parts(points.points[rows], points, rows)[:, own, own]


def _rare_chances(points: Points, rows: Labels, scores: Array, settings: Settings) -> Array:
    """Return the chance of scores that few healthy authorities reach, from many more of them.

    Beyond the score that `IN_TAIL` reach, the tail is taken for exponential, with their mean
    excess (Knijnenburg et al. 2009). Points are capped, so that in truth it is lighter: the
    chance is not understated.
    """
    draws = settings.tail_draws
    as_high = np.zeros_like(scores)
    tail = np.full((len(scores), 1 + IN_TAIL, len(rows)), -np.inf)
    for healthy in _healthy(points, draws, settings.seed + 2):
        for at in _some(points, len(rows)):
            reached = _parts(healthy, points, rows[at])
            as_high[:, at] += (reached >= scores[:, None, at]).sum(axis=1)
            known = np.concatenate([tail[..., at], reached], axis=1)
            tail[..., at] = np.partition(known, -IN_TAIL - 1, axis=1)[:, -IN_TAIL - 1 :]
    tail.sort(axis=1)
    start = tail[:, 0]
    excess = np.maximum((tail.sum(axis=1) - (1 + IN_TAIL) * start) / IN_TAIL, 1e-12)
    beyond = IN_TAIL / draws * np.exp(-np.maximum(scores - start, 0) / excess)
    return np.asarray(np.where(as_high > IN_TAIL, (1 + as_high) / (1 + draws), beyond))


def _some(points: Points, n: int) -> list[Labels]:
    """Divide n authorities, so that the parts of a block's scores take no more than `ROOM`."""
    n_parts = (1 + len(FLAG_KINDS)) * (1 + len(points.themes))
    n_times = min(n, -(-n * n_parts * BLOCK // ROOM))
    return np.array_split(np.arange(n), n_times)


def _parts(drawn: Array, points: Points, rows: Labels) -> Array:
    """Add points up to all the parts of these authorities' scores, (parts, n_drawn, n_rows)."""
    themes = points.themes
    finest = np.zeros((len(FLAG_KINDS), len(themes), len(drawn), len(rows)))
    for (kind, theme), at in points.blocks.items():
        weight = points.weight[np.ix_(rows, at)]
        finest[FLAG_KINDS.index(kind), themes.index(theme)] = drawn[:, at] @ weight.T
    by_kind, by_theme = finest.sum(axis=1), finest.sum(axis=0)
    whole = by_kind.sum(axis=0, keepdims=True)
    return np.concatenate([whole, by_kind, by_theme, finest.reshape(-1, *whole.shape[1:])])


def _healthy(points: Points, draws: int, seed: int) -> Iterator[Array]:
    """Yield the points of resampled healthy authorities, a block at a time, (BLOCK, M).

    A healthy authority is a random mix of all authorities' rows of normal scores: each
    metric then is standard normal, and metrics go together as they do in the data.
    """
    rng = np.random.default_rng(seed)
    rows = normal_scores(points.z)[np.isfinite(points.z).any(axis=1)]
    scale = np.sqrt((rows**2).sum(axis=0))
    rows = rows / np.where(scale > 0, scale, 1.0)
    size = min(BLOCK, max(1, ROOM // max(rows.shape[1], 1)))
    for start in range(0, draws, size):
        healthy = rng.standard_normal((min(size, draws - start), len(rows))) @ rows
        yield as_points(ndtr(-healthy), points.cap)


def _rank_limits(points: Points, settings: Settings) -> tuple[Array, Array]:
    """Resample the metrics within each theme and kind, and return the limits of each rank."""
    rng = np.random.default_rng(settings.seed + 1)
    known = np.isfinite(points.z)
    draws = settings.rank_draws
    score = np.zeros((len(known), draws))
    themes = np.zeros((len(known), len(FLAG_KINDS), draws))
    weights = {}
    for (kind, theme), at in points.blocks.items():
        times = rng.multinomial(len(at), np.full(len(at), 1 / len(at)), size=draws).T
        weights[kind, theme] = points.share[at, None] * times
        themes[:, FLAG_KINDS.index(kind)] += known[:, at] @ weights[kind, theme] > 0
    for (kind, theme), at in points.blocks.items():
        weight, of = weights[kind, theme], np.maximum(themes[:, FLAG_KINDS.index(kind)], 1)
        total = known[:, at] @ weight
        score += points.points[:, at] @ weight / np.where(total > 0, total, 1.0) / of
    tail = 100 * (1 - RANK_COVERAGE) / 2
    if not score.size:
        return np.zeros(len(known)), np.zeros(len(known))
    low, high = np.percentile(_ranks(score), [tail, 100 - tail], axis=1, method="nearest")
    return low.astype(int), high.astype(int)


def _ranks(score: Array) -> Array:
    """Rank each column, the highest score 1; equal scores share the better rank."""
    return pd.DataFrame(-score).rank(method="min").to_numpy()
