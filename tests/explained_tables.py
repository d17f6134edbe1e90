"""Tables made by hand from which pages are written in the tests."""

import numpy as np
import pandas as pd

from earlywarning import schema
from earlywarning.explain import Explained

CATALOGUE = [
    ("tax", "Council tax collected", "Finance", "percent", "better"),
    ("homeless", "Households in temporary\naccommodation", "Housing", "per_1000", "worse"),
    ("people", "Population", "Context", "count", "context"),
]


def signals_of(authority, metric, **said):
    row = dict.fromkeys(schema.SIGNALS) | {
        "authority": authority, "metric": metric, "period": "2023/24", "z": 0.1, "p": 0.5,
        "direction": "worse", "n_periods": 9, "n_peers": 35, "status": "ok",
        "value": 50.0, "expected": 50.0, "lower": 40.0, "upper": 60.0,
    }  # fmt: skip
    return [row | {"signal": name} | said for name in schema.SIGNAL_NAMES]


def made_tables():
    """Return the tables of one as-of date: two authorities, three metrics, two flags of one."""
    signals = pd.DataFrame(
        signals_of("E1", "tax", value=91.2, expected=95.0, lower=93.1, upper=96.2)
        + signals_of("E1", "homeless", status="stale", p=np.nan, direction="none")
        + signals_of("E1", "people", status="too few periods", p=np.nan)
        + signals_of("E2", "tax", value=99.0, z=-3.0, p=0.999, direction="better", upper=97.0)
    )
    signals.loc[signals["signal"].eq("step") & signals["authority"].eq("E1"), "p"] = 0.001
    flags = pd.DataFrame(
        [("E1", "tax", "Finance", kind, severity, 0.0004, q, "2022/23", runs, -3.8,
          "It fell.", 93.4, stability, "2023/24", pd.Timestamp("2024-06-01"))
         for kind, severity, q, runs, stability in [
             ("position", "watch", 0.08, 1, np.nan), ("change", "priority", 0.0002, 3, 0.92)]],
        columns=list(schema.FLAGS),
    )  # fmt: skip
    contributions = pd.DataFrame(
        [("E1", "Finance", "tax", "change", "change", 30, 0.5, 15.04),
         ("E1", "Finance", "tax", "position", "position", 3, 0.5, 1.54),
         ("E1", "Housing", "homeless", "change", "change", 1, 0.5, 0.44)],
        columns=list(schema.CONTRIBUTIONS),
    )  # fmt: skip
    authorities = pd.DataFrame(
        [("E1", "Ashton", "county", 17.02, 1.54, 15.48, "concern", 0.0005, 0.01, 1, 1, 1, 0.33),
         ("E2", "Birchwood", None, 0.0, 0.0, 0.0, "none", 1.0, 1.0, 2, 2, 2, 1.0)],
        columns=list(schema.AUTHORITIES),
    )  # fmt: skip
    metrics = pd.DataFrame(CATALOGUE, columns=["metric", "title", "theme", "unit", "higher_is"])
    metrics = metrics.reindex(columns=list(schema.CATALOGUE))
    issues = schema.issues_table(
        [schema.issue_row("panel", "outlier", "1,000 times the rest", "Check.", authority="E1")]
    )
    return Explained(
        authorities, flags, signals, contributions, issues, metrics, pd.Timestamp("2025-03-01")
    )


def breaks_of(*metrics):
    rows = [
        (
            name,
            f"202{i}/2{i + 1}",
            f"From 202{i - 1}: {name} moved by 0.{i}. It was kept. So it is.",
        )
        for i, name in enumerate(metrics, start=1)
    ]
    return pd.DataFrame(rows, columns=["metric", "period", "evidence"])
