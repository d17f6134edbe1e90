"""Which outcomes of an authority belong together in time?"""

import pandas as pd

from earlywarning.errors import UsageError

EPISODES = (
    "authority", "outcome", "start_earliest", "start_latest", "end", "published", "n_events",
    "severity", "kinds",
)  # fmt: skip
WHOSE = ["authority", "outcome"]


def episodes(outcomes: pd.DataFrame, *, within_days: int) -> pd.DataFrame:
    """Join repeated outcomes of one authority to episodes.

    Parameters
    ----------
    outcomes : DataFrame
        As from `read_outcomes`, or the outcomes of `as_groups`.
    within_days : int
        An outcome at most so many days after the one before, of the same authority and
        outcome, belongs to the same episode. Where dates are uncertain, the shortest gap
        they allow counts.

    Returns
    -------
    DataFrame
        One row an episode, in order of authority, outcome and time: `authority, outcome`;
        `start_earliest, start_latest`, between which its first event came; `end`, the last day
        on which its last can have come; `published`, the day its first news was known; `n_events`;
        `severity`, of the gravest; `kinds`, joined by ';'.

    Raises
    ------
    UsageError
        If `within_days` is below 0.

    Examples
    --------
    >>> from earlywarning.validation.outcomes import read_outcomes
    >>> record = read_outcomes(pd.DataFrame({
    ...     "authority": ["A"] * 3, "outcome": "section_114",
    ...     "date": ["2018-02-02", "2018-07-24", "2020-11-11"]}))
    >>> episodes(record, within_days=365)[["end", "n_events"]].astype(str).values.tolist()
    [['2018-07-24', '2'], ['2020-11-11', '1']]
    """
    if within_days < 0:
        raise UsageError(f"within_days is {within_days}. Give the days between, 0 or more.")
    rows = outcomes if "kind" in outcomes else outcomes.assign(kind=outcomes["outcome"])
    rows = rows.sort_values([*WHOSE, "earliest", "latest", "kind"], ignore_index=True)
    until = rows.groupby(WHOSE)["latest"].cummax()
    before = until.groupby([rows[name] for name in WHOSE]).shift()
    gap = rows["earliest"] - before
    begins = gap.isna() | (gap > pd.Timedelta(days=within_days))
    found = rows.groupby([*(rows[name] for name in WHOSE), begins.cumsum().rename("episode")])
    joined = found.agg(
        start_earliest=("earliest", "min"),
        start_latest=("latest", "min"),
        end=("latest", "max"),
        published=("published", "min"),
        n_events=("earliest", "size"),
        severity=("severity", "max"),
        kinds=("kind", lambda kinds: ";".join(dict.fromkeys(kinds.astype(str)))),
    )
    return joined.reset_index()[list(EPISODES)]
