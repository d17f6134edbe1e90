"""How did a metric of an authority come about, and how its peers'?"""

from __future__ import annotations

import pandas as pd

from earlywarning.explain.tables import About
from earlywarning.models.robust import column_quartiles


def own_history(about: About, metric: str) -> pd.DataFrame:
    """Return the authority's values of a metric: `period, end, value, first`, oldest first."""
    own = about.values[about.values["metric"].eq(metric)]
    return own[["period", "end", "value", "first_value"]].rename(columns={"first_value": "first"})


def peers_history(about: About, metric: str, *, periods: pd.Series) -> pd.DataFrame:
    """Return the quartiles of an authority's type in these periods: `period, lower, median, upper`.

    As in `Result.plot`, the authority is among them.
    """
    values = about.everyone.values
    alike = [about.code, *about.peers]
    theirs = values[values["metric"].eq(metric) & values["authority"].isin(alike)]
    wide = theirs.pivot(index="authority", columns="period", values="value")
    matrix = wide.reindex(columns=list(periods)).to_numpy(float)
    quartiles = pd.DataFrame(column_quartiles(matrix), columns=["lower", "median", "upper"])
    return quartiles.assign(period=list(periods))
