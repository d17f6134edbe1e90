"""Each outcome: was its authority on the list before, since when, and on what grounds?

On the list of a day are the authorities at risk with the highest scores, as many as the
capacity allows. Where several tie for the last place, none of them is listed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.flags import gravest_first
from earlywarning.schema import TIERS, TIMELINE
from earlywarning.validation.board import matrix_of
from earlywarning.validation.labels import AT_RISK, ATTRIBUTED, DIVIDED
from earlywarning.validation.metrics.lead_time import lead_times

Array = NDArray[np.float64]
MOST_GROUNDS = 3  # metrics named as grounds


def timeline_of(
    scores: pd.DataFrame,
    flags: pd.DataFrame,
    labels: pd.DataFrame,
    links: pd.DataFrame,
    *,
    capacity: int,
) -> pd.DataFrame:
    """Say of each episode whether its authority was listed before it.

    Parameters
    ----------
    scores, flags : DataFrame
        As in `Replay`.
    labels : DataFrame
        Columns `schema.LABELS`.
    links : DataFrame
        As from `outcomes.followed`.
    capacity : int
        Authorities listed a day.

    Returns
    -------
    DataFrame
        Columns `schema.TIMELINE`, by outcome, date and authority: one row an authority that was
        looked at and an episode of its own, or of the one successor it went into. `place` is the
        number of authorities as high on the last look, itself among them; `lead_days` runs from
        the first look of the unbroken run of lists, and is `censored` where that is the first
        look of all. Episodes before the first look have no last one.
    """
    days = pd.DatetimeIndex(sorted(scores["as_of"].unique()))
    codes = pd.Index(sorted(scores["authority"].unique()))
    met = links[links["way"].isin(ATTRIBUTED) & links["authority"].isin(codes)]
    parts = []
    for outcome, group in met.groupby("outcome", sort=True):
        place = places_of(scores, labels[labels["outcome"].eq(outcome)], days, list(codes))
        across = codes.get_indexer(pd.Index(group["authority"]))
        parts.append(_of_outcome(scores, group, days, place[:, across], capacity=capacity))
    if not parts:
        return pd.DataFrame(columns=list(TIMELINE))
    found = pd.concat(parts, ignore_index=True)
    found = found.assign(grounds=_grounds(found, flags))
    return found.sort_values(["outcome", "date", "authority"], ignore_index=True)[list(TIMELINE)]


def places_of(
    scores: pd.DataFrame, labels: pd.DataFrame, days: pd.DatetimeIndex, codes: Sequence[str]
) -> Array:
    """Return how many authorities at risk are listed as high, (days, authorities), or NaN."""
    there = labels[labels["status"].isin([AT_RISK, DIVIDED])].assign(there=1.0)
    at_risk = np.isfinite(matrix_of(there, "there", days, codes))
    score = np.where(at_risk, matrix_of(listing(scores), "score", days, codes), np.nan)
    place = np.full(score.shape, np.nan)
    for row, values in enumerate(score):
        known = np.sort(values[np.isfinite(values)])
        place[row] = len(known) - np.searchsorted(known, values, side="left")
    return np.where(np.isfinite(score), place, np.nan)


def assessed(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of authorities of which anything could be assessed."""
    return scores[scores["coverage"].fillna(0.0) > 0]


def listing(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the order in which authorities are listed, as `score`: by tier, then by p.

    Those of which nothing could be assessed are left out.
    """
    known = assessed(scores)
    tier = known["tier"].map({word: at for at, word in enumerate(TIERS)}).astype(float)
    return known.assign(score=tier + 1 - known["p"])  # p is below 1, or nothing stands out


def _of_outcome(
    scores: pd.DataFrame, met: pd.DataFrame, days: pd.DatetimeIndex, place: Array, *, capacity: int
) -> pd.DataFrame:
    """Return the timeline of one outcome; `place` has a column an episode."""
    listed = (place <= capacity).T
    when = met["start_earliest"].to_numpy()
    lead = lead_times(listed, days.to_numpy(), when)
    last = np.searchsorted(days.to_numpy(), when, side="left") - 1
    looked = last >= 0
    at = np.where(looked, last, 0), np.arange(len(met))
    known = pd.MultiIndex.from_arrays([days[at[0]], met["authority"]])
    then = scores.set_index(["as_of", "authority"]).reindex(known)
    since = when - np.nan_to_num(lead.days, nan=0.0).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "outcome": met["outcome"].to_numpy(),
            "authority": met["authority"].to_numpy(),
            "name": scores.drop_duplicates("authority").set_index("authority")["name"]
            .reindex(met["authority"]).to_numpy(),
            "through": met["through"].to_numpy(),
            "date": when,
            "kinds": met["kinds"].to_numpy(),
            "last_look": np.where(looked, days.to_numpy()[at[0]], np.datetime64("NaT")),
            "place": np.where(looked, place[at], np.nan),
            "listed": looked & (place[at] <= capacity),
            "since": np.where(np.isfinite(lead.days), since, np.datetime64("NaT")),
            "lead_days": lead.days,
            "censored": lead.censored,
            "tier": np.where(looked, then["tier"].fillna("none").to_numpy(), ""),
            "n_flags": np.where(looked, then["n_flags"].fillna(0).to_numpy(), 0).astype(int),
        }
    )  # fmt: skip


def _grounds(found: pd.DataFrame, flags: pd.DataFrame) -> list[str]:
    """Return the metrics of the gravest flags at the last look, joined by ';'."""
    grave = gravest_first(flags).groupby(["as_of", "authority"], sort=False)["metric"]
    named = grave.agg(lambda metrics: "; ".join(list(dict.fromkeys(metrics))[:MOST_GROUNDS]))
    looks = pd.MultiIndex.from_frame(found[["last_look", "authority"]])
    return named.reindex(looks).fillna("").to_list()
