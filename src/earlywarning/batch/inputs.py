"""What is made of the files that were read: one catalogue, one panel with its history.

The command's `score` and the scheduled run both come through here, so that the same files
give the same panel. How files are found is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from earlywarning.catalogue import BUILT_IN, Catalogue, built_in, match_built_in, read_catalogue
from earlywarning.errors import ReadError
from earlywarning.panel import Panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.succession import carry_history


@dataclass(frozen=True, eq=False)
class Inputs:
    """What was read."""

    panel: Panel
    catalogue: Catalogue | None = None
    register: pd.DataFrame | None = None
    neighbours: pd.DataFrame | None = None
    engagements: pd.DataFrame | None = None
    challenges: pd.DataFrame | None = None
    model: EarlyWarning | None = None  # a saved one, where one is to be judged by it


def joined(
    panel: Panel,
    catalogue: Catalogue | None,
    register: pd.DataFrame | None,
    neighbours: pd.DataFrame | None,
) -> Inputs:
    """Return what was read as one; with a register, history is carried to successors.

    Raises
    ------
    ReadError
        If the panel has not one value.
    """
    _refuse_valueless(panel)
    if register is not None:
        known = match_built_in(panel.metrics) if catalogue is None else catalogue
        panel = carry_history(_recognised(panel, register), register, known)
    return Inputs(panel, catalogue, register, neighbours)


def one_catalogue(names: Iterable[str]) -> Catalogue | None:
    """Return the catalogues as one; where two know a metric, the first counts."""
    taken: set[str] = set()
    tables: list[pd.DataFrame] = []
    aliases: dict[str, Sequence[str]] = {}
    for name in names:
        part = built_in(name) if name in BUILT_IN else read_catalogue(name)
        new = [one for one in part.table["metric"] if taken.isdisjoint(part.keys(one))]
        tables.append(part.table[part.table["metric"].isin(new)])
        aliases |= {one: part.aliases[one] for one in new if one in part.aliases}
        taken.update(key for one in new for key in part.keys(one))
    return Catalogue(pd.concat(tables, ignore_index=True), aliases) if tables else None


def _refuse_valueless(panel: Panel) -> None:
    """Refuse a panel in which there is not one value."""
    if panel.frame["value"].notna().any():
        return
    why = panel.series["status"].value_counts()
    counts = ", ".join(f"{status} in {n:,} series" for status, n in why.items())
    first = panel.issues.loc[panel.issues["code"] != "lag_assumed", "message"].head(1)
    raise ReadError(
        f"There is not one value that can be used: {counts}. {' '.join(first)} "
        "Correct the values, or say which column they are in with --column value=NAME."
    )


def _recognised(panel: Panel, register: pd.DataFrame) -> Panel:
    """Drop the doubt about codes of no known form, where the register knows every authority."""
    if set(panel.authorities) - set(register["authority"]):
        return panel
    issues = panel.issues[panel.issues["code"] != "unknown_authority"]
    return replace(panel, issues=issues.reset_index(drop=True))
