"""What do the lists cost, and what do they save?"""

from __future__ import annotations

import pandas as pd

from earlywarning.validation.metrics import Counts, noise_to_signal, usefulness

DECISIONS = (
    "outcome", "capacity", "hits", "missed", "false_alarms", "left_alone", "first_alarms",
    "years", "false_alarms_a_year", "noise_to_signal",
)  # fmt: skip
PREFERENCES = (0.5, 0.8, 0.9, 0.95)  # how much a missed outcome is minded, of 1
YEAR = 365.25  # days


def decisions_of(looks: pd.DataFrame, labels: pd.DataFrame, *, capacity: int) -> pd.DataFrame:
    """Count hits and false alarms of the lists, and what they are worth.

    Parameters
    ----------
    looks : DataFrame
        Columns `outcome, authority, as_of, listed`.
    labels : DataFrame
        Columns `schema.LABELS`.
    capacity : int
        Authorities listed a day.

    Returns
    -------
    DataFrame
        Columns `DECISIONS` and `usefulness_<preference>`, one row an outcome; counts are of
        authorities and looks whose outcome is known. `first_alarms` are false alarms that
        begin a run, and `false_alarms_a_year` is these an authority and year; usefulness is
        Sarlin's, as a share of what a perfect list would be worth.

    Examples
    --------
    >>> day = pd.Timestamp("2020-12-31")
    >>> key = {"outcome": "notice", "authority": list("ABC"), "as_of": day}
    >>> labels = pd.DataFrame(key | {"event": [1.0, 0.0, 0.0]})
    >>> looks = pd.DataFrame(key | {"listed": [True, True, False]})
    >>> decisions_of(looks, labels, capacity=2)[["hits", "missed", "false_alarms"]].values.tolist()
    [[1, 0, 1]]
    """
    both = looks.merge(labels, on=["outcome", "authority", "as_of"])
    known = both[both["event"].notna()].sort_values(["outcome", "authority", "as_of"])
    rows = [_row(str(outcome), group, capacity) for outcome, group in known.groupby("outcome")]
    names = [*DECISIONS, *(f"usefulness_{preference}" for preference in PREFERENCES)]
    return pd.DataFrame(rows, columns=names)


def _row(outcome: str, known: pd.DataFrame, capacity: int) -> tuple[object, ...]:
    event, listed = known["event"].eq(1.0), known["listed"].astype(bool)
    false = listed & ~event
    before = false.groupby(known["authority"]).shift(fill_value=False)
    first = int((false & ~before).sum())
    counts = Counts(
        int((listed & event).sum()), int((~listed & event).sum()),
        int(false.sum()), int((~listed & ~event).sum()),
    )  # fmt: skip
    years = len(known) * _interval(known["as_of"])
    worth = [usefulness(counts, preference).relative for preference in PREFERENCES]
    return (
        outcome, capacity, *counts, first, years, first / years, noise_to_signal(counts), *worth
    )  # fmt: skip


def _interval(as_of: pd.Series[pd.Timestamp]) -> float:
    """Return the years between looks; one where there was one look."""
    days = as_of.drop_duplicates().sort_values()
    return float(days.diff().dt.days.median()) / YEAR if len(days) > 1 else 1.0
