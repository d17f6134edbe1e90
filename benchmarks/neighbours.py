"""Are the neighbours found those of a published list, and are they better peers than a type?

    python -m benchmarks.neighbours FOLDER

prints the tables of docs/neighbours.md. FOLDER holds `authorities.csv` (code, type, population,
density, quintile of deprivation), `neighbours.csv.gz` (set, authority, neighbour, rank) and
`panels/`. The published lists belong to their owners: they are read, and only shares come out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.page import table
from earlywarning import Settings, find_neighbours, read_panel
from earlywarning.authorities import authorities_of
from earlywarning.catalogue import match_built_in
from earlywarning.signals import Company, prepare
from earlywarning.signals.position import position_of
from earlywarning.signals.states import READY

Array = NDArray[np.float64]
Lists = Mapping[str, frozenset[str]]  # of each authority

K = 15
AS_PEERS = ("3 characteristics", "12 characteristics", "12, twice as many", "12, whitened")
SEED = 1
COVERAGES = (0.80, 0.95)
PUBLISHED = "oflog_cipfa_unranked"
OTHER = "ons_els_global"
THREE = ("population", "density", "deprivation")
FROM_ONS = {  # named before anything was measured: income, work, health, homes, where people live
    "income": "gross-disposable-household-income-per-head",
    "pay": "gross-median-weekly-pay",
    "affordability": "housing-affordability-ratio",
    "claimants": "claimant-count",
    "inactive": "employment-rate: Economically inactive|Percentage",
    "qualified": "qualifications-level-3-or-above",
    "mortality": "preventable-cardiovascular-mortality-england",
    "station": "railway-station-walk",
    "businesses": "business-demography: Active businesses|Number of enterprises",
}
TWELVE = (*THREE, *FROM_ONS)
RATIOS = ("_pct", "per_000")  # what amounts do not have in their names
ALL_RATIOS = ("oflog_asc", "ons_explore_local")
PANELS = ("revenue_outturn_rs", "capital_prudential_cor", "debt_investment", "homelessness_hclic",
          *ALL_RATIOS)  # fmt: skip


def main() -> None:
    """Print the tables."""
    folder = Path(sys.argv[1])
    listed = pd.read_csv(folder / "neighbours.csv.gz")
    areas = areas_of(folder, listed)
    found = choices(areas)
    known = {name: lists(listed[listed["set"] == name]) for name in (PUBLISHED, OTHER)}
    print(agreement(areas, found, known))
    tiers = {name: as_neighbours(one, areas) for name, one in found.items() if name in AS_PEERS}
    tiers["the published list"] = as_neighbours(known[PUBLISHED], areas)
    tiers["15 of the tier at random"] = as_neighbours(at_random(areas), areas)
    print(f"\n{yardsticks(folder, tiers)}")


def areas_of(folder: Path, listed: pd.DataFrame) -> pd.DataFrame:
    """Return today's authorities that are on the published list, and what is known of each.

    Its list sets unitary authorities beside metropolitan districts: one tier.
    """
    areas = pd.read_csv(folder / "authorities.csv")
    on_list = listed.loc[listed["set"] == PUBLISHED, "authority_code"]
    areas = areas[areas["current"] & areas["authority_code"].isin(on_list)]
    single = areas["type_code"].isin(["UA", "MD"])
    code = areas["authority_code"]
    table = pd.DataFrame(
        {
            "code": code,
            "tier": areas["type_code"].mask(single, "single"),
            "population": areas["population_2020"],
            "density": areas["density_per_km2"],
            "deprivation": pd.to_numeric(areas["imd_quintile_label"].str[0]),
        }
    )
    frame = read_panel(folder / "panels" / "ons_explore_local.csv.gz").frame
    for name, metric in FROM_ONS.items():
        rows = frame[frame["metric"] == metric].sort_values("period")
        newest = rows.drop_duplicates("authority", keep="last").set_index("authority")["value"]
        newest.index = newest.index.astype(str)
        table[name] = code.map(newest)
    return table.reset_index(drop=True)


def choices(areas: pd.DataFrame) -> dict[str, Lists]:
    """Return whom each way of choosing finds."""
    asked: dict[str, dict[str, Any]] = {
        "3 characteristics": {"characteristics": THREE},
        "3, whitened": {"characteristics": THREE, "method": "whitened"},
        "12 characteristics": {"characteristics": TWELVE},
        "12, whitened": {"characteristics": TWELVE, "method": "whitened"},
        "12, twice as many": {"characteristics": TWELVE, "k": 2 * K},
        "12, no logarithms": {"characteristics": TWELVE, "log": []},
    }
    found = {
        name: find_neighbours(areas, within="tier", **({"k": K} | options)).neighbours
        for name, options in asked.items()
    }
    return {name: lists(one) for name, one in found.items()}


def lists(neighbours: pd.DataFrame) -> Lists:
    """Return each authority's neighbours, itself left out."""
    table = neighbours.set_axis([name.removesuffix("_code") for name in neighbours], axis=1)
    table = table[table["authority"] != table["neighbour"]]
    grouped = table.groupby("authority")["neighbour"]
    return {str(authority): frozenset(rows) for authority, rows in grouped}


def companions(areas: pd.DataFrame) -> Lists:
    """Return who could be each authority's neighbour: all others of its tier."""
    codes = areas.groupby("tier")["code"].agg(frozenset)
    return {row.code: codes[row.tier] - {row.code} for row in areas.itertuples()}


def at_random(areas: pd.DataFrame) -> Lists:
    """Return so many of each authority's tier, drawn at random."""
    rng = np.random.default_rng(SEED)
    return {
        code: frozenset(rng.permutation(sorted(company))[:K].tolist())
        for code, company in companions(areas).items()
    }


def as_neighbours(chosen: Lists, areas: pd.DataFrame) -> pd.DataFrame:
    """Return lists as a table of neighbours, among these areas alone."""
    here = set(areas["code"])
    rows = [
        (code, other, rank)
        for code, others in chosen.items() if code in here
        for rank, other in enumerate(sorted(others & here), 1)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["authority", "neighbour", "rank"])


def agreement(areas: pd.DataFrame, found: Mapping[str, Lists], known: Mapping[str, Lists]) -> str:
    """Return what share of neighbours found are on the published list, as a table."""
    company = companions(areas)
    published = {code: known[PUBLISHED][code] & company[code] for code in company}
    rows = [["at random from its tier", *_shares(areas, company, published)]]
    rows += [[name, *_shares(areas, one, published)] for name, one in found.items()]
    other = {code: known[OTHER].get(code, frozenset()) & company[code] for code in company}
    rows.append([f"another published list ({OTHER})", *_shares(areas, other, published)])
    tiers = sorted(set(areas["tier"]))
    counted = [f"{tier} ({(areas['tier'] == tier).sum()})" for tier in tiers]
    return table(["neighbours", "authorities", "on the list, %", "± s.e.", *counted], rows)


def _shares(areas: pd.DataFrame, found: Lists, published: Lists) -> list[str]:
    """Return the mean share of those found that are published, overall and by tier, in %."""
    tier = areas.set_index("code")["tier"]
    share = pd.Series(
        {
            code: 100 * len(found[code] & published[code]) / len(found[code])
            for code in tier.index if found.get(code) and published[code]
        }
    )  # fmt: skip
    by_tier = share.groupby(tier.reindex(share.index)).mean().reindex(sorted(set(tier)))
    return [str(len(share)), f"{share.mean():.0f}", f"{share.sem():.1f}",
            *("–" if np.isnan(one) else f"{one:.0f}" for one in by_tier)]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Held:
    """One metric's newest values against peers, (n,); limits have a column a coverage."""

    value: Array
    expected: Array
    lower: Array
    upper: Array
    ready: NDArray[np.bool_]

    def take(self, rows: NDArray[np.bool_]) -> Held:
        """Return some of the rows."""
        return Held(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Whether limits hold the value."""
        value = self.value[:, None]
        return np.asarray((self.lower <= value) & (value <= self.upper))

    def measured(self) -> Array:
        """Return mean error, width of the wider interval, and its score, less being better.

        The score is Gneiting and Raftery's (2007): the width, and 2 / 0.05 times the miss.
        """
        value, lower, upper = self.value, self.lower[:, -1], self.upper[:, -1]
        miss = np.maximum(lower - value, 0) + np.maximum(value - upper, 0)
        width = upper - lower
        score = width + 2 / (1 - COVERAGES[-1]) * miss
        return np.array([np.abs(value - self.expected).mean(), width.mean(), score.mean()])


def yardsticks(folder: Path, neighbours: Mapping[str, pd.DataFrame]) -> str:
    """Return how well each choice of peers foretells an authority's value, as two tables."""
    by_sort: dict[str, list[list[Held]]] = {}
    for name in PANELS:
        for metric, held in held_of(folder / "panels" / f"{name}.csv.gz", neighbours):
            sort = name if name in ALL_RATIOS else f"{name}, {_sort(metric)}"
            by_sort.setdefault(sort, []).append(held)
    peers = ("its type", *neighbours)
    every = [held for metrics in by_sort.values() for held in metrics]
    return f"{_altogether(peers, every)}\n\n{_by_sort(peers, by_sort)}"


def _altogether(peers: Sequence[str], metrics: Sequence[Sequence[Held]]) -> str:
    """Return a row for each choice of peers: medians over metrics, beside the type's; coverage."""
    rows = []
    for place, name in enumerate(peers):
        ratios = np.array([held[place].measured() / held[0].measured() for held in metrics])
        inside = 100 * np.concatenate([held[place].inside for held in metrics]).mean(axis=0)
        better = (ratios[:, -1] < 1).sum() if place else "–"
        cells = [f"{one:.2f}" for one in np.median(ratios, axis=0)]
        rows.append([name, *cells, str(better), *(f"{one:.1f}" for one in inside)])
    best = f"lower score, of {len(metrics)}"
    return table(["peers", "error", "width", "score", best, "80%", "95%"], rows)


def _by_sort(peers: Sequence[str], by_sort: Mapping[str, Sequence[Sequence[Held]]]) -> str:
    """Return a row for each sort of metric: error and score of each choice of peers."""
    rows = []
    for sort, metrics in by_sort.items():
        ratios = np.array([[one.measured() / held[0].measured() for one in held[1:]]
                           for held in metrics])  # fmt: skip
        error, _, score = np.median(ratios, axis=0).T
        n = np.mean([len(held[0].value) for held in metrics])
        cells = [f"{far:.2f}, {much:.2f}" for far, much in zip(error, score, strict=True)]
        rows.append([sort, f"{len(metrics)} × {n:.0f}", *cells])
    return table(["panel", "metrics × authorities", *peers[1:]], rows)


def _sort(metric: str) -> str:
    return "ratios" if any(word in metric for word in RATIOS) else "amounts"


def held_of(
    path: Path, neighbours: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[str, Sequence[Held]]]:
    """Yield metrics, and their newest values against the type and against each sort of peers.

    Only authorities that can be held against all; what neighbours are chosen by is left out.
    """
    panel = read_panel(path)
    catalogue = match_built_in(panel.metrics)
    register = authorities_of(pd.Series(panel.authorities, dtype=str), panel.names, None)
    types = dict(zip(register["authority"], register["type"].astype(str), strict=True))
    companies = [Company(types, one) for one in (None, *neighbours.values())]
    published = panel.frame.groupby("metric", observed=True)["published"].max()
    listed = [set(one["authority"]) for one in neighbours.values()]
    for metric in panel.metrics:
        if metric in FROM_ONS.values():
            continue
        matrix = panel.matrix(metric)
        named = [[code in one for code in matrix.authorities] for one in listed]
        held = [
            _held(prepare(matrix, catalogue.metric(metric), company, published[metric],
                          settings=Settings()))
            for company in companies
        ]  # fmt: skip
        every = np.all([one.ready for one in held] + named, axis=0)
        if every.sum() >= 2 * K:
            yield metric, [one.take(every) for one in held]


def _held(prepared: Any) -> Held:
    """Return newest values and limits of one more peer."""
    found = position_of(prepared, settings=Settings())
    limits = [found.limits(prepared, (1 - coverage) / 2) for coverage in COVERAGES]
    lower, upper = (np.stack(side, axis=1) for side in zip(*limits, strict=True))
    return Held(found.value, found.median, lower, upper, found.state == READY)


if __name__ == "__main__":
    main()
