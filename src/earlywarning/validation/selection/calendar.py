"""Who was reviewed in the horizon after a day, by the calendar of engagements?"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import UsageError

NOT_HELD = ("planned", "cancelled", "declined")  # statuses of engagements that found nothing


def reviewed_within(
    engagements: pd.DataFrame,
    authorities: ArrayLike,
    as_of: ArrayLike,
    *,
    horizon_days: int,
    kinds: Collection[str],
) -> NDArray[np.bool_]:
    """Return who had a review in the horizon after a day.

    Parameters
    ----------
    engagements : DataFrame
        Columns `schema.ENGAGEMENTS`. Those planned, cancelled or declined do not count.
    authorities : array-like of str of shape (n,)
        Whom to look up.
    as_of : datetime, or array-like of them of shape (n,)
        A review counts if any of its days is later than this and in the horizon. One
        without an end lasts as long as its status is "ongoing", else a day.
    horizon_days : int
        The horizon.
    kinds : collection of str
        The kinds of engagement that could have found the outcome.

    Returns
    -------
    ndarray of bool of shape (n,)

    Raises
    ------
    UsageError
        If there is no engagement of a kind, or one of them has no start.

    Examples
    --------
    >>> calendar = pd.DataFrame({
    ...     "authority": ["A"], "kind": ["inspection"], "start": ["2021-05-01"],
    ...     "end": [None], "status": ["completed"], "lead": [""], "outcome": [""],
    ... })
    >>> reviewed_within(
    ...     calendar, ["A", "B"], "2021-04-01", horizon_days=365, kinds=["inspection"]
    ... )
    array([ True, False])
    """
    wanted = [kinds] if isinstance(kinds, str) else list(kinds)
    unknown = sorted(set(wanted) - set(engagements["kind"].astype(str)))
    held = engagements[engagements["kind"].isin(wanted) & ~engagements["status"].isin(NOT_HELD)]
    start, end = pd.to_datetime(held["start"]), pd.to_datetime(held["end"])
    problems = []
    if unknown or not wanted:
        problems.append(f"No engagement is of the kind {', '.join(unknown) or '(none given)'}.")
    if start.isna().any():
        problems.append(f"Engagements without a start: {int(start.isna().sum())}.")
    if problems:
        raise UsageError(" ".join(problems))
    names = np.asarray(authorities).astype(str)
    rows = pd.DataFrame({"authority": names, "row": np.arange(names.size)})
    rows["as_of"] = pd.to_datetime(np.broadcast_to(np.asarray(as_of), names.shape))
    last = end.fillna(start.mask(held["status"].eq("ongoing"), pd.Timestamp.max.floor("D")))
    visits = pd.DataFrame(
        {"authority": held["authority"].astype(str), "start": start, "last": last}
    )
    both = rows.merge(visits, on="authority")
    inside = (both["last"] > both["as_of"]) & (
        both["start"] <= both["as_of"] + pd.Timedelta(days=horizon_days)
    )
    return np.isin(rows["row"].to_numpy(), both.loc[inside, "row"].to_numpy())
