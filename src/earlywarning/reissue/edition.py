"""What of a results folder is compared with another?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from earlywarning.output import Written
from earlywarning.schema import KEY

VALUES = "values"  # the table of every value, where a results folder has one


@dataclass(frozen=True, eq=False)
class Edition:
    """One issue of results.

    Parameters
    ----------
    flags, signals, authorities, metrics : DataFrame
        Columns as in `schema`.
    values : DataFrame, optional
        Columns authority, metric, period and value: every value, not the newest alone.
    """

    flags: pd.DataFrame
    signals: pd.DataFrame
    authorities: pd.DataFrame
    metrics: pd.DataFrame
    values: pd.DataFrame | None = None

    @classmethod
    def of(cls, results: Written) -> Edition:
        """Return what is compared of a results folder."""
        has = f"{VALUES}.csv" in results.run.files
        return cls(
            flags=results.table("flags"),
            signals=results.table("signals"),
            authorities=results.table("authorities"),
            metrics=results.table("metrics"),
            values=results.table(VALUES) if has else None,
        )

    @property
    def newest(self) -> pd.DataFrame:
        """The newest value of each series, columns authority, metric, period and value."""
        one = self.signals["signal"].eq("last")  # that of a change may be a mean of two
        return self.signals.loc[one, [*KEY, "value"]]

    @property
    def flagged(self) -> pd.DataFrame:
        """The flags, each with the newest value of its series."""
        newest = self.newest[["authority", "metric", "value"]]
        return self.flags.merge(newest, on=["authority", "metric"], how="left")
