"""The tables of the page on a back-test, as text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from earlywarning.validation.backtest import Backtest
from earlywarning.validation.decisions import PREFERENCES
from earlywarning.validation.metrics import brier_score, brier_skill, calibration_line
from earlywarning.validation.rankings import OURS
from earlywarning.validation.story.wording import number, percent, with_limits

Rows = tuple[tuple[str, ...], ...]
MOST_METRICS = 5  # shown of the single metrics
WORDS = {
    "auc": "area under the ROC", "average_precision": "average precision",
    "hits": "listed with the outcome, a look", "precision": "precision", "recall": "recall",
    "false_alarms": "false alarms, an authority and look", "lift": "lift over the base rate",
}  # fmt: skip


def measured(found: Backtest, outcome: str, scorer: str) -> pd.Series:
    """Return the row of one ranking and outcome."""
    rows = found.measures
    here = rows["outcome"].eq(outcome) & rows["scorer"].eq(scorer) & rows["role"].ne("metric")
    return rows[here].iloc[0]


def rankings(found: Backtest, outcome: str) -> Rows:
    """Return how the library and the baselines did."""
    rows = found.measures
    rows = rows[rows["outcome"].eq(outcome) & rows["role"].ne("metric")]
    header = ("ranking", "scored", "area under the ROC", "listed with the outcome", "precision",
              "recall", f"gain in area of {OURS}")  # fmt: skip
    lines = [
        (
            str(row["scorer"]), percent(row["covered"], 0), with_limits(row, "auc"),
            with_limits(row, "hits"), percent(row["precision"]), percent(row["recall"], 0),
            "" if place == 0 else with_limits(row, "auc_gain"),
        )
        for place, (_, row) in enumerate(rows.iterrows())
    ]  # fmt: skip
    return (header, *lines)


def best_metrics(found: Backtest, outcome: str) -> Rows:
    """Return the single metrics with the largest area, and the middle of all."""
    rows = found.measures
    rows = rows[rows["outcome"].eq(outcome) & rows["role"].eq("metric") & rows["auc"].notna()]
    if rows.empty:
        return ()
    best = rows.sort_values(["auc", "scorer"], ascending=[False, True]).head(MOST_METRICS)
    header = ("metric", "scored", "area under the ROC", "listed with the outcome")
    lines = [
        (str(row["scorer"]), percent(row["covered"], 0), with_limits(row, "auc"),
         with_limits(row, "hits"))
        for _, row in best.iterrows()
    ]  # fmt: skip
    middle = (f"median of {len(rows):,}", percent(rows["covered"].median(), 0),
              number(rows["auc"].median()), number(rows["hits"].median()))  # fmt: skip
    return (header, *lines, middle)


def shuffled(found: Backtest, outcome: str) -> Rows:
    """Return what was found beside what shuffled outcomes give."""
    rows = found.null[found.null["outcome"].eq(outcome)]
    header = ("measure", "found", "shuffled, mean", "shuffled, limits", "p")
    lines = [
        (WORDS[row["measure"]], number(row["found"], 3), number(row["shuffled"], 3),
         f"{number(row['lower'], 3)} to {number(row['upper'], 3)}", number(row["p"], 3))
        for _, row in rows.iterrows()
    ]  # fmt: skip
    return (header, *lines)


def episodes(rows: pd.DataFrame) -> Rows:
    """Return each episode that was looked at before: when, listed since when, on what."""
    looked = rows[rows["last_look"].notna()]
    header = ("authority", "date", "last look", "place then", "tier then", "listed since",
              "flags on")  # fmt: skip
    lines = [
        (
            str(row["authority"] if pd.isna(row["name"]) else row["name"]),
            f"{row['date']:%Y-%m-%d}", f"{row['last_look']:%Y-%m-%d}", _place(row["place"]),
            str(row["tier"]), f"{row['since']:%Y-%m-%d}" if row["listed"] else "not listed",
            str(row["grounds"]),
        )
        for _, row in looked.iterrows()
    ]  # fmt: skip
    return (header, *lines) if lines else ()


def _place(place: float) -> str:
    return "not ranked" if pd.isna(place) else number(place, 0)


def decisions(row: pd.Series) -> Rows:
    """Return hits, false alarms and usefulness."""
    lines = [
        ("listed, with the outcome", f"{row['hits']:,}"),
        ("not listed, with the outcome", f"{row['missed']:,}"),
        ("listed, without", f"{row['false_alarms']:,}"),
        ("not listed, without", f"{row['left_alone']:,}"),
        ("noise to signal", number(row["noise_to_signal"])),
        *((f"usefulness where a missed outcome weighs {preference:.0%}",
           percent(row[f"usefulness_{preference}"], 0)) for preference in PREFERENCES),
    ]  # fmt: skip
    return (("authorities and looks", "number"), *lines)


def chances(told: pd.DataFrame) -> Rows:
    """Return how the chances of the plain score did out of time."""
    if told.empty:
        return ()
    p, event = told["plain"].to_numpy(), told["event"].to_numpy()
    line = calibration_line(p, event) if 0 < event.sum() < len(event) else None
    nan = float("nan")
    lines = [
        ("told, out of time", f"{len(told):,}"),
        ("of them with the outcome", f"{int(event.sum()):,}"),
        ("mean chance told", percent(float(np.mean(p)))),
        ("share with the outcome", percent(float(np.mean(event)))),
        ("Brier score", number(brier_score(p, event), 4)),
        ("Brier skill against the base rate", number(brier_skill(p, event), 3)),
        ("calibration, intercept (0 is right)", number(line.intercept if line else nan)),
        ("calibration, slope (1 is right)", number(line.slope if line else nan)),
    ]
    return (("chances of the plain score", "figure"), *lines)


def subgroups(found: Backtest, outcome: str) -> Rows:
    """Return how the library did by type and region."""
    rows = found.subgroups
    if rows.empty:
        return ()
    rows = rows[rows["outcome"].eq(outcome) & rows["n_events"].gt(0)]
    header = ("of authorities", "judged", "with the outcome", "area under the ROC")
    lines = [
        (
            str(row["of"]),
            f"{row['n_known']:,}",
            f"{row['n_authorities']:,}",
            with_limits(row, "auc"),
        )
        for _, row in rows.iterrows()
    ]
    return (header, *lines) if lines else ()


def reviewed(found: Backtest, outcome: str) -> Rows:
    """Return how far the unreviewed could change the figures, day by day."""
    rows = found.reviewed[found.reviewed["outcome"].eq(outcome)]
    header = ("look", "measure", "reviewed", "by them alone", "worst to best", "weighted")
    lines = [
        (f"{row['as_of']:%Y-%m-%d}", str(row["measure"]).replace("roc_auc", WORDS["auc"]),
         f"{row['n_reviewed']:,} of {row['n_known']:,}", number(row["reviewed"]),
         f"{number(row['worst'])} to {number(row['best'])}", with_limits(row, "weighted"))
        for _, row in rows.iterrows()
    ]  # fmt: skip
    return (header, *lines) if lines else ()
