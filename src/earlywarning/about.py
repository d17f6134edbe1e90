"""What is known of a panel's metrics and authorities, before any value is looked at?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from earlywarning.authorities import authorities_of
from earlywarning.catalogue import Catalogue, match_built_in
from earlywarning.panel import Panel
from earlywarning.schema import CATALOGUE, issue_row, issues_table
from earlywarning.signals import Company
from earlywarning.store import Store


@dataclass(frozen=True, eq=False)
class About:
    """Who the authorities are, with whom each is compared, and what the metrics are.

    Attributes
    ----------
    catalogue : Catalogue
        The one given, or what the built-in ones know of the metrics.
    metrics : DataFrame
        Columns `schema.CATALOGUE`, one row a metric, by the panel's own names.
    register : DataFrame
        Columns `schema.REGISTER`, one row an authority.
    company : Company
        Who is compared with whom.
    """

    catalogue: Catalogue
    metrics: pd.DataFrame
    register: pd.DataFrame
    company: Company

    @classmethod
    def of(
        cls, panel: Panel | Store, catalogue: Catalogue | None, *,
        register: pd.DataFrame | None, neighbours: pd.DataFrame | None,
    ) -> About:  # fmt: skip
        """Look up the metrics and authorities of a panel, or of a store."""
        known = _built_in(tuple(panel.metrics)) if catalogue is None else catalogue
        found = [known.metric(name) for name in panel.metrics]
        rows = [[getattr(metric, column) for column in CATALOGUE] for metric in found]
        metrics = pd.DataFrame(rows, columns=list(CATALOGUE)).assign(metric=panel.metrics)
        codes = pd.Series(panel.authorities, dtype=str)
        those = authorities_of(codes, panel.names, register)
        types = those["type"].astype(object).fillna("unknown")
        company = Company(dict(zip(those["authority"], types, strict=True)), neighbours)
        return cls(known, metrics, those, company)


@lru_cache(maxsize=4)
def _built_in(metrics: tuple[str, ...]) -> Catalogue:
    """Return what the built-in catalogues know of these metrics."""
    return match_built_in(metrics)


def with_doubts(issues: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Add an issue for the metrics of which nobody has said which way is worse."""
    unknown = metrics.loc[metrics["source"].eq("") & metrics["higher_is"].eq("context"), "metric"]
    if unknown.empty:
        return issues.copy()
    names = ", ".join(unknown.iloc[:5]) + (" …" if len(unknown) > 5 else "")
    doubts = issues_table(
        [
            issue_row(
                "catalogue",
                "not_in_catalogue",
                f"Metrics that are in no catalogue, so that nobody has said which way is worse: "
                f"{len(unknown)} ({names}). They are shown where unusual, and score nothing.",
                "Draft a catalogue with 'earlywarning catalogue FILE', fill in higher_is, and "
                "give it with --catalogue.",
                n_rows=len(unknown),
            )
        ]
    )
    return pd.concat([issues, doubts], ignore_index=True)
