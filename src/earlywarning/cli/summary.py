"""What a run found, in a screenful."""

from pathlib import Path

import pandas as pd

from earlywarning.cli.screen import heading, listed, say, table
from earlywarning.explain.order import in_a_tier
from earlywarning.flags import at_most
from earlywarning.result import Result
from earlywarning.schema import ASSESSED, FLAG_KINDS, SEVERITIES

MOST_AUTHORITIES = 15


def summary(result: Result, out: Path) -> None:
    """Print what was assessed and found, and where it is written."""
    counts = result.counts
    heading(f"As known on {result.as_of:%Y-%m-%d}")
    say(
        f"{counts['authorities']:,} authorities, {counts['metrics']:,} metrics, "
        f"{counts['series']:,} series."
    )
    assessed(result.signals)
    say(flags_line(result))
    in_tiers(result.authorities)
    issues_by_code(result.issues)
    heading("Files")
    say(
        f"In {out}: start with flags.csv (reasons) and authorities.csv (tiers). issues.csv has all "
        "that was refused, repaired or doubted; run.json the settings and inputs."
    )


def assessed(signals: pd.DataFrame) -> None:
    """Print how many series were assessed for change and position, and why the rest were not."""
    judged = signals[signals["signal"].isin(FLAG_KINDS)]
    by = pd.crosstab(judged["status"], judged["signal"])
    by = by.reindex(columns=["change", "position"], fill_value=0)
    total = by.sum()
    done = by.reindex([ASSESSED], fill_value=0).iloc[0]
    say(
        f"Assessed for change: {done['change']:,} of {total['change']:,}; "
        f"for position: {done['position']:,} of {total['position']:,}."
    )
    rest = by.drop(index=ASSESSED, errors="ignore").sort_values("change", ascending=False)
    if len(rest):
        heading("Not assessed")
        rows = [(why, f"{c:,}", f"{p:,}") for why, c, p in rest.itertuples(name=None)]
        table(["why", "change", "position"], rows, numbers=" rr")
        say("")


def flags_line(result: Result) -> str:
    """Return how many flags of which severity, and how many to expect to be false."""
    by = result.flags["severity"].value_counts()
    parts = ", ".join(f"{by.get(word, 0):,} {word}" for word in reversed(SEVERITIES))
    n = len(result.flags)
    false = f"; expect up to {at_most(result.expected_false_flags):,} to be false" if n else ""
    return f"Flags: {n:,} ({parts}){false}."


def in_tiers(authorities: pd.DataFrame) -> None:
    """Print the authorities in a tier, by tier and name."""
    there = in_a_tier(authorities)
    heading("Authorities by tier")
    if there.empty:
        say("None stands out as a whole.")
    shown = there.head(MOST_AUTHORITIES)
    listed(
        f"{tier}: {name} ({code})"
        for tier, name, code in shown[["tier", "called", "authority"]].itertuples(
            index=False, name=None
        )
    )
    if len(there) > len(shown):
        say(f"and {len(there) - len(shown):,} more, in authorities.csv")


def issues_by_code(issues: pd.DataFrame) -> None:
    """Print how much was refused, repaired or doubted."""
    heading("Issues")
    if issues.empty:
        say("None.")
        return
    counts = issues.assign(n_rows=issues["n_rows"].fillna(1)).groupby("code")["n_rows"]
    rows = [(code, f"{n:,}", f"{rows:,}") for code, n, rows in
            counts.agg(["size", "sum"]).itertuples(name=None)]  # fmt: skip
    table(["code", "issues", "rows"], rows, numbers=" rr")
    for issue in issues[issues["code"].eq("not_in_catalogue")].itertuples():
        say("", f"{issue.message} {issue.remedy}")
