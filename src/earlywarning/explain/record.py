"""How far can one value be relied on: was it revised, and out of how many cases is it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from earlywarning.units import UNITS


@dataclass(frozen=True)
class Record:
    """What is known of a value, and of the same series' earlier ones."""

    value: float
    first_value: float
    published: pd.Timestamp  # the latest word
    earlier: int  # values of the same series, of periods before
    revised: int  # of them published again with another value
    furthest: float  # how far the largest of these revisions went; NaN where there was none
    cases: float  # out of how many the value is; NaN where that is not known
    one_case: float  # by how much one case more or less moves it; NaN where that is not known

    @property
    def was_revised(self) -> bool:
        """Whether the value is another than was published first."""
        return bool(np.isfinite(self.first_value)) and self.value != self.first_value

    @property
    def steady(self) -> bool:
        """Whether neither the value nor an earlier one was revised."""
        return not self.was_revised and not self.revised


def record(values: pd.DataFrame, metric: str, period: str, *, unit: str = "") -> Record | None:
    """Return what is known of one value of an authority.

    Parameters
    ----------
    values : DataFrame
        Columns `schema.VALUES`, of one authority.
    metric, period : str
        Which value.
    unit : str, optional
        The metric's, a key of `UNITS`.

    Returns
    -------
    Record or None
        None where there is no such value.

    Examples
    --------
    >>> values = pd.DataFrame({"metric": "tax", "period": ["2022", "2023"],
    ...     "end": pd.to_datetime(["2022", "2023"]), "value": [50.0, 60.0],
    ...     "first_value": [50.0, 55.0], "published": pd.Timestamp("2024-05-01"),
    ...     "denominator": [10.0, 20.0]})
    >>> found = record(values, "tax", "2023", unit="percent")
    >>> found.was_revised, found.earlier, found.revised, found.one_case
    (True, 1, 0, 5.0)
    """
    series = values[values["metric"].eq(metric) & values["value"].notna()].sort_values("end")
    here = series[series["period"].eq(period)]
    if here.empty:
        return None
    row = here.iloc[-1]
    earlier = series[series["end"] < row["end"]]
    change = (earlier["value"] - earlier["first_value"]).astype(float)
    change = change[change.notna() & (change != 0)]
    cases = float(row["denominator"])
    per = UNITS.get(unit, UNITS[""]).per
    return Record(
        value=float(row["value"]),
        first_value=float(row["first_value"]),
        published=row["published"],
        earlier=len(earlier),
        revised=len(change),
        furthest=float(change.iloc[int(change.abs().argmax())]) if len(change) else np.nan,
        cases=cases,
        one_case=per / cases if per is not None and cases > 0 else np.nan,
    )
