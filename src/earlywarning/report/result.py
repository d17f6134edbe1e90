"""A result in one box: what was assessed, who is in which tier, and why."""

from collections.abc import Mapping

import pandas as pd

from earlywarning.errors import UsageError
from earlywarning.explain.order import in_a_tier
from earlywarning.explain.wording import counted
from earlywarning.flags import at_most, gravest_first
from earlywarning.report.fragments import fill
from earlywarning.schema import IN_A_TIER

MOST_ROWS = 10
UNFLAGGED = "No flag of its own: many small signs add up."
COUNTED = ("authorities", "metrics", "series", "series_assessed", "flags", "expected_false_flags")


def result_html(
    authorities: pd.DataFrame,
    flags: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    counts: Mapping[str, float],
) -> str:
    """Return a result as a piece of HTML.

    Parameters
    ----------
    authorities, flags : DataFrame
        Columns `schema.AUTHORITIES` and `schema.FLAGS`.
    as_of : Timestamp
        The day whose knowledge it is.
    counts : mapping of str to number
        `authorities, metrics, series, series_assessed, flags, expected_false_flags`.

    Returns
    -------
    str
        One `div`; everything from the data is escaped. The authorities in a tier come by
        tier, then name, at most ten, each with the reason for its gravest flag.

    Raises
    ------
    UsageError
        If a count is missing.

    Examples
    --------
    >>> from earlywarning import schema
    >>> html = result_html(
    ...     schema.empty(schema.AUTHORITIES), schema.empty(schema.FLAGS),
    ...     as_of=pd.Timestamp("2025-03-01"), counts=dict.fromkeys(COUNTED, 0),
    ... )
    >>> "No authority is in a tier." in html
    True
    """
    missing = [name for name in COUNTED if name not in counts]
    if missing:
        raise UsageError(f"The counts lack {missing}: give all of {list(COUNTED)}.")
    there = in_a_tier(authorities)
    shown = there.head(MOST_ROWS)
    first = gravest_first(flags).drop_duplicates("authority").set_index("authority")["reason"]
    reasons = [first.get(code, UNFLAGGED) for code in shown["authority"]]
    rows = [*zip(shown["tier"], shown["called"], shown["authority"], reasons, strict=True)]
    return fill(
        "result.html",
        as_of=f"{as_of.day} {as_of:%B %Y}",
        counts=counts,
        flagged=_flagged(counts),
        tiers=[(tier, int(there["tier"].eq(tier).sum())) for tier in IN_A_TIER],
        rows=rows,
        more=len(there) - len(rows),
    )


def _flagged(counts: Mapping[str, float]) -> str:
    """Say how many flags there are, and how many of them to expect to be false: never none."""
    n = int(counts["flags"])
    if not n:
        return "No flags."
    false = at_most(counts["expected_false_flags"])
    told = "is" if false == 1 else "are"
    return f"{counted(n, 'flag', 'flags')}, of which {false:,} at most {told} expected to be false."
