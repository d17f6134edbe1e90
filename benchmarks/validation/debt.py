"""A published reference: does borrowing beside revenue tell who got into trouble later?

Borrowing on 31 March 2018 over net revenue expenditure of 2017-18, as log(1 + ratio), told apart
from others of the class in their scaled median absolute deviations. Chosen with hindsight: it
shows that the parts of the library agree with somebody else's sum, and foretells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from earlywarning.authorities import authorities_of, read_register
from earlywarning.models.robust import column_mad, column_median
from earlywarning.panel import Panel
from earlywarning.readers import read_panel
from earlywarning.validation.metrics import roc_auc
from earlywarning.validation.outcomes import read_outcomes

PUBLISHED = {"section 114": 0.981, "exceptional financial support": 0.484}
ORACLE = "oracles/backtest_debt_reserves_2018_vs_outcomes.csv"
PANELS = ("revenue_outturn_rs", "debt_investment")
AS_OF = pd.Timestamp("2018-12-31")  # revenue outturn of 2017-18 came out in November 2018
AFTER = pd.Timestamp("2018-09-30")  # what came later counts
NOT_COUNTED = "E06000057"  # Northumberland: a report on unlawful spending, not on insolvency
CLASSES = {"City corporation": "London borough"}  # the reference has the City among the boroughs


@dataclass(frozen=True)
class Found:
    """An area under the ROC, of how many authorities, and how many of them had the outcome."""

    area: float
    n: int
    n_events: int


def debt_for_class(shared: Path) -> pd.Series[float]:
    """Return how far each authority's borrowing is from its class, in scaled MADs, by code."""
    panel = read_panel([shared / f"data/panels/{name}.csv.gz" for name in PANELS])
    known = panel.known_at(AS_OF)
    borrowing = _of(known, "borrowing_total_k", "2018-03-31")
    revenue = _of(known, "net_revenue_expenditure_k", "2017/18")
    ratio = (borrowing / revenue.where(revenue > 0)).dropna()
    register = read_register(shared / "data/authorities.csv")
    about = authorities_of(pd.Series(ratio.index, dtype=str), known.names, register)
    kind = about.set_index("authority")["type"].astype(str).replace(CLASSES).reindex(ratio.index)
    return distance_in_class(ratio, kind)


def distance_in_class(ratio: pd.Series[float], kind: pd.Series[str]) -> pd.Series[float]:
    """Return how far log(1 + ratio) is from the middle of its class, in scaled MADs."""
    scale = pd.Series(np.log1p(ratio.to_numpy(dtype=float)), index=ratio.index)
    return scale.groupby(kind).transform(_distance)


def areas(shared: Path, distance: pd.Series[float]) -> dict[str, Found]:
    """Return the areas under the ROC against both outcomes, and with Northumberland counted."""
    record = read_outcomes(shared / "data/outcomes.csv")
    later = record[record["earliest"] > AFTER].groupby("outcome")["authority"].agg(set)
    notices = distance.index.isin(later["section_114"])
    insolvent = notices & (distance.index != NOT_COUNTED)
    support = distance.index.isin(later["exceptional_financial_support"])
    return {
        "section 114": _area(distance, insolvent),
        "section 114, with Northumberland": _area(distance, notices),
        "exceptional financial support": _area(distance[~insolvent], support[~insolvent]),
    }


def in_oracle(shared: Path) -> pd.DataFrame:
    """Return the published table, by authority."""
    return pd.read_csv(shared / ORACLE).set_index("ons_code")


def _of(panel: Panel, metric: str, period: str) -> pd.Series[float]:
    matrix = panel.matrix(metric)
    return pd.Series(matrix.values[:, matrix.periods.index(period)], index=matrix.authorities)


def _distance(values: pd.Series[float]) -> pd.Series[float]:
    """Return the distance of each from the middle of the class, in its spread."""
    matrix = np.asarray(values, dtype=np.float64)[:, None]
    apart = (matrix - column_median(matrix)) / column_mad(matrix)
    return pd.Series(apart[:, 0], index=values.index)


def _area(distance: pd.Series[float], event: np.ndarray) -> Found:
    score = distance.to_numpy()
    return Found(float(roc_auc(score, event.astype(float))), len(score), int(event.sum()))
