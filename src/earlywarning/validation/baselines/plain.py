"""What would no look at any metric give: chance, and the list of those in trouble before?"""

import numpy as np
import pandas as pd

from earlywarning.errors import UsageError
from earlywarning.result import Result
from earlywarning.validation.baselines.scores import as_scores


def chance(result: Result, seed: int) -> pd.DataFrame:
    """Score authorities by lot.

    Parameters
    ----------
    result : Result
        Whom to score, and on which day; a day's draw does not depend on other days.
    seed : int
        Of the draw, 0 or more.

    Returns
    -------
    DataFrame
        Columns `BASELINES`, scorer `chance`, scores evenly from 0 to 1.

    Examples
    --------
    >>> from types import SimpleNamespace as Result
    >>> register = pd.DataFrame({"authority": ["A", "B"]})
    >>> result = Result(register=register, as_of=pd.Timestamp("2020-01-01"))
    >>> chance(result, 1).equals(chance(result, 1))
    True
    """
    codes = _codes(result)
    rng = np.random.default_rng([seed, result.as_of.toordinal()])
    return as_scores(codes, {"chance": rng.random(len(codes))})


def last_list(
    result: Result, outcomes: pd.DataFrame, *, within_years: int | None = None
) -> pd.DataFrame:
    """Score authorities by whether they had the outcome before: last year's list again.

    Parameters
    ----------
    result : Result
        Whom to score, and on which day.
    outcomes : DataFrame
        As from `read_outcomes`, `as_groups` or `episodes`: `authority`, `outcome`, `published`.
    within_years : int, optional
        Only what was published in so many years up to that day; else at any time before.

    Returns
    -------
    DataFrame
        Columns `BASELINES`, for each outcome a scorer `last list: <outcome>`, or
        `last list (<n> years): <outcome>`: 1 where it was published by that day, else 0.

    Raises
    ------
    UsageError
        If `within_years` is below 1.

    Examples
    --------
    >>> from types import SimpleNamespace as Result
    >>> register = pd.DataFrame({"authority": ["A", "B"]})
    >>> result = Result(register=register, as_of=pd.Timestamp("2020-01-01"))
    >>> known = pd.DataFrame({"authority": ["A", "B"], "outcome": "notice",
    ...                       "published": pd.to_datetime(["2015-05-01", "2020-01-02"])})
    >>> last_list(result, known)["score"].to_list()
    [1.0, 0.0]
    """
    if within_years is not None and within_years < 1:
        raise UsageError(f"within_years is {within_years}. Give whole years, 1 or more.")
    codes = _codes(result)
    before = outcomes["published"] <= result.as_of
    span = ""
    if within_years is not None:
        before &= outcomes["published"] > result.as_of - pd.DateOffset(years=within_years)
        span = f" ({within_years} year{'s' if within_years > 1 else ''})"
    rows = outcomes.assign(authority=outcomes["authority"].astype(str), before=before)
    had = rows.pivot_table(index="authority", columns="outcome", values="before", aggfunc="any")
    listed = had.reindex(codes).eq(True).astype(float)
    return as_scores(codes, {f"last list{span}: {kind}": listed[kind] for kind in listed})


def _codes(result: Result) -> list[str]:
    return sorted(result.register["authority"].astype(str))
