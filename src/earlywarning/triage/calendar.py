"""What does a calendar hold of each authority, around a day?

Cancelled and declined engagements are left out; webinars are no reason to keep away.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

NOT_HELD = ("cancelled", "declined")
INTERVENTION = "intervention"
CHALLENGE = "corporate_peer_challenge"
CONVERSATION = "early_warning_conversation"
NO_VISIT = ("webinar",)
NEWEST = ["end", "start", "kind"]  # later ones first


@dataclass(frozen=True, eq=False)
class Calendar:
    """Engagements as they stand on a day.

    Parameters
    ----------
    engagements : DataFrame
        Columns `schema.ENGAGEMENTS`.
    as_of : Timestamp
        The day.
    window_ends : Timestamp
        The last day of the window that is planned for.
    """

    engagements: pd.DataFrame
    as_of: pd.Timestamp
    window_ends: pd.Timestamp

    @property
    def held(self) -> pd.DataFrame:
        """Those that take or took place, each with its last day: its start where none is known."""
        rows = self.engagements[~self.engagements["status"].isin(NOT_HELD)]
        open_ended = rows["end"].isna() & rows["status"].eq("ongoing")
        last = rows["end"].fillna(rows["start"]).mask(open_ended)
        return rows.assign(last=last)  # missing: without an end

    def interventions(self) -> pd.DataFrame:
        """Return the intervention each authority is under on the day."""
        rows = self.held
        begun = rows["kind"].eq(INTERVENTION) & (rows["start"] <= self.as_of)
        return self._newest(rows[begun & ~(rows["last"] < self.as_of)])

    def coming(self) -> pd.DataFrame:
        """Return the first visit to each authority that is going on, or comes in the window."""
        rows = self.held
        visit = ~rows["kind"].isin(NO_VISIT)
        here = (rows["start"] <= self.window_ends) & ~(rows["last"] < self.as_of)
        first = rows[visit & here].sort_values(["start", "kind", "lead"], kind="stable")
        return first.drop_duplicates("authority").set_index("authority")

    def last_conversations(self) -> pd.DataFrame:
        """Return each authority's newest conversation before the day."""
        rows = self.held
        return self._newest(rows[rows["kind"].eq(CONVERSATION) & (rows["last"] < self.as_of)])

    def last_challenges(self) -> pd.DataFrame:
        """Return each authority's newest peer challenge before the day."""
        rows = self.held
        return self._newest(rows[rows["kind"].eq(CHALLENGE) & (rows["last"] < self.as_of)])

    def ever(self) -> set[str]:
        """Return who ever had anything to do with anybody, up to the day."""
        rows = self.held
        return set(rows.loc[rows["start"] <= self.as_of, "authority"])

    @staticmethod
    def _newest(rows: pd.DataFrame) -> pd.DataFrame:
        newest = rows.sort_values(NEWEST, ascending=False, kind="stable")
        return newest.drop_duplicates("authority").set_index("authority")
