"""What happened to each authority after each day on which it was looked at?

An authority is *at risk* of an outcome on a day if it stands, is in no episode of it, and
nothing is unsure about the day. Whether the outcome came within the horizon is known only
where the record goes on for so long.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from earlywarning.authorities import successors
from earlywarning.schema import LABEL_STATUSES, LABELS

AT_RISK, UNDER_WAY, NOT_STANDING, DATE_UNCERTAIN, DIVIDED = LABEL_STATUSES
DAY = np.timedelta64(1, "D")
ATTRIBUTED = ("own", "merged")  # ways in which an episode came to an authority; see `followed`
FAR = pd.Timestamp("2200-01-01")  # after every day of a record


def labels_of(
    scored: pd.DataFrame,
    links: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    register: pd.DataFrame,
    months: int,
    within_days: int,
    until: pd.Timestamp,
) -> pd.DataFrame:
    """Say for each authority, day and outcome whether the outcome followed.

    Parameters
    ----------
    scored : DataFrame
        Columns `authority, as_of`.
    links : DataFrame
        As from `outcomes.followed`: an authority's own episodes, and those of its successors.
    outcomes : sequence of str
        The outcomes, each judged by itself.
    register : DataFrame
        Columns `schema.REGISTER`.
    months : int
        The horizon.
    within_days : int
        Days after an episode's last event in which a new one would belong to it.
    until : Timestamp
        The last day of which the record of outcomes knows.

    Returns
    -------
    DataFrame
        Columns `schema.LABELS`, one row an (authority, as_of, outcome). `event` is missing
        where the authority is not at risk, or the horizon ends after `until`, after the
        authority itself, or before the first episode on record, when nobody may have kept
        one; `known` is the day by which one could have learnt it. `date` is the first day of
        the next episode, however far off.

    Examples
    --------
    >>> day, never = pd.Timestamp("2020-12-31"), pd.NaT
    >>> scored = pd.DataFrame({"authority": ["A", "B"], "as_of": day})
    >>> links = pd.DataFrame({"authority": ["A"], "outcome": "notice", "way": "own",
    ...                       "start_earliest": pd.Timestamp("2021-06-01"),
    ...                       "start_latest": pd.Timestamp("2021-06-01"),
    ...                       "end": pd.Timestamp("2021-06-01"),
    ...                       "published": pd.Timestamp("2021-06-01")})
    >>> register = pd.DataFrame({"authority": ["A", "B"], "start": never, "end": never,
    ...                          "successor": None})
    >>> found = labels_of(scored, links, outcomes=["notice"], register=register, months=24,
    ...                   within_days=365, until=pd.Timestamp("2024-01-01"))
    >>> found[["authority", "event", "lead_days"]].values.tolist()
    [['A', 1.0, 152.0], ['B', 0.0, nan]]
    """
    looks = scored[["authority", "as_of"]].drop_duplicates(ignore_index=True)
    table = looks.merge(pd.DataFrame({"outcome": list(outcomes)}), how="cross")
    seen = _episodes_seen(table, links, within_days)
    stands, last = _lives(table, register, until)
    horizon = table["as_of"] + pd.DateOffset(months=months)
    due = seen["date"].le(horizon)
    status = np.select(
        [
            ~stands,
            seen["unsure"],
            seen["open"],
            seen["elsewhere"].eq("divided") & due,
            seen["elsewhere"].eq("date uncertain") & due,
        ],
        [NOT_STANDING, DATE_UNCERTAIN, UNDER_WAY, DIVIDED, DATE_UNCERTAIN],
        AT_RISK,
    )
    first = links.groupby("outcome")["start_earliest"].min().astype("datetime64[ns]")
    recorded = horizon.le(until) & ~horizon.lt(first.reindex(table["outcome"]).to_numpy())
    known = (status == AT_RISK) & recorded & (due | horizon.le(last))
    ends = np.fmin(seen["date"].to_numpy(), last.to_numpy())
    table = table.assign(
        status=status,
        event=np.where(known, due.astype(float), np.nan),
        known=horizon.where(~due, seen["published"]).where(known),
        date=seen["date"].where(status == AT_RISK),
        followed_days=np.where(
            status == AT_RISK, np.fmax((ends - table["as_of"]) / DAY, 0), np.nan
        ),
    )
    lead = (table["date"] - table["as_of"]).to_numpy() / DAY
    return table.assign(lead_days=lead)[list(LABELS)]


def _episodes_seen(looks: pd.DataFrame, links: pd.DataFrame, within_days: int) -> pd.DataFrame:
    """Return what each look has behind and before it, one row each, in the looks' order."""
    new = links[links["way"].ne("inherited")]
    near = looks.reset_index(names="look").merge(new, on=["authority", "outcome"])
    begun = near["start_earliest"] <= near["as_of"]
    attributed = near["way"].isin(ATTRIBUTED)
    near = near.assign(
        open=begun & attributed & (near["as_of"] <= near["end"] + within_days * DAY),
        unsure=begun & attributed & (near["as_of"] < near["start_latest"]),
        ahead=near["start_earliest"].where(~begun),
        elsewhere=near["way"].where(~attributed, ""),
    ).sort_values(["ahead", "elsewhere"], kind="stable")
    ahead = near[near["ahead"].notna()].drop_duplicates("look").set_index("look")
    any_ = near.groupby("look")[["open", "unsure"]].any().reindex(looks.index, fill_value=False)
    return any_.assign(
        date=ahead["ahead"].reindex(looks.index).astype("datetime64[ns]"),
        published=ahead["published"].reindex(looks.index).astype("datetime64[ns]"),
        elsewhere=ahead["elsewhere"].reindex(looks.index, fill_value=""),
    )


def _lives(
    looks: pd.DataFrame, register: pd.DataFrame, until: pd.Timestamp
) -> tuple[pd.Series[bool], pd.Series[pd.Timestamp]]:
    """Return whether an authority stood on the day, and until when it can be followed.

    One that became part of a single successor is followed there; one that was divided, or
    simply ended, is not followed beyond its end.
    """
    after = successors(register, FAR).reindex(register["authority"]).to_numpy(dtype=object)
    whole = (after != register["authority"].to_numpy(dtype=object)) & ~np.array(
        [";" in str(code) for code in after], dtype=bool
    )
    life = register.assign(last=register["end"].where(~whole)).set_index("authority")
    life = life[["start", "end", "last"]].astype("datetime64[ns]").reindex(looks["authority"])
    life.index = looks.index
    stands = ~(life["start"] > looks["as_of"]) & ~(life["end"] <= looks["as_of"])
    last = life["last"].fillna(until)
    return stands, last.where(last < until, until)
