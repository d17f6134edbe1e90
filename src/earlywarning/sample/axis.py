"""Which periods has a metric, and how hard did the two sector-wide shocks hit in each?

Financial years run from April to March. Nothing here is drawn by chance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.sample.chance import Floats

Days = NDArray[np.datetime64]

LAST_YEAR = 2023  # the financial year 2023/24
FIRST = {"annual": 2012, "quarterly": 2018}
MIDDLE = 2018.0  # own trends turn about this time
PER_YEAR = {"annual": 1, "quarterly": 4}

# Strength of each shock at these times, in financial years; straight lines between.
PANDEMIC = ((2020.0, 2020.1, 2020.6, 2021.5, 2022.5), (0.0, 1.0, 1.0, 0.35, 0.0))
INFLATION = ((2022.0, 2022.5, 2023.0, 2024.0), (0.0, 1.0, 1.0, 0.6))
WINTER = (0.6, -0.4, -0.8, 0.6)  # a season's course, April to June first; adds up to 0


@dataclass(frozen=True)
class Axis:
    """The periods of one metric, oldest first."""

    labels: NDArray[np.str_]
    starts: Days
    ends: Days
    times: Floats  # the middle of each period, in financial years
    season: Floats
    pandemic: Floats
    inflation: Floats

    @property
    def size(self) -> int:
        """How many periods there are."""
        return self.times.size


def axis(frequency: str, first: int | None = None) -> Axis:
    """Return the periods from the first financial year to the newest.

    Parameters
    ----------
    frequency : {"annual", "quarterly"}
        How often the metric is published.
    first : int, optional
        The first financial year, named by the year it starts in.

    Returns
    -------
    Axis
        Labels, days, and what the sector as a whole met.

    Examples
    --------
    >>> axis("quarterly").labels[[0, -1]].tolist()
    ['2018/19 Q1', '2023/24 Q4']
    >>> str(axis("annual").ends[-1])
    '2024-03-31'
    """
    parts = PER_YEAR[frequency]
    years = range(FIRST[frequency] if first is None else first, LAST_YEAR + 1)
    slots = [(year, part) for year in years for part in range(parts)]
    # Months since 1970: April of the year, then a period's length further each time.
    months = np.array([(year - 1970) * 12 + 3 + part * 12 // parts for year, part in slots])
    times = np.array([year + (part + 0.5) / parts for year, part in slots])
    return Axis(
        labels=np.array([_label(year, part, parts) for year, part in slots]),
        starts=_first_days(months),
        ends=_first_days(months + 12 // parts) - np.timedelta64(1, "D"),
        times=times,
        season=np.array([WINTER[part] if parts > 1 else 0.0 for _, part in slots]),
        pandemic=np.interp(times, *PANDEMIC),
        inflation=np.interp(times, *INFLATION),
    )


def _label(year: int, part: int, parts: int) -> str:
    label = f"{year}/{(year + 1) % 100:02d}"
    return label if parts == 1 else f"{label} Q{part + 1}"


def _first_days(months: NDArray[np.int_]) -> Days:
    return months.astype("datetime64[M]").astype("datetime64[D]")
