"""What came of it, and who had been to see whom?

Some of the troubled get an outcome 6 to 24 months after their trouble showed, some
none; two outcomes strike where the data show nothing. Visits are spread by chance,
except that a statutory intervention is also an engagement.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from earlywarning import schema
from earlywarning.sample.axis import axis
from earlywarning.sample.chance import Indices, pick, stream
from earlywarning.sample.metrics import ALL, CARE
from earlywarning.sample.places import Places
from earlywarning.sample.troubles import FAR_WORSE, Troubles

SEVERITY = {  # 1 is mild, 3 is grave
    "peer_challenge_finding": 1, "best_value_notice": 2, "exceptional_financial_support": 2,
    "section_114": 3, "statutory_intervention": 3,
}  # fmt: skip
OUT_OF_THE_BLUE = ("exceptional_financial_support", "peer_challenge_finding")
DAYS = (183, 730)  # from when the trouble is in all its metrics to the outcome
ALWAYS_BAD = pd.Timestamp("2022-03-31")  # from when the days count where it always was bad
PRINTED = pd.Timestamp("2024-12-31")  # visits after this day are planned


@dataclass(frozen=True)
class Visits:
    """How one kind of engagement is spread: one visit for this share of the authorities."""

    kind: str
    lead: str
    share: float
    types: tuple[str, ...]
    first: str
    last: str
    days: int


VISITS = (
    Visits("corporate_peer_challenge", "Sector body", 0.85, ALL, "2016-04-01", "2025-09-30", 3),
    Visits("inspection", "Inspectorate", 0.6, CARE, "2019-04-01", "2025-06-30", 11),
    Visits("finance_review", "Sector body", 0.12, ALL, "2020-04-01", "2025-03-31", 60),
    Visits("early_warning_conversation", "Ministry", 0.08, ALL, "2022-04-01", "2024-12-20", 0),
    Visits("webinar", "Sector body", 0.2, ALL, "2022-04-01", "2025-03-31", 0),
)


def make_outcomes(troubles: Troubles, places: Places, seed: int) -> pd.DataFrame:
    """Return the dated outcomes (`schema.OUTCOMES`), oldest first."""
    rng = stream(seed, "outcomes")
    struck = [(code, plan.outcome) for code, plan in troubles.plans.items() if plan.outcome]
    healthy = np.flatnonzero(~places.ended & ~places.codes.isin(list(troubles.plans)).to_numpy())
    blue = places.codes.iloc[pick(rng, healthy, len(OUT_OF_THE_BLUE))]
    rows = pd.DataFrame(
        [*struck, *zip(blue, OUT_OF_THE_BLUE, strict=True)], columns=["authority", "outcome"]
    )
    low, high = DAYS
    waited = pd.to_timedelta(np.floor(low + (high - low) * rng.random(len(rows))), unit="D")
    rows["date"] = rows["authority"].map(_begun(troubles)).fillna(ALWAYS_BAD) + waited
    to_the_month = rows["outcome"].eq("peer_challenge_finding")
    rows["date"] = rows["date"].mask(to_the_month, _first_of_month(rows["date"]))
    rows["date_precision"] = np.where(to_the_month, "month", "day")
    rows["severity"] = rows["outcome"].map(SEVERITY)
    return rows.sort_values(["date", "authority"], ignore_index=True)[list(schema.OUTCOMES)]


def make_engagements(outcomes: pd.DataFrame, places: Places, seed: int) -> pd.DataFrame:
    """Return who saw whom, and when (`schema.ENGAGEMENTS`), oldest first; an open end is NaT."""
    rng = stream(seed, "engagements")
    parts = [_visits(kind, places, rng) for kind in VISITS]
    taken = outcomes[outcomes["outcome"] == "statutory_intervention"]
    parts.append(pd.DataFrame({
        "authority": taken["authority"], "kind": "intervention", "start": taken["date"],
        "end": pd.NaT, "status": "ongoing", "lead": "Ministry", "outcome": "",
    }))  # fmt: skip
    rows = pd.concat([part.astype({"end": "datetime64[ns]"}) for part in parts])
    rows["status"] = rows["status"].mask(rows["start"] > PRINTED, "planned")
    rows["outcome"] = rows["outcome"].mask(rows["status"] == "planned", "")
    rows = rows.sort_values(["start", "authority", "kind"], ignore_index=True)
    return rows[list(schema.ENGAGEMENTS)]


def _begun(troubles: Troubles) -> pd.Series:
    """Return the day by which all of an authority's metrics have had a period in trouble."""
    ends = {
        str(label): end
        for frequency in ("annual", "quarterly")
        for label, end in zip(axis(frequency).labels, axis(frequency).ends, strict=True)
    }
    table = troubles.table
    days = pd.to_datetime(table["start_period"].map(ends)).astype("datetime64[ns]")
    days = days.mask(table["kind"] == FAR_WORSE, ALWAYS_BAD)
    return days.groupby(table["authority"]).max()


def _first_of_month(days: pd.Series) -> pd.Series:
    first: pd.Series = days.dt.to_period("M").dt.start_time
    return first


def _visits(visits: Visits, places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Return one kind of engagement: who, and a day between the first and the last."""
    able = np.flatnonzero(places.of_type(*visits.types) & ~places.ended & ~places.new)
    seen: Indices = pick(rng, able, round(visits.share * able.size))
    first, last = pd.Timestamp(visits.first), pd.Timestamp(visits.last)
    days = np.floor(rng.random(seen.size) * (last - first).days)
    start = pd.Series(first + pd.to_timedelta(days, unit="D")).astype("datetime64[ns]")
    follow_up = rng.random(seen.size) < 0.3
    return pd.DataFrame({
        "authority": places.codes.to_numpy()[seen], "kind": visits.kind, "start": start,
        "end": start + pd.Timedelta(days=visits.days), "status": "completed",
        "lead": visits.lead, "outcome": np.where(follow_up, "follow-up agreed", ""),
    })  # fmt: skip
