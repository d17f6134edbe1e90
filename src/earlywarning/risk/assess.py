"""An authority's score, its p-value, its tier and how far its rank can be trusted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr
from statsmodels.stats.multitest import multipletests

from earlywarning.models.combination import cauchy_combination
from earlywarning.risk.points import KINDS, Points, as_points, normal_scores
from earlywarning.schema import AUTHORITIES
from earlywarning.settings import Settings

Array = NDArray[np.float64]

RANK_COVERAGE = 0.90  # share of resampled ranks inside rank_low to rank_high
BLOCK = 500  # resampled authorities at a time: bounds memory


def assess(
    points: Points, register: pd.DataFrame, coverage: pd.Series[float], *, settings: Settings
) -> pd.DataFrame:
    """Score every authority and set the scores against chance.

    Parameters
    ----------
    points : Points
        Every authority's points and weights.
    register : DataFrame
        Columns `schema.REGISTER`, for names and types.
    coverage : Series
        Share of each authority's series that could be assessed, by authority.
    settings : Settings
        The draws, the shares and the seed.

    Returns
    -------
    DataFrame
        Columns `schema.AUTHORITIES`, and `theme:<theme>` for what each theme adds; those
        add up to `score`, as do `score_position` and `score_change`. `p` is the chance
        that a healthy authority with the same metrics stands out as much, as a whole or
        in one theme.
    """
    contribution = points.points * points.weight
    kind = points.columns["kind"].to_numpy()
    score = contribution.sum(axis=1)
    p = _chance(points, settings)
    q = multipletests(p, method="fdr_bh")[1] if len(p) else p
    low, high = _rank_limits(points, settings)
    about = register.set_index("authority").reindex(points.authorities)
    table = pd.DataFrame(
        {
            "authority": points.authorities,
            "name": about["name"].to_numpy(),
            "type": about["type"].to_numpy(),
            "score": score,
            **{f"score_{k}": contribution[:, kind == k].sum(axis=1) for k in KINDS},
            "tier": _tiers(q, settings),
            "p": p,
            "q": q,
            "rank": _ranks(score[:, None])[:, 0].astype(int),
            "rank_low": low,
            "rank_high": high,
            "coverage": coverage.reindex(points.authorities).to_numpy(),
        }
    )[list(AUTHORITIES)]
    for theme, columns in points.columns.groupby("theme"):
        table[f"theme:{theme}"] = contribution[:, columns.index].sum(axis=1)
    return table


def _tiers(q: Array, settings: Settings) -> NDArray[np.str_]:
    """Grade authorities by the share of false ones among those graded as high."""
    shares = (settings.priority_share, settings.concern_share, settings.false_flag_share)
    return np.select([q <= share for share in shares], ["priority", "concern", "watch"], "none")


def _chance(points: Points, settings: Settings) -> Array:
    """Return how often a healthy authority stands out as much, as a whole or in any part.

    The score, each kind, each theme and each theme's kind have a p-value of their own;
    Cauchy's combination makes one of them, for an authority can fail in one service alone.
    """
    n = len(points.authorities)
    if not n or not points.points.shape[1]:
        return np.ones(n)
    scores = _parts(points.points, points)[:, np.arange(n), np.arange(n)]
    as_high = np.zeros_like(scores)
    for healthy in _healthy(points, settings):
        as_high += (_parts(healthy, points) >= scores[:, None]).sum(axis=1)
    p = (1 + as_high) / (1 + settings.null_draws)
    weighed = _parts(np.ones((1, points.points.shape[1])), points)[:, 0] > 0
    # A part without trouble says nothing; it does not excuse another.
    p = np.where(weighed, np.minimum(p, 0.5), np.nan)
    return np.nan_to_num(cauchy_combination(p.T), nan=1.0)


def _parts(drawn: Array, points: Points) -> Array:
    """Add points up to all the parts of every authority's score, (parts, n_drawn, n)."""
    themes = points.columns["theme"].unique()
    finest = np.zeros((len(KINDS), len(themes), len(drawn), len(points.authorities)))
    for k, kind in enumerate(KINDS):
        for t, theme in enumerate(themes):
            at = np.flatnonzero(points.columns["kind"].eq(kind) & points.columns["theme"].eq(theme))
            finest[k, t] = drawn[:, at] @ points.weight[:, at].T
    by_kind, by_theme = finest.sum(axis=1), finest.sum(axis=0)
    whole = by_kind.sum(axis=0, keepdims=True)
    return np.concatenate([whole, by_kind, by_theme, finest.reshape(-1, *whole.shape[1:])])


def _healthy(points: Points, settings: Settings) -> Iterator[Array]:
    """Yield the points of resampled healthy authorities, a block at a time, (BLOCK, M).

    A healthy authority is a random mix of all authorities' rows of normal scores: each
    metric then is standard normal, and metrics go together as they do in the data.
    """
    rng = np.random.default_rng(settings.seed)
    rows = normal_scores(points.z)
    scale = np.sqrt((rows**2).sum(axis=0))
    rows = rows / np.where(scale > 0, scale, 1.0)
    for start in range(0, settings.null_draws, BLOCK):
        size = min(BLOCK, settings.null_draws - start)
        healthy = rng.standard_normal((size, len(rows))) @ rows
        yield as_points(ndtr(-healthy), settings.points_cap)


def _rank_limits(points: Points, settings: Settings) -> tuple[Array, Array]:
    """Resample the metrics within each theme and kind, and return the limits of each rank."""
    rng = np.random.default_rng(settings.seed + 1)
    known = np.isfinite(points.z)
    draws = settings.rank_draws
    score = np.zeros((len(known), draws))
    themes = np.zeros((len(known), len(KINDS), draws))
    parts = []
    for (_, kind), group in points.columns.groupby(["theme", "kind"]):
        at = group.index.to_numpy()
        times = rng.multinomial(len(at), np.full(len(at), 1 / len(at)), size=draws).T
        weight = points.share[at, None] * times
        total = known[:, at] @ weight
        parts.append((KINDS.index(str(kind)), points.points[:, at] @ weight, total))
        themes[:, KINDS.index(str(kind))] += total > 0
    for k, found, total in parts:
        score += found / np.where(total > 0, total, 1.0) / np.maximum(themes[:, k], 1)
    tail = 100 * (1 - RANK_COVERAGE) / 2
    if not score.size:
        return np.zeros(len(known)), np.zeros(len(known))
    low, high = np.percentile(_ranks(score), [tail, 100 - tail], axis=1, method="nearest")
    return low.astype(int), high.astype(int)


def _ranks(score: Array) -> Array:
    """Rank each column, the highest score 1; equal scores share the better rank."""
    return pd.DataFrame(-score).rank(method="min").to_numpy()
