"""The tables of docs/benchmarks_power.md, from the rows that `trials` gives; shares in %."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.page import table
from benchmarks.power.measures import standard_error
from benchmarks.power.panels import EVENTS
from benchmarks.power.trials import COVERAGES, RATES

FOUND = [f"found: {event}" for event in EVENTS[1:]]
WHO = ["detector", "given"]
CELL = ["scenario", "n_periods", "gaps"]
BEST = 8  # rows of the tables by scenario and by length


def percent(share: float, digits: int = 1) -> str:
    """Return a share as a number of per cent, a dash where there is none."""
    return "–" if np.isnan(share) else f"{100 * share:.{digits}f}"


def _who(index: pd.Index) -> list[tuple[str, str]]:
    """Return the detectors of an index, and the series each was given."""
    return [(str(detector), str(given)) for detector, given in index]


def _cells(wide: pd.DataFrame, row: tuple[object, ...], digits: int = 1) -> list[str]:
    """Return a row of shares as text."""
    return [percent(float(share), digits) for share in wide.loc[[row]].to_numpy()[0]]


def found(trials: pd.DataFrame, rate: float, gaps: float) -> pd.DataFrame:
    """Return the rows that say what was found at a true rate of false alarms."""
    here = trials["measure"].isin(FOUND) & trials["level"].eq(rate) & trials["gaps"].eq(gaps)
    return trials[here]


def mean_found(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each detector's mean over scenarios, lengths and events, and its standard error."""
    grouped = rows.groupby(WHO, sort=False)
    shares = grouped["share"].mean()
    errors = {who: standard_error(r["share"].to_numpy(), r["n"].to_numpy()) for who, r in grouped}
    both = pd.DataFrame({"mean": shares, "error": pd.Series(errors)}).rename_axis(WHO)
    return both.sort_values("mean", ascending=False)


def in_short(trials: pd.DataFrame) -> str:
    """Return the combined test beside the best peer on raw and on peer-relative series."""
    lines = []
    for gaps in sorted(trials["gaps"].unique()):
        for rate in RATES:
            means = mean_found(found(trials, rate, gaps))
            change = means.loc[[("change", "library")]].iloc[0]
            cells = [percent(gaps, 0), percent(rate, 0), _with_error(change)]
            for given in ("raw", "peer-relative"):
                peers = means[means.index.get_level_values("given") == given]
                best = peers.iloc[0]
                ratio = change["mean"] / best["mean"]
                doubt = ratio * np.hypot(*(m["error"] / m["mean"] for m in (change, best)))
                name = _who(peers.index)[0][0]
                cells += [f"{name} {_with_error(best)}", f"{ratio:.2f} ± {doubt:.2f}"]
            lines.append(cells)
    header = [
        "gaps, %", "true false alarms, %", "`change`", "best peer, raw series", "ratio",
        "best peer, peer-relative series", "ratio",
    ]  # fmt: skip
    return table(header, lines)


def _with_error(row: pd.Series) -> str:
    return f"{percent(row['mean'])} ± {percent(row['error'])}"


def by_event(trials: pd.DataFrame) -> str:
    """Return what every detector finds of each event, and its means."""
    rows = found(trials, RATES[0], 0.0)
    means = mean_found(rows)
    events = rows.pivot_table(index=WHO, columns="measure", values="share")[FOUND]
    others = [mean_found(found(trials, r, g))["mean"] for r, g in ((0.05, 0.0), (0.01, 0.2))]
    lines = []
    for who in _who(means.index):
        cells = _cells(events, who)
        more = [percent(float(other.get(who, np.nan))) for other in others]
        lines.append([*who, *cells, f"**{_with_error(means.loc[[who]].iloc[0])}**", *more])
    header = ["detector", "series", *EVENTS[1:], "mean of 5", "at 5%", "at 1%, 20% gaps"]
    return table(header, lines)


def by(column: str, trials: pd.DataFrame) -> str:
    """Return the mean of the five events at 1%, without gaps, by scenario or by length."""
    rows = found(trials, RATES[0], 0.0)
    best = _who(mean_found(rows).index)[:BEST]
    shares = rows.pivot_table(index=WHO, columns=column, values="share", sort=False)
    lines = [[*who, *_cells(shares, who)] for who in best]
    return table(["detector", "series", *(str(name) for name in shares.columns)], lines)


def sizes(trials: pd.DataFrame) -> str:
    """Return how often each p-value calls a null series, over all cells and in the worst."""
    rows = trials[trials["measure"].eq("size") & trials["gaps"].eq(0.0)]
    lines = []
    for who, here in rows.groupby(WHO, sort=False):
        cells = []
        for nominal in RATES:
            by_cell = here[here["level"].eq(nominal)].groupby(CELL)["share"].mean()
            cells += [
                percent(by_cell.mean(), 2),
                f"{percent(by_cell.min())}–{percent(by_cell.max())}",
            ]
        lines.append([*map(str, who), *cells])
    header = ["detector", "series", "at 1%", "cells", "at 5%", "cells"]
    return table(header, lines)


def sizes_by_cell(healthy: pd.DataFrame) -> str:
    """Return the size of the library's tests in every cell, nothing planted."""
    rows = healthy[healthy["measure"].eq("size")]
    header = [
        f"`{name}` {percent(level, 0)}%" for name in rows["detector"].unique() for level in RATES
    ]
    return _by_cell(rows, ["detector", "level"], header, digits=2)


def coverage(healthy: pd.DataFrame) -> str:
    """Return how often `last`'s intervals hold the newest value, by scenario and length."""
    rows = healthy[healthy["measure"].eq("covered")]
    return _by_cell(rows, ["level"], [f"{percent(c, 0)}%" for c in COVERAGES], digits=1)


def _by_cell(rows: pd.DataFrame, columns: list[str], header: list[str], *, digits: int) -> str:
    """Return shares, one line a scenario, length and share of gaps."""
    wide = rows.pivot_table(index=CELL, columns=columns, values="share", sort=False)
    lines = [
        [str(scenario), str(n), percent(float(gaps), 0), *_cells(wide, (scenario, n, gaps), digits)]
        for scenario, n, gaps in wide.index
    ]
    return table(["scenario", "periods", "gaps, %", *header], lines)


def false_shares_over_seeds(trials: pd.DataFrame) -> str:
    """Return the library's mean shares of false flags, with standard errors over the panels."""
    key = ["detector", "gaps", "level"]
    lines = []
    for at, here in trials.groupby(key, sort=False):
        detector, gaps, level = at
        each = here.groupby("scenario", sort=False)["share"]
        error = each.std() / np.sqrt(each.size())
        cells = [
            f"{percent(mean)} ± {percent(doubt)}"
            for mean, doubt in zip(each.mean(), error, strict=True)
        ]
        flags = f"{here['n'].mean():,.0f}"
        lines.append([str(detector), percent(gaps, 0), percent(level, 0), *cells, flags])
    names = [str(name) for name in trials["scenario"].unique()]
    return table(["detector", "gaps, %", "asked, %", *names, "flags a panel"], lines)


def false_shares(trials: pd.DataFrame) -> str:
    """Return the share of false ones among what is flagged, by scenario.

    `position` is left out: it asks for no change, so that no event was planted for it.
    """
    rows = trials[trials["measure"].eq("false") & trials["detector"].ne("position")]
    key = ["gaps", *WHO, "level"]
    wide = rows.pivot_table(index=key, columns="scenario", values="share", sort=False)
    lines = []
    for at in wide.index:
        here = rows[(rows[key] == list(at)).all(axis=1)]["share"]
        error = float(here.std()) / np.sqrt(len(here))
        gaps, detector, given, level = at
        head = [str(detector), str(given), percent(float(gaps), 0), percent(float(level), 0)]
        lines.append([*head, *_cells(wide, at), f"{percent(here.mean())} ± {percent(error)}"])
    return table(
        ["detector", "series", "gaps, %", "asked, %", *map(str, wide.columns), "all"], lines
    )
