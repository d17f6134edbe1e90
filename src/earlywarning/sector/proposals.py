"""What is proposed of each metric, and in which words? Nothing is applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from earlywarning.explain.wording import counted, in_period, one_line
from earlywarning.schema import PROPOSALS
from earlywarning.settings import Settings

KEEP, DROP, MERGE, LOOK = PROPOSALS


def proposed(
    table: pd.DataFrame, breaks: pd.DataFrame, *, settings: Settings
) -> dict[str, list[str]]:
    """Propose what to do with each metric; the first reason that holds counts.

    Parameters
    ----------
    table : DataFrame
        Most columns of `schema.METRICS_REVIEW`, and `differ` and `stale`: whether fewer than
        half have one value in the newest period, and whether nobody's value is in date.
    breaks : DataFrame
        Columns `schema.BREAKS`.
    settings : Settings
        `review_coverage` and `review_signal`.

    Returns
    -------
    dict of str to list of str
        Columns `proposal`, `merge_with` and `evidence`.
    """
    newest = breaks.drop_duplicates("metric", keep="last").set_index("metric")["period"]
    found = [_of(row, newest.get(row["metric"], ""), settings) for row in table.to_dict("records")]
    words, merged, evidence = (list(column) for column in zip(*found, strict=True))
    return {"proposal": words, "merge_with": merged, "evidence": evidence}


def _of(row: Mapping[Any, Any], broken: str, settings: Settings) -> tuple[str, str, str]:
    """Return proposal, what to merge with, and the sentence."""
    if row["stale"]:
        return DROP, "", f"Nobody's value is in date: the newest common period is {_period(row)}."
    if row["coverage_newest"] < settings.review_coverage:
        return (
            DROP,
            "",
            (
                f"{row['coverage_newest']:.0%} of {row['n_authorities']:,} authorities that could "
                f"give it have a value {in_period(row['period'])}; with less than "
                f"{settings.review_coverage:.0%} most cannot be compared."
            ),
        )
    if row["cluster"] not in ("", row["metric"]):
        return MERGE, row["cluster"], _same(row)
    doubts = _doubts(row, broken, settings)
    if doubts:
        return LOOK, "", " ".join(doubts)
    return KEEP, "", _good(row)


def _period(row: Mapping[Any, Any]) -> str:
    return one_line(row["period"]) or "none"


def _same(row: Mapping[Any, Any]) -> str:
    others = counted(row["n_cluster"] - 1, "other metric does", "other metrics do")
    return (
        f"It ranks authorities among their peers as {others}: rank correlation with "
        f"{one_line(row['nearest'])} {row['correlation']:+.2f}; the fullest is "
        f"{one_line(row['cluster'])}."
    )


def _doubts(row: Mapping[Any, Any], broken: str, settings: Settings) -> list[str]:
    """Return what speaks for a look at a metric's definition."""
    doubts = []
    if not row["differ"]:
        doubts.append(f"At least half have the same value {in_period(row['period'])}.")
    if row["n_breaks"]:
        doubts.append(
            f"{counted(row['n_breaks'], 'break', 'breaks')} in its record, the last "
            f"{in_period(broken)}: a new definition, or a shock to everyone."
        )
    if row["signal_to_noise"] < settings.review_signal:
        doubts.append(
            f"Authorities differ by {row['signal_to_noise']:.2f} of the variance of one of them "
            "about its own trend: a value says little of who is where."
        )
    return doubts


def _good(row: Mapping[Any, Any]) -> str:
    """Return what speaks for a metric that is kept."""
    noise = row["signal_to_noise"]
    telling = f"; signal to noise {noise:.1f}" if pd.notna(noise) else ""
    return f"{row['coverage_newest']:.0%} have it {in_period(row['period'])}{telling}."
