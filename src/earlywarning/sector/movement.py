"""How far did everyone move in each metric, did the spread widen, and who drives it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from earlywarning.schema import DIRECTIONS, GROUP_KINDS, SECTOR_MOVEMENT, SPREAD_CHANGES
from earlywarning.sector.group import row_of_group
from earlywarning.sector.periods import common_periods
from earlywarning.settings import Settings
from earlywarning.signals import Measured, Prepared
from earlywarning.signals.company import UNKNOWN

Labels = NDArray[np.intp]

EVERYONE, TYPE, REGION = GROUP_KINDS
NONE, WORSE, BETTER, UNUSUAL = DIRECTIONS
UNCHANGED, WIDER, NARROWER = SPREAD_CHANGES
TESTS = {f"{kind}p{end}": f"{kind}q{end}" for kind in ("", "spread_") for end in ("", "_since")}
WAYS = ("spread_way", "spread_way_since")  # 0 where test and ratio do not agree
WORDS = (
    "metric", "theme", "group_kind", "group", "before", "period", "direction", "moved_by",
    "spread_change", "spread_by", "since", "direction_since", "spread_change_since", "status",
)  # fmt: skip


def sector_movement(
    measured: Iterable[Measured], register: pd.DataFrame, *, settings: Settings
) -> pd.DataFrame:
    """Say how far the middle of each group moved in each metric, and whether it spread out.

    Parameters
    ----------
    measured : iterable of Measured
        The metrics.
    register : DataFrame
        Columns `authority` and `region`, as in `schema.REGISTER`.
    settings : Settings
        `min_peers` is the smallest group, `false_flag_share` the share of what is called a
        movement, or wider, that may be false.

    Returns
    -------
    DataFrame
        Columns `schema.SECTOR_MOVEMENT`, one row a metric and group: everyone, each type, each
        region. `moved` is the median change of the same authorities from `before` to `period`,
        in the metric's units; `moved_sd` on the metric's scale in scaled median absolute
        deviations of `before`, up is worse (up is up, where neither way is); `usual_sd` the
        median size of the same over all earlier steps. `..._since` looks from `since`, the
        window's first. `spread_ratio` is on the metric's scale. `q` is the false discovery rate
        over the table (Benjamini and Hochberg), by kind of test. What cannot be assessed has a
        `status` that says why.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> sample = sample_tables()
    >>> panel = as_panel(sample.panel.query("metric == 'roads_poor_pct'"))
    >>> found = EarlyWarning(register=sample.register).fit_score(panel)
    >>> table = sector_movement(found.measured.values(), sample.register, settings=Settings())
    >>> table["group_kind"].value_counts().to_dict()
    {'region': 5, 'type': 3, 'everyone': 1}
    """
    regions = register.drop_duplicates("authority").set_index("authority")["region"]
    rows: list[dict[str, Any]] = []
    sides: list[int] = []  # 1 where up is worse, 0 where neither way is
    for found in measured:
        new = list(_of_metric(found.prepared, regions, settings.min_peers))
        rows += new
        side = 0 if found.prepared.context else found.prepared.orientation.sign
        sides += [side] * len(new)
    table = pd.DataFrame(rows).rename(columns={"moved_sd_usual": "usual_sd",
                                               "moved_sd_since": "moved_since_sd"})  # fmt: skip
    table = table.reindex(columns=[*SECTOR_MOVEMENT, *WAYS])
    return _judged(table, np.array(sides, dtype=int), settings.false_flag_share)


def _of_metric(prepared: Prepared, regions: pd.Series, fewest: int) -> Iterator[dict[str, Any]]:
    """Yield a row a group of one metric."""
    common = common_periods(prepared.matrix)
    for kind, group, rows in _groups(prepared, regions):
        about = {"metric": prepared.matrix.metric, "theme": prepared.metric.theme,
                 "group_kind": kind, "group": group, "n_authorities": 0, "n_since": 0}  # fmt: skip
        yield about | row_of_group(prepared, common, rows, fewest=fewest)


def _groups(prepared: Prepared, regions: pd.Series) -> Iterator[tuple[str, str, Labels]]:
    """Yield the groups of a metric's authorities; a kind that is known of nobody is none."""
    codes = prepared.matrix.authorities
    yield EVERYONE, EVERYONE, np.arange(len(codes))
    region = regions.reindex(codes).astype(object)
    region = region.mask(region.eq("")).fillna(UNKNOWN).astype(str)
    for kind, words in ((TYPE, prepared.types), (REGION, region.to_numpy(object))):
        names = sorted(set(words.tolist()))
        if names != [UNKNOWN]:
            yield from ((kind, name, np.flatnonzero(words == name)) for name in names)


def _judged(table: pd.DataFrame, side: Labels, share: float) -> pd.DataFrame:
    """Fill in the false discovery rates over the whole table, and the words that follow."""
    numbers = [name for name in table if name not in WORDS]
    table = table.astype(dict.fromkeys(numbers, float))
    table = table.astype({"n_authorities": int, "n_since": int})
    table = table.astype(dict.fromkeys(WORDS, object)).fillna(dict.fromkeys(WORDS, ""))
    for p, q in TESTS.items():
        known = table[p].notna().to_numpy()
        if known.any():
            table.loc[known, q] = multipletests(table.loc[known, p], method="fdr_bh")[1]
    for end in ("", "_since"):
        moved = table[f"q{end}"].le(share) & table[f"moved{end}"].ne(0)
        way = np.sign(table[f"moved{end}"]) * side
        words = np.select([way > 0, way < 0], [WORSE, BETTER], UNUSUAL)
        table[f"direction{end}"] = np.where(moved, words, NONE)
        found = table[f"spread_q{end}"].le(share)
        way = table[f"spread_way{end}"].where(found, 0)
        table[f"spread_change{end}"] = np.select([way > 0, way < 0], [WIDER, NARROWER], UNCHANGED)
    return table[list(SECTOR_MOVEMENT)]
