"""Which history does a council bring that was made out of others?

`carry_history` adds rows for the successor, by a rule that follows from the
metric's unit, or cuts: its series then starts where the authority does. The
predecessors' own series stay. Which authority came after which is the
register's to say (`earlywarning.authorities`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from earlywarning.catalogue import Catalogue
from earlywarning.panel import Panel, concat
from earlywarning.schema import KEY, PANEL, issue_row, issues_table

SUMMED = ("count", "gbp", "gbp_thousand", "gbp_thousand_signed")
AVERAGED = (
    "percent", "percent_ratio", "proportion", "ratio", "rate",
    "per_1000", "per_10000", "per_100000",
)  # fmt: skip
RULES = {
    "sum": "the sum of its predecessors",
    "mean": "their mean, weighted by the denominator",
    "copy": "its one predecessor's, unchanged",
}
_NUMBERS = ("value", "numerator", "denominator")


@dataclass(frozen=True, eq=False)
class _Successor:
    """One authority, and those whose place it took."""

    code: str
    predecessors: list[str]
    counties: list[str]  # those of the predecessors that were counties
    divided: list[str]  # those of which it took a part only
    renamed: bool  # one predecessor of the same type: the same authority under another code
    lacks_county: bool  # a unitary made of districts, and no county is named
    starts: pd.Timestamp


def carry_history(panel: Panel, register: pd.DataFrame, catalogue: Catalogue) -> Panel:
    """Give successors their predecessors' history, by a stated rule.

    Parameters
    ----------
    panel : Panel
        It is not changed.
    register : DataFrame
        Columns `schema.REGISTER`; several successors of one authority are joined by ';'.
    catalogue : Catalogue
        Says the unit of each metric, and so the rule.

    Returns
    -------
    Panel
        With rows added, their `status` saying how they were made, and an issue a successor.

    Notes
    -----
    Counts and money are summed; rates and proportions are averaged, weighted by their
    denominators; an authority that only changed its code keeps its values. A period
    is carried where all predecessors that had to report it did: counties and districts
    by themselves, since each has tasks the other has not. All else is cut: other units, a
    predecessor that was divided, a part that a county had and the register does not name.
    What a successor published itself is never overwritten. Carried values count as
    known from the successor's first day, not before.

    Examples
    --------
    >>> from earlywarning.catalogue import as_catalogue
    >>> from earlywarning.panel import as_panel
    >>> rows = {"authority": ["A", "B", "N"], "metric": "debt", "value": [2.0, 3.0, 6.0],
    ...         "period": ["2021-22", "2021-22", "2022-23"]}
    >>> register = pd.DataFrame({"authority": ["A", "B", "N"], "successor": ["N", "N", ""],
    ...                          "type": "district", "start": pd.NaT,
    ...                          "end": pd.to_datetime(["2022-03-31", "2022-03-31", None])})
    >>> money = as_catalogue(pd.DataFrame({"metric": ["debt"], "higher_is": ["worse"],
    ...                                    "unit": ["gbp"]}))
    >>> carry_history(as_panel(pd.DataFrame(rows)), register, money).matrix("debt").values[-1]
    array([5., 6.])
    """
    for wave in _waves(register, panel.authorities):
        found = [_carried(panel, successor, catalogue) for successor in wave]
        frames = [frame for frame, _ in found if len(frame)]
        issues = issues_table([row for _, rows in found for row in rows])
        frame = pd.concat(frames) if frames else panel.frame.iloc[:0]
        added = replace(panel, frame=frame, issues=issues, names={})
        panel = concat([panel, added]) if len(issues) else panel
    return panel


def _waves(register: pd.DataFrame, present: list[str]) -> Iterator[list[_Successor]]:
    """Yield successors, those first whose predecessors are no successors themselves."""
    links = register[register["successor"].fillna("") != ""]
    links = links.assign(to=links["successor"].str.split(";")).explode("to")
    links = links.assign(to=links["to"].str.strip(), divided=links["successor"].str.contains(";"))
    waiting = links
    while len(waiting):
        early = waiting["authority"].isin(waiting["to"])  # a successor not yet made itself
        ready = waiting[~waiting["to"].isin(waiting.loc[early, "to"])]
        if ready.empty:  # a circle: `read_register` refuses it
            return
        yield [
            _successor(str(code), group, register)
            for code, group in ready.groupby("to", sort=True)
            if code in set(present)
        ]
        waiting = waiting[~waiting["to"].isin(ready["to"])]


def _successor(code: str, links: pd.DataFrame, register: pd.DataFrame) -> _Successor:
    own = register[register["authority"] == code]
    kind = str(own["type"].iloc[0]) if len(own) else ""
    start = own["start"].iloc[0] if len(own) else pd.NaT
    ends = pd.to_datetime(links["end"]).max() + pd.Timedelta(days=1)
    kinds = set(links["type"])
    return _Successor(
        code=code,
        predecessors=links["authority"].to_list(),
        counties=links.loc[links["type"] == "county", "authority"].to_list(),
        divided=links.loc[links["divided"].astype(bool), "authority"].to_list(),
        renamed=len(links) == 1 and kinds == {kind} and not links["divided"].any(),
        lacks_county=kind == "unitary" and kinds == {"district"},
        starts=pd.Timestamp(start if pd.notna(start) else ends),
    )


def _carried(
    panel: Panel, successor: _Successor, catalogue: Catalogue
) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """Return the rows to add for one successor, and the issues that say what was done."""
    own = panel.frame[(panel.frame["authority"] == successor.code).to_numpy()]
    theirs = panel.frame[panel.frame["authority"].isin(successor.predecessors).to_numpy()]
    mine = panel.series.loc[panel.series["authority"] == successor.code, "metric"]
    theirs = theirs[theirs["metric"].isin(mine).to_numpy()].reset_index(drop=True)
    if theirs.empty:
        return panel.frame.iloc[:0], []
    lines = _vintages(theirs, successor.predecessors)
    rules = _rules(panel, successor, catalogue, lines.notna().groupby(level="metric").any())
    rows = _combined(theirs, lines, successor, rules)
    known = pd.MultiIndex.from_frame(own[["metric", "period"]].astype(str))
    rows = rows[~pd.MultiIndex.from_frame(rows[["metric", "period"]]).isin(known)]
    begun = rows["value"].notna().groupby([rows["metric"], rows["period"]]).cummax()
    rows = rows[begun]  # from the first value on: a value taken back is taken back here too
    first_day = np.fmax(rows["published"].to_numpy(), successor.starts.to_datetime64())
    rows["published"] = first_day.astype("datetime64[us]")
    rows = rows.drop_duplicates(["metric", "period", "published"], keep="last")
    rows = rows.astype({key: panel.frame[key].dtype for key in KEY})
    return rows[list(PANEL)], _issues(successor, rows, sorted(rules))


def _vintages(rows: pd.DataFrame, predecessors: list[str]) -> pd.DataFrame:
    """Return for each (metric, period, published) each predecessor's row as it then stood."""
    index = pd.MultiIndex.from_frame(
        rows[["metric", "period", "published", "authority"]].astype(
            {"metric": str, "period": str, "authority": str}
        )
    )
    at = pd.Series(np.arange(len(rows), dtype=float), index=index).unstack("authority")
    at = at.reindex(columns=predecessors).sort_index()
    return at.groupby(level=["metric", "period"]).ffill()


def _rules(
    panel: Panel, successor: _Successor, catalogue: Catalogue, gave: pd.DataFrame
) -> dict[str, tuple[str, list[str]]]:
    """Return for each metric its rule ('' to cut) and the predecessors that must have a period."""
    tiers = [successor.counties, [p for p in successor.predecessors if p not in successor.counties]]
    county_metrics = _metrics_of_counties(panel) if successor.lacks_county else set()
    rules = {}
    for metric in map(str, gave.index):
        unit = catalogue.metric(metric).unit
        rule = "sum" if unit in SUMMED else "mean" if unit in AVERAGED else ""
        if metric in county_metrics or gave.loc[metric, successor.divided].any():
            rule = ""
        needed = [code for tier in tiers if gave.loc[metric, tier].any() for code in tier]
        rules[metric] = ("copy" if successor.renamed else rule, needed)
    return rules


def _metrics_of_counties(panel: Panel) -> set[str]:
    county = panel.series["authority"].astype(str).str.startswith("E10")
    return set(panel.series.loc[county, "metric"].astype(str))


def _combined(
    rows: pd.DataFrame,
    lines: pd.DataFrame,
    successor: _Successor,
    rules: dict[str, tuple[str, list[str]]],
) -> pd.DataFrame:
    """Return one row a line of `lines`; its value is missing where the rule gives none."""
    metric = lines.index.get_level_values("metric")
    needed = np.array([[p in rules[m][1] for p in lines.columns] for m in metric])
    rule = np.array([rules[m][0] for m in metric], dtype=object)
    at = lines.to_numpy()
    there = np.isfinite(at)
    place = np.where(there, at, 0).astype(int)
    part = {}
    for name in _NUMBERS:
        numbers = np.where(there, rows[name].to_numpy(dtype=float)[place], np.nan)
        part[name] = np.where(needed, numbers, 0.0)  # a missing one that is needed stays missing
    total = {name: part[name].sum(axis=1) for name in _NUMBERS}
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (part["value"] * part["denominator"]).sum(axis=1) / total["denominator"]
    mean[~np.isfinite(mean)] = np.nan
    value = np.select([rule == "mean", rule == ""], [mean, np.nan], total["value"])
    return lines.index.to_frame(index=False).assign(
        authority=successor.code,
        value=value,
        numerator=total["numerator"],
        denominator=total["denominator"],
        status=[f"carried ({name})" for name in rule],
        lower=np.nan,
        upper=np.nan,
    )


def _issues(
    successor: _Successor, rows: pd.DataFrame, metrics: list[str]
) -> list[dict[str, object]]:
    """Say for one successor which metrics' history was carried by which rule, and which cut."""
    of = ", ".join(successor.predecessors)
    by = rows.groupby("status", observed=True)["metric"].unique()
    parts = [
        f"{RULES[str(status)[9:-1]]} for {', '.join(sorted(map(str, names)))}"
        for status, names in by.items()
    ]
    cut = sorted(set(metrics) - set(rows["metric"].astype(str)))
    issues = []
    if parts:
        text = f"History of {of} is carried to {successor.code}: {'; '.join(parts)}."
        remedy = "Nothing, or leave the successor out of the register to cut."
        issues.append(issue_row("succession", "history_carried", text, remedy,
                                authority=successor.code, n_rows=len(rows)))  # fmt: skip
    if cut:
        text = (
            f"History of {of} is not carried to {successor.code}, whose own series start with "
            f"it, for {', '.join(cut)}."
        )
        remedy = (
            "Give each metric's unit in the catalogue, numerators and denominators for rates, "
            "and every predecessor in the register."
        )
        issues.append(issue_row("succession", "history_cut", text, remedy,
                                authority=successor.code, n_rows=len(cut)))  # fmt: skip
    return issues
