"""What do the metrics of a theme do together, in each group of authorities?"""

from __future__ import annotations

import pandas as pd

from earlywarning.schema import NO_THEME, SECTOR_THEMES

BY = ["theme", "group_kind", "group"]
COUNTED = {
    "n_worse": ("direction", "worse"),
    "n_better": ("direction", "better"),
    "n_unusual": ("direction", "unusual"),
    "n_wider": ("spread_change", "wider"),
    "n_narrower": ("spread_change", "narrower"),
    "n_worse_since": ("direction_since", "worse"),
    "n_better_since": ("direction_since", "better"),
    "n_wider_since": ("spread_change_since", "wider"),
    "n_narrower_since": ("spread_change_since", "narrower"),
}


def sector_themes(movement: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Sum up the movements of a theme's metrics.

    Parameters
    ----------
    movement : DataFrame
        Columns `schema.SECTOR_MOVEMENT`.
    metrics : DataFrame
        Columns `schema.CATALOGUE`: metrics of which neither way is worse are counted as
        `n_unusual`, and take no part in `moved_sd`.

    Returns
    -------
    DataFrame
        Columns `schema.SECTOR_THEMES`, one row a theme and group. `moved_sd` and
        `moved_since_sd` are medians over the metrics, above 0 is worse; `most_moved` is
        the metric whose `moved_sd` is farthest from 0, among those that moved.

    Examples
    --------
    >>> rows = {"metric": list("xyz"), "theme": "Care", "group_kind": "type", "group": "county",
    ...         "direction": ["worse", "worse", "none"], "direction_since": "none",
    ...         "spread_change": "none", "spread_change_since": "none", "q": 0.5,
    ...         "moved_sd": [0.5, 0.7, -0.1], "moved_since_sd": 0.0}
    >>> about = pd.DataFrame({"metric": list("xyz"), "higher_is": "worse"})
    >>> found = sector_themes(pd.DataFrame(rows), about)
    >>> found[["n_worse", "moved_sd", "most_moved"]].to_numpy().tolist()
    [[2, 0.5, 'y']]
    """
    if movement.empty:
        return pd.DataFrame(columns=list(SECTOR_THEMES))
    rows = movement.assign(theme=movement["theme"].replace("", NO_THEME))
    context = rows["metric"].isin(metrics.loc[metrics["higher_is"].eq("context"), "metric"])
    for name, (column, word) in COUNTED.items():
        rows[name] = rows[column].eq(word).astype(int)
    for name in ("moved_sd", "moved_since_sd"):
        rows[f"all_{name}"] = rows[name]
        rows[name] = rows[name].mask(context)
    rows = rows.assign(n_metrics=1, n_assessed=rows["q"].notna().astype(int))
    by = rows.groupby(BY, sort=False)
    table = by[["n_metrics", "n_assessed", *COUNTED]].sum()
    table = table.join(by[["moved_sd", "moved_since_sd"]].median())
    table["most_moved"] = _most_moved(rows).reindex(table.index).fillna("").astype(object)
    return table.reset_index()[list(SECTOR_THEMES)]


def _most_moved(rows: pd.DataFrame) -> pd.Series:
    """Return the metric that moved the farthest, by theme and group."""
    moved = rows[rows["direction"].ne("none")]
    size = moved["all_moved_sd"].abs()
    moved = moved.assign(size=size).sort_values(["size", "metric"], ascending=[False, True])
    return moved.drop_duplicates(BY).set_index(BY)["metric"]
