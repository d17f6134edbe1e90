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

Issues = list[dict[str, object]]


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
    doubts : list of dict
        Rows of issues: of which metrics and authorities nothing is said.
    """

    catalogue: Catalogue
    metrics: pd.DataFrame
    register: pd.DataFrame
    company: Company
    doubts: Issues

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
        doubts = _in_no_catalogue(metrics) + _in_no_register(panel.authorities, register)
        doubts += _without_neighbours(panel.authorities, neighbours)
        return cls(known, metrics, those, company, doubts)


@lru_cache(maxsize=4)
def _built_in(metrics: tuple[str, ...]) -> Catalogue:
    """Return what the built-in catalogues know of these metrics."""
    return match_built_in(metrics)


def with_doubts(issues: pd.DataFrame, about: About, more: Issues) -> pd.DataFrame:
    """Add the doubts about metrics and authorities, and more of them."""
    doubts = about.doubts + more
    if not doubts:
        return issues.copy()
    return pd.concat([issues, issues_table(doubts)], ignore_index=True)


def _in_no_catalogue(metrics: pd.DataFrame) -> Issues:
    """Doubt the metrics of which nobody has said which way is worse."""
    unknown = metrics.loc[metrics["source"].eq("") & metrics["higher_is"].eq("context"), "metric"]
    if unknown.empty:
        return []
    text = (
        f"Metrics that are in no catalogue, so that nobody has said which way is worse: "
        f"{len(unknown)} ({_first(unknown.to_list())}). They are shown where unusual, and score "
        "nothing."
    )
    remedy = (
        "Draft a catalogue with 'earlywarning catalogue FILE', fill in higher_is, and "
        "give it with --catalogue."
    )
    return [issue_row("catalogue", "not_in_catalogue", text, remedy, n_rows=len(unknown))]


def _in_no_register(codes: list[str], register: pd.DataFrame | None) -> Issues:
    """Doubt a register that does not know the panel's authorities."""
    if register is None:
        return []
    then = "in the register: types follow from codes."
    return _lacking(codes, register["authority"], "not_in_register", then)


def _without_neighbours(codes: list[str], neighbours: pd.DataFrame | None) -> Issues:
    """Doubt a table of neighbours that names nobody in the panel for its authorities."""
    if neighbours is None:
        return []
    pairs = neighbours[neighbours["neighbour"].isin(codes)]
    then = (
        "in the table of neighbours with a neighbour that has values: peers are those of the "
        "same type."
    )
    return _lacking(codes, pairs["authority"], "no_neighbours", then)


def _lacking(codes: list[str], known: pd.Series, issue: str, then: str) -> Issues:
    """Say which of the panel's authorities a table does not know, if there are any."""
    missing = sorted(set(codes).difference(known))
    if not missing:
        return []
    who = f"{len(missing):,} of {len(codes):,} authorities ({_first(missing)}) are not"
    if len(missing) == len(codes):
        who = f"None of the {len(codes):,} authorities is"
    remedy = "Check that both write the same codes; or add the rows."
    return [issue_row("authorities", issue, f"{who} {then}", remedy, n_rows=len(missing))]


def _first(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
